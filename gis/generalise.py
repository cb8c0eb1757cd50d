"""Shapes made simpler for small scales: neighbours keep one common border, so that no gap and no overlap opens.

Coordinates are Web Mercator metres (EPSG:3857) throughout, since what counts is what a screen can show.
"""

from collections.abc import Iterator, Sequence

import numpy as np
import shapely
from numpy.typing import NDArray

from gis.mvt import EXTENT
from gis.reference_systems import SPHERE_RADIUS_M

WORLD_M = 2 * np.pi * SPHERE_RADIUS_M
PIXELS_OF_A_TILE = 512
"""MapLibre draws a vector tile at 512 CSS pixels."""
VERTICES_AT_ONCE = 3_000_000
"""How many vertices are simplified as one coverage: about 0.8 GB with GEOS 3.14; more are done part by part."""
_TOLERANCE_PIXELS = 0.5
_HOLE_PIXELS = 4.0

Shapes = NDArray[np.object_]


def unit_m(zoom: int) -> float:
    """Side of one tile unit at a zoom, in Web Mercator metres."""
    return float(WORLD_M / 2**zoom / EXTENT)


def pixel_m(zoom: int) -> float:
    """Side of one CSS pixel at a zoom, in Web Mercator metres."""
    return float(WORLD_M / 2**zoom / PIXELS_OF_A_TILE)


def tolerance_m(zoom: int) -> float:
    """What may be left out at a zoom without anyone seeing it: half a CSS pixel, in Web Mercator metres.

    For areas it is the side of the square whose area a left-out corner may have (Visvalingam–Whyatt), for lines the
    distance by which a line may move (Douglas–Peucker).
    """
    return pixel_m(zoom) * _TOLERANCE_PIXELS


def simplify_areas(shapes: Shapes, tolerance: float, *, vertices_at_once: int = VERTICES_AT_ONCE) -> Shapes:
    """The areas with fewer vertices; a border that two of them share stays shared, vertex by vertex.

    More than `vertices_at_once` are done in parts that lie together, and borders between parts stay as they are: memory is
    bounded and still no gap opens. A shape that would become invalid stays as it was.
    """
    simple = shapes.copy()
    parts = list(_parts(shapes, vertices_at_once))
    for part in parts:
        simple[part] = shapely.coverage_simplify(shapes[part], tolerance, simplify_boundary=len(parts) == 1)
    return _kept_valid(shapes, simple)


def simplify_lines(shapes: Shapes, tolerance: float) -> Shapes:
    """The lines with fewer vertices, none of them vanishing; ends stay where they are, so that a network stays joined."""
    return _kept_valid(shapes, shapely.simplify(shapes, tolerance, preserve_topology=True))


def merge_areas(shapes: Shapes, groups: NDArray[np.int64], zoom: int) -> Shapes:
    """One area for each group, in the order 0, 1, …; `groups` says of each shape which it belongs to.

    Holes smaller than a few pixels at `zoom` are closed where no other group fills them. Shapes that overlap (a fault of
    the source) are merged all the same.
    """
    if not len(shapes):
        return shapes
    order = np.argsort(groups, kind="stable")
    members = np.split(shapes[order], np.flatnonzero(np.diff(groups[order])) + 1)
    merged = [_merged(part) for part in members]
    return _without_empty_holes(np.array(merged, dtype=object), (pixel_m(zoom) ** 2) * _HOLE_PIXELS)


def _merged(members: Shapes) -> shapely.Geometry:
    if shapely.coverage_is_valid(members):
        return shapely.coverage_union_all(members)
    return shapely.union_all(members)


def _without_empty_holes(shapes: Shapes, least_m2: float) -> Shapes:
    """Closes small holes that hold nothing of another shape: what fills a hole has a point of its own inside it."""
    tree = shapely.STRtree(shapely.point_on_surface(shapely.get_parts(shapes)))
    return np.array([_closed(shape, tree, least_m2) for shape in shapes], dtype=object)


def _closed(shape: shapely.Geometry, tree: shapely.STRtree, least_m2: float) -> shapely.Geometry:
    polygons = []
    for polygon in shapely.get_parts(shape):
        rings = shapely.get_rings(polygon)
        holes = shapely.polygons(rings[1:])
        kept = [
            ring
            for ring, hole in zip(rings[1:], holes, strict=True)
            if hole.area >= least_m2 or len(tree.query(hole, predicate="contains"))
        ]
        # an empty list would be taken for coordinates
        polygons.append(shapely.polygons(rings[0], kept or None) if len(kept) < len(holes) else polygon)
    return shapely.multipolygons(polygons)


def _kept_valid(before: Shapes, after: Shapes) -> Shapes:
    broken = ~shapely.is_valid(after) | shapely.is_empty(after)
    after[broken] = before[broken]
    return after


def _parts(shapes: Shapes, vertices_at_once: int) -> Iterator[NDArray[np.int64]]:
    """Positions of the shapes, in parts of at most so many vertices that lie together."""
    counts = shapely.get_num_coordinates(shapes)
    if counts.sum() <= vertices_at_once:
        yield np.arange(len(shapes))
        return
    order = _along_a_curve(shapely.bounds(shapes))
    part_of = np.cumsum(counts[order]) // vertices_at_once
    yield from np.split(order, np.flatnonzero(np.diff(part_of)) + 1)


def _along_a_curve(bounds: NDArray[np.float64]) -> NDArray[np.int64]:
    """Positions sorted along a Z-order curve of 2^16 cells a side, so that neighbours mostly stay together."""
    centres = (bounds[:, :2] + bounds[:, 2:]) / 2
    low, size = centres.min(axis=0), np.maximum(np.ptp(centres, axis=0), 1e-9)
    cells = ((centres - low) / size * 65_535).astype(np.uint64)
    keys = _spread(cells[:, 0]) | (_spread(cells[:, 1]) << np.uint64(1))
    return np.argsort(keys, kind="stable")


def _spread(values: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """Puts a zero bit between each two of 16 bits."""
    masks: Sequence[tuple[int, int]] = ((8, 0x00FF00FF), (4, 0x0F0F0F0F), (2, 0x33333333), (1, 0x55555555))
    for shift, mask in masks:
        values = (values | (values << np.uint64(shift))) & np.uint64(mask)
    return values
