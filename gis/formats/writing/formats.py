"""The formats that leave the house: by what name they are asked for, how they are called, and who writes them."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

from gis.errors import OnomapError

if TYPE_CHECKING:
    from gis.formats.writing.outgoing import Batches, Outgoing

    Pieces: TypeAlias = Callable[[Outgoing, Batches], Iterator[bytes]]
    FileWriter: TypeAlias = Callable[[Outgoing, Batches, Path], None]


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
    pieces: "Pieces | None" = None
    write: "FileWriter | None" = None
    only_crs84: bool = False
    plane: bool = False
    most_rows: int | None = None
    torn: bytes = b""


def _written_by(module: str, function: str, **options: object) -> Callable[..., Any]:
    """A writer that is imported when it is first called: Arrow, GDAL and openpyxl would double the memory of a server."""

    def write(*arguments: object) -> Any:
        return getattr(import_module(f"gis.formats.writing.{module}"), function)(*arguments, **options)

    return write


MOST_ROWS_OF_A_SHEET = 1_048_575
"""What a worksheet holds beside its heading (ECMA-376: 2^20 rows)."""
_TORN = "書き出しは途中で止まりました。このデータは完全ではありません。"

_ALL = (
    FileFormat(
        "geojson", "GeoJSON", ".geojson", "application/geo+json", pieces=_written_by("geojson", "collection"), only_crs84=True
    ),
    FileFormat(
        "geojsonl", "GeoJSON（1行1地物）", ".geojsonl", "application/geo+json-seq", pieces=_written_by("geojson", "sequence"),
        only_crs84=True, torn=f'{{"error":"{_TORN}"'.encode(),
    ),
    FileFormat(
        "csv", "CSV", ".csv", "text/csv; charset=utf-8", pieces=_written_by("delimited", "rows"), torn=f'"{_TORN}'.encode()
    ),
    FileFormat(
        "csv-labels", "CSV（日本語見出し）", ".csv", "text/csv; charset=utf-8",
        pieces=_written_by("delimited", "rows", labels=True), torn=f'"{_TORN}'.encode(),
    ),
    FileFormat(
        "kml", "KML", ".kml", "application/vnd.google-earth.kml+xml", pieces=_written_by("kml", "document"), only_crs84=True
    ),
    FileFormat("fgb", "FlatGeobuf", ".fgb", "application/flatgeobuf", write=_written_by("flatgeobuf", "write"), plane=True),
    FileFormat(
        "parquet", "GeoParquet", ".parquet", "application/vnd.apache.parquet", write=_written_by("geoparquet", "write"),
        plane=True,
    ),
    FileFormat(
        "gpkg", "GeoPackage", ".gpkg", "application/geopackage+sqlite3", write=_written_by("geopackage", "write"),
        plane=True,
    ),
    FileFormat("shp", "Shapefile", ".zip", "application/zip", write=_written_by("shapefile", "write"), plane=True),
    FileFormat(
        "xlsx", "Excel", ".xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        write=_written_by("workbook", "write"), most_rows=MOST_ROWS_OF_A_SHEET,
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
