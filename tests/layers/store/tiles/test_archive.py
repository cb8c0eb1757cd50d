"""Tiles out of a PMTiles file are those that were put in, from the root directory or a leaf; a damaged file is told."""

import gzip
from pathlib import Path

import pytest
from pmtiles.tile import Compression, TileType, zxy_to_tileid
from pmtiles.writer import Writer

from gis.mvt import fragment, inflate, join
from layers.store.tiles.address import Tile
from layers.store.tiles.archive import ArchiveError, TileArchive

ZOOM, SIDE = 9, 150
"""22,500 tiles: more than a root directory holds, so that there are leaves."""


def written(path: Path, kind: TileType = TileType.MVT) -> Path:
    tiles = sorted((zxy_to_tileid(ZOOM, x, y), x, y) for x in range(SIDE) for y in range(SIDE))
    with path.open("wb") as file:
        writer = Writer(file)
        for number, x, y in tiles:
            writer.write_tile(number, join([fragment(f"{x}/{y}".encode())]).gzipped())
        header = {
            "tile_type": kind, "tile_compression": Compression.GZIP, "min_lon_e7": 1_400_000_000, "min_lat_e7": 370_000_000,
            "max_lon_e7": 1_410_000_000, "max_lat_e7": 380_000_000, "center_zoom": ZOOM, "center_lon_e7": 0, "center_lat_e7": 0,
        }  # fmt: skip
        writer.finalize(header, {})
    return path


def test_every_tile_is_the_one_that_was_put_there(tmp_path: Path) -> None:
    archive = TileArchive(written(tmp_path / "a.pmtiles"))

    for x in range(0, SIDE, 7):
        for y in range(0, SIDE, 11):
            assert inflate(archive.fragment(Tile(ZOOM, x, y))) == f"{x}/{y}".encode()
    assert archive.fragment(Tile(ZOOM, SIDE, 0)).is_empty
    assert archive.fragment(Tile(ZOOM + 1, 0, 0)).is_empty
    assert (archive.min_zoom, archive.max_zoom, archive.bounds) == (ZOOM, ZOOM, (140.0, 37.0, 141.0, 38.0))


def test_an_open_file_is_read_on_after_its_name_is_gone(tmp_path: Path) -> None:
    archive = TileArchive(written(tmp_path / "a.pmtiles"))
    (tmp_path / "a.pmtiles").unlink()

    assert inflate(archive.fragment(Tile(ZOOM, 1, 2))) == b"1/2"


def test_what_is_no_archive_of_vector_tiles_is_refused(tmp_path: Path) -> None:
    (tmp_path / "empty").write_bytes(b"")
    (tmp_path / "other").write_bytes(gzip.compress(b"x" * 500))
    for path in (tmp_path / "none", tmp_path / "empty", tmp_path / "other", written(tmp_path / "png", TileType.PNG)):
        with pytest.raises(ArchiveError):
            TileArchive(path)
