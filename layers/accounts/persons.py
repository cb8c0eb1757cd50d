"""Persons and the posts they hold. Rights hang on the post: a transfer changes one row."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import psycopg

from layers.accounts.errors import AccountError, PersonExistsError, UnknownPersonError
from layers.store.database import Connection
from layers.store.instance import Store
from layers.store.rights.caller import Post

ADMINISTRATOR = "administrator"
"""The duty that may change people."""
LONGEST_TEXT = 100
_LOGIN = re.compile(r"[a-z0-9][a-z0-9._@-]{0,63}")
_SELECT = (
    "SELECT a.id, a.login, a.name, p.department, p.duties, a.directory, a.password_hash IS NOT NULL, "
    "a.totp_secret IS NOT NULL, a.locked_at, a.signed_in_at, a.demo_password FROM people.accounts a "
    "JOIN people.posts p ON p.id = a.post_id "
)


@dataclass(frozen=True)
class Person:
    """An account as an administrator sees it."""

    id: int
    login: str
    name: str
    post: Post
    directory: str
    has_password: bool
    has_totp: bool
    locked_at: datetime | None
    signed_in_at: datetime | None
    demo_password: str | None

    @property
    def is_administrator(self) -> bool:
        """Whether the post includes the administration of people."""
        return ADMINISTRATOR in self.post.duties


def _person(row: tuple[Any, ...]) -> Person:
    account_id, login, name, department, duties, *rest = row
    return Person(account_id, login, name, Post(department, frozenset(duties)), *rest)


def persons(store: Store) -> list[Person]:
    """Everybody, by department and name."""
    with store.database.transaction() as connection:
        rows = connection.execute(_SELECT + "ORDER BY p.department, a.login").fetchall()
    return [_person(row) for row in rows]


def person(store: Store, login: str) -> Person:
    """The account of that name. Raises UnknownPersonError."""
    with store.database.transaction() as connection:
        return person_on(connection, login)


def person_on(connection: Connection, login: str) -> Person:
    """The same, inside a transaction."""
    row = connection.execute(_SELECT + "WHERE a.login = %s", [login]).fetchone()
    if row is None:
        raise UnknownPersonError(f"「{login[:60]}」という利用者はいません。利用者の一覧で名前を確かめてください。")
    return _person(row)


def checked_post(store: Store, department: str, duties: Iterable[str]) -> Post:
    """A post as somebody wrote it. Raises AccountError for a duty that the policy does not have."""
    wanted = frozenset(duties)
    unknown = sorted(wanted - store.policy.duties.keys())
    if unknown:
        known = "、".join(store.policy.duties)
        raise AccountError(f"職務「{'、'.join(unknown)[:60]}」はありません。あるのは {known} です。")
    if not department.strip() or len(department) > LONGEST_TEXT:
        raise AccountError(f"課の名前を {LONGEST_TEXT} 文字までで書いてください。")
    return Post(department.strip(), wanted)


def _post_id(connection: Connection, post: Post) -> int:
    duties = sorted(post.duties)
    connection.execute(
        "INSERT INTO people.posts (department, duties) VALUES (%s, %s) ON CONFLICT DO NOTHING",
        [post.department, duties],
    )
    row = connection.execute(
        "SELECT id FROM people.posts WHERE department = %s AND duties = %s", [post.department, duties]
    ).fetchone()
    assert row is not None  # noqa: S101 - it was there, or has just been made
    return int(row[0])


def add_person(store: Store, login: str, name: str, post: Post, *, directory: str = "local") -> Person:
    """A new account, which opens nothing until it has a password. Raises AccountError, PersonExistsError."""
    if not _LOGIN.fullmatch(login):
        raise AccountError("利用者名は英小文字・数字・「. _ @ -」で、64 文字までにしてください。")
    if not name.strip() or len(name) > LONGEST_TEXT:
        raise AccountError(f"氏名を {LONGEST_TEXT} 文字までで書いてください。")
    with store.database.transaction() as connection:
        try:
            connection.execute(
                "INSERT INTO people.accounts (login, name, post_id, directory) VALUES (%s, %s, %s, %s)",
                [login, name.strip(), _post_id(connection, post), directory],
            )
        except psycopg.errors.UniqueViolation as error:
            raise PersonExistsError(f"「{login}」という利用者はもういます。別の名前にしてください。") from error
        return person_on(connection, login)


def transfer(store: Store, login: str, post: Post) -> None:
    """Move a person to another post; what the old one allowed ends with the next request."""
    with store.database.transaction() as connection:
        someone = person_on(connection, login)
        if ADMINISTRATOR not in post.duties:
            _require_another_administrator(connection, someone)
        connection.execute(
            "UPDATE people.accounts SET post_id = %s WHERE id = %s", [_post_id(connection, post), someone.id]
        )


def lock(store: Store, login: str) -> None:
    """Shut an account: its sessions, keys and links open nothing from the next request on."""
    with store.database.transaction() as connection:
        someone = person_on(connection, login)
        _require_another_administrator(connection, someone)
        connection.execute("UPDATE people.accounts SET locked_at = now() WHERE id = %s", [someone.id])
        connection.execute("DELETE FROM people.sessions WHERE account_id = %s", [someone.id])
        connection.execute("DELETE FROM people.links WHERE account_id = %s", [someone.id])


def unlock(store: Store, login: str) -> None:
    """Open it again; whoever was signed in signs in anew."""
    with store.database.transaction() as connection:
        someone = person_on(connection, login)
        connection.execute("UPDATE people.accounts SET locked_at = NULL WHERE id = %s", [someone.id])


def refuse_demo(someone: Person) -> None:
    """Raise AccountError for a demonstration's account: it is everybody's, and must not become somebody's by a new password."""
    if someone.demo_password is not None:
        raise AccountError("見本の利用者のパスワードと二要素認証は変えられません。自分の利用者を加えてください。")


def administrators(store: Store) -> list[Person]:
    """Who may change people now."""
    return [one for one in persons(store) if one.is_administrator and one.locked_at is None]


def _require_another_administrator(connection: Connection, someone: Person) -> None:
    if not someone.is_administrator:
        return
    # two administrators who take each other's duty away at once must not both succeed
    connection.execute("LOCK TABLE people.accounts IN SHARE ROW EXCLUSIVE MODE")
    others = connection.execute(
        "SELECT count(*) FROM people.accounts a JOIN people.posts p ON p.id = a.post_id "
        "WHERE %s = ANY(p.duties) AND a.locked_at IS NULL AND a.id <> %s",
        [ADMINISTRATOR, someone.id],
    ).fetchone()
    if others is None or others[0] == 0:
        raise AccountError("最後のシステム管理者です。先に、ほかの人をシステム管理者にしてください。")
