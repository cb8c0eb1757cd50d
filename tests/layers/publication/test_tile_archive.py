"""The tiles of a bundle: those that the live map shows of the public columns, all of them, and nothing of the others."""

import gzip
from typing import Any

import mapbox_vector_tile
import pytest
import shapely
from pmtiles.reader import MmapSource, Reader, all_tiles
from pmtiles.tile import zxy_to_tileid

from layers.publication.content import snapshot
from layers.publication.errors import PublicationError
from layers.publication.parts import TILES
from layers.publication.published_layer import as_published
from layers.publication.tile_archive import NotDrawableError, export_snapshot, write_archive
from layers.store.instance import Store
from layers.store.tiles.address import Tile
from layers.store.tiles.band_filling import fill, layers_to_fill
from layers.store.tiles.source import TileSource
from tests.layers.publication.publication_samples import included, quiet
from tests.layers.store.tiles.tile_samples import EAST_M, NORTH_M, drawn, insert


def tiles_of(store: Store, layer: str, max_zoom: int) -> dict[tuple[int, int, int], bytes]:
    part = included(store, layer, max_zoom)
    with (part.folder / TILES).open("rb") as file:
        return dict(all_tiles(MmapSource(file)))


@pytest.fixture
def town(small_store: Store) -> Store:
    """Parcels in two places far from each other, so that most tiles between them are empty."""
    boxes = [
        shapely.MultiPolygon([shapely.box(EAST_M + x, NORTH_M, EAST_M + x + 30, NORTH_M + 30)])
        for x in (0, 40, 5_000, 5_040)
    ]
    insert(small_store, "cadastral", boxes, chiban="1", oaza="谷津作", koaza="平", land_category="CANARY")
    fill(small_store.database, layers_to_fill(small_store.database, small_store.catalogue))
    return small_store


def test_every_tile_is_the_live_one_byte_for_byte_and_none_is_missing(town: Store) -> None:
    archived = tiles_of(town, "cadastral", 16)
    source = TileSource(town)
    live: dict[tuple[int, int, int], bytes] = {}
    for zoom in (10, 12, 14, 16):
        places = {(x, y) for z, x, y in archived if z == zoom}
        around = {(x + right, y + down) for x, y in places for right in (-1, 0, 1) for down in (-1, 0, 1)}
        for x, y in around:
            tile = drawn(source, "cadastral", Tile(zoom, x, y))
            if not tile.joined.is_empty:
                live[zoom, x, y] = tile.joined.gzipped()
    source.close()

    assert len(live) > 5
    assert live == {address: content for address, content in archived.items() if address[0] in (10, 12, 14, 16)}


def test_no_tile_holds_a_column_that_is_not_published(town: Store) -> None:
    properties: set[str] = set()
    for content in tiles_of(town, "cadastral", 16).values():
        assert b"CANARY" not in gzip.decompress(content)
        decoded: Any = mapbox_vector_tile.decode(gzip.decompress(content))
        properties |= {name for feature in decoded["cadastral"]["features"] for name in feature["properties"]}

    public = {field.name for field in as_published(town.layer("cadastral")).fields}
    assert {"chiban", "parcel_key"} <= properties
    assert properties <= public | {"merged_rows", "labelled_elsewhere"}


def test_the_header_and_metadata_say_what_is_inside(town: Store) -> None:
    part = included(town, "cadastral", 15)
    with (part.folder / TILES).open("rb") as file:
        source = MmapSource(file)
        header, metadata = Reader(source).header(), Reader(source).metadata()
        addresses = [zxy_to_tileid(*address) for address, _ in all_tiles(source)]

    assert (header["min_zoom"], header["max_zoom"], header["addressed_tiles_count"]) == (10, 15, part.part.tiles)
    assert header["clustered"]
    assert addresses == sorted(addresses)
    assert metadata["vector_layers"][0]["id"] == "cadastral"
    assert "land_category" not in metadata["vector_layers"][0]["fields"]


def test_an_edit_while_tiles_are_drawn_is_in_none_of_them(town: Store) -> None:
    layer = as_published(town.layer("shelters"))
    path = town.settings.home / "shelters.pmtiles"
    with snapshot(town.database) as connection:
        view = export_snapshot(connection, town.database.url)
        with town.database.transaction() as other:
            other.execute("UPDATE layers.shelters SET name = '途中の変更'")
        write_archive(view, layer, (140.5, 37.2, 140.7, 37.4), path, max_zoom=12, tell=quiet)
    with path.open("rb") as file:
        contents = [gzip.decompress(content) for _, content in all_tiles(MmapSource(file))]

    assert contents
    assert [content for content in contents if "途中".encode() in content] == []


def test_a_layer_whose_simplified_shapes_are_not_ready_is_not_drawn_from_half_of_them(town: Store) -> None:
    with town.database.transaction() as connection:
        connection.execute("UPDATE bands.state SET ready = false")
    with snapshot(town.database) as connection:
        view = export_snapshot(connection, town.database.url)
        with pytest.raises(NotDrawableError):
            write_archive(
                view,
                as_published(town.layer("cadastral")),
                (140.5, 37.2, 140.7, 37.4),
                town.settings.home / "c.pmtiles",
                max_zoom=12,
                tell=quiet,
            )


def test_a_layer_with_nothing_to_draw_makes_no_archive(empty_store: Store) -> None:
    with pytest.raises(PublicationError, match="一つも"):
        included(empty_store, "shelters")
