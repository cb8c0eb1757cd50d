"""Evacuation sites and shelters: what each is designated for, and whether it lies in a hazard zone itself.

The two are never merged: a site is where one runs to from one kind of danger, a shelter where one stays afterwards.
"""

from collections.abc import Iterable, Iterator, Sequence

import numpy as np
import shapely

from layers.guidance.foot import Floats
from layers.guidance.model import Destination, Hazard, Way
from layers.guidance.reading import Reader, Rows
from layers.guidance.zones import Zones

SITES, SHELTERS = "evacuation_sites", "shelters"
MOST = 3
_NAMES = ("name", "name_kana", "address")
RAIN = frozenset({Hazard.FLOOD, Hazard.LANDSLIDE, Hazard.INLAND_FLOOD})
"""Hazards of one weather: whoever flees from one of them is in danger of the others too."""


def sites_of(reader: Reader, zones: Iterable[Zones]) -> list[Destination]:
    """The evacuation sites, each with the hazards that it is designated for: a blank is no designation."""
    rows = reader.rows(SITES, (*_NAMES, *Hazard))
    return [] if rows is None else _all_of(rows, zones, reader, designated=True)


def shelters_of(reader: Reader, zones: Iterable[Zones]) -> list[Destination]:
    """The designated shelters; places of the old P20 file, whose designation nobody has confirmed, are none."""
    rows = reader.rows(SHELTERS, (*_NAMES, "designation"))
    if rows is None:
        return []
    found = _all_of(rows, zones, reader, designated=False)
    says = "designation" in {field.name for field in rows.layer.fields}
    kinds = rows.columns["designation"]
    return [one for one, kind in zip(found, kinds, strict=True) if not says or kind == "designated"]


def nearest_sites(ways: Iterable[Way], hazard: Hazard) -> tuple[Way, ...]:
    """Up to three sites for that hazard and no other, the nearest first; those that lie in a zone of the same weather come
    after those that do not, and those in a zone of that very hazard last.

    When each of the three lies in some danger of the same weather, the third makes room for the nearest that does not.
    """
    chosen: list[Way] = []
    has_safe = False
    for way in ways:
        if hazard not in way.to.hazards:
            continue
        is_safe = not dangers(way.to, hazard)
        if len(chosen) < MOST:
            chosen.append(way)
        elif is_safe:
            chosen[-1] = way
        has_safe = has_safe or is_safe
        if has_safe and len(chosen) == MOST:
            break
    return tuple(sorted(chosen, key=lambda way: (hazard in way.to.lies_in, bool(dangers(way.to, hazard)))))


def dangers(place: Destination, hazard: Hazard) -> frozenset[Hazard]:
    """The hazard zones that hold the place and matter when that hazard is fled from."""
    return place.lies_in & (RAIN if hazard in RAIN else frozenset({hazard}))


class Ways:
    """The ways to places, the shortest first; one is made when somebody comes to it, since few are ever looked at.

    `spots` are where the places lie (n × 2, plane metres), `walks_m` how far each is on foot, infinite where no road leads.
    """

    def __init__(self, places: Sequence[Destination], spots: Floats, point: shapely.Point, walks_m: Floats) -> None:
        self._places = places
        straight = np.hypot(spots[:, 0] - point.x, spots[:, 1] - point.y)
        is_walk = np.isfinite(walks_m)
        self._order = np.argsort(np.where(is_walk, walks_m, straight), kind="stable").tolist()
        self._lengths = list(zip(straight.tolist(), walks_m.tolist(), is_walk.tolist(), strict=True))
        self._made: list[Way] = []

    def __iter__(self) -> Iterator[Way]:
        """Each way, once made, is the same for everybody."""
        for number, at in enumerate(self._order):
            if number == len(self._made):
                straight_m, walk_m, is_walk = self._lengths[at]
                self._made.append(Way(self._places[at], straight_m, walk_m if is_walk else None))
            yield self._made[number]


def _all_of(rows: Rows, zones: Iterable[Zones], reader: Reader, *, designated: bool) -> list[Destination]:
    every = list(zones)
    spots = shapely.centroid(rows.shapes)
    degrees = reader.degrees(spots)
    name, kana, address = ([None if one is None else str(one) for one in rows.columns[column]] for column in _NAMES)
    return [
        Destination(
            rows.layer.id,
            rows.fids[at],
            name[at] or "",
            kana[at],
            address[at],
            *degrees[at],
            float(spot.x),
            float(spot.y),
            frozenset(hazard for hazard in Hazard if designated and rows.columns[hazard][at] is True),
            frozenset(zone.kind.hazard for zone in every if zone.hold(spot)),
        )
        for at, spot in enumerate(spots)
    ]
