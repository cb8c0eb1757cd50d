"""Surveys over HTTP: records taken from phones, each once, logs and lists brought in, and the fields that are made of them."""

from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Body, Depends, Header, Path, Query, Request, Response
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, Field

from api.asked_values import NO_NUL, Moment
from api.bodies import body_of
from api.origins import refuse_foreign_writes
from api.problems_described import problems_told
from api.staff.context import Calling, OpenStore, WholeStore, origin_of
from api.staff.surveys_described import BATCH_BODY, KEPT, LOG_BODY, LOG_TYPES, POINT_TYPES, POINTS_BODY, SHOWN
from layers.accounts.persons import person
from layers.store.editing.precondition import if_match
from layers.store.instance import Store
from layers.store.rights.caller import Caller
from layers.store.selection import version_tag
from layers.surveys.errors import SurveyRefusedError
from layers.surveys.field_json import boundary_json, field_json
from layers.surveys.fields import StoredField, give_field, own_fields, stored_boundary
from layers.surveys.making import FURTHEST_EDGE_M, boundary_of_session, keep_session
from layers.surveys.records import store_records
from layers.surveys.sessions import LARGEST_FILE, PointFile, add_log, add_points, sessions, state
from layers.surveys.state_json import session_json, state_json
from layers.surveys.wire import MOST_RECORDS

LARGEST_BATCH = 5 * 1024**2
LARGEST = {"/surveys/records": LARGEST_BATCH, "/surveys/": LARGEST_FILE}
"""Bytes of the largest body under these addresses."""
_NO_STORE = {"Cache-Control": "no-store"}

router = APIRouter(prefix="/surveys", tags=["surveys"], dependencies=[Depends(refuse_foreign_writes)])


class Batch(BaseModel):
    """Records of one device, of any kind and in any order."""

    model_config = ConfigDict(extra="forbid")

    device: UUID
    records: list[dict[str, object]] = Field(max_length=MOST_RECORDS)


class Owner(BaseModel):
    """Whose a field is to be: the login of a farmer, or nobody's."""

    model_config = ConfigDict(extra="forbid")

    login: Annotated[str, Field(min_length=1, max_length=64, pattern=NO_NUL)] | None


FieldId = Annotated[str, Path(min_length=1, max_length=200, pattern=NO_NUL)]
AsOf = Annotated[Moment | None, Query()]
Ring = Annotated[int, Query(ge=0, le=200)]
EdgeLeft = Annotated[float, Query(ge=-FURTHEST_EDGE_M, le=FURTHEST_EDGE_M, allow_inf_nan=False)]


@router.post("/records", responses=problems_told(403, 413, 422), openapi_extra=BATCH_BODY)
def records(store: OpenStore, caller: Calling, request: Request, batch: Annotated[Batch, Body()]) -> dict[str, object]:
    """Keep records: each once by its id; what cannot be kept is told by its id, and hinders no other."""
    return store_records(store, caller, origin_of(request), batch.device, batch.records).as_json()


@router.get("", responses=problems_told(403))
def list_sessions(store: OpenStore, caller: Calling) -> Response:
    """The caller's own sessions, the newest first; who looks after all fields has everybody's."""
    found = [session_json(one) | {"records": count} for one, count in sessions(store, caller)]
    return JSONResponse({"sessions": found}, headers=_NO_STORE)


@router.get("/fields", responses=problems_told(403))
def list_fields(store: OpenStore, caller: Calling, as_of: AsOf = None) -> Response:
    """The fields that the caller may see, now or as they stood: a farmer's own, for staff all."""
    features = [field_json(one) for one in own_fields(store, caller, as_of)]
    return JSONResponse({"type": "FeatureCollection", "features": features}, headers=_NO_STORE)


@router.get("/fields/{field_id}", responses=SHOWN | problems_told(403, 404))
def show_field(store: OpenStore, caller: Calling, field_id: FieldId, as_of: AsOf = None) -> Response:
    """One field with every corner, now or as it stood; its ETag is what the next survey of it is made from."""
    return _field(stored_boundary(store, caller, field_id, as_of))


@router.put("/fields/{field_id}/owner", responses=SHOWN | problems_told(403, 404, 422))
def give(store: WholeStore, caller: Calling, request: Request, field_id: FieldId, owner: Owner) -> Response:
    """Make a field a farmer's, or nobody's."""
    known = give_field(store, caller, origin_of(request), field_id, owner.login, _require_farmer)
    return _field(known)


def _require_farmer(store: Store, login: str) -> None:
    someone = person(store, login)
    if not store.policy.may_survey(Caller(someone.login, someone.name, someone.post)):
        raise SurveyRefusedError(
            f"「{login}」は圃場の測位の職務を持っていません。先に、利用者の管理で職務を付けてください。"
        )


@router.get("/{session:uuid}", responses=problems_told(403, 404))
def show_session(store: OpenStore, caller: Calling, session: UUID) -> Response:
    """One session as it stands, without what was taken back."""
    return JSONResponse(state_json(store, state(store, caller, session)), headers=_NO_STORE)


async def _log(request: Request) -> bytes:
    return await body_of(request, LOG_TYPES, LARGEST_FILE)


async def _points(
    request: Request,
    name: Annotated[str, Query(max_length=120, pattern=NO_NUL)] = "points.csv",
    x_is_north: bool | None = None,
) -> PointFile:
    return PointFile(await body_of(request, POINT_TYPES, LARGEST_FILE), name, x_is_north)


@router.post("/{session:uuid}/nmea", responses=problems_told(400, 403, 404, 413, 415, 422), openapi_extra=LOG_BODY)
def bring_log(
    store: OpenStore,
    caller: Calling,
    request: Request,
    session: UUID,
    data: Annotated[bytes, Depends(_log)],
    ring: Ring = 0,
    use: Literal["track", "corner"] = "track",
) -> dict[str, object]:
    """Bring an NMEA log into a session; told are its fixes by quality, and the sentences that were refused by reason."""
    return add_log(store, caller, origin_of(request), session, data, ring=ring, use=use).as_json()


@router.post("/{session:uuid}/points", responses=problems_told(400, 403, 404, 413, 415, 422), openapi_extra=POINTS_BODY)
def bring_points(
    store: OpenStore,
    caller: Calling,
    request: Request,
    session: UUID,
    file: Annotated[PointFile, Depends(_points)],
    ring: Ring = 0,
) -> dict[str, object]:
    """Bring a list of points (CSV, TSV, XLSX; UTF-8 or CP932) into a session, each a corner in the list's order."""
    return add_points(store, caller, origin_of(request), session, file, ring=ring).as_json()


@router.post("/{session:uuid}/boundary", responses=problems_told(403, 404, 422))
def try_boundary(store: OpenStore, caller: Calling, session: UUID, edge_left_m: EdgeLeft = 0.0) -> dict[str, object]:
    """The boundary that the session makes, with the error of every corner; nothing is stored."""
    _, boundary = boundary_of_session(store, caller, session, edge_left_m=edge_left_m)
    return boundary_json(boundary)


@router.post("/{session:uuid}/field", status_code=201, responses=KEPT)
def keep(
    store: WholeStore,
    caller: Calling,
    request: Request,
    session: UUID,
    edge_left_m: EdgeLeft = 0.0,
    match: Annotated[str | None, Header(alias="If-Match")] = None,
) -> Response:
    """Keep the boundary as a field; one that is there already becomes a new version, for which `If-Match` is needed."""
    kept, is_new = keep_session(store, caller, origin_of(request), session, if_match(match), edge_left_m=edge_left_m)
    return _field(kept, 201 if is_new else 200)


def _field(field: StoredField, status: int = 200) -> Response:
    headers = {**_NO_STORE, "ETag": version_tag(field.version)}
    return JSONResponse(field_json(field), status_code=status, headers=headers, media_type="application/geo+json")
