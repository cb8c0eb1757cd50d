"""Generalised bands: made from the rows, overridden by whatever changes after, and never wrong in between."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import shapely

from layers.store.instance import Store
from layers.store.migrate import migrate
from layers.store.tiles.band_filling import fill, layers_to_fill
from layers.store.tiles.band_plan import band_for, bands_of
from layers.store.tiles.source import TileSource
from tests.layers.store.tiles.tile_samples import EAST_M, NORTH_M, drawn, features, insert, placed, tile_at

SIDE_M = 30.0


@pytest.fixture
def store(empty_store: Store) -> Store:
    """Four parcels in a row, the first two in one 字, with their bands filled."""
    for number, koaza in enumerate(["中田", "中田", "舘廻", "三斗内"]):
        insert(empty_store, "cadastral", [_parcel(number)], parcel_key=f"飯豊/{koaza}/{number}", chiban=str(number),
               oaza="飯豊", koaza=koaza, survey_status="調査済")  # fmt: skip
    fill(empty_store.database, [empty_store.layer("cadastral")])
    return empty_store


@pytest.fixture
def source(store: Store) -> Iterator[TileSource]:
    made = TileSource(store)
    yield made
    made.close()


def _parcel(number: int) -> shapely.Geometry:
    """A square of thirty metres, its upper side bent by a metre."""
    west, east = EAST_M + number * SIDE_M, EAST_M + (number + 1) * SIDE_M
    bent = [(west + SIDE_M * k / 8, NORTH_M + SIDE_M + k % 2) for k in range(8, -1, -1)]
    return shapely.MultiPolygon([shapely.Polygon([(west, NORTH_M), (east, NORTH_M), *bent])])


def keys(source: TileSource, zoom: int = 14) -> set[str]:
    tile = drawn(source, "cadastral", tile_at(EAST_M, NORTH_M, zoom))
    return {feature["properties"]["parcel_key"] for feature in features(tile, "cadastral")}


def shapes(source: TileSource, zoom: int = 14) -> dict[str, shapely.Geometry]:
    tile = tile_at(EAST_M, NORTH_M, zoom)
    found = features(drawn(source, "cadastral", tile), "cadastral")
    return {feature["properties"]["parcel_key"]: placed(feature["shape"], tile) for feature in found}


def overview(source: TileSource, zoom: int = 13) -> dict[str, int]:
    found = features(drawn(source, "cadastral", tile_at(EAST_M, NORTH_M, zoom)), "cadastral")
    counts: dict[str, int] = {}
    for feature in found:
        name = feature["properties"]["koaza"]
        counts[name] = counts.get(name, 0) + feature["properties"]["merged_rows"]
    return counts


def execute(store: Store, statement: str) -> None:
    with store.database.transaction() as connection:
        connection.execute(statement.encode())


def count(store: Store, statement: str) -> int:
    with store.database.transaction() as connection:
        row = connection.execute(statement.encode()).fetchone()
    assert row is not None
    return int(row[0])


def test_every_zoom_of_a_layer_of_areas_has_a_band_up_to_the_last_that_gains_by_one(empty_store: Store) -> None:
    for layer in empty_store.catalogue.values():
        covered = [z for band in bands_of(layer) for z in range(band.min_zoom, band.max_zoom + 1)]
        if layer.geometry in ("MultiPolygon", "MultiLineString"):
            assert covered == list(range(layer.first_zoom, 16)), layer.id
        else:
            assert covered == []


def test_the_cadastral_map_is_merged_by_place_below_its_own_zooms(empty_store: Store) -> None:
    layer = empty_store.layer("cadastral")
    merged = band_for(layer, layer.min_zoom - 1)
    single = band_for(layer, layer.min_zoom)

    assert layer.first_zoom == 10
    assert merged is not None
    assert set(merged.merged_by or ()) >= {"oaza", "koaza"}
    assert single is not None
    assert single.merged_by is None


def test_a_band_draws_fewer_vertices_and_the_same_features(source: TileSource) -> None:
    banded = shapes(source, 14)
    execute(source.store, "UPDATE bands.state SET ready = false")
    raw = shapes(source, 14)

    assert set(banded) == set(raw) == {"飯豊/中田/0", "飯豊/中田/1", "飯豊/舘廻/2", "飯豊/三斗内/3"}
    assert sum(map(shapely.get_num_coordinates, banded.values())) < sum(map(shapely.get_num_coordinates, raw.values()))


def test_rows_of_one_place_show_as_one_shape_that_says_how_many_they_are(source: TileSource) -> None:
    found = features(drawn(source, "cadastral", tile_at(EAST_M, NORTH_M, 13)), "cadastral")

    assert overview(source) == {"中田": 2, "舘廻": 1, "三斗内": 1}
    assert len(found) == 3
    assert all("id" not in feature or not feature["id"] for feature in found)
    assert {feature["properties"]["survey_status"] for feature in found} == {"調査済"}


@pytest.mark.parametrize("zoom", [13, 14, 15, 16])
def test_a_moved_row_is_drawn_where_it_is_at_once(source: TileSource, zoom: int) -> None:
    execute(
        source.store,
        "UPDATE layers.cadastral SET geom = ST_Translate(geom, 0, 200) WHERE parcel_key = '飯豊/舘廻/2'",
    )
    tile = tile_at(EAST_M, NORTH_M + 200, zoom)
    found = features(drawn(source, "cadastral", tile), "cadastral")
    moved = [placed(f["shape"], tile) for f in found if "舘廻" in str(f["properties"])]

    assert len(moved) == 1
    assert moved[0].centroid.y > NORTH_M + 200


def test_a_change_of_an_attribute_shows_at_once(source: TileSource) -> None:
    execute(source.store, "UPDATE layers.cadastral SET chiban = '2-1' WHERE parcel_key = '飯豊/舘廻/2'")
    found = features(drawn(source, "cadastral", tile_at(EAST_M, NORTH_M, 14)), "cadastral")

    assert {f["properties"]["chiban"] for f in found} == {"0", "1", "2-1", "3"}


def test_a_removed_row_is_gone_at_once(source: TileSource) -> None:
    execute(source.store, "DELETE FROM layers.cadastral WHERE parcel_key = '飯豊/中田/1'")

    assert "飯豊/中田/1" not in keys(source)
    assert overview(source)["中田"] == 1


def test_a_new_row_is_there_at_once(source: TileSource) -> None:
    insert(source.store, "cadastral", [_parcel(4)], parcel_key="飯豊/中田/4", chiban="4", oaza="飯豊", koaza="中田")

    assert "飯豊/中田/4" in keys(source)
    assert overview(source)["中田"] == 3


def test_a_change_that_is_rolled_back_leaves_no_trace(source: TileSource) -> None:
    with source.store.database.transaction() as connection:
        connection.execute("DELETE FROM layers.cadastral")
        connection.rollback()

    assert len(keys(source)) == 4
    assert count(source.store, "SELECT count(*) FROM bands.changes") == 0


def test_filling_again_takes_the_changes_in(source: TileSource) -> None:
    execute(source.store, "DELETE FROM layers.cadastral WHERE parcel_key = '飯豊/中田/1'")
    fill(source.store.database, [source.store.layer("cadastral")])

    assert count(source.store, "SELECT count(*) FROM bands.changes") == 0
    assert count(source.store, "SELECT count(*) FROM bands.cadastral_z14") == 3
    assert len(keys(source)) == 3
    assert overview(source)["中田"] == 1


def test_a_new_edition_sets_the_bands_aside_until_they_are_filled(source: TileSource) -> None:
    store = source.store
    execute(
        store,
        "INSERT INTO layers.cadastral (content_hash, load_id, parcel_key, chiban, oaza, koaza, geom) "
        "SELECT gen_random_uuid(), 2, '飯豊/中田/n' || n, n::text, '飯豊', '中田', ST_Translate(geom, 0, 40 + n * 0.01) "
        "FROM layers.cadastral, generate_series(1, 200) n",
    )
    assert [layer.id for layer in layers_to_fill(store.database, store.catalogue) if layer.id == "cadastral"]
    assert len(keys(source)) == 204

    tile = drawn(source, "cadastral", tile_at(EAST_M, NORTH_M, 12))
    assert tile.joined.is_empty
    assert tile.pending == ("cadastral",)

    fill(store.database, [store.layer("cadastral")])
    assert len(keys(source)) == 204
    assert overview(source)["中田"] == 802
    assert "cadastral" not in [layer.id for layer in layers_to_fill(store.database, store.catalogue)]


def test_a_layer_s_table_that_was_restored_does_not_show_an_old_band(source: TileSource) -> None:
    execute(
        source.store,
        "CREATE TABLE layers.restored (LIKE layers.cadastral INCLUDING ALL);"
        "INSERT INTO layers.restored (fid, content_hash, load_id, parcel_key, chiban, geom) OVERRIDING SYSTEM VALUE "
        "SELECT fid, content_hash, load_id, parcel_key, 'restored', geom FROM layers.cadastral;"
        "DROP TABLE layers.cadastral; ALTER TABLE layers.restored RENAME TO cadastral",
    )
    found = features(drawn(source, "cadastral", tile_at(EAST_M, NORTH_M, 14)), "cadastral")

    assert {feature["properties"]["chiban"] for feature in found} == {"restored"}
    assert "cadastral" in [layer.id for layer in layers_to_fill(source.store.database, source.store.catalogue)]


def test_an_edit_during_a_filling_is_not_lost(source: TileSource, monkeypatch: pytest.MonkeyPatch) -> None:
    import layers.store.tiles.band_filling as filling

    simplify = filling.simplify_areas
    edited: list[bool] = []

    def edit_and_simplify(*given: object, **more: object) -> object:
        if not edited:
            edited.append(True)
            execute(source.store, "UPDATE layers.cadastral SET chiban = 'meanwhile' WHERE parcel_key = '飯豊/舘廻/2'")
        return simplify(*given, **more)  # type: ignore[arg-type]

    monkeypatch.setattr(filling, "simplify_areas", edit_and_simplify)
    filling.fill(source.store.database, [source.store.layer("cadastral")])
    found = features(drawn(source, "cadastral", tile_at(EAST_M, NORTH_M, 14)), "cadastral")

    assert "meanwhile" in {feature["properties"]["chiban"] for feature in found}


def test_an_edition_during_a_filling_is_not_called_ready(source: TileSource, monkeypatch: pytest.MonkeyPatch) -> None:
    import layers.store.tiles.band_filling as filling

    simplify = filling.simplify_areas
    times: list[bool] = []

    def load_and_simplify(*given: object, **more: object) -> object:
        if not times:
            execute(source.store, "TRUNCATE layers.roads")
            execute(source.store, "UPDATE layers.cadastral SET chiban = chiban")
            execute(
                source.store,
                "INSERT INTO layers.cadastral (content_hash, load_id, parcel_key, chiban, geom) "
                "SELECT gen_random_uuid(), 2, 'n' || n, n::text, geom FROM layers.cadastral, generate_series(1, 200) n",
            )
        times.append(True)
        return simplify(*given, **more)  # type: ignore[arg-type]

    monkeypatch.setattr(filling, "simplify_areas", load_and_simplify)
    filling.fill(source.store.database, [source.store.layer("cadastral")])

    assert count(source.store, "SELECT count(*) FROM bands.cadastral_z14") == 804
    assert len(times) > len(bands_of(source.store.layer("cadastral")))


def test_tiles_are_drawn_while_a_filling_works(source: TileSource, monkeypatch: pytest.MonkeyPatch) -> None:
    import layers.store.tiles.band_filling as filling

    drawn_meanwhile: list[int] = []
    write = filling._write

    def write_and_look(*given: Any) -> None:
        write(*given)
        drawn_meanwhile.extend(len(keys(source, zoom)) for zoom in (14, 15))
        overview(source)

    monkeypatch.setattr(filling, "_write", write_and_look)
    filling.fill(source.store.database, [source.store.layer("cadastral")])

    assert len(drawn_meanwhile) == 10
    assert set(drawn_meanwhile) == {4}


def test_two_who_fill_at_once_do_it_once(store: Store) -> None:
    layer = store.layer("cadastral")
    with store.database.transaction() as connection:
        connection.execute("SELECT pg_advisory_xact_lock(7522002, hashtext('cadastral'))")
        assert fill(store.database, [layer]) == []
    assert fill(store.database, [layer]) == ["cadastral"]


def test_a_start_keeps_filled_bands_and_makes_those_anew_that_are_declared_otherwise(source: TileSource) -> None:
    store = source.store
    migrate(store.database.url, store.catalogue, store.town.srid)
    assert count(store, "SELECT count(*) FROM bands.state WHERE layer = 'cadastral' AND ready") == 5

    execute(store, "UPDATE bands.state SET shape = 'older' WHERE layer = 'cadastral' AND band = 'z14'")
    migrate(store.database.url, store.catalogue, store.town.srid)
    assert count(store, "SELECT count(*) FROM bands.state WHERE layer = 'cadastral' AND ready") == 4
    assert len(keys(source)) == 4


def filled(store: Store, *names: str) -> Path | None:
    """Waits until the bands of these layers are filled, here or by the server that stands on the same store."""
    for _ in range(60):
        wanted = [layer for layer in layers_to_fill(store.database, store.catalogue) if layer.id in names]
        if not wanted:
            return None
        fill(store.database, wanted)
    raise AssertionError("the bands are not filled")


def test_neighbouring_parcels_of_the_sample_town_have_no_gap_and_no_overlap_in_any_band(sample_store: Store) -> None:
    filled(sample_store, "cadastral")
    for band in bands_of(sample_store.layer("cadastral")):
        with sample_store.database.transaction() as connection:
            rows = connection.execute(f"SELECT ST_AsBinary(geom_3857) FROM bands.{band.table}".encode()).fetchall()
        made = shapely.from_wkb([row[0] for row in rows])

        assert len(made) > 500
        assert shapely.is_valid(made).all()
        assert shapely.coverage_is_valid(made), band.name


def test_the_town_is_seen_whole_at_z10_within_200_kilobytes_a_tile(sample_store: Store) -> None:
    shown = [layer.id for layer in sample_store.catalogue.values() if layer.first_zoom <= 10 and bands_of(layer)]
    filled(sample_store, *shown)
    source = TileSource(sample_store)
    try:
        names = source.every
        middle = tile_at(EAST_M, NORTH_M, 10)
        tiles = [
            drawn(source, ",".join(names), type(middle)(10, middle.x + dx, middle.y + dy))
            for dx in (-1, 0, 1)
            for dy in (-1, 0, 1)
        ]
        merged = sum(f["properties"]["merged_rows"] for tile in tiles for f in features(tile, "cadastral"))
        parcels = count(sample_store, "SELECT count(*) FROM layers.cadastral WHERE geom IS NOT NULL")
    finally:
        source.close()

    assert max(len(tile.joined.gzipped()) for tile in tiles) <= 200_000
    assert not any(tile.pending for tile in tiles)
    assert merged >= 0.99 * parcels
