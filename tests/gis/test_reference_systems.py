"""Systems by URI with the axis order of the registry, and shapes brought from them into the plane."""

import numpy as np
import pytest
import shapely
from pyproj import CRS, Transformer

from gis.errors import CrsError, FilterError
from gis.filters.tree import Box
from gis.plane_shapes import plane_box, plane_shape
from gis.reference_systems import CRS84, named_system, offered_systems

ZONE_9 = offered_systems(6677)


@pytest.mark.parametrize("zone_epsg", range(6669, 6688))
def test_the_axis_order_is_the_registrys_in_every_zone(zone_epsg: int) -> None:
    for system in offered_systems(zone_epsg):
        registered = CRS.from_user_input(system.uri)
        assert system.flipped == (registered.axis_info[0].direction == "north")
        assert system.geographic == registered.is_geographic
    assert [system.epsg for system in offered_systems(zone_epsg)] == [4326, 4326, 3857, 6668, zone_epsg]
    assert offered_systems(zone_epsg)[0].uri == CRS84


def test_a_system_that_is_not_offered_is_told_with_those_that_are() -> None:
    with pytest.raises(CrsError, match="EPSG/0/6668"):
        named_system("http://www.opengis.net/def/crs/EPSG/0/2451", ZONE_9)


@pytest.mark.parametrize("system", ZONE_9, ids=lambda system: system.uri.rsplit("/", 1)[-1])
def test_a_point_comes_from_every_system_to_the_same_place(system: object) -> None:
    x, y = 70_000.0, 142_000.0
    epsg = 6668 if system.transform_epsg == 6668 else system.epsg  # type: ignore[attr-defined]
    east, north = Transformer.from_crs(6677, epsg, always_xy=True).transform(x, y)
    written = shapely.Point(north, east) if system.flipped else shapely.Point(east, north)  # type: ignore[attr-defined]
    moved = plane_shape(written, system, 6677)  # type: ignore[arg-type]
    assert moved.whole
    assert shapely.get_coordinates(moved.geometry)[0].tolist() == pytest.approx([x, y], abs=1e-4)


def test_an_edge_along_a_parallel_stays_on_it_to_the_millimetre() -> None:
    moved = plane_box(Box(140.53, 37.20, 140.70, 37.37), ZONE_9[0], 6677)
    ring = shapely.get_coordinates(shapely.segmentize(moved.geometry, 40.0))
    lon, lat = Transformer.from_crs(6677, 6668, always_xy=True).transform(ring[:, 0], ring[:, 1])
    off = np.minimum.reduce([abs(lon - 140.53), abs(lon - 140.70), abs(lat - 37.20), abs(lat - 37.37)])
    assert off.max() * 111_000 < 0.002


def test_a_box_over_the_antimeridian_is_two_boxes() -> None:
    everything_but = plane_box(Box(141.0, 30.0, 140.0, 40.0), ZONE_9[0], 6677)
    inside = plane_box(Box(140.2, 37.0, 140.8, 37.5), ZONE_9[0], 6677)
    outside = plane_box(Box(139.0, 37.0, 139.5, 37.5), ZONE_9[0], 6677)
    assert not everything_but.geometry.intersects(inside.geometry)
    assert everything_but.geometry.contains(outside.geometry)


@pytest.mark.parametrize(
    ("box", "number"),
    [(Box(140, 38, 141, 37), 0), (Box(38, 140, 37, 141), 1), (Box(10, 0, 0, 10), 2), (Box(10, 0, 0, 10), 4)],
)
def test_a_box_upside_down_is_refused(box: Box, number: int) -> None:
    with pytest.raises(FilterError, match="bbox"):
        plane_box(box, ZONE_9[number], 6677)


def test_what_lies_wholly_elsewhere_is_nothing_and_what_reaches_beyond_is_cut() -> None:
    assert plane_box(Box(-75, -40, -70, -35), ZONE_9[0], 6677).geometry is None
    world = plane_box(Box(-180, -90, 180, 90), ZONE_9[0], 6677)
    assert not world.whole
    assert world.geometry is not None
    assert world.geometry.contains(shapely.Point(70_000, 142_000))
