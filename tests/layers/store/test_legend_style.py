"""The map's style is made from the legend: what the legend says is what is drawn, and once."""

import json
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from dataclasses import replace
from itertools import product
from pathlib import Path

import pytest

from gis.map_symbols import PATTERNS
from layers.store.catalogue import load_catalogue
from layers.store.definitions import Layer
from layers.store.legend_style import MARKER_LETTERS, TEXT_FONT, style_layers

CATALOGUE = load_catalogue()
DRAWN = [layer for layer in CATALOGUE.values() if style_layers(layer)]
VALIDATOR = Path(__file__).parents[3] / "webmap" / "node_modules" / ".bin" / "gl-style-validate"
each_layer = pytest.mark.parametrize("layer", DRAWN, ids=[layer.id for layer in DRAWN])


def evaluate(expression: object, feature: Mapping[str, object]) -> object:
    """The few operators of the MapLibre Style Spec that the filters use, written anew."""
    if not isinstance(expression, list):
        return expression
    name, *operands = expression
    if name == "get":
        return feature.get(operands[0])
    values = [evaluate(operand, feature) for operand in operands]
    if name == "all":
        return all(values)
    if name == "!":
        return not values[0]
    if name == "to-string":
        (value,) = values
        return "" if value is None else str(value).lower() if isinstance(value, bool) else str(value)
    assert name == "=="
    return values[0] == values[1]


def features(layer: Layer) -> Iterator[dict[str, object]]:
    """Every combination of the codes that the legend speaks of, and of their absence."""
    names = sorted({name for entry in layer.legend for name in entry.values})
    choices = []
    for name in names:
        field = layer.field(name)
        codes: list[object] = [True, False] if field.type == "boolean" else list(field.codes)
        choices.append([*(int(str(code)) if field.type == "integer" else code for code in codes), None])
    yield from (dict(zip(names, values, strict=True)) for values in product(*choices))


def fitting_row(layer: Layer, feature: Mapping[str, object]) -> str | None:
    """The label of the first legend row whose codes the feature carries."""
    for entry in layer.legend:
        carried = (str(feature[name]).lower() if feature[name] is not None else "" for name in entry.values)
        if list(carried) == list(entry.values.values()):
            return entry.label
    return None


@each_layer
def test_a_feature_is_drawn_by_the_first_legend_row_that_fits_it_and_by_no_other(layer: Layer) -> None:
    styles = [style for style in style_layers(layer) if "onomap:legend" in style["metadata"]]
    for feature in features(layer):
        drawn_by = {style["metadata"]["onomap:legend"] for style in styles if evaluate(style["filter"], feature)}
        fitting = fitting_row(layer, feature)
        assert drawn_by == ({fitting} if fitting else set()), feature


@each_layer
def test_every_legend_row_has_its_colours_on_the_map(layer: Layer) -> None:
    painted = json.dumps(style_layers(layer))
    for entry in layer.legend:
        assert all(colour in painted for colour in (entry.fill, entry.line) if colour)


@each_layer
def test_a_style_layer_says_which_layer_it_draws_and_only_local_fonts_are_asked_for(layer: Layer) -> None:
    for style in style_layers(layer):
        assert style["id"].startswith(f"{layer.id}-")
        assert style["source"] == style["source-layer"] == style["metadata"]["onomap:layer"] == layer.id
        if style["type"] == "symbol":
            assert style["layout"]["text-font"] == TEXT_FONT
            assert "icon-image" not in style["layout"]


def test_ids_are_used_once() -> None:
    ids = [style["id"] for layer in DRAWN for style in style_layers(layer)]
    assert len(ids) == len(set(ids))


def test_areas_lie_below_hatches_below_outlines_below_labels() -> None:
    kinds = [style["id"].rsplit("-", 1)[1] for style in style_layers(CATALOGUE["landslide"])]
    assert kinds == ["fill"] * 12 + ["hatch"] * 12 + ["outline"] * 12 + ["label"]


def test_a_zone_before_its_designation_has_a_broken_outline_and_a_hatch() -> None:
    styles = [
        style
        for style in style_layers(CATALOGUE["landslide"])
        if style["metadata"].get("onomap:legend") == "土石流 特別警戒区域（指定前）"
    ]
    outline = next(style for style in styles if style["type"] == "line")
    assert outline["paint"]["line-dasharray"] == [6, 3]
    assert any("fill-pattern" in style["paint"] for style in styles)


def test_hatches_are_named_by_a_pattern_we_have_and_by_their_colour() -> None:
    paints = [style["paint"] for layer in DRAWN for style in style_layers(layer)]
    images = {paint["fill-pattern"] for paint in paints if "fill-pattern" in paint}
    assert len(images) > 20
    for image in images:
        word, pattern, colour = image.split("-")
        assert word == "pattern"
        assert pattern in PATTERNS
        assert len(bytes.fromhex(colour)) == 3


def test_point_markers_differ_in_shape() -> None:
    styles = [style for style in style_layers(CATALOGUE["water_fittings"]) if style["id"].endswith("marker")]
    letters = [style["layout"]["text-field"] for style in styles]
    assert len(set(letters)) == len(letters) == 4
    assert all(letter.encode("iso2022_jp") for letter in MARKER_LETTERS.values())


def test_a_label_shows_the_words_for_a_code_and_the_unit_of_a_measure() -> None:
    flood = next(style for style in style_layers(CATALOGUE["flood"]) if style["id"] == "flood-label")
    assert flood["layout"]["text-field"][:4] == ["match", ["to-string", ["get", "depth_rank"]], "1", "0m以上0.5m未満"]
    water = next(style for style in style_layers(CATALOGUE["water"]) if style["id"] == "water-label")
    assert water["layout"]["text-field"][-1][-1] == "mm"


def test_a_raster_has_no_vector_style_and_a_layer_without_label_field_no_label() -> None:
    assert style_layers(CATALOGUE["elevation"]) == []
    bare = replace(CATALOGUE["flood"], label_field=None)
    assert not any(style["type"] == "symbol" for style in style_layers(bare))


def test_maplibre_itself_finds_no_fault_with_the_style(tmp_path: Path) -> None:
    if not VALIDATOR.exists() or shutil.which("node") is None:
        pytest.skip("gl-style-validate of webmap/node_modules and node are needed")
    sources = {layer.id: {"type": "vector", "tiles": ["http://localhost/{z}/{x}/{y}"]} for layer in DRAWN}
    style = {"version": 8, "sources": sources, "layers": [one for layer in DRAWN for one in style_layers(layer)]}
    (tmp_path / "style.json").write_text(json.dumps(style, ensure_ascii=False), encoding="utf-8")
    checked = subprocess.run([VALIDATOR, tmp_path / "style.json"], capture_output=True, text=True, check=False)
    assert (checked.returncode, checked.stdout + checked.stderr) == (0, "")


def test_lines_are_thinner_where_the_town_is_small_and_as_wide_as_the_legend_says_at_street_level() -> None:
    roads = CATALOGUE["roads"]
    for entry, drawn in zip(roads.legend, style_layers(roads), strict=False):
        kind, curve, over, *stops = drawn["paint"]["line-width"]
        assert [kind, curve, over] == ["interpolate", ["linear"], ["zoom"]]
        assert stops[1::2] == sorted(stops[1::2])
        assert stops[1] < entry.width / 2
        assert stops[-2:] == [16, entry.width]


def test_only_areas_are_labelled_in_one_of_their_tiles() -> None:
    filters = {layer.id: style_layers(layer)[-1].get("filter") for layer in DRAWN if layer.label_field is not None}
    assert filters["cadastral"] == ["!", ["has", "labelled_elsewhere"]]
    assert filters["roads"] is None
    assert filters["shelters"] is None
