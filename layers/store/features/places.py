"""Places of a filter as SQL: shapes moved to the plane zone of the store, where its index and its metres are."""

from psycopg import sql
from shapely.geometry import GeometryCollection
from shapely.geometry.base import BaseGeometry

from gis.filters.tree import Box, Place, Property, Shape, Spatial, SpatialRelation
from gis.plane_shapes import PlaneShape, plane_box, plane_shape, upright_inside
from gis.reference_systems import ReferenceSystem
from layers.store.features.columns import Columns, ValueKind
from layers.store.features.errors import FeatureRequestError
from layers.store.features.values import Bound

_FUNCTIONS = {
    SpatialRelation.INTERSECTS: "ST_Intersects",
    SpatialRelation.WITHIN: "ST_Within",
    SpatialRelation.CONTAINS: "ST_Contains",
    SpatialRelation.DISJOINT: "ST_Disjoint",
    SpatialRelation.TOUCHES: "ST_Touches",
    SpatialRelation.CROSSES: "ST_Crosses",
    SpatialRelation.OVERLAPS: "ST_Overlaps",
    SpatialRelation.EQUALS: "ST_Equals",
}
_NEAR = sql.SQL("(ST_Intersects({row}, {shape}) AND NOT ST_ContainsProperly({shape}, {row}) AND {relation})")
# the planner counts on `&&` alone: it takes what is not null for nearly every row, and an OR of the two for a hundredth
_IN_BOX = sql.SQL(
    "(l.geom && {shape} AND nullif(l.geom @ {inner} OR ST_Intersects(l.geom, {shape}), false) IS NOT NULL)"
)
# PostGIS prepares a shape of many vertices for these two only; the others would look at each of its edges for each row
_PREPARED_FIRST = frozenset({SpatialRelation.TOUCHES, SpatialRelation.CROSSES, SpatialRelation.OVERLAPS})
_TURNED = {
    SpatialRelation.WITHIN: SpatialRelation.CONTAINS,
    SpatialRelation.CONTAINS: SpatialRelation.WITHIN,
}
# a row lies in the zone, so it can neither hold nor equal a shape of which a part lies outside
_NEEDS_WHOLE = frozenset({SpatialRelation.CONTAINS, SpatialRelation.EQUALS})

# true or false where there is a geometry, neither where there is none, as the functions themselves answer
_ALL = sql.SQL("({} IS NOT NULL OR NULL::boolean)")
_NONE = sql.SQL("({} IS NULL AND NULL::boolean)")


def spatial_sql(tree: Spatial, columns: Columns, reference: ReferenceSystem, srid: int, bound: Bound) -> sql.Composable:
    """A spatial relation as a condition; PostGIS puts the index before its own functions.

    Raises FeatureRequestError when no geometry of the row is named, or for a collection of several kinds of shape.
    """
    left, right, relation = tree.left, tree.right, tree.relation
    if not isinstance(left, Property):
        left, right, relation = right, left, _TURNED.get(relation, relation)
    if not isinstance(left, Property):
        raise FeatureRequestError("図形の比較には、図形の項目の名前を書いてください。")
    column = _geometry(left, columns)
    function = sql.SQL(_FUNCTIONS[relation])
    if isinstance(right, Property):
        return sql.SQL("{}({}, {})").format(function, column, _geometry(right, columns))
    moved = _plane(right, reference, srid)
    if moved.geometry is None or (relation in _NEEDS_WHOLE and not moved.whole):
        return (_ALL if relation is SpatialRelation.DISJOINT else _NONE).format(column)
    shape = geometry_sql(moved.geometry, srid, bound)
    if relation is SpatialRelation.DISJOINT:
        return sql.SQL("(NOT ST_Intersects({}, {}))").format(column, shape)
    asked = sql.SQL("{}({}, {})").format(function, column, shape)
    if relation in _PREPARED_FIRST:
        # none of the three holds for a row that lies apart, nor for one in the inner of the shape
        return _NEAR.format(row=column, shape=shape, relation=asked)
    return asked


def within_box(moved: PlaneShape, columns: Columns, srid: int, bound: Bound) -> sql.Composable:
    """The condition that a row's geometry meets a box that was moved to the plane; false for a layer without geometry.

    A row whose own box lies well inside needs no look at its vertices; of a village that is nearly every parcel.
    """
    if moved.geometry is None or "geom" not in columns.by_name:
        return sql.SQL("false")
    shape = geometry_sql(moved.geometry, srid, bound)
    inner = upright_inside(moved.geometry)
    if inner is None:
        return sql.SQL("ST_Intersects(l.geom, {})").format(shape)
    return _IN_BOX.format(shape=shape, inner=geometry_sql(inner, srid, bound))


def geometry_sql(shape: BaseGeometry, srid: int, bound: Bound) -> sql.Composable:
    """A shape in plane metres, bound."""
    return sql.SQL("ST_GeomFromWKB({}::bytea, {})").format(bound.add(shape.wkb), sql.Literal(srid))


def _geometry(value: Property, columns: Columns) -> sql.Composable:
    column = columns[value.name]
    if column.kind is not ValueKind.GEOMETRY:
        raise FeatureRequestError(f"項目「{column.name}」は{column.kind}なので、図形の比較には使えません。")
    return column.expression


def _plane(place: Place, reference: ReferenceSystem, srid: int) -> PlaneShape:
    if isinstance(place, Box):
        return plane_box(place, reference, srid)
    if not isinstance(place, Shape):
        raise FeatureRequestError("図形の比較の相手が読めません。")
    if isinstance(place.geometry, GeometryCollection):
        raise FeatureRequestError("GEOMETRYCOLLECTION は使えません。図形ごとに条件を分けてください。")
    return plane_shape(place.geometry, reference, srid)
