"""The short way to `/here`: a plainly written question is answered before the routes are looked through (plain ASGI).

It gives what the route gives, by the route's own function; whatever is written otherwise, or goes wrong, goes the long way.
"""

import re

from fastapi import Request
from starlette.types import ASGIApp, Receive, Scope, Send

from api.public.here import here
from gis.errors import OnomapError

_DEGREES = rb"(-?\d{1,3}(?:\.\d{1,15})?)"
_PLAIN = re.compile(rb"lon=" + _DEGREES + rb"&lat=" + _DEGREES + rb"(?:&lang=([A-Za-z-]{2,10}))?(?:&f=(json|html))?")


class HereFront:
    """Answers GET /here?lon=…&lat=…[&lang=…][&f=…]."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer, or pass on."""
        asked = _plainly_asked(scope)
        if asked is None:
            await self.app(scope, receive, send)
            return
        lon, lat, lang, form = asked
        try:
            answer = await here(Request(scope, receive), lon, lat, lang, form)
        except OnomapError:
            # the long way ends in the same and tells it
            await self.app(scope, receive, send)
            return
        await answer(scope, receive, send)


def _plainly_asked(scope: Scope) -> tuple[float, float, str | None, str | None] | None:
    if scope["type"] != "http" or scope["path"] != "/here" or scope["method"] != "GET":
        return None
    found = _PLAIN.fullmatch(scope["query_string"])
    if found is None:
        return None
    lon, lat = float(found[1]), float(found[2])
    if abs(lon) > 180 or abs(lat) > 90:
        return None
    lang, form = (None if part is None else part.decode() for part in found.groups()[2:])
    return lon, lat, lang, form
