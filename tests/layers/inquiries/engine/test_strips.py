"""The strip along an outline is never narrower than the band, and hardly wider."""

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import MultiPoint, Polygon, box

from layers.inquiries.engine.cutting import cut
from layers.inquiries.engine.strips import WIDEST, grown, strips
from tests.layers.inquiries.engine.test_overlap_oracle import coastline


def ragged(corners: int, seed: int) -> Polygon:
    """A finely drawn outline with bends of all sizes."""
    turn = np.linspace(0, 2 * np.pi, corners, endpoint=False)
    phase = np.random.default_rng(seed).uniform(0, 6, 4)
    reach = 100 * (
        1 + 0.2 * np.sin(3 * turn + phase[0]) + 0.08 * np.sin(29 * turn) + 0.02 * np.sin(211 * turn + phase[1])
    )
    return Polygon(np.c_[reach * np.cos(turn), reach * np.sin(turn)])


@pytest.mark.parametrize("band", [0.5, 3.0, 10.0])
@pytest.mark.parametrize("seed", range(4))
def test_every_point_within_the_band_of_a_finely_drawn_outline_is_in_the_strip(seed: int, band: float) -> None:
    zone, around = ragged(5000, seed), box(-200, -200, 200, 200)
    (strip,) = strips(np.array([zone]), np.array([band]), np.array([around]))
    random = np.random.default_rng(seed)
    points = shapely.points(random.uniform(-150, 150, (4000, 2)))
    distance = shapely.distance(shapely.boundary(zone), points)
    shapely.prepare(strip)
    inside = shapely.intersects(strip, points)
    assert inside[distance <= band].all()
    assert not inside[distance > band * WIDEST].any()
    assert (distance <= band).sum() > 20


def test_a_band_of_5_m_that_geos_makes_6_4_m_around_a_whole_outline_is_not_widened() -> None:
    random = np.random.default_rng(4)
    zone = [coastline(random, 5000) for _ in range(4)][3]
    piece, plot = zone.intersection(box(219.79, 435.42, 251.70, 467.57)), box(225.8, 441.5, 245.7, 461.6)
    (strip,) = strips(np.array([piece]), np.array([5.004]), np.array([plot]))
    points = shapely.points(random.uniform((225.8, 441.5), (245.7, 461.6), (4000, 2)))
    distance = shapely.distance(shapely.boundary(piece), points)
    inside = shapely.intersects(strip, points)
    assert inside[distance <= 5.004].all()
    assert not inside[distance > 5.004 * WIDEST].any()


def test_parts_of_the_outline_that_cannot_reach_the_parcel_are_left_out() -> None:
    (strip,) = strips(np.array([box(0, 0, 100, 100)]), np.array([5.0]), np.array([box(300, 300, 320, 320)]))
    assert strip.is_empty


def test_a_square_grows_and_shrinks_by_the_distance() -> None:
    square = box(0, 0, 100, 100)
    out, same, back = grown(np.array([square, square, square]), np.array([10.0, 0.0, -10.0]))
    assert out.bounds == pytest.approx((-10, -10, 110, 110), abs=0.3)
    assert same.equals(square)
    assert back.area == pytest.approx(80 * 80, rel=0.01)
    assert box(10, 10, 90, 90).contains(back)


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.tuples(st.integers(0, 40), st.integers(0, 40)), min_size=4, max_size=9, unique=True),
    st.integers(0, 30),
    st.integers(0, 30),
)
def test_a_cut_shape_is_what_the_exact_overlay_with_the_box_gives(
    corners: list[tuple[int, int]], x: int, y: int
) -> None:
    hull = MultiPoint(corners).convex_hull
    if not isinstance(hull, Polygon):
        return
    shape = shapely.segmentize(hull.symmetric_difference(box(10, 10, 30, 30)), 0.4)
    corner_box = (float(x), float(y), x + 12.0, y + 12.0)
    (piece,) = cut(np.array([shape]), np.array([corner_box]))
    expected = shape.intersection(box(*corner_box)).area
    found = 144.0 if piece is None else piece.intersection(box(*corner_box)).area
    assert found == pytest.approx(expected, abs=1e-6)


def test_a_piece_that_says_something_else_than_its_shape_is_cut_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shapely, "clip_by_rect", lambda _shape, *bounds: box(*bounds))
    shape = shapely.segmentize(box(0, 0, 50, 100), 1.0)
    (piece,) = cut(np.array([shape]), np.array([(30.0, 40.0, 60.0, 60.0)]))
    assert piece.equals(box(30, 40, 50, 60))
