"""Base stations over HTTP: their reach and health, the fields outside, and known points measured again."""

from collections.abc import Mapping
from typing import Annotated

from fastapi import APIRouter, Body, Depends, Query, Request, Response
from fastapi.responses import JSONResponse

from api.asked_values import NO_NUL
from api.bodies import LARGEST_BODY, body_of
from api.origins import refuse_foreign_writes
from api.problems_described import problems_told
from api.staff.fields import OpenDesk
from api.staff.fields_described import GEOJSON, GEOJSON_TOLD, LOG_BODY, NMEA
from api.staff.fields_shown import checks_shown, stations_shown, this_year
from layers.store.rights.caller import Verb
from layers.surveys.base_checks import CheckWanted, add_check, checks_of, mean_of_log, series_of, withdraw_check
from layers.surveys.base_stations import LAYER, coverage_document, reaches, stations_of
from layers.surveys.crop_desk import CropDesk

router = APIRouter(prefix="/fields/stations", tags=["base stations"], dependencies=[Depends(refuse_foreign_writes)])
_NO_STORE = {"Cache-Control": "no-store"}
_REFUSALS = problems_told(403, 404, 422)
StationId = Annotated[str, Query(min_length=1, max_length=100, pattern=NO_NUL)]


def _may_edit(desk: CropDesk) -> bool:
    return desk.store.policy.allows(desk.caller, Verb.EDIT, desk.store.layer(LAYER))


def _json(body: Mapping[str, object], media_type: str = "application/json") -> Response:
    return JSONResponse(body, media_type=media_type, headers=_NO_STORE)


@router.get("", responses=problems_told(403))
def stations(desk: OpenDesk) -> Response:
    """Every station that corrects, the 電子基準点 near it, and each field by the station that serves it best."""
    found = stations_of(desk.store, desk)
    fields = [one.ground for one in desk.year(this_year()).fields]
    return _json(stations_shown(found, reaches(found, fields, desk.store.town.srid), may_edit=_may_edit(desk)))


@router.get("/map.geojson", response_class=Response, responses={**GEOJSON_TOLD, **problems_told(403)})
def stations_on_a_map(desk: OpenDesk) -> Response:
    """Stations and the circles of their reach on the ground, in degrees (JGD2011)."""
    return _json(coverage_document(stations_of(desk.store, desk)), GEOJSON)


@router.get("/checks", responses=_REFUSALS)
def checks(desk: OpenDesk, station_id: StationId) -> Response:
    """Every check of a station, and what they say over time."""
    return _checks(desk, station_id)


def _checks(desk: CropDesk, station_id: str) -> Response:
    found = checks_of(desk.store, desk, station_id)
    return _json(checks_shown(found, series_of(found), may_edit=_may_edit(desk)))


@router.post("/checks", responses=_REFUSALS)
def keep_check(desk: OpenDesk, station_id: StationId, wanted: Annotated[CheckWanted, Body()]) -> Response:
    """Keep a check of a station against a known point."""
    add_check(desk.store, desk, station_id, wanted)
    return _checks(desk, station_id)


@router.post("/checks/{identifier}/withdraw", responses=_REFUSALS)
def take_back(desk: OpenDesk, station_id: StationId, identifier: int) -> Response:
    """Take a check back; it stays in the list, struck out."""
    withdraw_check(desk.store, desk, station_id, identifier)
    return _checks(desk, station_id)


async def _log(request: Request) -> bytes:
    return await body_of(request, [NMEA], LARGEST_BODY)


@router.post("/measured", responses=problems_told(400, 403, 413, 415, 422), openapi_extra=LOG_BODY)
def measured(
    desk: OpenDesk,
    log: Annotated[bytes, Depends(_log)],
    antenna_m: Annotated[float, Query(ge=0, le=20, description="アンテナの高さ（m）")] = 0.0,
) -> dict[str, object]:
    """The point that an NMEA log was measured on, by the mean of its fixed solutions; nothing is kept."""
    found = mean_of_log(desk.store, log, antenna_m)
    return {
        "position": f"{found.north_m:.4f}, {found.east_m:.4f}",
        "height_m": None if found.height_m is None else round(found.height_m, 4),
        "sigma_m": round(found.sigma_m, 4),
        "fixes": found.fixes,
        "left_out": found.left_out,
        "measured_at": None if found.measured_at is None else found.measured_at.isoformat(),
    }
