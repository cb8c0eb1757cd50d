"""How deep inside a coverage a parcel lies is looked up, and says the same as measuring would."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal
from shapely import Point, Polygon, box

from layers.inquiries.engine.coverage import cover, depths
from layers.inquiries.engine.plots import lay_out
from tests.layers.inquiries.engine.engine_samples import parcel

HOLED = Polygon(box(0, 0, 9_000, 9_000).exterior.coords, [Point(3_000, 3_000).buffer(400).exterior.coords])

places = st.tuples(st.floats(-100, 9_100), st.floats(-100, 9_100), st.floats(1, 60))


@given(st.lists(places, min_size=1, max_size=8), st.floats(0, 40), st.floats(0, 4_000))
def test_a_coverage_looked_up_by_depth_says_what_a_measured_one_says(
    squares: list[tuple[float, float, float]], error_m: float, search_m: float
) -> None:
    plots = lay_out([parcel(box(x, y, x + side, y + side)) for x, y, side in squares])
    looked_up = cover(plots, HOLED, error_m, depths(plots, HOLED))
    measured = cover(plots, HOLED, error_m, np.zeros(len(squares)))
    assert_allclose(looked_up.share, measured.share)
    assert_allclose(looked_up.uncovered_m2, measured.uncovered_m2, atol=1e-9)
    search = np.full(len(squares), search_m)
    assert_array_equal(looked_up.ends_within(search), measured.ends_within(search))


def test_a_parcel_is_never_said_to_lie_deeper_than_it_does() -> None:
    squares = [box(x, x / 2, x + 20, x / 2 + 20) for x in range(0, 9_000, 37)]
    plots = lay_out([parcel(square) for square in squares])
    depth = depths(plots, HOLED)
    assert set(depth) == {0.0, 30.0, 100.0, 300.0, 1_000.0}
    assert all(square.distance(HOLED.boundary) >= deep for square, deep in zip(squares, depth, strict=True))
