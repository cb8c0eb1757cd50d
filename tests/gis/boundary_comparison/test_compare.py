"""A surveyed boundary against registered lines: exact, honest about both errors, and about what it cannot say."""

import math
from dataclasses import replace

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from gis.boundary_comparison.along import WITHIN_M
from gis.boundary_comparison.compare import compare
from gis.boundary_comparison.ground import field_of
from gis.boundary_comparison.model import TWO_SIDED_95, Comparison, RegisteredParcel, Verdict, combined_m, verdict_of
from gis.positioning.model import FixQuality, SurveyedBoundary
from tests.gis.boundary_comparison.shapes import EAST, NORTH, PLOT, moved, parcel, surveyed

RIGHT = [(40.0, 0.0), (80.0, 0.0), (80.0, 25.0), (40.0, 25.0)]


def compared(boundary: SurveyedBoundary, *parcels: RegisteredParcel) -> Comparison:
    found = compare(boundary, parcels)
    assert found is not None
    return found


@st.composite
def stars(draw: st.DrawFn) -> list[tuple[float, float]]:
    """Simple polygons of 4 to 12 corners, 10 to 40 m around a middle."""
    count = draw(st.integers(4, 12))
    radii = draw(st.lists(st.floats(10, 40), min_size=count, max_size=count))
    turn = draw(st.floats(0, 2 * math.pi))
    angles = [turn + 2 * math.pi * step / count for step in range(count)]
    return [(radius * math.cos(angle), radius * math.sin(angle)) for radius, angle in zip(radii, angles, strict=True)]


@given(stars())
@settings(deadline=None)
def test_a_field_that_is_the_parcel_lies_on_its_line_everywhere(points: list[tuple[float, float]]) -> None:
    found = compared(surveyed(points), parcel("1", points))
    assert [place.distance_m for place in found.corners] == pytest.approx([0.0] * len(points), abs=1e-8)
    assert found.between == ()
    assert {place.verdict for place in found.corners} == {Verdict.WITHIN}


@given(stars(), st.floats(-2, 2), st.floats(-2, 2))
@settings(deadline=None)
def test_a_field_moved_by_some_way_is_nowhere_further_off_than_that(
    points: list[tuple[float, float]], east: float, north: float
) -> None:
    found = compared(surveyed(moved(points, east, north)), parcel("1", points))
    assert max(abs(place.distance_m) for place in found.places) <= math.hypot(east, north) + 1e-8


@given(stars(), stars())
@settings(deadline=None, max_examples=40)
def test_distances_and_signs_are_those_of_a_plain_search(
    points: list[tuple[float, float]], drawn: list[tuple[float, float]]
) -> None:
    """Segment by segment and point by point, without any index."""
    found = compared(surveyed(points), parcel("1", drawn))
    edges = list(zip(drawn, [*drawn[1:], drawn[0]], strict=True))

    def plainly(x: float, y: float) -> float:
        away = min(_to_segment(x, y, *edge) for edge in edges)
        return -away if _is_inside(x, y, drawn) else away

    for place, (x, y) in zip(found.corners, points, strict=True):
        assert place.distance_m == pytest.approx(plainly(x, y), abs=1e-6)
        assert math.hypot(place.x - place.foot_x, place.y - place.foot_y) == pytest.approx(
            abs(place.distance_m), abs=1e-6
        )
    steps = [
        plainly(a[0] + (b[0] - a[0]) * part, a[1] + (b[1] - a[1]) * part)
        for a, b in zip(points, [*points[1:], points[0]], strict=True)
        for part in np.linspace(0, 1, 60)
    ]
    told_m = 0.05 + WITHIN_M
    assert found.furthest_out.distance_m >= max(steps) - told_m
    assert found.furthest_in.distance_m <= min(steps) + told_m or min(steps) > 0
    longest_m = max(math.dist(a, b) for a, b in zip(points, [*points[1:], points[0]], strict=True))
    assert found.furthest_out.distance_m <= max(steps) + longest_m / 59


def _to_segment(x: float, y: float, a: tuple[float, float], b: tuple[float, float]) -> float:
    way = (b[0] - a[0], b[1] - a[1])
    part = ((x - a[0]) * way[0] + (y - a[1]) * way[1]) / (way[0] ** 2 + way[1] ** 2)
    part = min(1.0, max(0.0, part))
    return math.hypot(x - a[0] - part * way[0], y - a[1] - part * way[1])


def _is_inside(x: float, y: float, points: list[tuple[float, float]]) -> bool:
    inside = False
    for (ax, ay), (bx, by) in zip(points, [*points[1:], points[0]], strict=True):
        if (ay > y) != (by > y) and x < (bx - ax) * (y - ay) / (by - ay) + ax:
            inside = not inside
    return inside


@given(st.floats(0, 5), st.floats(0, 5), st.floats(0.01, 3), st.floats(0.005, 0.5))
def test_what_is_beyond_the_error_stays_so_when_it_is_further_off(
    near: float, far: float, limit_m: float, sigma_m: float
) -> None:
    near, far = sorted((near, far))
    uncertainty_m = combined_m(limit_m, sigma_m)
    if verdict_of(near, uncertainty_m, centimetre=True) is Verdict.BEYOND:
        assert verdict_of(far, uncertainty_m, centimetre=True) is Verdict.BEYOND
        assert verdict_of(-far, uncertainty_m, centimetre=True) is Verdict.BEYOND


@pytest.mark.parametrize(("mean_square_m", "limit_m"), [(0.02, 0.06), (0.07, 0.20), (0.25, 0.75), (1.0, 3.0)])
def test_the_uncertainty_holds_the_truth_in_at_least_95_of_100_cases(mean_square_m: float, limit_m: float) -> None:
    chance = np.random.default_rng(20260401)
    for sigma_m in (0.01, 0.03, 0.5):
        error = chance.normal(0, mean_square_m, 100_000) + chance.normal(0, sigma_m, 100_000)
        assert np.mean(np.abs(error) <= combined_m(limit_m, sigma_m)) >= 0.95


def test_a_ridge_beyond_the_tolerance_is_told_with_its_distance_and_both_errors_joined() -> None:
    over = [PLOT[0], PLOT[1], (40.84, 25.0), PLOT[3]]
    found = compared(surveyed(over), parcel("12-1", PLOT))
    worst = found.furthest_out
    assert worst.distance_m == pytest.approx(0.84)
    assert worst.uncertainty_m == pytest.approx(math.hypot(0.75, 1.96 * 0.02), abs=1e-5)
    assert (worst.verdict, worst.parcel, worst.vertex) == (Verdict.BEYOND, "12-1", 2)
    assert (worst.foot_x, worst.foot_y) == pytest.approx((EAST + 40, NORTH + 25))


def test_a_ridge_inside_the_line_has_a_negative_distance() -> None:
    found = compared(surveyed(moved(PLOT, 0.0, 1.0)), parcel("12-1", PLOT))
    assert found.corners[0].distance_m == 0.0
    assert found.corners[2].distance_m == pytest.approx(1.0)
    narrow = [(1.0, 1.0), (39.0, 1.0), (39.0, 24.0), (1.0, 24.0)]
    inside = compared(surveyed(narrow), parcel("12-1", PLOT))
    assert [place.distance_m for place in inside.corners] == pytest.approx([-1.0] * 4)
    assert [place.verdict for place in inside.beyond(outside=False)] == [Verdict.BEYOND] * 4


@pytest.mark.parametrize("quality", [FixQuality.RTK_FLOAT, FixQuality.SINGLE, None])
def test_nothing_is_said_where_a_corner_is_not_centimetre(quality: FixQuality | None) -> None:
    boundary = surveyed(moved(PLOT, 2.0, 0.0))
    rough = replace(boundary.outer[1], quality=quality, sigma_m=0.4)
    found = compared(replace(boundary, outer=[boundary.outer[0], rough, *boundary.outer[2:]]), parcel("1", PLOT))
    assert [place.verdict for place in found.corners] == [
        Verdict.WITHIN if place.vertex in {0, 3} and abs(place.distance_m) <= 0.75 else place.verdict
        for place in found.corners
    ]
    assert found.corners[1].verdict is Verdict.TOO_COARSE
    assert found.corners[2].verdict is Verdict.BEYOND


def test_a_registered_corner_that_the_ridge_cuts_off_between_two_corners_is_found() -> None:
    """The drawn line has a notch 3 m deep that the straight ridge crosses."""
    notched = [(0.0, 0.0), (18.0, 0.0), (20.0, 3.0), (22.0, 0.0), (40.0, 0.0), (40.0, 25.0), (0.0, 25.0)]
    found = compared(surveyed(PLOT), parcel("1", notched))
    assert [place.distance_m for place in found.corners] == pytest.approx([0.0] * 4)
    notch = next(place for place in found.between if place.distance_m > 0)
    assert (notch.vertex, notch.along) == pytest.approx((0, 0.5), abs=0.01)
    assert notch.distance_m == pytest.approx(3 * 2 / math.hypot(3, 2), abs=WITHIN_M)
    assert notch.verdict is Verdict.BEYOND


def test_the_line_between_two_parcels_of_one_field_is_no_line_of_its_edge() -> None:
    both = [(0.0, 0.0), (80.0, 0.0), (80.0, 25.0), (0.0, 25.0)]
    found = compared(surveyed(moved(both, 0.0, 0.3)), parcel("1", PLOT), parcel("2", RIGHT))
    assert {one.parcel.key for one in found.ground} == {"1", "2"}
    assert found.neighbours == ()
    assert max(abs(place.distance_m) for place in found.corners) == pytest.approx(0.3)


def test_where_two_parcels_meet_the_wider_tolerance_counts() -> None:
    both = [(0.0, 0.0), (40.0, 0.0), (80.0, 0.0), (80.0, 25.0), (0.0, 25.0)]
    found = compared(surveyed(both), parcel("1", PLOT, limit_m=0.45), parcel("2", RIGHT, limit_m=3.0))
    assert [place.limit_m for place in found.corners] == [0.45, 3.0, 3.0, 3.0, 0.45]


def test_a_neighbour_is_told_with_the_area_and_how_far_the_field_reaches_into_it() -> None:
    wide = [(0.0, 0.0), (41.0, 0.0), (41.0, 25.0), (0.0, 25.0)]
    found = compared(surveyed(wide), parcel("1", PLOT), parcel("2", RIGHT))
    (one,) = found.neighbours
    assert (one.parcel.key, one.verdict) == ("2", Verdict.BEYOND)
    assert (one.overlap_m2, one.reach_m) == pytest.approx((25.0, 1.0))


def test_an_overlap_that_the_map_cannot_tell_from_none_is_within_its_error() -> None:
    wide = [(0.0, 0.0), (40.5, 0.0), (40.5, 25.0), (0.0, 25.0)]
    (one,) = compared(surveyed(wide), parcel("1", PLOT), parcel("2", RIGHT)).neighbours
    assert (one.is_overlapped, one.verdict) == (True, Verdict.WITHIN)


def test_a_neighbour_that_could_be_touched_is_named_and_one_out_of_reach_is_not() -> None:
    narrow = [(0.0, 0.0), (39.5, 0.0), (39.5, 25.0), (0.0, 25.0)]
    far = [(0.0, 27.0), (40.0, 27.0), (40.0, 50.0), (0.0, 50.0)]
    found = compared(surveyed(narrow), parcel("1", PLOT), parcel("2", RIGHT), parcel("3", far))
    (one,) = found.neighbours
    assert (one.parcel.key, one.is_overlapped, one.verdict) == ("2", False, Verdict.WITHIN)
    assert one.reach_m == pytest.approx(-0.5)


def test_a_ditch_that_is_crossed_whole_is_reached_as_far_as_the_field_goes() -> None:
    ditch = [(40.0, 0.0), (41.0, 0.0), (41.0, 25.0), (40.0, 25.0)]
    behind = moved(PLOT, 41.0, 0.0)
    wide = [(0.0, 0.0), (42.0, 0.0), (42.0, 25.0), (0.0, 25.0)]
    found = compared(surveyed(wide), parcel("1", PLOT), parcel("水路", ditch), parcel("2", behind))
    assert [(one.parcel.key, round(one.reach_m, 3)) for one in found.neighbours] == [("2", 2.0), ("水路", 1.0)]


def test_a_pylon_of_its_own_parcel_is_compared_with_the_inner_boundary() -> None:
    pylon = [(18.0, 10.0), (22.0, 10.0), (22.0, 14.0), (18.0, 14.0)]
    left_out = [(18.0, 10.0), (22.0, 10.0), (22.0, 12.8), (18.0, 12.8)]
    found = compared(surveyed(PLOT, left_out), parcel("1", PLOT, pylon), parcel("鉄塔", pylon))
    inner = [place for place in found.corners if place.ring == 1]
    assert [place.distance_m for place in inner] == pytest.approx([0.0] * 4)
    assert (found.furthest_out.ring, found.furthest_out.vertex) == (1, 2)
    assert found.furthest_out.distance_m == pytest.approx(1.2, abs=WITHIN_M)
    assert found.uncompared_rings == ()
    (one,) = found.neighbours
    assert (one.parcel.key, one.verdict) == ("鉄塔", Verdict.BEYOND)
    assert one.overlap_m2 == pytest.approx(4.8)


def test_a_pond_that_the_map_does_not_know_is_compared_with_nothing() -> None:
    pond = [(18.0, 10.0), (22.0, 10.0), (22.0, 14.0)]
    found = compared(surveyed(PLOT, pond), parcel("1", PLOT))
    assert found.uncompared_rings == (1,)
    assert {place.ring for place in found.corners} == {0}


def test_a_field_where_the_map_is_empty_is_not_compared() -> None:
    assert compare(surveyed(PLOT), [parcel("1", moved(PLOT, 200.0, 0.0))]) is None


def test_a_parcel_that_a_field_merely_grazes_is_not_its_ground() -> None:
    assert compare(surveyed(PLOT), [parcel("1", moved(PLOT, 39.0, 0.0))]) is None


def test_ground_without_any_parcel_is_measured() -> None:
    wide = [(0.0, 0.0), (42.0, 0.0), (42.0, 25.0), (0.0, 25.0)]
    assert compared(surveyed(wide), parcel("1", PLOT)).unmapped_m2 == pytest.approx(50.0)


def test_a_neighbour_of_which_a_hand_s_breadth_is_taken_is_not_ground_of_the_field() -> None:
    strip = [(40.0, 0.0), (40.8, 0.0), (40.8, 25.0), (40.0, 25.0)]
    wide = [(0.0, 0.0), (40.6, 0.0), (40.6, 25.0), (0.0, 25.0)]
    found = compared(surveyed(wide), parcel("1", PLOT), parcel("水路", strip))
    assert [one.parcel.key for one in found.ground] == ["1"]


def test_the_order_and_the_direction_of_the_corners_do_not_matter() -> None:
    over = [(0.0, 0.0), (41.0, 0.0), (41.0, 25.0), (0.0, 25.0)]
    one = compared(surveyed(over), parcel("1", PLOT), parcel("2", RIGHT))
    other = compared(surveyed(over[::-1]), parcel("2", RIGHT), parcel("1", PLOT))
    assert [p.distance_m for p in one.corners] == pytest.approx([p.distance_m for p in other.corners][::-1])
    assert one.neighbours[0].overlap_m2 == pytest.approx(other.neighbours[0].overlap_m2)


def test_the_interval_is_that_of_95_in_100() -> None:
    assert combined_m(0.0, 1.0) == pytest.approx(TWO_SIDED_95)
    assert shapely.is_valid(field_of(surveyed(PLOT)))
