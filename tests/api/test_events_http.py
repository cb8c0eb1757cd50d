"""Server-sent events: what an open page is told, what it missed, and that a server with open pages can be stopped."""

import asyncio
import json
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from api.staff.event_hub import QUEUED, REMEMBERED, EventHub
from tests.api.conftest import Town


@dataclass(frozen=True)
class Event:
    name: str
    id: str
    data: dict[str, Any]


def parsed(frame: str) -> Event | None:
    fields = dict(line.split(": ", 1) for line in frame.splitlines() if ": " in line and not line.startswith(":"))
    return Event(fields["event"], fields["id"], json.loads(fields["data"])) if "event" in fields else None


@contextmanager
def stream(town: Town, **headers: str) -> Iterator[Iterator[Event]]:
    """An open page's events."""
    names = {name.replace("_", "-"): value.encode("latin-1") for name, value in headers.items()}
    with town.http.stream("GET", "/events", headers=names) as response:
        assert response.headers["content-type"].startswith("text/event-stream")
        assert "content-encoding" not in response.headers

        def events() -> Iterator[Event]:
            text = ""
            for part in response.iter_text():
                text += part
                *frames, text = text.split("\n\n")
                yield from (event for event in map(parsed, frames) if event is not None)

        yield events()


def test_an_open_page_is_told_where_something_changed(town: Town) -> None:
    with stream(town) as events:
        assert next(events).name == "ready"
        town.add_shelter("集会所", 140.61, 37.28)
        told = next(events)
    assert (told.name, told.data["layer"]) == ("changed", "shelters")
    [[west, south, east, north]] = told.data["boxes"]
    assert west <= 140.61 <= east
    assert south <= 37.28 <= north
    assert east - west < 1e-6


def test_a_page_that_comes_back_is_told_what_it_missed_and_no_more(town: Town) -> None:
    with stream(town) as witness:
        with stream(town) as events:
            seen = next(events).id
        town.add_shelter("一", 140.60, 37.25)
        town.add_shelter("二", 140.61, 37.25)
        assert [next(witness).name for _ in range(3)] == ["ready", "changed", "changed"]
    with stream(town, Last_Event_ID=seen) as events:
        missed = [next(events) for _ in range(3)]
    assert [event.name for event in missed] == ["changed", "changed", "ready"]
    with stream(town, Last_Event_ID=missed[0].id) as events:
        assert [next(events).name for _ in range(2)] == ["changed", "ready"]


def test_a_page_of_another_process_or_from_too_long_ago_loads_everything_anew(town: Town) -> None:
    for unknown in ("deadbeef-3", "nonsense", "-", "1-²"):
        with stream(town, Last_Event_ID=unknown) as events:
            assert [next(events).name for _ in range(2)] == ["reset", "ready"]


def test_a_listener_that_was_lost_resets_every_page(town: Town) -> None:
    with stream(town) as events:
        next(events)
        with town.store.database.transaction() as connection:
            connection.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                "WHERE application_name = 'onomap changes' AND datname = current_database()"
            )
        assert next(events).name == "reset"
        assert next(events).name == "reset"
        town.add_shelter("後", 140.62, 37.26)
        assert next(events).name == "changed"


def test_many_open_pages_take_no_thread_each(town: Town) -> None:
    def threads() -> int:
        return len(list(Path(f"/proc/{town.process.pid}/task").iterdir()))

    with ExitStack() as open_pages:
        first = open_pages.enter_context(stream(town))
        next(first)
        before = threads()
        pages = [open_pages.enter_context(stream(town)) for _ in range(60)]
        for page in pages:
            next(page)
        town.add_shelter("皆へ", 140.62, 37.26)
        assert {next(page).name for page in pages} == {"changed"}
        assert threads() < before + 20


def test_a_server_with_open_pages_stops_when_told_to(new_town: Town) -> None:
    with stream(new_town) as events:
        assert next(events).name == "ready"
        started = time.monotonic()
        new_town.process.terminate()
        assert list(events) == []
        new_town.process.wait(10)
    assert time.monotonic() - started < 10


def collected(hub: EventHub, act: Callable[[], None], count: int, after: str | None = None) -> list[str]:
    """The first frames of a page that is slow: it reads only when everything has happened."""

    async def run() -> list[str]:
        hub.bind(asyncio.get_running_loop())
        frames: AsyncIterator[bytes] = hub.stream(after)
        found = [(await anext(frames)).decode()]
        act()
        await asyncio.sleep(0.05)
        found += [(await anext(frames)).decode() for _ in range(count - 1)]
        return found

    return asyncio.run(run())


def test_a_page_that_is_too_slow_is_told_to_load_everything_anew() -> None:
    hub = EventHub()

    def act() -> None:
        for _ in range(QUEUED + 1):
            hub.changed("shelters", None)

    _, told = collected(hub, act, 2)
    assert "event: reset" in told
    assert f'"seq":{QUEUED + 1}' in told


def test_what_is_remembered_is_bounded() -> None:
    hub = EventHub()

    def act() -> None:
        for _ in range(REMEMBERED + 5):
            hub.changed("shelters", [])

    first = collected(hub, act, 1)[0]
    seen = first.split("id: ")[1].split("\n")[0]
    assert "event: reset" in collected(hub, lambda: None, 1, after=seen)[0]


def test_a_silent_stream_gives_a_sign_of_life() -> None:
    assert collected(EventHub(heartbeat_s=0.01), lambda: None, 2)[1] == ": \n\n"


def test_a_hub_without_a_loop_tells_nobody() -> None:
    hub = EventHub()
    hub.changed("shelters", None)
    hub.flush()
    assert hub.pages == 0


def test_an_id_that_is_too_long_is_refused(town: Town) -> None:
    assert town.http.get("/events", headers={"Last-Event-ID": "x" * 100}).status_code == 422
