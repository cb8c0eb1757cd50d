"""Where edits stand in the registers: among the loads, so that an answer can cite them, and in a log of their own."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from psycopg.types.json import Jsonb

from layers.store.database import Connection
from layers.store.definitions import Layer
from layers.store.loading.report import LoadReport

Action = Literal["insert", "replace", "update", "delete", "restore"]
NOTE = "地物を一つずつ編集したもの。内訳は地物の版の一覧にあります。"


@dataclass(frozen=True)
class Standing:
    """What a row owes to its load: the file's load it belongs to (None for a drawn one) and how far off it may be."""

    base: int | None
    added_error_m: float
    undeclared_datum_m: float

    def at_least(self, added_error_m: float) -> "Standing":
        """The same with an error that is not smaller than the given one."""
        return Standing(self.base, max(self.added_error_m, added_error_m), self.undeclared_datum_m)


DRAWN = Standing(None, 0.0, 0.0)


def standing_of(connection: Connection, load_id: int) -> Standing:
    """The standing of rows of a load, through the loads that have confirmed them since."""
    row = connection.execute(
        "WITH RECURSIVE later AS (SELECT l.* FROM onomap.loads l WHERE l.id = %s "
        "UNION ALL SELECT l.* FROM onomap.loads l JOIN later ON l.id = later.superseded_by) "
        "SELECT CASE WHEN mode = 'edit' THEN edit_of ELSE id END, added_error_m, "
        "coalesce((report->>'undeclared_datum_m')::float8, 0) FROM later WHERE superseded_by IS NULL",
        [load_id],
    ).fetchone()
    assert row is not None  # noqa: S101 - a row's load is in the register
    return Standing(*row)


def edit_load(connection: Connection, layer: Layer, author: str, standing: Standing) -> int:
    """The load under which a person's edits of this day are cited, made with the first of them.

    Rows of different files and of different accuracy have different ones, so that a new edition of one sheet replaces
    the edits of its rows, and each row keeps its own metres.
    """
    report = LoadReport(
        added_error_m=standing.added_error_m, undeclared_datum_m=standing.undeclared_datum_m, notes=[NOTE]
    )
    given = {
        "layer": layer.id,
        "author": author,
        "base": standing.base,
        "error": standing.added_error_m,
        "undeclared": standing.undeclared_datum_m,
        "report": Jsonb(report.as_json()),
    }
    connection.execute(
        "INSERT INTO onomap.loads (layer, mode, file_name, file_sha256, data_date, loaded_by, edit_of, added_error_m, report) "
        "VALUES (%(layer)s, 'edit', 'onomap での編集 ' || current_date, '', current_date, %(author)s, %(base)s, %(error)s, "
        "%(report)s) ON CONFLICT DO NOTHING",
        given,
    )
    row = connection.execute(
        "SELECT id FROM onomap.loads WHERE mode = 'edit' AND superseded_by IS NULL AND layer = %(layer)s "
        "AND data_date = current_date AND loaded_by = %(author)s AND coalesce(edit_of, 0) = coalesce(%(base)s::bigint, 0) "
        "AND added_error_m = %(error)s AND (report->>'undeclared_datum_m')::float8 = %(undeclared)s",
        given,
    ).fetchone()
    assert row is not None  # noqa: S101 - it was there or was just made
    return int(row[0])


@dataclass(frozen=True)
class Edited:
    """What an edit did: the feature's number and its version now (of a deletion, the one it took away), the load under
    which it is cited, and what its sender should know. `changed` is False when the feature said all this already."""

    fid: int
    version: int
    load: int
    at: datetime
    notes: tuple[str, ...] = ()
    changed: bool = True


def log(
    connection: Connection, layer: Layer, action: Action, edited: Edited, author: str, restored: int | None = None
) -> None:
    """Write down who did what to which feature, and when."""
    connection.execute(
        "INSERT INTO onomap.edits (layer, fid, version, action, edited_at, edited_by, load_id, restored_version) "
        "VALUES (%s, %s, %s, %s, %s, %s, %s, %s)",
        [layer.id, edited.fid, edited.version, action, edited.at, author, edited.load, restored],
    )
