"""What a receiver says just now: bytes as they come → the newest position in the plane and how steady it is."""

import math
from collections import deque
from dataclasses import dataclass

import numpy as np

from gis.crs import Grids
from gis.positioning.model import Fix, FixQuality, Station
from gis.positioning.nmea import Counts, NmeaReader
from gis.positioning.plane import Antenna, PlaneFix, to_plane, way_to_plane

LAST = 10
_ON_THE_GROUND = Antenna()


@dataclass(frozen=True)
class LiveState:
    """One position, and how it stands to those before it, in metres.

    `scatter_m` is the standard deviation on the worse axis of the last ten of the same class, `of` how many there were,
    None for the first one. `from_last_m` is the distance to the position before, None for the first one.
    """

    place: PlaneFix
    scatter_m: float | None
    of: int
    from_last_m: float | None


class LivePositions:
    """Keeps the last ten positions of one class and nothing else, for as long as it runs."""

    def __init__(self, station: Station, plane_epsg: int, grids: Grids, antenna: Antenna = _ON_THE_GROUND) -> None:
        """Raises CrsError at once for a datum that cannot be brought into the plane."""
        way_to_plane(station, plane_epsg, grids)
        self._station, self._plane_epsg, self._grids, self._antenna = station, plane_epsg, grids, antenna
        self._reader = NmeaReader()
        self._last: deque[PlaneFix] = deque(maxlen=LAST)
        self._class: FixQuality | None = None

    @property
    def counts(self) -> Counts:
        """What was met so far."""
        return self._reader.counts

    def feed(self, data: bytes) -> list[LiveState]:
        """The positions that these bytes complete."""
        return self._states(self._reader.feed(data))

    def settle(self) -> list[LiveState]:
        """The position that waits for the next one, when the stream has paused."""
        return self._states(self._reader.settle())

    def interrupted(self) -> list[LiveState]:
        """The stream broke off: half a sentence is counted as cut short, and the next position has none before it."""
        states = self._states(self._reader.close())
        self._last.clear()
        return states

    def _states(self, fixes: list[Fix]) -> list[LiveState]:
        placed = to_plane(fixes, self._station, self._plane_epsg, self._grids, self._antenna)
        return [self._state(place) for place in placed]

    def _state(self, place: PlaneFix) -> LiveState:
        before = self._last[-1] if self._last else None
        if place.quality != self._class:
            self._last.clear()
            self._class = place.quality
        self._last.append(place)
        places = np.array([(one.x, one.y) for one in self._last])
        return LiveState(
            place,
            float(places.std(axis=0, ddof=1).max()) if len(places) > 1 else None,
            len(places),
            math.hypot(place.x - before.x, place.y - before.y) if before is not None else None,
        )
