"""Any filter that can be asked, for property tests."""

from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal

from hypothesis import strategies as st
from shapely.geometry import LineString, MultiPoint, Point, box

from gis.filters.tree import (
    Always,
    Between,
    Box,
    Comparator,
    Comparison,
    Filter,
    Folded,
    In,
    Interval,
    IsNull,
    Like,
    Not,
    Property,
    Shape,
    Spatial,
    SpatialRelation,
    Temporal,
    TemporalRelation,
    all_of,
    any_of,
)

letters = st.characters(exclude_categories=["Cs"], exclude_characters="\x00")
texts = st.text(letters, max_size=12)
names = st.one_of(st.sampled_from(["oaza", "area_m2", "地番", "and", "TRUE", "point", 'a"b', "x; drop"]), texts)
whole = st.integers(-(2**53), 2**53)
fractions = (
    st.floats(-1e15, 1e15)
    .filter(lambda value: value == 0 or abs(value) > 1e-290)
    .map(lambda value: Decimal(repr(value)))
)
numbers = st.one_of(whole, fractions.map(lambda value: int(value) if value == int(value) else value.normalize()))
offsets = st.integers(-14 * 60, 14 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))
days = st.dates(date(1000, 1, 1))
moments = st.datetimes(datetime(1000, 1, 1), datetime(2999, 1, 1), timezones=st.one_of(st.just(UTC), offsets))  # noqa: DTZ001
constants = st.one_of(texts, numbers, st.booleans(), days, moments)
patterns = texts.filter(lambda text: not text.endswith("\\"))
# fractions of a power of two, so that both readers of numbers agree to the last bit
coordinates = st.integers(-(10**6), 10**6).map(lambda value: value / 64)
points = st.builds(Point, coordinates, coordinates)
boxes = st.builds(
    lambda x, y, width, height: box(x, y, x + width, y + height),
    *[st.integers(-90, 90), st.integers(-90, 90), st.integers(1, 5), st.integers(1, 5)],
)
lines = st.lists(st.tuples(coordinates, coordinates), min_size=2, max_size=4, unique=True).map(LineString)
shapes = st.builds(Shape, st.one_of(points, boxes, lines, st.lists(points, min_size=1, max_size=3).map(MultiPoint)))
shapes_and_boxes = st.one_of(shapes, st.builds(Box, coordinates, coordinates, coordinates, coordinates))


def _interval(ends: tuple[date, date], open_start: bool, open_end: bool) -> Interval:
    start, end = sorted(ends)
    return Interval(None if open_start else start, None if open_end else end)


intervals = st.builds(
    _interval, st.one_of(st.tuples(days, days), st.tuples(moments, moments)), st.booleans(), st.booleans()
)


def filters_over(names: st.SearchStrategy[str]) -> st.SearchStrategy[Filter]:
    """Any filter whose properties have those names."""
    properties = st.builds(Property, names)
    folded = st.builds(Folded, st.one_of(properties, texts))
    scalars = st.one_of(properties, folded, constants)
    places = st.one_of(properties, shapes_and_boxes)
    times = st.one_of(properties, days, moments, intervals, st.builds(Interval, properties, properties))
    options = st.lists(st.one_of(constants, st.builds(Folded, texts)), min_size=1, max_size=4).map(tuple)
    predicates = st.one_of(
        st.builds(Always, st.booleans()),
        st.builds(Comparison, st.sampled_from(Comparator), scalars, scalars),
        st.builds(Like, st.one_of(properties, folded), st.one_of(patterns, st.builds(Folded, patterns))),
        st.builds(Between, scalars, scalars, scalars),
        st.builds(In, scalars, options),
        st.builds(IsNull, properties),
        st.builds(Spatial, st.sampled_from(SpatialRelation), places, places),
        st.builds(Temporal, st.sampled_from(TemporalRelation), times, times),
    )
    return st.recursive(predicates, _joined, max_leaves=8)


def _joined(inner: st.SearchStrategy[Filter]) -> st.SearchStrategy[Filter]:
    several = st.lists(inner, min_size=2, max_size=3)
    return st.one_of(st.builds(Not, inner), several.map(all_of), several.map(any_of))


filters = filters_over(names)
