"""Fields to and from machines over HTTP: files of kept fields, a look at a file, and its fields kept."""

from dataclasses import dataclass
from datetime import date
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Header, Path, Query, Request, Response
from fastapi.responses import JSONResponse

from api.asked_values import NO_NUL
from api.bodies import body_of
from api.origins import refuse_foreign_writes
from api.pages import WEBMAP, Page
from api.staff.context import Calling, OpenStore, WholeStore, origin_of, require
from api.staff.survey_machine_described import BODY, BROUGHT, FILE, TAKEN
from layers.store.editing.precondition import if_match
from layers.store.instance import Store
from layers.store.rights.caller import Caller, Verb
from layers.store.rights.grants import FIELDS
from layers.surveys.errors import SurveyRefusedError
from layers.surveys.fields import note_export
from layers.surveys.machine import (
    MOST_FIELDS,
    Brought,
    Claim,
    Replacing,
    Wish,
    brought_in,
    keep_brought,
    machine_file,
    may_take_all,
)
from layers.surveys.machine_json import brought_json
from layers.surveys.reach import surveying
from layers.surveys.sessions import LARGEST_FILE

_PAGE = WEBMAP / "transfer" / "index.html"
_NO_STORE = {"Cache-Control": "no-store"}
MOST_IN_ADDRESS = 100
"""Field ids and numbers that one address names."""

router = APIRouter(prefix="/surveys", tags=["surveys"], dependencies=[Depends(refuse_foreign_writes)])

FieldId = Annotated[str, Path(min_length=1, max_length=200, pattern=NO_NUL)]
OneId = Annotated[str, Query(min_length=1, max_length=200, pattern=NO_NUL)]
Form = Annotated[
    Literal["isoxml4", "isoxml3", "sima", "shp", "kml", "geojson", "gpx"], Query(alias="f", description="形式")
]
Headland = Annotated[float, Query(ge=0.3, le=60, allow_inf_nan=False, description="枕地の幅（m）。なければ枕地なし")]
Width = Annotated[float, Query(ge=0.3, le=60, allow_inf_nan=False, description="作業幅（m）。なければ誘導線なし")]


def _wish(form: Form, headland_m: Headland | None = None, width_m: Width | None = None) -> Wish:
    return Wish(form, headland_m, width_m)


Wished = Annotated[Wish, Depends(_wish)]
About = Annotated[bool, Query(description="ファイルの代わりに、その名前と注意を JSON で返す")]


@dataclass(frozen=True)
class Taker:
    """Who takes fields out: the store as they have it, the whole one for the log, and where they ask from."""

    store: Store
    whole: Store
    caller: Caller
    origin: str | None


def _taker(store: OpenStore, whole: WholeStore, caller: Calling, request: Request) -> Taker:
    if may_take_all(store, caller):
        require(store, caller, Verb.EXPORT, store.layer(FIELDS))
    return Taker(store, whole, caller, origin_of(request))


Taking = Annotated[Taker, Depends(_taker)]


@router.get("/transfer", include_in_schema=False)
def transfer_page() -> Response:
    """The page of both ways."""
    return Page(_PAGE).response()


@router.get("/machine", response_class=Response, responses=FILE)
def many(
    taker: Taking,
    wish: Wished,
    field_id: Annotated[list[OneId] | None, Query(max_length=MOST_IN_ADDRESS, description="なければ全部")] = None,
    about: About = False,
) -> Response:
    """Several fields, or all that the caller may see, as one file for a machine."""
    return _file(taker, field_id or [], wish, about=about)


@router.get("/fields/{field_id}/machine", response_class=Response, responses=FILE)
def one(taker: Taking, field_id: FieldId, wish: Wished, about: About = False) -> Response:
    """One field as a file for a machine."""
    return _file(taker, [field_id], wish, about=about)


def _file(taker: Taker, field_ids: list[str], wish: Wish, *, about: bool) -> Response:
    file, found = machine_file(taker.store, taker.caller, field_ids, wish)
    if about:
        told = {"file_name": file.name, "bytes": len(file.content), "fields": found, "notes": list(file.notes)}
        return JSONResponse(told, headers=_NO_STORE)
    note_export(taker.whole, taker.caller, taker.origin, found, wish.form)
    headers = {**_NO_STORE, "Content-Disposition": f'attachment; filename="{file.name}"'}
    return Response(file.content, headers=headers, media_type=file.media_type)


async def _brought(
    request: Request,
    name: Annotated[str, Query(max_length=120, pattern=NO_NUL, description="ファイルの名前")] = "file",
    number: Annotated[
        list[Annotated[int, Query(ge=1, le=MOST_FIELDS)]] | None,
        Query(max_length=MOST_IN_ADDRESS, description="保存する圃場の番号。なければ全部"),
    ] = None,
) -> Brought:
    return Brought(name, await body_of(request, TAKEN, LARGEST_FILE), number or ())


SentFile = Annotated[Brought, Depends(_brought)]


def _claim(
    surveyed_on: Annotated[date | None, Query(description="測った日。keep のとき必要")] = None,
    accuracy_m: Annotated[
        float | None, Query(ge=0.001, le=20, allow_inf_nan=False, description="角の標準誤差（m）。keep のとき必要")
    ] = None,
) -> Claim | None:
    return None if surveyed_on is None or accuracy_m is None else Claim(surveyed_on, accuracy_m)


def _replacing(
    field_id: Annotated[OneId | None, Query(description="測り直しとして新しい版にする圃場")] = None,
    match: Annotated[str | None, Header(alias="If-Match")] = None,
) -> Replacing | None:
    return None if field_id is None else Replacing(field_id, if_match(match))


@router.post("/machine", responses=BROUGHT, openapi_extra=BODY)
def bring(
    store: WholeStore,
    caller: Calling,
    request: Request,
    brought: SentFile,
    claim: Annotated[Claim | None, Depends(_claim)],
    replacing: Annotated[Replacing | None, Depends(_replacing)],
    keep: Annotated[bool, Query(description="圃場として保存する")] = False,
) -> Response:
    """Read a machine's file: a look at its fields without `keep`; with it they are kept as surveyed fields."""
    surveying(store, caller)
    if not keep:
        shown = brought_json(brought_in(store, brought), store.town.srid)
        return JSONResponse(shown, headers=_NO_STORE, media_type="application/geo+json")
    if claim is None:
        raise SurveyRefusedError(
            "保存するには、測った日（surveyed_on）と角の標準誤差（accuracy_m、m）が要ります。"
            "RTK 固定解なら 0.03 ほど、分からなければ大きめに書いてください。"
        )
    kept = keep_brought(store, caller, origin_of(request), brought, claim, replacing)
    told = [
        {
            "field_id": field.field_id,
            "field_name": field.field_name,
            "version": field.version,
            "is_new": is_new,
            "area_m2": round(field.area_m2, 2),
        }
        for field, is_new in kept
    ]
    return JSONResponse({"kept": told}, status_code=201, headers=_NO_STORE)
