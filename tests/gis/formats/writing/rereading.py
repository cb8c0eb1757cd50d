"""Exported files read again, by GDAL as pip installs it, by Debian's GDAL, and as plain values that can be compared."""

import subprocess
import warnings
import zipfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import geopandas
import numpy as np
import pandas as pd
import pyogrio
import shapely
from numpy.typing import NDArray

from gis.formats.writing.dbase import short_names
from gis.formats.writing.formulas import restored
from gis.formats.writing.kml import simple_name
from gis.formats.writing.outgoing import FID, Column, ColumnType, Outgoing

TOLERANCES = {"geojson": 1e-9, "geojsonl": 1e-9, "csv": 1e-9, "csv-labels": 1e-9, "kml": 1e-9}
"""In the units of the CRS that the format goes out in by default; the others hold every bit."""
NULL_IS_EMPTY = {"shp", "csv", "csv-labels", "kml", "xlsx"}
"""Formats, or GDAL's readers of them, that cannot tell an empty text from none."""


@dataclass(frozen=True)
class Reread:
    """Rows by fid in the order of fid, each as the values of the columns in their order, and the geometries beside them."""

    rows: Mapping[int, tuple[object, ...]]
    shapes: NDArray[np.object_] | None
    epsg: int | None


def reread(name: str, path: Path, columns: Sequence[Column], *, places: bool) -> Reread:
    """The file through GDAL (Parquet through geopandas, as that GDAL has no driver for it)."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        frame = _frame(name, path, places=places)
    if not len(frame):
        # GDAL takes the columns of some formats from their rows.
        return Reread({}, None, None)
    found = _names(name, columns)
    if FID not in frame.columns:
        frame = frame.assign(**{FID: frame.index})
    frame = frame.reset_index(drop=True)
    frame = frame.iloc[np.argsort([int(float(fid)) for fid in frame[found[FID]]])]
    values = [[plain(value, column) for value in frame[found[column.name]]] for column in columns]
    if name in ("csv", "csv-labels", "xlsx"):
        values = [[restored(v) if isinstance(v, str) else v for v in column] for column in values]
    if name in NULL_IS_EMPTY:
        values = [[None if v == "" else v for v in column] for column in values]
    rows = {int(row[0]): row for row in zip(*values, strict=True)}  # type: ignore[call-overload]
    if not isinstance(frame, geopandas.GeoDataFrame):
        return Reread(rows, None, None)
    crs = frame.crs
    return Reread(rows, as_multi(np.asarray(frame.geometry)), None if crs is None else crs.to_epsg())


def _frame(name: str, path: Path, *, places: bool) -> pd.DataFrame:
    if name == "parquet":
        return geopandas.read_parquet(path) if places else pd.read_parquet(path)
    options: dict[str, object] = {}
    if name in ("csv", "csv-labels"):
        options = {
            "X_POSSIBLE_NAMES": "longitude,easting,経度", "Y_POSSIBLE_NAMES": "latitude,northing,緯度",
            "GEOM_POSSIBLE_NAMES": "WKT", "KEEP_GEOM_COLUMNS": "NO",
        }  # fmt: skip
    if name == "xlsx":
        options = {"layer": "データ", "HEADERS": "FORCE"}
    if name in ("gpkg", "geojson", "geojsonl"):
        frame = pyogrio.read_dataframe(path, fid_as_index=True)
        return _with_members(frame, path) if name.startswith("geojson") else frame
    return pyogrio.read_dataframe(path, **options)


def _with_members(frame: pd.DataFrame, path: Path) -> pd.DataFrame:
    """`id` and `version` of each feature, which GDAL makes its FID or passes over."""
    import json

    text = path.read_text(encoding="utf-8")
    features = json.loads(text)["features"] if path.suffix == ".geojson" else [json.loads(t) for t in text.splitlines()]
    assert list(frame.index) == [feature["id"] for feature in features] or path.suffix == ".geojsonl"
    return frame.assign(fid=[f["id"] for f in features], version=[f["version"] for f in features])


def _names(name: str, columns: Sequence[Column]) -> dict[str, str]:
    if name in ("xlsx", "csv-labels"):
        return {column.name: column.heading for column in columns}
    if name == "shp":
        return short_names([column.name for column in columns])
    if name == "kml":
        sheet = Outgoing("", "", tuple(columns), None, 4326)
        return {column.name: simple_name(sheet, column.name) for column in columns}
    return {column.name: column.name for column in columns}


_TRUTHS = {"true": True, "1": True, "1.0": True, "false": False, "0": False, "0.0": False}
_PLAIN: Mapping[ColumnType, Callable[[object], object]] = {
    ColumnType.TEXT: str,
    ColumnType.INTEGER: lambda value: int(value if isinstance(value, str) else float(value)),  # type: ignore[arg-type]
    ColumnType.NUMBER: float,  # type: ignore[dict-item]
    ColumnType.BOOLEAN: lambda value: _TRUTHS[str(value).lower()],
    ColumnType.DATE: lambda value: str(value)[:10].replace("/", "-"),
}


def plain(value: object, column: Column) -> object:
    """A value as the column's own type says it, whatever type a format has made of it."""
    if value is None or (not isinstance(value, str) and pd.isna(value)):  # type: ignore[call-overload]
        return None
    if value == "" and column.type is not ColumnType.TEXT:
        return None
    return _PLAIN[column.type](value)


def as_multi(shapes: NDArray[np.object_]) -> NDArray[np.object_]:
    """Polygons and lines as multi, rings and parts in one order, so that equal shapes are equal."""
    many = [
        shapely.MultiPolygon([shape])
        if shape is not None and shape.geom_type == "Polygon"
        else shapely.MultiLineString([shape])
        if shape is not None and shape.geom_type == "LineString"
        else shape
        for shape in shapes
    ]
    result: NDArray[np.object_] = shapely.normalize(np.array([*many, None], dtype=object)[:-1])
    return result


def count_by_debian(path: Path, layer: str) -> int:
    """How many features Debian's GDAL finds, of whatever version it is; it must open the file without complaint."""
    source = f"/vsizip/{path}" if zipfile.is_zipfile(path) and path.suffix == ".zip" else str(path)
    ran = subprocess.run(["ogrinfo", "-ro", "-so", source, layer], capture_output=True, text=True, check=True)
    assert "ERROR" not in ran.stderr, ran.stderr
    return int(next(line for line in ran.stdout.splitlines() if line.startswith("Feature Count: ")).split(": ")[1])
