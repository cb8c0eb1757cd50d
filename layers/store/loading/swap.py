"""The one transaction that makes an edition: rows staged by COPY, compared with what stands, swapped, history kept.

Rows that did not change keep their `fid`, so links and cached tiles stay good; rows that went are in `history`.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from psycopg import sql
from psycopg.types.json import Jsonb

from layers.store.change_triggers import CHANNEL, drop_statements, trigger_statements
from layers.store.database import Connection
from layers.store.definitions import GeometryKind, Layer
from layers.store.loading.copied_rows import (
    HEADER,
    TRAILER,
    content_columns,
    contents,
    copied_columns,
    numbered,
)
from layers.store.loading.rows import ReadyRows
from layers.store.tables import index_statements, validity_constraint

ROWS_AT_ONCE = 2_000


@dataclass(frozen=True)
class Staging:
    """Where an edition gathers before the swap: a temporary table, or (`direct`) the layer itself while it is empty."""

    layer: Layer
    srid: int
    direct: bool

    @property
    def target(self) -> sql.Composable:
        """Where rows are copied: the temporary table, or the layer's own while it is empty."""
        return sql.SQL("layers.{}").format(sql.Identifier(self.layer.id)) if self.direct else sql.SQL("staging")

    def create(self, connection: Connection) -> None:
        """Make the temporary table, which vanishes with the transaction; or make the empty layer ready to be filled.

        An empty layer is filled without indexes and without its validity check, under a lock that lets readers wait for the
        rows rather than see none: `gis.validity` has just checked them with the same GEOS, and `finish` puts both back.
        """
        if self.direct:
            _drop_indexes(connection, self.layer)
            for statement in drop_statements(self.layer):
                connection.execute(statement.encode())
            if self.layer.geometry is not GeometryKind.NONE:
                connection.execute(
                    sql.SQL("ALTER TABLE {} DROP CONSTRAINT IF EXISTS {}").format(
                        self.target, sql.Identifier(validity_constraint(self.layer))
                    )
                )
            return
        connection.execute(
            sql.SQL("CREATE TEMPORARY TABLE staging ON COMMIT DROP AS SELECT {} FROM layers.{} WITH NO DATA").format(
                _names(copied_columns(self.layer)), sql.Identifier(self.layer.id)
            )
        )

    def copy(self, connection: Connection, rows: ReadyRows, load_id: int, seen: dict[bytes, int]) -> None:
        """Copy rows in; `seen` tells identical rows of one edition apart, across its files."""
        names = copied_columns(self.layer)
        statement = sql.SQL("COPY {} ({}) FROM STDIN (FORMAT BINARY)").format(self.target, _names(names))
        said = contents(self.layer, self.srid, rows)
        with connection.cursor().copy(statement) as copy:
            copy.write(HEADER)
            for start in range(0, len(said), ROWS_AT_ONCE):
                copy.write(numbered(said[start : start + ROWS_AT_ONCE], load_id, len(names), seen))
            copy.write(TRAILER)


def _names(columns: list[str]) -> sql.Composed:
    return sql.SQL(", ").join(map(sql.Identifier, columns))


@dataclass(frozen=True)
class Swapped:
    """What the swap did to the current table; `edited` of the retired rows were written by edits."""

    added: int
    retired: int
    unchanged: int
    edited: int = 0


def swap(connection: Connection, staging: Staging, *, staged: int, retire_loads: list[int] | None) -> Swapped:
    """Put the `staged` rows in place of what stands.

    `retire_loads` None retires every row that is not staged again (a new edition); a list retires only rows of those
    loads (a new edition of one sheet); an empty list retires nothing (plain addition).
    """
    if staging.direct:
        _finish_direct(connection, staging)
        return Swapped(added=staged, retired=0, unchanged=0)
    layer = sql.Identifier(staging.layer.id)
    connection.execute("CREATE INDEX ON staging (content_hash)")
    connection.execute("ANALYZE staging")
    retired = _retire(connection, staging, retire_loads)
    added = connection.execute(
        sql.SQL(
            "INSERT INTO layers.{layer} ({columns}) SELECT {columns} FROM staging s "
            "WHERE NOT EXISTS (SELECT FROM layers.{layer} c WHERE c.content_hash = s.content_hash)"
        ).format(layer=layer, columns=_names(copied_columns(staging.layer)))
    ).rowcount
    _analyse(connection, staging)
    edited = _edits_among_retired(connection, staging.layer) if retired else 0
    return Swapped(added=added, retired=retired, unchanged=staged - added, edited=edited)


def _edits_among_retired(connection: Connection, layer: Layer) -> int:
    """How many rows that this transaction retired had been edited by hand: no edit runs beside a load."""
    statement = sql.SQL(
        "SELECT count(*) FROM history.{} h JOIN onomap.loads l ON l.id = h.load_id AND l.mode = 'edit' WHERE h.valid_to >= now()"
    ).format(sql.Identifier(layer.id))
    return _scalar(connection, statement)


def _finish_direct(connection: Connection, staging: Staging) -> None:
    """Put the indexes and the validity constraint back on a layer that was filled directly."""
    if staging.layer.geometry is not GeometryKind.NONE:
        connection.execute(
            sql.SQL("ALTER TABLE {} ADD CONSTRAINT {} CHECK (ST_IsValid(geom)) NOT VALID").format(
                staging.target, sql.Identifier(validity_constraint(staging.layer))
            )
        )
    for statement in index_statements(staging.layer):
        connection.execute(statement.encode())
    for statement in trigger_statements(staging.layer):
        connection.execute(statement.encode())
    told = Jsonb({"layer": staging.layer.id, "boxes": None})
    connection.execute(
        "SELECT pg_notify(%s, (%s || jsonb_build_object('at', clock_timestamp()))::text)", [CHANNEL, told]
    )
    _analyse(connection, staging)


def _analyse(connection: Connection, staging: Staging) -> None:
    """Refresh the planner's statistics from a small sample: they decide between plans, and a load should not wait for more."""
    connection.execute("SET LOCAL default_statistics_target = 20")
    connection.execute(sql.SQL("ANALYZE layers.{}").format(sql.Identifier(staging.layer.id)))


def is_empty(connection: Connection, layer: Layer) -> bool:
    """Whether the layer has no row."""
    statement = sql.SQL("SELECT (NOT EXISTS (SELECT FROM layers.{}))::int").format(sql.Identifier(layer.id))
    return bool(_scalar(connection, statement))


def _retire(connection: Connection, staging: Staging, loads: list[int] | None) -> int:
    condition: sql.Composable = sql.SQL("NOT EXISTS (SELECT FROM staging s WHERE s.content_hash = c.content_hash)")
    if loads is not None:
        condition = sql.SQL("c.load_id = ANY(%(loads)s) AND ") + condition
    gone = sql.SQL("DELETE FROM layers.{layer} c WHERE {condition} RETURNING c.*").format(
        layer=sql.Identifier(staging.layer.id), condition=condition
    )
    return archive(connection, staging.layer, gone, {"loads": loads})


# A row that an edit wrote while this transaction waited for it began after `now()`; no period may end before it begins.
AT_THE_START = sql.SQL("greatest(now(), valid_from)")


def archive(
    connection: Connection,
    layer: Layer,
    gone: sql.Composable,
    parameters: Mapping[str, object],
) -> int:
    """Put the rows that `gone`, a DELETE that returns them, takes away into the layer's history; returns how many."""
    kept = _names(["fid", "load_id", "version", "valid_from", "content_hash", *content_columns(layer)])
    statement = sql.SQL(
        "WITH gone AS ({gone}) INSERT INTO history.{layer} ({columns}, valid_to) SELECT {columns}, {until} FROM gone"
    ).format(gone=gone, layer=sql.Identifier(layer.id), columns=kept, until=AT_THE_START)
    return connection.execute(statement, parameters).rowcount


def _drop_indexes(connection: Connection, layer: Layer) -> None:
    """Only on an empty table: nobody reads anything from it that could be missed."""
    for statement in index_statements(layer):
        name = statement.split("IF NOT EXISTS ")[1].split(" ")[0]
        connection.execute(sql.SQL("DROP INDEX IF EXISTS layers.{}").format(sql.Identifier(name)))


def _scalar(connection: Connection, statement: sql.Composed | sql.SQL) -> int:
    row = connection.execute(statement).fetchone()
    assert row is not None  # noqa: S101 - an aggregate always answers one row
    return int(row[0])
