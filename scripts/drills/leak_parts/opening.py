"""Opens whatever an answer is, so that a canary inside of a container is seen: files, archives, tiles, and bytes as they are."""

import gzip
import io
import sqlite3
import tempfile
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import mapbox_vector_tile
import openpyxl
import pyarrow.parquet as pq
import pyogrio
from pmtiles.reader import MemorySource, all_tiles

from scripts.drills.leak_parts.canaries import canaries_in

_DEEPEST = 4


def canaries_of(content: bytes) -> set[str]:
    """Every canary in an answer, however deep it is packed."""
    found: set[str] = set()
    for piece in _pieces(content, 0):
        found |= canaries_in(piece)
    return found


def _pieces(content: bytes, depth: int) -> Iterator[bytes]:
    yield content
    if depth == _DEEPEST:
        return
    for begins, read in _READERS:
        if content.startswith(begins):
            for piece in read(content):
                yield from _pieces(piece, depth + 1)


def _zip(content: bytes) -> Iterator[bytes]:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        for name in archive.namelist():
            yield name.encode()
            yield archive.read(name)
        if any(name.endswith(".dbf") for name in archive.namelist()):
            yield from _tables(archive)
        if "xl/workbook.xml" in archive.namelist():
            book = openpyxl.load_workbook(io.BytesIO(content), read_only=True)
            for sheet in book:
                yield "\n".join(str(row) for row in sheet.iter_rows(values_only=True)).encode()


def _tables(archive: zipfile.ZipFile) -> Iterator[bytes]:
    """The rows of dBASE files, in which a value ends where the next begins."""
    with tempfile.TemporaryDirectory() as folder:
        archive.extractall(folder)
        for path in Path(folder).rglob("*.dbf"):
            frame = pyogrio.read_dataframe(path, read_geometry=False)
            yield "\n".join(map(str, frame.itertuples())).encode()


def _sqlite(content: bytes) -> Iterator[bytes]:
    with tempfile.NamedTemporaryFile(suffix=".gpkg") as file:
        file.write(content)
        file.flush()
        connection = sqlite3.connect(f"file:{file.name}?mode=ro&immutable=1", uri=True)
        tables = [row[0] for row in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        for table in tables:
            if not table.startswith("rtree_"):
                rows = connection.execute(f'SELECT * FROM "{table}"').fetchall()
                yield "\n".join(map(str, rows)).encode()
        connection.close()


def _parquet(content: bytes) -> Iterator[bytes]:
    table = pq.read_table(io.BytesIO(content))
    yield str(table.schema.metadata).encode()
    for name in table.column_names:
        yield "\n".join(map(str, table.column(name).to_pylist())).encode()


def _flatgeobuf(content: bytes) -> Iterator[bytes]:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "answer.fgb"
        path.write_bytes(content)
        frame = pyogrio.read_dataframe(path, read_geometry=False)
        yield "\n".join(map(str, frame.itertuples())).encode()


def _pmtiles(content: bytes) -> Iterator[bytes]:
    for _, tile in all_tiles(MemorySource(content)):
        yield tile_text(gzip.decompress(tile))


def tile_text(content: bytes) -> bytes:
    """What a vector tile says of its features, without their shapes."""
    told = mapbox_vector_tile.decode(content)
    return "\n".join(
        str((name, feature.get("id"), feature["properties"]))
        for name, layer in told.items()
        for feature in layer["features"]
    ).encode()


_READERS: tuple[tuple[bytes, Callable[[bytes], Iterator[bytes]]], ...] = (
    (b"PK\x03\x04", _zip),
    (b"SQLite format 3\x00", _sqlite),
    (b"PAR1", _parquet),
    (b"fgb\x03", _flatgeobuf),
    (b"PMTiles", _pmtiles),
    (b"\x1f\x8b", lambda content: iter([gzip.decompress(content)])),
)
