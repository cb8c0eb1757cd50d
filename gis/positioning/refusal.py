"""Why positions do not make a corner, a line or a boundary, and where the trouble is."""

from collections.abc import Sequence
from enum import StrEnum

from gis.errors import OnomapError

Place = tuple[float, float]
"""x (east) and y (north) in metres of the plane."""


class Reason(StrEnum):
    """The kinds of refusal; the sentence for people is the error's own text."""

    NO_FIXES = "no_fixes"
    NOT_STILL = "not_still"
    TOO_MANY_OUTLIERS = "too_many_outliers"
    TOO_SHORT = "too_short"
    GAP = "gap"
    NOT_CLOSED = "not_closed"
    CROSSES_ITSELF = "crosses_itself"
    OFFSET_TOO_WIDE = "offset_too_wide"
    TOO_FEW_VERTICES = "too_few_vertices"
    AREA_BELOW_ERROR = "area_below_error"
    INNER_NOT_INSIDE = "inner_not_inside"
    INNERS_MEET = "inners_meet"
    NOT_FINITE = "not_finite"


class BoundaryRefused(OnomapError):  # noqa: N818 - the name of the contract
    """What was measured does not make a boundary; `places` are where it goes wrong, for the picture."""

    def __init__(self, reason: Reason, message: str, places: Sequence[Place] = ()) -> None:
        super().__init__(message)
        self.reason = reason
        self.places = tuple(places)
