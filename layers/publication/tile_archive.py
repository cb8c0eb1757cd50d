"""Every tile of a layer in one PMTiles file (version 3), drawn from one snapshot of the store by several connections at once.

A tile is asked for only where the one above it has something, so an archive costs what it holds, not what it spans. Each
tile is one gzip member around a fragment of `gis.mvt`, byte for byte what the internal map would be sent.
"""

import math
import os
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from queue import SimpleQueue
from typing import Any

import psycopg
from pmtiles.tile import Compression, TileType, zxy_to_tileid
from pmtiles.writer import Writer
from psycopg import sql
from psycopg.types.numeric import Int4

from gis.mvt import BUFFER, EXTENT, fragment, join
from layers.publication.errors import PublicationError
from layers.store.database import Connection
from layers.store.definitions import Layer
from layers.store.tiles.address import Tile
from layers.store.tiles.band_plan import bands_of, shown_fields
from layers.store.tiles.description import Bounds
from layers.store.tiles.statements import tile_statement

PUBLIC_MAX_ZOOM = 16
"""The finest zoom that is drawn; a map enlarges its tiles beyond. In Ono a tile of z16 is 490 m wide."""
_AT_ONCE = 64
_E7 = 10_000_000
Tell = Callable[[float], None]


class NotDrawableError(PublicationError):
    """The simplified shapes of the layer are being made anew."""


@dataclass(frozen=True)
class Drawn:
    """One tile's gzip, empty where nothing is drawn; `occupied` when rows lie in it, be they too small to draw."""

    tile: Tile
    gzipped: bytes
    occupied: bool


@dataclass(frozen=True)
class Snapshot:
    """A moment of the store that other connections may see too, for as long as the transaction that exported it lives."""

    url: str
    name: str


def export_snapshot(connection: Connection, url: str) -> Snapshot:
    """Let other connections see what this transaction sees."""
    row = connection.execute("SELECT pg_export_snapshot()").fetchone()
    assert row is not None  # noqa: S101 - a SELECT without FROM has one row
    return Snapshot(url, row[0])


def write_archive(snapshot: Snapshot, layer: Layer, bounds: Bounds, path: Path, *, max_zoom: int, tell: Tell) -> int:
    """Write the archive of `layer`, which lies within `bounds` in degrees; returns the number of its tiles.

    `tell` hears the share that is done. Raises NotDrawableError while the layer's bands are not filled.
    """
    top = max(min(PUBLIC_MAX_ZOOM, max_zoom), layer.first_zoom)
    written = 0
    with path.open("wb") as file, _drawers(snapshot, layer) as draw:
        writer = Writer(file)
        wanted = _within(bounds, layer.first_zoom)
        for zoom in range(layer.first_zoom, top + 1):
            drawn = sorted(_level(draw, wanted, zoom, top, tell), key=lambda one: zxy_to_tileid(*one.tile))
            for one in drawn:
                if one.gzipped:
                    writer.write_tile(zxy_to_tileid(*one.tile), one.gzipped)
                    written += 1
            wanted = [child for one in drawn if one.occupied for child in _children(one.tile)]
        if not written:
            raise PublicationError(f"「{layer.title}」には地図に描けるものがありません。")
        writer.finalize(_header(layer, bounds), _metadata(layer, top))
        file.flush()
        os.fsync(file.fileno())
    return written


Draw = Callable[[list[Tile]], Iterator[Drawn]]


def _level(draw: Draw, wanted: list[Tile], zoom: int, top: int, tell: Tell) -> Iterator[Drawn]:
    """The tiles of one zoom; each has four times as many as the one before, and is told so."""
    before, share = 4.0 ** (zoom - top - 1), 4.0 ** (zoom - top) * 0.75
    for done, one in enumerate(draw(wanted)):
        if done % _AT_ONCE == 0:
            tell(min(1.0, before + share * done / len(wanted)))
        yield one


@contextmanager
def _drawers(snapshot: Snapshot, layer: Layer) -> Iterator[Draw]:
    """As many connections as there are processors, all of which see the snapshot."""
    count = max(2, os.cpu_count() or 2)
    free: SimpleQueue[Connection] = SimpleQueue()
    opened: list[Connection] = []
    try:
        for _ in range(count):
            opened.append(_seeing(snapshot))
            free.put(opened[-1])

        def one(tile: Tile) -> Drawn:
            connection = free.get()
            try:
                return _draw(connection, layer, tile)
            finally:
                free.put(connection)

        with ThreadPoolExecutor(count, thread_name_prefix="archive") as workers:
            yield lambda tiles: workers.map(one, tiles)
    finally:
        for connection in opened:
            connection.close()


def _seeing(snapshot: Snapshot) -> Connection:
    connection = psycopg.connect(snapshot.url, application_name="onomap publish")
    connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
    connection.execute(sql.SQL("SET TRANSACTION SNAPSHOT {}").format(sql.Literal(snapshot.name)))
    # one plan for all addresses, as the live tiles have
    connection.execute("SET LOCAL plan_cache_mode = force_generic_plan")
    return connection


def _draw(connection: Connection, layer: Layer, tile: Tile) -> Drawn:
    statement = tile_statement(layer, tile.z)
    assert statement is not None  # noqa: S101 - no tile is asked for below the first zoom
    with connection.cursor(binary=True) as cursor:
        values = {"z": Int4(tile.z), "x": Int4(tile.x), "y": Int4(tile.y)}
        row: Any = cursor.execute(statement, values, prepare=True).fetchone()
    encoded, features, dropped, ready = row
    if not ready:
        raise NotDrawableError(
            f"「{layer.title}」は表示用の図形を作り直しているところです。少し待ってからもう一度お試しください。"
        )
    gzipped = join([fragment(bytes(encoded))]).gzipped() if features else b""
    return Drawn(tile, gzipped, bool(features or dropped))


def _within(bounds: Bounds, zoom: int) -> list[Tile]:
    """The tiles that show something of the box, those among them that only its edge reaches from beside."""
    west, south, east, north = bounds
    left, top = _place(west, north, zoom)
    right, bottom = _place(east, south, zoom)
    last, reach = (1 << zoom) - 1, BUFFER / EXTENT
    across = range(max(math.floor(left - reach), 0), min(math.floor(right + reach), last) + 1)
    down = range(max(math.floor(top - reach), 0), min(math.floor(bottom + reach), last) + 1)
    return [Tile(zoom, x, y) for x in across for y in down]


def _place(lon: float, lat: float, zoom: int) -> tuple[float, float]:
    """A point in tiles from the upper left of the world."""
    side = 1 << zoom
    y = 0.5 - math.asinh(math.tan(math.radians(lat))) / (2 * math.pi)
    return (lon + 180) / 360 * side, y * side


def _children(tile: Tile) -> list[Tile]:
    z, x, y = tile.z + 1, tile.x * 2, tile.y * 2
    return [Tile(z, x + right, y + down) for right in (0, 1) for down in (0, 1)]


def _header(layer: Layer, bounds: Bounds) -> dict[str, object]:
    west, south, east, north = (round(degree * _E7) for degree in bounds)
    return {
        "tile_type": TileType.MVT,
        "tile_compression": Compression.GZIP,
        "min_lon_e7": west,
        "min_lat_e7": south,
        "max_lon_e7": east,
        "max_lat_e7": north,
        "center_zoom": layer.min_zoom,
        "center_lon_e7": (west + east) // 2,
        "center_lat_e7": (south + north) // 2,
    }


def _metadata(layer: Layer, top: int) -> dict[str, object]:
    kinds = {"integer": "Number", "number": "Number", "boolean": "Boolean"}
    names = {*shown_fields(layer), *(name for band in bands_of(layer) for name in shown_fields(layer, band))}
    fields = {field.name: kinds.get(field.type, "String") for field in layer.fields if field.name in names}
    described = {"id": layer.id, "fields": fields, "minzoom": layer.first_zoom, "maxzoom": top}
    return {
        "name": layer.title,
        "description": layer.description,
        "attribution": layer.attribution,
        "vector_layers": [described],
    }
