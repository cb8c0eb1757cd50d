"""A filter as SQL: the text depends on the layer and the shape of the filter, every value is bound by name."""

from dataclasses import dataclass, field

from psycopg import sql

from gis.filters.tree import (
    Always,
    And,
    Between,
    Comparator,
    Comparison,
    Filter,
    In,
    IsNull,
    Like,
    Not,
    Or,
    Spatial,
    Temporal,
)
from gis.reference_systems import ReferenceSystem
from layers.store.features.columns import Columns, ValueKind
from layers.store.features.errors import FeatureRequestError
from layers.store.features.places import spatial_sql
from layers.store.features.times import temporal_sql
from layers.store.features.values import Bound, comparable, listed, scalar_sql

TRUE = sql.SQL("true")
FALSE = sql.SQL("false")
_COMPARATORS = {comparator: sql.SQL(comparator.value) for comparator in Comparator}
_EQUALITY = frozenset({Comparator.EQUAL, Comparator.NOT_EQUAL})


@dataclass(frozen=True)
class FilterContext:
    """What a filter is read against: the properties, the CRS of its shapes, and the plane zone of the store."""

    columns: Columns
    reference: ReferenceSystem
    srid: int
    bound: Bound = field(default_factory=Bound)


def condition_of(tree: Filter, context: FilterContext) -> sql.Composable:
    """The filter as a condition over the row `l`; its values are added to `context.bound`.

    Raises UnknownPropertyError for a property that cannot be named, FeatureRequestError for values that do not fit.
    """
    match tree:
        case Always(value):
            return TRUE if value else FALSE
        case And(parts) | Or(parts):
            return _joined(" AND " if isinstance(tree, And) else " OR ", parts, context)
        case Not(part):
            return sql.SQL("(NOT {})").format(condition_of(part, context))
        case Spatial():
            return spatial_sql(tree, context.columns, context.reference, context.srid, context.bound)
        case Temporal():
            return temporal_sql(tree, context.columns, context.bound)
        case _:
            return _on_values(tree, context)


def _joined(operator: str, parts: tuple[Filter, ...], context: FilterContext) -> sql.Composable:
    conditions = [condition_of(part, context) for part in parts]
    return sql.SQL("({})").format(sql.SQL(operator).join(conditions))


def _on_values(tree: Comparison | Like | Between | In | IsNull, context: FilterContext) -> sql.Composable:
    match tree:
        case Comparison():
            return _comparison(tree, context)
        case Like():
            return _like(tree, context)
        case Between():
            return _between(tree, context)
        case In():
            return listed(tree, context.columns, context.bound)
        case IsNull(value):
            return sql.SQL("({} IS NULL)").format(context.columns[value.name].expression)


def _comparison(tree: Comparison, context: FilterContext) -> sql.Composable:
    left = scalar_sql(tree.left, context.columns, context.bound)
    right = scalar_sql(tree.right, context.columns, context.bound)
    comparable(left, right)
    if ValueKind.BOOLEAN in (left.kind, right.kind) and tree.comparator not in _EQUALITY:
        raise FeatureRequestError(f"{left.name}の真偽値は = か <> でだけ比べられます。")
    return sql.SQL("({} {} {})").format(left.expression, _COMPARATORS[tree.comparator], right.expression)


def _like(tree: Like, context: FilterContext) -> sql.Composable:
    value = scalar_sql(tree.value, context.columns, context.bound)
    pattern = scalar_sql(tree.pattern, context.columns, context.bound)
    comparable(value, pattern)
    return sql.SQL("({} LIKE {})").format(value.expression, pattern.expression)


def _between(tree: Between, context: FilterContext) -> sql.Composable:
    scalars = (tree.value, tree.low, tree.high)
    value, low, high = (scalar_sql(part, context.columns, context.bound) for part in scalars)
    comparable(value, low)
    comparable(value, high)
    if value.kind is ValueKind.BOOLEAN:
        raise FeatureRequestError(f"{value.name}の真偽値は BETWEEN では比べられません。")
    return sql.SQL("({} BETWEEN {} AND {})").format(value.expression, low.expression, high.expression)
