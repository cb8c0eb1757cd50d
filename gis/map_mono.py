"""Maps for black and white printers: each kind of area gets a hatching of its own in the place of its colour, the graver the
denser."""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace

import numpy as np
import shapely

from gis.map_symbols import PATTERNS, FeatureStyle
from gis.mapsheet import MapLayer

BLACK, GREY = "#000000", "#6E6E6E"
_GROUNDS = (None, "#D9D9D9")
_AREA = 2
UNIT_MM, STROKE = 0.75, 0.2
"""Wider and thinner than in colour: what is hatched must still be read through."""
RANKED = ("dots", "diagonal", "cross_diagonal", "lattice", "close_lattice", "dense_lattice")
"""Hatchings from the lightest to the darkest, for kinds of area that stand in an order, such as depths. The strokes of each are
among those of the next, so that where areas lie over one another the darker is seen."""
_UNRANKED = tuple(name for name in PATTERNS if name not in RANKED)


@dataclass
class Hatching:
    """Deals hatchings out in order: every pattern in black, then in grey, then both again over a light grey ground.

    A style with a rank has the hatching of its rank, which no style without one gets, so that deeper is always darker.
    The same style gets the same hatching on every map that one `Hatching` draws.
    """

    _dealt: dict[FeatureStyle, FeatureStyle] = field(default_factory=dict)
    _areas: int = 0

    def layers(self, layers: Iterable[MapLayer]) -> tuple[MapLayer, ...]:
        """The layers without colour."""
        return tuple(self._layer(layer) for layer in layers)

    def _layer(self, layer: MapLayer) -> MapLayer:
        areas = shapely.get_dimensions(layer.geometries) == _AREA
        styles = tuple(
            self._style(style, bool(is_area)) for style, is_area in zip(layer.styles, np.asarray(areas), strict=True)
        )
        if not any(style.rank for style in styles):
            return replace(layer, styles=styles)
        order = sorted(range(len(styles)), key=lambda at: styles[at].rank)
        return replace(
            layer,
            geometries=layer.geometries[order],
            styles=tuple(styles[at] for at in order),
            labels=tuple(layer.labels[at] for at in order) if layer.labels else layer.labels,
        )

    def _style(self, style: FeatureStyle, is_area: bool) -> FeatureStyle:
        if style not in self._dealt:
            self._dealt[style] = self._hatched(style) if is_area and style.fill else _uncoloured(style)
        return self._dealt[style]

    def _hatched(self, style: FeatureStyle) -> FeatureStyle:
        width = max(style.width, 1.0)
        if style.rank:
            darkest = min(style.rank, len(RANKED))
            return FeatureStyle(style.label, None, BLACK, width, RANKED[darkest - 1], rank=style.rank)
        turn, place = divmod(self._areas, len(_UNRANKED))
        self._areas += 1
        ink = (BLACK, GREY)[turn % 2]
        ground = _GROUNDS[turn // 2 % len(_GROUNDS)]
        return FeatureStyle(style.label, ground, ink, width, _UNRANKED[place])


def _uncoloured(style: FeatureStyle) -> FeatureStyle:
    """Lines, outlines and points in black."""
    pattern = None if style.pattern in PATTERNS else style.pattern
    return FeatureStyle(style.label, BLACK if style.icon else None, BLACK, style.width, pattern, style.icon)
