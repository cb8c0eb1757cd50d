"""Raster layers over HTTP: relief, slope, depths and pictures as tiles, elevation encodings, and the value at a place."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from enum import IntEnum
from typing import Annotated, Any, Literal, TypeVar, cast

from fastapi import APIRouter, Depends, Path, Query, Request, Response
from pydantic import BaseModel, Field

from api.staff.context import OpenStore
from layers.store.instance import Store
from layers.store.raster_tiles import ImageFormat, RasterTile, RasterTiles, tile_json, wanted_render
from layers.store.raster_values import profile, value_at
from layers.store.rasters import KeptRaster
from layers.store.shared_work import SharedWork
from layers.store.tiles.address import MAX_ZOOM, Tile

DRAWING_THREADS = 2
"""Tiles that are drawn at once; drawing takes a core, so more would only make each of them wait."""

Answer = TypeVar("Answer")
LayerName = Annotated[str, Path(max_length=40)]


def _require_seen(store: OpenStore, layer: LayerName) -> None:
    """Raise UnknownLayerError for a layer that does not exist for the asker."""
    store.layer(layer)


router = APIRouter(prefix="/rasters", tags=["rasters"], dependencies=[Depends(_require_seen)])
RenderName = Annotated[str, Path(max_length=20)]


class TileSize(IntEnum):
    """Pixels along a side of a tile."""

    SMALL = 256
    LARGE = 512


Size = Annotated[TileSize, Query(description="一辺の画素数")]


class RasterDesk:
    """The raster layers of the application and the threads that read them: GDAL blocks, the event loop must not."""

    def __init__(self, store: Store) -> None:
        self.tiles = RasterTiles(store)
        self._threads = ThreadPoolExecutor(DRAWING_THREADS, thread_name_prefix="raster")
        self._drawing: SharedWork[bytes] = SharedWork(self._threads)

    async def run(self, work: Callable[[RasterTiles], Answer]) -> Answer:
        """The result of reading, done in one of the threads."""
        return await asyncio.get_running_loop().run_in_executor(self._threads, work, self.tiles)

    async def tile(self, tag: str, raster: KeptRaster, wanted: RasterTile) -> bytes:
        """The tile of that ETag as an image file; drawn once for all who ask meanwhile, who hold no thread while they wait."""
        held = self.tiles.drawn.get(tag)
        if held is not None:
            return held
        drawn = self._drawing.ask(tag, lambda: self.tiles.tile(raster, wanted))
        # whoever gives up waiting must not take the tile from the others
        return await asyncio.shield(asyncio.wrap_future(drawn))


def _desk(request: Request) -> RasterDesk:
    return cast(RasterDesk, request.app.state.rasters)


Desk = Annotated[RasterDesk, Depends(_desk)]
TILE_ANSWERS: dict[int | str, dict[str, Any]] = {
    200: {"content": {form.media_type: {} for form in ImageFormat}},
    304: {"description": "変わっていません"},
}


@router.get("/{layer}/value")
async def value(
    desk: Desk,
    layer: LayerName,
    lon: Annotated[float, Query(ge=-180, le=180)],
    lat: Annotated[float, Query(ge=-90, le=90)],
) -> dict[str, object]:
    """The value at a place (JGD2011 degrees) with its accuracy, source, date and vertical datum as far as known."""
    return await desk.run(lambda tiles: value_at(tiles.raster(layer), lon, lat))


class Line(BaseModel):
    """A line: GeoJSON in longitude and latitude (JGD2011)."""

    type: Literal["LineString"]
    coordinates: list[tuple[float, float]] = Field(min_length=2, max_length=1_000)


@router.post("/{layer}/profile")
async def along(desk: Desk, layer: LayerName, line: Line) -> dict[str, object]:
    """Values at 500 even steps along a line, null where nothing is known."""
    return await desk.run(lambda tiles: profile(tiles.raster(layer), line.coordinates))


@router.get("/{layer}/{render}.json")
async def description(
    desk: Desk,
    request: Request,
    layer: LayerName,
    render: RenderName,
    size: Size = TileSize.SMALL,
    format: ImageFormat = ImageFormat.PNG,  # noqa: A002 - the parameter's name in the address
) -> dict[str, object]:
    """TileJSON 3.0.0 of one layer drawn in one way."""
    base = f"{str(request.base_url).rstrip('/')}/rasters/{layer}/{render}"
    address = f"{base}/{{z}}/{{x}}/{{y}}.{format}" + (f"?size={size:d}" if size is not TileSize.SMALL else "")
    return await desk.run(lambda tiles: tile_json(tiles.raster(layer), render, address))


Zoom = Annotated[int, Path(json_schema_extra={"minimum": 0, "maximum": MAX_ZOOM})]
ColumnOrRow = Annotated[int, Path(json_schema_extra={"minimum": 0, "maximum": 2**MAX_ZOOM - 1})]


@dataclass(frozen=True)
class TileAddress:
    """The parts of a tile's address; `size` is 256 or 512 pixels."""

    z: Zoom
    x: ColumnOrRow
    y: ColumnOrRow
    format: ImageFormat
    size: Size = TileSize.SMALL


@router.get("/{layer}/{render}/{z}/{x}/{y}.{format}", response_class=Response, responses=TILE_ANSWERS)
async def tile(
    desk: Desk, request: Request, layer: LayerName, render: RenderName, asked: Annotated[TileAddress, Depends()]
) -> Response:
    """One tile; where the raster says nothing it is transparent (terrain-rgb continues its heights, gsi-png says so)."""
    address = Tile(asked.z, asked.x, asked.y)

    def found(tiles: RasterTiles) -> tuple[KeptRaster, RasterTile]:
        raster = tiles.raster(layer)
        return raster, RasterTile(address, wanted_render(raster.layer, render), int(asked.size), asked.format)

    raster, wanted = await desk.run(found)
    tag = desk.tiles.etag(raster, wanted)
    headers = {"ETag": tag, "Cache-Control": "no-cache"}
    if _names(request.headers.get("if-none-match", ""), tag):
        return Response(status_code=304, headers=headers)
    return Response(await desk.tile(tag, raster, wanted), media_type=asked.format.media_type, headers=headers)


def _names(header: str, etag: str) -> bool:
    """Whether an If-None-Match header names the ETag; weak comparison, as RFC 9110 §13.1.2 has it."""
    named = {part.strip().removeprefix("W/") for part in header.split(",")}
    return etag in named or "*" in named
