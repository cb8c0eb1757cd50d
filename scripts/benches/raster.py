"""Relief tiles of 3,000 × 3,000 heights, cold, against gdalwarp and gdaldem of the same ground into the same pixels."""

import statistics
import subprocess
import tempfile
import time
from pathlib import Path

import numpy as np
import rasterio
from rasterio.transform import from_origin

from gis.relief import HALF_WORLD_M
from layers.store.catalogue import load_catalogue
from layers.store.definitions import Render
from layers.store.raster_intake import examine, normalise
from layers.store.raster_tiles import ImageFormat, RasterTile, draw
from layers.store.rasters import KeptRaster, raster_content
from layers.store.tiles.address import Tile
from scripts.benches.ground import tell

CELLS, CELL_M = 3_000, 5.0
WEST, NORTH = 62_000.0, 150_000.0
ZOOM, FIRST, SIDE = 14, (14589, 6358), 4
RUNS = 5


def _heights(path: Path) -> None:
    steps = (np.arange(CELLS) + 0.5) * CELL_M
    x, y = np.meshgrid(steps, steps)
    heights = (400 + 0.02 * x + 40 * np.sin(x / 700) * np.cos(y / 900)).astype(np.float32)
    place = from_origin(WEST, NORTH, CELL_M, CELL_M)
    with rasterio.open(
        path, "w", driver="GTiff", width=CELLS, height=CELLS, count=1, dtype="float32", crs="EPSG:6677", transform=place
    ) as file:
        file.write(heights, 1)


def _tiles() -> list[Tile]:
    return [Tile(ZOOM, FIRST[0] + column, FIRST[1] + row) for row in range(SIDE) for column in range(SIDE)]


def _ours(raster: KeptRaster) -> float:
    started = time.perf_counter()
    for tile in _tiles():
        draw(raster, RasterTile(tile, Render.RELIEF, 256, ImageFormat.PNG))
    return (time.perf_counter() - started) / SIDE**2


def _gdal(kept: Path, folder: Path) -> float:
    """One warp and one hillshade for all tiles together, without cutting or encoding them: less work than ours."""
    pixel_m = 2 * HALF_WORLD_M / 2**ZOOM
    west, north = FIRST[0] * pixel_m - HALF_WORLD_M, HALF_WORLD_M - FIRST[1] * pixel_m
    extent = [str(each) for each in (west, north - SIDE * pixel_m, west + SIDE * pixel_m, north)]
    size = str(SIDE * 256)
    warped, shaded = folder / "warped.tif", folder / "shaded.tif"
    started = time.perf_counter()
    warp = ["gdalwarp", "-q", "-overwrite", "-t_srs", "EPSG:3857", "-r", "cubic", "-te", *extent, "-ts", size, size]
    subprocess.run([*warp, str(kept), str(warped)], check=True)
    subprocess.run(["gdaldem", "hillshade", "-q", "-compute_edges", str(warped), str(shaded)], check=True)
    return (time.perf_counter() - started) / SIDE**2


def main() -> None:
    """Draw sixteen tiles five times without a cache, and let GDAL's programs do the same ground."""
    layer = load_catalogue()["elevation"]
    content = raster_content(layer)
    with tempfile.TemporaryDirectory() as folder:
        source, kept = Path(folder) / "heights.tif", Path(folder) / "kept.tif"
        _heights(source)
        facts = examine(source, content)
        normalise(source, kept, content, facts)
        raster = KeptRaster(layer, content, kept, "bench", 1, None, facts.extent)
        _ours(raster)
        ours = [_ours(raster) for _ in range(RUNS)]
        theirs = [_gdal(kept, Path(folder)) for _ in range(RUNS)]
    tell("raster", statistics.median(ours), statistics.median(theirs), SIDE**2)


if __name__ == "__main__":
    main()
