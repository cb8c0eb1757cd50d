"""Every situation there was, whole, with its number, who made it and by what; and which of them went to the public side."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from layers.situation.model import Content
from layers.store.database import Connection
from layers.store.rights.caller import Caller

PHASE, SITE, CLOSURE, NOTICE, UNDO, RENUMBER = "phase", "site", "closure", "notice", "undo", "renumber"
_COLUMNS = "number, content, touched, same_as, action, note, made_at, made_name"


@dataclass(frozen=True)
class Revision:
    """The situation from one step to the next; number 0 before the first.

    `touched` has the number of the step that last changed each entry; `same_as` is the earlier revision whose content this
    one took up again, else its own number.
    """

    number: int = 0
    content: Content = field(default_factory=Content)
    touched: Mapping[str, int] = field(default_factory=dict)
    same_as: int = 0
    action: str = ""
    note: str = ""
    made_at: datetime | None = None
    made_name: str = ""


def lock(connection: Connection) -> None:
    """One step at a time, until the transaction ends; readers do not wait."""
    connection.execute("LOCK TABLE onomap.situations IN SHARE ROW EXCLUSIVE MODE")


def current(connection: Connection) -> Revision:
    """The newest one."""
    row = connection.execute(
        f"SELECT {_COLUMNS} FROM onomap.situations ORDER BY number DESC LIMIT 1".encode()
    ).fetchone()
    return Revision() if row is None else Revision(row[0], Content.model_validate(row[1]), *row[2:])


def before(connection: Connection, number: int) -> Revision | None:
    """The one before that number; the empty one before the first; None where there is nothing before."""
    if number <= 0:
        return None
    statement = f"SELECT {_COLUMNS} FROM onomap.situations WHERE number < %s ORDER BY number DESC LIMIT 1"
    row = connection.execute(statement.encode(), [number]).fetchone()
    return Revision() if row is None else Revision(row[0], Content.model_validate(row[1]), *row[2:])


def add(connection: Connection, made: Revision, caller: Caller) -> None:
    """Keep a new one; it is the situation from the commit on."""
    connection.execute(
        "INSERT INTO onomap.situations (number, content, touched, same_as, action, note, made_by, made_name) "
        "VALUES (%s, %s::jsonb, %s::jsonb, %s, %s, %s, %s, %s)",
        [
            *(made.number, made.content.model_dump_json(), json.dumps(dict(made.touched)), made.same_as),
            *(made.action, made.note, caller.account, caller.name),
        ],
    )


def note_sending(connection: Connection, number: int, way: str) -> None:
    """That this number went out: `way` is "import" or "file"."""
    connection.execute("INSERT INTO onomap.situation_sendings (number, way) VALUES (%s, %s)", [number, way])


def last_sending(connection: Connection) -> tuple[int, str, datetime] | None:
    """Number, way and time of what went out last."""
    row = connection.execute(
        "SELECT number, way, sent_at FROM onomap.situation_sendings ORDER BY id DESC LIMIT 1"
    ).fetchone()
    return None if row is None else (row[0], row[1], row[2])


def history(connection: Connection, most: int = 20) -> list[Revision]:
    """The newest ones first."""
    statement = f"SELECT {_COLUMNS} FROM onomap.situations ORDER BY number DESC LIMIT %s"
    rows = connection.execute(statement.encode(), [most]).fetchall()
    return [Revision(row[0], Content.model_validate(row[1]), *row[2:]) for row in rows]
