"""The tree as CQL2 JSON, from which the same tree is read again."""

from datetime import date, datetime
from decimal import Decimal
from typing import TypeAlias

import orjson
import shapely

from gis.filters.to_text import box_numbers, written_instant
from gis.filters.tree import (
    Always,
    And,
    Between,
    Comparison,
    Filter,
    Folded,
    In,
    Interval,
    IsNull,
    Like,
    Not,
    Or,
    Place,
    Predicate,
    Property,
    Scalar,
    Shape,
    Spatial,
    Temporal,
    Time,
)

Json: TypeAlias = object
"""What orjson writes: dicts with text keys, lists, texts, numbers, booleans."""


def as_json(tree: Filter) -> Json:
    """CQL2 JSON of the tree; a number with a fraction becomes the nearest floating-point number."""
    match tree:
        case Always(value):
            return value
        case And(parts):
            return _call("and", *map(as_json, parts))
        case Or(parts):
            return _call("or", *map(as_json, parts))
        case Not(part):
            return _call("not", as_json(part))
        case _:
            operator, arguments = _predicate(tree)
            return _call(operator, *arguments)


def _predicate(tree: Predicate) -> tuple[str, list[Json]]:
    match tree:
        case Comparison(comparator, left, right):
            return comparator.value, [_scalar(left), _scalar(right)]
        case Between(inner, low, high):
            return "between", [_scalar(inner), _scalar(low), _scalar(high)]
        case In(inner, options):
            return "in", [_scalar(inner), [_scalar(option) for option in options]]
        case IsNull(name):
            return "isNull", [_scalar(name)]
        case _:
            return _relation(tree)


def _relation(tree: Like | Spatial | Temporal) -> tuple[str, list[Json]]:
    match tree:
        case Like(subject, pattern):
            return "like", [_scalar(subject), _scalar(pattern)]
        case Spatial(where, here, there):
            return where.value, [_place(here), _place(there)]
        case Temporal(when, earlier, later):
            return when.value, [_time(earlier), _time(later)]


def _call(operator: str, *arguments: Json) -> Json:
    return {"op": operator, "args": list(arguments)}


def _scalar(value: Scalar) -> Json:
    match value:
        case Property(name):
            return {"property": name}
        case Folded(text):
            return _call("casei", _scalar(text))
        case Decimal():
            return float(value)
        case date():
            return _instant(value)
        case _:
            return value


def _instant(value: date | datetime) -> Json:
    return {"timestamp" if isinstance(value, datetime) else "date": written_instant(value)}


def _place(value: Place) -> Json:
    if isinstance(value, Property):
        return {"property": value.name}
    if isinstance(value, Shape):
        return orjson.loads(shapely.to_geojson(value.geometry))
    return {"bbox": box_numbers(value)}


def _time(value: Time) -> Json:
    if isinstance(value, Property):
        return {"property": value.name}
    if isinstance(value, Interval):
        return {"interval": [_end(value.start), _end(value.end)]}
    return _instant(value)


def _end(value: Property | date | datetime | None) -> Json:
    if value is None:
        return ".."
    return {"property": value.name} if isinstance(value, Property) else written_instant(value)
