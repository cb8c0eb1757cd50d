"""How a feature looks on paper or screen: fill, outline, a pattern so that colour never stands alone, a marker."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import sha256
from xml.sax.saxutils import quoteattr

from gis.errors import OnomapError

_COLOUR = re.compile(r"#[0-9A-Fa-f]{6}")

FILL_OPACITY = 0.55
MM_PER_PX = 0.25
SUBJECT_INK = "#C00000"
PATTERN_UNIT_MM = 0.45
PATTERN_STROKE = 0.5

PATTERNS: dict[str, tuple[str, ...]] = {
    "diagonal": ("M-1,1 l2,-2 M0,4 l4,-4 M3,5 l2,-2",),
    "back_diagonal": ("M-1,3 l2,2 M0,0 l4,4 M3,-1 l2,2",),
    "cross": ("M0,2 h4", "M2,0 v4"),
    "cross_diagonal": ("M0,0 l4,4", "M0,4 l4,-4"),
    "horizontal": ("M0,2 h4",),
    "vertical": ("M2,0 v4",),
    "dots": ("M1.6,2 a0.4,0.4 0 1 0 0.8,0 a0.4,0.4 0 1 0 -0.8,0",),
    "dense_dots": (
        "M0.6,1 a0.4,0.4 0 1 0 0.8,0 a0.4,0.4 0 1 0 -0.8,0",
        "M2.6,3 a0.4,0.4 0 1 0 0.8,0 a0.4,0.4 0 1 0 -0.8,0",
    ),
    "lattice": ("M-1,-1 l6,6", "M-1,1 l2,-2 M0,4 l4,-4 M3,5 l2,-2", "M-1,3 l4,-4 M1,5 l4,-4"),
    "close_lattice": (
        "M-1,-1 l6,6 M-1,1 l4,4 M1,-1 l4,4",
        "M-1,1 l2,-2 M0,4 l4,-4 M3,5 l2,-2",
        "M-1,3 l4,-4 M1,5 l4,-4",
    ),
    "dense_lattice": (
        "M-1,-1 l6,6 M-1,1 l4,4 M1,-1 l4,4",
        "M-1,1 l2,-2 M0,4 l4,-4 M3,5 l2,-2",
        "M-1,3 l4,-4 M1,5 l4,-4",
        "M0,2 h4",
        "M2,0 v4",
    ),
}
"""Tile of 4 × 4 units by name, as SVG path data; `dots` patterns are filled, the others stroked."""

LINE_PATTERNS: dict[str, tuple[float, ...]] = {"dash": (6, 3), "dot": (1, 3), "dash_dot": (6, 2, 1, 2)}
"""Dashes of a line, in multiples of its width."""

MARKERS: dict[str, str] = {
    "circle": "M-1,0 a1,1 0 1 0 2,0 a1,1 0 1 0 -2,0Z",
    "square": "M-0.9,-0.9 h1.8 v1.8 h-1.8Z",
    "triangle": "M0,-1.1 L1,0.8 L-1,0.8Z",
    "diamond": "M0,-1.2 L1.2,0 L0,1.2 L-1.2,0Z",
    "inverted_triangle": "M0,1.1 L1,-0.8 L-1,-0.8Z",
    "cross": "M-0.35,-1 h0.7 v0.65 h0.65 v0.7 h-0.65 v0.65 h-0.7 v-0.65 h-0.65 v-0.7 h0.65Z",
    "pentagon": "M0,-1.1 L1.05,-0.34 L0.65,0.9 L-0.65,0.9 L-1.05,-0.34Z",
}
"""Outline of a point symbol with a radius of one unit; a sheet deals them out so that no two entries look alike."""


class MapStyleError(OnomapError):
    """A style asks for a colour or a pattern that does not exist."""


@dataclass(frozen=True)
class FeatureStyle:
    """The look of a feature and the words that stand for it in the legend.

    `fill` and `line` are `#RRGGBB`; `width` is in CSS pixels as in a `layer.toml` (1 px is drawn 0.25 mm wide).
    `pattern` is a key of `PATTERNS` for areas or of `LINE_PATTERNS` for lines, `icon` one of `MARKERS` for points.
    `rank` says how grave it is beside others of its layer, from 1 on; 0 where they stand in no order.
    MapStyleError names what is not known.
    """

    label: str
    fill: str | None = None
    line: str | None = None
    width: float = 1.0
    pattern: str | None = None
    icon: str | None = None
    rank: int = 0

    def __post_init__(self) -> None:
        for colour in (self.fill, self.line):
            if colour is not None and not _COLOUR.fullmatch(colour):
                raise MapStyleError(f"凡例「{self.label}」の色 {colour!r} は #RRGGBB の形で書いてください。")
        if self.pattern is not None and self.pattern not in PATTERNS and self.pattern not in LINE_PATTERNS:
            known = "、".join([*PATTERNS, *LINE_PATTERNS])
            raise MapStyleError(f"凡例「{self.label}」の模様 {self.pattern!r} はありません。使えるのは {known} です。")
        if self.icon is not None and self.icon not in MARKERS:
            known = "、".join(MARKERS)
            raise MapStyleError(f"凡例「{self.label}」の記号 {self.icon!r} はありません。使えるのは {known} です。")

    @property
    def pattern_id(self) -> str | None:
        """Name of this style's tile inside a document; None when the area is plain."""
        if self.pattern not in PATTERNS:
            return None
        digest = sha256(f"{self.pattern}{self.fill}{self.line}".encode()).hexdigest()
        return f"pattern-{digest[:10]}"

    @property
    def dashes(self) -> tuple[float, ...]:
        """Dash lengths in multiples of the line width; empty when the line is solid."""
        return LINE_PATTERNS.get(self.pattern or "", ())


def pattern_definitions(
    styles: Iterable[FeatureStyle], unit: float, fill_opacity: float, stroke: float = PATTERN_STROKE
) -> str:
    """SVG `<pattern>` elements for the tiles these styles use; `unit` is a quarter of a tile in user units, `stroke` the
    width of its lines in those quarters."""
    tiles = {style.pattern_id: style for style in styles if style.pattern_id}
    return "".join(_tile(style, unit, fill_opacity, stroke) for style in tiles.values())


def _tile(style: FeatureStyle, unit: float, fill_opacity: float, stroke: float) -> str:
    """One tile: the fill below, the pattern in the line colour above."""
    size = 4 * unit
    ink = style.line or "#333333"
    parts = [f'<rect width="4" height="4" fill="{style.fill}" fill-opacity="{fill_opacity}"/>'] if style.fill else []
    paint = (
        f'fill="{ink}"' if "dots" in (style.pattern or "") else f'fill="none" stroke="{ink}" stroke-width="{stroke:g}"'
    )
    parts += [f'<path d="{data}" {paint}/>' for data in PATTERNS[style.pattern or ""]]
    return (
        f'<pattern id={quoteattr(style.pattern_id or "")} patternUnits="userSpaceOnUse" '
        f'width="{size:g}" height="{size:g}" viewBox="0 0 4 4">{"".join(parts)}</pattern>'
    )


def area_paint(style: FeatureStyle, fill_opacity: float) -> str:
    """SVG fill attributes of an area."""
    if style.pattern_id:
        return f'fill="url(#{style.pattern_id})"'
    return f'fill="{style.fill}" fill-opacity="{fill_opacity}"' if style.fill else 'fill="none"'


class MarkerBook:
    """Gives each point style its icon, or deals it the next shape when it is first drawn, and round again at the end."""

    def __init__(self) -> None:
        self._dealt: dict[FeatureStyle, str] = {}

    def of(self, style: FeatureStyle) -> str:
        """The marker's name in `MARKERS`."""
        if style.icon:
            return style.icon
        names = list(MARKERS)
        return self._dealt.setdefault(style, names[len(self._dealt) % len(names)])
