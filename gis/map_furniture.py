"""What stands on the edge of a map: frame, plane coordinates, scale bar, north, legend, attribution; millimetres."""

from dataclasses import dataclass
from xml.sax.saxutils import escape

import numpy as np

from gis.map_frame import Frame
from gis.map_labels import wrap
from gis.map_symbols import FILL_OPACITY, MARKERS, MM_PER_PX, SUBJECT_INK, FeatureStyle, area_paint

_INK = "#222222"
_GREY = "#777777"
_STEPS = (1, 2, 5)
_LEGEND_SIZE = 2.4
_LINE_MM = 3.4
_SWATCH_MM = 8.0
_COLUMNS = 3
_SMALL_SIZE = 2.0
_CORNER_MM = 36.0


@dataclass(frozen=True)
class Legend:
    """Rows of a legend: the words for the parcels, if any, then each style with its kind (area, line or a marker's name)."""

    subject: str
    entries: tuple[tuple[FeatureStyle, str], ...]
    attributions: tuple[str, ...]


def bar_metres(scale: int) -> float:
    """Length of the scale bar on the ground: the round number (1, 2, 5 × 10ⁿ m) nearest below 50 mm on paper."""
    return _round_below(50 * scale / 1000)


def _round_below(metres: float) -> float:
    """The largest of 1, 2, 5 × 10ⁿ that is not above `metres`."""
    power = 10 ** float(np.floor(np.log10(metres)))
    return max(step * power for step in _STEPS if step * power <= metres * (1 + 1e-9))


def graticule(frame: Frame) -> str:
    """The frame, crosses, and ticks with plane coordinates: X north, Y east, as Japanese surveying writes them."""
    west, south, east, north = frame.bounds
    step = _round_below(45 * frame.scale / 1000)
    easts = np.arange(np.ceil(west / step), np.floor(east / step) + 1) * step
    norths = np.arange(np.ceil(south / step), np.floor(north / step) + 1) * step
    mm = 1000 / frame.scale
    size = f'width="{frame.width_mm:g}" height="{frame.height_mm:g}"'
    parts = [f'<rect {size} fill="none" stroke="{_INK}" stroke-width="0.35"/>']
    for value in easts:
        x = (value - west) * mm
        parts.append(_tick(x, 0, 0, -1.2) + _tick(x, frame.height_mm, 0, 1.2))
        if 8 < x < frame.width_mm - _CORNER_MM:
            parts.append(_small(f"Y={value:,.0f}", x, -1.6))
        if _CORNER_MM < x < frame.width_mm - 8:
            parts.append(_small(f"Y={value:,.0f}", x, frame.height_mm + 3.4))
    for value in norths:
        y = (north - value) * mm
        parts.append(_tick(0, y, -1.2, 0) + _tick(frame.width_mm, y, 1.2, 0))
        if 8 < y < frame.height_mm - 8:
            parts.append(_turned(f"X={value:,.0f}", -1.8, y) + _turned(f"X={value:,.0f}", frame.width_mm + 3.4, y))
    for value in easts:
        crosses = ((value - west) * mm, [(north - up) * mm for up in norths])
        parts += [_cross(crosses[0], y) for y in crosses[1]]
    parts += _corners(frame)
    return "".join(parts)


def _corners(frame: Frame) -> list[str]:
    """Coordinates of the south-west and north-east corners of the frame, to 0.1 m."""
    west, south, east, north = frame.bounds
    return [
        _small(f"X={south:,.1f} Y={west:,.1f}", 0, frame.height_mm + 3.4, "start"),
        _small(f"X={north:,.1f} Y={east:,.1f}", frame.width_mm, -1.6, "end"),
    ]


def _tick(x: float, y: float, dx: float, dy: float) -> str:
    return f'<path d="M{x:.3f},{y:.3f} l{dx:g},{dy:g}" stroke="{_INK}" stroke-width="0.2"/>'


def _cross(x: float, y: float) -> str:
    data = f"M{x - 1.2:.3f},{y:.3f} h2.4 M{x:.3f},{y - 1.2:.3f} v2.4"
    return f'<path d="{data}" stroke="{_GREY}" stroke-width="0.15" fill="none"/>'


def _small(text: str, x: float, y: float, anchor: str = "middle") -> str:
    return (
        f'<text x="{x:.2f}" y="{y:.2f}" font-size="{_SMALL_SIZE:g}" text-anchor="{anchor}" fill="{_INK}">'
        f"{escape(text)}</text>"
    )


def _turned(text: str, x: float, y: float) -> str:
    return (
        f'<text transform="translate({x:.2f} {y:.2f}) rotate(-90)" font-size="{_SMALL_SIZE:g}" text-anchor="middle" '
        f'fill="{_INK}">{escape(text)}</text>'
    )


def furniture(
    scale: int, width_mm: float, plane: str, legend: Legend, subject_ink: str = SUBJECT_INK
) -> tuple[str, float]:
    """North, scale and bar, legend and attribution below the frame; SVG and its height in mm."""
    head = "".join(
        (
            _north(5, 6),
            f'<text x="12" y="4.2" font-size="3.2" font-weight="bold" fill="{_INK}">縮尺 1/{scale:,}</text>',
            _small("A4に等倍（100%）で印刷したとき", 12, 8, "start"),
            _bar(scale, 52, 4.2),
            _small(plane, width_mm, 4.2, "end"),
            _small("上が座標北・数値は図郭の座標（m）", width_mm, 7.4, "end"),
        )
    )
    rows, rows_height = _rows(legend, width_mm, subject_ink)
    notes = [line for text in legend.attributions for line in wrap(text, width_mm, _SMALL_SIZE)]
    feet = "".join(
        _small(line, 0, 12.5 + rows_height + 2.8 * (number + 1), "start") for number, line in enumerate(notes)
    )
    return f'{head}<g transform="translate(0 12)">{rows}</g>{feet}', 12.5 + rows_height + 2.8 * len(notes) + 0.8


def _north(x: float, y: float) -> str:
    """An arrow to the plane's north with 北 beside it."""
    return (
        f'<path d="M{x},{y - 5.5} l2,8 l-2,-1.6 z" fill="{_INK}"/>'
        f'<path d="M{x},{y - 5.5} l-2,8 l2,-1.6 z" fill="#ffffff" stroke="{_INK}" stroke-width="0.2"/>'
        f'<text x="{x + 2.4}" y="{y - 2.6}" font-size="2.4" fill="{_INK}">北</text>'
    )


def _bar(scale: int, x: float, y: float) -> str:
    """A bar of four parts; the whole is `bar_metres(scale)` long on the ground, exactly."""
    metres = bar_metres(scale)
    length = metres * 1000 / scale
    part = length / 4
    cells = "".join(
        f'<rect x="{x + number * part:.4f}" y="{y:g}" width="{part:.4f}" height="1.2" '
        f'fill="{_INK if number % 2 == 0 else "#ffffff"}"/>'
        for number in range(4)
    )
    figures = ((0.0, "0"), (0.5, f"{metres / 2:g}"), (1.0, f"{metres:g}m"))
    marks = "".join(_small(text, x + length * share, y - 0.9) for share, text in figures)
    rim = (
        f'<path d="M{x:.4f},{y:g} h{length:.4f} v1.2 h{-length:.4f} Z" '
        f'fill="none" stroke="{_INK}" stroke-width="0.12"/>'
    )
    return f'<g class="scale-bar" data-metres="{metres:g}" data-length-mm="{length:.4f}">{cells}{rim}{marks}</g>'


def _rows(legend: Legend, width_mm: float, subject_ink: str) -> tuple[str, float]:
    """The legend in columns, read along the rows; SVG and its height in mm."""
    column = width_mm / _COLUMNS
    swatches = [swatch(style, kind) for style, kind in legend.entries]
    words = [style.label for style, _ in legend.entries]
    if legend.subject:
        swatches.insert(0, subject_swatch(subject_ink))
        words.insert(0, legend.subject)
    wrapped = [wrap(text, column - _SWATCH_MM - 2, _LEGEND_SIZE) for text in words]
    parts: list[str] = []
    y = 0.0
    for start in range(0, len(words), _COLUMNS):
        for offset, lines in enumerate(wrapped[start : start + _COLUMNS]):
            x = offset * column
            parts.append(f'<g transform="translate({x:.2f} {y:.2f})">{swatches[start + offset]}</g>')
            parts += [
                f'<text x="{x + _SWATCH_MM:.2f}" y="{y + 2.5 + _LINE_MM * number:.2f}" font-size="{_LEGEND_SIZE:g}" '
                f'fill="{_INK}">{escape(line)}</text>'
                for number, line in enumerate(lines)
            ]
        y += _LINE_MM * max(len(lines) for lines in wrapped[start : start + _COLUMNS]) + 0.8
    return "".join(parts), y


def subject_swatch(ink: str = SUBJECT_INK) -> str:
    """The sample of an inquired parcel, 7 × 3.4 mm."""
    return f'<rect x="0.5" y="0.4" width="6" height="2.6" fill="none" stroke="{ink}" stroke-width="0.6"/>'


def swatch(style: FeatureStyle, kind: str) -> str:
    """A sample of a style, 7 × 3.4 mm, drawn as `kind`: area, line or a marker's name."""
    ink = style.line or style.fill or _INK
    width = style.width * MM_PER_PX
    dashes = " ".join(f"{length * width:g}" for length in style.dashes)
    dash = f'stroke-dasharray="{dashes}"' if dashes else ""
    if kind == "area":
        edge = f'stroke="{style.line}" stroke-width="{width:g}" {dash}' if style.line else ""
        return f'<rect x="0.5" y="0.4" width="6" height="2.6" {area_paint(style, FILL_OPACITY)} {edge}/>'
    if kind == "line":
        return f'<path d="M0.5,1.7 h6" stroke="{ink}" stroke-width="{width:g}" fill="none" {dash}/>'
    return f'<path transform="translate(3.5 1.7) scale(1.3)" d="{MARKERS[kind]}" fill="{style.fill or ink}"/>'
