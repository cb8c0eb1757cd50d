"""Rows near given places, on a real table."""

from datetime import date
from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest
from shapely import Point

from layers.store.instance import Store
from layers.store.loading.load import LoadRequest, load
from layers.store.nearby import RowQuery


@pytest.fixture
def lamps(empty_store: Store, tmp_path: Path) -> Store:
    """Forty lamps along a line, one every 10 m; every other one is LED."""
    file = tmp_path / "lamps.gpkg"
    where = [Point(70_000 + 10 * at, 140_000) for at in range(40)]
    kinds = ["led" if at % 2 else "sodium" for at in range(40)]
    numbers = [f"{at:03}" for at in range(40)]
    frame = gpd.GeoDataFrame({"light_id": numbers, "kind": kinds}, geometry=where, crs=6677)
    frame.to_file(file, engine="pyogrio")
    layer = empty_store.layer("street_lights")
    load(empty_store.database, empty_store.town, LoadRequest(layer, (file,), "replace", data_date=date(2026, 4, 1)))
    return empty_store


def places(*along_m: float) -> list[bytes]:
    return [Point(70_000 + along, 140_003).wkb for along in along_m]


def test_for_one_place_only_the_nearest_are_fetched(lamps: Store) -> None:
    with lamps.database.transaction() as connection:
        query = RowQuery(connection, lamps.layer("street_lights"), 6677)
        rows = query.nearest(places(121), {}, count=3).rows()
    assert sorted(rows.attributes["light_id"]) == ["011", "012", "013"]


def test_for_more_places_than_could_leave_any_out_all_that_pass_are_fetched(lamps: Store) -> None:
    with lamps.database.transaction() as connection:
        query = RowQuery(connection, lamps.layer("street_lights"), 6677)
        few = query.nearest(places(1, 121), {}, count=3).rows()
        every = query.nearest(places(*range(20)), {}, count=3).rows()
        led = query.nearest(places(*range(20)), {"kind": ("led",)}, count=3).rows()
    assert len(few) == 6
    assert len(every) == 40
    assert set(led.attributes["kind"]) == {"led"}
    assert len(led) == 20


def test_only_the_columns_that_are_wanted_are_fetched(lamps: Store) -> None:
    box = np.array([[69_990.0, 139_990.0, 70_011.0, 140_010.0]])
    with lamps.database.transaction() as connection:
        query = RowQuery(connection, lamps.layer("street_lights"), 6677, columns={"light_id", "absent"})
        rows = query.touching(box).rows()
    assert dict(rows.attributes) == {"light_id": ["000", "001"]}
