"""What lies in a tile of a published layer, decoded from its file, with the features around it where a mark reaches over."""

from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any, NamedTuple

import mapbox_vector_tile

from gis.mvt import EXTENT, inflate
from layers.store.definitions import Layer
from layers.store.tiles.address import Tile
from layers.store.tiles.archive import TileArchive

_MOST_DECODED = 256
Rings = list[list[tuple[float, float]]]


class Feature(NamedTuple):
    """One feature of a tile: its parts in tiles' units from the world's upper left at the file's zoom, and its values."""

    parts: tuple[Rings, ...]
    values: Mapping[str, Any]


class Source(NamedTuple):
    """One layer with its file."""

    layer: Layer
    archive: TileArchive


def parent(archive: TileArchive, tile: Tile) -> Tile:
    """The tile of the file that holds this one: itself, or, beyond the file's highest zoom, the one it is part of."""
    beyond = max(0, tile.z - archive.max_zoom)
    return Tile(tile.z - beyond, tile.x >> beyond, tile.y >> beyond)


def own(source: Source, tile: Tile) -> list[Feature]:
    """The features of the tile, or of the one that it is a part of."""
    return _decoded(source, parent(source.archive, tile))


def near(source: Source, tile: Tile) -> Iterator[Feature]:
    """The features of the tile and of the eight around it, each once: a mark at the edge stands in two tiles."""
    last = (1 << tile.z) - 1
    columns = range(max(tile.x - 1, 0), min(tile.x + 1, last) + 1)
    rows = range(max(tile.y - 1, 0), min(tile.y + 1, last) + 1)
    seen = set()
    for file_tile in sorted({parent(source.archive, Tile(tile.z, x, y)) for x in columns for y in rows}):
        for feature in _points(source.archive, source.layer.id, file_tile):
            key = (repr(feature.parts), repr(sorted(feature.values.items())))
            if key not in seen:
                seen.add(key)
                yield feature


@lru_cache(maxsize=_MOST_DECODED)
def _points(archive: TileArchive, name: str, tile: Tile) -> list[Feature]:
    """Points are asked for by nine tiles each, and are few."""
    return _decode(archive, name, tile)


def _decoded(source: Source, tile: Tile) -> list[Feature]:
    return _decode(source.archive, source.layer.id, tile)


def _decode(archive: TileArchive, name: str, tile: Tile) -> list[Feature]:
    part = archive.fragment(tile)
    if part.is_empty:
        return []
    found = mapbox_vector_tile.decode(inflate(part), default_options={"y_coord_down": True})
    right, down = tile.x * EXTENT, tile.y * EXTENT
    return [
        Feature(_parts(feature["geometry"], right, down), feature["properties"])
        for feature in found.get(name, {"features": []})["features"]
    ]


def _parts(geometry: Mapping[str, Any], right: int, down: int) -> tuple[Rings, ...]:
    """Polygons as outer ring and holes; a line or a point is one ring of its own."""
    kind, given = geometry["type"], geometry["coordinates"]
    if "Point" in kind:
        polygons = [[[point]] for point in ([given] if kind == "Point" else given)]
    elif "LineString" in kind:
        polygons = [[line] for line in ([given] if kind == "LineString" else given)]
    else:
        polygons = [given] if kind == "Polygon" else given
    return tuple([[(x + right, y + down) for x, y in ring] for ring in rings] for rings in polygons)
