"""A field as a machine knows it: boundaries, headland and guidance lines in degrees, whatever the file was."""

from collections.abc import Sequence
from dataclasses import dataclass, field

Position = tuple[float, float]
"""Longitude and latitude in degrees, in this order everywhere; only the writers turn it round where a file wants it so."""
Ring = Sequence[Position]
"""Not closed: the first position is not said again."""


@dataclass(frozen=True)
class GuidanceLine:
    """A line a machine follows. Two positions are a straight A–B line, more are a curve; `width_m` is the working width."""

    name: str
    positions: Sequence[Position]
    width_m: float | None = None


@dataclass(frozen=True)
class MachineField:
    """One field. `area_m2` is what the file or the survey states, None where it states none."""

    id: str
    name: str
    outer: Ring
    inners: Sequence[Ring] = ()
    headland: Ring | None = None
    guidance: Sequence[GuidanceLine] = ()
    area_m2: float | None = None
    farmer: str = ""
    notes: Sequence[str] = field(default=())
    """What a reader could not carry over, in sentences for the person who gave the file."""
