"""Open pages told of changes: one short queue a page on the event loop, and a memory for pages that were away a moment."""

import asyncio
import secrets
from collections import deque
from collections.abc import AsyncIterator, Callable, Sequence
from math import atan, degrees, pi, sinh

import orjson

from api.errors import TooManyPagesError
from gis.reference_systems import SPHERE_RADIUS_M
from layers.store.changes import Box

HEARTBEAT_S = 15.0
RETRY_MS = 2_000
REMEMBERED = 1_000
"""Changes that a page which comes back may still be told one by one."""
QUEUED = 100
"""Changes that wait for one slow page before it is told to load everything anew instead."""
MOST_PAGES = 1_000

Told = tuple[str | None, bytes]
"""A layer (None: all of them) and the frame that tells of it."""
Queue = asyncio.Queue[Told | None]


class EventHub:
    """Turns changes, heard on another thread, into server-sent events for every open page.

    `notice` gives the name by which any server of the store knows the change that is being told.
    """

    def __init__(self, heartbeat_s: float = HEARTBEAT_S, notice: Callable[[], str] = str) -> None:
        self._notice = notice
        self._heartbeat_s = heartbeat_s
        self._loop: asyncio.AbstractEventLoop | None = None
        self._queues: set[Queue] = set()
        self._seq = 0
        self._recent: deque[tuple[int, Told]] = deque(maxlen=REMEMBERED)
        # another process counts for itself: its numbers mean nothing here
        self._epoch = secrets.token_hex(4)
        self._closed = False

    def bind(self, loop: asyncio.AbstractEventLoop) -> None:
        """Publish on this loop from now on."""
        self._loop = loop
        self._closed = False

    def changed(self, layer: str, boxes: Sequence[Box] | None) -> None:
        """Tell every page; called on the listener's thread."""
        told = None if boxes is None else [_in_degrees(box) for box in boxes]
        self._from_outside("changed", layer, {"layer": layer, "boxes": told, "notice": self._notice()})

    def flush(self) -> None:
        """Tell every page that anything may have changed; called on the listener's thread."""
        self._from_outside("reset", None, {})

    def close_soon(self) -> None:
        """End every stream; may be called from a signal handler."""
        if self._loop is not None and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self.close)

    def close(self) -> None:
        """End every stream; pages will try again."""
        self._closed = True
        for queue in self._queues:
            _clear(queue)
            queue.put_nowait(None)

    @property
    def pages(self) -> int:
        """How many pages are listening."""
        return len(self._queues)

    def stream(self, after: str | None, sees: Callable[[str], bool] = lambda _: True) -> AsyncIterator[bytes]:
        """The events of one page; `after` is the id of the last one it saw, `sees` says which layers exist for its reader.

        It first gets what it missed, or a reset where that is not known any more, then `ready`, then changes as they come.
        Raises TooManyPagesError.
        """
        if len(self._queues) >= MOST_PAGES:
            raise TooManyPagesError("更新の知らせを受ける画面が多すぎます。しばらくしてから開き直してください。")
        return self._stream(after, sees)

    async def _stream(self, after: str | None, sees: Callable[[str], bool]) -> AsyncIterator[bytes]:
        queue: Queue = asyncio.Queue(maxsize=QUEUED)
        self._queues.add(queue)
        try:
            yield b"retry: %d\n\n" % RETRY_MS + self._missed(after, sees) + self._frame("ready", self._seq, {})
            while not self._closed:
                try:
                    told = await asyncio.wait_for(queue.get(), self._heartbeat_s)
                except TimeoutError:
                    yield b": \n\n"
                    continue
                if told is None:
                    return
                layer, frame = told
                if layer is None or sees(layer):
                    yield frame
        finally:
            self._queues.discard(queue)

    def _from_outside(self, event: str, layer: str | None, data: dict[str, object]) -> None:
        if self._loop is not None and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._publish, event, layer, data)

    def _publish(self, event: str, layer: str | None, data: dict[str, object]) -> None:
        self._seq += 1
        told = (layer, self._frame(event, self._seq, data))
        if event == "reset":
            self._recent.clear()
        self._recent.append((self._seq, told))
        for queue in self._queues:
            if queue.full():
                _clear(queue)
                queue.put_nowait((None, self._frame("reset", self._seq, {})))
            else:
                queue.put_nowait(told)

    def _missed(self, after: str | None, sees: Callable[[str], bool]) -> bytes:
        if after is None:
            return b""
        epoch, _, number = after.partition("-")
        seen = int(number) if number.isascii() and number.isdecimal() else -1
        oldest = self._recent[0][0] if self._recent else self._seq + 1
        if epoch != self._epoch or not oldest - 1 <= seen <= self._seq:
            return self._frame("reset", self._seq, {})
        return b"".join(frame for seq, (layer, frame) in self._recent if seq > seen and (layer is None or sees(layer)))

    def _frame(self, event: str, seq: int, data: dict[str, object]) -> bytes:
        text = orjson.dumps({**data, "seq": seq})
        return b"id: %s-%d\nevent: %s\ndata: %s\n\n" % (self._epoch.encode(), seq, event.encode(), text)


def _clear(queue: Queue) -> None:
    while not queue.empty():
        queue.get_nowait()


def _in_degrees(box: Box) -> list[float]:
    """A box of EPSG:3857 as west, south, east, north in degrees, to a centimetre, outward by half of one."""
    west, south, east, north = box
    return [_longitude(west - 0.005), _latitude(south - 0.005), _longitude(east + 0.005), _latitude(north + 0.005)]


def _longitude(x: float) -> float:
    return round(degrees(x / SPHERE_RADIUS_M), 7)


def _latitude(y: float) -> float:
    return round(degrees(atan(sinh(max(-pi, min(pi, y / SPHERE_RADIUS_M))))), 7)
