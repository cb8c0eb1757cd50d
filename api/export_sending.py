"""An export on its way to one client: sent while it is made, or made first and then sent; a client that leaves ends the work.

Imported by the first export: Arrow, GDAL and openpyxl would double the memory of a server that never exports.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Generator
from contextlib import asynccontextmanager, suppress
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import BoundedSemaphore
from urllib.parse import quote

import anyio.to_thread
from anyio import CancelScope
from fastapi import Response
from starlette.types import Receive, Scope, Send

from api.problems import problem
from gis.formats.writing.outgoing import CRS84_EPSG
from layers.store.export import Export, Halt, pieces, write_file
from layers.store.readable import Readable

MOST_AT_ONCE = 3
"""Exports of one worker that run together: each holds a connection of the pool's ten for as long as it is sent."""
MOST_SECONDS = 1_800.0
"""After this time an export is cut off, so that a client that reads nothing cannot keep a snapshot open."""
RETRY_AFTER_S = 10
_CHUNK_BYTES = 256 * 1024
_slots = BoundedSemaphore(MOST_AT_ONCE)


class ExportResponse(Response):
    """An export on its way to one client."""

    def __init__(self, store: Readable, export: Export) -> None:
        # No body yet, and so no Content-Length.
        self.status_code = 200
        self.background = None
        self.media_type = export.format.media_type
        self._store, self._export = store, export
        self.init_headers(_headers(export))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Do the work and send it, unless too many others are at it."""
        if not _slots.acquire(blocking=False):
            await _busy()(scope, receive, send)
            return
        halt = Halt()
        deliver = self._send_pieces if self._export.format.pieces is not None else self._send_file
        try:
            async with asyncio.timeout(MOST_SECONDS), _ended_by_hang_up(receive, halt):
                await deliver(send, halt)
        finally:
            _slots.release()

    async def _start(self, send: Send, length: int | None = None) -> None:
        if length is not None:
            self.headers["Content-Length"] = str(length)
        await send({"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers})

    async def _send_pieces(self, send: Send, halt: Halt) -> None:
        parts = pieces(self._store, self._export, halt)
        try:
            # The second piece is the first with rows: an error until then can still be told in a sentence.
            waiting = [piece for _ in range(2) if (piece := await _next(parts)) is not None]
            await self._start(send)
            for piece in waiting:
                await send({"type": "http.response.body", "body": piece, "more_body": True})
            while (piece := await _next(parts)) is not None:
                await send({"type": "http.response.body", "body": piece, "more_body": True})
            await send({"type": "http.response.body", "body": b"", "more_body": False})
        finally:
            await _in_thread(parts.close)

    async def _send_file(self, send: Send, halt: Halt) -> None:
        with TemporaryDirectory(prefix="onomap-export-") as folder:
            path = Path(folder) / f"{self._export.selection.layer.id}{self._export.format.suffix}"
            await _in_thread(partial(write_file, self._store, self._export, path, halt))
            await self._start(send, path.stat().st_size)
            async with await anyio.open_file(path, "rb") as file:
                while (chunk := await file.read(_CHUNK_BYTES)) and not halt.is_stopped:
                    await send({"type": "http.response.body", "body": chunk, "more_body": True})
            if not halt.is_stopped:
                await send({"type": "http.response.body", "body": b"", "more_body": False})


@asynccontextmanager
async def _ended_by_hang_up(receive: Receive, halt: Halt) -> AsyncIterator[None]:
    """Ends the export when the client leaves, or when this answer is given up for another reason."""

    async def watch() -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(MOST_SECONDS):
                while (await receive())["type"] != "http.disconnect":
                    pass
        await anyio.to_thread.run_sync(halt.stop)

    watcher = asyncio.create_task(watch())
    try:
        yield
    except Exception:
        # Nobody reads what ends an export whose client has left.
        if not halt.is_stopped:
            raise
    finally:
        watcher.cancel()


async def _in_thread(work: Callable[[], None]) -> None:
    """The work to its end, even when this answer is given up meanwhile: its connection goes back to the pool clean."""
    with CancelScope(shield=True):
        await anyio.to_thread.run_sync(work)


async def _next(parts: Generator[bytes]) -> bytes | None:
    return await anyio.to_thread.run_sync(next, parts, None)


def _headers(export: Export) -> dict[str, str]:
    layer, suffix = export.selection.layer, export.format.suffix
    crs = "OGC/1.3/CRS84" if export.srid == CRS84_EPSG else f"EPSG/0/{export.srid}"
    return {
        "Content-Disposition": (
            f"attachment; filename=\"{layer.id}{suffix}\"; filename*=UTF-8''{quote(layer.title, safe='')}{suffix}"
        ),
        "Content-Crs": f"<http://www.opengis.net/def/crs/{crs}>",
        "Cache-Control": "no-store",
    }


def _busy() -> Response:
    answer = problem(503, "書き出しが込み合っています。少し待ってから、もう一度お試しください。")
    answer.headers["Retry-After"] = str(RETRY_AFTER_S)
    return answer
