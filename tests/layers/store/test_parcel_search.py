"""From written numbers to parcels of the store: spellings, ranges, pasted columns, order, and the nearest when none fits."""

from collections.abc import Iterator
from pathlib import Path

import geopandas as gpd
import pytest
import shapely

from gis.errors import ParcelNumberError
from layers.store.instance import Store
from layers.store.loading.load import LoadRequest, load
from layers.store.parcel_search import resolve

NUMBERS = ["1", "2", "12-1", "12-2", "13", "14-1", "15", "16", "道", "無地番-3"]


@pytest.fixture
def store(empty_store: Store, tmp_path: Path) -> Iterator[Store]:
    """Ten parcels in each of three places, one of whose names begins with a numeral."""
    rows = [(oaza, koaza, number) for oaza, koaza in PLACES for number in NUMBERS]
    frame = {
        "oaza": [f"大字{row[0]}" for row in rows],
        "koaza": [f"字{row[1]}" for row in rows],
        "chiban": [row[2] for row in rows],
    }
    shapes = [shapely.box(66_000 + 20 * i, 141_000, 66_020 + 20 * i, 141_020) for i in range(len(rows))]
    gpd.GeoDataFrame(frame, geometry=shapes, crs=6677).to_file(tmp_path / "parcels.gpkg")
    load(
        empty_store.database,
        empty_store.town,
        LoadRequest(empty_store.layer("cadastral"), (tmp_path / "parcels.gpkg",)),
    )
    return empty_store


PLACES = [("飯豊", "中田"), ("小野新町", "舘廻"), ("菖蒲谷", "三斗内")]


def found(store: Store, text: str) -> list[str]:
    return [hit.key for hit in resolve(store, text, limit=200).matches]


@pytest.mark.parametrize(
    "text",
    [
        "飯豊/中田/12-1",
        "大字飯豊字中田12番1",
        "大字飯豊字中田１２番地１",
        "福島県田村郡小野町大字飯豊字中田12番の1",
        "小野町飯豊中田12-1",
        "飯豊字中田12ノ1",
        "飯豊 中田 十二番一",
        "飯豊\t中田\t12-1",
    ],
)
def test_a_number_is_found_however_it_is_written(store: Store, text: str) -> None:
    assert found(store, text) == ["飯豊/中田/12-1"]


def test_a_name_that_begins_with_a_numeral_is_no_number(store: Store) -> None:
    assert found(store, "菖浦谷字三斗内13番地") == ["菖蒲谷/三斗内/13"]


def test_the_order_of_a_pasted_column_is_kept(store: Store) -> None:
    column = "飯豊字中田16\n飯豊字中田2\n小野新町/舘廻/道\n飯豊字中田1"
    assert found(store, column) == ["飯豊/中田/16", "飯豊/中田/2", "小野新町/舘廻/道", "飯豊/中田/1"]


def test_a_range_takes_the_branches_between(store: Store) -> None:
    keys = found(store, "飯豊字中田12番から14番まで")
    assert keys == [f"飯豊/中田/{number}" for number in ("12-1", "12-2", "13", "14-1")]


def test_a_number_without_its_koaza_is_found_in_every_one_it_stands_in(store: Store) -> None:
    assert found(store, "小野新町15") == ["小野新町/舘廻/15"]


def test_what_leads_nowhere_is_named_with_the_nearest_numbers(store: Store) -> None:
    resolution = resolve(store, "飯豊字中田11番", limit=200)
    assert resolution.matches == []
    assert resolution.unmatched == ["飯豊字中田11番"]
    assert resolution.near[0].key in ("飯豊/中田/12-1", "飯豊/中田/12-2")


def test_more_parcels_than_asked_for_are_said_to_be_more(store: Store) -> None:
    resolution = resolve(store, "飯豊", limit=4)
    assert len(resolution.matches) == 4
    assert resolution.truncated


def test_an_empty_text_is_refused_in_a_sentence(store: Store) -> None:
    with pytest.raises(ParcelNumberError):
        resolve(store, "  ", limit=4)
