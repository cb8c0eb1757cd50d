"""Areas by the survey, by the map and by the register, and what their differences say."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from gis.accuracy import area_tolerance_m2
from gis.boundary_comparison.model import TWO_SIDED_95, RegisteredParcel, Verdict
from gis.positioning.boundary import area_with_error
from gis.positioning.model import SurveyedBoundary


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
    """The area and its standard error as `gis.positioning.boundary.area_with_error` states them."""
    area = area_with_error(boundary)
    centimetre = all(vertex.is_centimetre for vertex in boundary.vertices)
    return SurveyedArea(area.m2, area.sigma_m2, centimetre)


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
