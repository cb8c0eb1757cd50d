"""One-time links: by one a person chooses a password, the first or a new one; nobody else ever knows it."""

from layers.accounts.errors import LinkError
from layers.accounts.passwords import hashed, require_strong
from layers.accounts.persons import Person, person_on, refuse_demo
from layers.accounts.tokens import digest, new_token
from layers.store.database import Connection
from layers.store.instance import Store

LASTING = "24 hours"
_GONE = "このリンクは使えません。使用済みか、期限が切れています。システム管理者に新しいリンクを頼んでください。"


def issue_link(store: Store, login: str) -> str:
    """The secret of a new link for that account; older ones end.

    Raises UnknownPersonError, and AccountError for one whose password is not kept here, or is everybody's.
    """
    token = new_token()
    with store.database.transaction() as connection:
        someone = person_on(connection, login)
        if someone.directory != "local":
            raise LinkError(f"「{login}」は庁内の認証基盤でログインする利用者のため、ここではパスワードを持ちません。")
        refuse_demo(someone)
        connection.execute("DELETE FROM people.links WHERE account_id = %s OR expires_at < now()", [someone.id])
        connection.execute(
            f"INSERT INTO people.links VALUES (%s, %s, now() + interval '{LASTING}')".encode(),
            [digest(token), someone.id],
        )
    return token


def holder(store: Store, token: str) -> Person:
    """Whose link it is. Raises LinkError."""
    with store.database.transaction() as connection:
        return _holder(connection, token)


def _holder(connection: Connection, token: str) -> Person:
    row = connection.execute(
        "SELECT a.login FROM people.links l JOIN people.accounts a ON a.id = l.account_id "
        "WHERE l.hash = %s AND l.expires_at > now() AND a.locked_at IS NULL",
        [digest(token)],
    ).fetchone()
    if row is None:
        raise LinkError(_GONE)
    return person_on(connection, row[0])


def choose_password(store: Store, token: str, password: str) -> Person:
    """Set the password and use the link up; every session of before ends. Raises LinkError, WeakPasswordError."""
    someone = holder(store, token)
    require_strong(password, someone.login, someone.name, store.town.name)
    hash_ = hashed(password)
    with store.database.transaction() as connection:
        used = connection.execute(
            "DELETE FROM people.links WHERE hash = %s AND expires_at > now() RETURNING account_id", [digest(token)]
        ).fetchone()
        if used is None:
            raise LinkError(_GONE)
        _set(connection, someone.id, hash_)
        connection.execute("DELETE FROM people.sessions WHERE account_id = %s", [someone.id])
    return someone


def _set(connection: Connection, account_id: int, hash_: str) -> None:
    connection.execute("UPDATE people.accounts SET password_hash = %s WHERE id = %s", [hash_, account_id])
