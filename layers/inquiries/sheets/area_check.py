"""Registered area against the area of the drawn parcel: two numbers and a verdict, never one number."""

from dataclasses import dataclass

from gis.accuracy import area_tolerance_m2
from layers.inquiries.model import Parcel


@dataclass(frozen=True)
class AreaCheck:
    """`difference_m2` is drawn minus registered; `tolerance_m2` the 公差 of 地積測定 for the parcel's 精度区分."""

    difference_m2: float
    tolerance_m2: float

    @property
    def within(self) -> bool:
        """Whether the two areas agree as well as the accuracy class demands (国土調査法施行令 別表第四)."""
        return abs(self.difference_m2) <= self.tolerance_m2


def check_area(parcel: Parcel) -> AreaCheck | None:
    """None where one of the two areas is unknown, or where no accuracy class says what they may differ by."""
    if parcel.area_m2 is None or parcel.registered_area_m2 is None or parcel.accuracy_class is None:
        return None
    tolerance = area_tolerance_m2(parcel.accuracy_class, parcel.registered_area_m2)
    return AreaCheck(parcel.area_m2 - parcel.registered_area_m2, tolerance)
