"""Whether an imported edition works, looked at before anybody is served from it."""

import gzip
from pathlib import Path

import mapbox_vector_tile
from pmtiles.reader import MmapSource, Reader, all_tiles
from psycopg import sql

from layers.publication.bundle import BundledLayer, manifest_of
from layers.publication.errors import BundleRefusedError
from layers.publication.parts import TILES
from layers.publication.switching import edition_schema
from layers.store.database import Connection


def smoke_test(connection: Connection, folder: Path, number: int, web: str) -> None:
    """Count the rows, ask through the index, open the tiles and read the first of each archive. Raises BundleRefusedError."""
    row = connection.execute("SELECT manifest FROM onomap.editions WHERE number = %s", [number]).fetchone()
    assert row is not None  # noqa: S101 - imported a moment ago
    for bundled in manifest_of(row[0]).layers:
        _rows_answer(connection, bundled, number, web)
        _tiles_open(folder / bundled.files[TILES].path, bundled)


def _rows_answer(connection: Connection, bundled: BundledLayer, number: int, web: str) -> None:
    table = sql.SQL("{}.{}").format(sql.Identifier(edition_schema(number)), sql.Identifier(bundled.id))
    found = connection.execute(
        sql.SQL(
            "SELECT count(*), count(*) FILTER (WHERE geom_3857 IS NOT NULL), "
            "has_table_privilege({web}, {name}, 'SELECT') FROM {table}"
        ).format(web=sql.Literal(web), name=sql.Literal(f"{edition_schema(number)}.{bundled.id}"), table=table)
    ).fetchone()
    if found is None or found[0] != bundled.rows or not found[1] or not found[2]:
        raise _not_working(bundled, "地物が答えません")


def _tiles_open(path: Path, bundled: BundledLayer) -> None:
    with path.open("rb") as file:
        source = MmapSource(file)
        header = Reader(source).header()
        if header["addressed_tiles_count"] != bundled.tiles or header["max_zoom"] > bundled.max_zoom:
            raise _not_working(bundled, "タイルの数が目録と合いません")
        _, first = next(all_tiles(source))
        if bundled.id not in mapbox_vector_tile.decode(gzip.decompress(first)):
            raise _not_working(bundled, "タイルが読めません")


def _not_working(bundled: BundledLayer, what: str) -> BundleRefusedError:
    return BundleRefusedError(
        f"取り込んだ「{bundled.title}」の試験に失敗しました（{what}）。いまの版の公開を続けます。"
    )
