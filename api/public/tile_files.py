"""`/tiles/{layer}.pmtiles`: all tiles of a layer in one file, whole or a part of it (RFC 9110, 14), for maps without a network."""

import re
from collections.abc import AsyncIterator
from typing import Annotated, NamedTuple

from fastapi import APIRouter, Path, Request, Response
from starlette.responses import StreamingResponse

from api.problems import problem
from api.public.editions import TileFile
from api.public.side import OpenPublished
from api.tiles.answers import knows
from layers.store.errors import UnknownLayerError

router = APIRouter(tags=["tiles"])
PMTILES = "application/vnd.pmtiles"
CACHE_CONTROL = "public, no-cache"
"""The same address holds another file in the next edition; asking whether it still holds costs no bytes."""
_CHUNK = 256 * 2**10
_RANGE = re.compile(r"bytes=(\d{0,15})-(\d{0,15})")
RESPONSES: dict[int | str, dict[str, object]] = {
    200: {"description": "PMTiles（第3版）", "content": {PMTILES: {"schema": {"type": "string", "format": "binary"}}}},
    206: {"description": "ファイルの一部", "content": {PMTILES: {"schema": {"type": "string", "format": "binary"}}}},
    304: {"description": "If-None-Match のものから変わっていない"},
    416: {"description": "ファイルの外を求めている"},
}


class Part(NamedTuple):
    """From this byte to before that one."""

    start: int
    end: int


class UnsatisfiableError(Exception):
    """A range begins beyond the end of the file."""


def asked_part(header: str | None, size: int) -> Part | None:
    """The part that a Range header asks for; None for the whole: without one, for several, and for what is no range.

    Raises UnsatisfiableError. Several parts would come as multipart, which no reader of PMTiles asks for, and cost much.
    """
    found = _RANGE.fullmatch((header or "").strip())
    if found is None or found.groups() == ("", ""):
        return None
    first, last = found.groups()
    if not first:
        if int(last) == 0:
            raise UnsatisfiableError
        return Part(max(0, size - int(last)), size)
    if last and int(last) < int(first):
        return None
    if int(first) >= size:
        raise UnsatisfiableError
    return Part(int(first), min(int(last) + 1, size) if last else size)


@router.api_route("/tiles/{name}.pmtiles", methods=["GET"], response_class=Response, responses=RESPONSES)
@router.api_route("/tiles/{name}.pmtiles", methods=["HEAD"], include_in_schema=False)
def tile_file(
    edition: OpenPublished, request: Request, name: Annotated[str, Path(max_length=40, description="レイヤの id")]
) -> Response:
    """The file of a layer's tiles; with a Range header, a part of it."""
    file = edition.files.get(edition.layer(name).id)
    if file is None:
        raise UnknownLayerError(f"レイヤ「{name}」にはタイルのファイルがありません。")
    tag = f'"{file.sha256}"'
    headers = {"ETag": tag, "Accept-Ranges": "bytes", "Cache-Control": CACHE_CONTROL}
    known = request.headers.get("if-none-match")
    if known is not None and knows(known.encode("latin-1"), tag.encode()):
        return Response(status_code=304, headers=headers)
    wished = request.headers.get("range") if request.headers.get("if-range", tag) == tag else None
    try:
        part = asked_part(wished, file.bytes)
    except UnsatisfiableError:
        told = {**headers, "Content-Range": f"bytes */{file.bytes}"}
        return problem(416, f"このファイルは {file.bytes:,} バイトです。その中の範囲を求めてください。", headers=told)
    return _sent(file, part, headers, is_head=request.method == "HEAD")


def _sent(file: TileFile, part: Part | None, headers: dict[str, str], *, is_head: bool) -> Response:
    start, end = part or Part(0, file.bytes)
    if part is not None:
        headers = {**headers, "Content-Range": f"bytes {start}-{end - 1}/{file.bytes}"}
    headers = {**headers, "Content-Length": str(end - start)}
    status = 200 if part is None else 206
    if is_head:
        return Response(status_code=status, media_type=PMTILES, headers=headers)
    return StreamingResponse(_chunks(file, start, end), status, headers, PMTILES)


async def _chunks(file: TileFile, start: int, end: int) -> AsyncIterator[bytes]:
    for begin in range(start, end, _CHUNK):
        yield file.archive.content(begin, min(begin + _CHUNK, end))
