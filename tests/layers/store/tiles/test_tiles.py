"""Tiles out of real PostGIS: edges, buffers, ids, attributes, and what is too small."""

from collections.abc import Iterator

import psycopg
import pytest
import shapely

from gis.generalise import unit_m
from layers.store.errors import StoreUnavailableError, UnknownLayerError
from layers.store.instance import Store
from layers.store.tiles.address import MAX_ZOOM, WORLD_M, Tile, TileAddressError
from layers.store.tiles.source import TileSource
from tests.layers.store.tiles.tile_samples import EAST_M, NORTH_M, drawn, features, insert, placed, tile_at

EDGE_EAST_M = 140.625 / 360 * WORLD_M
"""140.625° E, at which tile columns meet at every zoom from 8 on, and which runs through the town."""


@pytest.fixture
def source(empty_store: Store) -> Iterator[TileSource]:
    made = TileSource(empty_store)
    yield made
    made.close()


@pytest.mark.parametrize("address", [(-1, 0, 0), (MAX_ZOOM + 1, 0, 0), (3, 8, 0), (3, 0, -1), (0, 0, 1)])
def test_a_tile_that_no_map_has_is_refused(address: tuple[int, int, int]) -> None:
    with pytest.raises(TileAddressError, match="ありません"):
        Tile(*address)


@pytest.mark.parametrize("zoom", [14, 16, 18])
def test_the_pieces_of_a_feature_over_neighbouring_tiles_make_the_feature(source: TileSource, zoom: int) -> None:
    turned = shapely.affinity.rotate(shapely.box(-40, -25, 40, 25), 31)
    shape = shapely.MultiPolygon([shapely.affinity.translate(turned, EDGE_EAST_M + 5, NORTH_M)])
    insert(source.store, "cadastral", [shape], parcel_key="a/b/1", chiban="1")
    with source.store.database.transaction() as connection:
        row = connection.execute("SELECT ST_AsBinary(geom_3857) FROM layers.cadastral").fetchone()
    assert row is not None
    whole = shapely.from_wkb(row[0])

    west, south, east, north = whole.bounds
    low, high = tile_at(west, north, zoom), tile_at(east, south, zoom)
    pieces = []
    for x in range(low.x, high.x + 1):
        for y in range(low.y, high.y + 1):
            tile = Tile(zoom, x, y)
            inside = shapely.box(0, 0, 4096, 4096)
            pieces += [
                placed(feature["shape"] & inside, tile)
                for feature in features(drawn(source, "cadastral", tile), "cadastral")
            ]
    union = shapely.union_all(pieces)
    unit = unit_m(zoom)

    assert high.x > low.x
    # within a unit of the grid, and half a pixel where the zoom is drawn from simplified shapes
    allowed = unit * (1.5 if zoom > 15 else 5.0)
    assert shapely.hausdorff_distance(union.boundary, whole.boundary) <= allowed
    assert union.symmetric_difference(whole).area <= whole.length * unit


@pytest.mark.parametrize(("units", "is_there"), [(-1, True), (63, True), (66, False)])
def test_a_symbol_outside_a_tile_is_there_inside_its_buffer_only(
    source: TileSource, units: int, is_there: bool
) -> None:
    zoom = 16
    tile = tile_at(EDGE_EAST_M - 1, NORTH_M, zoom)
    insert(source.store, "facilities", [shapely.Point(EDGE_EAST_M + units * unit_m(zoom), NORTH_M)], name="役場")

    assert bool(features(drawn(source, "facilities", tile), "facilities")) == is_there


def test_a_point_on_the_edge_of_two_columns_is_in_both_tiles_at_the_same_place(source: TileSource) -> None:
    insert(source.store, "facilities", [shapely.Point(EDGE_EAST_M, NORTH_M)], name="役場")
    west, east = tile_at(EDGE_EAST_M - 1, NORTH_M, 15), tile_at(EDGE_EAST_M + 1, NORTH_M, 15)
    assert east.x == west.x + 1
    places = [placed(features(drawn(source, "facilities", t), "facilities")[0]["shape"], t) for t in (west, east)]

    assert places[0].distance(places[1]) < 1e-6
    assert places[0].distance(shapely.Point(EDGE_EAST_M, NORTH_M)) <= unit_m(15)


def test_a_feature_bears_its_row_s_id_and_what_legend_and_label_need(source: TileSource) -> None:
    fids = insert(
        source.store, "cadastral", [_square()], parcel_key="a/b/1", chiban="1", survey_status="調査済", oaza="a"
    )
    (feature,) = features(drawn(source, "cadastral", tile_at(EAST_M, NORTH_M, 17)), "cadastral")

    assert feature["id"] == fids[0]
    assert feature["properties"] == {"parcel_key": "a/b/1", "chiban": "1", "survey_status": "調査済"}


def test_several_layers_make_one_tile_in_the_order_asked_for(source: TileSource) -> None:
    insert(source.store, "cadastral", [_square()], parcel_key="a/b/1", chiban="1")
    insert(source.store, "roads", [shapely.MultiLineString([[(EAST_M, NORTH_M), (EAST_M + 50, NORTH_M)]])])
    tile = drawn(source, "roads,cadastral,roads", tile_at(EAST_M, NORTH_M, 16))

    assert tile.layers == ("roads", "cadastral")
    assert features(tile, "roads")
    assert features(tile, "cadastral")


def test_what_is_too_small_to_draw_is_counted_and_not_passed_over(source: TileSource) -> None:
    speck = shapely.MultiPolygon([shapely.box(EAST_M, NORTH_M, EAST_M + 0.4, NORTH_M + 0.4)])
    beside = shapely.MultiPolygon([shapely.box(EAST_M + 2_000, NORTH_M, EAST_M + 2_300, NORTH_M + 300)])
    insert(source.store, "landslide", [speck, beside], phenomenon=1, zone_class=1)
    tile = drawn(source, "landslide", tile_at(EAST_M, NORTH_M, 10))

    assert len(features(tile, "landslide")) == 1
    assert tile.dropped == {"landslide": 1}


def test_a_place_without_anything_is_empty(source: TileSource) -> None:
    assert drawn(source, "cadastral,roads", Tile(14, 0, 0)).joined.is_empty
    assert drawn(source, "street_lights", tile_at(EAST_M, NORTH_M, 9)).joined.is_empty


@pytest.mark.parametrize("names", ["nothing", "cadastral,nothing", "elevation", "cadastral,,roads", "cadastral;drop"])
def test_a_layer_that_tiles_cannot_show_is_refused(source: TileSource, names: str) -> None:
    with pytest.raises(UnknownLayerError):
        source.names(names)


def test_a_row_without_a_place_does_not_disturb(source: TileSource) -> None:
    with source.store.database.transaction() as connection:
        connection.execute(
            "INSERT INTO layers.agricultural_zone (content_hash, load_id, parcel_key) VALUES (gen_random_uuid(), 1, 'a/b/1')"
        )
    assert drawn(source, "agricultural_zone", tile_at(EAST_M, NORTH_M, 14)).joined.is_empty


def test_a_database_that_is_gone_is_told_and_the_next_tile_comes_when_it_is_back(source: TileSource) -> None:
    insert(source.store, "cadastral", [_square()], parcel_key="a/b/1", chiban="1")
    tile = tile_at(EAST_M, NORTH_M, 17)
    assert features(drawn(source, "cadastral", tile), "cadastral")
    with source.store.database.transaction() as connection:
        connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'onomap tiles' "
            "AND datname = current_database()"
        )
    assert features(drawn(source, "cadastral", tile), "cadastral")

    with source.store.database.transaction() as connection:
        connection.execute("ALTER TABLE layers.cadastral RENAME TO elsewhere")
    try:
        with pytest.raises(psycopg.errors.UndefinedTable):
            drawn(source, "cadastral", tile)
    finally:
        with source.store.database.transaction() as connection:
            connection.execute("ALTER TABLE layers.elsewhere RENAME TO cadastral")
    assert features(drawn(source, "cadastral", tile), "cadastral")


def test_a_tile_that_takes_too_long_is_given_up_kindly(source: TileSource) -> None:
    insert(source.store, "cadastral", [_square()], parcel_key="a/b/1", chiban="1")
    tile = tile_at(EAST_M, NORTH_M, 17)
    with source.store.database.transaction() as holder:
        holder.execute("LOCK TABLE layers.cadastral IN ACCESS EXCLUSIVE MODE")
        source._pool.open()
        with source._pool.connection() as connection:
            connection.execute("SET statement_timeout = 200")
        with pytest.raises(StoreUnavailableError, match="秒"):
            drawn(source, "cadastral", tile)


def _square() -> shapely.Geometry:
    return shapely.MultiPolygon([shapely.box(EAST_M, NORTH_M, EAST_M + 30, NORTH_M + 30)])


def places_of_labels(source: TileSource, shape: shapely.MultiPolygon, zoom: int) -> tuple[int, int]:
    """In how many tiles a parcel lies, and in how many of them it is to be labelled."""
    (fid,) = insert(source.store, "cadastral", [shape], parcel_key="a/b/1", chiban="1")
    west, south, east, north = shape.bounds
    low, high = tile_at(west, north, zoom), tile_at(east, south, zoom)
    addresses = [Tile(zoom, x, y) for x in range(low.x, high.x + 1) for y in range(low.y, high.y + 1)]
    found = [feature for tile in addresses for feature in features(drawn(source, "cadastral", tile), "cadastral")]
    assert {feature["id"] for feature in found} == {fid}
    return len(found), sum("labelled_elsewhere" not in feature["properties"] for feature in found)


def test_a_parcel_over_two_tiles_has_its_number_once(source: TileSource) -> None:
    bent = shapely.Polygon([(-9, -9), (20, -9), (20, 9), (-9, 9), (-9, 6), (17, 6), (17, -6), (-9, -6)])
    shape = shapely.MultiPolygon([shapely.affinity.translate(bent, EDGE_EAST_M, NORTH_M)])
    assert places_of_labels(source, shape, 18) == (2, 1)


def test_a_parcel_that_fills_the_screen_has_its_number_in_every_tile_that_it_fills(source: TileSource) -> None:
    shape = shapely.MultiPolygon([shapely.box(EDGE_EAST_M - 250, NORTH_M - 250, EDGE_EAST_M + 250, NORTH_M + 250)])
    tiles, labels = places_of_labels(source, shape, 18)
    assert 4 <= labels <= tiles


def test_a_parcel_in_two_places_has_its_number_at_both(source: TileSource) -> None:
    parts = [shapely.box(x, NORTH_M, x + 12, NORTH_M + 12) for x in (EDGE_EAST_M - 40, EDGE_EAST_M + 40)]
    assert places_of_labels(source, shapely.MultiPolygon(parts), 18) == (2, 2)


def test_below_the_zoom_of_labels_no_tile_speaks_of_them(source: TileSource) -> None:
    shape = shapely.MultiPolygon([shapely.box(EDGE_EAST_M - 30, NORTH_M, EDGE_EAST_M + 60, NORTH_M + 50)])
    tiles, labels = places_of_labels(source, shape, 15)
    assert tiles == labels == 2
