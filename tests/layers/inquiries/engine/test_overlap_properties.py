"""What holds for every parcel, zone and band."""

from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import MultiPoint, Polygon, box
from shapely.geometry.base import BaseGeometry

from layers.inquiries.model import Finding
from layers.store.outcomes import Outcome
from tests.layers.inquiries.engine.engine_samples import THEME, ask, evidence, parcel

metres = st.integers(0, 200).map(float)
bands = st.floats(0.01, 60.0)


@st.composite
def shapes(draw: st.DrawFn) -> BaseGeometry:
    """The hull of some points on a lattice, so that edges often coincide; never flat."""
    points = draw(st.lists(st.tuples(metres, metres), min_size=3, max_size=8))
    hull = MultiPoint(points).convex_hull
    return hull if isinstance(hull, Polygon) else box(*points[0], points[0][0] + 10, points[0][1] + 10)


def judged(one: BaseGeometry, zones: list[BaseGeometry], band: float) -> Finding:
    return ask(parcel(one), THEME, evidence(list(zones), error_m=band))


def number(finding: Finding, name: str) -> float:
    value = finding.measure.get(name, 0.0)
    assert isinstance(value, (int, float))
    return float(value)


@settings(max_examples=60, deadline=None)
@given(shapes(), st.lists(shapes(), min_size=1, max_size=3), bands, bands)
def test_a_wider_band_never_decides_what_a_narrower_one_left_open(
    one: BaseGeometry, zones: list[BaseGeometry], first: float, second: float
) -> None:
    narrow, wide = sorted((first, second))
    before, after = judged(one, zones, narrow), judged(one, zones, wide)
    assert after.outcome in {before.outcome, Outcome.NEAR_BOUNDARY}
    assert number(after, "overlap_min_m2") <= number(before, "overlap_min_m2") + 0.5
    assert number(after, "overlap_max_m2") >= number(before, "overlap_max_m2") - 0.5


@settings(max_examples=60, deadline=None)
@given(shapes(), st.lists(shapes(), min_size=1, max_size=3), bands)
def test_an_overlap_that_is_drawn_is_never_a_no(one: BaseGeometry, zones: list[BaseGeometry], band: float) -> None:
    drawn = max(one.intersection(zone).area for zone in zones)
    if drawn >= 1.0:
        assert judged(one, zones, band).outcome is not Outcome.DOES_NOT_APPLY


@settings(max_examples=60, deadline=None)
@given(shapes(), st.lists(shapes(), min_size=1, max_size=3), bands)
def test_what_applies_is_drawn(one: BaseGeometry, zones: list[BaseGeometry], band: float) -> None:
    if judged(one, zones, band).outcome is Outcome.APPLIES:
        assert sum(one.intersection(zone).area for zone in zones) >= 1.0


@settings(max_examples=60, deadline=None)
@given(shapes(), st.lists(shapes(), min_size=1, max_size=3), bands)
def test_a_no_means_farther_than_the_band(one: BaseGeometry, zones: list[BaseGeometry], band: float) -> None:
    nearest = min(one.distance(zone) for zone in zones)
    outcome = judged(one, zones, band).outcome
    assert (outcome is Outcome.DOES_NOT_APPLY) == (nearest > band)


@settings(max_examples=60, deadline=None)
@given(shapes(), shapes(), bands)
def test_the_drawn_overlap_lies_between_the_least_and_the_most(
    one: BaseGeometry, zone: BaseGeometry, band: float
) -> None:
    finding = judged(one, [zone], band)
    least, drawn, most = (number(finding, name) for name in ("overlap_min_m2", "overlap_m2", "overlap_max_m2"))
    assert 0 <= least <= drawn <= most <= one.area + 0.01


@settings(max_examples=60, deadline=None)
@given(shapes(), st.lists(shapes(), min_size=1, max_size=3))
def test_without_a_band_the_answer_is_the_plain_overlay(one: BaseGeometry, zones: list[BaseGeometry]) -> None:
    joined = zones[0]
    for zone in zones[1:]:
        joined = joined.union(zone)
    drawn = one.intersection(joined).area
    if abs(drawn - 1.0) < 1e-6:
        return
    expected = Outcome.APPLIES if drawn >= 1.0 else Outcome.DOES_NOT_APPLY
    assert judged(one, zones, 0.0).outcome is expected


@settings(max_examples=60, deadline=None)
@given(shapes(), st.lists(shapes(), min_size=2, max_size=4), bands)
def test_the_order_of_the_rows_does_not_matter(one: BaseGeometry, zones: list[BaseGeometry], band: float) -> None:
    forth, back = judged(one, zones, band), judged(one, zones[::-1], band)
    assert forth.outcome is back.outcome
    assert abs(number(forth, "overlap_m2") - number(back, "overlap_m2")) < 0.02


@settings(max_examples=60, deadline=None)
@given(shapes(), shapes(), bands)
def test_a_parcel_undetermined_is_decided_only_where_any_parcel_would_be(
    one: BaseGeometry, zone: BaseGeometry, band: float
) -> None:
    held = evidence([zone], error_m=band)
    plain = ask(parcel(one), THEME, held).outcome
    undetermined = ask(replace(parcel(one), undetermined=True), THEME, held).outcome
    assert undetermined in {plain, Outcome.NEAR_BOUNDARY}
