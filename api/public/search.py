"""The search of the public page: a name or its kana, an address, a 地番, a 大字, or a typed position."""

from typing import Annotated

from fastapi import APIRouter, Query

from api.asked_values import NO_NUL
from api.public.editions import OpenEdition
from api.public.side import OpenPublished
from gis.parcel_numbers import fold
from gis.typed_positions import typed_position
from layers.store.place_search import MOST, found_among
from layers.store.published_parcels import find_land

router = APIRouter(tags=["map"])
MOST_LETTERS = 100
SHORTEST_ADDRESS = 3
"""Letters from which on a text is also looked for in addresses: fewer are in most of them."""
NEAR_TOWN_DEGREES = 0.1
"""About 10 km: a position farther from the town's box is said to be elsewhere."""


@router.get("/search")
def search(
    edition: OpenPublished, q: Annotated[str, Query(min_length=1, max_length=MOST_LETTERS, pattern=NO_NUL)]
) -> dict[str, object]:
    """Where a text leads: published places by name, kana or address, land by 地番, 大字, or the position itself.

    `near` is the land with the nearest numbers where there is none of the number asked for. Positions are longitude
    and latitude in degrees.
    """
    position = typed_position(q)
    if position is not None:
        return _found(q, position=_position(edition, *position))
    land = find_land(edition, edition.parcel_names, q)
    places = found_among(edition.places, q)
    return _found(
        q,
        places=[*places, *_at_address(edition, q, {(one["layer"], one["fid"]) for one in places})][:MOST],
        parcels=land.parcels,
        near=land.near,
        oaza=land.oaza,
    )


def _found(text: str, **found: object) -> dict[str, object]:
    return {"query": text, "position": None, "places": [], "parcels": [], "near": [], "oaza": [], **found}


def _position(edition: OpenEdition, lon: float, lat: float) -> dict[str, object]:
    west, south, east, north = edition.town.bbox
    margin = NEAR_TOWN_DEGREES
    in_town = west - margin <= lon <= east + margin and south - margin <= lat <= north + margin
    return {"lon": lon, "lat": lat, "in_town": in_town}


def _at_address(edition: OpenEdition, text: str, known: set[tuple[object, object]]) -> list[dict[str, object]]:
    """Places whose address holds the text."""
    wanted = fold(text)
    if len(wanted) < SHORTEST_ADDRESS:
        return []
    return [
        place.as_json()
        for place in edition.places
        if place.address and wanted in fold(place.address) and (place.layer.id, place.fid) not in known
    ]
