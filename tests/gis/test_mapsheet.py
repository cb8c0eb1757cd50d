"""The printed map: true to scale, honest in its legend, and safe against what stands in the data."""

import itertools
import re

import numpy as np
import pytest
from lxml import etree
from shapely import LineString, Point, Polygon, box
from shapely.geometry.base import BaseGeometry

from gis.map_frame import SCALES, WIDE_SCALES, Frame, MapSheetError, choose_scale, frame_around
from gis.map_furniture import bar_metres
from gis.map_labels import LabelBoard, text_width, wrap
from gis.map_symbols import FeatureStyle, MapStyleError, MarkerBook
from gis.mapsheet import Drawing, MapLayer, MapSheet, Subject, draw

EAST, NORTH = 70_210.0, 142_860.0
SVG = {"s": "http://www.w3.org/2000/svg"}
LINE = FeatureStyle("町道", line="#B06000", width=2)


def frame(scale: int = 1000) -> Frame:
    return Frame(EAST, NORTH, scale, 170.0, 110.0)


def layer(shapes: list[BaseGeometry | None], style: FeatureStyle = LINE, label: str | None = None) -> MapLayer:
    geometries = np.array([*shapes, "end"], dtype=object)[:-1]
    return MapLayer("roads", "道路", geometries, (style,) * len(shapes), (label,) * len(shapes), "小野町道路台帳")


def sheet(*layers: MapLayer, subjects: tuple[Subject, ...] = (), scale: int = 1000) -> Drawing:
    return draw(MapSheet(frame(scale), subjects, layers, "平面直角座標系 第IX系（JGD2011）"))


def elements(drawing: Drawing, path: str) -> list[etree._Element]:
    found = etree.fromstring(drawing.svg.encode()).xpath(path, namespaces=SVG)
    assert isinstance(found, list)
    return [element for element in found if isinstance(element, etree._Element)]


def feature_points(drawing: Drawing) -> np.ndarray[tuple[int, ...], np.dtype[np.float64]]:
    data = elements(drawing, "//s:g[@clip-path]/s:path")[0].get("d") or ""
    return np.array([[float(part) for part in pair.split(",")] for pair in re.findall(r"[-\d.]+,[-\d.]+", data)])


def texts(drawing: Drawing) -> str:
    return "\n".join(element.text or "" for element in elements(drawing, "//s:text"))


@pytest.mark.parametrize("scale", SCALES)
def test_a_length_on_the_ground_is_that_length_over_the_scale_on_paper(scale: int) -> None:
    metres = scale / 25
    drawing = sheet(layer([LineString([(EAST, NORTH), (EAST + metres, NORTH)])]), scale=scale)
    points = feature_points(drawing)
    assert points[1, 0] - points[0, 0] == pytest.approx(metres * 1000 / scale, abs=0.002)
    assert etree.fromstring(drawing.svg.encode()).get("width") == f"{drawing.width_mm:g}mm"


def test_north_is_up_and_east_is_right() -> None:
    points = feature_points(sheet(layer([LineString([(EAST, NORTH), (EAST + 10, NORTH + 20)])])))
    assert points[1, 0] - points[0, 0] == pytest.approx(10.0, abs=0.002)
    assert points[1, 1] - points[0, 1] == pytest.approx(-20.0, abs=0.002)


@pytest.mark.parametrize("scale", WIDE_SCALES)
def test_the_scale_bar_is_as_long_as_it_says(scale: int) -> None:
    cells = elements(sheet(scale=scale), "//s:g[@class='scale-bar']/s:rect")
    length = sum(float(cell.get("width") or 0) for cell in cells)
    assert length == pytest.approx(bar_metres(scale) * 1000 / scale, abs=0.01)
    assert 20 <= length <= 50
    assert f"{bar_metres(scale):g}m" in texts(sheet(scale=scale))


def test_the_corners_carry_the_coordinates_of_the_frame() -> None:
    written = texts(sheet())
    assert f"X={NORTH - 55:,.1f} Y={EAST - 85:,.1f}" in written
    assert f"X={NORTH + 55:,.1f} Y={EAST + 85:,.1f}" in written


def test_ticks_stand_where_their_coordinate_is() -> None:
    ticks = elements(sheet(), "//s:text[starts-with(text(),'Y=70,220')]")
    assert {float(tick.get("x") or 0) for tick in ticks} == {85.0 + 10.0}


def test_the_largest_scale_that_holds_the_parcel_is_taken() -> None:
    assert choose_scale((0, 0, 30, 15), 170, 110) == 250
    assert choose_scale((0, 0, 39, 15), 170, 110) == 500
    assert frame_around((0, 0, 100, 60), 170, 110).bounds == pytest.approx((-35, -25, 135, 85))


def test_a_parcel_too_large_for_every_scale_is_told_in_metres() -> None:
    with pytest.raises(MapSheetError, match=r"東西2,000m・南北10m.*1/10,000"):
        choose_scale((0, 0, 2000, 10), 170, 110)


def test_what_lies_outside_the_frame_is_neither_drawn_nor_in_the_legend() -> None:
    drawing = sheet(layer([LineString([(EAST + 500, NORTH), (EAST + 600, NORTH)]), None]))
    assert drawing.drawn == ()
    assert "町道" not in texts(drawing)
    assert "小野町道路台帳" not in texts(drawing)


def test_what_is_drawn_is_in_the_legend_with_its_attribution() -> None:
    drawing = sheet(layer([LineString([(EAST, NORTH), (EAST + 5, NORTH)])]))
    assert drawing.drawn == ("roads",)
    assert "町道" in texts(drawing)
    assert "小野町道路台帳" in texts(drawing)


def test_a_hole_in_an_area_stays_open() -> None:
    ring = Polygon(
        box(EAST, NORTH, EAST + 20, NORTH + 20).exterior, [box(EAST + 5, NORTH + 5, EAST + 9, NORTH + 9).exterior]
    )
    path = elements(sheet(layer([ring], FeatureStyle("区域", fill="#E6C832"))), "//s:g[@clip-path]/s:path")[0]
    assert path.get("fill-rule") == "evenodd"
    assert (path.get("d") or "").count("Z") == 2


def test_the_band_of_a_parcel_is_twice_its_error_wide() -> None:
    subject = Subject("92-1", box(EAST, NORTH, EAST + 20, NORTH + 30), error_m=0.75)
    widths = [
        path.get("stroke-width") for path in elements(sheet(subjects=(subject,)), "//s:path[@stroke-opacity='0.2']")
    ]
    assert widths == ["1.5"]
    assert "±0.75m" in texts(sheet(subjects=(subject,)))


def test_an_undetermined_parcel_has_a_dashed_outline() -> None:
    shape = box(EAST, NORTH, EAST + 20, NORTH + 30)
    path = "//s:path[@stroke='#C00000'][@stroke-dasharray]"
    assert elements(sheet(subjects=(Subject("92-1", shape, dashed=True),)), path)
    assert not elements(sheet(subjects=(Subject("92-1", shape),)), path)


def test_text_of_the_data_cannot_become_markup() -> None:
    hostile = '"><script>alert(1)</script>&'
    style = FeatureStyle(hostile, line="#B06000", width=2)
    drawing = sheet(
        layer([box(EAST, NORTH, EAST + 80, NORTH + 40)], style, hostile),
        subjects=(Subject(hostile, box(EAST, NORTH - 40, EAST + 20, NORTH)),),
    )
    assert not elements(drawing, "//s:script")
    assert hostile in texts(drawing)


def test_an_area_with_a_pattern_points_at_a_tile_that_is_there() -> None:
    style = FeatureStyle("特別警戒区域", fill="#A50021", line="#700016", pattern="diagonal")
    drawing = sheet(layer([box(EAST, NORTH, EAST + 20, NORTH + 20)], style))
    assert f"url(#{style.pattern_id})" in drawing.svg
    assert [tile.get("id") for tile in elements(drawing, "//s:pattern")] == [style.pattern_id]


@pytest.mark.parametrize("wrong", [{"fill": "red"}, {"line": "#12345"}, {"pattern": "zigzag"}, {"icon": 'x" onload="'}])
def test_a_style_that_cannot_be_drawn_is_refused_by_name(wrong: dict[str, str]) -> None:
    with pytest.raises(MapStyleError, match="凡例「区域」"):
        FeatureStyle("区域", **wrong)  # type: ignore[arg-type]


def test_point_styles_without_an_icon_get_shapes_of_their_own() -> None:
    book = MarkerBook()
    first, second = FeatureStyle("消火栓", fill="#FF0000"), FeatureStyle("仕切弁", fill="#0000FF")
    assert book.of(first) != book.of(second)
    assert book.of(first) == book.of(first)
    assert book.of(FeatureStyle("避難所", icon="triangle")) == "triangle"


def test_labels_never_cover_each_other() -> None:
    board = LabelBoard(170, 110)
    for number in range(60):
        board.offer(f"{number}-1", box(number, 20, number + 30, 60), "#333333")
    written = re.findall(r'<text x="([\d.]+)" y="([\d.]+)" font-size="2"[^>]*fill="#333333">([^<]+)', board.svg())
    spans = sorted((float(x) - text_width(text, 2) / 2, float(x) + text_width(text, 2) / 2) for x, _, text in written)
    assert len(spans) > 3
    assert all(left[1] <= right[0] for left, right in itertools.pairwise(spans))


def test_the_number_of_the_parcel_always_stands() -> None:
    tiny = Subject("1024-3", box(EAST, NORTH, EAST + 0.5, NORTH + 0.5))
    assert "1024-3" in texts(sheet(layer([Point(EAST, NORTH)], LINE, "井戸"), subjects=(tiny,)))


def test_a_wrapped_line_does_not_begin_with_a_full_stop() -> None:
    assert wrap("区域です。次", 8, 2) == ["区域です。", "次"]


def test_a_layer_whose_lists_differ_in_length_is_refused() -> None:
    with pytest.raises(ValueError, match="differ in length"):
        MapLayer("roads", "道路", np.array([None], dtype=object), (), ())


def test_a_map_without_parcels_of_its_own_has_no_legend_for_them() -> None:
    drawing = draw(MapSheet(frame(), (), (layer([box(EAST, NORTH, EAST + 9, NORTH + 9)]),), "第IX系"))
    assert "照会筆" not in texts(drawing)
    assert "町道" in texts(drawing)


def test_large_labels_are_drawn_as_large_as_asked_and_choose_first() -> None:
    here = [Point(EAST, NORTH)]
    style = FeatureStyle("角", line="#000000", icon="circle")
    small = MapLayer("a", "a", np.array(here, dtype=object), (style,), ("小さい字",))
    large = MapLayer("b", "b", np.array(here, dtype=object), (style,), ("7",), label_mm=3.0)
    drawing = draw(MapSheet(frame(), (), (small, large), "第IX系"))
    assert [
        element.text for element in elements(drawing, "//s:g[@clip-path]/s:text[@font-size='3'][@fill!='none']")
    ] == ["7"]
