"""A map in plane coordinates as SVG, 1 user unit = 1 mm, true to scale when printed at 100 %.

Never derived from Web Mercator: at this latitude that would make every printed length wrong by a quarter.
"""

from dataclasses import dataclass, field
from functools import cached_property
from xml.sax.saxutils import escape

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from gis.map_frame import Frame
from gis.map_furniture import Legend, bar_metres, furniture, graticule
from gis.map_labels import LABEL_SIZE_MM, LabelBoard
from gis.map_symbols import (
    FILL_OPACITY,
    MARKERS,
    MM_PER_PX,
    PATTERN_STROKE,
    PATTERN_UNIT_MM,
    SUBJECT_INK,
    FeatureStyle,
    MarkerBook,
    area_paint,
    pattern_definitions,
)

MARGIN_X_MM = 5.0
MARGIN_Y_MM = 4.5
DEFAULT_FONTS = ("Noto Sans CJK JP", "IPAexGothic", "sans-serif")


@dataclass(frozen=True)
class MapLayer:
    """Features to draw: one style and one label (or None) per geometry; geometries in plane metres, None allowed.

    `label_mm` is the size of its labels; the larger ones choose their places first.
    """

    layer_id: str
    title: str
    geometries: NDArray[np.object_]
    styles: tuple[FeatureStyle, ...]
    labels: tuple[str | None, ...]
    attribution: str = ""
    label_mm: float = LABEL_SIZE_MM

    def __post_init__(self) -> None:
        if not len(self.geometries) == len(self.styles) == len(self.labels):
            raise ValueError(f"{self.layer_id}: geometries, styles and labels differ in length")

    @cached_property
    def boxes(self) -> NDArray[np.float64]:
        """Bounds of each geometry (n, 4), NaN where there is none; taken once for all maps that draw the layer."""
        return np.asarray(shapely.bounds(self.geometries), dtype=np.float64).reshape(-1, 4)


@dataclass(frozen=True)
class Subject:
    """A parcel the sheet is about; `error_m` is drawn as a band along its outline, a dashed outline means 筆界未定."""

    label: str
    geometry: BaseGeometry
    error_m: float = 0.0
    dashed: bool = False


@dataclass(frozen=True)
class MapSheet:
    """Everything a map shows. `plane` is the words for its coordinate system; without subjects no legend speaks of them."""

    frame: Frame
    subjects: tuple[Subject, ...]
    layers: tuple[MapLayer, ...]
    plane: str
    fonts: tuple[str, ...] = DEFAULT_FONTS
    subject_legend: str = "照会筆"
    subject_ink: str = SUBJECT_INK
    pattern_unit_mm: float = PATTERN_UNIT_MM
    pattern_stroke: float = PATTERN_STROKE


@dataclass(frozen=True)
class Drawing:
    """The finished map: an SVG document of `width_mm` × `height_mm`, and the ids of the layers it really shows."""

    svg: str
    width_mm: float
    height_mm: float
    scale: int
    drawn: tuple[str, ...]


def draw(sheet: MapSheet) -> Drawing:
    """The map as an SVG document with frame, coordinates, scale bar, north, legend and attribution."""
    canvas = _Canvas(sheet.frame)
    for layer in sheet.layers:
        canvas.add_layer(layer)
    for subject in sheet.subjects:
        canvas.add_subject(subject, sheet.subject_ink)
    legend = Legend(_subject_words(sheet), tuple(canvas.legend.items()), tuple(canvas.attributions))
    foot, foot_height = furniture(
        sheet.frame.scale, sheet.frame.width_mm + 2 * MARGIN_X_MM, sheet.plane, legend, sheet.subject_ink
    )
    width = sheet.frame.width_mm + 2 * MARGIN_X_MM
    top = sheet.frame.height_mm + 2 * MARGIN_Y_MM
    height = top + foot_height
    families = escape(", ".join(f"'{name}'" for name in sheet.fonts), {'"': "&quot;"})
    svg = (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width:g}mm" height="{height:g}mm" '
        f'viewBox="0 0 {width:g} {height:g}" font-family="{families}" data-scale="{sheet.frame.scale}" '
        f'data-bar-m="{bar_metres(sheet.frame.scale):g}">'
        f'<rect width="{width:g}" height="{height:g}" fill="#ffffff"/>'
        f"<defs>{pattern_definitions(canvas.legend, sheet.pattern_unit_mm, FILL_OPACITY, sheet.pattern_stroke)}"
        f'<clipPath id="frame"><rect width="{sheet.frame.width_mm:g}" height="{sheet.frame.height_mm:g}"/></clipPath>'
        f"</defs>"
        f'<g transform="translate({MARGIN_X_MM:g} {MARGIN_Y_MM:g})">'
        f'<g clip-path="url(#frame)">{"".join(canvas.body)}{canvas.board.svg()}</g>{graticule(sheet.frame)}</g>'
        f'<g transform="translate(0 {top:g})">{foot}</g></svg>'
    )
    return Drawing(svg, width, height, sheet.frame.scale, tuple(canvas.drawn))


def _subject_words(sheet: MapSheet) -> str:
    """Legend words for the parcels, with the width of the band that is drawn around them; none without parcels."""
    if not sheet.subjects:
        return ""
    errors = sorted({round(subject.error_m, 2) for subject in sheet.subjects if subject.error_m > 0})
    if not errors:
        return sheet.subject_legend
    spread = f"±{errors[0]:.2f}m" if len(errors) == 1 else f"±{errors[0]:.2f}〜{errors[-1]:.2f}m"
    return f"{sheet.subject_legend}（薄い帯は境界の公差 {spread}）"


@dataclass
class _Canvas:
    """The map while it is being drawn; coordinates are mm from the frame's upper left corner."""

    frame: Frame
    body: list[str] = field(default_factory=list)
    legend: dict[FeatureStyle, str] = field(default_factory=dict)
    attributions: dict[str, None] = field(default_factory=dict)
    drawn: dict[str, None] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.board = LabelBoard(self.frame.width_mm, self.frame.height_mm)
        self._markers = MarkerBook()

    def add_layer(self, layer: MapLayer) -> None:
        """Draws the features of a layer that touch the frame; one that shows nothing leaves no trace in the legend."""
        near = self._near(layer.boxes)
        for index, geometry in zip(near, self._clip(layer.geometries[near]), strict=True):
            if shapely.is_empty(geometry):
                continue
            style, label = layer.styles[index], layer.labels[index]
            kind = self._kind(geometry, style)
            self.body.append(_feature(geometry, style, kind))
            self.legend.setdefault(style, kind)
            self.drawn[layer.layer_id] = None
            if layer.attribution:
                self.attributions[layer.attribution] = None
            if kind in MARKERS:
                for x, y in shapely.get_coordinates(geometry):
                    self.board.reserve(x, y, 1.3)
            if label:
                self.board.offer(label, geometry, style.line or "#333333", layer.label_mm)

    def add_subject(self, subject: Subject, ink: str) -> None:
        """Draws a parcel over everything else: the band of its accuracy, a white casing, its outline, its number."""
        geometry = self._clip(np.array([subject.geometry], dtype=object))[0]
        data = _path_data(geometry)
        band_mm = 2 * subject.error_m * 1000 / self.frame.scale
        self.body.append(_outline(data, "#ffffff", 1.1, 'stroke-opacity="0.8"'))
        if band_mm > 0.6:
            self.body.append(_outline(data, ink, band_mm, 'stroke-opacity="0.2"'))
        dashes = 'stroke-dasharray="2 1"' if subject.dashed else ""
        self.body.append(_outline(data, ink, 0.6, dashes))
        self.board.insist(subject.label, geometry, ink)

    def _near(self, boxes: NDArray[np.float64]) -> NDArray[np.intp]:
        """Which features' boxes touch the frame; a missing geometry's NaN never does."""
        west, south, east, north = self.frame.bounds
        touching = (boxes[:, 0] <= east) & (boxes[:, 2] >= west) & (boxes[:, 1] <= north) & (boxes[:, 3] >= south)
        return np.flatnonzero(touching)

    def _clip(self, geometries: NDArray[np.object_]) -> NDArray[np.object_]:
        """Features cut a little outside the frame, in mm, thinned below what a printer shows (0.01 mm)."""
        west, south, east, north = self.frame.bounds
        edge = 3 * self.frame.scale / 1000
        inside = shapely.clip_by_rect(geometries, west - edge, south - edge, east + edge, north + edge)
        moved = shapely.transform(inside, self.frame.to_mm)
        return np.asarray(shapely.simplify(moved, 0.01), dtype=object)

    def _kind(self, geometry: BaseGeometry, style: FeatureStyle) -> str:
        """How a geometry is drawn: "area", "line", or the marker dealt to its style."""
        dimension = int(shapely.get_dimensions(geometry))
        return self._markers.of(style) if dimension == 0 else ("line" if dimension == 1 else "area")


def _feature(geometry: BaseGeometry, style: FeatureStyle, kind: str) -> str:
    """One feature as SVG."""
    if kind in MARKERS:
        return "".join(_marker(x, y, kind, style) for x, y in shapely.get_coordinates(geometry))
    width = style.width * MM_PER_PX
    ink = style.line or (style.fill if kind == "line" else None)
    dashes = " ".join(f"{length * width:g}" for length in style.dashes)
    stroke = f'stroke="{ink}" stroke-width="{width:g}" stroke-linejoin="round"' if ink else ""
    dash = f'stroke-dasharray="{dashes}"' if dashes else ""
    paint = area_paint(style, FILL_OPACITY) if kind == "area" else 'fill="none"'
    return f'<path d="{_path_data(geometry)}" fill-rule="evenodd" {paint} {stroke} {dash}/>'


def _marker(x: float, y: float, marker: str, style: FeatureStyle) -> str:
    """A point symbol with a white rim."""
    fill = style.fill or style.line or "#333333"
    return (
        f'<path transform="translate({x:.3f} {y:.3f}) scale(1.3)" d="{MARKERS[marker]}" fill="{fill}" '
        f'stroke="#ffffff" stroke-width="0.3" paint-order="stroke"/>'
    )


def _outline(data: str, ink: str, width: float, more: str = "") -> str:
    """A stroked, unfilled path."""
    return f'<path d="{data}" fill="none" stroke="{ink}" stroke-width="{width:g}" stroke-linejoin="round" {more}/>'


def _path_data(geometry: BaseGeometry) -> str:
    """SVG path data of the rings or lines of a geometry already in mm."""
    parts = shapely.get_parts(geometry)
    pieces: list[str] = []
    for part in parts:
        areal = shapely.get_dimensions(part) == 2
        for line in shapely.get_rings(part) if areal else [part]:
            points = " ".join(f"{x:.3f},{y:.3f}" for x, y in shapely.get_coordinates(line))
            pieces.append(f"M{points}Z" if areal else f"M{points}")
    return "".join(pieces)
