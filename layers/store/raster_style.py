"""MapLibre sources and style layers of the raster layers that hold a file."""

from layers.store.definitions import Layer, RasterValues
from layers.store.instance import Store
from layers.store.legend_style import FILL_OPACITY, StyleLayer

TILE_PIXELS = 512
"""A quarter of the requests of 256, for the same pixels."""


def raster_style(store: Store, base: str) -> tuple[dict[str, object], list[StyleLayer]]:
    """Sources by layer id, and style layers, for tiles at `base`; each layer is drawn in its usual way."""
    with store.database.transaction() as connection:
        held = {row[0] for row in connection.execute("SELECT layer FROM onomap.rasters").fetchall()}
    layers = [layer for layer in store.catalogue.values() if layer.raster is not None and layer.id in held]
    return {layer.id: _source(layer, base) for layer in layers}, [_drawn(layer) for layer in layers]


def _source(layer: Layer, base: str) -> dict[str, object]:
    assert layer.raster is not None  # noqa: S101 - the caller chose raster layers
    render = layer.raster.renders[0]
    return {
        "type": "raster",
        "tiles": [f"{base}/rasters/{layer.id}/{render.value}/{{z}}/{{x}}/{{y}}.webp?size={TILE_PIXELS}"],
        "tileSize": TILE_PIXELS,
        "minzoom": layer.min_zoom,
        "maxzoom": layer.max_zoom,
        "attribution": layer.attribution,
    }


def _drawn(layer: Layer) -> StyleLayer:
    is_depth = layer.raster is not None and layer.raster.values is RasterValues.DEPTH
    return {
        "id": f"{layer.id}-raster",
        "type": "raster",
        "source": layer.id,
        "minzoom": layer.min_zoom,
        "metadata": {"onomap:layer": layer.id},
        "paint": {"raster-opacity": FILL_OPACITY if is_depth else 1.0},
    }
