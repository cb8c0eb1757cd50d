"""Rings of vertices → a boundary that is one field, and its area with the standard error that the vertices give it.

The area is the plane's, by coordinates, as 地積測定 takes it; nothing is corrected to the ground's own scale.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

from gis.positioning.crossings import crossings
from gis.positioning.model import SurveyedBoundary, Vertex
from gis.positioning.refusal import BoundaryRefused, Place, Reason

__all__ = ["Area", "BoundaryRefused", "area_with_error", "boundary_of", "polygon_of"]

_SAME_PLACE_M = 0.001
_SURE_SIGMAS = 2.0
_NORMAL_95 = 1.96
_CORRELATION_PARTS = (2.0, 4.0, 8.0, 16.0, 32.0, 64.0)
_STRETCHES = 1024


@dataclass(frozen=True)
class Area:
    """An area and its standard error, in ㎡."""

    m2: float
    sigma_m2: float

    @property
    def interval_95(self) -> tuple[float, float]:
        """Between which two areas the truth lies in 95 of 100 surveys."""
        return self.m2 - _NORMAL_95 * self.sigma_m2, self.m2 + _NORMAL_95 * self.sigma_m2


def boundary_of(
    outer: Sequence[Vertex], inners: Sequence[Sequence[Vertex]] = (), *, plane_epsg: int
) -> SurveyedBoundary:
    """One field's boundary: the outer ring counter-clockwise, the inner ones clockwise, no vertex said twice in a row.

    Raises BoundaryRefused with the reason and the places where it goes wrong; never gives one that is not a valid polygon.
    """
    rings = [_ring(outer, "外周", clockwise=False)]
    rings += [_ring(inner, f"内側の線 {number}", clockwise=True) for number, inner in enumerate(inners, start=1)]
    boundary = SurveyedBoundary(rings[0], tuple(rings[1:]), plane_epsg)
    _check_inners(boundary)
    area = area_with_error(boundary)
    if area.m2 <= _SURE_SIGMAS * area.sigma_m2:
        raise BoundaryRefused(
            Reason.AREA_BELOW_ERROR,
            f"面積 {area.m2:.1f} ㎡ が誤差 ±{area.sigma_m2:.1f} ㎡ に埋もれています。精度の良い測位で測り直してください。",
            _places(rings[0]),
        )
    polygon = polygon_of(boundary)
    if not shapely.is_valid(polygon):
        raise BoundaryRefused(
            Reason.CROSSES_ITSELF,
            "線が一つの区画になりません。角の順番を確かめてください。",
            _places(rings[0]),
        )
    return boundary


def polygon_of(boundary: SurveyedBoundary) -> shapely.Polygon:
    """The boundary as a polygon in plane metres."""
    return shapely.Polygon(_places(boundary.outer), [_places(inner) for inner in boundary.inners])


def area_with_error(boundary: SurveyedBoundary) -> Area:
    """The area without the inner boundaries, and its standard error.

    The law of error propagation on ½ Σ xᵢ (yᵢ₊₁ − yᵢ₋₁): a vertex moves the area by half the distance between its neighbours,
    σ_A = ½ √Σ (σᵢ · |pᵢ₊₁ − pᵢ₋₁|)², when vertices err independently. Those of one walk do not: corners measured within a few
    minutes share a part of their errors. How much cannot be seen from the vertices, so correlations exp(−s/L) along the
    ring are gone through, and the L that gives the largest error is taken; L = 0 is the formula above.
    """
    (outer, *inners) = map(_ring_area, boundary.rings)
    return Area(abs(outer) - sum(map(abs, inners)), math.sqrt(sum(map(_ring_variance, boundary.rings))))


def _ring_area(ring: Sequence[Vertex]) -> float:
    """The signed area of a ring, positive when counter-clockwise."""
    places = _array(ring)
    places = places - places.mean(axis=0)
    return 0.5 * float(places[:, 0] @ _chords(places)[:, 1])


def _ring_variance(ring: Sequence[Vertex]) -> float:
    """The variance of a ring's area, in m⁴, under the least favourable correlation exp(−s · parts / around) along it.

    s is the shorter way round between two vertices.
    """
    places = _array(ring)
    pull = 0.5 * _chords(places) * np.array([vertex.sigma_m for vertex in ring])[:, None]
    steps = np.hypot(*(np.roll(places, -1, axis=0) - places).T)
    around = float(steps.sum())
    along = np.concatenate([[0.0], np.cumsum(steps)[:-1]])
    pulls, at = _gathered(pull, along / around)
    apart = np.abs(at[:, None] - at)
    nearer = np.minimum(apart, 1 - apart)
    together = pulls @ pulls.T
    correlated = [float((together * np.exp(-nearer * parts)).sum()) for parts in _CORRELATION_PARTS]
    return max(float((pull**2).sum()), *correlated)


def _gathered(pull: NDArray[np.float64], share: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """The pulls of a ring of many vertices summed over stretches far shorter than any correlation that is tried."""
    if len(share) <= _STRETCHES:
        return pull, share
    stretch = np.minimum((share * _STRETCHES).astype(np.int64), _STRETCHES - 1)
    sums: NDArray[np.float64] = np.column_stack(
        [np.bincount(stretch, pull[:, axis], _STRETCHES) for axis in (0, 1)]
    ).astype(np.float64)
    return sums, (np.arange(_STRETCHES) + 0.5) / _STRETCHES


def _chords(places: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.asarray(np.roll(places, -1, axis=0) - np.roll(places, 1, axis=0), np.float64)


def _ring(vertices: Sequence[Vertex], name: str, *, clockwise: bool) -> tuple[Vertex, ...]:
    ring = _once_each(vertices)
    if not np.isfinite(_array(ring)).all():
        raise BoundaryRefused(Reason.NOT_FINITE, f"{name}に座標でない値があります。測り直してください。")
    if len(ring) < 3:
        raise BoundaryRefused(
            Reason.TOO_FEW_VERTICES,
            f"{name}の角が {len(ring)} か所しかありません。3か所以上を測ってください。",
            _places(ring),
        )
    places = crossings(_array(ring), closed=True)
    if places:
        raise BoundaryRefused(
            Reason.CROSSES_ITSELF,
            f"{name}が自分と交わっています（{len(places)} か所）。角の順番を確かめるか、交わる所を測り直してください。",
            places,
        )
    if (_ring_area(ring) < 0) is not clockwise:
        ring = [ring[0], *ring[:0:-1]]
    return tuple(ring)


def _once_each(vertices: Sequence[Vertex]) -> list[Vertex]:
    """The vertices without those that say the place before them again, the first one again at the end included."""
    ring: list[Vertex] = []
    for vertex in vertices:
        if not ring or _apart(ring[-1], vertex):
            ring.append(vertex)
    while len(ring) > 1 and not _apart(ring[-1], ring[0]):
        ring.pop()
    return ring


def _apart(one: Vertex, other: Vertex) -> bool:
    return not math.hypot(one.x - other.x, one.y - other.y) <= _SAME_PLACE_M


def _check_inners(boundary: SurveyedBoundary) -> None:
    field = shapely.Polygon(_places(boundary.outer))
    holes = [shapely.Polygon(_places(inner)) for inner in boundary.inners]
    for number, hole in enumerate(holes, start=1):
        if not shapely.contains_properly(field, hole):
            outside = shapely.difference(shapely.boundary(hole), field)
            touching = shapely.intersection(shapely.boundary(hole), shapely.boundary(field))
            raise BoundaryRefused(
                Reason.INNER_NOT_INSIDE,
                f"内側の線 {number} が外周の中に収まっていません。外周に触れないように測り直してください。",
                _spots(touching if not touching.is_empty else outside),
            )
        for earlier, other in enumerate(holes[: number - 1], start=1):
            if shapely.intersects(other, hole):
                raise BoundaryRefused(
                    Reason.INNERS_MEET,
                    f"内側の線 {earlier} と {number} が重なるか触れています。一つの線にまとめて測ってください。",
                    _spots(shapely.intersection(other, hole)),
                )


def _spots(shape: shapely.Geometry) -> list[Place]:
    return [(point.x, point.y) for point in shapely.point_on_surface(shapely.get_parts(shape)).tolist()]


def _array(ring: Sequence[Vertex]) -> NDArray[np.float64]:
    return np.array([(vertex.x, vertex.y) for vertex in ring], np.float64).reshape(-1, 2)


def _places(ring: Sequence[Vertex]) -> list[Place]:
    return [(vertex.x, vertex.y) for vertex in ring]
