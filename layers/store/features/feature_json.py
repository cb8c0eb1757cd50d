"""One feature as JSON, written by the database: no row becomes a Python object on its way out.

`ST_AsGeoJSON` writes x before y; where the registry puts the north first, the coordinates are flipped before. Outer rings
go counter-clockwise, as RFC 7946 section 3.1.6 wants them. WGS 84 and JGD2011 are one in numbers (gis.reference_systems).
"""

from dataclasses import dataclass
from functools import lru_cache
from typing import TypeAlias

from psycopg import sql

from gis.reference_systems import WGS84, ReferenceSystem
from layers.store.definitions import FieldType, GeometryKind, Layer, LayerField
from layers.store.features.columns import GEOMETRY, GEOMETRY_FOR_TILES

NamedType: TypeAlias = tuple[str, FieldType]

NO_GEOMETRY = sql.SQL("'null'")
_MOMENT = sql.SQL("""to_char(l.valid_from AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')""")


@dataclass(frozen=True)
class FeatureForm:
    """How a feature is written: in which system `geometry` is, and, for JSON-FG, in which `place` is.

    A None system writes null.
    """

    geometry: ReferenceSystem | None
    place: ReferenceSystem | None = None
    is_json_fg: bool = False


def feature_sql(
    layer: Layer, fields: tuple[LayerField, ...], form: FeatureForm, srid: int, *, is_current: bool
) -> sql.Composable:
    """The text of one GeoJSON or JSON-FG feature, without its closing brace, over the row `l`.

    `is_current` says that the row is of the layer's table and not of its history, which keeps no copy for tiles.
    """
    named = tuple((field.name, field.type) for field in fields)
    return _feature(layer.id, layer.geometry, named, form, srid, is_current=is_current)


# putting the text together takes longer than many a page takes to read
@lru_cache(maxsize=1_024)
def _feature(
    layer: str, kind: GeometryKind, fields: tuple[NamedType, ...], form: FeatureForm, srid: int, *, is_current: bool
) -> sql.SQL:
    parts = [
        sql.SQL("""'{"type":"Feature","id":' || l.fid || ',"geometry":' || """),
        _geometry(kind, form.geometry, srid, is_current=is_current),
        # joined by itself: the text of the geometry would be copied once for every property
        sql.SQL("""|| (',"properties":' || """),
        _properties(fields),
        sql.SQL(")"),
    ]
    if form.is_json_fg:
        parts += [
            sql.SQL("""|| ',"featureType":"' || {} || '"' """).format(sql.Literal(layer)),
            sql.SQL("""|| ',"time":{"interval":["' || """),
            _MOMENT,
            sql.SQL("""|| '",".."]},"place":' || """),
            _geometry(kind, form.place, srid, is_current=is_current),
        ]
    return sql.SQL(sql.Composed(parts).as_string())


def shape_columns(layer: Layer, form: FeatureForm, *, is_current: bool) -> list[str]:
    """The columns of a row that the feature's geometry is made of."""
    if layer.geometry in (GeometryKind.NONE, GeometryKind.RASTER):
        return []
    wanted = [system for system in (form.geometry, form.place) if system is not None]
    return [_shape_column(system, is_current=is_current) for system in wanted]


def _shape_column(system: ReferenceSystem, *, is_current: bool) -> str:
    """Degrees out of the copy for tiles: the way back from its sphere costs half of that from a plane zone."""
    return GEOMETRY_FOR_TILES if is_current and system.geographic else GEOMETRY


def _geometry(kind: GeometryKind, system: ReferenceSystem | None, srid: int, *, is_current: bool) -> sql.Composable:
    """The geometry of a row as GeoJSON text in the axis order of the system."""
    if system is None or kind in (GeometryKind.NONE, GeometryKind.RASTER):
        return NO_GEOMETRY
    column = _shape_column(system, is_current=is_current)
    shape: sql.Composable = sql.SQL("l.") + sql.Identifier(column)
    if column == GEOMETRY_FOR_TILES:
        shape = sql.SQL("ST_Transform({}, {})").format(shape, sql.Literal(WGS84))
    elif system.transform_epsg != srid:
        shape = sql.SQL("ST_Transform({}, {})").format(shape, sql.Literal(system.transform_epsg))
    if kind is GeometryKind.POLYGON:
        shape = sql.SQL("ST_ForcePolygonCCW({})").format(shape)
    if system.flipped:
        shape = sql.SQL("ST_FlipCoordinates({})").format(shape)
    return sql.SQL("coalesce(ST_AsGeoJSON({}, {}, 0), 'null')").format(shape, sql.Literal(system.decimals))


def _properties(fields: tuple[NamedType, ...]) -> sql.Composable:
    """The properties object, field by field, which the database writes faster than a whole row."""
    members = [
        sql.SQL("{} || {}").format(sql.Literal(f'{"," if number else ""}"{name}":'), _value(name, kind))
        for number, (name, kind) in enumerate(fields)
    ]
    return sql.SQL(" || ").join([sql.SQL("'{'"), *members, sql.SQL("'}'")])


def _value(name: str, kind: FieldType) -> sql.Composable:
    column = sql.SQL("l.") + sql.Identifier(name)
    if kind in (FieldType.INTEGER, FieldType.BOOLEAN):
        # their own texts are JSON already
        return sql.SQL("coalesce({}::text, 'null')").format(column)
    if kind is not FieldType.NUMBER:
        return sql.SQL("coalesce(to_json({})::text, 'null')").format(column)
    # 756 for 756.0 would tell a client that guesses types from the first page that areas are whole: GDAL cuts the others
    return sql.SQL(
        "coalesce(CASE WHEN {c} = trunc({c}) AND abs({c}) < 1e15 THEN {c}::text || '.0' ELSE to_json({c})::text END, 'null')"
    ).format(c=column)
