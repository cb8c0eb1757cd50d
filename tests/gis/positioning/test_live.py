"""The newest position while it is measured: the plane, the scatter of the last ten, the distance to the one before."""

from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from gis.crs import Grids
from gis.errors import CrsError
from gis.positioning.live import LivePositions, LiveState
from gis.positioning.model import Epoch, FixQuality, Station
from gis.positioning.plane import Antenna
from tests.gis.positioning.walking import degrees_of_jgd2011, sentences

STATION = Station("役場", "ONO", "JGD2011", Epoch.REFERENCE, "")
START = datetime(2026, 11, 27, 1, 0, tzinfo=UTC)


def live(**more: Antenna) -> LivePositions:
    return LivePositions(STATION, 6677, Grids(), **more)


def said(*places: tuple[float, float], quality: int = 4, from_second: int = 0) -> bytes:
    lines = []
    for second, (lon, lat) in enumerate(degrees_of_jgd2011(np.array(places)), start=from_second):
        lines += sentences(START + timedelta(seconds=second), lon, lat, quality, 0.01)
    return "".join(f"{line}\r\n" for line in lines).encode()


def heard(positions: LivePositions, data: bytes) -> list[LiveState]:
    return positions.feed(data) + positions.settle()


def test_each_position_is_told_in_the_plane_with_its_distance_to_the_one_before() -> None:
    one, two = heard(live(), said((71_000.0, 139_000.0), (71_003.0, 139_004.0)))

    assert (one.place.x, one.place.y) == (pytest.approx(71_000, abs=0.001), pytest.approx(139_000, abs=0.001))
    assert one.from_last_m is None
    assert one.scatter_m is None
    assert two.from_last_m == pytest.approx(5.0, abs=0.001)


def test_the_scatter_is_that_of_the_last_ten() -> None:
    walking = [(71_000.0 + 10 * n, 139_000.0) for n in range(5)]
    standing = [(71_050.0 + 0.02 * (n % 2), 139_000.0) for n in range(10)]
    last = heard(live(), said(*walking, *standing))[-1]

    assert last.of == 10
    assert last.scatter_m == pytest.approx(0.0105, abs=0.0005)


def test_another_class_of_fix_begins_its_own_ten() -> None:
    positions = live()
    heard(positions, said((71_000.0, 139_000.0), (71_000.0, 139_000.0)))
    (state,) = heard(positions, said((71_000.5, 139_000.0), quality=5, from_second=2))

    assert state.place.quality is FixQuality.RTK_FLOAT
    assert state.of == 1
    assert state.from_last_m == pytest.approx(0.5, abs=0.001)


def test_after_a_lost_connection_half_a_sentence_is_counted_and_nothing_is_joined() -> None:
    positions = live()
    heard(positions, said((71_000.0, 139_000.0)))
    positions.feed(b"$GNGGA,0100")
    positions.interrupted()
    (state,) = heard(positions, said((71_100.0, 139_000.0), from_second=60))

    assert state.from_last_m is None
    assert positions.counts.refused.total() == 1


def test_the_pole_is_taken_off_the_height() -> None:
    (state,) = heard(live(antenna=Antenna(1.8)), said((71_000.0, 139_000.0)))

    assert state.place.height_m == pytest.approx(431.25 - 1.8)


def test_a_datum_nobody_knows_is_refused_before_anything_is_heard() -> None:
    with pytest.raises(CrsError, match="測地系"):
        LivePositions(Station("", "", "ITRF2020", Epoch.REFERENCE, ""), 6677, Grids())
