"""Driving along an edge: one class, no jumps, no holes, closed, thinned, moved to the edge, and never across itself."""

import math
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from gis.positioning.boundary import area_with_error, boundary_of
from gis.positioning.model import Fix, FixQuality
from gis.positioning.plane import PlaneFix
from gis.positioning.refusal import BoundaryRefused, Reason
from gis.positioning.track import Line, LineRule, line_of

START = datetime(2026, 11, 27, 1, 0, tzinfo=UTC)
FIELD = [(0.0, 0.0), (100.0, 0.0), (120.0, 60.0), (60.0, 90.0), (0.0, 60.0)]
ROUND = [(60 * math.cos(n * math.pi / 90), 40 * math.sin(n * math.pi / 90)) for n in range(180)]
Floats = NDArray[np.float64]


def along(corners: Sequence[tuple[float, float]], every_m: float = 1.5) -> Floats:
    """Places every so many metres along a line; it is not closed by itself."""
    line = shapely.LineString(corners)
    steps = np.append(np.arange(0, line.length, every_m), line.length)
    return np.asarray(shapely.get_coordinates(shapely.line_interpolate_point(line, steps)))


def round_of(corners: Sequence[tuple[float, float]], every_m: float = 1.5) -> Floats:
    return along([*corners, corners[0]], every_m)


def driven(
    places: Floats,
    qualities: Sequence[FixQuality | None] | None = None,
    seconds: float = 1.0,
    sigma_m: float | None = None,
) -> list[PlaneFix]:
    kinds = qualities if qualities is not None else [FixQuality.RTK_FIXED] * len(places)
    return [
        PlaneFix(
            float(x), float(y), None, 0.0, Fix(140, 37, START + timedelta(seconds=n * seconds), kind, sigma_m=sigma_m)
        )
        for n, ((x, y), kind) in enumerate(zip(places, kinds, strict=True))
    ]


def polygon(line: Line) -> shapely.Polygon:
    return shapely.Polygon([(v.x, v.y) for v in line.vertices])


def refusal(fixes: list[PlaneFix], rule: LineRule = LineRule()) -> BoundaryRefused:  # noqa: B008
    with pytest.raises(BoundaryRefused) as refused:
        line_of(fixes, rule)
    return refused.value


def test_a_drive_round_a_field_is_thinned_to_its_corners() -> None:
    line = line_of(driven(round_of(FIELD)))

    assert line.closed
    assert line.quality is FixQuality.RTK_FIXED
    assert 5 <= len(line.vertices) <= 12  # corners are rounded off by up to one step
    assert polygon(line).hausdorff_distance(shapely.Polygon(FIELD)) < 1.5


def test_the_start_of_a_drive_is_thinned_as_any_other_place() -> None:
    middle = [(50.0, 0.0), *FIELD[1:], FIELD[0]]
    line = line_of(driven(round_of(middle)))

    assert min(math.hypot(v.x - 50, v.y) for v in line.vertices) > 10


def test_standing_still_on_the_way_makes_no_knots() -> None:
    rng = np.random.default_rng(1)
    places = round_of(FIELD)
    waiting = np.repeat(places[40:41], 120, axis=0)
    noisy = np.vstack([places[:40], waiting, places[40:]])
    line = line_of(driven(noisy + rng.normal(0, 0.02, noisy.shape)))

    assert polygon(line).is_valid
    assert all(math.dist((a.x, a.y), (b.x, b.y)) > 0.1 for a, b in pairwise(line.vertices))


def test_what_is_driven_twice_at_the_end_is_cut_off() -> None:
    lap = round_of(FIELD)
    line = line_of(driven(np.vstack([lap, lap[1:8] + 0.01])))

    assert polygon(line).hausdorff_distance(polygon(line_of(driven(lap)))) < 0.3


def test_a_drive_that_does_not_come_back_is_refused_with_both_ends() -> None:
    refused = refusal(driven(along(FIELD)))

    assert refused.reason is Reason.NOT_CLOSED
    assert [tuple(map(round, place)) for place in refused.places] == [(0, 0), (0, 60)]


def test_an_open_line_may_end_elsewhere() -> None:
    line = line_of(driven(along(FIELD)), LineRule(closed=False))

    assert not line.closed
    assert (line.vertices[-1].x, line.vertices[-1].y) == (0.0, 60.0)


def test_a_figure_of_eight_is_refused_with_the_place_of_its_crossing() -> None:
    refused = refusal(driven(round_of([(0, 0), (100, 100), (100, 0), (0, 100)])))

    assert refused.reason is Reason.CROSSES_ITSELF
    assert len(refused.places) == 1
    assert math.dist(refused.places[0], (50, 50)) < 0.1


def test_a_turning_loop_at_a_corner_is_refused_with_its_place() -> None:
    loop = [(0, 0), (100, 0), (108, 0), (108, 8), (100, 8), (100, -4), (110, -4), (110, 60), (0, 60)]
    refused = refusal(driven(round_of([(float(x), float(y)) for x, y in loop])))

    assert refused.reason is Reason.CROSSES_ITSELF
    assert math.dist(refused.places[0], (100, 0)) < 0.1


def test_a_hole_in_the_drive_is_refused_in_its_middle() -> None:
    places = round_of(FIELD)
    refused = refusal(driven(np.delete(places, slice(20, 35), axis=0)))

    assert refused.reason is Reason.GAP
    assert math.dist(refused.places[0], (41, 0)) < 2


def test_a_short_float_spell_is_left_out_and_a_long_one_leaves_a_hole() -> None:
    places = round_of(FIELD)
    kinds = [FixQuality.RTK_FIXED] * len(places)
    short, long = kinds.copy(), kinds.copy()
    short[20:23] = [FixQuality.RTK_FLOAT] * 3
    long[20:40] = [FixQuality.RTK_FLOAT] * 20
    line = line_of(driven(places, short))

    assert line.quality is FixQuality.RTK_FIXED
    assert line.left_out["class"] == 3
    assert refusal(driven(places, long)).reason is Reason.GAP


def test_a_drive_of_every_class_in_equal_parts_is_refused() -> None:
    places = round_of(FIELD)
    kinds = [FixQuality(1 + n % 5) for n in range(len(places))]

    assert refusal(driven(places, kinds)).reason is Reason.NO_FIXES


def test_a_drive_in_float_is_a_line_of_decimetres() -> None:
    places = round_of(FIELD)
    line = line_of(driven(places, [FixQuality.RTK_FLOAT] * len(places)))

    assert line.quality is FixQuality.RTK_FLOAT
    assert all(vertex.sigma_m >= 0.4 for vertex in line.vertices)


def test_a_small_field_walked_with_a_telephone_keeps_its_shape_and_says_how_coarse_it_is() -> None:
    rng = np.random.default_rng(3)
    places = round_of([(0.0, 0.0), (40.0, 0.0), (40.0, 30.0), (0.0, 30.0)], 1.2)
    drift = _noise(rng, len(places), 60.0) * (4.0 / 0.02)
    line = line_of(driven(places + drift, [None] * len(places), sigma_m=4.0))

    assert line.quality is None
    assert len(line.vertices) > 6
    assert all(vertex.sigma_m >= 4.0 for vertex in line.vertices)


def test_a_jump_of_the_receiver_is_left_out() -> None:
    places = round_of(FIELD)
    places[30] += (0, 300)
    line = line_of(driven(places))

    assert line.left_out["jump"] == 1
    assert polygon(line).hausdorff_distance(shapely.Polygon(FIELD)) < 1.6


def test_a_single_fix_aside_is_left_out_though_a_vehicle_could_have_been_there() -> None:
    places = round_of(FIELD, 0.5)
    places[60] += (0.1, 2.0)
    line = line_of(driven(places, seconds=0.25))

    assert line.left_out["jump"] == 1
    assert polygon(line).hausdorff_distance(shapely.Polygon(FIELD)) < 0.5


def test_of_two_classes_in_equal_parts_the_better_counts() -> None:
    places = round_of(FIELD)
    kinds = [FixQuality.RTK_FLOAT, FixQuality.RTK_FIXED] * (len(places) // 2) + [FixQuality.RTK_FIXED] * (
        len(places) % 2
    )

    assert line_of(driven(places, kinds)).quality is FixQuality.RTK_FIXED


def test_a_wild_first_fix_does_not_make_jumps_of_all_the_others() -> None:
    places = round_of(FIELD)
    places[0] += (5000, 0)
    line = line_of(driven(places))

    assert line.left_out["jump"] == 1
    assert polygon(line).hausdorff_distance(shapely.Polygon(FIELD)) < 1.6


@pytest.mark.parametrize(("corners", "left"), [(FIELD, -2.0), (FIELD[::-1], 2.0)], ids=["anticlockwise", "clockwise"])
def test_the_edge_outside_of_the_wheels_is_where_the_offset_says(
    corners: list[tuple[float, float]], left: float
) -> None:
    """Driven with the field on the inner hand, the edge 2 m to the outer one."""
    line = line_of(driven(round_of(corners)), LineRule(edge_left_m=left))
    driving = polygon(line_of(driven(round_of(corners))))

    assert polygon(line).symmetric_difference(driving.buffer(2, join_style="mitre", mitre_limit=3)).area < 1
    assert all(vertex.sigma_m > 0.04 for vertex in line.vertices)
    assert polygon(line).exterior.is_ccw is (left < 0)


def test_the_edge_on_the_other_hand_is_inside() -> None:
    line = line_of(driven(round_of(FIELD)), LineRule(edge_left_m=2.0))

    assert polygon(line).area < shapely.Polygon(FIELD).area - 500


def test_the_edge_of_an_open_line_lies_to_its_left() -> None:
    line = line_of(driven(along([(0, 0), (50, 0)])), LineRule(closed=False, edge_left_m=1.5))

    assert [(v.x, v.y) for v in line.vertices] == [(0.0, 1.5), (50.0, 1.5)]


def test_an_offset_that_leaves_nothing_is_refused() -> None:
    assert refusal(driven(round_of(FIELD)), LineRule(edge_left_m=60.0)).reason is Reason.OFFSET_TOO_WIDE


@pytest.mark.parametrize("count", [0, 1, 2, 3])
def test_too_few_fixes_are_refused_with_a_sentence(count: int) -> None:
    refused = refusal(driven(round_of(FIELD)[:count]))

    assert refused.reason in (Reason.NO_FIXES, Reason.TOO_SHORT, Reason.NOT_CLOSED)
    assert str(refused).endswith("。")


def test_a_drive_without_times_is_taken_as_it_is() -> None:
    fixes = [PlaneFix(x, y, None, 0.0, Fix(140, 37, None, FixQuality.RTK_FIXED)) for x, y in round_of(FIELD).tolist()]

    assert len(line_of(fixes).vertices) >= 5


@pytest.mark.parametrize("memory_s", [0.0, 20.0, 120.0])
@pytest.mark.parametrize("shape", [FIELD, ROUND], ids=["corners", "round"])
def test_the_area_of_a_drive_is_within_its_95_percent_interval(
    shape: list[tuple[float, float]], memory_s: float
) -> None:
    truth = shapely.Polygon(shape)
    rng = np.random.default_rng(75221)
    places = round_of(shape, 0.8)
    within = 0
    for _ in range(100):
        vertices = line_of(driven(places + _noise(rng, len(places), memory_s), seconds=0.4)).vertices
        low, high = area_with_error(boundary_of(vertices, plane_epsg=6677)).interval_95
        within += low <= truth.area <= high

    assert within >= 95


def _noise(rng: np.random.Generator, count: int, memory_s: float) -> Floats:
    off = rng.normal(0, 0.02, (count, 2))
    kept = math.exp(-0.4 / memory_s) if memory_s else 0.0
    for index in range(1, count):
        off[index] = kept * off[index - 1] + math.sqrt(1 - kept * kept) * off[index]
    return off


steps = st.tuples(st.floats(0.1, 9), st.floats(-1.2, 1.2))
"""How far, and by how much the way turns."""


@settings(max_examples=300, deadline=None)
@given(
    st.lists(steps, max_size=60),
    st.sampled_from([FixQuality.RTK_FIXED, FixQuality.RTK_FLOAT, FixQuality.SINGLE, None]),
    st.booleans(),
    st.floats(-5, 5),
    st.one_of(st.none(), st.floats(0, 10)),
)
def test_whatever_is_driven_it_is_a_line_that_does_not_meet_itself_or_refused_with_a_sentence(
    way: list[tuple[float, float]], quality: FixQuality | None, closed: bool, left: float, sigma_m: float | None
) -> None:
    far, turn = np.array(way).reshape(-1, 2).T
    heading = np.cumsum(turn)
    places = np.cumsum(np.column_stack([far * np.cos(heading), far * np.sin(heading)]), axis=0)
    if closed and len(places):
        places -= np.linspace(0, 1, len(places))[:, None] * (places[-1] - places[0])
    fixes = driven(places, [quality] * len(places), sigma_m=sigma_m)
    made = _line_or_told(fixes, LineRule(closed=closed, edge_left_m=left))
    if isinstance(made, str):
        assert made.endswith("。")
        return
    ring = [(v.x, v.y) for v in made.vertices]
    assert len({vertex.quality for vertex in made.vertices}) == 1
    assert all(math.isfinite(vertex.sigma_m) and vertex.sigma_m >= 0.01 for vertex in made.vertices)
    assert (shapely.LinearRing(ring) if closed else shapely.LineString(ring)).is_simple


def _line_or_told(fixes: list[PlaneFix], rule: LineRule) -> Line | str:
    try:
        return line_of(fixes, rule)
    except BoundaryRefused as refused:
        return str(refused)
