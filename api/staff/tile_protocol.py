"""HTTP/1.1 in which a tile that is kept leaves at once, without a task, a scope or an application.

A kept tile through uvicorn's own protocol and the front costs some 60 µs of a core, of which the tile itself is a tenth
(measured); a map asks for dozens at a time. So a request that is whole, plain and for a kept tile is answered where its bytes
come in. Everything else (in parts, pipelined behind an unfinished one, with a body, an odd header, another host, a tile that
must be fetched) goes the usual way, and is answered the same by `TileFront`.
"""

import asyncio
from http import HTTPStatus

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from api.headers import ALWAYS
from api.problems import problem
from api.staff.kept_tiles import KeptTiles
from api.staff.tile_front import GuardedFront
from layers.store.tiles.cache import FragmentCache

MOST_HEAD_BYTES = 64 * 1024
"""Bytes of a request line and its headers beyond the piece in which they begin; the parser itself would take any number."""
HEAD_TIMEOUT_S = 20.0
"""How long a request may take to say what it wants, and a new connection to begin; it is looked at as seldom as that."""
_START = b"GET /tiles/"


class TileProtocol(HttpToolsProtocol):
    """uvicorn's protocol with a short way for kept tiles; `kept` is set on the class that `tile_protocol` makes."""

    kept: KeptTiles
    _inside_a_message = False
    _answered_at = 0.0
    _head_bytes = 0
    _head_since: float | None = None
    _watch: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Somebody is there, who should say something soon."""
        super().connection_made(transport)
        self._head_since = self.loop.time()
        self._watch = self.loop.call_later(HEAD_TIMEOUT_S, self._look)

    def connection_lost(self, exc: Exception | None) -> None:
        """Nobody is there any more."""
        if self._watch is not None:
            self._watch.cancel()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Answer at once where that is possible."""
        if data.startswith(_START) and self._is_idle():
            found = self.kept.answer(data, self.server_state.default_headers)
            if found is not None:
                self.transport.writelines(found)
                self._count()
                return
        if self._inside_a_message:
            self._head_bytes += len(data)
        super().data_received(data)
        if self._inside_a_message and self._head_bytes > MOST_HEAD_BYTES:
            self._refuse(431, "リクエストのアドレスやヘッダーが長すぎます。")

    def on_message_begin(self) -> None:
        """A request has begun to come in."""
        self._inside_a_message = True
        self._head_bytes = 0
        self._head_since = self.loop.time()
        super().on_message_begin()

    def on_headers_complete(self) -> None:
        """It is known what is asked."""
        self._head_bytes = 0
        self._head_since = None
        super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        """A part of the body, which whoever takes it bounds; what is neither body nor head, such as trailers, counts as head."""
        self._head_bytes = 0
        super().on_body(body)

    def on_message_complete(self) -> None:
        """It has come in whole."""
        self._inside_a_message = False
        super().on_message_complete()

    def timeout_keep_alive_handler(self) -> None:
        """Close the connection when it has been idle for long; the short way does not set the clock anew each time."""
        idle_s = self.loop.time() - self._answered_at
        if idle_s < self.timeout_keep_alive:
            self._close_in(self.timeout_keep_alive - idle_s)
        else:
            super().timeout_keep_alive_handler()

    def send_400_response(self, msg: str) -> None:
        """Refuse a request that is no HTTP, or whose address is longer than the parser reads."""
        self._refuse(400, "HTTP として読めないか、アドレスが 64 KB より長い呼び出しです。")

    def _look(self) -> None:
        if self.transport.is_closing():
            return
        if self._head_since is not None and self.loop.time() - self._head_since >= HEAD_TIMEOUT_S:
            self._refuse(408, "リクエストの続きが届きませんでした。")
            return
        self._watch = self.loop.call_later(HEAD_TIMEOUT_S, self._look)

    def _refuse(self, status: int, sentence: str) -> None:
        """Say so where no other answer is under way, and hang up."""
        if self.cycle is None or self.cycle.response_complete:
            response = problem(status, sentence, headers={**ALWAYS, "Connection": "close"})
            head = b"".join(
                b"%b: %b\r\n" % header for header in [*self.server_state.default_headers, *response.raw_headers]
            )
            self.transport.write(
                b"HTTP/1.1 %d %b\r\n%b\r\n%b" % (status, HTTPStatus(status).phrase.encode(), head, bytes(response.body))
            )
        self.transport.close()

    def _count(self) -> None:
        self.server_state.total_requests += 1
        self._head_since = None
        self._answered_at = self.loop.time()
        if self.timeout_keep_alive_task is None:
            self._close_in(self.timeout_keep_alive)

    def _close_in(self, seconds: float) -> None:
        self.timeout_keep_alive_task = self.loop.call_later(seconds, self.timeout_keep_alive_handler)

    def _is_idle(self) -> bool:
        """Whether nothing is half read, half answered or waiting to be taken by the client."""
        is_answered = self.cycle is None or self.cycle.response_complete
        return is_answered and not self._inside_a_message and not self.flow.write_paused


def tile_protocol(front: GuardedFront, cache: FragmentCache) -> type[TileProtocol]:
    """The protocol class for a server whose tiles `front` answers, those in `cache` without asking it."""
    return type("StaffTileProtocol", (TileProtocol,), {"kept": KeptTiles(front, cache)})
