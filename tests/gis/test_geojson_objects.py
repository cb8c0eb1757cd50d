"""Geometries written together are what shapely and PROJ say of each of them alone."""

import json
import math

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from pyproj import Transformer

from gis.geojson_objects import Shapes, geometry_objects, shapes_of, sphere_to_degrees, written

metres = st.floats(-2e7, 2e7, allow_nan=False)
corners = st.lists(st.tuples(metres, metres), min_size=2, max_size=6)
boxes = st.tuples(metres, metres, st.floats(1, 500), st.floats(1, 500)).map(
    lambda box: shapely.box(box[0], box[1], box[0] + box[2], box[1] + box[3])
)


def _texts(shapes: Shapes, decimals: int, *, flipped: bool = False) -> list[bytes]:
    return [written(one) for one in geometry_objects(shapes, decimals, flipped=flipped)]


def _read(texts: list[bytes]) -> list[shapely.Geometry | None]:
    loaded = [json.loads(text) for text in texts]
    return [None if one is None else shapely.geometry.shape(one) for one in loaded]


@given(st.lists(st.one_of(st.none(), boxes, st.tuples(boxes, boxes).map(shapely.MultiPolygon)), max_size=8))
def test_polygons_single_multiple_and_missing_come_back_as_they_were(shapes: list[shapely.Geometry | None]) -> None:
    given_shapes = np.array([*shapes, None], dtype=object)[:-1]
    for before, after in zip(shapes, _read(_texts(given_shapes, 9)), strict=True):
        if before is None:
            assert after is None
            continue
        assert after is not None
        assert shapely.get_coordinates(after) == pytest.approx(np.round(shapely.get_coordinates(before), 9))
        assert shapely.get_num_geometries(after) == shapely.get_num_geometries(before)


@given(st.lists(st.lists(corners, min_size=1, max_size=3).map(shapely.MultiLineString), min_size=1, max_size=5))
def test_lines_of_several_parts_keep_their_parts(shapes: list[shapely.Geometry]) -> None:
    after = _read(_texts(np.array(shapes, dtype=object), 9))
    assert [shapely.get_num_geometries(one) for one in after] == [shapely.get_num_geometries(one) for one in shapes]


def test_a_hole_stays_a_hole_and_the_outer_ring_runs_against_the_clock() -> None:
    clockwise = shapely.Polygon([(0, 0), (0, 9), (9, 9), (9, 0)], [[(2, 2), (4, 2), (4, 4), (2, 4)]])
    (after,) = _read(
        _texts(
            shapes_of([shapely.to_wkb(shapely.set_srid(shapely.MultiPolygon([clockwise]), 6677), include_srid=True)]), 9
        )
    )
    (polygon,) = shapely.get_parts(after)
    assert polygon.equals(clockwise)
    assert polygon.exterior.is_ccw
    assert not polygon.interiors[0].is_ccw


@given(st.lists(st.tuples(metres, metres), min_size=1, max_size=9))
def test_the_way_back_from_the_sphere_is_that_of_proj(positions: list[tuple[float, float]]) -> None:
    x, y = np.array(positions).T
    lon, lat = Transformer.from_crs(3857, 4326, always_xy=True).transform(x, y)
    assert sphere_to_degrees(np.array(positions)) == pytest.approx(np.column_stack((lon, lat)), abs=1e-12)


def test_numbers_are_rounded_and_turned_round_where_the_north_comes_first() -> None:
    point = np.array([shapely.Point(140.62634567891, -0.00000000001)], dtype=object)
    assert _texts(point, 9) == [b'{"type":"Point","coordinates":[140.626345679,0.0]}']
    assert _texts(point, 4, flipped=True) == [b'{"type":"Point","coordinates":[0.0,140.6263]}']


def test_an_empty_geometry_has_no_coordinates_and_a_missing_one_is_null() -> None:
    empty = shapes_of([shapely.to_wkb(shapely.Point()), None, shapely.to_wkb(shapely.Point(1, 2))])
    assert _texts(empty, 9) == [
        b'{"type":"Point","coordinates":[]}',
        b"null",
        b'{"type":"Point","coordinates":[1.0,2.0]}',
    ]
    assert _texts(shapes_of([None, None]), 9) == [b"null", b"null"]
    assert _texts(shapes_of([]), 9) == []
    (text,) = _texts(shapes_of([shapely.to_wkb(shapely.MultiPolygon())]), 9)
    assert json.loads(text) == {"type": "MultiPolygon", "coordinates": []}


def test_a_height_is_left_out() -> None:
    (text,) = _texts(np.array([shapely.Point(1.5, 2.5, 3.5)], dtype=object), 9)
    assert json.loads(text)["coordinates"] == [1.5, 2.5]
    assert not math.isnan(json.loads(text)["coordinates"][0])
