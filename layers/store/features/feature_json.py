"""One feature as JSON, written by the database: no row becomes a Python object on its way out.

`ST_AsGeoJSON` writes x before y; where the registry puts the north first, the coordinates are flipped before. Outer rings
go counter-clockwise, as RFC 7946 section 3.1.6 wants them.
"""

from dataclasses import dataclass

from psycopg import sql

from gis.reference_systems import ReferenceSystem
from layers.store.definitions import FieldType, GeometryKind, Layer, LayerField
from layers.store.features.columns import GEOMETRY

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


def feature_sql(layer: Layer, fields: tuple[LayerField, ...], form: FeatureForm, srid: int) -> sql.Composable:
    """The text of one GeoJSON or JSON-FG feature, without its closing brace, over the row `l`."""
    parts = [
        sql.SQL("""'{"type":"Feature","id":' || l.fid || ',"geometry":' || """),
        geometry_json(layer, form.geometry, srid),
        sql.SQL("""|| ',"properties":' || """),
        _properties(fields),
    ]
    if form.is_json_fg:
        parts += [
            sql.SQL("""|| ',"featureType":"' || {} || '"' """).format(sql.Literal(layer.id)),
            sql.SQL("""|| ',"time":{"interval":["' || """),
            _MOMENT,
            sql.SQL("""|| '",".."]},"place":' || """),
            geometry_json(layer, form.place, srid),
        ]
    return sql.Composed(parts)


def geometry_json(layer: Layer, system: ReferenceSystem | None, srid: int) -> sql.Composable:
    """The geometry of a row as GeoJSON text in the axis order of the system."""
    if system is None or layer.geometry in (GeometryKind.NONE, GeometryKind.RASTER):
        return NO_GEOMETRY
    shape: sql.Composable = sql.SQL("l.") + sql.Identifier(GEOMETRY)
    if system.transform_epsg != srid:
        shape = sql.SQL("ST_Transform({}, {})").format(shape, sql.Literal(system.transform_epsg))
    if layer.geometry is GeometryKind.POLYGON:
        shape = sql.SQL("ST_ForcePolygonCCW({})").format(shape)
    if system.flipped:
        shape = sql.SQL("ST_FlipCoordinates({})").format(shape)
    return sql.SQL("coalesce(ST_AsGeoJSON({}, {}, 0), 'null')").format(shape, sql.Literal(system.decimals))


def _properties(fields: tuple[LayerField, ...]) -> sql.Composable:
    """The properties object, field by field, which the database writes faster than a whole row."""
    members = [
        sql.SQL("{} || {}").format(sql.Literal(f'{"," if number else ""}"{field.name}":'), _value(field))
        for number, field in enumerate(fields)
    ]
    return sql.SQL(" || ").join([sql.SQL("'{'"), *members, sql.SQL("'}'")])


def _value(field: LayerField) -> sql.Composable:
    column = sql.SQL("l.") + sql.Identifier(field.name)
    if field.type is not FieldType.NUMBER:
        return sql.SQL("coalesce(to_json({})::text, 'null')").format(column)
    # 756 for 756.0 would tell a client that guesses types from the first page that areas are whole: GDAL cuts the others
    return sql.SQL(
        "coalesce(CASE WHEN {c} = trunc({c}) AND abs({c}) < 1e15 THEN {c}::text || '.0' ELSE to_json({c})::text END, 'null')"
    ).format(c=column)
