"""Areas with their standard error, and the hint that the map lies apart as a whole."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gis.boundary_comparison.areas import check_area, surveyed_area
from gis.boundary_comparison.compare import compare
from gis.boundary_comparison.model import RegisteredParcel, Verdict
from gis.positioning.model import FixQuality, SurveyedBoundary, Vertex
from tests.gis.boundary_comparison.shapes import PLOT, moved, parcel, polygon, surveyed


def test_the_area_is_that_of_the_outer_ring_less_the_inner_ones() -> None:
    pond = [(10.0, 10.0), (20.0, 10.0), (20.0, 15.0), (10.0, 15.0)]
    assert surveyed_area(surveyed(PLOT, pond)).m2 == pytest.approx(950.0)
    assert surveyed_area(surveyed(PLOT[::-1], pond[::-1])).m2 == pytest.approx(950.0)


@pytest.mark.parametrize("sigma_m", [0.02, 0.3])
def test_the_standard_error_is_the_scatter_of_the_area_when_the_corners_scatter(sigma_m: float) -> None:
    pond = [(10.0, 10.0), (20.0, 10.0), (20.0, 15.0), (10.0, 15.0)]
    told = surveyed_area(surveyed(PLOT, pond, sigma_m=sigma_m)).standard_error_m2
    chance = np.random.default_rng(20260402)

    def once() -> float:
        outer, inner = (
            [(x + dx, y + dy) for (x, y), (dx, dy) in zip(ring, chance.normal(0, sigma_m, (4, 2)), strict=True)]
            for ring in (PLOT, pond)
        )
        return surveyed_area(surveyed(outer, inner)).m2

    scatter = float(np.std([once() for _ in range(1_500)]))
    assert scatter == pytest.approx(told, rel=0.08)


@given(st.floats(-1e5, 1e5), st.floats(-1e5, 1e5))
def test_area_and_error_do_not_depend_on_where_the_field_lies(east: float, north: float) -> None:
    here, there = surveyed_area(surveyed(PLOT)), surveyed_area(surveyed(moved(PLOT, east, north)))
    assert (there.m2, there.standard_error_m2) == pytest.approx((here.m2, here.standard_error_m2), rel=1e-6)


def test_the_tolerance_of_an_area_is_that_of_the_accuracy_class() -> None:
    """1,000 ㎡ in 乙一: 10.3 ㎡."""
    area = surveyed_area(surveyed(PLOT))
    check = check_area(area, [parcel("1", PLOT)], registered=False)
    assert check is not None
    assert check.tolerance_m2 == pytest.approx(10.28, abs=0.01)
    assert check.uncertainty_m2 == pytest.approx(
        math.hypot(10.28, 1.96 * surveyed_area(surveyed(PLOT)).standard_error_m2), abs=0.01
    )
    assert check.verdict is Verdict.WITHIN


def test_an_area_beyond_the_tolerance_is_told() -> None:
    wide = [(0.0, 0.0), (41.0, 0.0), (41.0, 25.0), (0.0, 25.0)]
    check = check_area(surveyed_area(surveyed(wide)), [parcel("1", PLOT)], registered=False)
    assert check is not None
    assert (check.difference_m2, check.verdict) == (pytest.approx(25.0), Verdict.BEYOND)


def test_tolerances_of_several_parcels_join_in_quadrature() -> None:
    right = moved(PLOT, 40.0, 0.0)
    both = [(0.0, 0.0), (80.0, 0.0), (80.0, 25.0), (0.0, 25.0)]
    check = check_area(surveyed_area(surveyed(both)), [parcel("1", PLOT), parcel("2", right)], registered=False)
    assert check is not None
    assert check.tolerance_m2 == pytest.approx(10.28 * math.sqrt(2), abs=0.02)


def test_the_register_is_compared_only_where_every_parcel_s_area_is_known() -> None:
    known = RegisteredParcel("1", "1", polygon(PLOT), 0.75, "乙一", 990.0)
    unknown = parcel("2", moved(PLOT, 40.0, 0.0))
    area = surveyed_area(surveyed(PLOT))
    check = check_area(area, [known], registered=True)
    assert check is not None
    assert check.difference_m2 == pytest.approx(10.0)
    assert check_area(area, [known, unknown], registered=True) is None
    assert check_area(area, [], registered=False) is None


def test_no_verdict_on_an_area_whose_corners_are_not_centimetre() -> None:
    rough = surveyed_area(surveyed(PLOT, sigma_m=0.4, quality=FixQuality.RTK_FLOAT))
    check = check_area(rough, [parcel("1", PLOT)], registered=False)
    assert check is not None
    assert check.verdict is Verdict.TOO_COARSE


def test_a_map_that_lies_apart_as_a_whole_is_recognised() -> None:
    found = compare(surveyed(moved(PLOT, 0.6, -0.3)), [parcel("1", PLOT)])
    assert found is not None
    assert found.shift is not None
    assert (found.shift.east_m, found.shift.north_m) == pytest.approx((0.6, -0.3))
    assert (found.shift.corners, found.shift.rms_after_m, found.shift.is_plain) == (
        4,
        pytest.approx(0.0, abs=1e-6),
        True,
    )


def test_the_error_of_the_shift_holds_the_true_shift() -> None:
    chance = np.random.default_rng(20260403)
    points = [(30 * math.cos(turn), 30 * math.sin(turn)) for turn in np.linspace(0, 2 * math.pi, 12, endpoint=False)]
    held = 0
    for _ in range(60):
        drawn = [(x + dx, y + dy) for (x, y), (dx, dy) in zip(points, chance.normal(0, 0.2, (12, 2)), strict=True)]
        found = compare(surveyed(moved(points, 0.4, 0.0)), [parcel("1", drawn)])
        assert found is not None
        assert found.shift is not None
        held += abs(found.shift.east_m - 0.4) <= 2.2 * found.shift.east_error_m
    assert held >= 0.85 * 60


def test_corners_off_in_every_direction_are_no_shift() -> None:
    wide = [(-0.5, -0.5), (40.5, -0.5), (40.5, 25.5), (-0.5, 25.5)]
    found = compare(surveyed(wide), [parcel("1", PLOT)])
    assert found is not None
    assert found.shift is not None
    assert found.shift.is_plain is False


def test_points_of_a_driven_line_are_not_taken_for_corners() -> None:
    driven = [
        (ax + (bx - ax) * part, ay + (by - ay) * part)
        for (ax, ay), (bx, by) in zip(PLOT, [*PLOT[1:], PLOT[0]], strict=True)
        for part in np.linspace(0, 1, 20, endpoint=False)
    ]
    found = compare(surveyed(moved(driven, 0.5, 0.0)), [parcel("1", PLOT)])
    assert found is not None
    assert found.shift is not None
    assert (found.shift.corners, found.shift.east_m) == (4, pytest.approx(0.5))


def test_two_corners_are_too_few_for_a_shift() -> None:
    field = [(0.0, 0.0), (40.0, 0.0), (20.0, 18.0)]
    found = compare(surveyed(field), [parcel("1", PLOT, limit_m=0.1)])
    assert found is not None
    assert found.shift is None


def test_a_vertex_counts_for_the_area_by_the_line_between_its_neighbours() -> None:
    exact = [Vertex(x, y, 0.0, FixQuality.RTK_FIXED, 9) for x, y in PLOT]
    loose = [Vertex(0.0, 0.0, 0.1, FixQuality.RTK_FIXED, 9), *exact[1:]]
    error = surveyed_area(SurveyedBoundary(loose, [], 6677)).standard_error_m2
    assert error == pytest.approx(0.1 * math.hypot(40, 25) / 2)
