"""Areas cut into small pieces behind an index, so that a question about one point looks at a few corners only."""

from collections.abc import Sequence

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

MOST_CORNERS = 96
"""Corners of a piece; a point in polygon of that size takes 2 µs."""
SEAM_M = 0.05
"""Zones that were drawn side by side may part by this much: what is narrower is no edge."""


class Pieces:
    """Areas as small pieces. Answers from several threads at once: nothing is built on asking."""

    def __init__(self, areas: Sequence[BaseGeometry]) -> None:
        pieces: list[BaseGeometry] = []
        owners: list[int] = []
        for owner, area in enumerate(areas):
            cut = [piece for part in shapely.get_parts(area) for piece in _cut(part)]
            pieces += cut
            owners += [owner] * len(cut)
        self._pieces = np.array(pieces, dtype=object)
        self._owners = np.array(owners, dtype=np.intp)
        self._tree = shapely.STRtree(self._pieces)
        _build(self._tree)

    @property
    def bounds(self) -> tuple[float, float, float, float]:
        """West, south, east and north of all areas."""
        west, south, east, north = shapely.total_bounds(self._pieces).tolist()
        return west, south, east, north

    def __len__(self) -> int:
        return len(self._pieces)

    def near(self, point: BaseGeometry, distance_m: float) -> tuple[NDArray[np.intp], NDArray[np.bool_]]:
        """The areas (by position, repeated for several pieces) within that distance, and whether the piece holds the point."""
        found = self._tree.query(point, predicate="dwithin", distance=distance_m)
        return self._owners[found], shapely.intersects(self._pieces[found], point)

    def hold(self, point: BaseGeometry) -> NDArray[np.intp]:
        """The areas that hold the point, their edges included."""
        found: NDArray[np.intp] = self._owners[self._tree.query(point, predicate="intersects")]
        return found

    def cut_to(self, box: BaseGeometry) -> list[tuple[int, BaseGeometry]]:
        """The polygons that lie in a box, cut at it, each with its area's position."""
        found = np.sort(self._tree.query(box, predicate="intersects"))
        cut = shapely.intersection(self._pieces[found], box)
        return [
            (int(owner), part)
            for owner, piece in zip(self._owners[found], cut, strict=True)
            for part in shapely.get_parts(piece)
            if part.geom_type == "Polygon"
        ]


class Edges:
    """The outer outline of areas taken together: an edge between two of them is none."""

    def __init__(self, areas: Sequence[BaseGeometry]) -> None:
        whole = shapely.union_all(np.array(areas, dtype=object))
        closed = shapely.buffer(shapely.buffer(whole, SEAM_M), -SEAM_M)
        self._tree = shapely.STRtree(_short_lines(shapely.boundary(closed)))
        _build(self._tree)

    def within(self, point: BaseGeometry, distance_m: float) -> bool:
        """Whether the outline comes that near to the point."""
        return len(self._tree.query(point, predicate="dwithin", distance=distance_m)) > 0

    def cut_to(self, box: BaseGeometry) -> list[BaseGeometry]:
        """The lines that lie in a box, cut at it."""
        found = np.sort(self._tree.query(box, predicate="intersects"))
        cut = shapely.intersection(self._tree.geometries[found], box)
        return [part for line in cut for part in shapely.get_parts(line) if part.geom_type == "LineString"]


def _build(tree: shapely.STRtree) -> None:
    """The first question builds the tree, which two threads must not do at once."""
    tree.query(shapely.Point(0, 0))


def _cut(area: BaseGeometry) -> list[BaseGeometry]:
    if area.geom_type != "Polygon" or area.is_empty:
        return []
    if shapely.get_num_coordinates(area) <= MOST_CORNERS:
        return [area]
    west, south, east, north = area.bounds
    if max(east - west, north - south) < SEAM_M:
        return [area]
    halves = _halves(west, south, east, north)
    return [
        piece for half in halves for part in shapely.get_parts(shapely.intersection(area, half)) for piece in _cut(part)
    ]


def _halves(west: float, south: float, east: float, north: float) -> tuple[BaseGeometry, BaseGeometry]:
    if east - west > north - south:
        middle = (west + east) / 2
        return shapely.box(west, south, middle, north), shapely.box(middle, south, east, north)
    middle = (south + north) / 2
    return shapely.box(west, south, east, middle), shapely.box(west, middle, east, north)


def _short_lines(outline: BaseGeometry) -> list[BaseGeometry]:
    lines: list[BaseGeometry] = []
    for part in shapely.get_parts(outline):
        corners = shapely.get_coordinates(part)
        lines += [
            shapely.LineString(corners[start : start + MOST_CORNERS + 1])
            for start in range(0, len(corners) - 1, MOST_CORNERS)
        ]
    return lines
