"""The registered lines around a field, asked from many places at once."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from gis.boundary_comparison.model import RegisteredLine, RegisteredParcel

SAME_LINE_M = 0.001
_CRUMB_M2 = 0.01
Floats = NDArray[np.float64]
Ints = NDArray[np.intp]


@dataclass(frozen=True)
class Measured:
    """For n places: signed distances (n), the nearest points of the line (n, 2), whose line it is (index into the parcels)."""

    distance_m: Floats
    feet: Floats
    owner: Ints


def region_of(parcels: Sequence[RegisteredParcel]) -> BaseGeometry:
    """The parcels as one piece of ground; holes below 0.01 ㎡, which two drawings of one line leave, are closed."""
    united = shapely.union_all(np.array([parcel.geometry for parcel in parcels], dtype=object))
    parts = []
    for part in shapely.get_parts(united):
        if shapely.get_type_id(part) == shapely.GeometryType.POLYGON:
            holes = [ring for ring in part.interiors if shapely.Polygon(ring).area >= _CRUMB_M2]
            parts.append(shapely.Polygon(part.exterior, holes))
    return parts[0] if len(parts) == 1 else shapely.multipolygons(parts)


class Outline:
    """Lines of a region, each with the parcel it belongs to: where two share one, the parcel with the wider limit."""

    def __init__(self, region: BaseGeometry, parcels: Sequence[RegisteredParcel], lines: BaseGeometry) -> None:
        self._region = region
        shapely.prepare(self._region)
        self.limits = np.array([parcel.limit_m for parcel in parcels], dtype=np.float64)
        self._segments = _segments(lines)
        self._tree = shapely.STRtree(self._segments)
        self._owners = self._owners_of(parcels)

    def _owners_of(self, parcels: Sequence[RegisteredParcel]) -> Ints:
        middles = shapely.line_interpolate_point(self._segments, 0.5, normalized=True)
        away = np.array([shapely.distance(parcel.geometry.boundary, middles) for parcel in parcels])
        on_it = away <= np.maximum(away.min(axis=0), SAME_LINE_M)
        widest = np.where(on_it, self.limits[:, np.newaxis], -1.0)
        return np.asarray(np.argmax(widest, axis=0), dtype=np.intp)

    def measure(self, places: Floats) -> Measured:
        """Distances of places (n, 2), the nearest points, whose line it is; of several that share it, the widest limit's."""
        distance, nearest = self.nearest(places)
        points = shapely.points(places)
        asked, segment = self._tree.query(points, predicate="dwithin", distance=np.abs(distance) + SAME_LINE_M)
        order = np.lexsort((self.limits[self._owners[segment]], asked))
        owner = self._owners[nearest]
        owner[asked[order]] = self._owners[segment[order]]
        lines = self._segments[nearest]
        feet = shapely.get_coordinates(shapely.line_interpolate_point(lines, shapely.line_locate_point(lines, points)))
        return Measured(distance, feet, owner)

    def by_limit(self) -> tuple[RegisteredLine, ...]:
        """The lines, those of one limit together, the narrowest limit first."""
        limits = self.limits[self._owners]
        return tuple(
            RegisteredLine(limit, shapely.line_merge(shapely.multilinestrings(self._segments[limits == limit])))
            for limit in np.unique(limits).tolist()
        )

    def to_segment(self, segment: Ints, places: Floats) -> Floats:
        """Plain distances of places (n, 2) to one segment each."""
        return np.asarray(shapely.distance(self._segments[segment], shapely.points(places)))

    def nearest(self, places: Floats) -> tuple[Floats, Ints]:
        """Signed distances of places (n, 2), positive outside the region, and the numbers of the nearest segments."""
        points = shapely.points(places)
        (asked, segment), found = self._tree.query_nearest(points, return_distance=True, all_matches=False)
        distance, nearest = np.empty(len(points)), np.empty(len(points), dtype=np.intp)
        distance[asked], nearest[asked] = found, segment
        inside = shapely.contains_xy(self._region, places[:, 0], places[:, 1])
        return np.where(inside, -distance, distance), nearest


def _segments(lines: BaseGeometry) -> NDArray[np.object_]:
    """Every straight piece of lines."""
    pieces = []
    for line in shapely.get_parts(lines):
        points = shapely.get_coordinates(line)
        pieces.append(np.stack((points[:-1], points[1:]), axis=1))
    ends = np.concatenate(pieces)
    ends = ends[np.any(ends[:, 0] != ends[:, 1], axis=1)]
    return np.asarray(shapely.linestrings(ends), dtype=object)
