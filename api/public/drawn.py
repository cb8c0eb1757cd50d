"""Map tiles as pictures, for browsers that cannot draw a map: `/drawn/{z}/{x}/{y}.png`, of the edition that is served."""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from hashlib import blake2b
from typing import Annotated, Literal, cast

from fastapi import APIRouter, Path, Query, Request, Response

from api.public.editions import OpenEdition
from api.public.side import CACHE_CONTROL, OpenPublished
from api.tiles.addresses import MOST_NAMES, PLACE, ZOOM, Asked, tile_of
from api.tiles.answers import knows
from gis.map_canvas import empty_png
from gis.map_fonts import japanese_font
from layers.publication.drawn_tiles import DRAWING, TILE_PX, draw_tile
from layers.publication.tile_features import Source
from layers.store.byte_cache import ByteCache
from layers.store.errors import StoreUnavailableError
from layers.store.shared_work import SharedWork
from layers.store.tiles.address import Tile

router = APIRouter(tags=["tiles"])
CACHE_BYTES = 32 * 2**20
WORKERS = 2
MOST_WAITING = 96
"""Tiles that are waited for at once: two windows full for two dozen people. More are sent away for some seconds."""
_NOTHING = b"-"
"""What the cache holds of a tile on which nothing lies."""
Zoom = Annotated[str, Path(description="ズーム", json_schema_extra=ZOOM)]
ColumnOrRow = Annotated[str, Path(description="列（西から）か行（北から）", json_schema_extra=PLACE)]
Names = Annotated[str, Query(max_length=MOST_NAMES, description="レイヤの id。複数はコンマで区切る（なければすべて）")]
Scale = Annotated[Literal["1", "2"], Query(description="1 は256画素、2 は細かい画面のための512画素")]
RESPONSES: dict[int | str, dict[str, object]] = {
    200: {"description": "地図の画像", "content": {"image/png": {"schema": {"type": "string", "format": "binary"}}}},
    304: {"description": "If-None-Match のものから変わっていない"},
}


class DrawingBusyError(StoreUnavailableError):
    """More pictures are asked for than can be drawn soon."""


class Drawings:
    """Draws tiles in a few threads, each asked-for one once, and keeps the latest within a number of bytes."""

    def __init__(self) -> None:
        self._workers = ThreadPoolExecutor(WORKERS, thread_name_prefix="drawn")
        self._work: SharedWork[bytes] = SharedWork(self._workers)
        self._kept = ByteCache(CACHE_BYTES)
        self._waiting = 0

    def close(self) -> None:
        """Draw no more."""
        self._workers.shutdown(wait=False, cancel_futures=True)

    async def tile(self, tag: str, sources: list[Source], tile: Tile, scale: int) -> bytes:
        """The picture under its tag, empty where nothing lies. Raises DrawingBusyError."""
        kept = self._kept.get(tag)
        if kept is None:
            kept = await self._drawn(tag, sources, tile, scale)
        return b"" if kept == _NOTHING else kept

    async def _drawn(self, tag: str, sources: list[Source], tile: Tile, scale: int) -> bytes:
        if self._waiting >= MOST_WAITING:
            raise DrawingBusyError("地図の画像の注文が込み合っています。")

        def draw() -> bytes:
            content = draw_tile(sources, tile, scale) or _NOTHING
            self._kept.put(tag, content)
            return content

        self._waiting += 1
        try:
            # others may wait for the same work: who leaves must not end it
            return await asyncio.shield(asyncio.wrap_future(self._work.ask(tag, draw)))
        finally:
            self._waiting -= 1


@router.get("/drawn/{z}/{x}/{y}.png", response_class=Response, responses=RESPONSES)
async def drawn(
    edition: OpenPublished,
    request: Request,
    z: Zoom,
    x: ColumnOrRow,
    y: ColumnOrRow,
    layers: Names = "",
    scale: Scale = "1",
) -> Response:
    """A tile of the map as a picture with the layers' own legends; a transparent one where nothing lies."""
    tile = tile_of(Asked(layers, z, x, y))
    sources = _sources(edition, layers)
    tag = f'"{_tag(edition, sources, tile, scale)}"'
    headers = {"ETag": tag, "Cache-Control": CACHE_CONTROL}
    known = request.headers.get("if-none-match")
    if known is not None and knows(known.encode("latin-1"), tag.encode()):
        return Response(status_code=304, headers=headers)
    drawings = cast(Drawings, request.app.state.drawings)
    content = await drawings.tile(tag, sources, tile, int(scale))
    return Response(content or empty_png(TILE_PX * int(scale)), media_type="image/png", headers=headers)


def _sources(edition: OpenEdition, text: str) -> list[Source]:
    """The layers in legend order, whichever order they are asked in. Raises UnknownLayerError."""
    asked = {edition.layer(name).id for name in text.split(",")} if text else set(edition.catalogue)
    return [
        Source(layer, edition.archives[name])
        for name, layer in edition.catalogue.items()
        if name in asked and name in edition.archives
    ]


def _tag(edition: OpenEdition, sources: list[Source], tile: Tile, scale: str) -> str:
    """Names the picture before it is drawn: all that it is made of, so that a known one costs nothing."""
    font = japanese_font()
    made_of = (
        edition.made_at,
        [source.layer.id for source in sources],
        tuple(tile),
        scale,
        DRAWING,
        font.name if font else "",
    )
    return f"{edition.number}-{blake2b(repr(made_of).encode(), digest_size=12).hexdigest()}"
