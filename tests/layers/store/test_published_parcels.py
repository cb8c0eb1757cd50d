"""地番 and 大字 are found among the parcels that a published edition holds, by name, by kana, and by the nearest number."""

import pytest

from layers.store.instance import Store
from layers.store.published_parcels import ParcelNames, find_land, parcel_names


@pytest.fixture(scope="module")
def names(sample_store: Store) -> ParcelNames:
    """The names of the sample town's land."""
    return parcel_names(sample_store)


@pytest.fixture(scope="module")
def key(sample_store: Store) -> str:
    """A parcel of 飯豊 with a branch number."""
    with sample_store.database.transaction() as connection:
        row = connection.execute(
            "SELECT min(parcel_key) FROM layers.cadastral WHERE parcel_key ~ '^飯豊/[^/]+/[0-9]+-[0-9]+$'"
        ).fetchone()
    assert row is not None
    return str(row[0])


def test_a_parcel_is_found_as_people_write_it(sample_store: Store, names: ParcelNames, key: str) -> None:
    oaza, koaza, chiban = key.split("/")
    main, branch = chiban.split("-")
    for text in (
        f"{oaza}字{koaza}{main}-{branch}",
        f"福島県田村郡小野町大字{oaza}字{koaza}{main}番地{branch}",
        f"いいとよ{koaza}{main}-{branch}",
    ):
        found = find_land(sample_store, names, text)
        assert [one["key"] for one in found.parcels] == [key], text
        lon, lat = found.parcels[0]["center"]  # type: ignore[misc]
        assert 140 < lon < 141
        assert 37 < lat < 38


def test_a_number_that_is_not_there_leads_to_the_nearest(sample_store: Store, names: ParcelNames) -> None:
    found = find_land(sample_store, names, "飯豊999999")
    assert found.parcels == []
    assert found.near
    assert all(str(one["key"]).startswith("飯豊/") for one in found.near)


@pytest.mark.parametrize("text", ["飯豊", "大字飯豊", "いいとよ", "ｲｲﾄﾖ"])
def test_a_district_is_found_by_name_and_kana(sample_store: Store, names: ParcelNames, text: str) -> None:
    found = find_land(sample_store, names, text)
    assert [one["name"] for one in found.oaza] == ["飯豊"]
    assert found.parcels == []


@pytest.mark.parametrize("text", ["第2集会所", "、", "小学校"])
def test_what_names_no_land_finds_none(sample_store: Store, names: ParcelNames, text: str) -> None:
    found = find_land(sample_store, names, text)
    assert (found.parcels, found.near, found.oaza) == ([], [], [])
