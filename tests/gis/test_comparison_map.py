"""The pictures: every line as wide as it is uncertain, at the scale that stands below, and told apart without colour."""

import re
from dataclasses import replace

import pytest
from lxml import etree

from gis.boundary_comparison.compare import compare
from gis.boundary_comparison.model import Comparison, Verdict
from gis.comparison_map import ComparisonMap, Mark, detail, overview, spread
from gis.map_symbols import MARKERS
from gis.mapsheet import Drawing
from tests.gis.boundary_comparison.shapes import PLOT, moved, parcel, surveyed

OVER = [PLOT[0], PLOT[1], (40.84, 25.0), PLOT[3]]
SVG = {"s": "http://www.w3.org/2000/svg"}


def shown(sigma_m: float = 0.02, limit_m: float = 0.75) -> tuple[ComparisonMap, Comparison]:
    boundary = surveyed(OVER, sigma_m=sigma_m)
    parcels = [
        replace(parcel(name, moved(PLOT, east, 0.0), limit_m=limit_m), number=name)
        for name, east in (("12-1", 0.0), ("12-2", 40.0))
    ]
    found = compare(boundary, parcels)
    seen = compare(boundary, [parcel("筆", moved(PLOT, 1.0, 0.0), limit_m=6.86)])
    assert found is not None
    marks = [Mark(place.x, place.y, str(place.vertex + 1), place.verdict) for place in found.corners]
    words = "平面直角座標系 第IX系（JGD2011）"
    return ComparisonMap(
        boundary, marks, found, seen, parcels, words, ("Noto Sans CJK JP",), ("法務省", "農水省")
    ), found


def texts(drawing: Drawing) -> str:
    found = etree.fromstring(drawing.svg.encode()).xpath("//s:text", namespaces=SVG)
    assert isinstance(found, list)
    return "\n".join(element.text or "" for element in found if isinstance(element, etree._Element))


def widths_mm(drawing: Drawing, pattern: str) -> tuple[float, float]:
    """Width and height of the area that is filled with the pattern of that colour, in mm."""
    root = etree.fromstring(drawing.svg.encode())
    paths = root.xpath("//s:g[@clip-path]/s:path[starts-with(@fill,'url(') or @fill-opacity]", namespaces=SVG)
    assert isinstance(paths, list)
    for path in paths:
        assert isinstance(path, etree._Element)
        if path.get("stroke") == pattern:
            points = [
                tuple(map(float, pair.split(","))) for pair in re.findall(r"[-\d.]+,[-\d.]+", path.get("d") or "")
            ]
            return max(x for x, _ in points) - min(x for x, _ in points), max(y for _, y in points) - min(
                y for _, y in points
            )
    raise AssertionError(f"nothing is drawn in {pattern}")


@pytest.mark.parametrize("limit_m", [0.45, 0.75, 3.0])
def test_the_band_of_the_map_s_line_is_as_wide_as_its_tolerance_on_paper(limit_m: float) -> None:
    drawing = overview(shown(limit_m=limit_m)[0])
    width, height = widths_mm(drawing, "#7A3B00")
    assert width == pytest.approx((40 + 2 * limit_m) * 1000 / drawing.scale, abs=0.05)
    assert height == pytest.approx((25 + 2 * limit_m) * 1000 / drawing.scale, abs=0.05)
    assert f"地番図の線の幅 ±{limit_m:.2f}m" in texts(drawing)


def test_the_legend_names_the_width_of_every_line() -> None:
    words = texts(overview(shown()[0]))
    for wanted in ("筆ポリゴンの線の幅 ±6.86m", "地番図の線の幅 ±0.75m", "測った線の幅 ±0.04m", "測った線（あぜ）"):
        assert wanted in words
    assert "12-1" in words
    assert "法務省" in words


def test_a_band_that_is_narrower_than_the_drawn_line_is_said_to_be() -> None:
    assert "線より細い" in texts(overview(shown(sigma_m=0.01)[0])).replace("\n", "")
    assert "線より細い" not in texts(overview(shown(sigma_m=0.6)[0])).replace("\n", "")


def test_the_detail_holds_the_place_and_the_line_with_its_width_at_a_larger_scale() -> None:
    comparison_map, found = shown()
    whole, near = overview(comparison_map), detail(comparison_map, found.furthest_out, "角3")
    assert near.scale <= 50 < whole.scale
    assert "角3：0.84m" in texts(near)


def test_corners_of_each_verdict_have_a_sign_of_their_own() -> None:
    comparison_map, _ = shown()
    marks = [
        Mark(vertex.x, vertex.y, verdict.value, verdict)
        for vertex, verdict in zip(comparison_map.boundary.outer, Verdict, strict=False)
    ]
    drawing = overview(replace(comparison_map, marks=marks))
    for shape in ("circle", "triangle", "square"):
        assert f'd="{MARKERS[shape]}"' in drawing.svg


def test_a_field_without_any_map_is_drawn_alone() -> None:
    comparison_map, _ = shown()
    alone = replace(comparison_map, cadastral=None, farmland=None, parcels=(), attributions=("", ""))
    assert "地番図" not in texts(overview(alone))


def test_a_spread_is_one_figure_or_two() -> None:
    assert spread([0.04, 0.041]) == "±0.04m"
    assert spread([0.04, 0.5]) == "±0.04〜0.50m"
