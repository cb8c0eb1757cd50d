"""The difference as a drawing (SVG): what comes, goes, changes and stays, told apart by form as well as by colour."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from layers.publication.differences import Difference

WIDTH, HEIGHT, MARGIN, LEGEND = 720.0, 480.0, 16.0, 36.0
_DOT = 4.0


@dataclass(frozen=True)
class _Manner:
    """How one kind of rows is drawn."""

    label: str
    line: str
    fill: str
    width: float
    dashes: str = ""


_SAME = _Manner("同じ", "#9A9A9A", "#E4E4E4", 0.5)
_REMOVED = _Manner("なくなる", "#B3261E", "none", 1.6, "5 3")
_CHANGED = _Manner("変わる", "#8A5A00", "#FFD479", 1.2)
_ADDED = _Manner("増える", "#00558C", "#9CCBEF", 1.2)


def draw(difference: Difference) -> str:
    """The drawing as a whole SVG document; with changes it shows where they are, without any all that is published."""
    shapes = difference.shapes
    layers = [
        (_SAME, shapely.from_wkb(shapes.same), difference.same),
        (_REMOVED, shapely.from_wkb(shapes.removed), difference.removed),
        (_CHANGED, shapely.from_wkb(shapes.changed), difference.changed),
        (_ADDED, shapely.from_wkb(shapes.added), difference.added),
    ]
    moving = [found for _, found, _ in layers[1:]]
    frame = _frame(moving if any(len(found) for found in moving) else [layers[0][1]])
    body = [
        (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH:g} {HEIGHT:g}" role="img" '
            f'aria-label="{_escaped(" ".join(difference.sentences()))}">'
        ),
        f'<rect width="{WIDTH:g}" height="{HEIGHT:g}" fill="#FFFFFF"/>',
    ]
    if frame is not None:
        clip = shapely.box(*frame.seen)
        body += [_group(manner, found[shapely.intersects(found, clip)], frame) for manner, found, _ in layers]
    body += _legend([(manner, count) for manner, _, count in layers])
    return "".join([*body, "</svg>"])


@dataclass(frozen=True)
class _Frame:
    """From plane metres to the drawing."""

    west: float
    north: float
    scale: float

    @property
    def seen(self) -> tuple[float, float, float, float]:
        across, down = WIDTH / self.scale, (HEIGHT - LEGEND) / self.scale
        return self.west, self.north - down, self.west + across, self.north

    def to_page(self, points: np.ndarray) -> np.ndarray:
        """Points in units of the drawing."""
        return np.column_stack(((points[:, 0] - self.west), (self.north - points[:, 1]))) * self.scale


def _frame(groups: Iterable[np.ndarray]) -> _Frame | None:
    found = [shapely.total_bounds(group) for group in groups if len(group)]
    if not found:
        return None
    west, south = (min(float(box[side]) for box in found) for side in (0, 1))
    east, north = (max(float(box[side]) for box in found) for side in (2, 3))
    across, down = max(east - west, 50.0), max(north - south, 50.0)
    scale = min((WIDTH - 2 * MARGIN) / across, (HEIGHT - LEGEND - 2 * MARGIN) / down)
    middle_x, middle_y = (west + east) / 2, (south + north) / 2
    return _Frame(middle_x - WIDTH / scale / 2, middle_y + (HEIGHT - LEGEND) / scale / 2, scale)


def _group(manner: _Manner, shapes: np.ndarray, frame: _Frame) -> str:
    simple = shapely.simplify(shapes, 0.5 / frame.scale)
    drawn = "".join(_path(shape, frame) for shape in simple if shape is not None and not shape.is_empty)
    if not drawn:
        return ""
    is_line = shapes[0].geom_type.endswith("LineString")
    fill = "none" if is_line else manner.fill
    width = manner.width * 1.6 if is_line else manner.width
    dashes = f' stroke-dasharray="{manner.dashes}"' if manner.dashes else ""
    return (
        f'<path d="{drawn}" fill="{fill}" fill-rule="evenodd" stroke="{manner.line}" stroke-width="{width:g}"'
        f'{dashes} stroke-linejoin="round"/>'
    )


def _path(shape: BaseGeometry, frame: _Frame) -> str:
    if shape.geom_type == "Point":
        (x, y) = frame.to_page(shapely.get_coordinates(shape))[0]
        return f"M{x - _DOT:.1f} {y:.1f}a{_DOT} {_DOT} 0 1 0 {2 * _DOT} 0a{_DOT} {_DOT} 0 1 0 {-2 * _DOT} 0Z"
    closed = "Polygon" in shape.geom_type
    parts = shapely.get_parts(shape)
    rings = [ring for part in parts for ring in shapely.get_rings(part)] if closed else list(parts)
    return "".join(_line(frame.to_page(shapely.get_coordinates(ring)), closed=closed) for ring in rings)


def _line(points: np.ndarray, *, closed: bool) -> str:
    return "M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in points) + ("Z" if closed else "")


def _legend(rows: list[tuple[_Manner, int]]) -> list[str]:
    top = HEIGHT - LEGEND
    drawn = [f'<rect y="{top:g}" width="{WIDTH:g}" height="{LEGEND:g}" fill="#F5F5F5"/>']
    for position, (manner, count) in enumerate(rows):
        left = MARGIN + position * (WIDTH - 2 * MARGIN) / len(rows)
        dashes = f' stroke-dasharray="{manner.dashes}"' if manner.dashes else ""
        drawn.append(
            f'<rect x="{left:g}" y="{top + 10:g}" width="22" height="14" fill="{manner.fill}" stroke="{manner.line}" '
            f'stroke-width="{manner.width:g}"{dashes}/><text x="{left + 30:g}" y="{top + 22:g}" font-size="14" '
            f'font-family="sans-serif" fill="#222222">{_escaped(manner.label)} {count:,} 件</text>'
        )
    return drawn


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace('"', "&quot;")
