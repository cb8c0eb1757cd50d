"""Maps in black and white: deeper is darker on the paper itself, whatever else is drawn and in whatever order it comes."""

import io
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
import shapely
import typst
from numpy.typing import NDArray
from PIL import Image

from gis.map_frame import Frame
from gis.map_mono import BLACK, RANKED, STROKE, UNIT_MM, Hatching
from gis.map_symbols import PATTERNS, FeatureStyle
from gis.mapsheet import MARGIN_X_MM, MARGIN_Y_MM, MapLayer, MapSheet, draw

SIDE_M, GAP_M, SCALE = 50, 10, 2500
DEPTHS = tuple(
    FeatureStyle(label, fill="#F7F5A9", line="#7A7700", pattern="dots", rank=rank)
    for rank, label in enumerate(("0.5m未満", "0.5〜3m", "3〜5m", "5〜10m", "10〜20m", "20m以上"), start=1)
)
DOTS_AN_INCH = 300


def layer_of(styles: tuple[FeatureStyle, ...], shift_m: float = 0.0) -> MapLayer:
    """A square a style, side by side from the west."""
    squares = [
        shapely.box(at * (SIDE_M + GAP_M), shift_m, at * (SIDE_M + GAP_M) + SIDE_M, shift_m + SIDE_M)
        for at in range(len(styles))
    ]
    return MapLayer("flood", "洪水浸水想定区域", np.array(squares), styles, tuple(None for _ in styles), "見本")


def inks(*layers: MapLayer, columns: int = len(DEPTHS)) -> list[float]:
    """The share of the paper that is black in each square of the lowest row, as a printer gets it."""
    width_mm = columns * (SIDE_M + GAP_M) / SCALE * 1000
    frame = Frame(columns * (SIDE_M + GAP_M) / 2, SIDE_M / 2, SCALE, width_mm, SIDE_M / SCALE * 1000)
    drawing = draw(
        MapSheet(frame, (), Hatching().layers(layers), "見本", pattern_unit_mm=UNIT_MM, pattern_stroke=STROKE)
    )
    picture = _printed(drawing.svg, drawing.width_mm, drawing.height_mm)
    mm = picture.shape[1] / drawing.width_mm
    found = []
    for at in range(columns):
        west = MARGIN_X_MM + at * (SIDE_M + GAP_M) / SCALE * 1000
        inside = [west + 3, west + 17, MARGIN_Y_MM + 3, MARGIN_Y_MM + 17]
        left, right, top, bottom = (round(value * mm) for value in inside)
        found.append(1 - float(picture[top:bottom, left:right].mean()) / 255)
    return found


def _printed(svg: str, width_mm: float, height_mm: float) -> NDArray[np.uint8]:
    source = f'#set page(width: {width_mm}mm, height: {height_mm}mm, margin: 0mm)\n#image(bytes(read("m.svg")))'
    source = source.replace('bytes(read("m.svg"))', f"bytes({_quoted(svg)})")
    png = typst.compile(source.encode(), format="png", ppi=DOTS_AN_INCH)
    assert isinstance(png, bytes)
    return np.asarray(Image.open(io.BytesIO(png)).convert("L"))


def _quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def test_the_deeper_the_darker_on_the_paper() -> None:
    found = inks(layer_of(DEPTHS))
    assert found == sorted(found)
    assert all(deeper > 1.2 * other for other, deeper in pairwise(found)), found
    assert found[-1] < 0.5, "what lies under the darkest must still be read"


def test_the_order_in_which_they_come_changes_nothing() -> None:
    mixed = (DEPTHS[4], DEPTHS[0], DEPTHS[5], DEPTHS[2], DEPTHS[1], DEPTHS[3])
    straight = inks(layer_of(DEPTHS))
    found = inks(layer_of(mixed))
    assert found == pytest.approx([straight[DEPTHS.index(one)] for one in mixed], abs=0.01)
    (layer,) = Hatching().layers([layer_of(mixed)])
    assert [style.rank for style in layer.styles] == [1, 2, 3, 4, 5, 6]


def test_where_two_depths_lie_over_one_another_the_deeper_is_seen() -> None:
    alone = inks(layer_of(DEPTHS))
    over = inks(layer_of((DEPTHS[4],) * 6), layer_of(DEPTHS))
    # the edges of strokes, drawn twice, are a little darker
    assert over[:5] == pytest.approx([alone[4]] * 5, abs=0.05)
    assert max(over[:5]) < alone[5] == pytest.approx(over[5], abs=0.05)


def test_no_other_kind_of_area_has_the_hatching_of_a_depth() -> None:
    others = tuple(FeatureStyle(f"区域{at}", fill="#FFFFFF", line="#000000") for at in range(20))
    hatching = Hatching()
    first, second = hatching.layers([layer_of(others), layer_of(DEPTHS)])
    assert not {style.pattern for style in first.styles} & set(RANKED)
    assert [style.pattern for style in second.styles] == list(RANKED)
    assert {style.line for style in second.styles} == {BLACK}
    assert len({replace(style, label="") for style in first.styles}) == len(others)


def test_every_ranked_hatching_is_a_pattern() -> None:
    assert set(RANKED) <= set(PATTERNS)
