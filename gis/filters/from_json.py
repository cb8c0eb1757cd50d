"""CQL2 JSON to the tree (OGC 21-065r2, clause 9)."""

import math
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import orjson

from gis.errors import FilterError
from gis.filters import literals
from gis.filters.boxes import box_of
from gis.filters.text_places import checked_interval
from gis.filters.tree import (
    Always,
    Between,
    Comparator,
    Comparison,
    Filter,
    Folded,
    In,
    Interval,
    IsNull,
    Like,
    Literal,
    Not,
    Place,
    Property,
    Scalar,
    Shape,
    Spatial,
    SpatialRelation,
    Temporal,
    TemporalRelation,
    Time,
    all_of,
    any_of,
)

_COMPARATORS = {comparator.value: comparator for comparator in Comparator}
_SPATIAL = {relation.value: relation for relation in SpatialRelation}
_TEMPORAL = {relation.value: relation for relation in TemporalRelation}
_EXACT_BELOW = 2**63


def from_json(text: str | bytes) -> Filter:
    """The tree of a CQL2 JSON. Raises FilterError in one sentence that names the place as a path of keys."""
    if len(text) > literals.MAX_LENGTH:
        raise FilterError(f"フィルタが長すぎます（{literals.MAX_LENGTH:,}文字まで）。")
    try:
        document = orjson.loads(text)
    except orjson.JSONDecodeError as error:
        raise FilterError(f"フィルタを JSON として読めません（{error.lineno}行{error.colno}文字目）。") from error
    return _Reading().filter(document, "フィルタ", 0)


class _Reading:
    """One document being read; counts its parts."""

    def __init__(self) -> None:
        self._parts = 0

    def filter(self, value: Any, place: str, depth: int) -> Filter:
        self._count(place)
        if isinstance(value, bool):
            return Always(value)
        if depth > literals.MAX_DEPTH:
            raise FilterError(f"フィルタの入れ子が深すぎます（{literals.MAX_DEPTH}段まで）。")
        operator, arguments = _operation(value, place)
        place = f"{place}の {operator} "
        if operator in {"and", "or"}:
            if not arguments:
                raise FilterError(f"{place}には条件を1つ以上書いてください。")
            parts = [self.filter(part, place, depth + 1) for part in arguments]
            return all_of(parts) if operator == "and" else any_of(parts)
        if operator == "not":
            (part,) = _exactly(1, arguments, place)
            return Not(self.filter(part, place, depth + 1))
        return self._predicate(operator, arguments, place)

    def _predicate(self, operator: str, arguments: list[Any], place: str) -> Filter:
        if operator in _COMPARATORS:
            left, right = _exactly(2, arguments, place)
            return Comparison(_COMPARATORS[operator], _scalar(left, place), _scalar(right, place))
        if operator in _SPATIAL:
            left, right = _exactly(2, arguments, place)
            return Spatial(_SPATIAL[operator], _place(left, place), _place(right, place))
        if operator in _TEMPORAL:
            left, right = _exactly(2, arguments, place)
            return Temporal(_TEMPORAL[operator], _time(left, place), _time(right, place))
        if operator == "in":
            return self._in(arguments, place)
        return _on_values(operator, arguments, place)

    def _in(self, arguments: list[Any], place: str) -> Filter:
        value, options = _exactly(2, arguments, place)
        if not isinstance(options, list) or not options:
            raise FilterError(f"{place}の2つめには値の並びを書いてください。")
        read: list[Literal | Folded] = []
        for option in options:
            self._count(place)
            scalar = _scalar(option, place)
            if isinstance(scalar, Property) or (isinstance(scalar, Folded) and isinstance(scalar.text, Property)):
                raise FilterError(f"{place}の並びには値だけを書いてください。")
            read.append(scalar)
        return In(_scalar(value, place), tuple(read))

    def _count(self, place: str) -> None:
        self._parts += 1
        if self._parts > literals.MAX_PARTS:
            raise FilterError(f"{place}の条件が多すぎます（{literals.MAX_PARTS:,}個まで）。")


def _operation(value: Any, place: str) -> tuple[str, list[Any]]:
    if not isinstance(value, dict) or set(value) != {"op", "args"}:
        raise FilterError(f'{place}には {{"op": …, "args": […]}} の形の条件を書いてください。')
    operator, arguments = value["op"], value["args"]
    if not isinstance(operator, str) or not isinstance(arguments, list):
        raise FilterError(f"{place}の op は文字列、args は並びにしてください。")
    return operator[:60], arguments


def _exactly(count: int, arguments: list[Any], place: str) -> list[Any]:
    if len(arguments) != count:
        raise FilterError(f"{place}の args は{count}個にしてください。")
    return arguments


def _on_values(operator: str, arguments: list[Any], place: str) -> Filter:
    if operator == "between":
        value, low, high = (_scalar(part, place) for part in _exactly(3, arguments, place))
        return Between(value, low, high)
    if operator == "like":
        return _like(arguments, place)
    if operator == "isNull":
        (name,) = _exactly(1, arguments, place)
        return IsNull(_property(name, place))
    raise FilterError(f"{place}という演算は使えません。")


def _like(arguments: list[Any], place: str) -> Filter:
    subject, wanted = (_scalar(part, place) for part in _exactly(2, arguments, place))
    if not isinstance(subject, Property | Folded):
        raise FilterError(f"{place}の1つめには項目を書いてください。")
    written = wanted.text if isinstance(wanted, Folded) else wanted
    if not isinstance(written, str):
        raise FilterError(f"{place}の2つめには文字列を書いてください。")
    literals.pattern(written, place)
    return Like(subject, wanted if isinstance(wanted, Folded) else written)


def _property(value: Any, place: str) -> Property:
    if not isinstance(value, dict) or set(value) != {"property"} or not isinstance(value["property"], str):
        raise FilterError(f'{place}には {{"property": "項目名"}} を書いてください。')
    return Property(literals.text(value["property"], place))


def _scalar(value: Any, place: str) -> Scalar:
    if isinstance(value, bool):
        return value
    if isinstance(value, str):
        return literals.text(value, place)
    if isinstance(value, int | float):
        return _number(value, place)
    if isinstance(value, dict):
        if "date" in value or "timestamp" in value:
            return _instant(value, place)
        if value.get("op") == "casei":
            return _folded(value, place)
        if "op" in value:
            raise FilterError(f"{place}の中の「{str(value['op'])[:60]}」という計算や関数は使えません。")
    return _property(value, place)


def _number(value: int | float, place: str) -> int | Decimal:
    if isinstance(value, float):
        # larger whole numbers lose their last digits on the way
        if not math.isfinite(value) or abs(value) >= _EXACT_BELOW:
            raise FilterError(f"{place}の数は大きさが扱える範囲を超えています。")
        return literals.number(repr(value), place)
    return value


def _folded(value: dict[str, Any], place: str) -> Folded:
    _, arguments = _operation(value, place)
    (inner,) = _exactly(1, arguments, place)
    if isinstance(inner, str):
        return Folded(literals.text(inner, place))
    return Folded(_property(inner, place))


def _instant(value: dict[str, Any], place: str) -> date | datetime:
    ((kind, written), *others) = value.items()
    if others or not isinstance(written, str):
        raise FilterError(f'{place}の日付や日時は {{"date": "2024-01-01"}} の形で書いてください。')
    return literals.day(written, place) if kind == "date" else literals.moment(written, place)


def _place(value: Any, place: str) -> Place:
    if isinstance(value, dict) and set(value) == {"bbox"}:
        numbers = value["bbox"]
        if not isinstance(numbers, list) or not all(_is_number(number) for number in numbers):
            raise FilterError(f"{place}の bbox には数の並びを書いてください。")
        return box_of([float(number) for number in numbers], place)
    if isinstance(value, dict) and "type" in value:
        return Shape(literals.geojson(orjson.dumps(value).decode(), value["type"], place))
    return _property(value, place)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _time(value: Any, place: str) -> Time:
    if isinstance(value, dict) and set(value) == {"interval"}:
        ends = value["interval"]
        if not isinstance(ends, list):
            raise FilterError(f"{place}の interval には始まりと終わりを並べてください。")
        start, end = (_end(part, place) for part in _exactly(2, ends, place))
        return checked_interval(Interval(start, end), place)
    if isinstance(value, dict) and ("date" in value or "timestamp" in value):
        return _instant(value, place)
    return _property(value, place)


def _end(value: Any, place: str) -> Property | date | datetime | None:
    if isinstance(value, str):
        return None if value in {"..", ""} else literals.instant(value, place)
    if isinstance(value, dict) and ("date" in value or "timestamp" in value):
        return _instant(value, place)
    return _property(value, place)
