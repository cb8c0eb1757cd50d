"""What a published layer is in files: its rows, its tiles and its style, all from one snapshot, and their hashes."""

import json
import os
import shutil
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass
from datetime import date
from hashlib import sha256
from pathlib import Path

from psycopg import sql

from layers.publication.content import content, snapshot
from layers.publication.errors import ChangedSinceCheckError, PublicationError
from layers.publication.tile_archive import PUBLIC_MAX_ZOOM, Tell, export_snapshot, write_archive
from layers.store.database import Connection, Database
from layers.store.definitions import Layer
from layers.store.editions import editions
from layers.store.errors import translated
from layers.store.instance import Store
from layers.store.legend_style import style_layers
from layers.store.tiles.band_filling import fill, layers_to_fill
from layers.store.tiles.band_plan import bands_of
from layers.store.tiles.description import Bounds

ROWS, TILES, STYLE, COVERAGE = "rows.gpkg", "tiles.pmtiles", "style.json", "coverage.wkb"
ROWS_SHARE = 0.1
"""Part of the time that the rows take; the rest is drawing tiles."""
_BAND_LOCK = 7_522_002
"""The space of the locks under which `layers.store.tiles.band_filling` fills a layer's bands."""


@dataclass(frozen=True)
class FileRecord:
    """A file by what is in it."""

    sha256: str
    bytes: int


@dataclass(frozen=True)
class Part:
    """One layer ready for a bundle; `content` is the hash of its rows, `files` are by their name in the part's folder."""

    layer: str
    rows: int
    content: str
    tiles: int
    max_zoom: int
    data_date: date | None
    files: dict[str, FileRecord]
    added_error_m: float = 0.0
    """The most that any load's coordinates added to the layer's own accuracy, in metres."""

    def to_document(self) -> dict[str, object]:
        """The part as JSON."""
        return asdict(self) | {"data_date": self.data_date.isoformat() if self.data_date else None}


def part_of(document: dict[str, object]) -> Part:
    """The part that `to_document` wrote."""
    known = dict(document)
    files = known["files"]
    assert isinstance(files, dict)  # noqa: S101 - written by to_document
    told = known["data_date"]
    known["files"] = {name: FileRecord(**record) for name, record in files.items()}
    known["data_date"] = date.fromisoformat(str(told)) if told else None
    return Part(**known)  # type: ignore[arg-type]


def file_record(path: Path) -> FileRecord:
    """The hash and size of a file."""
    digest = sha256()
    with path.open("rb") as file:
        while piece := file.read(1 << 20):
            digest.update(piece)
    return FileRecord(digest.hexdigest(), path.stat().st_size)


def make_part(
    store: Store, layer: Layer, folder: Path, *, expected: str, max_zoom: int = PUBLIC_MAX_ZOOM, tell: Tell
) -> Part:
    """Write the files of `layer`, one that `as_published` made, into `folder`, which appears whole or not at all.

    Raises ChangedSinceCheckError when the rows are not those whose hash is `expected`: what was approved is what goes out.
    """
    fill(store.database, _unfilled(store, layer))
    unfinished = folder.with_name(f"{folder.name}.new")
    shutil.rmtree(unfinished, ignore_errors=True)
    unfinished.mkdir(parents=True)
    with ExitStack() as held:
        held.enter_context(_bands_held(store.database, layer))
        connection = held.enter_context(snapshot(store.database))
        rows, digest = _write_rows(connection, store, layer, unfinished / ROWS)
        if digest != expected:
            raise ChangedSinceCheckError(
                f"「{layer.title}」の内容が、確認・承認のあとで変わりました。公開していません。もう一度下書きから始めてください。"
            )
        tell(ROWS_SHARE)
        part = _write_others(connection, store, layer, unfinished, (rows, digest, max_zoom), tell)
    shutil.rmtree(folder, ignore_errors=True)
    unfinished.replace(folder)
    return part


def _write_others(
    connection: Connection, store: Store, layer: Layer, folder: Path, known: tuple[int, str, int], tell: Tell
) -> Part:
    rows, digest, max_zoom = known
    view = export_snapshot(connection, store.database.url)
    bounds = _bounds(connection, layer)
    with translated():
        tiles = write_archive(
            view,
            layer,
            bounds,
            folder / TILES,
            max_zoom=max_zoom,
            tell=lambda share: tell(ROWS_SHARE + (1 - ROWS_SHARE) * share),
        )
    style = json.dumps(style_layers(layer), ensure_ascii=False, separators=(",", ":"))
    (folder / STYLE).write_text(style, encoding="utf-8")
    if layer.coverage == "given":
        (folder / COVERAGE).write_bytes(_coverage(connection, layer))
    edition = editions(connection).get(layer.id)
    files = {file.name: file_record(file) for file in sorted(folder.iterdir())}
    for file in folder.iterdir():
        _sync(file)
    top = max(min(PUBLIC_MAX_ZOOM, max_zoom), layer.first_zoom)
    data_date, added_error_m = (edition.data_date, edition.added_error_m) if edition else (None, 0.0)
    return Part(layer.id, rows, digest, tiles, top, data_date, files, added_error_m)


def _unfilled(store: Store, layer: Layer) -> list[Layer]:
    """The layer as the store has it, when its bands must be filled first."""
    return [one for one in layers_to_fill(store.database, store.catalogue) if one.id == layer.id]


@contextmanager
def _bands_held(database: Database, layer: Layer) -> Iterator[None]:
    """Keep anybody from replacing the layer's bands under a snapshot, which would see the new tables empty."""
    if not bands_of(layer):
        yield
        return
    with database.transaction() as connection:
        connection.execute("SELECT pg_advisory_xact_lock(%s, hashtext(%s))", [_BAND_LOCK, layer.id])
        yield


def _write_rows(connection: Connection, store: Store, layer: Layer, path: Path) -> tuple[int, str]:
    with content(connection, store, layer) as found:
        from gis.formats.writing import geopackage

        geopackage.write(found.sheet, found.batches, path)
    return found.counted.rows, found.counted.digest


def _bounds(connection: Connection, layer: Layer) -> Bounds:
    row = connection.execute(
        sql.SQL(
            "SELECT ST_XMin(b), ST_YMin(b), ST_XMax(b), ST_YMax(b) FROM (SELECT ST_Transform("
            "ST_SetSRID(ST_Extent(geom_3857)::geometry, 3857), 4326) AS b FROM layers.{}) e WHERE b IS NOT NULL"
        ).format(sql.Identifier(layer.id))
    ).fetchone()
    if row is None:
        raise PublicationError(f"「{layer.title}」には公開できる図形が一つもありません。")
    return row[0], row[1], row[2], row[3]


def _coverage(connection: Connection, layer: Layer) -> bytes:
    """The area that the layer's present loads speak for, in plane metres; empty where none declared one."""
    row = connection.execute(
        "SELECT ST_AsBinary(ST_Multi(ST_Union(c.geom))) FROM onomap.coverages c JOIN onomap.loads l ON l.id = c.load_id "
        "WHERE c.layer = %s AND l.superseded_by IS NULL",
        [layer.id],
    ).fetchone()
    return bytes(row[0]) if row is not None and row[0] is not None else b""


def _sync(file: Path) -> None:
    with file.open("rb") as handle:
        os.fsync(handle.fileno())
