"""TileJSON 3.0.0 of one layer or several: ids, fields and zooms are those of the tiles themselves."""

from gis.errors import OnomapError
from layers.store.definitions import FieldType, LayerField
from layers.store.tiles.band_plan import LABELLED_ELSEWHERE, Band, is_labelled_once
from layers.store.tiles.description import MERGED_ROWS, Bounds, TileLayer, bounds_of

_KINDS = {
    FieldType.TEXT: "String",
    FieldType.INTEGER: "Number",
    FieldType.NUMBER: "Number",
    FieldType.BOOLEAN: "Boolean",
    FieldType.DATE: "String",
}


class NoTilesError(OnomapError):
    """Nothing of what was asked for has tiles."""


def tilejson(base: str, layers: list[TileLayer], otherwise: Bounds) -> dict[str, object]:
    """The document for these layers; `base` is the server's address without a slash at its end."""
    if not layers:
        raise NoTilesError("タイルになるレイヤがありません。")
    names = ",".join(described.layer.id for described in layers)
    west, south, east, north = bounds_of(layers, otherwise)
    lowest = min(described.min_zoom for described in layers)
    return {
        "tilejson": "3.0.0",
        "name": "・".join(described.layer.title for described in layers),
        "description": " ".join(described.layer.description for described in layers),
        "version": "1.0.0",
        "scheme": "xyz",
        "attribution": "、".join(dict.fromkeys(described.layer.attribution for described in layers)),
        "tiles": [f"{base}/tiles/{names}/{{z}}/{{x}}/{{y}}"],
        "minzoom": lowest,
        "maxzoom": max(described.max_zoom for described in layers),
        "bounds": [west, south, east, north],
        "center": [(west + east) / 2, (south + north) / 2, max(lowest, 11)],
        "vector_layers": [_vector_layer(described) for described in layers],
    }


def _vector_layer(described: TileLayer) -> dict[str, object]:
    layer = described.layer
    return {
        "id": layer.id,
        "description": layer.title,
        "minzoom": described.min_zoom,
        "maxzoom": described.max_zoom,
        "fields": tile_fields(described),
        "onomap:generalised": [_generalised(band) for band in described.bands],
    }


def tile_fields(described: TileLayer) -> dict[str, str]:
    """What a feature may carry, by name, with its kind as TileJSON says it (3.3.2)."""
    merged = {MERGED_ROWS: "Number"} if described.is_merged else {}
    labelled = {LABELLED_ELSEWHERE: "Boolean"} if is_labelled_once(described.layer, described.max_zoom) else {}
    return {field.name: _kind(field) for field in described.fields} | merged | labelled


def _kind(field: LayerField) -> str:
    return _KINDS[field.type]


def _generalised(band: Band) -> dict[str, object]:
    told: dict[str, object] = {
        "minzoom": band.min_zoom,
        "maxzoom": band.max_zoom,
        "tolerance_m": round(band.tolerance_m, 2),
    }
    return told if band.merged_by is None else told | {"merged_by": list(band.merged_by)}
