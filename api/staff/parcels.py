"""Finding parcels: by text, by a point on the map, by a drawn line or area; and places by name."""

from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Query
from pydantic import BaseModel, Field

from api.asked_values import NO_NUL, PARCELS
from api.staff.context import OpenStore, require_parcels
from layers.store.parcel_search import Resolution, resolve
from layers.store.parcels_by_place import parcels_at, parcels_in
from layers.store.place_search import search_oaza, search_places

SHOWN = 200
MAX_TEXT = 200_000
MAX_QUERY = 5_000
"""Letters of a text in an address: a server reads 64 KB of that, and kanji take nine bytes each."""


router = APIRouter(tags=["parcels"], dependencies=[Depends(require_parcels)])


class Drawn(BaseModel):
    """A line or polygon drawn on the map: GeoJSON in longitude and latitude."""

    type: Literal["Polygon", "LineString"]
    coordinates: list[object] = Field(max_length=5_000)


def _found(resolution: Resolution) -> dict[str, object]:
    return {
        "query": resolution.query,
        "matches": [hit.as_json() for hit in resolution.matches],
        "near": [hit.as_json() for hit in resolution.near],
        "unmatched": resolution.unmatched,
        "truncated": resolution.truncated,
    }


@router.get("/parcels")
def by_text(
    store: OpenStore,
    q: Annotated[str, Query(min_length=1, max_length=MAX_QUERY, pattern=NO_NUL, json_schema_extra=PARCELS)],
) -> dict[str, object]:
    """Parcels named in free text: several at once, ranges, a pasted column; the nearest numbers when there is none."""
    return _found(resolve(store, q, limit=SHOWN))


class Text(BaseModel):
    """A text that is too long for an address: a column pasted from a sheet."""

    q: str = Field(min_length=1, max_length=MAX_TEXT, pattern=NO_NUL, json_schema_extra=PARCELS)


@router.post("/parcels")
def by_long_text(store: OpenStore, text: Text) -> dict[str, object]:
    """The same for a long pasted column."""
    return _found(resolve(store, text.q, limit=2_000))


@router.get("/parcels/at")
def at(
    store: OpenStore,
    lon: Annotated[float, Query(ge=-180, le=180)],
    lat: Annotated[float, Query(ge=-90, le=90)],
) -> dict[str, object]:
    """The parcels under a point (JGD2011 degrees)."""
    return {"matches": [hit.as_json() for hit in parcels_at(store, lon, lat)]}


@router.post("/parcels/in")
def inside(store: OpenStore, drawn: Drawn) -> dict[str, object]:
    """The parcels that a drawn line or area touches."""
    hits, truncated = parcels_in(store, drawn.model_dump(), limit=SHOWN)
    return {"matches": [hit.as_json() for hit in hits], "truncated": truncated}


@router.get("/search")
def search(
    store: OpenStore, q: Annotated[str, Query(min_length=1, max_length=500, pattern=NO_NUL, json_schema_extra=PARCELS)]
) -> dict[str, object]:
    """Parcels, 大字 and named places for one text; kana finds names."""
    return {
        "parcels": _found(resolve(store, q, limit=20)),
        "oaza": search_oaza(store, q),
        "places": search_places(store, q),
    }
