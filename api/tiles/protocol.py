"""HTTP/1.1 in which a tile that is kept leaves at once, without a task, a scope or an application.

A kept tile through uvicorn's own protocol and the front costs some 60 µs of a core, of which the tile itself is a tenth
(measured); a map asks for dozens at a time. So a request that is whole, plain and for a kept tile is answered where its bytes
come in. Everything else (in parts, pipelined behind an unfinished one, with a body, an odd header, another host, a tile that
must be fetched) goes the usual way, and is answered the same by `TileFront`.
"""

from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol

from api.problems import problem
from api.tiles.front import TileFront
from api.tiles.kept import KeptTiles

_START = b"GET /tiles/"


class TileProtocol(HttpToolsProtocol):
    """uvicorn's protocol with a short way for kept tiles; `kept` is set on the class that `tile_protocol` makes."""

    kept: KeptTiles
    _inside_a_message = False
    _answered_at = 0.0

    def data_received(self, data: bytes) -> None:
        """Answer at once where that is possible."""
        if data.startswith(_START) and self._is_idle():
            found = self.kept.answer(data, self.server_state.default_headers)
            if found is not None:
                self.transport.writelines(found)
                self._count()
                return
        super().data_received(data)

    def send_400_response(self, msg: str) -> None:
        """Tell of a request that is no HTTP, or whose address is longer than the parser reads, as of every other error."""
        told = problem(400, "HTTP として読めないか、アドレスが 64 KB より長い呼び出しです。")
        headers = [*self.server_state.default_headers, *told.raw_headers, (b"connection", b"close")]
        lines = b"".join(b"%s: %s\r\n" % header for header in headers)
        self.transport.write(STATUS_LINE[400] + lines + b"\r\n" + bytes(told.body))
        self.transport.close()

    def on_message_begin(self) -> None:
        """A request has begun to come in."""
        self._inside_a_message = True
        super().on_message_begin()

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

    def _count(self) -> None:
        self.server_state.total_requests += 1
        self._answered_at = self.loop.time()
        if self.timeout_keep_alive_task is None:
            self._close_in(self.timeout_keep_alive)

    def _close_in(self, seconds: float) -> None:
        self.timeout_keep_alive_task = self.loop.call_later(seconds, self.timeout_keep_alive_handler)

    def _is_idle(self) -> bool:
        """Whether nothing is half read, half answered or waiting to be taken by the client."""
        is_answered = self.cycle is None or self.cycle.response_complete
        return is_answered and not self._inside_a_message and not self.flow.write_paused


def tile_protocol(front: TileFront) -> type[TileProtocol]:
    """The protocol class for a server whose tiles `front` answers."""
    return type("StaffTileProtocol", (TileProtocol,), {"kept": KeptTiles(front)})
