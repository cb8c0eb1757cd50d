"""On which parcels a field lies, and which others it reaches."""

import itertools
from collections.abc import Collection, Iterator, Sequence

import numpy as np
import shapely
from shapely.geometry import Polygon
from shapely.geometry.base import BaseGeometry

from gis.boundary_comparison.model import Ground, Neighbour, RegisteredParcel, Verdict, combined_m, verdict_of
from gis.boundary_comparison.outline import Outline
from gis.positioning.model import SurveyedBoundary, Vertex

SHARE_OF_FIELD = 0.2
SHARE_OF_PARCEL = 0.5
_STEP_M = 0.05
_OVERLAP_M2 = 0.01


def field_of(boundary: SurveyedBoundary) -> BaseGeometry:
    """The field as a polygon without what its inner boundaries take out."""
    outer = Polygon([(vertex.x, vertex.y) for vertex in boundary.outer])
    inners = [Polygon([(vertex.x, vertex.y) for vertex in ring]) for ring in boundary.inners]
    field = shapely.make_valid(outer)
    return shapely.difference(field, shapely.union_all([shapely.make_valid(ring) for ring in inners]))


def ground_of(
    field: BaseGeometry, parcels: Sequence[RegisteredParcel], own: Collection[str] | None = None
) -> list[Ground]:
    """The parcels on which the field lies, the largest part first.

    A parcel counts when it bears a fifth of the field or more, or when half of it is field and that half is wider than
    its line is uncertain. One that a field merely grazes is not its ground. `own` names the parcels instead, by their keys.
    """
    if own is not None:
        named = [parcel for parcel in parcels if parcel.key in own]
        return sorted((_ground(field, parcel) for parcel in named), key=lambda one: -one.overlap_m2)
    found = []
    for parcel in parcels:
        common = shapely.intersection(field, parcel.geometry)
        if common.area > _OVERLAP_M2:
            found.append((parcel, common))
    found.sort(key=lambda one: -one[1].area)
    bearing = [_ground(field, parcel) for parcel, _ in found]
    return [ground for ground, (_, common) in zip(bearing, found, strict=True) if _bears(ground, common)]


def _ground(field: BaseGeometry, parcel: RegisteredParcel) -> Ground:
    area = float(shapely.intersection(field, parcel.geometry).area)
    return Ground(parcel, area, area / field.area, area / parcel.geometry.area)


def _bears(ground: Ground, common: BaseGeometry) -> bool:
    if ground.share_of_field >= SHARE_OF_FIELD:
        return True
    return ground.share_of_parcel >= SHARE_OF_PARCEL and not shapely.buffer(common, -ground.parcel.limit_m).is_empty


def neighbours_of(
    boundary: SurveyedBoundary,
    field: BaseGeometry,
    outline: Outline,
    region: BaseGeometry,
    others: Sequence[RegisteredParcel],
) -> list[Neighbour]:
    """The other parcels that the field overlaps, or comes nearer to than U; the furthest reached first."""
    worst_m = boundary.worst_sigma_m
    widest_m = max([*outline.limits.tolist(), *(parcel.limit_m for parcel in others)])
    near_m = combined_m(widest_m, worst_m)
    found = []
    for parcel in others:
        if not shapely.dwithin(field, parcel.geometry, near_m):
            continue
        own_m, reach_m, common = _reach(field, outline, region, parcel)
        uncertainty_m = combined_m(max(parcel.limit_m, own_m), worst_m)
        if reach_m < -uncertainty_m:
            continue
        if common is None:
            verdict = (
                Verdict.WITHIN if all(vertex.is_centimetre for vertex in boundary.vertices) else Verdict.TOO_COARSE
            )
        else:
            centimetre = _centimetre_at(boundary, common)
            verdict = verdict_of(max(reach_m, 0.0), uncertainty_m, centimetre=centimetre)
        area = 0.0 if common is None else float(common.area)
        found.append(Neighbour(parcel, area, reach_m, uncertainty_m, verdict))
    return sorted(found, key=lambda one: -one.reach_m)


def _reach(
    field: BaseGeometry, outline: Outline, region: BaseGeometry, parcel: RegisteredParcel
) -> tuple[float, float, BaseGeometry | None]:
    """The limit of the own ground's line nearest to there, how far the field reaches beyond it, and the common part."""
    common = shapely.intersection(field, parcel.geometry)
    if common.area <= _OVERLAP_M2:
        near = shapely.shortest_line(parcel.geometry, field).coords[1]
        owner = outline.measure(np.array([near[:2]])).owner[0]
        return float(outline.limits[owner]), -float(shapely.distance(field, parcel.geometry)), None
    places = shapely.get_coordinates(shapely.segmentize(common, _STEP_M))
    beyond = shapely.distance(region, shapely.points(places))
    furthest = int(np.argmax(beyond))
    owner = outline.measure(places[furthest : furthest + 1]).owner[0]
    return float(outline.limits[owner]), float(beyond[furthest]), common


def _centimetre_at(boundary: SurveyedBoundary, common: BaseGeometry) -> bool:
    """Whether every edge of the survey that bounds the common part hangs on two centimetre vertices."""
    for first, second in _edges(boundary):
        edge = shapely.linestrings([(first.x, first.y), (second.x, second.y)])
        if shapely.dwithin(edge, common, _OVERLAP_M2) and not (first.is_centimetre and second.is_centimetre):
            return False
    return True


def _edges(boundary: SurveyedBoundary) -> Iterator[tuple[Vertex, Vertex]]:
    for ring in boundary.rings:
        yield from itertools.pairwise((*ring, ring[0]))
