"""The layers as the page shows them, their style, and their tiles."""

from typing import Annotated

from fastapi import APIRouter, Path, Request, Response

from api.staff.context import OpenStore
from layers.store.legend_style import style_layers
from layers.store.overview import overview
from layers.store.raster_style import raster_style
from layers.store.tiles import TILE_TIMEOUT_S, Tile, vector_tile

router = APIRouter(tags=["layers"])
MVT = "application/vnd.mapbox-vector-tile"


@router.get("/layers")
def layers(store: OpenStore) -> dict[str, object]:
    """The municipality and every layer with its legend, owner, source, accuracy and present edition."""
    return overview(store)


@router.get("/styles/staff.json")
def style(store: OpenStore, request: Request) -> dict[str, object]:
    """A MapLibre style of the whole map, made from the layers' own legends."""
    names = [layer.id for layer in store.catalogue.values() if layer.geometry not in ("None", "Raster")]
    base = str(request.base_url).rstrip("/")
    sources = {
        name: {
            "type": "vector",
            "tiles": [f"{base}/tiles/{name}/{{z}}/{{x}}/{{y}}"],
            "minzoom": store.catalogue[name].min_zoom,
            "maxzoom": max(store.catalogue[name].max_zoom, store.catalogue[name].min_zoom),
            "attribution": store.catalogue[name].attribution,
        }
        for name in names
    }
    drawn = [{**entry, "source": name} for name in names for entry in style_layers(store.catalogue[name])]
    pictures, ground = raster_style(store, base)
    name = f"{store.town.name} 庁内地図"
    return {"version": 8, "name": name, "sources": {**sources, **pictures}, "layers": [*ground, *drawn]}


@router.get("/tiles/{names}/{z}/{x}/{y}", response_class=Response, responses={200: {"content": {MVT: {}}}})
def tile(store: OpenStore, names: Annotated[str, Path(max_length=400)], z: int, x: int, y: int) -> Response:
    """A vector tile of one or several layers (names joined by commas); 204 where nothing lies."""
    address = Tile(z, x, y)
    wanted = [store.layer(name) for name in dict.fromkeys(names.split(","))]
    with store.database.transaction(timeout_s=TILE_TIMEOUT_S) as connection:
        content = vector_tile(connection, wanted, address)
    headers = {"Cache-Control": "no-cache"}
    return Response(content, media_type=MVT, headers=headers) if content else Response(status_code=204, headers=headers)
