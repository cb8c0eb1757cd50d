"""The one transaction that makes an edition: rows staged by COPY, compared with what stands, swapped, history kept.

Rows that did not change keep their `fid`, so links and cached tiles stay good; rows that went are in `history`.
"""

import uuid
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import md5

import shapely
from psycopg import sql

from layers.store.database import Connection
from layers.store.definitions import GeometryKind, Layer
from layers.store.loading.rows import ReadyRows
from layers.store.tables import has_area, index_statements

BULK_ROWS = 5_000
"""From this many rows into an empty table, indexes are made after the rows rather than with them."""


@dataclass(frozen=True)
class Staging:
    """The temporary table in which an edition gathers before the swap."""

    layer: Layer
    srid: int

    @property
    def columns(self) -> list[str]:
        """Columns that a file fills, in the order in which they are copied."""
        names = ["content_hash", "load_id", *[field.name for field in self.layer.fields]]
        if has_area(self.layer):
            names.append("area_m2")
        if self.layer.geometry is not GeometryKind.NONE:
            names.append("geom")
        return names

    def create(self, connection: Connection) -> None:
        """Make the temporary table; it vanishes with the transaction."""
        connection.execute(
            sql.SQL("CREATE TEMPORARY TABLE staging ON COMMIT DROP AS SELECT {} FROM layers.{} WITH NO DATA").format(
                _names(self.columns), sql.Identifier(self.layer.id)
            )
        )

    def copy(self, connection: Connection, rows: ReadyRows, load_id: int, seen: Counter[bytes]) -> None:
        """Copy rows in; `seen` tells identical rows of one edition apart, across its files."""
        statement = sql.SQL("COPY staging ({}) FROM STDIN").format(_names(self.columns))
        with connection.cursor().copy(statement) as copy:
            for record in self._records(rows, load_id, seen):
                copy.write_row(record)

    def _records(self, rows: ReadyRows, load_id: int, seen: Counter[bytes]) -> Iterator[list[object]]:
        wkb = shapely.to_wkb(shapely.set_srid(rows.geometry, self.srid), include_srid=True)
        values = [rows.columns[field.name] for field in self.layer.fields]
        with_area = rows.area_m2 is not None
        with_geometry = self.layer.geometry is not GeometryKind.NONE
        for index in range(len(rows)):
            fields = [column[index] for column in values]
            content = repr(fields).encode() + (wkb[index] or b"")
            digest = md5(content, usedforsecurity=False).digest()
            seen[digest] += 1
            if seen[digest] > 1:
                digest = md5(digest + str(seen[digest]).encode(), usedforsecurity=False).digest()
            record = [uuid.UUID(bytes=digest), load_id, *fields]
            if with_area:
                record.append(float(rows.area_m2[index]))  # type: ignore[index]
            if with_geometry:
                record.append(None if wkb[index] is None else wkb[index].hex())
            yield record


def _names(columns: list[str]) -> sql.Composed:
    return sql.SQL(", ").join(map(sql.Identifier, columns))


@dataclass(frozen=True)
class Swapped:
    """What the swap did to the current table."""

    added: int
    retired: int
    unchanged: int


def swap(connection: Connection, staging: Staging, *, retire_loads: list[int] | None) -> Swapped:
    """Put the staged rows in place of what stands.

    `retire_loads` None retires every row that is not staged again (a new edition); a list retires only rows of those
    loads (a new edition of one sheet); an empty list retires nothing (plain addition).
    """
    layer = sql.Identifier(staging.layer.id)
    connection.execute("CREATE INDEX ON staging (content_hash)")
    connection.execute("ANALYZE staging")
    was_empty = _scalar(connection, sql.SQL("SELECT NOT EXISTS (SELECT FROM layers.{})").format(layer))
    retired = 0 if was_empty else _retire(connection, staging, retire_loads)
    staged = _scalar(connection, sql.SQL("SELECT count(*) FROM staging"))
    rebuild = was_empty and staged >= BULK_ROWS
    if rebuild:
        _drop_indexes(connection, staging.layer)
    columns = _names(staging.columns)
    added = connection.execute(
        sql.SQL(
            "INSERT INTO layers.{layer} ({columns}) SELECT {columns} FROM staging s "
            "WHERE NOT EXISTS (SELECT FROM layers.{layer} c WHERE c.content_hash = s.content_hash)"
        ).format(layer=layer, columns=columns)
    ).rowcount
    if rebuild:
        for statement in index_statements(staging.layer):
            connection.execute(statement.encode())
    connection.execute(sql.SQL("ANALYZE layers.{}").format(layer))
    return Swapped(added=added, retired=retired, unchanged=staged - added)


def _retire(connection: Connection, staging: Staging, loads: list[int] | None) -> int:
    kept = [
        "fid", "load_id", "version", "valid_from", "content_hash",
        *[column for column in staging.columns if column not in ("content_hash", "load_id")],
    ]  # fmt: skip
    condition: sql.Composable = sql.SQL("NOT EXISTS (SELECT FROM staging s WHERE s.content_hash = c.content_hash)")
    if loads is not None:
        condition = sql.SQL("c.load_id = ANY(%(loads)s) AND ") + condition
    statement = sql.SQL(
        "WITH gone AS (DELETE FROM layers.{layer} c WHERE {condition} RETURNING c.*) "
        "INSERT INTO history.{layer} ({columns}, valid_to) SELECT {columns}, now() FROM gone"
    ).format(layer=sql.Identifier(staging.layer.id), condition=condition, columns=_names(kept))
    return connection.execute(statement, {"loads": loads}).rowcount


def _drop_indexes(connection: Connection, layer: Layer) -> None:
    """Only on an empty table: nobody reads anything from it that could be missed."""
    for statement in index_statements(layer):
        name = statement.split("IF NOT EXISTS ")[1].split(" ")[0]
        connection.execute(sql.SQL("DROP INDEX IF EXISTS layers.{}").format(sql.Identifier(name)))


def _scalar(connection: Connection, statement: sql.Composed | sql.SQL) -> int:
    row = connection.execute(statement).fetchone()
    assert row is not None  # noqa: S101 - an aggregate always answers one row
    return int(row[0])
