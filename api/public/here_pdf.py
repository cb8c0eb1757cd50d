"""`/here.pdf`: the surroundings of a point on A4 in black and white, hatched, at exact scale, with what may happen there."""

from functools import lru_cache
from typing import Annotated, Literal, cast
from urllib.parse import urlencode

import numpy as np
import shapely
from fastapi import APIRouter, Query, Request, Response
from pyproj import Transformer

from api.features.responses import Responses
from api.problems import problem
from api.problems_described import problem_told, problems_told
from api.public.editions import OpenEdition
from api.public.here import answered, guides_of
from api.public.lists_page import as_store, day
from api.public.paper import PDF, sheet_response
from api.public.side import OpenPublished
from api.public.site_states import site_states
from api.public.words import Words, words
from api.tiles.routes import base_of
from gis.crs import Datum, geographic_epsg
from gis.map_frame import Frame
from gis.mapsheet import Subject
from layers.inquiries.sheets.sheet_parts import PublicSheet, Row, Section

router = APIRouter(tags=["here"])
WIDTH_MM, HEIGHT_MM = 172.0, 150.0
MARK_MM = 4.0
"""Radius of the ring around the place."""
_SHOWN = {"flood", "landslide", "roads", "evacuation_sites", "shelters", "inland_flood"}
_MARKS = {"applies": "●", "near_boundary": "▲", "does_not_apply": "－", "no_data": "？", "stale": "◆"}
_ANSWERS: Responses = {
    200: {"description": "A4 の紙面", "content": {PDF: {}}},
    400: problem_told("パラメータが違う"),
    **problems_told(404, 429, 503),
}


@router.get("/here.pdf", response_class=Response, responses=_ANSWERS)
def here_pdf(
    request: Request,
    edition: OpenPublished,
    lon: Annotated[float, Query(ge=-180, le=180, allow_inf_nan=False)],
    lat: Annotated[float, Query(ge=-90, le=90, allow_inf_nan=False)],
    scale: Annotated[Literal["2500", "5000"], Query(description="縮尺の分母")] = "2500",
) -> Response:
    """The hazard map around a place (degrees, JGD2011) at 1/2,500 or 1/5,000, with the sentences of `/here`; in Japanese."""
    told = answered(guides_of(request).of(edition), edition, words("here"), (lon, lat), site_states(request, "ja"))
    if not cast(dict[str, object], told["place"])["in_town"]:
        return problem(404, f"{edition.town.name}の外です。町の中の場所を lon と lat で指定してください。")
    return sheet_response(request, "here", lambda: _sheet(request, edition, (lon, lat), int(scale), told))


def _sheet(
    request: Request, edition: OpenEdition, place: tuple[float, float], scale: int, told: dict[str, object]
) -> bytes:
    # typst and the fonts are loaded by the first sheet that needs them
    from layers.inquiries.map_context import context_within
    from layers.inquiries.sheets.public_pdf import map_of_point, public_pdf

    x, y = _plane(edition.town.srid).transform(*place)
    frame = Frame(x, y, scale, WIDTH_MM, HEIGHT_MM)
    context = context_within(as_store(edition), np.array([frame.bounds]), only=_SHOWN)
    mark = Subject("この場所", shapely.Point(x, y).buffer(MARK_MM * scale / 1000))
    say, land = words("here"), words("land")
    assert edition.made_at is not None  # noqa: S101 - there is a guide, so there is an edition
    sheet = PublicSheet(
        title=say("title"),
        lead=tuple(text for text in (str(told["headline"]), str(told["first"])) if text),
        sections=_sections(say, land, told),
        municipality=edition.town.full_name,
        edition=land("edition", number=edition.number, day=day(land, edition.made_at.date())),
        permalink=f"{base_of(request)}/here?{urlencode({'lon': round(place[0], 6), 'lat': round(place[1], 6), 'f': 'html'})}",
        made_at=edition.made_at,
        fictitious=edition.town.fictitious,
    )
    caption = f"この場所（北緯{place[1]:.5f}度 東経{place[0]:.5f}度）のまわり（縮尺1/{scale:,}）"
    return public_pdf(sheet, [map_of_point(frame, mark, context, caption)])


def _sections(say: Words, land: Words, told: dict[str, object]) -> tuple[Section, ...]:
    risks = tuple(
        Row(
            mark=_MARKS[str(one["outcome"])],
            answer=str(one["outcome_label"]),
            title=str(one["title"]),
            text=str(one["sentence"]),
            department=str(one["source"] or ""),
            date=str(one["data_date"] or land("day.unknown")),
            more=(str(one["advice"]),),
        )
        for one in _entries(told["risks"])
    )
    ways = tuple(
        f"{one['title']}：{site['sentence']}" for one in _entries(told["go"]) for site in _entries(one["sites"])[:2]
    )
    shelters = tuple(str(one["sentence"]) for one in _entries(told["shelters"]))
    notes = (land("note.not_certificate"), *(str(note) for note in cast(list[object], told["notes"])))
    return (
        Section(say("risks_title"), risks),
        Section(say("go_title"), lines=ways),
        Section(say("shelters_title"), lines=(say("shelters_sentence"), *shelters)),
        Section(say("notes_title"), lines=notes),
    )


def _entries(told: object) -> list[dict[str, object]]:
    return cast(list[dict[str, object]], told)


@lru_cache(maxsize=4)
def _plane(srid: int) -> Transformer:
    return Transformer.from_crs(geographic_epsg(Datum.JGD2011), srid, always_xy=True, allow_ballpark=False)
