"""The disaster switch over HTTP: each step is kept inside first and then sent out at once; what could not be sent is said.

What was kept stays kept when the public side does not answer: the page then offers to send again, and the file for a stick.
"""

from collections.abc import Callable
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request, Response
from fastapi.responses import JSONResponse

from api.asked_values import NO_NUL
from api.origins import refuse_foreign_writes
from api.problems_described import problems_told
from api.situation_sending import Sent, send, signed
from api.staff.context import Asking, Calling, WholeStore, origin_of, who_of
from api.staff.publications import desk_of
from api.staff.situation_shown import shown
from gis.errors import OnomapError
from layers.publication.desk import Desk
from layers.situation.desk import SituationDesk, note_sent
from layers.situation.register import Revision
from layers.situation.sites import roads
from layers.situation.wanted import ClosureWanted, NoticeWanted, PhaseWanted, SiteWanted, Wanted

router = APIRouter(prefix="/bosai", tags=["situation"], dependencies=[Depends(refuse_foreign_writes)])
_REFUSALS = problems_told(403, 404, 409, 412, 422)
_NO_STORE = {"Cache-Control": "no-store"}


def _desk(store: WholeStore, caller: Calling, request: Request) -> SituationDesk:
    return SituationDesk(store, caller, origin_of(request))


OpenDesk = Annotated[SituationDesk, Depends(_desk)]


def _public(request: Request) -> Callable[[], Desk]:
    """The publication desk, opened only when it is asked: the switch works while the public side is away."""
    return lambda: desk_of(request)


PublicDesk = Annotated[Callable[[], Desk], Depends(_public)]


def _answer(desk: SituationDesk, public: Callable[[], Desk], revision: Revision, sent: dict[str, object]) -> Response:
    return JSONResponse({**shown(desk, public, revision), **sent}, headers=_NO_STORE)


def _sent(desk: SituationDesk, public: Callable[[], Desk], request: Request) -> dict[str, object]:
    """What came of sending: `sent` is the number that the public side has now, or null with the trouble in words."""
    try:
        done: Sent = send(desk, public(), who_of(request, request.state.asker))
    except OnomapError as error:
        return {"sent": None, "trouble": str(error)}
    return {"sent": done.number, "trouble": None}


class _Steps:
    """A step of the desk, and its answer."""

    def __init__(self, desk: OpenDesk, public: PublicDesk, request: Request) -> None:
        self.desk, self.public, self.request = desk, public, request

    def done(self, _: Revision) -> Response:
        """Send what stands now, and show it."""
        sent = _sent(self.desk, self.public, self.request)
        return _answer(self.desk, self.public, self.desk.current(), sent)


Steps = Annotated[_Steps, Depends(_Steps)]


@router.get("/state", responses=problems_told(403))
def state(desk: OpenDesk, public: PublicDesk) -> Response:
    """The situation inside, every site with its state, what the public side has, and what the caller may do."""
    return _answer(desk, public, desk.current(), {})


@router.get("/roads", responses=problems_told(403))
def find_roads(
    store: WholeStore, _: Calling, q: Annotated[str, Query(min_length=1, max_length=60, pattern=NO_NUL)]
) -> dict[str, object]:
    """Roads by name or number."""
    return {"roads": [{"id": one.id, "name": one.name, "kind": one.kind} for one in roads(store, q)]}


@router.post("/phase", responses=_REFUSALS)
def set_phase(steps: Steps, wanted: PhaseWanted) -> Response:
    """Switch the phase."""
    return steps.done(steps.desk.set_phase(wanted))


@router.post("/sites", responses=_REFUSALS)
def set_site(steps: Steps, wanted: SiteWanted) -> Response:
    """Tell a site's state."""
    return steps.done(steps.desk.set_site(wanted))


@router.post("/closures", responses=_REFUSALS)
def close_road(steps: Steps, wanted: ClosureWanted) -> Response:
    """Close a road."""
    return steps.done(steps.desk.close_road(wanted))


@router.post("/closures/{identifier}/open", responses=_REFUSALS)
def open_road(steps: Steps, identifier: int, wanted: Wanted) -> Response:
    """Open it again."""
    return steps.done(steps.desk.open_road(wanted, identifier))


@router.post("/notices", responses=_REFUSALS)
def announce(steps: Steps, wanted: NoticeWanted) -> Response:
    """Announce something."""
    return steps.done(steps.desk.announce(wanted))


@router.post("/notices/{identifier}/withdraw", responses=_REFUSALS)
def withdraw(steps: Steps, identifier: int, wanted: Wanted) -> Response:
    """Take it back."""
    return steps.done(steps.desk.withdraw(wanted, identifier))


@router.post("/undo", responses=_REFUSALS)
def undo(steps: Steps, wanted: Wanted) -> Response:
    """Take the last step back."""
    return steps.done(steps.desk.undo(wanted))


@router.post("/send", responses=_REFUSALS)
def send_again(steps: Steps) -> Response:
    """Send what stands once more, after the public side was away."""
    steps.desk.require_duty()
    return steps.done(steps.desk.current())


@router.post("/file", response_class=Response, responses={200: {"content": {"application/json": {}}}, **_REFUSALS})
def as_file(desk: OpenDesk, asker: Asking, request: Request) -> Response:
    """The signed file, to be carried to a public side behind a gap."""
    desk.require_duty()
    revision = desk.current()
    text = signed(desk.store, revision)
    note_sent(desk.store, who_of(request, asker), revision.number, "file")
    name = f"situation-{revision.number}.json"
    headers = {**_NO_STORE, "Content-Disposition": f'attachment; filename="{name}"'}
    return Response(text, media_type="application/json", headers=headers)
