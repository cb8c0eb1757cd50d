"""Which edition of a layer holds at a moment: its loads, how old its data are, and where it says anything at all."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache

import shapely
from psycopg import sql
from shapely.geometry.base import BaseGeometry

from layers.store.database import Connection
from layers.store.definitions import GeometryKind, Layer
from layers.store.errors import StoreError
from layers.store.settings import Municipality


@dataclass(frozen=True)
class Load:
    """One load as the register has it; `added_error_m` is what its coordinates added to the layer's accuracy, of which
    `undeclared_datum_m` come from a realisation that nobody declared. `is_edit`: not a file but a day's edits of single
    features by one person."""

    id: int
    layer: str
    file_name: str
    file_sha256: str
    data_date: date | None
    loaded_at: datetime
    superseded_by: int | None
    added_error_m: float
    undeclared_datum_m: float = 0.0
    is_edit: bool = False


@dataclass(frozen=True)
class Edition:
    """The loads of one layer that hold at a moment, newest last; `by_row` leads from any load id found on a row to the
    load that last confirmed that row. Edits of single features are among the loads, but do not make a layer fresh."""

    layer: str
    loads: tuple[Load, ...]
    by_row: Mapping[int, Load]

    @property
    def newest(self) -> Load | None:
        """The latest load, a day's edits included, or None when the layer was never loaded."""
        return self.loads[-1] if self.loads else None

    @property
    def whole_loads(self) -> tuple[Load, ...]:
        """The loads that speak for the layer as a whole: its files, or its edits where it was never anything else."""
        return tuple(load for load in self.loads if not load.is_edit) or self.loads

    @property
    def data_date(self) -> date | None:
        """The oldest date among the loads that hold: the layer is no fresher than its oldest part."""
        dates = [load.data_date for load in self.whole_loads if load.data_date is not None]
        return min(dates) if len(dates) == len(self.whole_loads) and dates else None

    @property
    def added_error_m(self) -> float:
        """The largest error that any of the loads added, in metres."""
        return max((load.added_error_m for load in self.loads), default=0.0)

    def is_stale(self, layer: Layer, today: date) -> bool:
        """Whether the data are older than the layer's update cycle; data without a date are judged by their loading."""
        if not self.loads:
            return False
        known = self.data_date or self.whole_loads[-1].loaded_at.date()
        return (today - known).days > layer.update_cycle_days


def editions(connection: Connection, as_of: datetime | None = None) -> dict[str, Edition]:
    """The edition of every loaded layer as it holds now, or as it held at `as_of`."""
    rows = connection.execute(
        "SELECT id, layer, file_name, file_sha256, data_date, loaded_at, "
        "CASE WHEN %(at)s::timestamptz IS NULL OR superseded_at <= %(at)s THEN superseded_by END, added_error_m, "
        "coalesce((report->>'undeclared_datum_m')::float8, 0), mode = 'edit' "
        "FROM onomap.loads WHERE %(at)s::timestamptz IS NULL OR loaded_at <= %(at)s ORDER BY id",
        {"at": as_of},
    ).fetchall()
    by_layer: dict[str, list[Load]] = {}
    for row in rows:
        load = Load(*row)
        by_layer.setdefault(load.layer, []).append(load)
    return {layer: _edition(layer, loads) for layer, loads in by_layer.items()}


def _edition(layer: str, loads: list[Load]) -> Edition:
    by_id = {load.id: load for load in loads}

    def last(load: Load) -> Load:
        while load.superseded_by is not None and load.superseded_by in by_id:
            load = by_id[load.superseded_by]
        return load

    holding = tuple(load for load in loads if load.superseded_by is None)
    return Edition(layer, holding, {load.id: last(load) for load in loads})


def first_loads(connection: Connection) -> dict[str, datetime]:
    """By layer, when something was first loaded into it."""
    return dict(connection.execute("SELECT layer, min(loaded_at) FROM onomap.loads GROUP BY layer").fetchall())


def latest_edit(connection: Connection, layer: str) -> int:
    """The number of the last edit of a layer, 0 without one: what was kept from the layer's rows holds until it changes."""
    row = connection.execute("SELECT coalesce(max(id), 0) FROM onomap.edits WHERE layer = %s", [layer]).fetchone()
    assert row is not None  # noqa: S101 - an aggregate always answers one row
    return int(row[0])


def table_of(layer: Layer) -> sql.SQL:
    """The table of a layer's present rows."""
    return _table(layer.id)


def rows_at(layer: Layer, as_of: datetime | None) -> sql.SQL:
    """A FROM item with the rows of `layer` that hold now, or that held at the bound parameter `as_of`."""
    if as_of is None:
        return table_of(layer)
    names = ["fid", "load_id", "version", "valid_from", *[field.name for field in layer.fields]]
    if layer.geometry is GeometryKind.POLYGON:
        names.append("area_m2")
    if layer.geometry is not GeometryKind.NONE:
        names.append("geom")
    return _rows_then(layer.id, tuple(names))


# quoting names takes longer than looking rows up, and an inquiry asks twenty layers


@cache
def _table(layer: str) -> sql.SQL:
    return sql.SQL(sql.SQL("layers.{}").format(sql.Identifier(layer)).as_string())


@cache
def _rows_then(layer: str, names: tuple[str, ...]) -> sql.SQL:
    statement = sql.SQL(
        "(SELECT {columns} FROM {current} WHERE valid_from <= %(as_of)s UNION ALL "
        "SELECT {columns} FROM history.{layer} WHERE valid_from <= %(as_of)s AND valid_to > %(as_of)s)"
    )
    columns = sql.SQL(", ").join(map(sql.Identifier, names))
    filled = statement.format(columns=columns, current=_table(layer), layer=sql.Identifier(layer))
    return sql.SQL(filled.as_string())


_coverages: dict[tuple[str, int], BaseGeometry] = {}
"""Coverages by database and id: a row of `onomap.coverages` is written once and never changed."""


def given_coverages(connection: Connection, held: Mapping[str, Edition]) -> dict[str, BaseGeometry]:
    """By layer, the area that the loads of its edition declared as covered, in plane metres, where any declared one."""
    loads = [load.id for edition in held.values() for load in edition.loads]
    rows = connection.execute(
        "SELECT layer, id FROM onomap.coverages WHERE load_id = ANY(%s) ORDER BY id", [loads]
    ).fetchall()
    parts: dict[str, list[BaseGeometry]] = {}
    for layer, identifier in rows:
        parts.setdefault(layer, []).append(_coverage(connection, identifier))
    return {
        layer: of_layer[0] if len(of_layer) == 1 else shapely.union_all(of_layer) for layer, of_layer in parts.items()
    }


def _database_of(connection: Connection) -> str:
    """Which database a connection leads to; `info.dsn` would say more, and takes as long as five questions to it."""
    info = connection.info
    return f"{info.host}:{info.port}/{info.dbname}"


def _coverage(connection: Connection, identifier: int) -> BaseGeometry:
    key = (_database_of(connection), identifier)
    if key not in _coverages:
        row = connection.execute(
            "SELECT ST_AsBinary(geom) FROM onomap.coverages WHERE id = %s", [identifier]
        ).fetchone()
        if row is None:
            raise StoreError("整備範囲の記録が読み込みの途中で変わりました。もう一度お試しください。")
        _coverages[key] = shapely.from_wkb(row[0])
    return _coverages[key]


_outlines: dict[tuple[object, ...], BaseGeometry] = {}
"""The town's outline by database and by the versions of the rows it was made from: an edit makes a new one."""


def municipality_outline(
    connection: Connection, layer: Layer, town: Municipality, as_of: datetime | None
) -> BaseGeometry | None:
    """The town's own outline from the municipality layer, in plane metres; None when it was not loaded.

    Rows are the town's by their code (with or without check digit), or by their name where the file has no codes.
    """
    parameters = {"code": town.code, "name": town.name, "full_name": town.full_name, "as_of": as_of}
    own = sql.SQL(
        "FROM {} m WHERE code IN (%(code)s, left(%(code)s, 5)) OR (code IS NULL AND name IN (%(name)s, %(full_name)s))"
    ).format(rows_at(layer, as_of))
    versions = connection.execute(sql.SQL("SELECT fid, version ") + own, parameters).fetchall()
    if not versions:
        return None
    key = (_database_of(connection), *sorted(versions))
    if key not in _outlines:
        rows = connection.execute(sql.SQL("SELECT ST_AsBinary(geom) ") + own, parameters).fetchall()
        _outlines.clear()
        _outlines[key] = shapely.union_all(shapely.from_wkb([row[0] for row in rows]))
    return _outlines[key]
