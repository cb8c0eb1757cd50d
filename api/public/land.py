"""`/land`: the public part of what is known of a parcel, as a page, as JSON, and as an A4 sheet in black and white."""

from typing import Annotated
from urllib.parse import urlencode

import orjson
from fastapi import APIRouter, Query, Request, Response

from api.asked_values import NO_NUL
from api.features.negotiation import DOCUMENT_TYPES, HTML, JSON, negotiated
from api.features.responses import Responses
from api.problems import problem
from api.problems_described import problem_told, problems_told
from api.public.editions import OpenEdition
from api.public.land_view import as_json, land_sheet, shown
from api.public.lists_page import as_store, headers, page
from api.public.paper import PDF, sheet_response
from api.public.side import OpenPublished
from api.public.words import spoken, words
from api.tiles.routes import base_of
from layers.inquiries.model import Answer
from layers.inquiries.public_part import LandAnswer, land_answer
from layers.store.outcomes import Outcome

PART = "land"
MOST_LETTERS = 100
router = APIRouter(tags=["land"])
Asked = Annotated[str | None, Query(max_length=MOST_LETTERS, pattern=NO_NUL)]
_ANSWERS: Responses = {
    200: {"description": "その土地の公開情報", "content": {JSON: {"schema": {"type": "object"}}, HTML: {}, PDF: {}}},
    400: problem_told("パラメータが違う"),
    **problems_told(404, 406, 422, 503),
}


@router.get("/land", response_class=Response, responses=_ANSWERS)
def land(
    request: Request, edition: OpenPublished, number: Asked = None, lang: Asked = None, f: Asked = None
) -> Response:
    """The public part of the answer for a 地番 in any spelling; `f` is html, json or pdf (the PDF is in Japanese).

    A text that names several pieces of land, or none, is answered with a list to choose from.
    """
    form = "pdf" if f == "pdf" else negotiated(request, f, DOCUMENT_TYPES)
    say = spoken(request, PART, lang)
    text = (number or "").strip()
    found = land_answer(as_store(edition), text) if text else LandAnswer("")
    if form == "json":
        content = orjson.dumps(as_json(say, edition, found, link(request, text)))
        return Response(content, media_type=JSON, headers=headers())
    if form == "pdf":
        return _pdf(request, edition, found)
    return page(request, edition, say, PART, "land.html", found=found, shown=shown(say, found))


def link(request: Request, number: str) -> str:
    """The address under which the page of a parcel stays."""
    return f"{base_of(request)}/land?{urlencode({'number': number})}"


def _pdf(request: Request, edition: OpenEdition, found: LandAnswer) -> Response:
    if found.answer is None:
        return problem(404, "地番が一つに決まりません。/land?f=html で土地を一つ選んでから、PDF にしてください。")
    # typst and the fonts are loaded by the first sheet that needs them
    from layers.inquiries.map_context import map_context
    from layers.inquiries.sheets.public_pdf import maps_of_parcels, public_pdf

    answer = found.answer

    def make() -> bytes:
        context = map_context(as_store(edition), answer, _layers_on_map(edition, answer))
        sheet = land_sheet(words(PART), edition, found, link(request, answer.parcels[0].number))
        return public_pdf(sheet, maps_of_parcels(answer, context))

    return sheet_response(request, PART, make)


def _layers_on_map(edition: OpenEdition, answer: Answer) -> set[str]:
    """Parcels and roads to find one's way by, sites, and the layers that say anything else than no of this parcel."""
    said = {finding.layer for finding in answer.findings if finding.outcome is not Outcome.DOES_NOT_APPLY}
    wanted = said | {"cadastral", "roads", "evacuation_sites", "shelters"}
    return (wanted - {"street_lights"}) & set(edition.catalogue)
