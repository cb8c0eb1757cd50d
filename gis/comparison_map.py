"""Pictures of a surveyed boundary over registered lines, each line as wide as it is uncertain, true to scale."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import shapely
from shapely.geometry import LineString, Point
from shapely.geometry.base import BaseGeometry

from gis.boundary_comparison.ground import field_of
from gis.boundary_comparison.model import TWO_SIDED_95, Comparison, Place, RegisteredParcel, Verdict
from gis.map_frame import WIDE_SCALES, Bounds, Frame, frame_around
from gis.map_symbols import MM_PER_PX, FeatureStyle
from gis.mapsheet import Drawing, MapLayer, MapSheet, draw
from gis.positioning.model import SurveyedBoundary

WIDTH_MM, OVERVIEW_MM, DETAIL_MM = 172.0, 112.0, 66.0
NEAR_SCALES = (10, 20, 50, 100, *WIDE_SCALES)
SURVEYED_INK, CADASTRAL_INK, FARMLAND_INK, BEYOND_INK = "#0B3D91", "#7A3B00", "#2E6B34", "#B00020"
_LINE_PX = 1.6
_LABEL_MM = 3.2
_MARKS = {
    Verdict.WITHIN: FeatureStyle("角：地図の誤差の範囲内", line=SURVEYED_INK, icon="circle"),
    Verdict.BEYOND: FeatureStyle("角：範囲を超える", line=BEYOND_INK, icon="triangle"),
    Verdict.TOO_COARSE: FeatureStyle("角：測位の精度が足りない", line="#4A4A4A", icon="square"),
}


@dataclass(frozen=True)
class Mark:
    """A surveyed corner to be shown: its place, its name on the sheet, and what is said of it (None: nothing compared)."""

    x: float
    y: float
    name: str
    verdict: Verdict | None


@dataclass(frozen=True)
class ComparisonMap:
    """What the pictures show; each of the two maps may be missing. `parcels` are those around, for their numbers."""

    boundary: SurveyedBoundary
    marks: Sequence[Mark]
    cadastral: Comparison | None
    farmland: Comparison | None
    parcels: Sequence[RegisteredParcel]
    plane: str
    fonts: tuple[str, ...]
    attributions: tuple[str, str] = ("", "")


def window(boundary: SurveyedBoundary) -> Frame:
    """The frame around the whole field. Raises MapSheetError for one that no scale can hold."""
    west, south, east, north = field_of(boundary).bounds
    return frame_around((west, south, east, north), WIDTH_MM, OVERVIEW_MM, WIDE_SCALES, 14.0)


def overview(shown: ComparisonMap) -> Drawing:
    """The whole field, in its `window`."""
    return _drawn(shown, window(shown.boundary), shown.marks, ())


def detail(shown: ComparisonMap, place: Place, name: str) -> Drawing:
    """One place under its name and the line it is compared with, at the largest scale that holds both and U around them."""
    mark = Mark(place.x, place.y, f"{name}：{abs(place.distance_m):.2f}m", place.verdict)
    others = [one for one in shown.marks if (one.x, one.y) != (place.x, place.y)]
    around = shapely.buffer(LineString([(place.x, place.y), (place.foot_x, place.foot_y)]), place.uncertainty_m)
    bounds: Bounds = around.bounds
    return _drawn(shown, frame_around(bounds, WIDTH_MM, DETAIL_MM, NEAR_SCALES, 5.0), [*others, mark], (place,))


def _drawn(shown: ComparisonMap, frame: Frame, marks: Sequence[Mark], places: Sequence[Place]) -> Drawing:
    layers = [
        *_bands(shown.farmland, FARMLAND_INK, "筆ポリゴン", "dots", "#DDEBDD"),
        *_bands(shown.cadastral, CADASTRAL_INK, "地番図", "diagonal", "#F6DEC4"),
        *_numbers(shown),
        *_lines(shown.farmland, FARMLAND_INK, "筆ポリゴン", "dash", shown.attributions[1]),
        *_lines(shown.cadastral, CADASTRAL_INK, "地番図", "dash_dot", shown.attributions[0]),
        *_surveyed(shown.boundary, frame.scale),
        *_gaps(places),
        *_corners(marks),
    ]
    return draw(MapSheet(frame, (), tuple(layers), shown.plane, shown.fonts))


def _layer(
    name: str, shapes: Sequence[BaseGeometry], style: FeatureStyle, labels: Sequence[str | None] = (), more: str = ""
) -> MapLayer:
    array = np.empty(len(shapes), dtype=object)
    array[:] = shapes
    texts = tuple(labels) or (None,) * len(shapes)
    return MapLayer(name, name, array, (style,) * len(shapes), texts, more, _LABEL_MM)


def _bands(found: Comparison | None, ink: str, words: str, pattern: str, fill: str) -> list[MapLayer]:
    """How far a map's lines may be off, the widest below."""
    bands = []
    for line in sorted(found.lines if found else (), key=lambda one: -one.limit_m):
        style = FeatureStyle(f"{words}の線の幅 ±{line.limit_m:.2f}m", fill, ink, 0.4, pattern)
        bands.append(_layer(f"{words}の幅", [shapely.buffer(line.geometry, line.limit_m)], style))
    return bands


def _lines(found: Comparison | None, ink: str, words: str, dashes: str, attribution: str) -> list[MapLayer]:
    """A map's lines themselves."""
    if found is None:
        return []
    style = FeatureStyle(f"{words}の線", line=ink, width=_LINE_PX, pattern=dashes)
    return [_layer(words, [line.geometry for line in found.lines], style, more=attribution)]


def _numbers(shown: ComparisonMap) -> list[MapLayer]:
    """Parcels around, thin, with their 地番."""
    if not shown.parcels:
        return []
    style = FeatureStyle("まわりの筆と地番", line=CADASTRAL_INK, width=0.6)
    labels = [one.number or None for one in shown.parcels]
    return [_layer("まわりの筆", [one.geometry for one in shown.parcels], style, labels)]


def _surveyed(boundary: SurveyedBoundary, scale: int) -> list[MapLayer]:
    """The surveyed rings, and the width that the scatter of their corners gives them."""
    lines, bands, widths = [], [], []
    for ring in boundary.rings:
        lines.append(LineString([(vertex.x, vertex.y) for vertex in (*ring, ring[0])]))
        for first, second in zip(ring, (*ring[1:], ring[0]), strict=True):
            half_m = TWO_SIDED_95 * max(first.sigma_m, second.sigma_m)
            widths.append(half_m)
            bands.append(
                shapely.buffer(LineString([(first.x, first.y), (second.x, second.y)]), max(half_m, 1e-3), quad_segs=4)
            )
    words = f"測った線の幅 {spread(widths)}"
    if 2 * max(widths) * 1000 / scale < _LINE_PX * MM_PER_PX:
        words += "（線より細い）"
    band = FeatureStyle(words, "#7FA3E0", None)
    return [
        _layer("測った線の幅", [shapely.union_all(bands)], band),
        _layer("測った線", lines, FeatureStyle("測った線（あぜ）", line=SURVEYED_INK, width=_LINE_PX)),
    ]


def _gaps(places: Sequence[Place]) -> list[MapLayer]:
    """The way from the line to the place."""
    if not places:
        return []
    style = FeatureStyle("線からの距離", line=BEYOND_INK, width=3.0, pattern="dash")
    return [_layer("距離", [LineString([(one.foot_x, one.foot_y), (one.x, one.y)]) for one in places], style)]


def _corners(marks: Sequence[Mark]) -> list[MapLayer]:
    layers = []
    uncompared = FeatureStyle("角：比べる線がない", line="#4A4A4A", icon="diamond")
    for verdict in (None, *_MARKS):
        chosen = [mark for mark in marks if mark.verdict is verdict]
        if chosen:
            style = uncompared if verdict is None else _MARKS[verdict]
            layers.append(
                _layer("角", [Point(mark.x, mark.y) for mark in chosen], style, [mark.name for mark in chosen])
            )
    return layers


def spread(widths: Sequence[float]) -> str:
    """「±0.04m」 or 「±0.03〜0.06m」."""
    low, high = f"{min(widths):.2f}", f"{max(widths):.2f}"
    return f"±{low}m" if low == high else f"±{low}〜{high}m"
