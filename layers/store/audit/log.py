"""Entries written to the log, and the log asked: who has seen this parcel."""

import getpass
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from layers.store.database import Connection
from layers.store.errors import StoreError
from layers.store.rights.caller import Caller


class UnknownActionError(StoreError):
    """The log was told an action that is not in its register."""


@dataclass(frozen=True)
class Who:
    """Who did it, as an entry keeps it: the login, the name and post at that moment, and the address it came from."""

    account: str
    name: str
    department: str | None = None
    duties: Sequence[str] = ()
    origin: str | None = None

    @classmethod
    def of(cls, caller: Caller, origin: str | None) -> "Who":
        """The asker of a request."""
        return cls(caller.account, caller.name, caller.post.department, sorted(caller.post.duties), origin)

    @classmethod
    def program(cls) -> "Who":
        """Whoever runs the command on the machine itself."""
        return cls(getpass.getuser(), "コマンド", origin="local")


@dataclass(frozen=True)
class Entry:
    """What was done, to which rows and columns of what, for which purpose (a code of the register), with how many rows."""

    action: str
    subject: str
    rows: Sequence[str] = ()
    columns: Sequence[str] = ()
    purpose: str | None = None
    note: str | None = None
    count: int | None = None


def record(connection: Connection, who: Who, entry: Entry) -> int:
    """Append an entry, chained to the one before; returns its number. Raises UnknownActionError.

    Entries of other transactions wait until this one ends, so nothing slow may follow in it.
    """
    known = connection.execute("SELECT FROM audit.actions WHERE id = %s", [entry.action]).fetchone()
    if known is None:
        raise UnknownActionError(f"操作「{entry.action}」は記録の一覧にありません（layers/store/audit/registry.py）。")
    row = connection.execute(
        "SELECT audit.write(%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)",
        [
            *(entry.action, who.account, who.name, who.department, list(who.duties), who.origin),
            *(entry.subject, list(entry.rows), list(entry.columns), entry.purpose, entry.note, entry.count),
        ],
    ).fetchone()
    assert row is not None  # noqa: S101 - a function answers one row
    return int(row[0])


def seen(
    connection: Connection, parcel: str, *, since: datetime | None = None, most: int = 1_000
) -> list[dict[str, object]]:
    """Who has read what the ledgers say of a parcel (its key), newest first."""
    rows = connection.execute(
        "SELECT l.seq, l.at, l.account, l.name, l.department, l.origin, l.subject, l.columns, l.purpose, p.label, l.note, "
        "l.count FROM audit.log l LEFT JOIN ledgers.purposes p ON p.id = l.purpose "
        "WHERE l.rows @> ARRAY[%(parcel)s] AND l.action = 'ledger.read' "
        "AND (%(since)s::timestamptz IS NULL OR l.at >= %(since)s) ORDER BY l.seq DESC LIMIT %(most)s",
        {"parcel": parcel, "since": since, "most": most},
    ).fetchall()
    names = ("entry", "at", "account", "name", "department", "origin", "ledger", "columns", "purpose", "purpose_label")
    return [{**dict(zip((*names, "note", "count"), row, strict=True)), "at": row[1].isoformat()} for row in rows]
