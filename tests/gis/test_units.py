"""Areas of maps, registers and farmers."""

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gis.units import Area, describe_area, registered_area


def test_one_tan_is_three_hundred_tsubo_and_991_7355_square_metres() -> None:
    area = Area.of_tan(1)

    assert (area.tan, area.se, area.tsubo, area.cho) == (1.0, 10.0, 300.0, 0.1)
    assert float(area.m2) == pytest.approx(991.7355, abs=5e-5)


def test_ten_ares_are_a_little_more_than_one_tan() -> None:
    area = Area.of_m2(1000)

    assert (area.ares, area.hectares) == (10.0, 0.1)
    assert area.tan == pytest.approx(1.0083, abs=5e-5)


def test_a_se_is_99_17355_square_metres_and_a_cho_ten_tan() -> None:
    assert float(Area.of_tsubo(30).m2) == pytest.approx(99.17355, abs=5e-6)
    assert Area.of_tan(10).cho == 1.0


@pytest.mark.parametrize(
    ("area", "text"),
    [
        (Area.of_tsubo(3000 + 300 * 2 + 30 * 3 + 4), "1町2反3畝4歩"),
        (Area.of_tan(1), "1反"),
        (Area.of_tsubo(Fraction(599, 20)), "1畝"),
        (Area.of_m2(1), "0歩"),
        (Area.of_m2(0), "0歩"),
    ],
)
def test_farmers_hear_whole_units(area: Area, text: str) -> None:
    assert area.as_farmers_say == text


@given(st.floats(0, 1e9))
def test_conversions_lead_back(m2: float) -> None:
    area = Area.of_m2(m2)

    assert Area.of_tsubo(area.m2 * 121 / 400) == area
    assert area.tan == pytest.approx(area.tsubo / 300)
    assert area.hectares == pytest.approx(area.ares / 100)


@pytest.mark.parametrize(
    ("m2", "category", "registered"),
    [
        ("345.678", "田", "345"),
        ("345.678", "宅地", "345.67"),
        ("345.678", "鉱泉地", "345.67"),
        ("345.678", None, "345"),
        ("345.999", "山林", "345"),
        ("10.00", "田", "10.00"),
        ("9.876", "田", "9.87"),
        ("10.009", "田", "10"),
        ("0.009", "宅地", "0.00"),
        (345, "宅地", "345.00"),
        (12.29, "宅地", "12.29"),
        (Fraction(400, 121), "田", "3.30"),
    ],
)
def test_the_register_cuts_off_and_never_rounds_up(m2: float | str, category: str | None, registered: str) -> None:
    assert str(registered_area(m2, category)) == registered


def test_noise_of_computing_costs_no_square_metre() -> None:
    assert registered_area(345.9999999998, "田") == 346
    assert registered_area(0.1 + 0.2, "宅地") == Decimal("0.30")


def test_an_area_is_described_in_every_unit_in_use() -> None:
    assert describe_area(1234.56) == "1,234.56㎡（12.35a、1反2畝13歩、373.5坪）"
