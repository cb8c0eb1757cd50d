"""Which tile an address means: the XYZ alias, and the two resources of OGC API – Tiles Part 1 that hold tiles."""

import re
from typing import NamedTuple
from urllib.parse import parse_qs

from pydantic import JsonValue

from layers.store.tiles.address import MAX_ZOOM, Tile, TileAddressError

TILE_MATRIX_SET = "WebMercatorQuad"
MVT = "application/vnd.mapbox-vector-tile"
ZOOM: dict[str, JsonValue] = {"type": "integer", "minimum": 0, "maximum": MAX_ZOOM}
PLACE: dict[str, JsonValue] = {"type": "integer", "minimum": 0, "maximum": 2**MAX_ZOOM - 1}
"""The parts of an address in the description; they are read as text, so that every impossible one is told in a sentence."""
MATRIX: dict[str, JsonValue] = {"enum": [str(zoom) for zoom in range(MAX_ZOOM + 1)]}
"""OGC 20-057 has the matrix as a string, its rows and columns as integers (/req/core/tc-tilematrix-definition and after)."""
MOST_NAMES = 400
"""Letters of a list of layers."""

_XYZ = re.compile(r"/tiles/([^/]+)/([^/]+)/([^/]+)/([^/]+?)(?:\.mvt|\.pbf)?")
_COLLECTION = re.compile(rf"/api/collections/([^/]+)/tiles/{TILE_MATRIX_SET}/([^/]+)/([^/]+)/([^/]+)")
_DATASET = re.compile(rf"/api/tiles/{TILE_MATRIX_SET}/([^/]+)/([^/]+)/([^/]+)")
_NUMBER = re.compile(r"[0-9]{1,8}")


class Asked(NamedTuple):
    """A tile asked for: its layers joined by commas (empty: all), and its address, still as text."""

    names: str
    z: str
    x: str
    y: str


def asked_for(path: str, query: bytes) -> Asked | None:
    """What a path asks for, when it is that of a tile; None when it is something else's.

    OGC counts rows before columns: …/{tileMatrix}/{tileRow}/{tileCol} is z, y, x (OGC 20-057, 7.1).
    """
    if path.startswith("/tiles/"):
        found = _XYZ.fullmatch(path)
        return Asked(*found.groups()) if found else None
    if found := _COLLECTION.fullmatch(path):
        name, z, row, column = found.groups()
        return Asked(name, z, column, row)
    if found := _DATASET.fullmatch(path):
        z, row, column = found.groups()
        names = parse_qs(query.decode("ascii", "replace")).get("collections", [""])
        return Asked(",".join(names), z, column, row)
    return None


def tile_of(asked: Asked) -> Tile:
    """The tile's address. Raises TileAddressError for what is no number and for what lies outside the world."""
    if not all(_NUMBER.fullmatch(part) for part in asked[1:]):
        raise TileAddressError("タイルの番地は z・x・y の整数で書いてください。")
    if len(asked.names) > MOST_NAMES:
        raise TileAddressError(f"レイヤの並びは{MOST_NAMES}字までにしてください。")
    return Tile(int(asked.z), int(asked.x), int(asked.y))
