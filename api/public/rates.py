"""How much one client may ask: shares for tiles and files of the page, for drawn pictures, for reading, and for whole files."""

import math
import time
from dataclasses import dataclass

from limits import RateLimitItem, parse
from limits.storage import MemoryStorage
from limits.strategies import SlidingWindowCounterRateLimiter
from starlette.types import ASGIApp, Receive, Scope, Send

from api.errors import TooManyRequestsError
from api.problems import answer_to
from api.public.clients import Clients
from api.public.settings import PublicSettings

_LIGHT = ("/tiles/", "/vendor/", "/public/", "/shared/", "/lists/", "/api/tiles/", "/situation", "/light")


@dataclass(frozen=True)
class Share:
    """One of the shares: a name, and how often."""

    name: str
    item: RateLimitItem


class Rates:
    """Counts what each client asks of this process."""

    def __init__(self, settings: PublicSettings) -> None:
        self._clients = Clients(settings.trusted_proxies)
        self._limiter = SlidingWindowCounterRateLimiter(MemoryStorage())
        self._light = Share("light", parse(settings.tile_rate))
        self._drawn = Share("drawn", parse(settings.drawn_rate))
        self._read = Share("read", parse(settings.read_rate))
        self._file = Share("file", parse(settings.file_rate))

    def count(self, scope: Scope) -> None:
        """Count a request. Raises TooManyRequestsError when its client has had its share."""
        self._take(self._share(scope["path"]), scope)

    def count_file(self, scope: Scope) -> None:
        """Count a file that is to be made of a layer. Raises TooManyRequestsError."""
        self._take(self._file, scope)

    def _share(self, path: str) -> Share:
        if path.startswith("/drawn/"):
            return self._drawn
        return self._light if path.startswith(_LIGHT) or "/tiles/WebMercatorQuad/" in path else self._read

    def _take(self, share: Share, scope: Scope) -> None:
        client = self._clients.name_of(scope)
        if not self._limiter.hit(share.item, share.name, client):
            until = self._limiter.get_window_stats(share.item, share.name, client).reset_time - time.time()
            raise TooManyRequestsError(max(1, math.ceil(min(until, share.item.get_expiry()))))


class RateLimited:
    """ASGI middleware: whoever asks too much is told so before anything is done for it."""

    def __init__(self, app: ASGIApp, rates: Rates) -> None:
        self.app = app
        self.rates = rates

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, or refuse it."""
        if scope["type"] == "http" and scope["path"] != "/healthz":
            try:
                self.rates.count(scope)
            except TooManyRequestsError as error:
                await answer_to(error)(scope, receive, send)
                return
        await self.app(scope, receive, send)
