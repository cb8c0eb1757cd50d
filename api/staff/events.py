"""GET /events: what changed on the map, as it happens (server-sent events, HTML Living Standard 9.2)."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Annotated, cast

from fastapi import APIRouter, FastAPI, Header, Query, Request
from fastapi.responses import StreamingResponse

from api.staff.context import view_of
from api.staff.event_hub import EventHub
from layers.store.changes import Changes
from layers.store.instance import Store

EVENT_STREAM = "text/event-stream"
# nginx holds answers back unless it is told not to
HEADERS = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}

router = APIRouter(tags=["events"])


def install_events(app: FastAPI, store: Store) -> None:
    """Give the application its ear for changes, `app.state.changes`, and its pages their stream, `app.state.events`.

    Whoever keeps something made from the layers subscribes to `app.state.changes` before the application starts.
    """
    app.state.changes = Changes(store.database.url)
    app.state.events = EventHub(notice=lambda: app.state.changes.notice)
    app.state.changes.subscribe(app.state.events, last=True)


@asynccontextmanager
async def listening(app: FastAPI) -> AsyncIterator[None]:
    """Listen from the application's start to its end."""
    app.state.events.bind(asyncio.get_running_loop())
    app.state.changes.start()
    try:
        yield
    finally:
        app.state.events.close()
        await asyncio.to_thread(app.state.changes.stop)


@router.get(
    "/events",
    response_class=StreamingResponse,
    responses={200: {"content": {EVENT_STREAM: {"schema": {"type": "string"}}}}},
)
async def events(
    request: Request,
    after: Annotated[str | None, Query(max_length=40)] = None,
    last_event_id: Annotated[str | None, Header(max_length=40)] = None,
) -> StreamingResponse:
    """`changed` with the layer and its boxes (west, south, east, north in degrees; null for the whole layer), `reset` when
    anything may have changed. `after`, or `Last-Event-ID`, is the last event seen; `notice` goes back in `X-Onomap-After`
    with the tiles that are then asked for, of any server."""
    hub = cast(EventHub, request.app.state.events)
    seen = view_of(request).store.catalogue
    return StreamingResponse(
        hub.stream(last_event_id or after, seen.__contains__), media_type=EVENT_STREAM, headers=HEADERS
    )
