"""How many rows a selection has: exactly when it is asked for or costs nothing, else as the planner thinks, and called so."""

from dataclasses import dataclass

from psycopg import sql

from layers.store.database import Connection
from layers.store.editions import rows_at
from layers.store.selection import EVERY_ROW, Selection

CHEAP_ROWS = 10_000
"""A layer of so few rows is counted in about a millisecond, whatever is asked of it."""
CHEAP_WHOLE_ROWS = 200_000
"""A whole layer of so many rows is counted from its index in about ten milliseconds; QGIS knows no other count."""


@dataclass(frozen=True)
class Counted:
    """A number of rows; one of the two is known."""

    exact: int | None = None
    estimated: int | None = None


def counted(connection: Connection, selection: Selection, *, exact: bool) -> Counted:
    """The rows of the selection, counted when `exact` or when that costs little, else estimated."""
    if exact or _is_cheap(connection, selection):
        return Counted(exact=count_exactly(connection, selection))
    return Counted(estimated=_estimate(connection, selection))


def count_exactly(connection: Connection, selection: Selection) -> int:
    """The number of rows, by counting them."""
    row = connection.execute(_from(selection, "SELECT count(*)"), _parameters(selection)).fetchone()
    return int(row[0]) if row is not None else 0


def _is_cheap(connection: Connection, selection: Selection) -> bool:
    """Whether the planner knows the table as small enough; one that nobody analysed is not known."""
    if selection.as_of is not None:
        return False
    row = connection.execute(
        "SELECT c.reltuples FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace "
        "WHERE n.nspname = 'layers' AND c.relname = %s",
        [selection.layer.id],
    ).fetchone()
    most = CHEAP_WHOLE_ROWS if selection.condition is EVERY_ROW else CHEAP_ROWS
    return row is not None and 0 <= row[0] <= most


def _estimate(connection: Connection, selection: Selection) -> int:
    statement = _from(selection, "EXPLAIN (FORMAT JSON) SELECT 1")
    row = connection.execute(statement, _parameters(selection)).fetchone()
    return int(row[0][0]["Plan"]["Plan Rows"]) if row is not None else 0


def _from(selection: Selection, what: str) -> sql.Composed:
    rows = rows_at(selection.layer, selection.as_of)
    return sql.SQL(what + " FROM {} l WHERE {}").format(rows, selection.condition)


def _parameters(selection: Selection) -> dict[str, object]:
    return {**selection.parameters, "as_of": selection.as_of}
