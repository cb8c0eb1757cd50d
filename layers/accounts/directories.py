"""Where passwords are looked up: here, or in the town's own directory, behind one interface."""

from typing import Protocol

from layers.accounts.passwords import fits
from layers.store.instance import Store


class Directory(Protocol):
    """Says whether a password is that of a name; it does not say what the person may do."""

    name: str

    def opens(self, login: str, password: str) -> bool:
        """Whether the password is right. An unknown name takes as long as a wrong password."""


class LocalDirectory:
    """The passwords in the store itself."""

    name = "local"

    def __init__(self, store: Store) -> None:
        self._store = store

    def opens(self, login: str, password: str) -> bool:
        """Whether the password is right."""
        with self._store.database.transaction() as connection:
            row = connection.execute(
                "SELECT password_hash FROM people.accounts WHERE login = %s AND directory = 'local'", [login]
            ).fetchone()
        return fits(password, None if row is None else row[0])
