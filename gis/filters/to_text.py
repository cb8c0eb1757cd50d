"""The tree as CQL2 text, from which the same tree is read again."""

import re
from datetime import UTC, date, datetime
from decimal import Decimal

import shapely

from gis.filters.tree import (
    Always,
    And,
    Between,
    Box,
    Comparison,
    Filter,
    Folded,
    In,
    Interval,
    IsNull,
    Like,
    Literal,
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

# quoted otherwise, so that no property can be taken for a word of the grammar
_PLAIN = re.compile(r"[a-z][a-z0-9]*_[a-z0-9_]*")


def to_text(tree: Filter) -> str:
    """CQL2 text of the tree; every part of a conjunction, disjunction or negation stands in parentheses."""
    match tree:
        case And(parts):
            return " AND ".join(f"({to_text(part)})" for part in parts)
        case Or(parts):
            return " OR ".join(f"({to_text(part)})" for part in parts)
        case Not(part):
            return f"NOT ({to_text(part)})"
        case Always(value):
            return "TRUE" if value else "FALSE"
        case _:
            return _predicate(tree)


def _predicate(tree: Predicate) -> str:
    match tree:
        case Comparison(comparator, left, right):
            return f"{_scalar(left)} {comparator.value} {_scalar(right)}"
        case Like(value, pattern):
            return f"{_scalar(value)} LIKE {_scalar(pattern)}"
        case Between(value, low, high):
            return f"{_scalar(value)} BETWEEN {_scalar(low)} AND {_scalar(high)}"
        case In(value, options):
            return f"{_scalar(value)} IN ({', '.join(map(_scalar, options))})"
        case IsNull(value):
            return f"{_name(value)} IS NULL"
        case _:
            return _relation(tree)


def _relation(tree: Spatial | Temporal) -> str:
    match tree:
        case Spatial(relation, left, right):
            return f"{relation.value.upper()}({_place(left)}, {_place(right)})"
        case Temporal(relation, earlier, later):
            return f"{relation.value.upper()}({_time(earlier)}, {_time(later)})"


def _scalar(value: Scalar) -> str:
    if isinstance(value, Property):
        return _name(value)
    if isinstance(value, Folded):
        return f"CASEI({_scalar(value.text)})"
    return _literal(value)


def _literal(value: Literal) -> str:
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, int | Decimal):
        return str(value)
    if isinstance(value, str):
        return _quoted(value)
    return _instant(value)


def _instant(value: date | datetime) -> str:
    kind = "TIMESTAMP" if isinstance(value, datetime) else "DATE"
    return f"{kind}({_quoted(written_instant(value))})"


def written_instant(value: date | datetime) -> str:
    """A date as YYYY-MM-DD, a moment as RFC 3339 with its offset, Z where that is nought."""
    text = value.isoformat()
    return text.replace("+00:00", "Z") if isinstance(value, datetime) and value.tzinfo == UTC else text


def _quoted(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"


def _name(value: Property) -> str:
    return value.name if _PLAIN.fullmatch(value.name) else '"' + value.name.replace('"', '""') + '"'


def _place(value: Place) -> str:
    if isinstance(value, Property):
        return _name(value)
    if isinstance(value, Shape):
        return str(shapely.to_wkt(value.geometry, rounding_precision=-1))
    return f"BBOX({', '.join(map(repr, box_numbers(value)))})"


def box_numbers(box: Box) -> list[float]:
    """The four numbers of a box as they are written."""
    return [box.first_low, box.second_low, box.first_high, box.second_high]


def _time(value: Time) -> str:
    if isinstance(value, Property):
        return _name(value)
    if isinstance(value, Interval):
        return f"INTERVAL({_end(value.start)}, {_end(value.end)})"
    return _instant(value)


def _end(value: Property | date | datetime | None) -> str:
    if value is None:
        return "'..'"
    return _name(value) if isinstance(value, Property) else _quoted(written_instant(value))
