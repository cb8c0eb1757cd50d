"""Areas by crop and 大字, in ㎡, a and 反, with the measured and the seen-from-the-air kept apart. Pure."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from gis.units import Area
from layers.surveys.crop_desk import UNKNOWN_OAZA, PlannedField
from layers.surveys.crops import crops


@dataclass(frozen=True)
class CropArea:
    """The sum of one crop (in one 大字, or in all): ㎡ by the origin of the area, and how many fields.

    `rtk_m2` is of RTK fields with a fixed solution, `rough_m2` of other RTK fields, `polygon_m2` of 筆ポリゴン.
    """

    crop: str
    oaza: str | None
    fields: int
    rtk_m2: float
    rough_m2: float
    polygon_m2: float
    actual_m2: float

    @property
    def area_m2(self) -> float:
        """All of it."""
        return self.rtk_m2 + self.rough_m2 + self.polygon_m2

    def as_json(self) -> dict[str, object]:
        """The sum in every unit."""
        area = Area.of_m2(self.area_m2)
        return {
            "crop": self.crop,
            "oaza": self.oaza,
            "fields": self.fields,
            "m2": round(self.area_m2, 1),
            "a": round(area.ares, 2),
            "tan": round(area.tan, 3),
            "rtk_m2": round(self.rtk_m2, 1),
            "rough_m2": round(self.rough_m2, 1),
            "polygon_m2": round(self.polygon_m2, 1),
            "actual_m2": round(self.actual_m2, 1),
        }


def by_crop(fields: Iterable[PlannedField]) -> list[CropArea]:
    """One row a crop, in the order of the list."""
    return _sums(fields, by_oaza=False)


def by_oaza(fields: Iterable[PlannedField]) -> list[CropArea]:
    """One row for each crop of each 大字, by 大字."""
    return sorted(_sums(fields, by_oaza=True), key=lambda row: row.oaza or "")


def _sums(fields: Iterable[PlannedField], *, by_oaza: bool) -> list[CropArea]:
    sums: dict[tuple[str, str | None], dict[str, float]] = defaultdict(lambda: defaultdict(float))
    seen: dict[tuple[str, str | None], set[object]] = defaultdict(set)
    for one in fields:
        oaza = (one.ground.oaza or UNKNOWN_OAZA) if by_oaza else None
        for part in one.parts:
            row = sums[part.part.crop, oaza]
            row[_origin(one.ground.basis)] += part.area_m2
            if part.part.state == "actual":
                row["actual"] += part.area_m2
            seen[part.part.crop, oaza].add(one.ground.key)
    order = list(crops())
    return [
        CropArea(crop, oaza, len(seen[crop, oaza]), row["rtk"], row["rough"], row["polygon"], row["actual"])
        for (crop, oaza), row in sorted(sums.items(), key=lambda item: (order.index(item[0][0]), item[0][1] or ""))
    ]


def _origin(basis: str) -> str:
    return {"RTK測位": "rtk", "筆ポリゴン": "polygon"}.get(basis, "rough")
