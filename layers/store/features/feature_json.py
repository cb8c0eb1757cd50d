"""Features as GeoJSON: rows come as they are kept, and become features here a page at once.

Where the registry puts the north first, y is written before x. WGS 84 and JGD2011 are one in numbers (gis.reference_systems).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from psycopg import sql

from gis.geojson_objects import geometry_objects, shapes_of
from gis.reference_systems import ReferenceSystem
from layers.store.definitions import GeometryKind, Layer, LayerField
from layers.store.features.columns import GEOMETRY, GEOMETRY_FOR_TILES, listed

_MOMENT = sql.SQL("""to_char(l.valid_from AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')""")
Feature = dict[str, object]
"""As GeoJSON has it, its numbers still in arrays."""


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

    def of(self, columns: Sequence[Sequence[bytes | None]], rows: int) -> Sequence[object]:
        """That geometry of so many rows."""
        if self.place is None:
            return [None] * rows
        shapes = shapes_of(columns[self.place])
        return geometry_objects(shapes, self.decimals, is_sphere=self.is_sphere, flipped=self.flipped)


NO_SHAPE = Shape(None, 0, is_sphere=False, flipped=False)


@dataclass(frozen=True)
class FeatureMaker:
    """How rows `l` become features: what is selected of them, `width` columns in binary form, and what is made of those."""

    columns: sql.SQL
    width: int
    names: tuple[str, ...]
    shapes: tuple[Shape, ...]
    feature_type: str | None
    """What JSON-FG calls the features; None for GeoJSON."""

    def features(self, rows: Sequence[Sequence[Any]]) -> list[Feature]:
        """The rows as features, which `gis.geojson_objects.written` writes. Many are made at once."""
        if not rows:
            return []
        behind = len(self.names) + 1
        others = list(zip(*(row[behind : self.width] for row in rows), strict=True))
        geometries, *places = (shape.of(others, len(rows)) for shape in self.shapes)
        features: list[Feature] = [
            {
                "type": "Feature",
                "id": row[0],
                "geometry": geometry,
                "properties": dict(zip(self.names, row[1:behind], strict=True)),
            }
            for row, geometry in zip(rows, geometries, strict=True)
        ]
        if self.feature_type is not None:
            for feature, moment, place in zip(features, others[-1], places[0], strict=True):
                feature["featureType"] = self.feature_type
                feature["time"] = {"interval": [moment, ".."]}
                feature["place"] = place
        return features


def feature_maker(
    layer: Layer, fields: tuple[LayerField, ...], form: FeatureForm, srid: int, *, is_current: bool
) -> FeatureMaker:
    """What is selected of the row `l` for a GeoJSON or JSON-FG feature, and how it is made.

    `is_current` says that the row is of the layer's table and not of its history, which keeps no copy for tiles.
    """
    names = tuple(field.name for field in fields)
    return _maker(layer.id, layer.geometry, names, form, srid, is_current=is_current)


# putting the text together takes longer than many a page takes to read
@lru_cache(maxsize=1_024)
def _maker(
    layer: str, kind: GeometryKind, fields: tuple[str, ...], form: FeatureForm, srid: int, *, is_current: bool
) -> FeatureMaker:
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
    if form.is_json_fg:
        columns.append(_MOMENT)
    return FeatureMaker(listed(columns), len(columns), fields, tuple(shapes), layer if form.is_json_fg else None)


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
