"""GeoTIFFs for the tests of rasters: made-up heights whose truth is a formula, and real pictures put into the town."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest
import rasterio
from pyproj import Transformer
from rasterio.transform import from_origin

from layers.store.catalogue import load_catalogue
from layers.store.database import Database
from layers.store.instance import Store
from layers.store.settings import load_settings
from layers.store.tiles.address import Tile

WEST, NORTH, CELL_M, CELLS = 64_000.0, 146_000.0, 5.0, 1_200
MIDDLE = (WEST + CELL_M * CELLS / 2, NORTH - CELL_M * CELLS / 2)
ORTHO_WAYS = ("alpha", "mask", "nodata", "extmask")
"""The ways in which the real pictures mark what they do not know; with NaN and a silent sentinel, all there are."""
TO_DEGREES = Transformer.from_crs(6677, 6668, always_xy=True)


@contextmanager
def store_in(url: str, home: Path) -> Iterator[Store]:
    """A store of its own for the tests of one file: copying a database for each of them takes most of their time."""
    settings = load_settings(home)
    database = Database.open(url, size=4)
    yield Store(settings, load_catalogue(), database)
    database.close()


def height(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Rolling country: metres above the sea at places of EPSG:6677."""
    return 400 + 0.06 * (x - WEST) + 30 * np.sin((x - WEST) / 400) * np.cos((NORTH - y) / 500)


def cells() -> tuple[np.ndarray, np.ndarray]:
    """Positions of the middles of the cells."""
    steps = (np.arange(CELLS) + 0.5) * CELL_M
    x, y = np.meshgrid(WEST + steps, NORTH - steps)
    return x, y


def write(path: Path, bands: np.ndarray, **options: object) -> Path:
    """Write bands (n, rows, columns) as a GeoTIFF in EPSG:6677, unless `options` say otherwise."""
    profile = {
        "driver": "GTiff", "count": len(bands), "height": bands.shape[1], "width": bands.shape[2],
        "dtype": bands.dtype, "crs": "EPSG:6677", "transform": from_origin(WEST, NORTH, CELL_M, CELL_M), **options,
    }  # fmt: skip
    with rasterio.open(path, "w", **profile) as file:
        file.write(bands)
    return path


def heights(path: Path, **options: object) -> Path:
    """The made-up heights as a file."""
    return write(path, height(*cells()).astype(np.float32)[None], **options)


def ortho(shared_data: Path, folder: Path, way: str) -> Path:
    """A real picture that marks its gaps in one of the ways, moved into the town (its pixels stay as they are)."""
    name = f"hro_co_CL_1_{way}.tif" if way else "hro_co_CL_1.tif"
    source = shared_data / "raster" / "hro_ortho" / name
    if not source.is_file():
        pytest.skip(f"the real picture is not here: {source}")
    copy = folder / name
    copy.write_bytes(source.read_bytes())
    beside = source.with_name(f"{name}.msk")
    if beside.is_file():
        shutil.copyfile(beside, copy.with_name(beside.name))
    with rasterio.open(copy, "r+") as file:
        file.crs = "EPSG:6677"
        file.transform = from_origin(*MIDDLE, 0.15, 0.15)
    return copy


def known_pixels(path: Path) -> np.ndarray:
    """Where GDAL says that a file knows its value."""
    with rasterio.open(path) as file:
        return np.asarray(file.dataset_mask() > 0)


def tile_at(x: float, y: float, zoom: int) -> Tile:
    """The tile over a place of EPSG:6677."""
    lon, lat = TO_DEGREES.transform(x, y)
    share = (1 - np.arcsinh(np.tan(np.radians(lat))) / np.pi) / 2
    return Tile(zoom, int((lon + 180) / 360 * 2**zoom), int(share * 2**zoom))


def decode(content: bytes) -> np.ndarray:
    """The bands of an image file."""
    with rasterio.MemoryFile(content) as memory, memory.open() as image:
        return np.asarray(image.read())
