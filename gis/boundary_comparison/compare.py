"""A surveyed boundary against one map: which ground, how far from its lines, and whether that says anything."""

import math
from collections.abc import Collection, Sequence
from dataclasses import dataclass

import numpy as np
import shapely
from shapely.geometry import Polygon
from shapely.geometry.base import BaseGeometry

from gis.boundary_comparison.along import WITHIN_M, extremes
from gis.boundary_comparison.ground import field_of, ground_of, neighbours_of
from gis.boundary_comparison.model import Comparison, Place, RegisteredParcel, combined_m, verdict_of
from gis.boundary_comparison.outline import Floats, Outline, region_of
from gis.boundary_comparison.shift import shift_of
from gis.positioning.model import SurveyedBoundary, Vertex

WORTH_TELLING_M = 0.05
"""A place between two vertices is told when it goes that much further than both of them."""


def compare(
    boundary: SurveyedBoundary, parcels: Sequence[RegisteredParcel], own: Collection[str] | None = None
) -> Comparison | None:
    """Hold the boundary against polygons of one map, which must be all that lie within their limits of it.

    `own` are the keys of the parcels of which the field's ground is made, when somebody says so; else its shape tells.
    None where the map has no polygon on which the field lies. Exact but for places between vertices, found to 5 mm, and the
    reach into a neighbour, found to 25 mm.
    """
    field = field_of(boundary)
    ground = ground_of(field, parcels, own)
    if not ground:
        return None
    bearing = [one.parcel for one in ground]
    region = region_of(bearing)
    outline = Outline(region, bearing, region.boundary)
    corners: list[Place] = []
    between: list[Place] = []
    uncompared: list[int] = []
    for number, vertices in enumerate(boundary.rings):
        lines = region.boundary if number == 0 else _holes_at(region, vertices)
        if lines is None:
            uncompared.append(number)
            continue
        ring = _Ring(number, vertices, Outline(region, bearing, lines), bearing)
        corners += ring.corners()
        between += ring.between(corners[-len(vertices) :])
    keys = {parcel.key for parcel in bearing}
    others = [parcel for parcel in parcels if parcel.key not in keys]
    mapped = shapely.union_all(np.array([parcel.geometry for parcel in parcels], dtype=object))
    return Comparison(
        ground=tuple(ground),
        region=region,
        lines=outline.by_limit(),
        corners=tuple(corners),
        between=tuple(between),
        uncompared_rings=tuple(uncompared),
        neighbours=tuple(neighbours_of(boundary, field, outline, region, others)),
        unmapped_m2=float(shapely.difference(field, mapped).area),
        shift=shift_of(field, region, 2 * max(parcel.limit_m for parcel in bearing)),
    )


def _holes_at(region: BaseGeometry, vertices: Sequence[Vertex]) -> BaseGeometry | None:
    """The lines of the ground's holes that an inner boundary overlaps; None where it has none there."""
    inner = shapely.make_valid(Polygon([(vertex.x, vertex.y) for vertex in vertices]))
    holes = [ring for part in shapely.get_parts(region) for ring in part.interiors if Polygon(ring).intersects(inner)]
    return shapely.multilinestrings(holes) if holes else None


@dataclass(frozen=True)
class _Ring:
    """One surveyed ring against the lines that it is compared with."""

    number: int
    vertices: Sequence[Vertex]
    outline: Outline
    own: Sequence[RegisteredParcel]

    def corners(self) -> list[Place]:
        """Every vertex."""
        count = len(self.vertices)
        return self._places(np.arange(count), np.zeros(count), self._points())

    def between(self, corners: Sequence[Place]) -> list[Place]:
        """On each edge the furthest place out, and the furthest in that is inside, where they go further than both ends."""
        starts = self._points()
        ends = np.roll(starts, -1, axis=0)
        here = np.array([place.distance_m for place in corners])
        there = np.roll(here, -1)
        found = []
        for outward in (True, False):
            most = extremes(self.outline, starts, ends, outward=outward)
            if outward:
                ahead = most.distance_m - np.maximum(here, there)
            else:
                ahead = np.minimum(np.minimum(here, there), 0.0) - most.distance_m
            edges = np.flatnonzero(ahead >= WORTH_TELLING_M - WITHIN_M)
            along = most.along[edges]
            found += self._places(edges, along, starts[edges] + along[:, np.newaxis] * (ends - starts)[edges])
        return sorted(found, key=lambda place: (place.vertex, place.along))

    def _points(self) -> Floats:
        return np.array([(vertex.x, vertex.y) for vertex in self.vertices], dtype=np.float64)

    def _places(self, at: np.ndarray[tuple[int], np.dtype[np.intp]], along: Floats, points: Floats) -> list[Place]:
        if not len(at):
            return []
        measured = self.outline.measure(points)
        return [
            self._place(vertex, part, points[index], measured.distance_m[index], measured.feet[index], owner)
            for index, (vertex, part, owner) in enumerate(
                zip(at.tolist(), along.tolist(), measured.owner.tolist(), strict=True)
            )
        ]

    def _place(self, vertex: int, along: float, point: Floats, distance: float, foot: Floats, owner: int) -> Place:
        ends = [self.vertices[vertex]]
        if along > 0:
            ends.append(self.vertices[(vertex + 1) % len(self.vertices)])
        sigma_m = max(end.sigma_m for end in ends)
        parcel = self.own[owner]
        uncertainty_m = combined_m(parcel.limit_m, sigma_m)
        distance_m = float(distance) if not math.isclose(distance, 0.0, abs_tol=1e-9) else 0.0
        return Place(
            ring=self.number,
            vertex=vertex,
            along=along,
            x=float(point[0]),
            y=float(point[1]),
            foot_x=float(foot[0]),
            foot_y=float(foot[1]),
            distance_m=distance_m,
            uncertainty_m=uncertainty_m,
            limit_m=parcel.limit_m,
            sigma_m=sigma_m,
            parcel=parcel.key,
            verdict=verdict_of(distance_m, uncertainty_m, centimetre=all(end.is_centimetre for end in ends)),
        )
