"""Heights of the sample town as a cloud-optimised GeoTIFF."""

from pathlib import Path

import numpy as np
from rasterio.features import rasterize
from rasterio.io import MemoryFile
from rasterio.shutil import copy
from rasterio.transform import from_origin

from layers.sample_town.files import SampleFile
from layers.sample_town.landform import blurred
from layers.sample_town.outline import EPSG
from layers.sample_town.town import Town

CELL_M = 10.0
NODATA = -9999.0
ROUNDING = 8
"""The land is known every 40 m and flat in between; without rounding the edges of those facets stand out in relief."""


def write_elevation(town: Town, folder: Path) -> list[SampleFile]:
    """Writes heights in m every 10 m, float32, −9999 outside the town, tiled and with overviews."""
    west, south, east, north = town.outline.bounds
    west, north = np.floor(west / CELL_M) * CELL_M, np.ceil(north / CELL_M) * CELL_M
    columns, rows = int(np.ceil((east - west) / CELL_M)), int(np.ceil((north - south) / CELL_M))
    transform = from_origin(west, north, CELL_M, CELL_M)
    x, y = np.meshgrid(west + (np.arange(columns) + 0.5) * CELL_M, north - (np.arange(rows) + 0.5) * CELL_M)
    height = town.land.height_at(np.column_stack((x.ravel(), y.ravel()))).reshape(rows, columns)
    height = blurred(height, ROUNDING)
    within = rasterize([(town.outline, 1)], out_shape=(rows, columns), transform=transform, fill=0, dtype="uint8")
    data = np.where(within == 1, np.round(height, 2), NODATA).astype(np.float32)
    path = folder / "elevation_sample.tif"
    profile = {
        "driver": "GTiff", "width": columns, "height": rows, "count": 1, "dtype": "float32", "crs": f"EPSG:{EPSG}",
        "transform": transform, "nodata": NODATA,
    }  # fmt: skip
    with MemoryFile() as memory:
        with memory.open(**profile) as plain:
            plain.write(data, 1)
        with memory.open() as plain:
            copy(
                plain,
                path,
                driver="COG",
                COMPRESS="DEFLATE",
                PREDICTOR="YES",
                BLOCKSIZE=256,
                OVERVIEW_RESAMPLING="AVERAGE",
            )
    return [SampleFile("elevation", path, town.days_ago(900))]
