"""Owners and taxes of a parcel over HTTP: only with the duty, only for a purpose, never cached, always logged."""

from typing import Annotated

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import JSONResponse

from api.asked_values import NO_NUL
from api.problems_described import problems_told
from api.staff.context import Calling, OpenStore, WholeStore, origin_of
from layers.ledgers.reading import Reason, read_panels, readable_ledgers
from layers.store.audit.log import Entry, Who, record, seen
from layers.store.audit.registry import PURPOSES
from layers.store.errors import ForbiddenError
from layers.store.ledger_definitions import LEDGERS
from layers.store.parcel_search import resolve_keys

router = APIRouter(tags=["ledgers"])
ADMINISTRATOR = "administrator"
PRIVATE = {"Cache-Control": "no-store"}
PURPOSE = {
    "name": "purpose",
    "in": "query",
    "required": True,
    "description": "目的（/ledgers/purposes の id）",
    "schema": {"type": "string", "enum": list(PURPOSES)},
}
"""Asked for in the definition, but read by us: who left it out is told why one is needed."""
Key = Annotated[str, Query(min_length=1, max_length=200, pattern=NO_NUL, description="筆のキー（大字/字/地番）")]


@router.get("/ledgers/purposes", responses=problems_told(403))
def purposes(store: WholeStore, caller: Calling) -> Response:
    """The ledgers that the caller's duties open, and the purposes of which one must be told."""
    ledgers = readable_ledgers(store, caller)
    body = {
        "ledgers": [{"id": name, "title": LEDGERS[name].title} for name in ledgers],
        "purposes": [{"id": code, "label": label} for code, label in PURPOSES.items()] if ledgers else [],
    }
    return JSONResponse(body, headers=PRIVATE)


@router.get("/ledgers", responses=problems_told(403), openapi_extra={"parameters": [PURPOSE]})
def of_parcel(
    store: OpenStore,
    caller: Calling,
    request: Request,
    parcel: Key,
    note: Annotated[str, Query(max_length=500, pattern=NO_NUL, description="目的の補足")] = "",
) -> Response:
    """Owners and taxes of one parcel, in the columns that the caller may see. The reading is logged before it happens."""
    reason = Reason(request.query_params.get("purpose", ""), note)
    panels = read_panels(store, caller, origin_of(request), parcel, reason)
    return JSONResponse({"parcel": parcel, "ledgers": [panel.as_json() for panel in panels]}, headers=PRIVATE)


@router.get("/audit/seen", responses=problems_told(403))
def who_has_seen(
    store: WholeStore,
    caller: Calling,
    request: Request,
    parcel: Annotated[str, Query(min_length=1, max_length=500, pattern=NO_NUL, description="地番")],
) -> Response:
    """Who has seen the owners or taxes of a parcel, when, from where, and why: for administrators. Asking is logged too."""
    if ADMINISTRATOR not in caller.post.duties:
        raise ForbiddenError("閲覧の記録を調べられるのは、システム管理の職務の人だけです。")
    with store.database.transaction(timeout_s=10.0) as connection:
        keys = resolve_keys(store, connection, parcel, limit=50).keys or [parcel]
        entries = [one for key in keys for one in seen(connection, key)]
        who = Who.of(caller, origin_of(request))
        record(connection, who, Entry("audit.seen", "audit", rows=keys, count=len(entries)))
    return JSONResponse({"parcels": keys, "entries": entries}, headers=PRIVATE)
