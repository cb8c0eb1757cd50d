"""A layer, or any selection of its rows, out of the store into a file of an open format.

All rows come from one snapshot (REPEATABLE READ, read only), in the CRS asked for, transformed by PostGIS. A container is
made beside its destination and only then shown; a text that is sent while it is made ends torn when something goes wrong.
"""

import re
import threading
from collections.abc import Callable, Generator, Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field
from itertools import chain, islice
from pathlib import Path
from tempfile import TemporaryDirectory

import psycopg
import pyarrow as pa
from psycopg import sql

from gis.crs import Datum, describe
from gis.errors import CrsError
from gis.formats.writing.errors import FailedWriteError, UnwritableError
from gis.formats.writing.formats import FileFormat
from gis.formats.writing.outgoing import CRS84_EPSG, Batches, Outgoing
from layers.store.database import Connection
from layers.store.definitions import GeometryKind
from layers.store.errors import StoreError
from layers.store.export_description import outgoing
from layers.store.read_ahead import read_ahead
from layers.store.readable import Readable
from layers.store.row_stream import bound, matching, stream_rows
from layers.store.selection import Selection

STATEMENT_TIMEOUT_S = 300.0
"""How long one statement of an export may take: the count, the sort before the first row, or one batch."""

Progress = Callable[[int], None]


class ExportStoppedError(StoreError):
    """Nobody waits for the file any longer."""


@dataclass(frozen=True)
class Export:
    """What goes out: which rows, in which format, in which CRS (EPSG; 4326 is longitude before latitude, CRS84).

    More than `most_rows` are not written at all, rather than cut off.
    """

    selection: Selection
    format: FileFormat
    srid: int
    most_rows: int | None = None


@dataclass
class Halt:
    """Ends an export from another thread: the query that runs is cancelled, and no further batch comes."""

    _stopped: threading.Event = field(default_factory=threading.Event)
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _connection: Connection | None = None

    @property
    def is_stopped(self) -> bool:
        """Whether the export was ended."""
        return self._stopped.is_set()

    def stop(self) -> None:
        """End it."""
        self._stopped.set()
        with self._lock:
            if self._connection is not None:
                # A cancellation that fails leaves a query that ends by itself with its batch.
                with suppress(psycopg.Error):
                    self._connection.cancel_safe(timeout=5.0)

    @contextmanager
    def over(self, connection: Connection) -> Iterator[None]:
        """Lets `stop` reach this connection while it is the export's own."""
        with self._lock:
            self._connection = connection
        try:
            yield
        finally:
            with self._lock:
                self._connection = None

    def watched(self, batches: Batches, progress: Progress | None) -> Iterator[pa.RecordBatch]:
        """The batches, until the export is ended. Raises ExportStoppedError then."""
        done = 0
        for batch in batches:
            if self.is_stopped:
                raise ExportStoppedError("書き出しを中止しました。")
            yield batch
            done += batch.num_rows
            if progress is not None:
                progress(done)


def plan(store: Readable, selection: Selection, file_format: FileFormat, srid: int | None) -> Export:
    """The export as it will be done; without `srid` in the format's usual CRS.

    Raises UnwritableError for a layer that is a raster or a format that cannot be in that CRS, CrsError for a CRS whose
    datum is not JGD2011 (PostGIS would move such points by a ballpark or not at all).
    """
    if selection.layer.geometry is GeometryKind.RASTER:
        raise UnwritableError(f"{selection.layer.title}はラスタなので、この方法では書き出せません。")
    wanted = srid or (store.town.srid if file_format.plane else CRS84_EPSG)
    if file_format.only_crs84 and wanted != CRS84_EPSG:
        raise UnwritableError(
            f"{file_format.title} は規格により経緯度（WGS 84、CRS84）だけです。ほかの座標系は GeoPackage で書き出してください。"
        )
    if describe(wanted).datum is not Datum.JGD2011:
        raise CrsError(
            f"EPSG:{wanted} では書き出せません。JGD2011 か WGS 84 の座標系（例: {store.town.srid}、6668、4326）にしてください。"
        )
    return Export(selection, file_format, wanted)


@contextmanager
def _rows(
    store: Readable, export: Export, halt: Halt, progress: Progress | None
) -> Iterator[tuple[Outgoing, Iterator[pa.RecordBatch]]]:
    """What the file says of itself, and its rows, both from one snapshot."""
    with (
        store.database.transaction(timeout_s=STATEMENT_TIMEOUT_S, is_snapshot=True) as connection,
        halt.over(connection),
    ):
        try:
            _check_count(connection, export)
            sheet = outgoing(connection, store, export.selection, export.srid)
            with (
                closing(stream_rows(connection, export.selection, sheet.schema, export.srid)) as rows,
                closing(read_ahead(rows)) as batches,
            ):
                yield sheet, halt.watched(_confirmed(store, batches), progress)
        except psycopg.errors.QueryCanceled as error:
            if halt.is_stopped:
                raise ExportStoppedError("書き出しを中止しました。") from error
            raise


def _confirmed(store: Readable, batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    """The batches, once the first is here: the cursor has its tables then, so that is when they must be the right ones."""
    first = list(islice(batches, 1))
    store.database.confirmed()
    return chain(first, batches)


def _check_count(connection: Connection, export: Export) -> None:
    most = min((n for n in (export.format.most_rows, export.most_rows) if n is not None), default=None)
    if most is None or (export.selection.most is not None and export.selection.most <= most):
        return
    statement = sql.SQL("SELECT count(*) FROM (SELECT 1 {} LIMIT {}) c").format(
        matching(export.selection), sql.Placeholder("export_limit")
    )
    row = connection.execute(statement, {**bound(export.selection), "export_limit": most + 1}).fetchone()
    if row is not None and row[0] > most:
        raise UnwritableError(
            f"{export.selection.layer.title}は {most:,} 行を超えるので、一つの {export.format.title} には書き出せません。"
            "範囲を絞るか、ほかの形式（GeoPackage・CSV など）で書き出してください。"
        )


def pieces(store: Readable, export: Export, halt: Halt, progress: Progress | None = None) -> Generator[bytes]:
    """A text format piece by piece; the transaction stays open until the last piece was taken or the iterator closed.

    An error after the first piece leaves the text torn: what `FileFormat.torn` says, and never its proper end.
    """
    make = export.format.pieces
    if make is None:
        raise UnwritableError(f"{export.format.title} は少しずつ送れない形式です。")
    begun = False
    try:
        with _rows(store, export, halt, progress) as (sheet, batches):
            for piece in make(sheet, batches):
                begun = True
                yield piece
    except Exception:
        if begun and export.format.torn:
            yield export.format.torn
        raise


def write_file(store: Readable, export: Export, path: Path, halt: Halt, progress: Progress | None = None) -> None:
    """The export as a file at `path`, which appears there whole or not at all.

    Raises StoreError, UnwritableError, FailedWriteError.
    """
    try:
        # Drivers go by the suffix and put files of their own beside it, so the file is made under its own name elsewhere.
        with TemporaryDirectory(prefix=".onomap-", dir=path.parent) as folder:
            made = Path(folder) / f"{export.selection.layer.id}{export.format.suffix}"
            _make(store, export, made, halt, progress)
            made.replace(path)
    except OSError as error:
        raise FailedWriteError(f"{path} に書き出せません（{error.strerror}）。") from error


def _make(store: Readable, export: Export, made: Path, halt: Halt, progress: Progress | None) -> None:
    if export.format.write is not None:
        with _rows(store, export, halt, progress) as (sheet, batches):
            export.format.write(sheet, batches, made)
    else:
        with made.open("wb") as file, closing(pieces(store, export, halt, progress)) as parts:
            file.writelines(parts)


_CRS_NAME = re.compile(r"(?:EPSG:|http://www\.opengis\.net/def/crs/EPSG/\d+/)?(\d{1,6})", re.IGNORECASE)
_CRS84_NAMES = ("CRS84", "OGC:CRS84", "http://www.opengis.net/def/crs/OGC/1.3/CRS84")


def srid_named(text: str) -> int:
    """The EPSG code that a caller means: 6677, EPSG:6677, its OGC URI, or CRS84 as 4326. Raises CrsError; nothing is guessed."""
    if text in _CRS84_NAMES:
        return CRS84_EPSG
    match = _CRS_NAME.fullmatch(text.strip())
    if match is None:
        raise CrsError("座標系は EPSG の番号（例: 6677）か CRS84 で指定してください。")
    return int(match.group(1))
