"""MapLibre styles of the whole map or of single layers, made from the layers' own legends."""

from layers.store.definitions import Layer
from layers.store.legend_style import StyleLayer, style_layers


def map_style(base: str, name: str, layers: list[Layer]) -> StyleLayer:
    """A style over these layers, a source for each; `base` is the server's address without a slash at its end."""
    drawn = [entry | {"source": layer.id} for layer in layers for entry in style_layers(layer)]
    sources = {layer.id: _source(base, layer) for layer in layers}
    return {"version": 8, "name": name, "sources": sources, "layers": drawn}


def _source(base: str, layer: Layer) -> dict[str, object]:
    return {
        "type": "vector",
        "tiles": [f"{base}/tiles/{layer.id}/{{z}}/{{x}}/{{y}}"],
        "minzoom": layer.first_zoom,
        "maxzoom": max(layer.max_zoom, layer.min_zoom),
        "attribution": layer.attribution,
    }
