"""Tiles of one layer read from a PMTiles file (version 3), each as a fragment of `gis.mvt`, so that tiles of layers join.

The file is mapped, not read: what is asked for often is in the system's page cache, for every process alike.
"""

import mmap
from functools import lru_cache
from pathlib import Path

from pmtiles.tile import (
    Compression,
    Entry,
    MagicNumberNotFound,
    SpecVersionUnsupported,
    TileType,
    deserialize_directory,
    deserialize_header,
    find_tile,
    zxy_to_tileid,
)

from gis.mvt import EMPTY, Fragment, from_gzip
from layers.store.errors import StoreError
from layers.store.tiles.address import Tile
from layers.store.tiles.description import Bounds

_HEADER_BYTES = 127
_DEEPEST = 4
"""Directories between the root and a tile, as the format has it."""
_LEAVES_KEPT = 256
_E7 = 10_000_000


class ArchiveError(StoreError):
    """A file of tiles is not one that can be served."""


class TileArchive:
    """One open file; it may be read from several threads, and goes on being read after the file's name is gone."""

    def __init__(self, path: Path) -> None:
        try:
            with path.open("rb") as file:
                self._bytes = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
            self._header = deserialize_header(self._bytes[:_HEADER_BYTES])
        except (OSError, ValueError, IndexError, MagicNumberNotFound, SpecVersionUnsupported) as error:
            raise ArchiveError(f"タイルのファイル {path.name} が読めません。公開し直してください。") from error
        if self._header["tile_type"] is not TileType.MVT or self._header["tile_compression"] is not Compression.GZIP:
            raise ArchiveError(f"タイルのファイル {path.name} は gzip のベクトルタイルではありません。")
        self._directory = lru_cache(_LEAVES_KEPT)(self._read_directory)

    @property
    def min_zoom(self) -> int:
        """The lowest zoom with a tile."""
        return self._header["min_zoom"]

    @property
    def max_zoom(self) -> int:
        """The highest zoom with a tile; a map enlarges its tiles beyond."""
        return self._header["max_zoom"]

    @property
    def bounds(self) -> Bounds:
        """West, south, east, north in degrees."""
        head = self._header
        numbers = (head["min_lon_e7"], head["min_lat_e7"], head["max_lon_e7"], head["max_lat_e7"])
        west, south, east, north = (number / _E7 for number in numbers)
        return west, south, east, north

    def content(self, start: int, end: int) -> bytes:
        """Bytes of the file itself."""
        return self._bytes[start:end]

    def fragment(self, tile: Tile) -> Fragment:
        """The layer's part of a tile, empty where nothing lies. Raises ArchiveError for a damaged file."""
        content = self._find(zxy_to_tileid(*tile))
        if content is None:
            return EMPTY
        try:
            return from_gzip(content)
        except ValueError as error:
            raise ArchiveError("タイルのファイルが壊れています。公開し直してください。") from error

    def _find(self, tile_id: int) -> bytes | None:
        offset, length = self._header["root_offset"], self._header["root_length"]
        for _ in range(_DEEPEST):
            entry = find_tile(self._directory(offset, length), tile_id)
            if entry is None:
                return None
            if entry.run_length > 0:
                start = self._header["tile_data_offset"] + entry.offset
                return self._bytes[start : start + entry.length]
            offset, length = self._header["leaf_directory_offset"] + entry.offset, entry.length
        return None

    def _read_directory(self, offset: int, length: int) -> list[Entry]:
        entries: list[Entry] = deserialize_directory(self._bytes[offset : offset + length])
        return entries
