"""The front: answers tiles as plain ASGI, before the application is reached.

A cached tile through a FastAPI route with the usual parameters left 1,314 times a second and core, through plain ASGI more
than ten times as often (measured). What it does not answer (another address, method or host) goes on to the application,
which also refuses hosts it does not serve; so the front is no way around its rules.
"""

from collections.abc import Callable, Collection

from starlette.types import ASGIApp, Receive, Scope, Send

from api.headers import SafeHeaders
from api.hosts import is_for_one_of, names_in_bytes
from api.problems import problem, status_of
from api.tiles.addresses import Asked, asked_for, tile_of
from api.tiles.answers import CACHE_CONTROL, Answer, RawHeaders, Wish, answer, wish
from api.tiles.protocols import Tiles
from gis.errors import OnomapError


class TileFront:
    """ASGI middleware over tiles; `hosts` are the names under which the application may be asked, `cache_control` says who
    may keep a tile and for how long, `tiles_for` which part of the tiles a request may have: all, unless it is given."""

    def __init__(
        self,
        app: ASGIApp,
        source: Tiles,
        hosts: Collection[str],
        cache_control: str = CACHE_CONTROL,
        tiles_for: Callable[[Scope], Tiles] | None = None,
    ) -> None:
        self.app = app
        self.cache_control = cache_control
        self.tiles_for = tiles_for or (lambda _: source)
        self.source = source
        self.hosts = names_in_bytes(hosts)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer GET and HEAD of a tile; pass everything else on."""
        asked = self._asked(scope)
        if asked is None:
            await self.app(scope, receive, send)
            return
        try:
            found = await self._answer(asked, scope)
        except OnomapError as error:
            await SafeHeaders(problem(status_of(error), str(error)))(scope, receive, send)
            return
        await send({"type": "http.response.start", "status": found.status, "headers": found.headers})
        await send({"type": "http.response.body", "body": b"" if scope["method"] == "HEAD" else found.body})

    def _asked(self, scope: Scope) -> Asked | None:
        if scope["type"] != "http" or scope["method"] not in {"GET", "HEAD"}:
            return None
        path: str = scope["path"]
        if not path.startswith(("/tiles/", "/api/")):
            return None
        asked = asked_for(path, scope["query_string"])
        return asked if asked is not None and self.is_for_us(scope["headers"]) else None

    async def _answer(self, asked: Asked, scope: Scope) -> Answer:
        tile = tile_of(asked)
        source = self.tiles_for(scope)
        names = source.names(asked.names)
        wished = wish(scope["headers"])
        if self.lags_behind(wished):
            return answer(await source.tile(names, tile, anew=True), wished, self.cache_control)
        found = source.kept(names, tile) or await source.tile(names, tile)
        return answer(found, wished, self.cache_control)

    def lags_behind(self, wished: Wish) -> bool:
        """Whether the client knows of a change that has not come in here, so that what is kept may be too old for it."""
        return wished.after != "" and not self.source.has_heard(wished.after)

    def is_for_us(self, headers: RawHeaders) -> bool:
        """Whether a request is for a name under which the application may be asked."""
        return is_for_one_of(self.hosts, headers)
