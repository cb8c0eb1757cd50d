"""Who asks, from what a request carries: one question to the database for a session or a key."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from layers.store.instance import Store
from layers.store.rights.caller import Caller, Post, Verb

SEEN_EVERY = "20 seconds"
"""How exactly the last use of a session or key is written down; writing it at every request would cost more than reading."""
_WHO = "a.id, a.login, a.name, p.department, p.duties"
_FROM = (
    "JOIN people.accounts a ON a.id = t.account_id JOIN people.posts p ON p.id = a.post_id "
    "WHERE t.hash = %(hash)s AND a.locked_at IS NULL AND (a.demo_password IS NULL OR %(demo)s) "
)
_OF_SESSION = (
    f"SELECT {_WHO}, t.id, t.seen_at < now() - interval '{SEEN_EVERY}' FROM people.sessions t {_FROM}"
    "AND NOT t.awaits_code AND t.seen_at > now() - %(idle)s AND t.started_at > now() - %(longest)s"
)
_OF_KEY = (
    f"SELECT {_WHO}, t.verbs, t.used_at IS NULL OR t.used_at < now() - interval '{SEEN_EVERY}' "
    f"FROM people.keys t {_FROM}AND t.expires_at > now()"
)


@dataclass(frozen=True)
class Asker:
    """A caller, with the account and, for one at a browser, the session (None: a key was shown)."""

    caller: Caller
    account_id: int
    session_id: int | None


def asker_of_session(store: Store, hash_: bytes, *, active: bool = True) -> Asker | None:
    """Who holds the session with that hash; None when it has ended. `active`: a person did something just now."""
    limits = {"idle": store.settings.session_idle, "longest": store.settings.session_longest}
    with store.database.transaction() as connection:
        row = connection.execute(_OF_SESSION, {**limits, **_door(store, hash_)}).fetchone()
        if row is None:
            return None
        if active and row[-1]:
            connection.execute("UPDATE people.sessions SET seen_at = now() WHERE hash = %s", [hash_])
    return Asker(_caller(row), row[0], row[5])


def asker_of_key(store: Store, hash_: bytes) -> Asker | None:
    """Whose key has that hash; None when it was revoked or has expired."""
    with store.database.transaction() as connection:
        row = connection.execute(_OF_KEY, _door(store, hash_)).fetchone()
        if row is None:
            return None
        if row[-1]:
            connection.execute("UPDATE people.keys SET used_at = now() WHERE hash = %s", [hash_])
    return Asker(_caller(row, frozenset(Verb(verb) for verb in row[5])), row[0], None)


def _door(store: Store, hash_: bytes) -> dict[str, object]:
    return {"hash": hash_, "demo": store.town.fictitious}


def _caller(row: Sequence[Any], verbs: frozenset[Verb] | None = None) -> Caller:
    post = Post(row[3], frozenset(row[4]))
    return Caller(row[1], row[2], post) if verbs is None else Caller(row[1], row[2], post, verbs)
