"""The formats that leave the house: by what name they are asked for, how they are called, and who writes them."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from gis.errors import OnomapError
from gis.formats.writing import delimited, flatgeobuf, geojson, geopackage, geoparquet, kml, shapefile, workbook
from gis.formats.writing.outgoing import Batches, Outgoing

Pieces = Callable[[Outgoing, Batches], Iterator[bytes]]
FileWriter = Callable[[Outgoing, Batches, Path], None]


class UnknownFormatError(OnomapError):
    """No format has that name."""


@dataclass(frozen=True)
class FileFormat:
    """One format: a text that is sent while it is made (`pieces`), or a container that is made first (`write`).

    `only_crs84` is for formats whose standard allows nothing else; `plane` for those that go out in the town's plane unless
    asked otherwise. `most_rows` is None where there is no limit. `torn` is what ends a text that had to stop in the
    middle, where a reader could otherwise take it for complete.
    """

    name: str
    title: str
    suffix: str
    media_type: str
    pieces: Pieces | None = None
    write: FileWriter | None = None
    only_crs84: bool = False
    plane: bool = False
    most_rows: int | None = None
    torn: bytes = b""


_TORN = "書き出しは途中で止まりました。このデータは完全ではありません。"

_ALL = (
    FileFormat(
        "geojson", "GeoJSON", ".geojson", "application/geo+json", pieces=geojson.collection, only_crs84=True
    ),
    FileFormat(
        "geojsonl", "GeoJSON（1行1地物）", ".geojsonl", "application/geo+json-seq", pieces=geojson.sequence,
        only_crs84=True, torn=f'{{"error":"{_TORN}"'.encode(),
    ),
    FileFormat(
        "csv", "CSV", ".csv", "text/csv; charset=utf-8", pieces=delimited.rows, torn=f'"{_TORN}'.encode()
    ),
    FileFormat(
        "csv-labels", "CSV（日本語見出し）", ".csv", "text/csv; charset=utf-8",
        pieces=partial(delimited.rows, labels=True), torn=f'"{_TORN}'.encode(),
    ),
    FileFormat(
        "kml", "KML", ".kml", "application/vnd.google-earth.kml+xml", pieces=kml.document, only_crs84=True
    ),
    FileFormat("fgb", "FlatGeobuf", ".fgb", "application/flatgeobuf", write=flatgeobuf.write, plane=True),
    FileFormat("parquet", "GeoParquet", ".parquet", "application/vnd.apache.parquet", write=geoparquet.write, plane=True),
    FileFormat("gpkg", "GeoPackage", ".gpkg", "application/geopackage+sqlite3", write=geopackage.write, plane=True),
    FileFormat("shp", "Shapefile", ".zip", "application/zip", write=shapefile.write, plane=True),
    FileFormat(
        "xlsx", "Excel", ".xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        write=workbook.write, most_rows=workbook.MOST_ROWS,
    ),
)  # fmt: skip
FORMATS: Mapping[str, FileFormat] = {item.name: item for item in _ALL}


def format_named(name: str) -> FileFormat:
    """The format of that name. Raises UnknownFormatError with the names that there are."""
    if name not in FORMATS:
        raise UnknownFormatError(f"形式「{name}」では書き出せません。使えるのは {'、'.join(FORMATS)} です。")
    return FORMATS[name]


def format_of_suffix(path: Path) -> FileFormat:
    """The format that a file's name asks for. Raises UnknownFormatError."""
    for item in _ALL:
        if path.suffix.lower() == item.suffix:
            return item
    suffixes = "、".join(dict.fromkeys(item.suffix for item in _ALL))
    raise UnknownFormatError(
        f"{path.name} の形式が分かりません。拡張子を {suffixes} にするか --format を指定してください。"
    )
