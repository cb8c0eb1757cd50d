"""Evacuation sites and shelters: what each is designated for, and whether it lies in a hazard zone itself.

The two are never merged: a site is where one runs to from one kind of danger, a shelter where one stays afterwards.
"""

from collections.abc import Iterable, Sequence

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


def nearest_sites(ways: Sequence[Way], hazard: Hazard) -> tuple[Way, ...]:
    """Up to three sites for that hazard and no other, the nearest first; those that lie in a zone of the same weather come
    after those that do not, and those in a zone of that very hazard last.

    When each of the three lies in some danger of the same weather, the third makes room for the nearest that does not.
    """
    fit = [way for way in ways if hazard in way.to.hazards]
    chosen = fit[:MOST]
    safe = [way for way in fit if not dangers(way.to, hazard)]
    if safe and not any(way in safe for way in chosen):
        chosen[-1] = safe[0]
    return tuple(sorted(chosen, key=lambda way: (hazard in way.to.lies_in, bool(dangers(way.to, hazard)))))


def dangers(place: Destination, hazard: Hazard) -> frozenset[Hazard]:
    """The hazard zones that hold the place and matter when that hazard is fled from."""
    return place.lies_in & (RAIN if hazard in RAIN else frozenset({hazard}))


def ways(places: Sequence[Destination], point: shapely.Point, walks_m: Floats) -> list[Way]:
    """The way to each place, the shortest first."""
    found = [
        Way(place, float(np.hypot(place.x - point.x, place.y - point.y)), float(walk) if np.isfinite(walk) else None)
        for place, walk in zip(places, walks_m.tolist(), strict=True)
    ]
    return sorted(found, key=lambda way: way.length_m)


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
