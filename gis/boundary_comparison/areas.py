"""Areas by the survey, by the map and by the register, and what their differences say."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from gis.accuracy import area_tolerance_m2
from gis.boundary_comparison.model import TWO_SIDED_95, RegisteredParcel, Verdict
from gis.positioning.model import SurveyedBoundary, Vertex


@dataclass(frozen=True)
class SurveyedArea:
    """The area inside the outer ring less the inner ones, and its standard error."""

    m2: float
    standard_error_m2: float
    centimetre: bool


@dataclass(frozen=True)
class AreaCheck:
    """A surveyed area against another one. `difference_m2` is surveyed less other.

    `tolerance_m2` is the 公差 of 地積測定 of the parcels, each by its 精度区分, in quadrature; `uncertainty_m2` joins it
    with 1.96 standard errors of the surveyed area.
    """

    m2: float
    difference_m2: float
    tolerance_m2: float
    uncertainty_m2: float
    verdict: Verdict


def surveyed_area(boundary: SurveyedBoundary) -> SurveyedArea:
    """The area and its standard error: the shoelace formula, and its first derivatives by each coordinate times σ.

    Moving a vertex by one metre across the line between its two neighbours changes the area by half of that line; the
    vertices are taken as independent, since what they have in common moves the field and does not change its size.
    """
    rings = [boundary.outer, *boundary.inners]
    areas = [_ring_area(ring) for ring in rings]
    variance = sum(_ring_variance(ring) for ring in rings)
    centimetre = all(vertex.is_centimetre for ring in rings for vertex in ring)
    return SurveyedArea(areas[0] - sum(areas[1:]), math.sqrt(variance), centimetre)


def check_area(surveyed: SurveyedArea, parcels: Sequence[RegisteredParcel], *, registered: bool) -> AreaCheck | None:
    """The surveyed area against the drawn areas of the parcels, or against the register's (`registered`).

    None where the register's area of one of them is not known, and where there are no parcels.
    """
    areas = [parcel.registered_area_m2 if registered else float(parcel.geometry.area) for parcel in parcels]
    known = [area for area in areas if area is not None]
    if not known or len(known) < len(areas):
        return None
    tolerance = math.hypot(
        *(area_tolerance_m2(parcel.accuracy_class, area) for parcel, area in zip(parcels, known, strict=True))
    )
    uncertainty = math.hypot(tolerance, TWO_SIDED_95 * surveyed.standard_error_m2)
    difference = surveyed.m2 - sum(known)
    if not surveyed.centimetre:
        verdict = Verdict.TOO_COARSE
    else:
        verdict = Verdict.WITHIN if abs(difference) <= uncertainty else Verdict.BEYOND
    return AreaCheck(sum(known), difference, tolerance, uncertainty, verdict)


def _ring_area(ring: Sequence[Vertex]) -> float:
    x, y = _coordinates(ring)
    return float(abs(np.sum(x * np.roll(y, -1) - np.roll(x, -1) * y)) / 2)


def _ring_variance(ring: Sequence[Vertex]) -> float:
    x, y = _coordinates(ring)
    sigma = np.array([vertex.sigma_m for vertex in ring])
    across = np.hypot(np.roll(x, -1) - np.roll(x, 1), np.roll(y, -1) - np.roll(y, 1)) / 2
    return float(np.sum((sigma * across) ** 2))


def _coordinates(ring: Sequence[Vertex]) -> np.ndarray[tuple[int, int], np.dtype[np.float64]]:
    """x and y (2, n), from the first vertex, so that large plane coordinates cost no digits."""
    points = np.array([(vertex.x - ring[0].x, vertex.y - ring[0].y) for vertex in ring])
    return points.T
