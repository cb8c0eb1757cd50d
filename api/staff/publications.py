"""The publication desk over HTTP: draft with the gate's findings, the second person's approval, publish, and one step back.

Long steps answer with their progress as they go: one JSON object a line, the last one with what came of it.
"""

from collections.abc import Callable, Iterator
from typing import Annotated, Any

import orjson
from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import JSONResponse, StreamingResponse
from pydantic import BaseModel, ConfigDict, Field

from api.origins import refuse_foreign_writes
from api.problems_described import problems_told
from api.staff.context import Calling
from api.staff.publications_shown import overview, shown
from api.staff.working import PROGRESS, Work, begun
from layers.publication.desk import Desk
from layers.publication.errors import UnknownPublicationError
from layers.publication.opening import open_desk
from layers.publication.register import Publication
from layers.store.rights.caller import Caller

__all__ = ["PROGRESS", "desk_of", "router"]

router = APIRouter(tags=["publications"], dependencies=[Depends(refuse_foreign_writes)])
_REFUSALS = problems_told(403, 404, 409, 422)
_PROGRESS: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "進み具合。一行に一つの JSON で、最後の行に result か problem がある",
        "content": {PROGRESS: {"schema": {"type": "string"}}},
    },
    **_REFUSALS,
}


class WantedLayer(BaseModel):
    """Which layer."""

    model_config = ConfigDict(extra="forbid")

    layer: str = Field(min_length=1, max_length=60)


class WantedEdition(BaseModel):
    """Which edition; the one before without a number."""

    model_config = ConfigDict(extra="forbid")

    number: int | None = Field(default=None, ge=1, le=2**53)


def desk_of(request: Request) -> Desk:
    """The desk, opened when it is first asked for: a server whose public side is away serves all the rest."""
    state = request.app.state
    if getattr(state, "desk", None) is None:
        state.desk = open_desk(state.store)
    desk: Desk = state.desk
    return desk


OpenDesk = Annotated[Desk, Depends(desk_of)]


def _visible(desk: Desk, caller: Caller, identifier: int) -> Publication:
    """The publication, where the caller may see its layer; else as if there were none."""
    found = desk.publication(identifier)
    if found.layer not in desk.store.seen_by(caller.post).catalogue:
        raise UnknownPublicationError(f"公開の記録 {identifier} はありません。一覧から選んでください。")
    return found


def _progress(work: Work) -> Response:
    lines = begun(work)

    def written() -> Iterator[bytes]:
        for line in lines:
            yield orjson.dumps(line) + b"\n"

    return StreamingResponse(written(), media_type=PROGRESS, headers={"Cache-Control": "no-store"})


def _answer(desk: Desk, caller: Caller, found: Publication, status: int = 200) -> Response:
    return JSONResponse(shown(desk, caller, found), status_code=status, headers={"Cache-Control": "no-store"})


@router.get("/publications", responses=problems_told(403))
def list_publications(desk: OpenDesk, caller: Calling) -> Response:
    """Every layer that the caller may see with its way to the public side, and the editions that can be served."""
    return JSONResponse(overview(desk, caller), headers={"Cache-Control": "no-store"})


@router.post("/publications", responses=_PROGRESS)
def draft(desk: OpenDesk, caller: Calling, wanted: WantedLayer) -> Response:
    """Take a layer as it is now, and let the gate look at it."""
    desk.store.seen_by(caller.post).layer(wanted.layer)

    def work(tell: Callable[[str, float], None]) -> dict[str, object]:
        return shown(desk, caller, desk.draft(caller, wanted.layer, tell))

    return _progress(work)


@router.get("/publications/{identifier}", responses=problems_told(403, 404))
def read_publication(desk: OpenDesk, caller: Calling, identifier: int) -> Response:
    """One publication with the gate's findings and the difference in words."""
    return _answer(desk, caller, _visible(desk, caller, identifier))


@router.get(
    "/publications/{identifier}/difference.svg",
    response_class=Response,
    responses={200: {"content": {"image/svg+xml": {}}}, **problems_told(403, 404)},
)
def difference_map(desk: OpenDesk, caller: Calling, identifier: int) -> Response:
    """What would change, drawn."""
    found = _visible(desk, caller, identifier)
    headers = {"Cache-Control": "no-store", "Content-Security-Policy": "default-src 'none'; sandbox"}
    return Response(desk.drawing(found.id), media_type="image/svg+xml", headers=headers)


@router.post("/publications/{identifier}/check", responses=_PROGRESS)
def check(desk: OpenDesk, caller: Calling, identifier: int) -> Response:
    """Let the gate look again."""
    found = _visible(desk, caller, identifier)
    desk.require_draft(caller, found)
    return _progress(lambda tell: shown(desk, caller, desk.check(found.id, tell)))


@router.post("/publications/{identifier}/approve", responses=_REFUSALS)
def approve(desk: OpenDesk, caller: Calling, identifier: int) -> Response:
    """The second person's word: 403 for whoever asked."""
    found = _visible(desk, caller, identifier)
    return _answer(desk, caller, desk.approve(caller, found.id))


@router.post("/publications/{identifier}/cancel", responses=_REFUSALS)
def cancel(desk: OpenDesk, caller: Calling, identifier: int) -> Response:
    """Take it back before it is public."""
    found = _visible(desk, caller, identifier)
    return _answer(desk, caller, desk.cancel(caller, found.id))


@router.post("/publications/{identifier}/publish", responses=_PROGRESS)
def publish(desk: OpenDesk, caller: Calling, identifier: int) -> Response:
    """Make the bundle, import it, and switch."""
    found = _visible(desk, caller, identifier)
    return _progress(lambda tell: {"edition": desk.publish(caller, [found.id], tell)})


@router.post("/public-editions/withdraw", responses=_PROGRESS)
def withdraw(desk: OpenDesk, caller: Calling, wanted: WantedLayer) -> Response:
    """Take a layer off the public side at once."""
    desk.store.seen_by(caller.post).layer(wanted.layer)
    return _progress(lambda tell: {"edition": desk.withdraw(caller, wanted.layer, tell)})


@router.post("/public-editions/rollback", responses=_REFUSALS)
def rollback(desk: OpenDesk, caller: Calling, wanted: WantedEdition) -> Response:
    """Serve an earlier edition again."""
    return JSONResponse({"edition": desk.rollback(caller, wanted.number)}, headers={"Cache-Control": "no-store"})
