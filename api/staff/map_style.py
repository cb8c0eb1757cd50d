"""The style of the staff map: the vector layers over the rasters that the store holds."""

from fastapi import APIRouter, Request

from api.side import OpenTiles
from api.staff.context import OpenStore
from api.tiles.routes import base_of
from api.tiles.styles import map_style
from layers.store.instance import Store
from layers.store.legend_style import StyleLayer
from layers.store.raster_style import raster_style

router = APIRouter(tags=["tiles"])


@router.get("/styles/staff.json")
def staff_style(store: OpenStore, source: OpenTiles, request: Request) -> dict[str, object]:
    """A MapLibre style of the whole map, made from the layers' own legends."""
    layers = [store.catalogue[name] for name in source.every]
    base = base_of(request)
    return over_rasters(map_style(base, f"{store.town.name} 庁内地図", layers), store, base)


def over_rasters(style: StyleLayer, store: Store, base: str) -> StyleLayer:
    """The same style over the rasters that the store holds: relief and pictures lie below everything that is drawn."""
    pictures, ground = raster_style(store, base)
    return {**style, "sources": {**style["sources"], **pictures}, "layers": [*ground, *style["layers"]]}
