"""MapLibre style layers made from the legend of a `layer.toml`, so that the map cannot say other than its legend.

The specification is the MapLibre Style Spec v8. Nothing is fetched: labels and point markers are letters in fonts of
the machine, and a hatch is an image that the page draws when the map asks for `pattern-<name>-<hex colour>`.
"""

from collections.abc import Mapping
from typing import Any

from gis.map_symbols import LINE_PATTERNS, PATTERNS
from layers.store.definitions import GeometryKind, Layer, LayerField, LegendEntry
from layers.store.tiles.band_plan import LABELLED_ELSEWHERE, is_labelled_once

StyleLayer = dict[str, Any]
"""One layer of a MapLibre style, as it goes out as JSON."""

TEXT_FONT = ["BIZ UDPGothic", "Hiragino Sans", "Noto Sans JP", "Noto Sans CJK JP", "Meiryo"]
# All of JIS X 0208, so that every font above has them.
MARKER_LETTERS = {
    "circle": "●",
    "square": "■",
    "triangle": "▲",
    "diamond": "◆",
    "inverted_triangle": "▼",
    "cross": "╋",
    "pentagon": "★",
}
FILL_OPACITY = 0.7
PATTERN_OPACITY = 0.85
MARKER_SIZE_PX = 18
LABEL_SIZE_PX = 12
INK = "#333333"
WIDTHS = {10: 0.35, 13: 0.65, 16: 1.0}
"""Share of a legend row's line width by zoom."""


def style_layers(layer: Layer) -> list[StyleLayer]:
    """Style layers of `layer` from the ground up: fills, hatches, outlines, markers, labels; none for a raster.

    The first legend row that fits a feature draws it. `source` and `source-layer` are both the layer's id; `metadata`
    says which layer and which legend row a style layer belongs to.
    """
    if layer.geometry in (GeometryKind.RASTER, GeometryKind.NONE):
        return []
    parts = {
        GeometryKind.POLYGON: (_fill, _hatch, _outline),
        GeometryKind.LINE: (_outline,),
        GeometryKind.POINT: (_marker,),
    }[layer.geometry]
    drawn = []
    for part in parts:
        for position, entry in enumerate(layer.legend):
            paint = part(entry)
            if paint is not None:
                name = f"{layer.id}-{position}-{part.__name__.strip('_')}"
                common = _common(layer, name, layer.first_zoom) | {"filter": _filter(layer.legend, position)}
                common["metadata"] = {"onomap:layer": layer.id, "onomap:legend": entry.label}
                drawn.append(common | paint)
    return drawn + _labels(layer)


def _common(layer: Layer, name: str, min_zoom: int) -> StyleLayer:
    return {
        "id": name,
        "source": layer.id,
        "source-layer": layer.id,
        "minzoom": min_zoom,
        "metadata": {"onomap:layer": layer.id},
    }


def _fill(entry: LegendEntry) -> StyleLayer | None:
    if entry.fill is None:
        return None
    return {"type": "fill", "paint": {"fill-color": entry.fill, "fill-opacity": FILL_OPACITY}}


def _hatch(entry: LegendEntry) -> StyleLayer | None:
    if entry.pattern not in PATTERNS:
        return None
    image = f"pattern-{entry.pattern}-{(entry.line or INK).removeprefix('#').lower()}"
    return {"type": "fill", "paint": {"fill-pattern": image, "fill-opacity": PATTERN_OPACITY}}


def _outline(entry: LegendEntry) -> StyleLayer | None:
    paint: StyleLayer = {"line-color": entry.line or entry.fill or INK, "line-width": _width(entry.width)}
    dashes = LINE_PATTERNS.get(entry.pattern or "") or (LINE_PATTERNS["dash"] if entry.dashed else None)
    if dashes is not None:
        paint["line-dasharray"] = list(dashes)
    return {"type": "line", "layout": {"line-join": "round"}, "paint": paint}


def _width(width: float) -> list[object]:
    """Thinner where the town is small on the screen: lines as wide as at street level would run into one another there."""
    stops = [part for zoom, share in WIDTHS.items() for part in (zoom, round(width * share, 2))]
    return ["interpolate", ["linear"], ["zoom"], *stops]


def _marker(entry: LegendEntry) -> StyleLayer | None:
    layout = {
        "text-field": MARKER_LETTERS[entry.icon or "circle"],
        "text-font": TEXT_FONT,
        "text-size": MARKER_SIZE_PX,
        "text-allow-overlap": True,
        "text-ignore-placement": True,
    }
    paint = {
        "text-color": entry.fill or entry.line or INK,
        "text-halo-color": entry.line or "#FFFFFF",
        "text-halo-width": 1,
    }
    return {"type": "symbol", "layout": layout, "paint": paint}


def _labels(layer: Layer) -> list[StyleLayer]:
    if layer.label_field is None:
        return []
    layout: StyleLayer = {
        "text-field": _label_text(layer.field(layer.label_field)),
        "text-font": TEXT_FONT,
        "text-size": LABEL_SIZE_PX,
    }
    if layer.geometry is GeometryKind.LINE:
        layout["symbol-placement"] = "line"
    if layer.geometry is GeometryKind.POINT:
        layout |= {"text-anchor": "top", "text-offset": [0, 0.8], "text-optional": True}
    paint = {"text-color": "#1A1A1A", "text-halo-color": "#FFFFFF", "text-halo-width": 1.5}
    label: StyleLayer = {"type": "symbol", "layout": layout, "paint": paint}
    if is_labelled_once(layer, layer.label_zoom):
        label["filter"] = ["!", ["has", LABELLED_ELSEWHERE]]
    return [_common(layer, f"{layer.id}-label", layer.label_zoom) | label]


def label_of(layer: Layer, values: Mapping[str, object]) -> str:
    """The name that a feature with these values is written with, as `_label_text` says it; empty without one."""
    value = values.get(layer.label_field) if layer.label_field is not None else None
    if layer.label_field is None or value is None or value == "":
        return ""
    field = layer.field(layer.label_field)
    text = str(value)
    return field.codes.get(text, text) if field.codes else f"{text} {field.unit}" if field.unit else text


def _label_text(field: LayerField) -> list[object]:
    """The value as a reader knows it: a code as its label, a measure with its unit."""
    value: list[object] = ["to-string", ["get", field.name]]
    if field.codes:
        pairs = [part for code, label in field.codes.items() for part in (code, label)]
        return ["match", value, *pairs, value]
    if field.unit:
        return ["case", ["==", value, ""], "", ["concat", value, " ", field.unit]]
    return value


def _filter(legend: tuple[LegendEntry, ...], position: int) -> list[object]:
    """The features of one legend row: those that carry its codes and that no earlier row has taken."""
    entry = legend[position]
    earlier = (row for row in legend[:position] if _may_share(row, entry))
    return ["all", *_conditions(entry), *(["!", ["all", *_conditions(row)]] for row in earlier)]


def _conditions(entry: LegendEntry) -> list[object]:
    """Codes are compared as text: a tile holds them as number, text or boolean, a `layer.toml` always as text."""
    return [["==", ["to-string", ["get", name]], code] for name, code in entry.values.items()]


def _may_share(one: LegendEntry, other: LegendEntry) -> bool:
    return all(one.values.get(name, code) == code for name, code in other.values.items())
