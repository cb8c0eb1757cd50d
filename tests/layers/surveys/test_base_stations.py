"""Base stations: reach on true ground distance, fields outside it, what distance costs, and the nearest 電子基準点."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import shapely
from pyproj import Geod

from gis.crs import Grids, plan
from gis.errors import UnreadableFileError
from layers.store.errors import ForbiddenError
from layers.store.instance import Store
from layers.surveys.base_stations import (
    circle,
    coverage_document,
    nearest_geonet,
    reaches,
    station_named,
    stations_of,
)
from layers.surveys.crop_desk import CropDesk
from layers.surveys.crop_errors import BaseStationError, UnknownStationError
from layers.surveys.geonet_loading import load_geonet
from tests.layers.surveys.crop_samples import EAST_M, FARM_CLERK, FIELD_A, FIELD_C, GROWER, NOBODY, NORTH_M, put

NEAR = "950205,EL05540759203,滝根,福島県,田村市,滝根中学校\r\n"
FAR = "000842,EL05238314901,岡部Ａ,静岡県,藤枝市,新舟会館\r\n"
LIST = NEAR + FAR


@pytest.fixture
def store(fields_store: Store) -> Iterator[Store]:
    """Fields with a station beside A that reaches 500 m, and a stopped one on C."""
    put(
        fields_store, "base_stations", shapely.Point(EAST_M, NORTH_M - 300), station_id="T1", name="役場基準局", kind="town",
        owner="小野町", datum="JGD2011", epoch="reference", coverage_km=0.5, mount_point="ONO1", health="ok", contact="産業振興課",
    )  # fmt: skip
    put(
        fields_store, "base_stations", shapely.Point(EAST_M + 1_000, NORTH_M), station_id="P1", name="止まった局",
        kind="provider", coverage_km=20.0, health="stopped", health_note="停電",
    )  # fmt: skip
    yield fields_store
    with fields_store.database.transaction() as connection:
        connection.execute("DELETE FROM layers.base_stations")


@pytest.fixture
def desk(store: Store) -> CropDesk:
    return CropDesk(store, FARM_CLERK)


def test_every_point_of_a_circle_lies_the_reach_away_on_the_ground(store: Store, desk: CropDesk) -> None:
    station = station_named(stations_of(store, desk), "P1")
    shape = circle(station)

    assert shape is not None
    corners = np.array(shape.exterior.coords)
    metres = Geod(ellps="GRS80").inv([station.lon] * len(corners), [station.lat] * len(corners), *corners.T)[2]
    assert np.abs(np.array(metres) - 20_000).max() < 0.001
    assert shape.contains(shapely.Point(station.lon, station.lat))


def test_a_field_is_inside_only_when_its_farthest_corner_is(store: Store, desk: CropDesk) -> None:
    fields = {one.ground.key: one.ground for one in desk.year(2026).fields}
    found = reaches(stations_of(store, desk), [fields[FIELD_A], fields[FIELD_C]], store.town.srid)

    near, far = found
    to_degrees = plan(store.town.srid, 6668, Grids(None, None))
    lon, lat, _ = to_degrees.move(np.array([EAST_M, EAST_M + 50]), np.array([NORTH_M - 300, NORTH_M + 40]))
    metres = Geod(ellps="GRS80").inv(lon[0], lat[0], lon[1], lat[1])[2]
    assert (near.station_id, near.inside) == ("T1", True)
    assert near.distance_km == pytest.approx(metres / 1000, abs=1e-6)
    assert near.growth_mm == pytest.approx(metres / 1000, abs=1e-6)
    assert (far.station_id, far.inside) == ("T1", False)
    assert far.distance_km is not None
    assert far.distance_km > 1


def test_a_stopped_station_and_one_without_a_reach_serve_no_field(store: Store, desk: CropDesk) -> None:
    fields = [one.ground for one in desk.year(2026).fields]
    stopped = [one for one in stations_of(store, desk) if one.station_id == "P1"]

    assert [(one.station_id, one.inside, one.growth_mm) for one in reaches(stopped, fields[:1], store.town.srid)] == [
        (None, False, None)
    ]


def test_a_farmer_gets_no_column_of_the_staff_and_a_stranger_nothing(store: Store) -> None:
    farmer = CropDesk(store, GROWER, None, [FIELD_A.field_id])
    shown = station_named(stations_of(store, farmer), "T1")

    assert (shown.name, shown.coverage_km, shown.health) == ("役場基準局", 0.5, "ok")
    assert (shown.mount_point, shown.contact, shown.position_error_m) == (None, None, None)
    with pytest.raises(ForbiddenError):
        stations_of(store, CropDesk(store, NOBODY))


def test_a_list_of_geonet_is_loaded_by_distance_and_again_without_doubles(
    store: Store, desk: CropDesk, tmp_path: Path
) -> None:
    file = tmp_path / "geonet.csv"
    file.write_bytes(LIST.encode("cp932"))

    done = [load_geonet(store, file, 100) for _ in range(2)]

    assert [(one.taken, one.beyond, one.rejected) for one in done] == [(1, 1, ())] * 2
    stations = stations_of(store, desk)
    assert [one.station_id for one in stations if one.kind == "geonet"] == ["950205"]
    ((point, distance),) = nearest_geonet(stations, station_named(stations, "T1"))
    assert (point.name, point.position_error_m) == ("滝根", 600.0)
    assert 0 < distance < 40


@pytest.mark.parametrize(("content", "error"), [(b"a,b\n", UnreadableFileError), (FAR.encode(), BaseStationError)])
def test_a_list_that_gives_nothing_changes_nothing(
    store: Store, desk: CropDesk, tmp_path: Path, content: bytes, error: type[Exception]
) -> None:
    file = tmp_path / "geonet.csv"
    file.write_bytes(content)
    before = stations_of(store, desk)

    with pytest.raises(error):
        load_geonet(store, file, 100)
    assert stations_of(store, desk) == before


def test_the_map_has_a_point_for_each_station_and_a_circle_where_the_reach_is_known(
    store: Store, desk: CropDesk
) -> None:
    document = coverage_document(stations_of(store, desk))

    features = document["features"]
    assert isinstance(features, list)
    assert sorted((one["properties"]["station_id"], one["properties"]["part"]) for one in features) == [
        ("P1", "reach"), ("P1", "station"), ("T1", "reach"), ("T1", "station"),
    ]  # fmt: skip


def test_an_unknown_station_is_said(store: Store, desk: CropDesk) -> None:
    with pytest.raises(UnknownStationError):
        station_named(stations_of(store, desk), "X")
