"""Files in the vector formats, written for tests by other programs than ours."""

from pathlib import Path

import geopandas as gpd
import shapely

from gis.formats.reader import open_source
from gis.formats.table import SourceTable

NAMES = ["塩庭表", "飯豊ソ", "小野新町"]


def frame(crs: str | int | None = 6677) -> gpd.GeoDataFrame:
    """Three squares of 10 m near the town hall in zone IX, with names that are hard on CP932."""
    squares = [shapely.box(70_000 + 20 * n, 142_000, 70_010 + 20 * n, 142_010) for n in range(3)]
    return gpd.GeoDataFrame({"name": NAMES, "depth": [1, 2, 3]}, geometry=squares, crs=crs)


def shapefile(folder: Path, encoding: str = "cp932", without: tuple[str, ...] = ()) -> Path:
    """A Shapefile `zone.shp` in the encoding, less the parts in `without` (".prj", ".cpg", ".shx", ".dbf")."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "zone.shp"
    frame().to_file(path, encoding=encoding)
    for suffix in without:
        path.with_suffix(suffix).unlink()
    return path


def language_byte(path: Path, value: int) -> Path:
    """Sets the LDID of the .dbf beside a .shp."""
    dbf = path.with_suffix(".dbf")
    raw = bytearray(dbf.read_bytes())
    raw[29] = value
    dbf.write_bytes(raw)
    return path


def only_table(path: Path, encoding: str | None = None, layer_name: str | None = None) -> SourceTable:
    (table,) = open_source(path, encoding=encoding, layer_name=layer_name)
    return table
