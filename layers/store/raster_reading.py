"""Pixels of a kept raster on the grid of a tile, and its values at places, read by rio-tiler from the fitting overview."""

import math
import threading
from collections import OrderedDict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
import rasterio
from numpy.typing import NDArray
from rasterio.crs import CRS
from rasterio.errors import RasterioError
from rasterio.transform import Affine
from rasterio.windows import Window
from rio_tiler import reader
from rio_tiler.types import WarpResampling

from gis.crs import Grids, plan
from gis.relief import HALF_WORLD_M, Floats
from layers.store.definitions import RasterValues
from layers.store.errors import StoreError
from layers.store.raster_intake import JGD2011_DEGREES, VERTICAL_DATUM_TAG, Dataset
from layers.store.rasters import KeptRaster, RasterFileError
from layers.store.tiles.address import Tile

HANDLES_PER_THREAD = 12
BLOCK_CACHE_MB = 16
MOST_SAMPLED_PIXELS = 25_000_000
WEB_MERCATOR = 3857
_WARP_ERROR_PIXELS = 0.01


@dataclass(frozen=True)
class TileGrid:
    """The pixels of a tile with a collar: their size and the top left corner, in metres of EPSG:3857."""

    west: float
    north: float
    pixel_m: float
    size: int

    @classmethod
    def of(cls, tile: Tile, size: int, collar: int) -> "TileGrid":
        """The grid of a tile of `size` pixels with `collar` pixels of its neighbours on each side."""
        pixel_m = 2.0 * HALF_WORLD_M / 2**tile.z / size
        west = -HALF_WORLD_M + (tile.x * size - collar) * pixel_m
        north = HALF_WORLD_M - (tile.y * size - collar) * pixel_m
        return cls(west, north, pixel_m, size + 2 * collar)

    @property
    def transform(self) -> Affine:
        """From column and row to EPSG:3857."""
        return Affine(self.pixel_m, 0.0, self.west, 0.0, -self.pixel_m, self.north)

    @property
    def bounds(self) -> tuple[float, float, float, float]:
        """West, south, east, north in EPSG:3857."""
        reach = self.size * self.pixel_m
        return self.west, self.north - reach, self.west + reach, self.north


@dataclass(frozen=True)
class RasterShape:
    """What is needed to choose an overview: the size of a pixel in metres of EPSG:3857, and the reductions there are."""

    epsg: int
    cell_x: float
    cell_y: float
    reductions: tuple[int, ...]
    vertical_datum: str | None

    def level(self, pixel_m: float) -> int:
        """The coarsest reduction, by position, that is no coarser than a pixel; the same for all tiles of a zoom."""
        fine = [n for n, factor in enumerate(self.reductions) if factor * max(self.cell_x, self.cell_y) <= pixel_m]
        return max(fine, default=0)

    @property
    def native_zoom(self) -> int:
        """The first zoom whose pixels (256 a tile) are no larger than the raster's."""
        return max(0, math.ceil(math.log2(2.0 * HALF_WORLD_M / 256 / max(self.cell_x, self.cell_y)) - 1e-6))


class _Handles(threading.local):
    """Open files of one thread: GDAL's datasets may not be shared between threads."""

    def __init__(self) -> None:
        self.held: OrderedDict[tuple[str, int, int], Dataset] = OrderedDict()

    def open(self, path: str, load: int, level: int) -> Dataset:
        """The file at a level (0: full resolution); the least recently used is closed when there are too many."""
        key = (path, load, level)
        if key in self.held:
            self.held.move_to_end(key)
            return self.held[key]
        while len(self.held) >= HANDLES_PER_THREAD:
            self.held.popitem(last=False)[1].close()
        options = {"overview_level": level - 1} if level else {}
        with rasterio.Env(GDAL_CACHEMAX=BLOCK_CACHE_MB, GDAL_DISABLE_READDIR_ON_OPEN="EMPTY_DIR"):
            # `sharing=False`: else GDAL may hand the same dataset to another thread.
            self.held[key] = rasterio.open(path, driver="GTiff", sharing=False, **options)
        return self.held[key]


_handles = _Handles()


@contextmanager
def _readable(raster: KeptRaster) -> Iterator[None]:
    try:
        yield
    except RasterioError as error:
        raise RasterFileError(
            f"{raster.layer.title} のファイルを読めません。`onomap load` で読み込み直してください。"
        ) from error


def shape_of(raster: KeptRaster) -> RasterShape:
    """The shape of a kept raster. Raises RasterFileError when its file is gone."""
    with _readable(raster):
        return _shape(str(raster.path), raster.load)


@lru_cache(maxsize=64)
def _shape(path: str, load: int) -> RasterShape:
    file = _handles.open(path, load, 0)
    epsg, transform = int(file.crs.to_epsg()), file.transform
    column, row = file.width / 2, file.height / 2
    x = np.array([transform.c + transform.a * column, transform.c + transform.a * (column + 1)])
    y = np.array([transform.f + transform.e * row, transform.f + transform.e * (row + 1)])
    mercator_x, mercator_y, _ = plan(epsg, WEB_MERCATOR, Grids(None, None)).move(x, y)
    cell_x, cell_y = abs(float(np.diff(mercator_x)[0])), abs(float(np.diff(mercator_y)[0]))
    return RasterShape(epsg, cell_x, cell_y, (1, *file.overviews(1)), file.tags().get(VERTICAL_DATUM_TAG))


def _part(raster: KeptRaster, grid: TileGrid, resampling: WarpResampling) -> Any:
    """The raster warped to a grid, by rio-tiler.

    The grid itself is given, and the resampling kernel's width: left to themselves, rio-tiler and GDAL choose both from
    the tile's own surroundings, and the heights of two neighbours were up to 0.1 m apart where they meet (z12, 5 m
    cells); so, they are within 1 mm of each other.
    """
    shape = shape_of(raster)
    level = shape.level(grid.pixel_m)
    factor = shape.reductions[level]
    options = {
        "transform": grid.transform,
        "width": grid.size,
        "height": grid.size,
        "tolerance": _WARP_ERROR_PIXELS,
        "XSCALE": str(min(1.0, shape.cell_x * factor / grid.pixel_m)),
        "YSCALE": str(min(1.0, shape.cell_y * factor / grid.pixel_m)),
    }
    mercator = CRS.from_epsg(WEB_MERCATOR)
    with _readable(raster):
        return reader.part(
            _handles.open(str(raster.path), raster.load, level), grid.bounds, height=grid.size, width=grid.size,
            dst_crs=mercator, bounds_crs=mercator, resampling_method="nearest", reproject_method=resampling,
            vrt_options=options,
        )  # fmt: skip


def read_measure(raster: KeptRaster, grid: TileGrid, resampling: WarpResampling) -> Floats:
    """Values in metres on a grid (size, size), NaN where nothing is known."""
    image = _part(raster, grid, resampling)
    return np.asarray(image.array[0].astype(np.float64).filled(np.nan))


def read_picture(raster: KeptRaster, grid: TileGrid) -> tuple[NDArray[np.uint8], NDArray[np.bool_]]:
    """Red, green and blue (3, size, size), and where they are known."""
    image = _part(raster, grid, "bilinear")
    return np.asarray(image.array.data[:3], np.uint8), np.asarray(image.mask == 255)


def coarse_measure(raster: KeptRaster, tile: Tile) -> float:
    """The known value of the coarsest overview that lies nearest to a tile's middle."""
    shape = shape_of(raster)
    with _readable(raster):
        file = _handles.open(str(raster.path), raster.load, len(shape.reductions) - 1)
        values = file.read(1, masked=True).filled(np.nan)
    grid = TileGrid.of(tile, 256, 0)
    west, south, east, north = grid.bounds
    x, y, _ = plan(WEB_MERCATOR, shape.epsg, Grids(None, None)).move(
        np.array([(west + east) / 2]), np.array([(south + north) / 2])
    )
    rows, columns = np.nonzero(np.isfinite(values))
    transform = file.transform
    away = (transform.c + transform.a * (columns + 0.5) - x[0]) ** 2 + (
        transform.f + transform.e * (rows + 0.5) - y[0]
    ) ** 2
    nearest = int(np.argmin(away))
    return float(values[rows[nearest], columns[nearest]])


def values_at(raster: KeptRaster, lon: Floats, lat: Floats) -> tuple[Floats, NDArray[np.bool_]]:
    """Measures at places (n,) in degrees of JGD2011, and which places lie within the raster at all.

    Heights are interpolated between the four nearest cells as far as those are known; depths are those of the cell. A
    place whose own cell is unknown is NaN. Raises StoreError when the places are too far apart to be read at once.
    """
    x, y, lost = plan(JGD2011_DEGREES, shape_of(raster).epsg, Grids(None, None)).move(lon, lat)
    with _readable(raster):
        file = _handles.open(str(raster.path), raster.load, 0)
    column = (x - file.transform.c) / file.transform.a - 0.5
    row = (y - file.transform.f) / file.transform.e - 0.5
    within = ~lost & (column >= -0.5) & (row >= -0.5) & (column < file.width - 0.5) & (row < file.height - 0.5)
    values = np.full(len(x), np.nan)
    if within.any():
        smooth = raster.content.values is RasterValues.ELEVATION
        values[within] = _sampled(raster, file, column[within], row[within], smooth=smooth)
    return values, within


def _sampled(raster: KeptRaster, file: Dataset, column: Floats, row: Floats, *, smooth: bool) -> Floats:
    left, top = int(np.floor(column.min())), int(np.floor(row.min()))
    width, height = int(np.floor(column.max())) - left + 2, int(np.floor(row.max())) - top + 2
    if width * height > MOST_SAMPLED_PIXELS:
        raise StoreError("線が長すぎます。短く区切ってもう一度お試しください。")
    first_column, first_row = max(left, 0), max(top, 0)
    last_column, last_row = min(left + width, file.width), min(top + height, file.height)
    cells = np.full((height, width), np.nan)
    with _readable(raster):
        window = Window(first_column, first_row, last_column - first_column, last_row - first_row)
        # Files of the first version were kept as they came, with a no-data tag.
        known = file.read(1, window=window, masked=True).filled(np.nan)
    cells[first_row - top : last_row - top, first_column - left : last_column - left] = known
    column, row = column - left, row - top
    own = cells[np.floor(row + 0.5).astype(int), np.floor(column + 0.5).astype(int)]
    return np.where(np.isnan(own), np.nan, _bilinear(cells, column, row)) if smooth else own


def _bilinear(cells: Floats, column: Floats, row: Floats) -> Floats:
    """Means of the four cells around each place, weighted by nearness; unknown cells weigh nothing."""
    left, top = np.floor(column).astype(int), np.floor(row).astype(int)
    right, down = column - left, row - top
    total, weight = np.zeros(len(column)), np.zeros(len(column))
    for step_row, share_row in ((0, 1.0 - down), (1, down)):
        for step_column, share_column in ((0, 1.0 - right), (1, right)):
            value = cells[top + step_row, left + step_column]
            share = np.where(np.isnan(value), 0.0, share_row * share_column)
            total += share * np.nan_to_num(value)
            weight += share
    return np.asarray(total / np.where(weight > 0, weight, np.nan))
