"""Features as JSON: rows come as they are kept, and are written here a page at once.

Where the registry puts the north first, y is written before x. WGS 84 and JGD2011 are one in numbers (gis.reference_systems).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import orjson
from psycopg import sql

from gis.geojson_text import NULL, geometry_texts, shapes_of
from gis.reference_systems import ReferenceSystem
from layers.store.definitions import GeometryKind, Layer, LayerField
from layers.store.features.columns import GEOMETRY, GEOMETRY_FOR_TILES

_MOMENT = sql.SQL("""to_char(l.valid_from AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')""")


@dataclass(frozen=True)
class FeatureForm:
    """How a feature is written: in which system `geometry` is, and, for JSON-FG, in which `place` is.

    A None system writes null.
    """

    geometry: ReferenceSystem | None
    place: ReferenceSystem | None = None
    is_json_fg: bool = False


@dataclass(frozen=True)
class Shape:
    """A geometry of a feature: which of the selected geometries it is, and how its numbers are written."""

    place: int | None
    decimals: int
    is_sphere: bool
    flipped: bool

    def write(self, columns: Sequence[Sequence[bytes | None]], rows: int) -> list[bytes]:
        """The texts of that geometry of so many rows."""
        if self.place is None:
            return [NULL] * rows
        shapes = shapes_of(columns[self.place])
        return geometry_texts(shapes, self.decimals, is_sphere=self.is_sphere, flipped=self.flipped)


NO_SHAPE = Shape(None, 0, is_sphere=False, flipped=False)


@dataclass(frozen=True)
class FeatureWriter:
    """How rows `l` become features: what is selected of them, `width` columns in binary form, and what is written of those."""

    columns: sql.SQL
    width: int
    names: tuple[str, ...]
    shapes: tuple[Shape, ...]
    tail: bytes
    """What JSON-FG says before the moment; empty for GeoJSON."""

    def write(self, rows: Sequence[Sequence[Any]]) -> list[bytes]:
        """The rows as JSON in UTF-8 without the closing brace, so that members can be added. They are written together."""
        if not rows:
            return []
        behind = len(self.names) + 1
        properties = [orjson.dumps(dict(zip(self.names, row[1:behind], strict=True))) for row in rows]
        others = list(zip(*(row[behind : self.width] for row in rows), strict=True))
        written = [shape.write(others, len(rows)) for shape in self.shapes]
        heads = [
            b'{"type":"Feature","id":%d,"geometry":%b,"properties":%b' % head
            for head in zip((row[0] for row in rows), written[0], properties, strict=True)
        ]
        if not self.tail:
            return heads
        return [
            b'%b%b%b",".."]},"place":%b' % (head, self.tail, moment, place)
            for head, moment, place in zip(heads, others[-1], written[1], strict=True)
        ]


def feature_writer(
    layer: Layer, fields: tuple[LayerField, ...], form: FeatureForm, srid: int, *, is_current: bool
) -> FeatureWriter:
    """What is selected of the row `l` for a GeoJSON or JSON-FG feature, and how it is written.

    `is_current` says that the row is of the layer's table and not of its history, which keeps no copy for tiles.
    """
    names = tuple(field.name for field in fields)
    return _writer(layer.id, layer.geometry, names, form, srid, is_current=is_current)


# putting the text together takes longer than many a page takes to read
@lru_cache(maxsize=1_024)
def _writer(
    layer: str, kind: GeometryKind, fields: tuple[str, ...], form: FeatureForm, srid: int, *, is_current: bool
) -> FeatureWriter:
    columns: list[sql.Composable] = [sql.SQL("l.{}").format(sql.Identifier(name)) for name in ("fid", *fields)]
    shapes: list[Shape] = []
    expressions: list[sql.Composable] = []
    for system in (form.geometry, form.place) if form.is_json_fg else (form.geometry,):
        if system is None or kind in (GeometryKind.NONE, GeometryKind.RASTER):
            shapes.append(NO_SHAPE)
            continue
        is_sphere = _shape_column(system, is_current=is_current) == GEOMETRY_FOR_TILES
        shapes.append(Shape(len(expressions), system.decimals, is_sphere, system.flipped))
        expressions.append(_geometry(system, srid, is_current=is_current))
    columns += expressions
    tail = b""
    if form.is_json_fg:
        columns.append(sql.SQL("convert_to({}, 'UTF8')").format(_MOMENT))
        tail = b',"featureType":"%b","time":{"interval":["' % layer.encode()
    text = sql.SQL(sql.SQL(", ").join(columns).as_string())
    return FeatureWriter(text, len(columns), fields, tuple(shapes), tail)


def shape_columns(layer: Layer, form: FeatureForm, *, is_current: bool) -> list[str]:
    """The columns of a row that the feature's geometry is made of."""
    if layer.geometry in (GeometryKind.NONE, GeometryKind.RASTER):
        return []
    wanted = [system for system in (form.geometry, form.place) if system is not None]
    return [_shape_column(system, is_current=is_current) for system in wanted]


def _shape_column(system: ReferenceSystem, *, is_current: bool) -> str:
    """Degrees out of the copy for tiles: the way back from its sphere costs half of that from a plane zone."""
    return GEOMETRY_FOR_TILES if is_current and system.geographic else GEOMETRY


def _geometry(system: ReferenceSystem, srid: int, *, is_current: bool) -> sql.Composable:
    """The geometry of a row, x before y, in the system, or in that of the tiles where its copy for them is read."""
    column = _shape_column(system, is_current=is_current)
    shape: sql.Composable = sql.SQL("l.") + sql.Identifier(column)
    if column == GEOMETRY_FOR_TILES or system.transform_epsg == srid:
        return shape
    return sql.SQL("ST_Transform({}, {})").format(shape, sql.Literal(system.transform_epsg))
