"""Shapes of a caller in the plane zone."""

import shapely
from hypothesis import given
from hypothesis import strategies as st

from gis.filters.tree import Box
from gis.plane_shapes import INNER_MARGIN_M, plane_box, upright_inside
from gis.reference_systems import offered_systems

PLANE = 6677
CRS84 = offered_systems(PLANE)[0]


@given(st.floats(138.0, 142.0), st.floats(35.5, 39.5), st.floats(0.00001, 1.0), st.floats(0.00001, 1.0))
def test_an_upright_rectangle_inside_a_box_of_degrees_keeps_away_from_its_edge(
    west: float, south: float, width: float, height: float
) -> None:
    shape = plane_box(Box(west, south, west + width, south + height), CRS84, PLANE).geometry
    assert shape is not None
    inner = upright_inside(shape)
    if inner is not None:
        assert shape.contains(inner)
        assert inner.area < shape.area
        assert inner.bounds[0] - shape.bounds[0] >= INNER_MARGIN_M * 0.999


def test_a_village_has_most_of_its_box_inside() -> None:
    shape = plane_box(Box(140.62, 37.28, 140.63, 37.288), CRS84, PLANE).geometry
    assert shape is not None
    inner = upright_inside(shape)
    assert inner is not None
    assert inner.area > 0.95 * shape.area


def test_what_is_no_rectangle_has_none_inside() -> None:
    for shape in (shapely.Point(1, 1), shapely.LineString([(0, 0), (9, 9)]), shapely.box(0, 0, 1.5, 90)):
        assert upright_inside(shape) is None
    assert upright_inside(shapely.Polygon([(0, 0), (100, 0), (0, 100)])) is None
