"""Bodies of requests: of a kind that is understood, and no larger than said."""

from collections.abc import Collection, Mapping

from fastapi import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from gis.errors import OnomapError

LARGEST_BODY = 4 * 1024**2
"""Bytes of the largest body that any address takes: one feature of about 100,000 vertices."""


class MediaTypeError(OnomapError):
    """A body is of a kind that this address does not take."""


class BodyTooLargeError(OnomapError):
    """A body is larger than this address takes."""


async def body_of(request: Request, media_types: Collection[str], limit: int) -> bytes:
    """The whole body, read no further than `limit` bytes.

    Raises MediaTypeError for another Content-Type than `media_types` (parameters do not count), BodyTooLargeError.
    """
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind not in media_types:
        wanted = "、".join(media_types)
        raise MediaTypeError(f"Content-Type「{kind[:80] or 'なし'}」では受け取れません。{wanted} で送ってください。")
    told = request.headers.get("content-length", "0")
    if told.isdecimal() and int(told) > limit:
        raise too_large(limit)
    body = bytearray()
    async for part in request.stream():
        body += part
        if len(body) > limit:
            raise too_large(limit)
    return bytes(body)


def too_large(limit: int) -> BodyTooLargeError:
    """The error that a body is larger than `limit` bytes."""
    return BodyTooLargeError(
        f"一度に送れるのは {limit // 1024**2} MB までです。図形を分けるか、頂点を減らしてください。"
    )


class BoundedBodies:
    """ASGI middleware: no handler is given more of a body than `limit` bytes, however it reads it; `refusal` answers then.

    `others` are the limits and refusals of addresses that begin so, the first that fits.
    """

    def __init__(
        self, app: ASGIApp, limit: int, refusal: ASGIApp, others: Mapping[str, tuple[int, ASGIApp]] | None = None
    ) -> None:
        self.app = app
        self.usual = (limit, refusal)
        self.others = others or {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, and put the refusal in the place of an answer to a body that was cut off."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        fitting = (both for beginning, both in self.others.items() if scope["path"].startswith(beginning))
        limit, refusal = next(fitting, self.usual)
        told = dict(scope["headers"]).get(b"content-length", b"0")
        if told.isdigit() and int(told) > limit:
            await refusal(scope, receive, send)
            return
        bounded = _Bounded(receive, send, limit)
        try:
            await self.app(scope, bounded.receive, bounded.send)
        except BodyTooLargeError:
            if not bounded.cut:
                raise
        if bounded.cut and not bounded.started:
            await refusal(scope, receive, send)


class _Bounded:
    """The two ends of one request whose body is counted."""

    def __init__(self, receive: Receive, send: Send, limit: int) -> None:
        self._receive, self._send, self._limit = receive, send, limit
        self._taken = 0
        self.cut = False
        self.started = False

    async def receive(self) -> Message:
        message = await self._receive()
        self._taken += len(message.get("body", b""))
        if self._taken > self._limit:
            self.cut = True
            raise too_large(self._limit)
        return message

    async def send(self, message: Message) -> None:
        if self.cut and not self.started:
            return
        self.started = True
        await self._send(message)
