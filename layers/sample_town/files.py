"""Writing the sample town as ordinary source files."""

import csv
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

import numpy as np
import pyogrio
import pyogrio.raw
import shapely
from numpy.typing import NDArray

from layers.sample_town.mesh import Geometries
from layers.sample_town.outline import EPSG

Column = NDArray[np.generic] | Sequence[object]


@dataclass(frozen=True)
class SampleFile:
    """A file to load into a layer, as of `data_date`.

    `options` may hold `add` (True: to what is there), `coverage` (path of a file with the area it speaks for) and `datum`.
    """

    layer: str
    path: Path
    data_date: date
    options: dict[str, object] = field(default_factory=dict)


def write_features(path: Path, shapes: Geometries, columns: Mapping[str, Column], kind: str = "MultiPolygon") -> Path:
    """Writes a FlatGeobuf, or a GeoPackage by the path's ending, in EPSG:6677.

    `shapes` may hold None in a GeoPackage only: GDAL's column-wise reading of a FlatGeobuf stumbles over them.
    """
    fields = [_column(values) for values in columns.values()]
    if kind.startswith("Multi"):
        shapes = _multi(shapes, kind)
    path.unlink(missing_ok=True)
    with _fixed_clock():
        pyogrio.raw.write(
            path,
            shapely.to_wkb(shapes),
            [values for values, _ in fields],
            np.array(list(columns), dtype=object),
            [mask for _, mask in fields],
            geometry_type=kind,
            crs=f"EPSG:{EPSG}",
            driver="GPKG" if path.suffix == ".gpkg" else "FlatGeobuf",
            layer=path.stem,
        )
    return path


@contextmanager
def _fixed_clock() -> Iterator[None]:
    """A GeoPackage notes when it was written; the same town must give the same bytes."""
    pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": "2026-01-01T00:00:00.000Z"})
    try:
        yield
    finally:
        pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": None})


def _multi(shapes: Geometries, kind: str) -> Geometries:
    single = shapely.GeometryType.POLYGON if kind == "MultiPolygon" else shapely.GeometryType.LINESTRING
    multi = shapely.multipolygons if kind == "MultiPolygon" else shapely.multilinestrings
    found = np.array(shapes, dtype=object)
    alone = np.flatnonzero(shapely.get_type_id(found) == single)
    if len(alone):
        found[alone] = multi(found[alone], indices=np.arange(len(alone)))
    return found


def _column(values: Column) -> tuple[NDArray[np.generic], NDArray[np.bool_] | None]:
    """Values of a column with a mask of its empty cells; dates become days, so that the file says what they are."""
    if isinstance(values, np.ndarray) and values.dtype != object:
        return values, None
    empty = np.array([value is None for value in values], dtype=bool)
    sample = next((value for value in values if value is not None), "")
    if isinstance(sample, date):
        days = np.array([np.datetime64("1970-01-01") if v is None else np.datetime64(str(v)) for v in values])
        return days.astype("datetime64[D]"), empty
    if isinstance(sample, str):
        return np.array(values, dtype=object), None
    kind = np.dtype(bool) if isinstance(sample, bool) else np.dtype(np.int64 if isinstance(sample, int) else np.float64)
    return np.array([0 if value is None else value for value in values]).astype(kind), empty


def write_table(path: Path, header: Sequence[str], rows: Iterable[Mapping[str, object]]) -> Path:
    """Writes a CSV as the open-data standard wants it: UTF-8 with BOM, CRLF, empty cells for what is missing."""
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.DictWriter(file, header, restval="", extrasaction="raise")
        writer.writeheader()
        writer.writerows(rows)
    return path
