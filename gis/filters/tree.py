"""The tree of a filter: only what is listed here can be asked, whatever was written."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import TypeAlias

from shapely.geometry.base import BaseGeometry


class Comparator(StrEnum):
    """How two values are compared."""

    EQUAL = "="
    NOT_EQUAL = "<>"
    LESS = "<"
    GREATER = ">"
    AT_MOST = "<="
    AT_LEAST = ">="


class SpatialRelation(StrEnum):
    """The relations of OGC 06-103r4, as CQL2 names them."""

    INTERSECTS = "s_intersects"
    WITHIN = "s_within"
    CONTAINS = "s_contains"
    DISJOINT = "s_disjoint"
    TOUCHES = "s_touches"
    CROSSES = "s_crosses"
    OVERLAPS = "s_overlaps"
    EQUALS = "s_equals"


class TemporalRelation(StrEnum):
    """Allen's relations as CQL2 JSON names them; an instant is an interval whose start is its end."""

    AFTER = "t_after"
    BEFORE = "t_before"
    CONTAINS = "t_contains"
    DISJOINT = "t_disjoint"
    DURING = "t_during"
    EQUALS = "t_equals"
    FINISHED_BY = "t_finishedBy"
    FINISHES = "t_finishes"
    INTERSECTS = "t_intersects"
    MEETS = "t_meets"
    MET_BY = "t_metBy"
    OVERLAPPED_BY = "t_overlappedBy"
    OVERLAPS = "t_overlaps"
    STARTED_BY = "t_startedBy"
    STARTS = "t_starts"


@dataclass(frozen=True)
class Property:
    """A value of the row, by its name."""

    name: str


@dataclass(frozen=True)
class Folded:
    """A text without regard to upper and lower case (`casei`)."""

    text: Property | str


Literal: TypeAlias = str | int | Decimal | bool | date | datetime
"""What may stand for a value; a number with a fraction is kept as it was written."""
Scalar: TypeAlias = Property | Folded | Literal


@dataclass(frozen=True)
class Shape:
    """A geometry as it was written: x, y in the order of the filter's CRS, two-dimensional, valid, not empty."""

    geometry: BaseGeometry


@dataclass(frozen=True)
class Box:
    """A box in the order of the filter's CRS: the lower corner, then the upper."""

    first_low: float
    second_low: float
    first_high: float
    second_high: float


@dataclass(frozen=True)
class Interval:
    """A period with both ends in it; None is an end that stays open."""

    start: Property | date | datetime | None
    end: Property | date | datetime | None


Place: TypeAlias = Property | Shape | Box
Time: TypeAlias = Property | date | datetime | Interval


@dataclass(frozen=True)
class Always:
    """TRUE or FALSE."""

    value: bool


@dataclass(frozen=True)
class And:
    """All parts hold; never fewer than two, never an And."""

    parts: tuple["Filter", ...]


@dataclass(frozen=True)
class Or:
    """One part holds at least; never fewer than two, never an Or."""

    parts: tuple["Filter", ...]


@dataclass(frozen=True)
class Not:
    """The part does not hold."""

    part: "Filter"


@dataclass(frozen=True)
class Comparison:
    """Two values, compared."""

    comparator: Comparator
    left: Scalar
    right: Scalar


@dataclass(frozen=True)
class Like:
    """A text that fits a pattern: `%` any letters, `_` one letter, `\\` takes the next as it stands."""

    value: Property | Folded
    pattern: str | Folded


@dataclass(frozen=True)
class Between:
    """A value between two others, both included."""

    value: Scalar
    low: Scalar
    high: Scalar


@dataclass(frozen=True)
class In:
    """A value that is one of a list."""

    value: Scalar
    options: tuple[Literal | Folded, ...]


@dataclass(frozen=True)
class IsNull:
    """A value that is not there."""

    value: Property


@dataclass(frozen=True)
class Spatial:
    """Two places in a spatial relation."""

    relation: SpatialRelation
    left: Place
    right: Place


@dataclass(frozen=True)
class Temporal:
    """Two times in a temporal relation."""

    relation: TemporalRelation
    left: Time
    right: Time


Predicate: TypeAlias = Comparison | Like | Between | In | IsNull | Spatial | Temporal
Filter: TypeAlias = Always | And | Or | Not | Predicate


def all_of(parts: list[Filter]) -> Filter:
    """The conjunction, with conjunctions among the parts taken apart."""
    flat = tuple(_flattened(parts, And))
    return flat[0] if len(flat) == 1 else And(flat)


def any_of(parts: list[Filter]) -> Filter:
    """The disjunction, with disjunctions among the parts taken apart."""
    flat = tuple(_flattened(parts, Or))
    return flat[0] if len(flat) == 1 else Or(flat)


def _flattened(parts: list[Filter], kind: type[And] | type[Or]) -> Iterator[Filter]:
    for part in parts:
        if isinstance(part, kind):
            yield from part.parts
        else:
            yield part
