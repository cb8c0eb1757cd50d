"""What is said of one place: its risks, the places to go, and how far they are on foot."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from layers.store.outcomes import Outcome


class Hazard(StrEnum):
    """The eight kinds that an evacuation site is designated for (災害対策基本法施行令), in the order of an inland town."""

    FLOOD = "flood"
    LANDSLIDE = "landslide"
    INLAND_FLOOD = "inland_flood"
    EARTHQUAKE = "earthquake"
    LARGE_FIRE = "large_fire"
    STORM_SURGE = "storm_surge"
    TSUNAMI = "tsunami"
    VOLCANO = "volcano"


@dataclass(frozen=True)
class Part:
    """What one group of zones (a river in a scenario, a kind of landslide) says of a place, as codes of the layer.

    `inside` is the gravest grade that holds the place, None where none does; `near` the gravest within the layer's accuracy.
    """

    group: tuple[str | None, ...]
    inside: int | None
    near: int


@dataclass(frozen=True)
class Risk:
    """The answer for one hazard.

    `found` is what the data say without regard to their age: `outcome` is the same, or STALE. `band_m` is how far off the
    zones' edges may be. `reason` tells apart why there are no data: the layer is not published, or the place lies beyond
    what it covers.
    """

    hazard: Hazard
    outcome: Outcome
    found: Outcome
    parts: tuple[Part, ...] = ()
    grade: int | None = None
    band_m: float = 0.0
    layer: str | None = None
    reason: str | None = None


@dataclass(frozen=True)
class Destination:
    """An evacuation site or a shelter: the hazards it is designated for, and the hazard zones in which it lies itself."""

    layer: str
    fid: int
    name: str
    name_kana: str | None
    address: str | None
    lon: float
    lat: float
    x: float
    y: float
    hazards: frozenset[Hazard] = frozenset()
    lies_in: frozenset[Hazard] = frozenset()


@dataclass(frozen=True)
class Way:
    """The way to a destination, in metres: `walk_m` along the roads, None where no road leads there."""

    to: Destination
    straight_m: float
    walk_m: float | None

    @property
    def length_m(self) -> float:
        """By which ways are compared: the straight one stands in where there is no other."""
        return self.straight_m if self.walk_m is None else self.walk_m


@dataclass(frozen=True)
class Told:
    """Where a layer comes from and how old it is; `is_stale`: past its update cycle."""

    source: str
    data_date: date | None
    is_stale: bool
    cycle_days: int


@dataclass(frozen=True)
class Guidance:
    """Everything that is said of a place. Outside of the town there is nothing but that."""

    lon: float
    lat: float
    in_town: bool
    oaza: str | None = None
    district: str | None = None
    risks: tuple[Risk, ...] = ()
    go: Mapping[Hazard, tuple[Way, ...]] = field(default_factory=dict)
    shelters: tuple[Way, ...] = ()
    shut: tuple[Way, ...] = ()
    """Sites and shelters that were left out because they are closed just now, the nearest first."""
    told: Mapping[str, Told] = field(default_factory=dict)
