"""Where a vector tile lies: the Web Mercator quad."""

import math
from typing import NamedTuple

from gis.errors import OnomapError

MAX_ZOOM = 22
WORLD_M = 2 * math.pi * 6_378_137.0
"""Side of the square that Web Mercator (EPSG:3857) maps the world to, in its own metres."""


class TileAddressError(OnomapError):
    """No such tile can exist."""


class _Address(NamedTuple):
    z: int
    x: int
    y: int


class Tile(_Address):
    """A tile of the Web Mercator quad. Raises TileAddressError outside 0 ≤ x, y < 2^z, z ≤ 22."""

    __slots__ = ()

    def __new__(cls, z: int, x: int, y: int) -> "Tile":
        """Refuse an address that no map has."""
        if not (0 <= z <= MAX_ZOOM and 0 <= x < 1 << z and 0 <= y < 1 << z):
            raise TileAddressError(f"タイル {z}/{x}/{y} はありません（ズームは0〜{MAX_ZOOM}）。")
        return super().__new__(cls, z, x, y)
