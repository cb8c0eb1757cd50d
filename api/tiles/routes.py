"""Addresses beside the tiles themselves: TileJSON, styles; and the tile's own, as the API's description has it."""

from typing import Annotated, cast

from fastapi import APIRouter, Depends, Path, Request, Response

from api.staff.context import OpenStore
from api.tiles.addresses import MOST_NAMES, MVT, PLACE, ZOOM, Asked, tile_of
from api.tiles.answers import answer, wish
from api.tiles.styles import map_style, over_rasters
from api.tiles.tilejson import tilejson
from layers.store.tiles.description import describe
from layers.store.tiles.source import TileSource

router = APIRouter(tags=["tiles"])
Names = Annotated[str, Path(max_length=MOST_NAMES, description="レイヤの id。複数はコンマで区切る")]
Zoom = Annotated[str, Path(description="ズーム", json_schema_extra=ZOOM)]
ColumnOrRow = Annotated[str, Path(description="列（西から）か行（北から）", json_schema_extra=PLACE)]
TILE_RESPONSES: dict[int | str, dict[str, object]] = {
    200: {"description": "ベクトルタイル", "content": {MVT: {"schema": {"type": "string", "format": "binary"}}}},
    204: {"description": "何もないタイル"},
    304: {"description": "If-None-Match のものから変わっていない"},
}


def _source(request: Request) -> TileSource:
    return cast(TileSource, request.app.state.tiles)


OpenTiles = Annotated[TileSource, Depends(_source)]


def base_of(request: Request) -> str:
    """The server's address as the client wrote it, without a slash at its end."""
    return str(request.base_url).rstrip("/")


async def tile_response(source: TileSource, asked: Asked, request: Request) -> Response:
    """A tile as a response, where the front did not answer it."""
    tile = tile_of(asked)
    names = source.names(asked.names)
    found = answer(source.kept(names, tile) or await source.tile(names, tile), wish(request.scope["headers"]))
    response = Response(found.body, status_code=found.status)
    response.raw_headers = found.headers
    return response


@router.get("/tiles/{names}.json")
def tile_json(source: OpenTiles, request: Request, names: Names) -> dict[str, object]:
    """TileJSON 3.0.0 of one layer or several."""
    layers = describe(source.store, source.names(names))
    return tilejson(base_of(request), layers, source.store.town.bbox)


@router.get("/tiles/{names}/{z}/{x}/{y}", response_class=Response, responses=TILE_RESPONSES)
async def tile(source: OpenTiles, request: Request, names: Names, z: Zoom, x: ColumnOrRow, y: ColumnOrRow) -> Response:
    """A vector tile of one or several layers; 204 where nothing lies. `X-Onomap-Dropped` tells what was too small."""
    return await tile_response(source, Asked(names, z, x, y.removesuffix(".mvt").removesuffix(".pbf")), request)


@router.get("/styles/staff.json")
def staff_style(store: OpenStore, source: OpenTiles, request: Request) -> dict[str, object]:
    """A MapLibre style of the whole map, made from the layers' own legends."""
    layers = [store.catalogue[name] for name in source.every if name in store.catalogue]
    base = base_of(request)
    return over_rasters(map_style(base, f"{store.town.name} 庁内地図", layers), store, base)


@router.get("/styles/{names}.json")
def layer_style(store: OpenStore, source: OpenTiles, request: Request, names: Names) -> dict[str, object]:
    """A MapLibre style of one layer or several."""
    layers = [store.layer(name) for name in source.names(names)]
    return map_style(base_of(request), "・".join(layer.title for layer in layers), layers)
