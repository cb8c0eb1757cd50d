"""Sessions: kept here and nowhere else, so that each can be ended at once; a browser holds nothing but a random number."""

from dataclasses import dataclass
from datetime import datetime

from layers.accounts.tokens import digest, new_token
from layers.store.database import Connection
from layers.store.instance import Store

CODE_WITHIN = "5 minutes"
"""How long somebody whose password was right has for the second factor."""
LONGEST_AGENT = 200


@dataclass(frozen=True)
class Visit:
    """From where somebody signs in: an address, and what the browser calls itself."""

    source: str
    agent: str


@dataclass(frozen=True)
class Session:
    """One session as its owner sees it."""

    id: int
    started_at: datetime
    seen_at: datetime
    source: str
    agent: str


def begin(store: Store, account_id: int, visit: Visit, *, awaits_code: bool = False) -> str:
    """A new session with a new secret, which is returned and not kept; `awaits_code` ones open nothing yet."""
    token = new_token()
    with store.database.transaction() as connection:
        connection.execute(
            "DELETE FROM people.sessions WHERE started_at < now() - %s OR seen_at < now() - %s "
            f"OR (awaits_code AND started_at < now() - interval '{CODE_WITHIN}')",
            [store.settings.session_longest, store.settings.session_idle],
        )
        connection.execute(
            "INSERT INTO people.sessions (hash, account_id, source, agent, awaits_code) VALUES (%s, %s, %s, %s, %s)",
            [digest(token), account_id, visit.source, visit.agent[:LONGEST_AGENT], awaits_code],
        )
        if not awaits_code:
            connection.execute("UPDATE people.accounts SET signed_in_at = now() WHERE id = %s", [account_id])
    return token


def awaiting(store: Store, token: str) -> str | None:
    """The login of who has shown the right password and owes the code; None when there is no such session."""
    with store.database.transaction() as connection:
        row = connection.execute(
            "SELECT a.login FROM people.sessions s JOIN people.accounts a ON a.id = s.account_id WHERE s.hash = %s "
            f"AND s.awaits_code AND a.locked_at IS NULL AND s.started_at > now() - interval '{CODE_WITHIN}'",
            [digest(token)],
        ).fetchone()
    return None if row is None else str(row[0])


def end(store: Store, token: str) -> None:
    """End the session of that secret."""
    with store.database.transaction() as connection:
        connection.execute("DELETE FROM people.sessions WHERE hash = %s", [digest(token)])


def end_one(store: Store, account_id: int, session_id: int) -> None:
    """End one session of an account."""
    with store.database.transaction() as connection:
        connection.execute("DELETE FROM people.sessions WHERE account_id = %s AND id = %s", [account_id, session_id])


def end_others(connection: Connection, account_id: int, kept: int | None = None) -> None:
    """End every session of an account but one."""
    connection.execute(
        "DELETE FROM people.sessions WHERE account_id = %s AND id IS DISTINCT FROM %s", [account_id, kept]
    )


def leave_everywhere(store: Store, account_id: int) -> None:
    """End every session, key and link of an account: nothing that was given out before opens anything."""
    with store.database.transaction() as connection:
        for table in ("sessions", "keys", "links"):
            connection.execute(f"DELETE FROM people.{table} WHERE account_id = %s".encode(), [account_id])


def sessions(store: Store, account_id: int) -> list[Session]:
    """The sessions that stand, the latest first."""
    with store.database.transaction() as connection:
        rows = connection.execute(
            "SELECT id, started_at, seen_at, source, agent FROM people.sessions WHERE account_id = %s "
            "AND NOT awaits_code AND seen_at > now() - %s AND started_at > now() - %s ORDER BY seen_at DESC",
            [account_id, store.settings.session_idle, store.settings.session_longest],
        ).fetchall()
    return [Session(*row) for row in rows]
