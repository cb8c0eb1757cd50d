"""What is compared and what comes out; metres in the plane (x east, y north), areas in square metres."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from shapely.geometry.base import BaseGeometry

TWO_SIDED_95 = 1.959964
"""Half width of the interval that holds 95 % of a normal error, in standard errors."""
CIRCLE_95 = 2.447747
"""Radius of the circle that holds 95 % of a normal error in two directions, in standard errors of each (√χ²₂)."""


class Verdict(StrEnum):
    """What can be said of a difference."""

    WITHIN = "within"
    BEYOND = "beyond"
    TOO_COARSE = "too_coarse"

    @property
    def label(self) -> str:
        """The words on the sheet."""
        return _LABELS[self]


_LABELS = {
    Verdict.WITHIN: "地図の誤差の範囲内",
    Verdict.BEYOND: "範囲を超える",
    Verdict.TOO_COARSE: "測位の精度が足りない",
}


def combined_m(limit_m: float, sigma_m: float) -> float:
    """U of a distance: the limit of the line and 1.96 standard errors of the place, in quadrature; at least 95 %."""
    return math.hypot(limit_m, TWO_SIDED_95 * sigma_m)


def verdict_of(distance_m: float, uncertainty_m: float, *, centimetre: bool) -> Verdict:
    """What a signed distance says; one that was not measured with RTK fixed solutions says nothing."""
    if not centimetre:
        return Verdict.TOO_COARSE
    return Verdict.WITHIN if abs(distance_m) <= uncertainty_m else Verdict.BEYOND


@dataclass(frozen=True)
class RegisteredParcel:
    """One polygon of a map. `limit_m`: how far its line may be from the truth, at 95 % or more; `number` is for the map.

    `accuracy_class` is its 精度区分, for the 公差 of its area; `registered_area_m2` the 地積 of the register, None where
    it is not there or not to be seen.
    """

    key: str
    label: str
    geometry: BaseGeometry
    limit_m: float
    accuracy_class: str | None = None
    registered_area_m2: float | None = None
    undetermined: bool = False
    number: str = ""


@dataclass(frozen=True)
class Place:
    """A place on the surveyed line and the nearest registered line.

    `ring` is 0 for the outer boundary and n for the nth inner one, `vertex` counts within it from 0, and `along` is the
    part of the way to the next vertex, 0 at the vertex itself. (`foot_x`, `foot_y`) is the nearest point of the line,
    which is one of `parcel` (its key). `distance_m` is signed, `uncertainty_m` is U.
    """

    ring: int
    vertex: int
    along: float
    x: float
    y: float
    foot_x: float
    foot_y: float
    distance_m: float
    uncertainty_m: float
    limit_m: float
    sigma_m: float
    parcel: str
    verdict: Verdict

    @property
    def is_corner(self) -> bool:
        """Whether it is a measured vertex and not a place between two."""
        return self.along == 0.0


@dataclass(frozen=True)
class Ground:
    """A parcel on which the field lies: the overlap, and its share of the field and of the parcel (0–1)."""

    parcel: RegisteredParcel
    overlap_m2: float
    share_of_field: float
    share_of_parcel: float


@dataclass(frozen=True)
class Neighbour:
    """Another parcel that the field reaches, or could reach within U.

    `reach_m` is how far beyond its own ground the field goes there, negative when it stays that far away from the
    parcel. `uncertainty_m` is U with the wider of the two parcels' limits.
    """

    parcel: RegisteredParcel
    overlap_m2: float
    reach_m: float
    uncertainty_m: float
    verdict: Verdict

    @property
    def is_overlapped(self) -> bool:
        """Whether surveyed field and drawn parcel have an area in common."""
        return self.overlap_m2 > 0.0


@dataclass(frozen=True)
class Shift:
    """The translation that best brings the registered corners onto the surveyed ones: a hint, applied to nothing.

    `east_m` and `north_m` with the standard error of each; `corners` is how many pairs it rests on. `rms_before_m` and
    `rms_after_m` are what is left between the pairs without and with it.
    """

    east_m: float
    north_m: float
    east_error_m: float
    north_error_m: float
    corners: int
    rms_before_m: float
    rms_after_m: float

    @property
    def length_m(self) -> float:
        """How far."""
        return math.hypot(self.east_m, self.north_m)

    @property
    def uncertainty_m(self) -> float:
        """Radius of the circle that holds its end at 95 %, with the larger of the two standard errors."""
        return CIRCLE_95 * max(self.east_error_m, self.north_error_m)

    @property
    def is_plain(self) -> bool:
        """Whether it is longer than it is uncertain."""
        return self.length_m > self.uncertainty_m


@dataclass(frozen=True)
class RegisteredLine:
    """Part of the compared outline: the lines that share a limit."""

    limit_m: float
    geometry: BaseGeometry


@dataclass(frozen=True)
class Comparison:
    """One map's lines and the surveyed boundary.

    `region` is the ground on which the field lies, in one piece or several, and `lines` its outline. `corners` has every
    vertex that has a line to be compared with; `between` the places between vertices that go further out or in than both
    their ends.
    `uncompared_rings` are inner boundaries where the map has no line.
    """

    ground: tuple[Ground, ...]
    region: BaseGeometry
    lines: tuple[RegisteredLine, ...]
    corners: tuple[Place, ...]
    between: tuple[Place, ...]
    uncompared_rings: tuple[int, ...]
    neighbours: tuple[Neighbour, ...]
    unmapped_m2: float
    shift: Shift | None

    @property
    def places(self) -> Sequence[Place]:
        """Corners and the places between them."""
        return (*self.corners, *self.between)

    @property
    def furthest_out(self) -> Place:
        """The place with the largest signed distance."""
        return max(self.places, key=lambda place: place.distance_m)

    @property
    def furthest_in(self) -> Place:
        """The place with the smallest signed distance."""
        return min(self.places, key=lambda place: place.distance_m)

    def beyond(self, *, outside: bool) -> list[Place]:
        """Places on one side that no error of the map explains, the furthest first."""
        found = [
            place for place in self.places if place.verdict is Verdict.BEYOND and (place.distance_m > 0) is outside
        ]
        return sorted(found, key=lambda place: -abs(place.distance_m))
