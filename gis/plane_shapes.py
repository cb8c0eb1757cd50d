"""Shapes that a caller wrote in some reference system, as shapes in the store's plane zone.

A straight edge of the caller's system is no straight line in the plane: the parallel along a box of 0.1° lies more than a
metre off the chord between its corners at 37° N. Long edges are therefore divided before they are moved, so that what is
left is below a millimetre over a town.
"""

import math
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import shapely
from pyproj import CRS
from shapely.geometry import LineString, MultiPolygon, Point, Polygon
from shapely.geometry.base import BaseGeometry

from gis.crs import Datum, Grids, geographic_epsg, plan
from gis.errors import FilterError
from gis.filters.tree import Box
from gis.reference_systems import ReferenceSystem

DOMAIN_MARGIN_DEG = 2.0
"""How far beyond the registry's area of a plane zone shapes are still followed; nothing of a town lies there."""
EDGE_M = 250.0
_EDGE_DEG = EDGE_M / 111_000
MAX_EDGES = 4_000
INNER_MARGIN_M = 1.0
_INSETS = (0.01, 0.02, 0.05)


@dataclass(frozen=True)
class PlaneShape:
    """A shape in plane metres, x east; None when it lies wholly outside the zone. `whole` unless a part was cut off."""

    geometry: BaseGeometry | None
    whole: bool


def plane_shape(written: BaseGeometry, source: ReferenceSystem, plane_epsg: int) -> PlaneShape:
    """The shape in the plane zone; its coordinates are in the axis order of `source`."""
    shape = _swapped(written) if source.flipped else written
    if source.epsg == plane_epsg:
        return PlaneShape(shape, whole=True)
    domain = _domain(source, plane_epsg)
    whole = bool(domain.contains(shape))
    near = shape if whole else _same_dimension(shapely.intersection(shape, domain), shape)
    if near.is_empty:
        return PlaneShape(None, whole=False)
    moved = _moved(_divided(near, source), source.transform_epsg, plane_epsg)
    return PlaneShape(moved if shapely.is_valid(moved) else shapely.make_valid(moved), whole)


def plane_box(box: Box, source: ReferenceSystem, plane_epsg: int) -> PlaneShape:
    """The box in the plane zone. Raises FilterError for one whose low corner is not low, save over the antimeridian."""
    west, south, east, north = box.first_low, box.second_low, box.first_high, box.second_high
    if source.flipped:
        west, south, east, north = south, west, north, east
    if south > north or (west > east and not source.geographic):
        raise FilterError(
            "範囲（bbox）の小さい方の角が大きい方の角より大きくなっています。座標の順番を確かめてください。"
        )
    parts = [(west, east)] if west <= east else [(west, 180.0), (-180.0, east)]
    boxes = [_box(low, south, high, north) for low, high in parts if low <= high]
    shape = boxes[0] if len(boxes) == 1 else MultiPolygon([part for part in boxes if isinstance(part, Polygon)])
    # plane_shape swaps what is written; this is put in order already
    return plane_shape(_swapped(shape) if source.flipped else shape, source, plane_epsg)


def upright_inside(shape: BaseGeometry) -> BaseGeometry | None:
    """An upright rectangle well inside of a polygon that is nearly one itself, as a box of degrees is; None for another.

    It keeps a metre from the bounds: PostGIS compares boxes in single precision, a centimetre here.
    """
    west, south, east, north = shape.bounds
    for share in _INSETS:
        inset = max(INNER_MARGIN_M, share * max(east - west, north - south))
        if west + inset >= east - inset or south + inset >= north - inset:
            return None
        inner = shapely.box(west + inset, south + inset, east - inset, north - inset)
        if shape.contains(inner):
            return inner
    return None


def _box(west: float, south: float, east: float, north: float) -> BaseGeometry:
    if west == east and south == north:
        return Point(west, south)
    if west == east or south == north:
        return LineString([(west, south), (east, north)])
    return shapely.box(west, south, east, north)


def _swapped(shape: BaseGeometry) -> BaseGeometry:
    return shapely.transform(shape, lambda coordinates: coordinates[:, ::-1])


@lru_cache(maxsize=32)
def _domain(source: ReferenceSystem, plane_epsg: int) -> BaseGeometry:
    area = CRS.from_epsg(plane_epsg).area_of_use
    if area is None:
        raise FilterError(f"EPSG:{plane_epsg} の範囲が分かりません。")
    box = shapely.box(
        area.west - DOMAIN_MARGIN_DEG,
        area.south - DOMAIN_MARGIN_DEG,
        area.east + DOMAIN_MARGIN_DEG,
        area.north + DOMAIN_MARGIN_DEG,
    )
    return box if source.geographic else _moved(box, geographic_epsg(Datum.JGD2011), source.transform_epsg)


def _same_dimension(part: BaseGeometry, of: BaseGeometry) -> BaseGeometry:
    """What is left of a shape, without the points and lines in which it only touches the edge of the zone."""
    wanted = shapely.get_dimensions(of)
    pieces = [piece for piece in shapely.get_parts(part).tolist() if shapely.get_dimensions(piece) == wanted]
    return shapely.union_all(pieces) if pieces else Point()


def _divided(shape: BaseGeometry, source: ReferenceSystem) -> BaseGeometry:
    edge = _EDGE_DEG if source.geographic else EDGE_M
    return shapely.segmentize(shape, max(edge, math.ceil(shape.length / MAX_EDGES / edge) * edge))


def _moved(shape: BaseGeometry, source_epsg: int, target_epsg: int) -> BaseGeometry:
    moved, lost = plan(source_epsg, target_epsg, Grids()).apply(np.array([shape], dtype=object))
    if lost[0]:
        raise FilterError("図形の座標が、指定した座標系の範囲を超えています。")
    result: BaseGeometry = moved[0]
    return result
