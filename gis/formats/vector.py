"""Shapefile, GeoPackage and FlatGeobuf through GDAL, each by its own driver; nothing that a file may claim to be."""

import tempfile
import warnings
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyogrio
import pyogrio.errors
import pyogrio.raw
import shapely
from numpy.typing import NDArray

from gis.errors import UnreadableFileError
from gis.formats import geojson, shapefile
from gis.formats.archive import Member
from gis.formats.positions import reject, without_unusable
from gis.formats.source_crs import from_gdal
from gis.formats.table import SourceCrs, SourceTable

BATCH_ROWS = 5_000

GEOJSON_SUFFIXES = frozenset({".geojson", ".json"})
SEQUENCE_SUFFIXES = frozenset({".geojsonl", ".geojsons", ".ndjson", ".jsonl"})
SUFFIXES = frozenset({".shp", ".dbf", ".gpkg", ".fgb"}) | GEOJSON_SUFFIXES | SEQUENCE_SUFFIXES

_DRIVERS = {".gpkg": "GPKG", ".fgb": "FlatGeobuf", ".shp": "ESRI Shapefile", ".dbf": "ESRI Shapefile"}
_READING_ERRORS = (
    pyogrio.errors.DataSourceError,
    pyogrio.errors.DataLayerError,
    pyogrio.errors.FeatureError,
    pa.ArrowException,
    OSError,
    UnicodeDecodeError,
)
_FLATGEOBUF_MAGIC = b"fgb\x03fgb"
_SQLITE_MAGIC = b"SQLite format 3\0"
_GEOPACKAGE_ID = slice(68, 70)
"""Bytes of SQLite's application_id; a GeoPackage has "GPKG", "GP10" or "GP11" there."""


@dataclass(frozen=True)
class _GdalSource:
    """One layer of one staged file; `label` is how a message calls it."""

    path: Path
    layer: str | None
    label: str
    encoding: str | None


def read(
    main: Member, members: Sequence[Member], *, encoding: str | None, layer_name: str | None
) -> Iterator[SourceTable]:
    """The rows of one file in tables of at most 50,000, x east or longitude, y north or latitude.

    `members` are the files beside it. Raises UnreadableFileError for a file that is not what its name says, is cut
    short, or whose text does not fit the encoding.
    """
    if main.suffix in GEOJSON_SUFFIXES:
        yield from geojson.read(main)
    elif main.suffix in SEQUENCE_SUFFIXES:
        yield from geojson.read_sequence(main)
    else:
        with tempfile.TemporaryDirectory(prefix="onomap-") as folder:
            if main.suffix in (".shp", ".dbf"):
                yield from _shapefile(main, members, Path(folder), encoding)
            else:
                yield from _database(main, Path(folder), layer_name)


def _shapefile(main: Member, members: Sequence[Member], folder: Path, wanted: str | None) -> Iterator[SourceTable]:
    parts = shapefile.parts_of(main, members)
    crs = shapefile.crs_of(parts)
    encoding = shapefile.encoding_of(parts, wanted)
    notes = list(shapefile.notes_of(parts, encoding))
    path = shapefile.stage(parts, folder)
    source = _GdalSource(path, None, main.label, encoding)
    yield from _tables(source, crs, notes)


def _database(main: Member, folder: Path, layer_name: str | None) -> Iterator[SourceTable]:
    _check_magic(main)
    path = main.stage(folder / f"source{main.suffix}")
    layers = _layers(path, main.label, layer_name)
    for layer in layers:
        label = main.label if len(layers) == 1 else f"{main.label}#{layer}"
        yield from _tables(_GdalSource(path, layer, label, None), None, [])


def _check_magic(main: Member) -> None:
    head = main.head(100)
    if main.suffix == ".fgb" and not head.startswith(_FLATGEOBUF_MAGIC):
        raise UnreadableFileError(f"{main.label} は FlatGeobuf ではありません。")
    if main.suffix == ".gpkg" and not (head.startswith(_SQLITE_MAGIC) and head[_GEOPACKAGE_ID] == b"GP"):
        raise UnreadableFileError(f"{main.label} は GeoPackage ではありません。")


def _layers(path: Path, label: str, wanted: str | None) -> list[str]:
    """The layers to read: the one asked for, else all that have geometry, else all."""
    try:
        found = [(str(name), kind) for name, kind in pyogrio.list_layers(path)]
    except pyogrio.errors.DataSourceError as error:
        raise UnreadableFileError(f"{label} は壊れているか途中で切れています。もう一度取得してください。") from error
    if not found:
        raise UnreadableFileError(f"{label} は壊れているか途中で切れています。もう一度取得してください。")
    if path.suffix == ".fgb":
        # A FlatGeobuf holds exactly one layer, named by GDAL after our staged file.
        return [name for name, _kind in found]
    names = [name for name, _kind in found]
    if wanted is not None:
        if wanted not in names:
            raise UnreadableFileError(f"{label} にレイヤ「{wanted}」はありません（あるのは {'・'.join(names[:10])}）。")
        return [wanted]
    return [name for name, kind in found if kind] or names


def _tables(source: _GdalSource, crs: SourceCrs | None, notes: list[str]) -> Iterator[SourceTable]:
    start = 0
    try:
        with ExitStack() as stack:
            expected, meta, batches = _opened(source, stack)
            geometry_name = meta["geometry_name"] or "wkb_geometry"
            crs = crs or from_gdal(meta["crs"])
            for batch in _sound(source, batches, geometry_name):
                table = _table(batch, geometry_name, source.label, crs, start)
                yield table if start else replace(table, notes=notes)
                start += batch.num_rows
            if start < expected:
                # GDAL ends a FlatGeobuf that is cut short as if it were complete.
                raise UnreadableFileError(
                    f"{source.label} は途中で切れています（{expected:,} 件のうち {start:,} 件）。"
                )
            if start == 0:
                empty = pa.RecordBatch.from_pylist([], schema=batches.schema)
                yield replace(_table(empty, geometry_name, source.label, crs, 0), notes=notes)
    except _READING_ERRORS as error:
        raise UnreadableFileError(
            f"{source.label} は壊れているか途中で切れています（{start:,} 件目まで読めた）。"
        ) from error


def _opened(source: _GdalSource, stack: ExitStack) -> tuple[int, dict[str, str], pa.RecordBatchReader]:
    """How many rows the file says it has (-1: it does not say), its description, and its rows in batches."""
    with warnings.catch_warnings():
        # GDAL warns of a .shp missing beside a lone .dbf and of rings turned the other way; notes say what matters.
        warnings.simplefilter("ignore", RuntimeWarning)
        info = pyogrio.read_info(source.path, layer=source.layer, encoding=source.encoding)
        if info["driver"] != _DRIVERS[source.path.suffix]:
            raise UnreadableFileError(f"{source.label} は拡張子と中身が合いません（中身は {info['driver']}）。")
        opened = pyogrio.raw.open_arrow(
            source.path, layer=source.layer, encoding=source.encoding, batch_size=BATCH_ROWS, use_pyarrow=True
        )
        meta, batches = stack.enter_context(opened)
    return int(info["features"]), meta, batches


def _sound(source: _GdalSource, batches: pa.RecordBatchReader, geometry_name: str) -> Iterator[pa.RecordBatch]:
    """The batches; or, when GDAL hands over broken ones, the whole file read feature by feature.

    GDAL's Arrow stream of a FlatGeobuf with rows that have no geometry carries wrong offsets for all the others (seen with
    GDAL 3.12.4), and reading them would take bytes from elsewhere.
    """
    for number, batch in enumerate(batches):
        if geometry_name in batch.schema.names and source.path.suffix == ".fgb":
            try:
                batch.column(geometry_name).validate(full=True)
            except pa.ArrowInvalid:
                if number:
                    raise
                yield _feature_by_feature(source, geometry_name)
                return
        yield batch


def _feature_by_feature(source: _GdalSource, geometry_name: str) -> pa.RecordBatch:
    meta, _fids, wkb, values = pyogrio.raw.read(source.path, layer=source.layer, encoding=source.encoding)
    columns = [pa.array(column, from_pandas=True) for column in values]
    return pa.RecordBatch.from_arrays(
        [*columns, pa.array(wkb, type=pa.binary())], names=[*meta["fields"].tolist(), geometry_name]
    )


def _table(batch: pa.RecordBatch, geometry_name: str, label: str, crs: SourceCrs, start: int) -> SourceTable:
    names = [name for name in batch.schema.names if name != geometry_name]
    columns = {name: _values(batch.column(name)) for name in names}
    if geometry_name in batch.schema.names:
        wkb = batch.column(geometry_name).to_numpy(zero_copy_only=False)
        geometry, faults = _geometry(wkb)
    else:
        geometry, faults = np.full(batch.num_rows, None, dtype=object), {}
    refs = [f"{start + number} 番目" for number in range(1, batch.num_rows + 1)]
    table = SourceTable(label, columns, geometry, crs, refs)
    return without_unusable(reject(table, faults) if faults else table)


def _values(column: pa.Array) -> list[object]:
    """A column as Python values; by way of NumPy where that says the same, which is ten times faster."""
    if pa.types.is_string(column.type) or pa.types.is_large_string(column.type):
        return _shared_texts(column)
    is_number = (
        pa.types.is_integer(column.type) or pa.types.is_floating(column.type) or pa.types.is_boolean(column.type)
    )
    if is_number and not column.null_count:
        return column.to_numpy(zero_copy_only=False).tolist()  # type: ignore[no-any-return]
    return column.to_pylist()  # type: ignore[no-any-return]


def _shared_texts(column: pa.Array) -> list[object]:
    """Texts of a column, each distinct one made once: files repeat themselves, and whoever reads on finds it by identity."""
    encoded = column.dictionary_encode()
    distinct: list[object] = [*encoded.dictionary.to_pylist(), None]
    places = encoded.indices.fill_null(len(distinct) - 1).to_pylist()
    return list(map(distinct.__getitem__, places))


def _geometry(wkb: NDArray[np.object_]) -> tuple[NDArray[np.object_], dict[int, str]]:
    geometry: NDArray[np.object_] = shapely.from_wkb(wkb, on_invalid="ignore")
    if shapely.has_z(geometry).any():
        geometry = shapely.force_2d(geometry)
    lost = np.flatnonzero(np.array([value is not None for value in wkb], dtype=bool) & (geometry == None))  # noqa: E711
    geometry[shapely.is_empty(geometry)] = None
    return geometry, {int(row): "形状を読めない" for row in lost}
