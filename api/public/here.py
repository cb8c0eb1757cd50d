"""`/here`: what may happen at a place, what to do, and where to go, as JSON or as a page that needs no script."""

import hashlib
from logging import getLogger
from typing import Annotated

import orjson
from fastapi import APIRouter, Query, Request, Response

from api.asked_values import NO_NUL
from api.errors import QueryError
from api.features.negotiation import DOCUMENT_TYPES, HTML, JSON, negotiated
from api.features.responses import Responses
from api.problems_described import problem_told, problems_told
from api.public.editions import EditionChangedError, OpenEdition
from api.public.guides import Guides
from api.public.here_answer import Answer, answer
from api.public.here_page import CONTENT_SECURITY_POLICY, fragment, page
from api.public.side import CACHE_CONTROL, edition_of_request
from api.public.site_states import SiteStates, site_states
from api.public.words import Words, chosen_language, spoken, words_in
from layers.guidance.guide import Guide
from layers.store.errors import StoreUnavailableError

PART = "here"
MOST_LETTERS = 100
log = getLogger(__name__)
router = APIRouter(tags=["here"])
Longitude = Annotated[
    float | None, Query(ge=-180, le=180, allow_inf_nan=False, description="経度（度、JGD2011・WGS 84）")
]
Latitude = Annotated[float | None, Query(ge=-90, le=90, allow_inf_nan=False, description="緯度（度、JGD2011・WGS 84）")]
Asked = Annotated[str | None, Query(max_length=MOST_LETTERS, pattern=NO_NUL)]
_ANSWERS: Responses = {
    200: {"description": "その場所の答え", "content": {JSON: {"schema": {"type": "object"}}, HTML: {}}},
    304: {"description": "変わっていない"},
    400: problem_told("パラメータが違う"),
    **problems_told(406),
}


@router.get("/here", response_class=Response, responses=_ANSWERS)
async def here(
    request: Request,
    lon: Longitude = None,
    lat: Latitude = None,
    lang: Asked = None,
    f: Asked = None,
    q: Asked = None,
) -> Response:
    """What may happen at a place (degrees), what to do and where to go, in the asked language.

    `f` is json or html. The page alone may be asked without a place, with `q`, a name or "latitude, longitude".
    """
    # taken here and not by a dependency, which would cost a change of thread
    edition = edition_of_request(request)
    form = negotiated(request, f, DOCUMENT_TYPES)
    say = spoken(request, PART, lang)
    states = site_states(request, say.language.code)
    if lon is None or lat is None:
        place = _written_place(q or "") if form == "html" else None
        if form == "json":
            raise QueryError("場所を lon（経度）と lat（緯度）で指定してください。例: /here?lon=140.6263&lat=37.2869")
        if place is None:
            return _sent(request, page(request, say, edition, None, (q or "").strip()).encode(), form, edition, states)
        lon, lat = place
    guide = await guides_of(request).soon(edition)
    told = answered(guide, edition, say, (lon, lat), states)
    content = orjson.dumps(told) if form == "json" else page(request, say, edition, told).encode()
    return _sent(request, content, form, edition, states)


def here_fragment(request: Request, lon: float, lat: float, language: str, level: int = 3) -> str:
    """The answer for a place as a part of another page, in HTML without script; its headings begin at `level`.

    It may wait for the guide of a new edition: not to be called from a coroutine. Raises StoreUnavailableError.
    """
    edition = edition_of_request(request)
    say = words_in(PART, chosen_language(language, ""))
    states = site_states(request, say.language.code)
    told = answered(guides_of(request).of(edition), edition, say, (lon, lat), states)
    return fragment(say, edition, told, level)


def linked_fragment(request: Request, language: str) -> str:
    """The same for the place that the address of a page names as `here=lat,lon`; nothing where it names none.

    The page comes without it when there is no guide: its script then asks again, and says what is wrong.
    """
    place = _written_place(request.query_params.get(PART, "")[:MOST_LETTERS])
    if place is None:
        return ""
    try:
        return here_fragment(request, *place, language)
    except EditionChangedError:
        raise
    except StoreUnavailableError as error:
        log.warning("ページに答えを入れられません: %s", error)
        return ""


def answered(guide: Guide, edition: OpenEdition, say: Words, place: tuple[float, float], states: SiteStates) -> Answer:
    """The answer of a guide for a place, longitude first."""
    lon, lat = (round(value, 7) for value in place)
    return answer(say, edition, guide.at(lon, lat, shut=states.shut), states)


def guides_of(request: Request) -> Guides:
    """The application's guides."""
    guides: Guides = request.app.state.guides
    return guides


def _written_place(text: str) -> tuple[float, float] | None:
    """Longitude and latitude of a text "latitude, longitude"; None for any other text, and for no place on earth."""
    parts = text.replace("、", ",").replace("，", ",").split(",")
    try:
        lat, lon = (float(part) for part in parts)
    except ValueError:
        return None
    return (lon, lat) if abs(lat) <= 90 and abs(lon) <= 180 else None


def _sent(request: Request, content: bytes, form: str, edition: OpenEdition, states: SiteStates) -> Response:
    """The content under a tag that names the edition and the state of the sites; 304 where the caller has it."""
    digest = hashlib.blake2s(content, digest_size=8).hexdigest()
    headers = {
        "ETag": f'W/"{edition.number}-{states.version}-{digest}"',
        "Cache-Control": CACHE_CONTROL,
        "Vary": "Accept, Accept-Language",
    }
    if form == "html":
        headers["Content-Security-Policy"] = CONTENT_SECURITY_POLICY
    given = {part.strip() for part in request.headers.get("if-none-match", "").split(",")}
    if headers["ETag"] in given or "*" in given:
        return Response(status_code=304, headers=headers)
    kind = "text/html; charset=utf-8" if form == "html" else JSON
    return Response(content, media_type=kind, headers=headers)
