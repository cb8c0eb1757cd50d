"""Tile fragments kept in memory: bounded in bytes, fetched once for all who ask, and dropped by the boxes that changed.

Nothing is kept unless somebody has promised to tell of changes (`keep(True)`); when that promise ends, everything goes.
Every method may be called from any thread and from an event loop: each holds a lock for microseconds and waits for nothing.
"""

from collections import OrderedDict, defaultdict
from collections.abc import Iterable, Iterator
from concurrent.futures import Future
from dataclasses import dataclass, field
from threading import Lock
from typing import NamedTuple

from gis.mvt import BUFFER, EXTENT, Fragment
from layers.store.tiles.address import WORLD_M

DEFAULT_BYTES = 128 * 2**20
ENTRY_BYTES = 700
"""What an entry costs beside its bytes: key, hash, two tables' slots (measured with tracemalloc on CPython 3.11)."""

Box = tuple[float, float, float, float]


class Key(NamedTuple):
    """One layer of one tile."""

    layer: str
    z: int
    x: int
    y: int


@dataclass
class Flight:
    """A fragment on its way: everyone who asks meanwhile waits for the same `future`.

    `overtaken` is set when what it shows has changed since it began: it still answers those who asked before the change, and
    is not kept.
    """

    key: Key
    future: Future[Fragment] = field(default_factory=Future)
    overtaken: bool = False


@dataclass(frozen=True)
class Counters:
    """What the cache has done since it was made, and what it holds."""

    hits: int
    misses: int
    dropped: int
    evicted: int
    entries: int
    bytes: int


class FragmentCache:
    """The least recently used fragments go first; an empty tile is kept like any other."""

    def __init__(self, limit_bytes: int = DEFAULT_BYTES) -> None:
        self.limit_bytes = limit_bytes
        self._lock = Lock()
        self._entries: OrderedDict[Key, Fragment] = OrderedDict()
        self._places: defaultdict[tuple[str, int], set[Key]] = defaultdict(set)
        self._flights: dict[Key, Flight] = {}
        self._keeping = False
        self._bytes = 0
        self._hits = self._misses = self._dropped = self._evicted = 0

    def get(self, key: Key) -> Fragment | None:
        """The fragment, where it is kept."""
        with self._lock:
            found = self._entries.get(key)
            if found is not None:
                self._entries.move_to_end(key)
                self._hits += 1
            return found

    def get_all(self, keys: tuple[Key, ...]) -> list[Fragment] | None:
        """All of these fragments, where every one is kept."""
        found = []
        with self._lock:
            for key in keys:
                part = self._entries.get(key)
                if part is None:
                    return None
                self._entries.move_to_end(key)
                found.append(part)
            self._hits += len(keys)
        return found

    def join(self, key: Key) -> tuple[Flight, bool]:
        """The flight of a fragment that `get` did not have, and whether the caller must bring it in (`land` or `crash`)."""
        with self._lock:
            self._misses += 1
            flight = self._flights.get(key)
            if flight is not None:
                return flight, False
            flight = Flight(key)
            kept = self._entries.get(key)
            if kept is not None:
                # landed between `get` and `join`
                flight.future.set_result(kept)
                return flight, False
            self._flights[key] = flight
            return flight, True

    def land(self, flight: Flight, fragment: Fragment, *, keep: bool = True) -> None:
        """Hand the fragment to all who wait; keep it unless it was overtaken by a change, or `keep` says that it is makeshift."""
        with self._lock:
            self._forget(flight)
            if keep and self._keeping and not flight.overtaken:
                self._store(flight.key, fragment)
        flight.future.set_result(fragment)

    def crash(self, flight: Flight, error: BaseException) -> None:
        """Hand the error to all who wait; the next to ask tries again."""
        with self._lock:
            self._forget(flight)
        flight.future.set_exception(error)

    def keep(self, keeping: bool) -> None:
        """Begin to keep fragments, now that changes are told; or stop and drop all, since they no longer are."""
        with self._lock:
            self._keeping = keeping
            self._flush()

    def flush(self) -> None:
        """Drop everything; what is on its way is not kept either."""
        with self._lock:
            self._flush()

    def changed(self, layer: str, boxes: Iterable[Box] | None) -> int:
        """Drop the layer's tiles that meet any of the boxes (west, south, east, north in EPSG:3857 metres), all for None.

        A tile reaches as far as its buffer. Returns how many were dropped.
        """
        wanted = None if boxes is None else list(boxes)
        with self._lock:
            for key, flight in list(self._flights.items()):
                if key.layer == layer and (wanted is None or any(_meets(key, box) for box in wanted)):
                    flight.overtaken = True
                    del self._flights[key]
            met: set[Key] = set()
            for zoom in [z for name, z in self._places if name == layer]:
                met.update(self._met(layer, zoom, wanted))
            for key in met:
                self._remove(key)
            self._dropped += len(met)
            return len(met)

    def counters(self) -> Counters:
        """Figures for whoever watches over the service."""
        with self._lock:
            return Counters(self._hits, self._misses, self._dropped, self._evicted, len(self._entries), self._bytes)

    def _met(self, layer: str, zoom: int, boxes: list[Box] | None) -> Iterator[Key]:
        places = self._places[layer, zoom]
        if boxes is None:
            yield from places
            return
        for box in boxes:
            west, south, east, north = _tiles_met(zoom, box)
            if (east - west + 1) * (south - north + 1) <= len(places):
                candidates = (Key(layer, zoom, x, y) for x in range(west, east + 1) for y in range(north, south + 1))
                yield from (key for key in candidates if key in places)
            else:
                yield from (key for key in places if west <= key.x <= east and north <= key.y <= south)

    def _store(self, key: Key, fragment: Fragment) -> None:
        size = ENTRY_BYTES + len(fragment.deflated)
        if size > self.limit_bytes:
            return
        if key in self._entries:
            self._remove(key)
        self._entries[key] = fragment
        self._places[key.layer, key.z].add(key)
        self._bytes += size
        while self._bytes > self.limit_bytes:
            self._remove(next(iter(self._entries)))
            self._evicted += 1

    def _remove(self, key: Key) -> None:
        self._bytes -= ENTRY_BYTES + len(self._entries.pop(key).deflated)
        place = self._places[key.layer, key.z]
        place.discard(key)
        if not place:
            del self._places[key.layer, key.z]

    def _forget(self, flight: Flight) -> None:
        if self._flights.get(flight.key) is flight:
            del self._flights[flight.key]

    def _flush(self) -> None:
        self._dropped += len(self._entries)
        self._entries.clear()
        self._places.clear()
        self._bytes = 0
        for flight in self._flights.values():
            flight.overtaken = True
        self._flights.clear()


def _tiles_met(zoom: int, box: Box) -> tuple[int, int, int, int]:
    """West, south, east and north tile numbers of the tiles whose buffered square meets a box."""
    side = WORLD_M / 2**zoom
    margin = BUFFER / EXTENT
    last = 2**zoom - 1
    west, south, east, north = box
    return (
        max(0, int((west + WORLD_M / 2) / side - margin)),
        min(last, int((WORLD_M / 2 - south) / side + margin)),
        min(last, int((east + WORLD_M / 2) / side + margin)),
        max(0, int((WORLD_M / 2 - north) / side - margin)),
    )


def _meets(key: Key, box: Box) -> bool:
    west, south, east, north = _tiles_met(key.z, box)
    return west <= key.x <= east and north <= key.y <= south
