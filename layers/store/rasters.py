"""Rasters of the store: a file kept under HOME/rasters, registered as an edition like any other layer."""

import getpass
import shutil
from datetime import date
from pathlib import Path

import numpy as np
import rasterio
import shapely
from psycopg.types.json import Jsonb
from rasterio.errors import RasterioIOError

from gis.crs import Grids, plan
from gis.errors import MissingCrsError, UnreadableFileError
from gis.formats.reader import sha256_of
from layers.store.definitions import Layer
from layers.store.instance import Store
from layers.store.loading.report import LoadReport

MOST_PIXELS = 4_000_000_000
GEOGRAPHIC = 6668


def keep_raster(
    store: Store, layer: Layer, path: Path, *, data_date: date | None = None, loaded_by: str | None = None
) -> tuple[int, LoadReport]:
    """Copy a GeoTIFF into HOME/rasters and make it the layer's edition; returns the load's number and its report.

    Raises UnreadableFileError for anything but a GeoTIFF of one or more bands, MissingCrsError when it says no CRS.
    """
    report = _examine(path)
    digest = sha256_of(path)
    folder = store.settings.home / "rasters"
    folder.mkdir(parents=True, exist_ok=True)
    kept = folder / f"{layer.id}-{digest[:16]}.tif"
    if not kept.exists():
        partial = kept.with_suffix(".part")
        shutil.copyfile(path, partial)
        partial.replace(kept)
    with store.database.transaction() as connection:
        row = connection.execute(
            "INSERT INTO onomap.loads (layer, mode, file_name, file_sha256, data_date, loaded_by, report) "
            "VALUES (%s, 'replace', %s, %s, %s, %s, %s) RETURNING id",
            [layer.id, path.name, digest, data_date, loaded_by or getpass.getuser(), Jsonb(report.as_json())],
        ).fetchone()
        assert row is not None  # noqa: S101 - RETURNING answers one row
        connection.execute(
            "UPDATE onomap.loads SET superseded_by = %(id)s, superseded_at = now() "
            "WHERE layer = %(layer)s AND superseded_by IS NULL AND id <> %(id)s",
            {"id": row[0], "layer": layer.id},
        )
        connection.execute(
            "INSERT INTO onomap.rasters (layer, load_id, path, sha256) VALUES (%s, %s, %s, %s) "
            "ON CONFLICT (layer) DO UPDATE SET load_id = excluded.load_id, path = excluded.path, sha256 = excluded.sha256",
            [layer.id, row[0], str(kept.relative_to(store.settings.home)), digest],
        )
    return int(row[0]), report


def _examine(path: Path) -> LoadReport:
    try:
        with rasterio.open(path, driver="GTiff") as raster:
            if raster.crs is None:
                raise MissingCrsError(f"{path.name} に座標系がありません。座標系を付けた GeoTIFF を用意してください。")
            if raster.width * raster.height * raster.count > MOST_PIXELS:
                raise UnreadableFileError(f"{path.name} は大きすぎます（{raster.width}×{raster.height}画素）。")
            epsg = raster.crs.to_epsg()
            bounds = raster.bounds
    except RasterioIOError as error:
        raise UnreadableFileError(f"{path.name} を GeoTIFF として読めません。") from error
    if epsg is None:
        raise MissingCrsError(f"{path.name} の座標系がEPSGコードで分かりません。座標系を付け直してください。")
    report = LoadReport(read=1, loaded=1)
    transformation = plan(epsg, GEOGRAPHIC, Grids(None, None))
    report.add_crs(f"EPSG:{epsg}", transformation.steps)
    report.extent = _extent(bounds, epsg)
    return report


def _extent(bounds: tuple[float, float, float, float], epsg: int) -> tuple[float, float, float, float]:

    moved, _ = plan(epsg, GEOGRAPHIC, Grids(None, None)).apply(np.array([shapely.box(*bounds)], dtype=object))
    west, south, east, north = shapely.bounds(moved[0])
    return float(west), float(south), float(east), float(north)
