"""Rasters of the store: a file kept under HOME/rasters, registered as an edition like any other layer."""

import getpass
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from psycopg.types.json import Jsonb

from gis.errors import OnomapError
from layers.store.definitions import Layer, RasterContent
from layers.store.errors import LoadRefusedError, StoreError
from layers.store.instance import Store
from layers.store.loading.report import LoadReport
from layers.store.settings import Municipality

FOLDER = "rasters"


class NoRasterError(StoreError):
    """A raster layer has no file yet."""


class NotRasterError(StoreError):
    """A layer has no pixels, or none that are values."""


class RasterFileError(StoreError):
    """A kept file is gone or damaged."""


@dataclass(frozen=True)
class KeptRaster:
    """The file that is a raster layer's present edition; `sha256` is that of what was loaded.

    `extent` is west, south, east, north in degrees (JGD2011).
    """

    layer: Layer
    content: RasterContent
    path: Path
    sha256: str
    load: int
    data_date: date | None
    extent: tuple[float, float, float, float]


def raster_content(layer: Layer) -> RasterContent:
    """What a layer says of its pixels. Raises NotRasterError for a layer that has none."""
    if layer.raster is None:
        raise NotRasterError(f"{layer.title} は格子や画像のレイヤではありません。")
    return layer.raster


def kept_raster(store: Store, layer: Layer) -> KeptRaster:
    """The present file of a raster layer. Raises NoRasterError while there is none."""
    content = raster_content(layer)
    with store.database.transaction() as connection:
        row = connection.execute(
            "SELECT r.path, r.sha256, r.load_id, l.data_date, l.report->'extent' FROM onomap.rasters r "
            "JOIN onomap.loads l ON l.id = r.load_id WHERE r.layer = %s",
            [layer.id],
        ).fetchone()
    if row is None:
        raise NoRasterError(f"{layer.title} はまだ読み込まれていません。")
    west, south, east, north = row[4]
    return KeptRaster(layer, content, store.settings.home / row[0], row[1], row[2], row[3], (west, south, east, north))


def keep_raster(
    store: Store, layer: Layer, path: Path, *, data_date: date | None = None, loaded_by: str | None = None
) -> tuple[int, LoadReport]:
    """Keep a GeoTIFF under HOME/rasters in the store's own form and make it the layer's edition; the load's number and report.

    Raises OnomapError in one sentence for a file that cannot become the layer; the edition before it then stays.
    """
    # GDAL and pandas, twice a hundred megabytes that the server does not need to know which raster is the present one.
    from gis.formats.reader import sha256_of
    from layers.store.raster_intake import examine, normalise

    content = raster_content(layer)
    facts = examine(path, content)
    _require_near(facts.extent, store.town, path.name)
    digest = sha256_of(path)
    folder = store.settings.home / FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    kept = folder / f"{layer.id}-{digest[:16]}.tif"
    was_there = kept.exists()
    normalise(path, kept, content, facts)
    report = LoadReport(read=1, loaded=1, extent=facts.extent)
    report.add_crs(f"EPSG:{facts.epsg}", facts.steps)
    user = loaded_by or getpass.getuser()
    try:
        return _register(store, layer, report, [layer.id, path.name, digest, data_date, user], kept), report
    except OnomapError:
        if not was_there:
            kept.unlink()
        raise


def _require_near(extent: tuple[float, float, float, float], town: Municipality, name: str) -> None:
    west, south, east, north = extent
    if west > town.bbox[2] or east < town.bbox[0] or south > town.bbox[3] or north < town.bbox[1]:
        raise LoadRefusedError(
            f"{name} の範囲（経度 {west:.3f}〜{east:.3f}、緯度 {south:.3f}〜{north:.3f}）は{town.name}と重なりません。"
            "座標系と場所を確かめてください。"
        )


def _register(store: Store, layer: Layer, report: LoadReport, values: list[object], kept: Path) -> int:
    with store.database.transaction() as connection:
        row = connection.execute(
            "INSERT INTO onomap.loads (layer, mode, file_name, file_sha256, data_date, loaded_by, report) "
            "VALUES (%s, 'replace', %s, %s, %s, %s, %s) RETURNING id",
            [*values, Jsonb(report.as_json())],
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
            [layer.id, row[0], str(kept.relative_to(store.settings.home)), values[2]],
        )
    return int(row[0])
