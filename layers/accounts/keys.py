"""Personal keys for QGIS and scripts: shown once, kept as a hash, bounded in verbs and in time, and revoked at once."""

import secrets
from collections.abc import Iterator, Set
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta

from layers.accounts.errors import AccountError
from layers.accounts.persons import add_person, person
from layers.accounts.tokens import digest, new_token
from layers.store.instance import Store
from layers.store.rights.caller import Post, Verb

PREFIX = "onomap_"
"""Lets a scanner for leaked secrets know one."""
USUAL_DAYS = 90
MOST_DAYS = 366
USUAL_VERBS = frozenset({Verb.READ, Verb.EXPORT})
PASSING = timedelta(minutes=30)


@dataclass(frozen=True)
class Key:
    """One key as its owner sees it."""

    id: int
    label: str
    verbs: tuple[str, ...]
    made_at: datetime
    expires_at: datetime
    used_at: datetime | None


def new_key() -> str:
    """A secret in the form of a key."""
    return PREFIX + new_token()


def issue_key(store: Store, login: str, label: str, verbs: Set[Verb] = USUAL_VERBS, days: int = USUAL_DAYS) -> str:
    """A new key, which nobody can be shown again. Raises UnknownPersonError, AccountError."""
    if not 1 <= days <= MOST_DAYS:
        raise AccountError(f"鍵の期限は 1 日から {MOST_DAYS} 日までにしてください。")
    if Verb.READ not in verbs:
        raise AccountError("鍵には少なくとも read（見る）が必要です。")
    secret = new_key()
    keep_key(store, login, label, verbs, timedelta(days=days), secret)
    return secret


def keep_key(store: Store, login: str, label: str, verbs: Set[Verb], lasting: timedelta, secret: str) -> None:
    """Let `secret` open what the account may do, as far as `verbs` go, for as long as that."""
    owner = person(store, login)
    with store.database.transaction() as connection:
        connection.execute(
            "INSERT INTO people.keys (hash, account_id, label, verbs, expires_at) VALUES (%s, %s, %s, %s, now() + %s)",
            [digest(secret), owner.id, label[:100] or "名前なし", sorted(verbs), lasting],
        )


def keys(store: Store, account_id: int) -> list[Key]:
    """The keys that still open something, the newest first."""
    with store.database.transaction() as connection:
        rows = connection.execute(
            "SELECT id, label, verbs, made_at, expires_at, used_at FROM people.keys "
            "WHERE account_id = %s AND expires_at > now() ORDER BY made_at DESC",
            [account_id],
        ).fetchall()
    return [Key(row[0], row[1], tuple(row[2]), *row[3:]) for row in rows]


def revoke_key(store: Store, account_id: int, key_id: int) -> None:
    """End a key of an account."""
    with store.database.transaction() as connection:
        connection.execute("DELETE FROM people.keys WHERE account_id = %s AND id = %s", [account_id, key_id])


@contextmanager
def passing_key(store: Store, verbs: Set[Verb] = USUAL_VERBS) -> Iterator[str]:
    """A key for a program that looks whether the server works: of an account of its own, gone with the block."""
    login = f"check-{secrets.token_hex(6)}"
    add_person(store, login, "動作確認", Post("動作確認", frozenset(store.policy.duties)))
    secret = new_key()
    try:
        keep_key(store, login, "動作確認", verbs, PASSING, secret)
        yield secret
    finally:
        with store.database.transaction() as connection:
            connection.execute("DELETE FROM people.accounts WHERE login = %s", [login])
