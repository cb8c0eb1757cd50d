"""Fields and parcels for the tests of the comparison; plane metres around a place in the town."""

from collections.abc import Sequence

from shapely import Polygon
from shapely.geometry.base import BaseGeometry

from gis.boundary_comparison.model import RegisteredParcel
from gis.positioning.model import FixQuality, SurveyedBoundary, Vertex

EAST, NORTH = 70_210.0, 142_860.0
Points = Sequence[tuple[float, float]]
PLOT = [(0.0, 0.0), (40.0, 0.0), (40.0, 25.0), (0.0, 25.0)]


def ring(points: Points, sigma_m: float = 0.02, quality: FixQuality | None = FixQuality.RTK_FIXED) -> list[Vertex]:
    return [Vertex(EAST + x, NORTH + y, sigma_m, quality, 30) for x, y in points]


def surveyed(
    points: Points,
    *inners: Points,
    sigma_m: float = 0.02,
    quality: FixQuality | None = FixQuality.RTK_FIXED,
) -> SurveyedBoundary:
    return SurveyedBoundary(ring(points, sigma_m, quality), [ring(one, sigma_m, quality) for one in inners], 6677)


def polygon(points: Points, *holes: Points) -> BaseGeometry:
    shell, *inner = ([(EAST + x, NORTH + y) for x, y in line] for line in (points, *holes))
    return Polygon(shell, inner)


def parcel(
    key: str, points: Points, *holes: Points, limit_m: float = 0.75, accuracy_class: str = "乙一"
) -> RegisteredParcel:
    return RegisteredParcel(key, key, polygon(points, *holes), limit_m, accuracy_class)


def moved(points: Points, east: float, north: float) -> list[tuple[float, float]]:
    return [(x + east, y + north) for x, y in points]
