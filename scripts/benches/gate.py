"""What the gate adds to a request: for an asker who was let in within the last second, and for one who is asked about."""

import asyncio
import json
import tempfile
import time
from pathlib import Path

from starlette.types import Message, Receive, Scope, Send

from api.staff.people.door import Door
from api.staff.people.gate import Gate
from api.staff.views import Views
from layers.accounts.keys import passing_key
from layers.accounts.persons import persons
from layers.accounts.sessions import Visit, begin
from layers.store.cluster import temporary_cluster
from layers.store.instance import connect
from layers.store.settings import load_settings
from layers.store.tiles.source import TileSource

REMEMBERED, ASKED = 20_000, 500
LIMIT_MS = 5.0
"""What login and policy check may add to a request."""


async def _nothing(_: Scope, __: Receive, send: Send) -> None:
    await send({"type": "http.response.start", "status": 204, "headers": [(b"cache-control", b"private, no-cache")]})
    await send({"type": "http.response.body", "body": b""})


async def _silent() -> Message:
    return {"type": "http.request", "body": b"", "more_body": False}


async def _swallow(_: Message) -> None:
    return


async def _seconds_each(app: object, header: tuple[bytes, bytes], times: int, door: Door | None = None) -> float:
    """Seconds a request; with a door it forgets before each, so that the database is asked."""
    scope = {"type": "http", "method": "GET", "path": "/layers", "query_string": b"", "headers": [header]}
    started = time.perf_counter()
    for _ in range(times):
        if door is not None:
            door.forget()
        await app({**scope, "state": {}}, _silent, _swallow)  # type: ignore[operator]
    return (time.perf_counter() - started) / times


def _tell(bench: str, added_ms: float, n: int) -> None:
    line = {"bench": bench, "ours": round(added_ms, 4), "other": LIMIT_MS, "ratio": round(LIMIT_MS / added_ms, 1), "n": n,
            "unit": "milliseconds added to a request, against the limit", "wanted_ratio": 1.0}  # fmt: skip
    print(json.dumps(line, ensure_ascii=False), flush=True)


async def _measure(door: Door, credentials: dict[str, tuple[bytes, bytes]]) -> None:
    gate = Gate(_nothing, door)
    for name, header in credentials.items():
        await _seconds_each(gate, header, 100)
        bare = await _seconds_each(_nothing, header, REMEMBERED)
        remembered = await _seconds_each(gate, header, REMEMBERED)
        asked = await _seconds_each(gate, header, ASKED, door)
        _tell(f"gate.remembered_{name}", (remembered - bare) * 1000, REMEMBERED)
        _tell(f"gate.asked_of_the_database_{name}", (asked - bare) * 1000, ASKED)


def main() -> None:
    """Measure on a store of its own, which holds nothing but the account."""
    with temporary_cluster() as cluster, tempfile.TemporaryDirectory() as folder:
        store = connect(load_settings(Path(folder)), cluster.create_database("gate"))
        tiles = TileSource(store)
        try:
            with passing_key(store) as key:
                token = begin(store, persons(store)[0].id, Visit("127.0.0.1", "bench"))
                shown = {
                    "key": (b"authorization", f"Bearer {key}".encode()),
                    "session": (b"cookie", f"onomap_session={token}".encode()),
                }
                asyncio.run(_measure(Door(store, Views(store, tiles)), shown))
        finally:
            tiles.close()
            store.database.close()


if __name__ == "__main__":
    main()
