"""Drift checks: limits of three sigma, the alarm in words, 元期 and 今期 kept apart, and what cannot be compared refused."""

import math
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
import shapely
from pydantic import ValidationError

from layers.store.errors import ForbiddenError
from layers.store.instance import Store
from layers.surveys.base_checks import (
    Check,
    CheckWanted,
    add_check,
    checks_of,
    limit_m,
    series_of,
    trend,
    withdraw_check,
)
from layers.surveys.crop_desk import CropDesk
from layers.surveys.crop_errors import BaseStationError, UnknownStationError
from tests.layers.surveys.crop_samples import EAST_M, FARM_CLERK, FIELD_A, GROWER, NORTH_M, VIEWER, put

DAY = datetime(2026, 4, 1, 9, tzinfo=UTC)
KNOWN = f"{NORTH_M + 1_000}, {EAST_M}"


@pytest.fixture
def store(fields_store: Store) -> Iterator[Store]:
    """A station whose coordinates are of the reference epoch, and one that does not say."""
    at = shapely.Point(EAST_M, NORTH_M)
    put(
        fields_store,
        "base_stations",
        at,
        station_id="T1",
        name="役場基準局",
        kind="town",
        epoch="reference",
        coverage_km=10,
    )
    put(fields_store, "base_stations", at, station_id="T2", name="古い局", kind="town", coverage_km=10)
    yield fields_store
    with fields_store.database.transaction() as connection:
        connection.execute("DELETE FROM layers.base_stations")


@pytest.fixture
def desk(store: Store) -> CropDesk:
    return CropDesk(store, FARM_CLERK)


def check(north: float = 0.0, east: float = 0.0, days: float = 0, **more: object) -> CheckWanted:
    """A check that many metres off, so many days later."""
    told = {
        "measured_at": DAY + timedelta(days=days), "known_point": "2級基準点 7", "epoch": "reference", "known": KNOWN,
        "measured": f"{NORTH_M + 1_000 + north}, {EAST_M + east}", "sigma_m": 0.004, "fixes": 60, "receiver": "F9P",
    }  # fmt: skip
    return CheckWanted.model_validate({**told, **more})


def kept(store: Store, desk: CropDesk) -> list[Check]:
    return checks_of(store, desk, "T1")


def test_the_difference_is_measured_minus_known_with_north_first_as_the_register_writes_it(
    store: Store, desk: CropDesk
) -> None:
    made = add_check(store, desk, "T1", check(north=0.01, east=-0.02, known_h=400.0, measured_h=400.03))

    assert (made.dx, made.dy, made.dh) == (pytest.approx(-0.02), pytest.approx(0.01), pytest.approx(0.03))
    assert made.limit_m == pytest.approx(3 * math.sqrt(0.004**2 + 0.01**2 + 0.008**2 + 0.001**2), rel=1e-3)
    assert not made.beyond


def test_degrees_and_metres_name_the_same_place(store: Store, desk: CropDesk) -> None:
    from pyproj import Transformer

    lon, lat = Transformer.from_crs(6677, 6668, always_xy=True).transform(EAST_M + 0.005, NORTH_M + 1_000)
    made = add_check(store, desk, "T1", check(measured=f"{lat:.10f}, {lon:.10f}"))

    assert (made.dx, made.dy) == (pytest.approx(0.005, abs=1e-4), pytest.approx(0.0, abs=1e-4))


def test_past_three_sigma_it_is_said_which_way_how_far_and_what_to_do(store: Store, desk: CropDesk) -> None:
    add_check(store, desk, "T1", check(north=0.002))
    add_check(store, desk, "T1", check(north=0.085, days=100))
    (series,) = series_of(kept(store, desk))

    assert series.alarm is not None
    assert "北へ 0.085 m" in series.alarm
    assert "東" not in series.alarm.split("限界")[0]
    assert "センチメートルの根拠にしないで" in series.alarm
    add_check(store, desk, "T1", check(north=0.003, days=101))
    assert series_of(kept(store, desk))[0].alarm is None


def test_a_height_has_twice_the_limit(store: Store, desk: CropDesk) -> None:
    limit = limit_m(0.004, 0.01, 1_000)
    inside, beyond = (
        add_check(store, desk, "T1", check(known_h=400.0, measured_h=400.0 + factor * limit)) for factor in (1.9, 2.1)
    )

    assert (inside.beyond, beyond.beyond) == (False, True)


def test_a_known_point_of_another_epoch_is_refused_and_the_difference_explained(store: Store, desk: CropDesk) -> None:
    with pytest.raises(BaseStationError, match="地殻変動"):
        add_check(store, desk, "T1", check(epoch="current"))
    assert kept(store, desk) == []


def test_epochs_are_never_joined_into_one_series(store: Store, desk: CropDesk) -> None:
    for epoch in ("reference", "current"):
        add_check(store, desk, "T2", check(epoch=epoch))

    assert [(one.epoch, len(one.checks)) for one in series_of(checks_of(store, desk, "T2"))] == [
        ("current", 1), ("reference", 1),
    ]  # fmt: skip


@pytest.mark.parametrize("measured", [f"{EAST_M}, {NORTH_M + 1_000}", "37.1", "あ, い", "nan, inf", "1,2,3"])
def test_a_place_that_cannot_be_the_point_is_refused_and_nothing_is_kept(
    store: Store, desk: CropDesk, measured: str
) -> None:
    with pytest.raises(BaseStationError, match="記録していません"):
        add_check(store, desk, "T1", check(measured=measured))
    assert kept(store, desk) == []


@pytest.mark.parametrize(
    "wrong", [{"sigma_m": 0}, {"fixes": 0}, {"measured_at": "2026-04-01T09:00:00"}, {"epoch": "x"}]
)
def test_a_check_without_its_figures_is_none(wrong: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        check(**wrong)  # type: ignore[arg-type]


def test_a_withdrawn_check_stays_in_the_list_and_counts_no_more(store: Store, desk: CropDesk) -> None:
    wrong = add_check(store, desk, "T1", check(north=0.5))
    add_check(store, desk, "T1", check(days=-1))
    withdraw_check(store, desk, "T1", wrong.id)

    assert [one.withdrawn_at is None for one in kept(store, desk)] == [True, False]
    assert series_of(kept(store, desk))[0].alarm is None
    with pytest.raises(UnknownStationError):
        withdraw_check(store, desk, "T1", wrong.id)


def test_the_trend_is_millimetres_a_year_and_needs_three_checks_and_half_a_year(store: Store, desk: CropDesk) -> None:
    for days in (0, 100, 200, 365.25):
        add_check(store, desk, "T1", check(north=0.02 * days / 365.25, east=-0.01 * days / 365.25, days=days))
    checks = kept(store, desk)

    assert trend(checks) == (pytest.approx(-10, abs=1e-3), pytest.approx(20, abs=1e-3))
    assert trend(checks[:2]) is None
    assert trend([*checks[:2], checks[1]]) is None


def test_who_may_not_edit_stations_records_nothing_and_a_farmer_sees_no_check(store: Store) -> None:
    for caller in (VIEWER, GROWER):
        with pytest.raises(ForbiddenError):
            add_check(store, CropDesk(store, caller, None, [FIELD_A.field_id]), "T1", check())
    with pytest.raises(ForbiddenError):
        checks_of(store, CropDesk(store, GROWER, None, [FIELD_A.field_id]), "T1")
    assert checks_of(store, CropDesk(store, VIEWER), "T1") == []


def test_each_record_is_in_the_log(store: Store, desk: CropDesk) -> None:
    made = add_check(store, desk, "T1", check())
    withdraw_check(store, desk, "T1", made.id)

    with store.database.transaction() as connection:
        rows = connection.execute(
            "SELECT action, subject FROM audit.log WHERE action LIKE 'base.%' ORDER BY seq DESC LIMIT 2"
        ).fetchall()
    assert rows == [("base.withdraw", f"base_checks/T1/{made.id}"), ("base.check", f"base_checks/T1/{made.id}")]
