"""Places are found by how they are read, once a published table has said so."""

from collections.abc import Iterator
from pathlib import Path

import geopandas as gpd
import pytest
import shapely

from gis.errors import UnreadableFileError
from gis.formats.town_names import TownName
from layers.store.instance import Store
from layers.store.loading.load import LoadRequest, load
from layers.store.parcel_search import resolve
from layers.store.place_readings import keep_readings, load_readings
from layers.store.place_search import search_oaza

PLACES = ("飯豊", "小野新町", "雁股田")


@pytest.fixture
def store(empty_store: Store, tmp_path: Path) -> Iterator[Store]:
    """One parcel, 中田12番1, in each of three 大字."""
    frame = {"oaza": [f"大字{name}" for name in PLACES], "koaza": ["字中田"] * 3, "chiban": ["12-1"] * 3}
    shapes = [shapely.box(66_000 + 20 * i, 141_000, 66_020 + 20 * i, 141_020) for i in range(3)]
    gpd.GeoDataFrame(frame, geometry=shapes, crs=6677).to_file(tmp_path / "parcels.gpkg")
    cadastral = empty_store.layer("cadastral")
    load(empty_store.database, empty_store.town, LoadRequest(cadastral, (tmp_path / "parcels.gpkg",)))
    return empty_store


def found(store: Store, text: str) -> list[object]:
    return [place["name"] for place in search_oaza(store, text)]


def keep(store: Store, **readings: str) -> None:
    keep_readings(store.database, "表", [TownName(name, "", kana=kana) for name, kana in readings.items()])


@pytest.mark.parametrize("text", ["いいとよ", "イイトヨ", "ｲｲﾄﾖ", "いいと", "大字いいとよ", "おおあざいいとよ"])
def test_an_oaza_is_found_by_its_reading_in_every_script(store: Store, text: str) -> None:
    assert found(store, text) == []
    keep(store, 飯豊="イイトヨ", 小野新町="オノニイマチ")
    assert found(store, text) == ["飯豊"]


@pytest.mark.parametrize("text", ["いいとよ字中田12-1", "イイトヨ中田１２番地１", "ｲｲﾄﾖ 中田 12の1"])
def test_a_parcel_is_found_with_its_oaza_in_kana(store: Store, text: str) -> None:
    keep(store, 飯豊="イイトヨ")
    assert [hit.key for hit in resolve(store, text, limit=9).matches] == ["飯豊/中田/12-1"]


def test_a_new_edition_of_a_table_takes_the_place_of_the_old_one(store: Store) -> None:
    keep(store, 飯豊="イイトヨ")
    keep(store, 飯豊="イイデ")
    assert found(store, "いいとよ") == []
    assert found(store, "いいで") == ["飯豊"]
    assert [hit.key for hit in resolve(store, "いいで字中田12-1", limit=9).matches] == ["飯豊/中田/12-1"]


def test_a_table_without_readings_of_the_town_changes_nothing(store: Store, tmp_path: Path) -> None:
    keep(store, 飯豊="イイトヨ")
    table = tmp_path / "names.json"
    table.write_text('[{"town": "大字飯豊", "koaza": ""}]', encoding="utf-8")
    with pytest.raises(UnreadableFileError, match=r"names\.json に 小野町 の読みがありません"):
        load_readings(store.database, store.town, table)
    assert found(store, "いいとよ") == ["飯豊"]


@pytest.mark.parametrize(
    ("table", "asked", "oaza"),
    [
        ("japanpost_postalcode_07522.csv", "イイトヨ", "飯豊"),
        ("japanpost_postalcode_07522.csv", "おのにいまち", "小野新町"),
        ("agri_community_rcom_07522.csv", "かりまんだ", "雁股田"),
    ],
)
def test_the_published_tables_of_the_town_say_how_its_oaza_are_read(
    store: Store, shared_data: Path, table: str, asked: str, oaza: str
) -> None:
    kept = load_readings(store.database, store.town, shared_data / "address" / table)
    assert kept.read == kept.kept + kept.without_kana + kept.elsewhere
    assert kept.kept >= 17
    assert found(store, asked) == [oaza]
