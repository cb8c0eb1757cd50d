"""What positioning speaks of: fixes, stations they hang on, and boundaries whose every vertex carries its standard error.

Positions in degrees are longitude and latitude of the datum that the station states; positions in metres are x (east) and
y (north) in the town's plane CRS (小野町: EPSG:6677).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import IntEnum, StrEnum


class FixQuality(IntEnum):
    """NMEA 0183 GGA field 6. Only RTK_FIXED counts as centimetres."""

    INVALID = 0
    SINGLE = 1
    DIFFERENTIAL = 2
    PRECISE = 3
    RTK_FIXED = 4
    RTK_FLOAT = 5
    ESTIMATED = 6
    MANUAL = 7
    SIMULATOR = 8


class Epoch(StrEnum):
    """元期 (the day the datum's coordinates belong to) or 今期 (the day of the measurement, crustal motion included)."""

    REFERENCE = "reference"
    CURRENT = "current"


@dataclass(frozen=True)
class Station:
    """What the fixes of a session hang on; recorded with every line, because a position without it cannot be defended."""

    base_station: str
    mount_point: str
    datum: str
    epoch: Epoch
    receiver: str


@dataclass(frozen=True)
class Fix:
    """One position of the antenna, in degrees. `quality` is None where the source does not say (a browser, a typed position).

    `height_m` is above mean sea level and `geoid_separation_m` beside it, as GGA gives them; `sigma_m` is the receiver's own
    horizontal standard error (GST, or a browser's accuracy), None where it is silent. `resolution_m` is the step of the
    last digit that was written: 0.18 m for NMEA minutes with four decimals, however good the receiver.
    """

    lon: float
    lat: float
    at: datetime | None = None
    quality: FixQuality | None = None
    height_m: float | None = None
    geoid_separation_m: float | None = None
    hdop: float | None = None
    satellites: int | None = None
    sigma_m: float | None = None
    resolution_m: float = 0.0


@dataclass(frozen=True)
class Vertex:
    """One corner of a boundary, in metres of the plane, with its horizontal standard error in metres (one axis).

    `quality` is the worst of the fixes it was made of, None where a source was silent; `fixes` is how many it was made of.
    """

    x: float
    y: float
    sigma_m: float
    quality: FixQuality | None
    fixes: int

    @property
    def is_centimetre(self) -> bool:
        """Whether it may be spoken of in centimetres: every fix was an RTK fixed solution."""
        return self.quality is FixQuality.RTK_FIXED


@dataclass(frozen=True)
class SurveyedBoundary:
    """A field as it was walked or driven: rings of vertices, not repeated at the end; the first vertex follows the last.

    `inners` are what is not field inside it (a pond, a pylon). `plane_epsg` is the plane's code.
    """

    outer: Sequence[Vertex]
    inners: Sequence[Sequence[Vertex]]
    plane_epsg: int

    @property
    def rings(self) -> tuple[Sequence[Vertex], ...]:
        """Every ring, the outer one first."""
        return (self.outer, *self.inners)

    @property
    def vertices(self) -> list[Vertex]:
        """Every corner, the outer ring's first."""
        return [vertex for ring in self.rings for vertex in ring]

    @property
    def worst_sigma_m(self) -> float:
        """The largest standard error of its corners, in metres."""
        return max(vertex.sigma_m for vertex in self.vertices)
