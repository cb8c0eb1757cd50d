"""Persons for whom the town's own sign-in service vouches; and the errand of a browser that was sent there."""

from dataclasses import dataclass

from layers.accounts.errors import SignInError
from layers.accounts.persons import Person, person_on
from layers.accounts.tokens import digest, new_token
from layers.store.instance import Store

WITHIN = "10 minutes"
STRANGER = (
    "認証基盤でのログインはできましたが、おのマップには登録されていません。システム管理者に追加を頼んでください。"
)


@dataclass(frozen=True)
class Errand:
    """What has to come back with a browser that was sent to sign in elsewhere, and where it then goes."""

    state: str
    nonce: str
    verifier: str
    next_page: str


def send_off(store: Store, next_page: str) -> Errand:
    """A new errand, kept for as long as a person needs to sign in."""
    errand = Errand(new_token(), new_token(), new_token(), next_page)
    with store.database.transaction() as connection:
        connection.execute("DELETE FROM people.errands WHERE expires_at < now()")
        connection.execute(
            f"INSERT INTO people.errands VALUES (%s, %s, %s, %s, now() + interval '{WITHIN}')".encode(),
            [digest(errand.state), errand.nonce, errand.verifier, next_page],
        )
    return errand


def come_back(store: Store, state: str) -> Errand:
    """The errand of that state, once. Raises SignInError."""
    with store.database.transaction() as connection:
        row = connection.execute(
            "DELETE FROM people.errands WHERE hash = %s AND expires_at > now() RETURNING nonce, verifier, next",
            [digest(state)],
        ).fetchone()
    if row is None:
        raise SignInError("認証基盤からの戻りを確かめられません。もう一度ログインしてください。")
    return Errand(state, *row)


def vouched_person(store: Store, subject: str, login: str) -> Person:
    """The account of whom the service knows as `subject`; the first time, the one that an administrator made for `login`.

    Rights come from the post, so nobody is made an account by signing in. Raises SignInError.
    """
    with store.database.transaction() as connection:
        row = connection.execute(
            "SELECT login FROM people.accounts WHERE directory = 'oidc' AND subject = %s", [subject]
        ).fetchone()
        if row is None:
            row = connection.execute(
                "UPDATE people.accounts SET subject = %s WHERE directory = 'oidc' AND subject IS NULL AND login = %s "
                "RETURNING login",
                [subject, login.strip().lower()],
            ).fetchone()
        if row is None:
            raise SignInError(STRANGER)
        return person_on(connection, row[0])
