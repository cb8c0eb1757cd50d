"""Bodies of requests: of a kind that is understood, and no larger than said."""

from collections.abc import Collection

from fastapi import Request

from gis.errors import OnomapError


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
        raise _too_large(limit)
    body = bytearray()
    async for part in request.stream():
        body += part
        if len(body) > limit:
            raise _too_large(limit)
    return bytes(body)


def _too_large(limit: int) -> BodyTooLargeError:
    return BodyTooLargeError(
        f"一度に送れるのは {limit // 1024**2} MB までです。図形を分けるか、頂点を減らしてください。"
    )
