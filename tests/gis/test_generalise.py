"""Simplified shapes: smaller, near enough, and with no gap or overlap that was not there before."""

import numpy as np
import pytest
import shapely
from numpy.typing import NDArray

from gis.generalise import merge_areas, pixel_m, simplify_areas, simplify_lines, tolerance_m, unit_m

Shapes = NDArray[np.object_]


def wavy_grid(side: int, *, size: float = 40.0, bends: int = 8) -> Shapes:
    """`side`² multipolygons that tile a square, each border bent and shared vertex by vertex."""
    rng = np.random.default_rng(75221)
    shake = rng.uniform(-size / 50, size / 50, (2, side * bends + 1, side * bends + 1))
    shake[:, [0, -1], :] = shake[:, :, [0, -1]] = 0
    at = lambda i, j: (j * size / bends + shake[0, i, j], i * size / bends + shake[1, i, j])  # noqa: E731
    cells = []
    for row in range(0, side * bends, bends):
        for column in range(0, side * bends, bends):
            steps = range(bends)
            ring = [at(row, column + k) for k in steps] + [at(row + k, column + bends) for k in steps]
            ring += [at(row + bends, column + bends - k) for k in steps] + [at(row + bends - k, column) for k in steps]
            cells.append(shapely.MultiPolygon([shapely.Polygon(ring)]))
    return np.array(cells, dtype=object)


def test_a_tolerance_is_half_a_pixel_and_a_pixel_eight_units() -> None:
    assert pixel_m(0) == pytest.approx(40_075_016.686 / 512, rel=1e-6)
    assert tolerance_m(14) == pytest.approx(pixel_m(14) / 2)
    assert unit_m(14) * 8 == pytest.approx(pixel_m(14))


@pytest.mark.parametrize("zoom", [10, 12, 14, 15])
def test_neighbours_keep_one_border_at_every_zoom(zoom: int) -> None:
    cells = wavy_grid(20)
    simple = simplify_areas(cells, tolerance_m(zoom))

    assert shapely.coverage_is_valid(simple)
    assert shapely.is_valid(simple).all()
    assert shapely.union_all(simple).area == pytest.approx(shapely.union_all(cells).area, rel=0.02)
    assert shapely.get_num_coordinates(simple).sum() < shapely.get_num_coordinates(cells).sum()


def test_more_than_fits_at_once_is_done_in_parts_and_still_no_gap_opens() -> None:
    cells = wavy_grid(20)
    simple = simplify_areas(cells, tolerance_m(13), vertices_at_once=2_000)

    assert shapely.coverage_is_valid(simple)
    assert shapely.get_num_coordinates(simple).sum() < 0.8 * shapely.get_num_coordinates(cells).sum()


def test_areas_that_overlap_stay_valid_areas() -> None:
    circles = shapely.buffer(shapely.points([[0, 0], [10, 0], [20, 5]]), 15)
    simple = simplify_areas(np.array([shapely.MultiPolygon([c]) for c in circles], dtype=object), 4.0)

    assert shapely.is_valid(simple).all()
    assert not shapely.is_empty(simple).any()


def test_lines_keep_their_ends_and_never_vanish() -> None:
    bent = shapely.MultiLineString([[(0, 0), (5, 0.3), (10, 0), (15, 8), (20, 0)], [(0, 0), (0.1, 0.1)]])
    simple = simplify_lines(np.array([bent], dtype=object), 2.0)[0]

    assert not simple.is_empty
    assert simple.distance(shapely.Point(0, 0)) == 0
    assert simple.distance(shapely.Point(20, 0)) == 0
    assert shapely.get_num_coordinates(simple) < shapely.get_num_coordinates(bent)


def test_merged_areas_cover_what_their_members_covered_and_meet_without_a_gap() -> None:
    cells = wavy_grid(10)
    groups = (np.arange(100) // 10) % 5
    merged = merge_areas(cells, groups, 12)

    assert len(merged) == 5
    assert shapely.coverage_is_valid(merged)
    for group in range(5):
        members = shapely.union_all(cells[groups == group])
        assert shapely.symmetric_difference(merged[group], members).area == pytest.approx(0, abs=1e-6)


def test_a_hole_too_small_to_see_is_closed_unless_another_group_lies_in_it() -> None:
    ring = shapely.box(0, 0, 1_000, 1_000) - shapely.box(400, 400, 410, 410) - shapely.box(600, 600, 610, 610)
    inner = shapely.box(600, 600, 610, 610)
    shapes = np.array([shapely.MultiPolygon([ring]), shapely.MultiPolygon([inner])], dtype=object)
    merged = merge_areas(shapes, np.array([0, 1]), 12)

    assert merged[0].intersects(shapely.Point(405, 405))
    assert not merged[0].intersects(shapely.Point(605, 605))


def test_members_that_overlap_are_merged_all_the_same() -> None:
    shapes = np.array([shapely.MultiPolygon([shapely.box(x, 0, x + 10, 10)]) for x in (0, 7, 14)], dtype=object)

    assert merge_areas(shapes, np.zeros(3, dtype=np.int64), 13)[0].area == pytest.approx(240)


def test_an_area_all_of_whose_holes_are_too_small_becomes_a_whole_one() -> None:
    holed = shapely.box(0, 0, 9_000, 9_000).difference(shapely.box(10, 10, 11, 11))
    (merged,) = merge_areas(np.array([holed], dtype=object), np.array([0]), 12)
    assert merged.equals(shapely.box(0, 0, 9_000, 9_000))


def test_nothing_is_merged_where_nothing_is_left() -> None:
    assert len(merge_areas(np.empty(0, dtype=object), np.empty(0, dtype=np.int64), 12)) == 0
