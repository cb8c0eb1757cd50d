"""The one transaction that makes an edition: rows staged by COPY, compared with what stands, swapped, history kept.

Rows that did not change keep their `fid`, so links and cached tiles stay good; rows that went are in `history`.
"""

from collections import Counter
from dataclasses import dataclass
from hashlib import md5

import shapely
from psycopg import sql

from layers.store.database import Connection
from layers.store.definitions import GeometryKind, Layer
from layers.store.loading.rows import ReadyRows
from layers.store.tables import has_area, index_statements, validity_constraint

NULL = "\\N"
LINES_AT_ONCE = 2_000
_ESCAPES = {ord("\\"): "\\\\", ord("\t"): "\\t", ord("\n"): "\\n", ord("\r"): "\\r"}
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
        lines = self._lines(rows)
        with connection.cursor().copy(statement) as copy:
            for start in range(0, len(lines), LINES_AT_ONCE):
                numbered = (
                    f"{_content_hash(line, seen)}\t{load_id}\t{line}\n" for line in lines[start : start + LINES_AT_ONCE]
                )
                copy.write("".join(numbered))

    def _lines(self, rows: ReadyRows) -> list[str]:
        """What each row says, in PostgreSQL's text form of COPY; made column by column, since values repeat."""
        columns = [_copy_texts(rows.columns[field.name]) for field in self.layer.fields]
        if rows.area_m2 is not None:
            columns.append([repr(area) for area in rows.area_m2.tolist()])
        if self.layer.geometry is not GeometryKind.NONE:
            # bytes made hexadecimal here: three times faster than GEOS writing it
            shapes = shapely.to_wkb(shapely.set_srid(rows.geometry, self.srid), include_srid=True)
            columns.append([NULL if shape is None else shape.hex() for shape in shapes.tolist()])
        return ["\t".join(values) for values in zip(*columns, strict=True)]


def _copy_texts(values: list[object]) -> list[str]:
    known: dict[object, str] = {None: NULL}
    texts = []
    for value in values:
        boxed = value if isinstance(value, str) else (type(value), value)
        if value is None:
            texts.append(NULL)
            continue
        if boxed not in known:
            known[boxed] = str(value).translate(_ESCAPES)
        texts.append(known[boxed])
    return texts


def _content_hash(line: str, seen: Counter[bytes]) -> str:
    """Names a row by what it says; the second of two identical rows gets a name of its own."""
    digest = md5(line.encode(), usedforsecurity=False).digest()
    seen[digest] += 1
    if seen[digest] > 1:
        digest = md5(digest + str(seen[digest]).encode(), usedforsecurity=False).digest()
    return digest.hex()


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
    staged = _scalar(connection, sql.SQL("SELECT count(*) FROM staging"))
    if _scalar(connection, sql.SQL("SELECT NOT EXISTS (SELECT FROM layers.{})").format(layer)):
        _fill(connection, staging, staged)
        return Swapped(added=staged, retired=0, unchanged=0)
    connection.execute("CREATE INDEX ON staging (content_hash)")
    connection.execute("ANALYZE staging")
    retired = _retire(connection, staging, retire_loads)
    added = connection.execute(
        sql.SQL(
            "INSERT INTO layers.{layer} ({columns}) SELECT {columns} FROM staging s "
            "WHERE NOT EXISTS (SELECT FROM layers.{layer} c WHERE c.content_hash = s.content_hash)"
        ).format(layer=layer, columns=_names(staging.columns))
    ).rowcount
    connection.execute(sql.SQL("ANALYZE layers.{}").format(layer))
    return Swapped(added=added, retired=retired, unchanged=staged - added)


def _fill(connection: Connection, staging: Staging, staged: int) -> None:
    """Fill an empty table. Many rows get their indexes afterwards, and are not checked for validity a second time:
    `gis.validity` has just done so with the same GEOS, and the constraint holds for every later edit."""
    layer = sql.Identifier(staging.layer.id)
    constraint = sql.Identifier(validity_constraint(staging.layer))
    bulk = staged >= BULK_ROWS and staging.layer.geometry is not GeometryKind.NONE
    if bulk:
        _drop_indexes(connection, staging.layer)
        connection.execute(sql.SQL("ALTER TABLE layers.{} DROP CONSTRAINT IF EXISTS {}").format(layer, constraint))
    columns = _names(staging.columns)
    connection.execute(
        sql.SQL("INSERT INTO layers.{layer} ({columns}) SELECT {columns} FROM staging").format(
            layer=layer, columns=columns
        )
    )
    if bulk:
        connection.execute(
            sql.SQL("ALTER TABLE layers.{} ADD CONSTRAINT {} CHECK (ST_IsValid(geom)) NOT VALID").format(
                layer, constraint
            )
        )
        for statement in index_statements(staging.layer):
            connection.execute(statement.encode())
    connection.execute(sql.SQL("ANALYZE layers.{}").format(layer))


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
