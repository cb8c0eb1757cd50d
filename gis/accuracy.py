"""精度区分 of a cadastral map → how far a drawn point and a drawn area may be from the truth.

国土調査法施行令 別表第四 (accuracy classes) and its tolerances, as 不動産登記規則 10 and 77 refer to them. A map without a
class is taken for the roughest one, so that an answer is never given with more certainty than the map has.
"""

import math
from dataclasses import dataclass

from gis.parcel_numbers.folding import tidy


@dataclass(frozen=True)
class AccuracyClass:
    """One class: the tolerance of a boundary point, and the two constants of the tolerance of an area."""

    name: str
    usual_place: str
    mean_square_error_m: float
    point_tolerance_m: float
    area_constant: float
    area_factor: float

    def area_tolerance_m2(self, area_m2: float) -> float:
        """Return (a + b·F^¼)·√F for an area F in square metres: 5.58 for 400 in 乙一."""
        return (self.area_constant + self.area_factor * math.sqrt(math.sqrt(area_m2))) * math.sqrt(area_m2)


CLASSES = {
    row.name: row
    for row in (
        AccuracyClass("甲一", "大都市市街地", 0.02, 0.06, 0.025, 0.003),
        AccuracyClass("甲二", "中都市市街地", 0.07, 0.20, 0.05, 0.01),
        AccuracyClass("甲三", "他の市街地・村落・整形農用地", 0.15, 0.45, 0.10, 0.02),
        AccuracyClass("乙一", "農用地", 0.25, 0.75, 0.10, 0.04),
        AccuracyClass("乙二", "山林・原野周辺", 0.50, 1.50, 0.25, 0.07),
        AccuracyClass("乙三", "山林・原野", 1.00, 3.00, 0.50, 0.14),
    )
}
_ROUGHEST = CLASSES["乙三"]
_ARABIC = str.maketrans("123", "一二三")


def class_of(text: str | None) -> AccuracyClass | None:
    """Return the class a file names (甲二, 甲2, 甲２), or None when it names none of the six."""
    return CLASSES.get(tidy(text or "").translate(_ARABIC))


def point_error_m(accuracy_class: str | None) -> float:
    """Return the 公差 of a boundary point in metres; 3.00 for a map without a class."""
    return (class_of(accuracy_class) or _ROUGHEST).point_tolerance_m


def area_tolerance_m2(accuracy_class: str | None, area_m2: float) -> float:
    """Return the 公差 of 地積測定 for an area, in square metres; that of 乙三 for a map without a class."""
    return (class_of(accuracy_class) or _ROUGHEST).area_tolerance_m2(area_m2)
