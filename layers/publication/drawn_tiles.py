"""Published tiles as pictures, for a browser that cannot draw a map itself: the same files and legends, drawn here.

Names of places are written by a rule that looks at what is near only: the same name is written, or not, on both sides of a
tile's edge. Names along lines are not written.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from zlib import crc32

from shapely import Polygon

from gis.map_canvas import LABEL_SIZE_PX, Box, MapCanvas, label_box
from gis.map_symbols import LINE_PATTERNS, PATTERNS
from gis.mvt import EXTENT
from layers.publication.tile_features import Feature, Source, near, own
from layers.store.definitions import GeometryKind, Layer, LegendEntry
from layers.store.legend_style import FILL_OPACITY, INK, PATTERN_OPACITY, WIDTHS, label_of
from layers.store.tiles.address import Tile
from layers.store.tiles.band_plan import LABELLED_ELSEWHERE

TILE_PX = 256
DRAWING = 1
"""To be raised whenever the same tile comes out as another picture: it is part of the entity tag."""
_LABEL_BELOW_PX = 0.8 * LABEL_SIZE_PX
_LONGEST_NAME = 24
"""Letters of a name that are written: half of it must fit into a tile, since only the tiles around are looked at."""


@dataclass(frozen=True)
class _Name:
    """A name that may be written; the one with the lower rank has the place."""

    rank: tuple[int, int, float, float]
    box: Box
    text: str


@dataclass(frozen=True)
class _View:
    """From the units of a file's zoom to the CSS pixels of a tile."""

    tile: Tile
    factor: float

    def __call__(self, ring: Iterable[tuple[float, float]]) -> list[tuple[float, float]]:
        left, top, factor = self.tile.x * TILE_PX, self.tile.y * TILE_PX, self.factor
        return [(x * factor - left, y * factor - top) for x, y in ring]


def draw_tile(sources: Sequence[Source], tile: Tile, scale: int) -> bytes | None:
    """The tile as PNG, 256 × `scale` pixels wide, with nothing where nothing lies; None when that is everywhere.

    Raises ArchiveError for a damaged file.
    """
    canvas = MapCanvas(TILE_PX, scale)
    shown = [source for source in sources if tile.z >= source.archive.min_zoom]
    areas = [source for source in shown if source.layer.geometry is GeometryKind.POLYGON]
    points = [source for source in shown if source.layer.geometry is GeometryKind.POINT]
    shapes = [(source, own(source, tile)) for source in shown if source.layer.geometry is not GeometryKind.POINT]
    around = [(source, list(near(source, tile))) for source in points]
    if not any(features for _, features in (*shapes, *around)):
        return None
    for source, features in shapes:
        if source in areas:
            _fill(canvas, source.layer, _by_row(source.layer, features), _view(source, tile))
    for source, features in shapes:
        _outline(canvas, source.layer, _by_row(source.layer, features), _view(source, tile))
    for source, features in around:
        _mark(canvas, source.layer, features, _view(source, tile))
    _write(canvas, [*_point_names(around, tile)], [*_area_names(shapes, tile)])
    return canvas.png()


def _view(source: Source, tile: Tile) -> _View:
    beyond = max(0, tile.z - source.archive.max_zoom)
    return _View(tile, TILE_PX / EXTENT * 2**beyond)


def _by_row(layer: Layer, features: Iterable[Feature]) -> list[tuple[LegendEntry, list[Feature]]]:
    """The features of each legend row: the first row that fits a feature has it."""
    rows: list[tuple[LegendEntry, list[Feature]]] = [(entry, []) for entry in layer.legend]
    for feature in features:
        for entry, taken in rows:
            if _fits(entry, feature):
                taken.append(feature)
                break
    return [(entry, taken) for entry, taken in rows if taken]


def _fits(entry: LegendEntry, feature: Feature) -> bool:
    return all(_text(feature.values.get(name)) == code for name, code in entry.values.items())


def _text(value: object) -> str:
    """A value as the style's `to-string` writes it."""
    if value is None or isinstance(value, bool):
        return "" if value is None else str(value).lower()
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)


def _fill(canvas: MapCanvas, layer: Layer, rows: list[tuple[LegendEntry, list[Feature]]], view: _View) -> None:
    for entry, features in rows:
        if entry.fill is None and entry.pattern not in PATTERNS:
            continue
        mask = canvas.area_mask([view(ring) for ring in rings] for feature in features for rings in feature.parts)
        if entry.fill is not None:
            canvas.fill(mask, entry.fill, FILL_OPACITY)
        if entry.pattern in PATTERNS:
            canvas.hatch(mask, str(entry.pattern), entry.line or INK, PATTERN_OPACITY)


def _outline(canvas: MapCanvas, layer: Layer, rows: list[tuple[LegendEntry, list[Feature]]], view: _View) -> None:
    for entry, features in rows:
        dashes = LINE_PATTERNS.get(entry.pattern or "") or (LINE_PATTERNS["dash"] if entry.dashed else ())
        lines = [view(ring) for feature in features for rings in feature.parts for ring in rings]
        canvas.lines(lines, entry.line or entry.fill or INK, _width(entry.width, view.tile.z), dashes)


def _width(width: float, zoom: int) -> float:
    """As the style of the map has it: thinner where the town is small."""
    stops = list(WIDTHS.items())
    if zoom <= stops[0][0]:
        return width * stops[0][1]
    for (low, first), (high, second) in pairwise(stops):
        if zoom <= high:
            return width * (first + (second - first) * (zoom - low) / (high - low))
    return width * stops[-1][1]


def _mark(canvas: MapCanvas, layer: Layer, features: list[Feature], view: _View) -> None:
    for entry, taken in _by_row(layer, features):
        for at in (view(ring)[0] for feature in taken for rings in feature.parts for ring in rings):
            canvas.marker(at, entry.icon or "circle", entry.fill or entry.line or INK, entry.line or "#FFFFFF")


def _point_names(around: list[tuple[Source, list[Feature]]], tile: Tile) -> Iterator[_Name]:
    for order, (source, features) in enumerate(around):
        if tile.z < source.layer.label_zoom:
            continue
        view = _view(source, tile)
        for feature in features:
            text = label_of(source.layer, feature.values)[:_LONGEST_NAME]
            for place in (rings[0][0] for rings in feature.parts) if text else ():
                x, y = view([place])[0]
                box = label_box(text, x, y + _LABEL_BELOW_PX)
                if box is not None:
                    yield _Name((order, crc32(text.encode()), *place), box, text)


def _area_names(shapes: list[tuple[Source, list[Feature]]], tile: Tile) -> Iterator[_Name]:
    """Names in the middle of areas, where they lie wholly within the tile."""
    for order, (source, features) in enumerate(shapes):
        layer = source.layer
        if layer.geometry is not GeometryKind.POLYGON or tile.z < layer.label_zoom:
            continue
        view = _view(source, tile)
        for feature in features:
            text = label_of(layer, feature.values)[:_LONGEST_NAME]
            if not text or feature.values.get(LABELLED_ELSEWHERE):
                continue
            largest = max(
                (Polygon(view(rings[0]), [view(ring) for ring in rings[1:]]) for rings in feature.parts), key=_area
            )
            if largest.area >= TILE_PX**2:
                # an area all around would have its name in every tile
                continue
            at = largest.representative_point()
            box = label_box(text, at.x, at.y - LABEL_SIZE_PX / 2)
            if box is not None and min(box) >= 0 and max(box) <= TILE_PX:
                yield _Name((order, crc32(text.encode()), at.x, at.y), box, text)


def _area(polygon: Polygon) -> float:
    return float(polygon.area)


def _write(canvas: MapCanvas, points: list[_Name], areas: list[_Name]) -> None:
    """Write the names that no other one with a better rank overlaps; names of places go before those of areas."""
    for name in points:
        if not any(other.rank < name.rank and _overlap(name.box, other.box) for other in points):
            canvas.label(name.box, name.text)
    for name in areas:
        before = [*points, *(other for other in areas if other.rank < name.rank)]
        if not any(_overlap(name.box, other.box) for other in before):
            canvas.label(name.box, name.text)


def _overlap(one: Box, other: Box) -> bool:
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]
