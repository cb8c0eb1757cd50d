"""Rings → one field: what is refused and where, which way round it is, and what is stated of its area."""

import math
from collections.abc import Sequence

import numpy as np
import pytest
import shapely
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from gis.positioning.boundary import BoundaryRefused, area_with_error, boundary_of, polygon_of
from gis.positioning.crossings import crossings
from gis.positioning.model import FixQuality, SurveyedBoundary, Vertex
from gis.positioning.picture import picture
from gis.positioning.refusal import Reason

EPSG = 6677
SQUARE = [(0.0, 0.0), (100.0, 0.0), (100.0, 100.0), (0.0, 100.0)]
POND = [(40.0, 40.0), (60.0, 40.0), (60.0, 60.0), (40.0, 60.0)]

Places = Sequence[tuple[float, float]]


def ring(places: Places, sigma_m: float = 0.02) -> list[Vertex]:
    return [Vertex(x, y, sigma_m, FixQuality.RTK_FIXED, 10) for x, y in places]


def boundary(outer: Places, *inners: Places, sigma_m: float = 0.02) -> SurveyedBoundary:
    return boundary_of(ring(outer, sigma_m), [ring(inner, sigma_m) for inner in inners], plane_epsg=EPSG)


def refusal(outer: Places, *inners: Places) -> BoundaryRefused:
    with pytest.raises(BoundaryRefused) as refused:
        boundary(outer, *inners)
    return refused.value


def test_the_outer_ring_turns_left_and_the_inner_ones_right_however_they_were_walked() -> None:
    made = boundary(SQUARE[::-1], POND)

    assert shapely.LinearRing([(v.x, v.y) for v in made.outer]).is_ccw
    assert not shapely.LinearRing([(v.x, v.y) for v in made.inners[0]]).is_ccw
    assert (made.outer[0].x, made.outer[0].y) == SQUARE[::-1][0]


def test_a_corner_said_twice_or_again_at_the_end_is_one() -> None:
    assert boundary([SQUARE[0], *SQUARE, SQUARE[3], SQUARE[0]]).outer == boundary(SQUARE).outer


def test_the_area_is_without_the_ponds() -> None:
    assert area_with_error(boundary(SQUARE, POND)).m2 == pytest.approx(10_000 - 400)


def test_the_error_of_a_square_is_that_of_the_propagation_law() -> None:
    """Four independent corners, each across a diagonal of 141.4 m: ½ · σ · √4 · 141.4 = 141.4 σ; correlation adds nothing here."""
    area = area_with_error(boundary(SQUARE, sigma_m=0.02))

    assert area.sigma_m2 == pytest.approx(0.02 * 100 * math.sqrt(2))
    assert area.interval_95 == (
        pytest.approx(10_000 - 1.96 * area.sigma_m2),
        pytest.approx(10_000 + 1.96 * area.sigma_m2),
    )


def test_more_vertices_on_the_same_edges_do_not_make_the_area_surer_than_the_walk_was() -> None:
    fine = [tuple(place) for place in shapely.get_coordinates(shapely.segmentize(shapely.LinearRing(SQUARE), 1.0))[:-1]]
    coarse, many = area_with_error(boundary(SQUARE)).sigma_m2, area_with_error(boundary(fine)).sigma_m2

    assert many > 0.7 * coarse  # with 400 independent vertices it would be a tenth


def test_a_ring_of_very_many_vertices_is_as_sure_as_one_of_many() -> None:
    errors = [
        area_with_error(
            boundary(
                [
                    tuple(place)
                    for place in shapely.get_coordinates(shapely.segmentize(shapely.LinearRing(SQUARE), step))[:-1]
                ]
            )
        ).sigma_m2
        for step in (0.5, 0.1)
    ]

    assert errors[1] == pytest.approx(errors[0], rel=0.05)


def test_a_bow_tie_is_refused_with_the_place_of_the_crossing() -> None:
    refused = refusal([SQUARE[0], SQUARE[2], SQUARE[1], SQUARE[3]])

    assert refused.reason is Reason.CROSSES_ITSELF
    assert refused.places == ((50.0, 50.0),)
    assert "交わって" in str(refused)


def test_a_ring_that_touches_itself_in_a_vertex_is_refused() -> None:
    refused = refusal([(0, 0), (50, 50), (100, 0), (100, 100), (50, 50), (0, 100)])

    assert refused.reason is Reason.CROSSES_ITSELF
    assert (50.0, 50.0) in refused.places


def test_a_spike_that_runs_back_on_itself_is_refused() -> None:
    assert refusal([*SQUARE, (0, 150), (0, 100)]).reason is Reason.CROSSES_ITSELF


@pytest.mark.parametrize("places", [[], [(0.0, 0.0)], SQUARE[:2], [SQUARE[0], SQUARE[1], SQUARE[0]]])
def test_fewer_than_three_corners_are_refused(places: Places) -> None:
    assert refusal(places).reason is Reason.TOO_FEW_VERTICES


def test_three_corners_in_one_line_are_refused() -> None:
    assert refusal([(0, 0), (50, 0), (100, 0)]).reason in (Reason.CROSSES_ITSELF, Reason.AREA_BELOW_ERROR)


def test_a_field_smaller_than_its_own_error_is_refused() -> None:
    with pytest.raises(BoundaryRefused, match="誤差") as refused:
        boundary([(0, 0), (3, 0), (3, 3), (0, 3)], sigma_m=3.0)

    assert refused.value.reason is Reason.AREA_BELOW_ERROR


def test_a_place_that_is_no_number_is_refused() -> None:
    assert refusal([*SQUARE[:3], (math.nan, 5.0)]).reason is Reason.NOT_FINITE


@pytest.mark.parametrize(
    "pond",
    [
        [(90.0, 40.0), (110.0, 40.0), (110.0, 60.0), (90.0, 60.0)],
        [(80.0, 40.0), (100.0, 40.0), (100.0, 60.0), (80.0, 60.0)],
        [(80.0, 40.0), (100.0, 50.0), (80.0, 60.0)],
        [(200.0, 0.0), (210.0, 0.0), (210.0, 10.0)],
        [(-50.0, -50.0), (150.0, -50.0), (150.0, 150.0), (-50.0, 150.0)],
    ],
    ids=["over the edge", "along the edge", "touching in a point", "elsewhere", "around it"],
)
def test_a_pond_that_is_not_wholly_inside_is_refused_with_a_place(pond: Places) -> None:
    refused = refusal(SQUARE, pond)

    assert refused.reason is Reason.INNER_NOT_INSIDE
    assert refused.places


@pytest.mark.parametrize("shift", [(10.0, 10.0), (20.0, 0.0), (0.0, 0.0)], ids=["overlapping", "touching", "the same"])
def test_two_ponds_that_meet_are_refused_with_a_place(shift: tuple[float, float]) -> None:
    refused = refusal(SQUARE, POND, [(x + shift[0], y + shift[1]) for x, y in POND])

    assert refused.reason is Reason.INNERS_MEET
    assert refused.places


def test_a_pond_within_a_pond_is_refused() -> None:
    assert refusal(SQUARE, POND, [(45, 45), (55, 45), (55, 55)]).reason is Reason.INNERS_MEET


def _made_or_told(outer: Places, inners: list[Places]) -> SurveyedBoundary | str:
    try:
        return boundary(outer, *inners)
    except BoundaryRefused as refused:
        return str(refused)


coordinate = st.integers(-20, 20).map(float)
places = st.lists(st.tuples(coordinate, coordinate), max_size=9)


@settings(max_examples=300, deadline=None)
@given(places, st.lists(places, max_size=2))
def test_whatever_is_walked_it_is_a_valid_polygon_or_refused_with_a_sentence(
    outer: Places, inners: list[Places]
) -> None:
    made = _made_or_told(outer, inners)
    if isinstance(made, str):
        assert made.endswith("。")
        return
    polygon = polygon_of(made)
    assert polygon.is_valid
    assert len(polygon.interiors) == len(inners)
    assert area_with_error(made).m2 == pytest.approx(polygon.area)


@settings(max_examples=300, deadline=None)
@given(places)
def test_a_ring_has_crossings_just_when_shapely_calls_it_not_simple(outer: Places) -> None:
    once = [place for number, place in enumerate(outer) if place != outer[number - 1]]
    assume(len(once) >= 3)
    shape = shapely.LinearRing(once)
    meets = bool(crossings(np.array(once), closed=True))

    assert meets is not (shape.is_simple and shape.is_valid)


@st.composite
def stars(draw: st.DrawFn) -> list[tuple[float, float]]:
    """A ring round the origin, each vertex at its own angle and distance: always simple."""
    count = draw(st.integers(3, 24))
    reach = draw(st.lists(st.floats(20, 100), min_size=count, max_size=count))
    angles = [2 * math.pi * n / count for n in range(count)]
    return [(r * math.cos(a), r * math.sin(a)) for r, a in zip(reach, angles, strict=True)]


@settings(deadline=None)
@given(stars(), st.integers(0, 23), st.booleans(), st.floats(-1e5, 2e5))
def test_area_and_error_do_not_depend_on_the_first_corner_the_way_round_or_the_place(
    star: Places, first: int, back: bool, away: float
) -> None:
    turned = [*star[first % len(star) :], *star[: first % len(star)]]
    turned = [(x + away, y - away) for x, y in (turned[::-1] if back else turned)]
    one, other = area_with_error(boundary(star)), area_with_error(boundary(turned))

    assert other.m2 == pytest.approx(one.m2, rel=1e-6)
    assert other.sigma_m2 == pytest.approx(one.sigma_m2, rel=1e-6)


@settings(max_examples=25, deadline=None)
@given(stars(), st.integers(0, 2**32 - 1))
def test_the_stated_error_holds_for_corners_that_err_independently(star: Places, seed: int) -> None:
    rng = np.random.default_rng(seed)
    truth, stated = shapely.Polygon(star).area, area_with_error(boundary(star, sigma_m=0.02)).sigma_m2
    walked = np.array(star) + rng.normal(0, 0.02, (400, len(star), 2))
    areas = shapely.area(shapely.polygons(walked))

    assert np.std(areas - truth) <= 1.15 * stated  # four hundred walks know their spread to a few per cent


def test_the_picture_marks_each_crossing_and_has_no_style() -> None:
    bow_tie = [SQUARE[0], SQUARE[2], SQUARE[1], SQUARE[3]]
    svg = picture([bow_tie], refusal(bow_tie).places, title="線が <交わる> 所")

    assert svg.count("<circle") == 4 + 1
    assert "&lt;交わる&gt;" in svg
    assert "style" not in svg
    assert 'cx="160.0" cy="160.0"' in svg


def test_a_picture_of_nothing_is_still_a_picture() -> None:
    assert picture([], title="なし").startswith("<svg")
    assert "NaN" not in picture([[(math.nan, 1.0), (0.0, 0.0)]], [(math.inf, 0.0)], title="x")
