"""Headland and guidance: the line lies the width inside every edge, swaths lie a width apart and stay in the field."""

import math

import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from gis.formats.machine.headland import HeadlandError, guidance_lines, headland

FIELD = [(0.0, 0.0), (100.0, 0.0), (100.0, 60.0), (0.0, 60.0)]
POND = [(40.0, 25.0), (60.0, 25.0), (60.0, 35.0), (40.0, 35.0)]


def test_the_headland_is_the_boundary_moved_inward_with_its_corners() -> None:
    line = headland(FIELD, [], 2.5, passes=2)
    assert shapely.Polygon(line).equals(shapely.box(5, 5, 95, 55))
    assert len(line) == 4


def test_an_inner_boundary_near_the_edge_pushes_the_headland_away() -> None:
    near = [(10.0, 3.0), (20.0, 3.0), (20.0, 8.0), (10.0, 8.0)]
    rest = shapely.Polygon(headland(FIELD, [near], 4))
    assert rest.distance(shapely.Polygon(near)) == pytest.approx(4)


@pytest.mark.parametrize(("width", "sentence"), [(31, "圃場が残りません"), (0, "指定してください"), (math.nan, "指定")])
def test_a_headland_that_leaves_nothing_is_refused(width: float, sentence: str) -> None:
    with pytest.raises(HeadlandError, match=sentence):
        headland(FIELD, [], width)


def test_a_headland_that_breaks_the_field_apart_is_refused() -> None:
    neck = [(0.0, 0.0), (40.0, 0.0), (40.0, 18.0), (60.0, 18.0), (60.0, 0.0), (100.0, 0.0), (100.0, 40.0), (60.0, 40.0),
            (60.0, 22.0), (40.0, 22.0), (40.0, 40.0), (0.0, 40.0)]  # fmt: skip
    with pytest.raises(HeadlandError, match="2つに分かれます"):
        headland(neck, [], 3)


def test_swaths_are_parallel_to_the_longest_edge_and_a_width_apart() -> None:
    swaths = guidance_lines(FIELD, [], 6.0)
    assert len(swaths) == 10
    assert [swath.start[1] for swath in swaths] == pytest.approx([3 + 6 * at for at in range(10)])
    assert all(swath.start[1] == pytest.approx(swath.end[1]) for swath in swaths)
    assert (swaths[0].start[0], swaths[0].end[0]) == pytest.approx((0, 100))


def test_swaths_begin_within_the_headland_and_stop_at_inner_boundaries() -> None:
    swaths = guidance_lines(FIELD, [POND], 5.0, headland_m=10.0)
    assert {round(swath.start[1], 6) for swath in swaths} == {12.5, 17.5, 22.5, 27.5, 32.5, 37.5, 42.5, 47.5}
    clear = shapely.box(10, 10, 90, 50).difference(shapely.Polygon(POND).buffer(10, join_style="mitre"))
    assert all(clear.buffer(1e-6).covers(shapely.LineString([swath.start, swath.end])) for swath in swaths)


@given(st.floats(0, math.tau), st.floats(1, 12), st.sampled_from([0.0, 3.0]))
@settings(max_examples=60, deadline=None)
def test_a_turned_field_has_turned_swaths(angle: float, width: float, edge: float) -> None:
    turned = [
        (142_000 + x * math.cos(angle) - y * math.sin(angle), 70_000 + x * math.sin(angle) + y * math.cos(angle))
        for x, y in FIELD
    ]
    swaths = guidance_lines(turned, [], width, headland_m=edge)
    assert len(swaths) == math.floor((60 - 2 * edge) / width + 1e-6)
    field = shapely.Polygon(turned)
    for swath in swaths:
        line = shapely.LineString([swath.start, swath.end])
        assert line.length == pytest.approx(100 - 2 * edge, abs=1e-5)
        assert field.buffer(1e-6).covers(line)
    first = shapely.LineString([swaths[0].start, swaths[0].end])
    sides = [shapely.LineString(side) for side in zip(turned, [*turned[1:], turned[0]], strict=True)]
    nearest = min(side.distance(shapely.Point(first.centroid)) for side in sides if side.length > 99)
    assert nearest == pytest.approx(edge + width / 2, abs=1e-5)


def test_a_field_on_either_side_of_its_longest_edge_is_filled_from_that_edge() -> None:
    trapezoid = [(0.0, 60.0), (100.0, 60.0), (80.0, 0.0), (20.0, 0.0)]
    swaths = guidance_lines(trapezoid, [], 10.0)
    assert max(swaths[0].start[1], swaths[0].end[1]) == pytest.approx(55.0)


def test_a_width_wider_than_the_field_is_refused() -> None:
    with pytest.raises(HeadlandError, match="1本も入りません"):
        guidance_lines([(0.0, 0.0), (30.0, 0.0), (30.0, 5.0), (0.0, 5.0)], [], 6.0)


def test_a_self_crossing_boundary_is_refused() -> None:
    with pytest.raises(HeadlandError, match="自分と交わって"):
        headland([(0.0, 0.0), (50.0, 50.0), (50.0, 0.0), (0.0, 50.0)], [], 2)
