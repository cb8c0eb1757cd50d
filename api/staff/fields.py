"""Crop plans over HTTP: the fields of a year, a plan on the version it was made from, the ledger, and the planting map."""

from datetime import datetime
from typing import Annotated
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Body, Depends, Header, Query, Request, Response
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, Field

from api.asked_values import NO_NUL
from api.bodies import LARGEST_BODY, body_of
from api.origins import refuse_foreign_writes
from api.problems_described import problems_told
from api.staff.context import Calling, WholeStore, origin_of, require
from api.staff.fields_described import GEOJSON, GEOJSON_TOLD, LEDGER_BODY, LEDGER_TOLD, PDF_TOLD, XLSX
from api.staff.fields_shown import fields_document, plan_shown, preview_shown, this_year, year_shown
from layers.store.editing.precondition import Precondition, if_match
from layers.store.rights.caller import Verb
from layers.store.selection import version_tag
from layers.surveys.crop_desk import CropDesk, YearOfFields, desk_for, filtered
from layers.surveys.crop_model import FIRST_YEAR, LAST_YEAR, RTK, GroundKey, GroundLayer, PlanWanted

router = APIRouter(prefix="/fields", tags=["fields"], dependencies=[Depends(refuse_foreign_writes)])
_NO_STORE = {"Cache-Control": "no-store"}
_READING, _CHANGING = problems_told(403, 404, 422), problems_told(403, 404, 412, 422, 428)
Year = Annotated[int, Query(ge=FIRST_YEAR, le=LAST_YEAR, description="年産（西暦）")]
Text = Annotated[str, Query(min_length=1, max_length=200, pattern=NO_NUL)]


def _desk(store: WholeStore, caller: Calling, request: Request) -> CropDesk:
    return desk_for(store, caller, origin_of(request))


def _key(layer: Annotated[GroundLayer, Query()], field_id: Text) -> GroundKey:
    return GroundKey(layer, field_id)


def _if_match(if_match_header: Annotated[str | None, Header(alias="If-Match")] = None) -> Precondition | None:
    return if_match(if_match_header)


OpenDesk = Annotated[CropDesk, Depends(_desk)]
Key = Annotated[GroundKey, Depends(_key)]
IfMatch = Annotated[Precondition | None, Depends(_if_match)]


class _Filter:
    """Which fields of a year are meant."""

    def __init__(self, year: Year | None = None, oaza: Text | None = None, crop: Text | None = None) -> None:
        self.year, self.oaza, self.crop = year or this_year(), oaza, crop

    def of(self, whole: YearOfFields) -> YearOfFields:
        """Those fields."""
        return filtered(whole, self.oaza, self.crop)


Filter = Annotated[_Filter, Depends(_Filter)]


class Copying(BaseModel):
    """From which year to which."""

    model_config = ConfigDict(extra="forbid")

    from_year: int = Field(ge=FIRST_YEAR, le=LAST_YEAR)
    to_year: int = Field(ge=FIRST_YEAR, le=LAST_YEAR)


class Restoring(BaseModel):
    """Which version shall stand again; 0 is nothing planned."""

    model_config = ConfigDict(extra="forbid")

    version: int = Field(ge=0, le=1_000_000_000)


@router.get("/list", responses=problems_told(403, 422))
def fields_of_year(desk: OpenDesk, wanted: Filter) -> Response:
    """The fields of a year with their plans, the areas by crop and 大字, and what the caller may do."""
    whole = desk.year(wanted.year)
    return JSONResponse(year_shown(desk, whole, wanted.of(whole), desk.years()), headers=_NO_STORE)


@router.get("/map.geojson", response_class=Response, responses={**GEOJSON_TOLD, **problems_told(403, 422)})
def fields_on_a_map(desk: OpenDesk, wanted: Filter) -> Response:
    """The same fields with their shapes, in degrees (JGD2011)."""
    document = fields_document(desk.store, wanted.of(desk.year(wanted.year)).fields)
    return JSONResponse(document, media_type=GEOJSON, headers=_NO_STORE)


def _plan(desk: CropDesk, key: GroundKey, year: int) -> Response:
    field, versions = desk.field(key, year)
    body = plan_shown(field, versions, may_edit=desk.grasp.edits(key))
    return JSONResponse(body, headers={**_NO_STORE, "ETag": version_tag(field.plan.version)})


@router.get("/plan", responses=_READING)
def plan_of_field(desk: OpenDesk, key: Key, year: Year) -> Response:
    """One field with its plan and every version of it."""
    return _plan(desk, key, year)


@router.get("/at", responses=_READING)
def plan_at_place(
    desk: OpenDesk,
    year: Year,
    lon: Annotated[float, Query(ge=122, le=154)],
    lat: Annotated[float, Query(ge=20, le=46)],
) -> Response:
    """The farmland parcel under a point, with its plan."""
    return _plan(desk, desk.farmland_at(lon, lat), year)


@router.put("/plan", responses=_CHANGING)
def keep_plan(desk: OpenDesk, key: Key, year: Year, match: IfMatch, wanted: Annotated[PlanWanted, Body()]) -> Response:
    """Keep a plan; `If-Match` says the version it was made from."""
    desk.keep(key, year, match, wanted)
    return _plan(desk, key, year)


@router.post("/plan/restore", responses=_CHANGING)
def restore_plan(
    desk: OpenDesk, key: Key, year: Year, match: IfMatch, wanted: Annotated[Restoring, Body()]
) -> Response:
    """Take up an older version again."""
    desk.restore(key, year, match, wanted.version)
    return _plan(desk, key, year)


@router.post("/copy", responses=problems_told(403, 422))
def copy_year(desk: OpenDesk, wanted: Annotated[Copying, Body()]) -> dict[str, object]:
    """Copy the plans of a year to the fields that have none in another."""
    done = desk.copy(wanted.from_year, wanted.to_year)
    refused = [{"field_id": key.field_id, "why": why} for key, why in done.refused]
    return {"copied": len(done.copied), "kept": len(done.kept), "refused": refused}


@router.get("/ledger.xlsx", response_class=Response, responses={**LEDGER_TOLD, **problems_told(403, 422)})
def ledger_of_year(desk: OpenDesk, wanted: Filter) -> Response:
    """The ledger as a workbook."""
    from layers.surveys.crop_ledger import ledger

    if desk.grasp.everything:
        require(desk.store, desk.caller, Verb.EXPORT, desk.store.layer(RTK))
    town = desk.store.town
    content = ledger(wanted.of(desk.year(wanted.year)), town.name, fictitious=town.fictitious)
    return _file(content, XLSX, f"crops-{wanted.year}.xlsx")


async def _workbook(request: Request) -> bytes:
    return await body_of(request, [XLSX], LARGEST_BODY)


Workbook = Annotated[bytes, Depends(_workbook)]


@router.post("/ledger/preview", responses=problems_told(400, 403, 413, 415, 422), openapi_extra=LEDGER_BODY)
def preview_ledger(desk: OpenDesk, content: Workbook) -> dict[str, object]:
    """What a ledger would change; nothing is changed."""
    from layers.surveys.crop_ledger_reading import preview

    return preview_shown(preview(desk, content))


@router.post("/ledger/take", responses=problems_told(400, 403, 412, 413, 415, 422), openapi_extra=LEDGER_BODY)
def take_ledger(
    desk: OpenDesk, content: Workbook, digest: Annotated[str, Query(pattern=r"^[0-9a-f]{64}$")]
) -> dict[str, object]:
    """Take a ledger over as its preview with that digest showed it, whole or not at all."""
    from layers.surveys.crop_ledger_reading import take_over

    return preview_shown(take_over(desk, content, digest))


@router.get("/planting.pdf", response_class=Response, responses={**PDF_TOLD, **problems_told(400, 403, 422)})
def planting_map(desk: OpenDesk, wanted: Filter, scale: Annotated[int, Query(ge=500, le=10_000)] = 2_500) -> Response:
    """The planting map on A4, at an exact scale."""
    from layers.surveys.planting_pdf import planting_pdf

    now = datetime.now(ZoneInfo("Asia/Tokyo"))
    words = "　".join(text for text in (wanted.oaza, wanted.crop and "作物でしぼった一部") if text) or "すべての圃場"
    content = planting_pdf(desk.store, wanted.of(desk.year(wanted.year)), scale, words, now)
    return _file(content, "application/pdf", f"planting-{wanted.year}.pdf", inline=True)


def _file(content: bytes, media_type: str, name: str, *, inline: bool = False) -> Response:
    kind = "inline" if inline else "attachment"
    headers = {**_NO_STORE, "Content-Disposition": f'{kind}; filename="{name}"'}
    return Response(content, media_type=media_type, headers=headers)
