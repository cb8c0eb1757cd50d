"""`/facilities`: what there is in the town, as a page that needs no script and as GeoJSON for the map; one filter for both."""

from datetime import UTC, date, datetime
from typing import Annotated
from urllib.parse import urlencode

import orjson
from fastapi import APIRouter, Depends, Query, Request, Response

from api.asked_values import NO_NUL
from api.errors import QueryError
from api.features.negotiation import DOCUMENT_TYPES, HTML, JSON, negotiated
from api.features.responses import Responses
from api.problems_described import problem_told, problems_told
from api.public.editions import OpenEdition
from api.public.lists_page import day, headers, page
from api.public.side import OpenPublished
from api.public.words import Words, spoken
from layers.open_data.facilities import NEEDS, Facility, Opening, Wanted, chosen, facilities, kinds_of, opening
from layers.open_data.freshness import freshness
from layers.open_data.tables import FACILITIES

PART = "facilities"
MOST_LETTERS = 100
MOST_SHOWN = 300
"""Facilities that one page lists; the filter makes fewer of them."""
router = APIRouter(tags=["facilities"])
Asked = Annotated[str | None, Query(max_length=MOST_LETTERS, pattern=NO_NUL)]
_ANSWERS: Responses = {
    200: {"description": "施設の一覧", "content": {JSON: {"schema": {"type": "object"}}, HTML: {}}},
    400: problem_told("パラメータが違う"),
    **problems_told(406),
}
_DETAILS = (
    "kind", "address", "building", "placed_at", "operator", "phone", "fee", "access", "parking", "departments", "ssid",
    "toilets_men", "toilets_women", "toilets_shared", "toilets_accessible", "barrier_free", "description", "remarks",
)  # fmt: skip
_BESIDE_FILTER = ("lang", "f")


def _wanted(
    sheet: Asked = None,
    kind: Asked = None,
    need: Annotated[list[Annotated[str, Query(max_length=40)]] | None, Query(max_length=10)] = None,
    open: Asked = None,  # noqa: A002 - the name in the address
    q: Asked = None,
) -> Wanted:
    """What is asked for. Raises QueryError for a need or a time that there is not."""
    needs = tuple(dict.fromkeys(name for name in need or () if name))
    unknown = [name for name in needs if name not in NEEDS]
    if unknown:
        raise QueryError(f"need={unknown[0][:40]} はありません。{'・'.join(NEEDS)} から選んでください。")
    if open not in (None, "", "now"):
        raise QueryError("open には now だけを書けます（いま開いている施設）。")
    now = datetime.now(UTC) if open == "now" else None
    return Wanted(sheet or "", kind or "", needs, now, (q or "").strip())


@router.get("/facilities", response_class=Response, responses=_ANSWERS)
def list_facilities(
    request: Request,
    edition: OpenPublished,
    wanted: Annotated[Wanted, Depends(_wanted)],
    lang: Asked = None,
    f: Asked = None,
) -> Response:
    """Facilities by sheet of the standard, kind, what is barrier-free (`need`, several), `open=now`, and a text."""
    form = negotiated(request, f, DOCUMENT_TYPES)
    say = spoken(request, PART, lang)
    now = wanted.at or datetime.now(UTC)
    with edition.database.transaction() as connection:
        every = facilities(connection, edition)
    found = chosen(every, wanted)
    if form == "json":
        content = orjson.dumps(_collection(edition, say, found, now))
        return Response(content, media_type="application/geo+json", headers=headers())
    kinds = kinds_of(every)
    return page(
        request, edition, say, PART, "facilities.html",
        wanted=wanted, every=len(every), found=found[:MOST_SHOWN], total=len(found), kinds=kinds, needs=NEEDS,
        unknown=sum(opening(one, now) is Opening.UNKNOWN for one in chosen(every, _without_time(wanted))),
        shown=[_shown(say, one, now) for one in found[:MOST_SHOWN]], map_link=_map_link(request, say),
        data_day=day(say, _data_day(edition)), source=_source(edition), now=now,
    )  # fmt: skip


def _without_time(wanted: Wanted) -> Wanted:
    return Wanted(wanted.sheet, wanted.kind, wanted.needs, None, wanted.text)


def _map_link(request: Request, say: Words) -> str:
    """The map with exactly what the list shows: it asks `/facilities` with the same filter."""
    kept = [(name, value) for name, value in request.query_params.multi_items() if name not in _BESIDE_FILTER and value]
    return f"./?{urlencode({'lang': say.language.code, 'facilities': urlencode(kept) or 'all'})}"


def _shown(say: Words, facility: Facility, now: datetime) -> dict[str, object]:
    """One facility in words: its hours in a line, what can be relied on, and the rest as pairs."""
    state = opening(facility, now)
    details = [(say(f"field.{name}"), facility.text(name)) for name in _DETAILS if facility.text(name)]
    return {
        "facility": facility,
        "state": state.value,
        "state_words": say(f"state.{state.value}"),
        "hours": _hours(say, facility),
        "needs": [say(f"need.{name}") for name in NEEDS if facility.has(name)],
        "details": details,
        "url": _web(facility.text("url")),
        "image": _web(facility.text("image_url")),
        "image_licence": facility.text("image_licence"),
    }


def _web(address: str) -> str:
    """An address that a page may link to, and nothing else that stands in such a column."""
    return address if address.startswith(("https://", "http://")) else ""


def _hours(say: Words, facility: Facility) -> str:
    opens, closes = facility.text("opens"), facility.text("closes")
    if not opens or not closes:
        return facility.text("hours_note") or say("hours.unknown")
    days = facility.text("open_days") or say("hours.days_unknown")
    note = facility.text("hours_note")
    text = say("hours", days=days, opens=opens, closes=closes)
    return f"{text} {note}" if note else text


def _data_day(edition: OpenEdition) -> date | None:
    dates = edition.data_dates.get(FACILITIES)
    return dates.data_date if dates is not None else None


def _source(edition: OpenEdition) -> str:
    layer = edition.catalogue.get(FACILITIES)
    return layer.attribution if layer is not None else ""


def _collection(edition: OpenEdition, say: Words, found: list[Facility], now: datetime) -> dict[str, object]:
    layer = edition.catalogue.get(FACILITIES)
    fresh = freshness(layer, edition.data_dates.get(FACILITIES), now.date()) if layer is not None else None
    return {
        "type": "FeatureCollection",
        "lang": say.language.code,
        "edition": edition.number,
        "data_date": str(fresh.data_date) if fresh is not None and fresh.data_date else None,
        "overdue": fresh.overdue if fresh is not None else None,
        "attribution": _source(edition),
        "features": [_feature(say, one, now) for one in found],
    }


def _feature(say: Words, facility: Facility, now: datetime) -> dict[str, object]:
    told = {name: value for name, value in facility.values.items() if value is not None and name != "other_items"}
    state = opening(facility, now)
    words = {"open": state.value, "open_words": say(f"state.{state.value}"), "hours": _hours(say, facility)}
    words |= {"sheet_words": say(f"sheet.{facility.text('sheet')}") if facility.text("sheet") else ""}
    return {
        "type": "Feature",
        "id": facility.fid,
        "geometry": {"type": "Point", "coordinates": [facility.lon, facility.lat]},
        "properties": {**told, **words},
    }
