"""Where labels stand on a map so that none covers another; millimetres, y downwards."""

import math
import unicodedata
from dataclasses import dataclass
from xml.sax.saxutils import escape

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

SUBJECT_SIZE_MM = 3.0
LABEL_SIZE_MM = 2.0
_EDGE_MM = 1.0

Box = tuple[float, float, float, float]


def text_width(text: str, size_mm: float) -> float:
    """Width of a text set at that size: full-width characters are one em, the others a little over half."""
    return sum(1.0 if unicodedata.east_asian_width(char) in "WFA" else 0.58 for char in text) * size_mm


def wrap(text: str, width_mm: float, size_mm: float) -> list[str]:
    """Lines no wider than `width_mm`; a line never begins with closing punctuation (行頭禁則)."""
    lines: list[str] = [""]
    for char in text:
        if text_width(lines[-1] + char, size_mm) > width_mm and char not in "、。，．）」』】〉》・ー…":
            lines.append("")
        lines[-1] += char
    return lines


class LabelBoard:
    """Collects labels: a subject's always stands, the others only where they fit their feature and hit nothing."""

    def __init__(self, width_mm: float, height_mm: float) -> None:
        self._frame = shapely.box(0, 0, width_mm, height_mm)
        self._insisted: list[tuple[str, BaseGeometry, str]] = []
        self._offered: list[_Offered] = []
        self._reserved: list[Box] = []
        self._taken: list[Box] = []

    def reserve(self, x: float, y: float, radius: float) -> None:
        """Keeps a place, such as a marker's, free of labels."""
        self._reserved.append((x - radius, y - radius, x + radius, y + radius))

    def insist(self, text: str, geometry: BaseGeometry, ink: str) -> None:
        """A label that is drawn whatever it covers."""
        self._insisted.append((text, geometry, ink))

    def offer(self, text: str, geometry: BaseGeometry, ink: str, size_mm: float = LABEL_SIZE_MM) -> None:
        """A label that gives way."""
        self._offered.append(_Offered(text, geometry, ink, size_mm))

    def svg(self) -> str:
        """The labels, each with a white halo."""
        self._taken = list(self._reserved)
        parts = [self._subject(*label) for label in self._insisted]
        parts += [self._feature(label) for label in sorted(self._offered, key=_widest_first)]
        return "".join(parts)

    def _subject(self, text: str, geometry: BaseGeometry, ink: str) -> str:
        inside = shapely.intersection(geometry, self._frame)
        if inside.is_empty:
            return ""
        point = inside.point_on_surface()
        x, y, size = point.x, point.y, SUBJECT_SIZE_MM
        free = next((dy for dy in (0.0, 1.1, -1.1, 2.2, -2.2) if self._free(_box(text, x, y + dy * size, size))), 0.0)
        self._taken.append(_box(text, x, y + free * size, size))
        return _text(text, (x, y + free * size), size, ink, 'font-weight="bold"')

    def _feature(self, label: "_Offered") -> str:
        text, size = label.text, label.size_mm
        inside = shapely.intersection(label.geometry, self._frame)
        if inside.is_empty:
            return ""
        dimension = int(shapely.get_dimensions(inside))
        angle = 0.0
        if dimension == 1:
            x, y, angle, room = _along(inside)
        elif dimension == 0:
            first = shapely.get_coordinates(inside)[0]
            x, y, room = float(first[0]), float(first[1]) + 1.4 + 0.6 * size, math.inf
        else:
            point = inside.point_on_surface()
            x, y, room = point.x, point.y, _room(inside, point.y)
        box = _box(text, x, y, size, angle)
        if text_width(text, size) > room or not self._free(box):
            return ""
        self._taken.append(box)
        turn = f'transform="rotate({angle:.1f} {x:.2f} {y:.2f})"' if angle else ""
        return _text(text, (x, y), size, label.ink, turn)

    def _free(self, box: Box) -> bool:
        """Whether a box lies inside the frame and off every label that stands."""
        _, _, width, height = self._frame.bounds
        if box[0] < _EDGE_MM or box[1] < _EDGE_MM or box[2] > width - _EDGE_MM or box[3] > height - _EDGE_MM:
            return False
        return not any(
            box[0] < other[2] and other[0] < box[2] and box[1] < other[3] and other[1] < box[3] for other in self._taken
        )


@dataclass(frozen=True)
class _Offered:
    """A label that gives way, for its feature in mm."""

    text: str
    geometry: BaseGeometry
    ink: str
    size_mm: float


def _widest_first(label: _Offered) -> tuple[float, float]:
    """Sort key: the larger the letters, then the larger the feature, the earlier its label may choose."""
    west, south, east, north = label.geometry.bounds
    return -label.size_mm, -float((east - west) + (north - south))


def _box(text: str, x: float, y: float, size: float, angle: float = 0.0) -> Box:
    """The upright box around a centred, perhaps turned, text."""
    half_w, half_h = text_width(text, size) / 2, size * 0.6
    turn = math.radians(angle)
    reach_x = abs(half_w * math.cos(turn)) + abs(half_h * math.sin(turn))
    reach_y = abs(half_w * math.sin(turn)) + abs(half_h * math.cos(turn))
    return (x - reach_x, y - reach_y, x + reach_x, y + reach_y)


def _room(area: BaseGeometry, y: float) -> float:
    """How wide an area is at height y, with a little to spare: a label may stand over its outline by a tenth."""
    west, _, east, _ = area.bounds
    row = shapely.intersection(area, shapely.linestrings([(west - 1, y), (east + 1, y)]))
    return float(np.max(shapely.length(shapely.get_parts(row)), initial=0.0)) * 1.1


def _along(line: BaseGeometry) -> tuple[float, float, float, float]:
    """Middle of the longest piece of a line: x, y, direction in degrees that reads from the left, length."""
    pieces = shapely.get_parts(line)
    piece = pieces[int(np.argmax(shapely.length(pieces)))]
    middle = piece.interpolate(0.5, normalized=True)
    before, after = piece.interpolate(0.45, normalized=True), piece.interpolate(0.55, normalized=True)
    angle = math.degrees(math.atan2(after.y - before.y, after.x - before.x))
    if abs(angle) > 90:
        angle -= math.copysign(180, angle)
    return middle.x, middle.y, angle, float(piece.length)


def _text(text: str, at: tuple[float, float], size: float, ink: str, more: str = "") -> str:
    """A centred text with a white halo; the baseline is 0.36 em below the centre of Japanese glyphs."""
    place = f'x="{at[0]:.2f}" y="{at[1] + 0.36 * size:.2f}" font-size="{size:g}" text-anchor="middle" {more}'
    halo = f'<text {place} fill="none" stroke="#ffffff" stroke-width="{size * 0.42:.2f}" stroke-linejoin="round">'
    return f'{halo}{escape(text)}</text><text {place} fill="{ink}">{escape(text)}</text>'
