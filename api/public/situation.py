"""The situation on the public side: as JSON, as feeds, and as the text-only page, all from memory.

`situation_of` gives it to the other answers, which say beside a site what is told of it.
"""

from collections.abc import Callable
from datetime import UTC, datetime
from hashlib import sha256
from typing import Annotated, Literal, cast

import orjson
from fastapi import APIRouter, Query, Request, Response

from api.errors import UnknownNoticeError
from api.public.light import CONTENT_SECURITY_POLICY, light_page
from api.public.side import OpenPublished
from api.public.site_states import SiteStates, State
from api.public.situation_atom import ATOM_TYPE, CAP_TYPE, as_atom
from api.public.situation_cap import as_cap
from api.public.situation_json import as_geojson, as_json
from api.public.situation_words import PART, iso, state_label
from api.public.situations import Situations
from api.public.words import Words, words_for
from api.tiles.routes import base_of
from layers.situation.published import Situation, state_of

__all__ = ["router", "site_state", "situation_of", "state_of"]

router = APIRouter(tags=["situation"])
CACHE_CONTROL = "public, max-age=15"
"""As long may a change be unseen: a quarter of a minute."""
Lang = Annotated[str | None, Query(max_length=20, description="言語（ja、ja-easy、en など）。なければ Accept-Language")]
Part = Literal[
    "", "notices", "shelters", "closures",
    "flood", "landslide", "inland_flood", "earthquake", "large_fire", "storm_surge", "tsunami", "volcano",
]  # fmt: skip


def situations_of(request: Request) -> Situations:
    """Where this application has the situation."""
    return cast(Situations, request.app.state.situations)


def situation_of(request: Request) -> Situation:
    """The situation now, without notices that have expired."""
    return situations_of(request).current.at(datetime.now(UTC))


def site_state(say: Words, found: Situation, layer: str, identifier: int | str, name: str) -> dict[str, object] | None:
    """What an answer says beside a site: state, label and since when; None where nothing is told. `say` has this part's words."""
    told = state_of(found, layer, identifier, name)
    if told is None:
        return None
    return {"state": told.state.value, "label": state_label(say, told.state.value), "told_at": iso(told.told_at)}


def told_states(request: Request, language: str) -> SiteStates:
    """What is told of every site of the served edition, for the answers to a place."""
    here = situations_of(request)
    found, sites = here.current, here.sites()
    if sites is None or not found.content.shelters:
        return SiteStates()

    def made() -> SiteStates:
        say = words_for(request, PART, language)
        told = {(one.layer, one.id): site_state(say, found, one.layer, one.id, one.name) for one in sites.sites}
        states: dict[tuple[str, int], State] = {key: state for key, state in told.items() if state is not None}
        return SiteStates(f"{found.number}-{sites.number}", states)

    return here.kept(("states", language, found.number, sites.number), made)


@router.get("/situation")
def situation(request: Request, lang: Lang = None) -> Response:
    """The phase, the sites whose state is told, closed roads and notices."""
    say, found = words_for(request, PART, lang), situation_of(request)
    return _answered(request, say, found, lambda: orjson.dumps(as_json(say, found)), "application/json")


@router.get("/situation.geojson")
def situation_geojson(request: Request, lang: Lang = None) -> Response:
    """The same as GeoJSON, for maps."""
    say, found = words_for(request, PART, lang), situation_of(request)
    return _answered(request, say, found, lambda: orjson.dumps(as_geojson(say, found)), "application/geo+json")


@router.get("/situation.atom")
def situation_atom(request: Request, edition: OpenPublished, lang: Lang = None) -> Response:
    """The same as an Atom feed, for readers and other systems."""
    say, found = words_for(request, PART, lang), situation_of(request)
    return _answered(request, say, found, lambda: as_atom(say, found, base_of(request), edition.town.name), ATOM_TYPE)


@router.get("/situation.cap")
def situation_cap(
    request: Request, edition: OpenPublished, notice: Annotated[int | None, Query(ge=1, le=2**53)] = None
) -> Response:
    """One notice as a CAP 1.2 alert: the one that is named, else the gravest that holds. 404 where there is none."""
    say, found = words_for(request, PART, "ja"), situation_of(request)
    wanted = [one for one in found.content.notices if notice is None or one.id == notice]
    if not wanted:
        raise UnknownNoticeError(
            "いま出ているお知らせに、その番号のものはありません。/situation.atom に一覧があります。"
        )
    return _answered(
        request, say, found, lambda: as_cap(say, found, wanted[0], edition.town, base_of(request)), CAP_TYPE
    )


@router.get("/light", response_class=Response, responses={200: {"content": {"text/html": {}}}})
def light(request: Request, edition: OpenPublished, lang: Lang = None, part: Part = "") -> Response:
    """The text-only page for a slow line."""
    say, found, sites = words_for(request, PART, lang), situation_of(request), situations_of(request).sites()
    answer = _answered(
        request, say, found, lambda: light_page(say, found, sites, edition.town, part).encode(), "text/html"
    )
    answer.headers["Content-Security-Policy"] = CONTENT_SECURITY_POLICY
    answer.headers["Content-Language"] = say.language.html
    return answer


def _answered(request: Request, say: Words, found: Situation, made: Callable[[], bytes], media: str) -> Response:
    """The answer, or 304 where the asker has it already; the tag is that of the very bytes."""
    holding = tuple(one.id for one in found.content.notices)
    key = (request.url.path, request.url.query, base_of(request), say.language.code, found.number, holding)
    body = situations_of(request).kept(key, made)
    tag = f'W/"{sha256(body).hexdigest()[:20]}"'
    headers = {"ETag": tag, "Cache-Control": CACHE_CONTROL, "Vary": "Accept-Language"}
    given = request.headers.get("if-none-match", "")
    known = {part.strip().removeprefix("W/") for part in given.split(",")}
    if given.strip() == "*" or tag.removeprefix("W/") in known:
        return Response(status_code=304, headers=headers)
    return Response(body, media_type=media, headers=headers)
