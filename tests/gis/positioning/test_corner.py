"""Standing still: the mean of the fixes, what is left out, and a standard error that does not flatter."""

import math
import random
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gis.positioning.corner import corner_of, variance_share
from gis.positioning.model import Fix, FixQuality
from gis.positioning.plane import PlaneFix
from gis.positioning.refusal import BoundaryRefused, Reason

START = datetime(2026, 11, 27, 1, 0, tzinfo=UTC)


def fix(
    x: float,
    y: float = 0.0,
    second: float | None = None,
    quality: FixQuality | None = FixQuality.RTK_FIXED,
    sigma_m: float | None = None,
    height_m: float | None = None,
    placing_m: float = 0.0,
) -> PlaneFix:
    at = None if second is None else START + timedelta(seconds=second)
    return PlaneFix(x, y, height_m, placing_m, Fix(140.0, 37.0, at, quality, height_m, sigma_m=sigma_m))


def test_a_corner_is_the_mean_of_its_fixes() -> None:
    corner = corner_of([fix(0.01, 0.02, 0, height_m=10.0), fix(0.03, 0.04, 1, height_m=10.2)])

    assert (corner.vertex.x, corner.vertex.y) == (pytest.approx(0.02), pytest.approx(0.03))
    assert corner.height_m == pytest.approx(10.1)
    assert corner.vertex.quality is FixQuality.RTK_FIXED
    assert corner.vertex.fixes == 2


def test_a_minute_of_fixes_is_not_sixty_observations() -> None:
    share = variance_share([START + timedelta(seconds=second) for second in range(60)])

    assert 0.6 < share < 0.8  # 2/T² · (T − 1 + e^−T) with T = 1 is 0.736


def test_fixes_hours_apart_are_independent() -> None:
    assert variance_share([START + timedelta(hours=hour) for hour in range(4)]) == pytest.approx(0.25)


def test_fixes_without_times_count_as_one() -> None:
    assert variance_share([None] * 100) == 1.0
    assert corner_of([fix(0.0)] * 100).vertex.sigma_m >= 0.02


def test_no_stand_is_long_enough_to_get_below_the_centring() -> None:
    day = [fix(0.001 * (second % 2), 0, 60 * second) for second in range(1440)]

    assert 0.01 <= corner_of(day).vertex.sigma_m < 0.011


def test_one_wild_fix_is_left_out_and_counted() -> None:
    corner = corner_of([*(fix(0.01 * (n % 2), 0, n) for n in range(10)), fix(1.5, 0, 10)])

    assert corner.outliers == 1
    assert corner.vertex.x == pytest.approx(0.005)


def test_a_stand_at_two_places_is_refused_with_its_place() -> None:
    with pytest.raises(BoundaryRefused) as refused:
        corner_of([fix(3.0 * (n % 2), 0, n) for n in range(11)])

    assert refused.value.reason is Reason.TOO_MANY_OUTLIERS
    assert refused.value.places


def test_a_few_float_fixes_among_fixed_ones_are_left_out() -> None:
    corner = corner_of(
        [*(fix(0.0, 0, n) for n in range(6)), *(fix(0.7, 0, n, FixQuality.RTK_FLOAT) for n in range(6, 9))]
    )

    assert corner.vertex.quality is FixQuality.RTK_FIXED
    assert corner.lesser_left_out == 3
    assert corner.vertex.x == 0.0


def test_with_fewer_than_half_fixed_the_worst_class_counts() -> None:
    corner = corner_of(
        [*(fix(0.0, 0, n) for n in range(3)), *(fix(0.2, 0, n, FixQuality.RTK_FLOAT) for n in range(3, 9))]
    )

    assert corner.vertex.quality is FixQuality.RTK_FLOAT
    assert not corner.vertex.is_centimetre
    assert corner.vertex.sigma_m > 0.3


def test_a_browser_is_worth_its_own_accuracy_however_long_it_stands() -> None:
    corner = corner_of([fix(0.1 * (n % 3), 0, n, None, sigma_m=8.0) for n in range(600)])

    assert corner.vertex.quality is None
    assert corner.vertex.sigma_m >= 8.0


def test_a_source_without_a_class_is_taken_at_the_larger_of_its_word_and_its_scatter() -> None:
    fine = corner_of([fix(0.01 * (n % 2), 0, n, None, sigma_m=3.0) for n in range(10)]).vertex
    wide = corner_of([fix(10.0 * (n % 2), 0, n, None, sigma_m=3.0) for n in range(10)]).vertex

    assert fine.sigma_m == pytest.approx(3.0, abs=0.001)
    assert wide.sigma_m == pytest.approx(5.27, abs=0.01)
    assert not fine.is_centimetre


def test_a_typed_position_is_worth_five_metres_because_nobody_says_better() -> None:
    assert corner_of([fix(0.0, 0, None, None)]).vertex.sigma_m == pytest.approx(5.0, abs=0.001)


def test_a_leaning_pole_and_a_datum_step_are_not_averaged_away() -> None:
    assert corner_of([fix(0.0, 0, 60 * n, placing_m=0.2) for n in range(500)]).vertex.sigma_m >= 0.2


@pytest.mark.parametrize("quality", [FixQuality.INVALID, FixQuality.ESTIMATED, FixQuality.SIMULATOR])
def test_what_was_not_measured_makes_no_corner(quality: FixQuality) -> None:
    with pytest.raises(BoundaryRefused) as refused:
        corner_of([fix(0.0, 0, 0, quality)])

    assert refused.value.reason is Reason.NO_FIXES


def test_a_walker_who_does_not_stop_is_told_so() -> None:
    with pytest.raises(BoundaryRefused, match="立ち止まって") as refused:
        corner_of([fix(1.2 * n, 0, n) for n in range(10)])

    assert refused.value.reason is Reason.NOT_STILL


def test_a_scatter_larger_than_the_receiver_admits_is_believed() -> None:
    steady = corner_of([fix(0.005 * (n % 2), 0, 300 * n) for n in range(20)]).vertex.sigma_m
    restless = corner_of([fix(0.08 * (n % 2), 0, 300 * n) for n in range(20)]).vertex.sigma_m

    assert restless > 1.2 * steady


@settings(deadline=None)
@given(
    st.lists(st.tuples(st.floats(-0.04, 0.04), st.floats(-0.04, 0.04)), min_size=1, max_size=12),
    st.randoms(use_true_random=False),
    st.floats(-1e5, 1e5),
)
def test_the_order_of_the_fixes_changes_nothing_and_the_corner_moves_with_them(
    places: list[tuple[float, float]], chance: random.Random, away: float
) -> None:
    fixes = [fix(x, y, second) for second, (x, y) in enumerate(places)]
    shuffled = [fix(x + away, y - away, second) for second, (x, y) in enumerate(places)]
    chance.shuffle(shuffled)
    one, other = corner_of(fixes).vertex, corner_of(shuffled).vertex

    assert (other.x - away, other.y + away) == (pytest.approx(one.x, abs=1e-6), pytest.approx(one.y, abs=1e-6))
    assert other.sigma_m == pytest.approx(one.sigma_m, rel=1e-4)
    assert other.sigma_m >= 0.01


@settings(max_examples=300, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.floats(-10, 10),
            st.floats(-10, 10),
            st.one_of(st.none(), st.floats(0, 1e4)),
            st.one_of(st.none(), st.sampled_from(FixQuality)),
            st.one_of(st.none(), st.floats(0, 100)),
        ),
        max_size=15,
    )
)
def test_whatever_is_measured_a_corner_is_finite_and_no_surer_than_its_class_or_refused(
    told: list[tuple[float, float, float | None, FixQuality | None, float | None]],
) -> None:
    try:
        corner = corner_of([fix(*one) for one in told])
    except BoundaryRefused:
        return
    sigma = corner.vertex.sigma_m

    assert math.isfinite(corner.vertex.x)
    assert 0.01 <= sigma < 200  # the centring below, the wildest word above
    if corner.vertex.quality is FixQuality.RTK_FLOAT:
        assert sigma >= 0.1
    assert corner.vertex.fixes + corner.lesser_left_out + corner.outliers + corner.unmeasured == len(told)
