"""How codes, numbers and placeholders read."""

from datetime import date

import pytest

from layers.inquiries.engine import labels
from layers.inquiries.engine.rows import code_of


@pytest.mark.parametrize(
    ("value", "code"),
    [
        (2, "2"),
        (2.0, "2"),
        (2.5, "2.5"),
        (True, "true"),
        (False, "false"),
        ("調査済", "調査済"),
        (date(2025, 4, 1), "2025-04-01"),
        (None, None),
        (float("nan"), None),
    ],
)
def test_a_value_becomes_the_code_that_a_layer_toml_writes_for_it(value: object, code: str | None) -> None:
    assert code_of(value) == code


def test_a_placeholder_without_a_value_reads_unknown_and_nothing_else_is_interpreted() -> None:
    assert labels.fill("{name}（{a.b}）{0!r} {missing}", {"name": "谷津"}) == "谷津（{a.b}）{0!r} 不明"


@pytest.mark.parametrize(("share", "said"), [(0, "0%"), (0.001, "1%未満"), (0.5, "50%"), (0.994, "99%超"), (1, "100%")])
def test_a_part_is_never_rounded_to_nothing_or_to_all(share: float, said: str) -> None:
    assert labels.percent(share) == said


@pytest.mark.parametrize(("distance", "said"), [(3.24, "3.2m"), (12.4, "12m"), (1234.5, "1,234m")])
def test_a_distance_reads_in_tenths_below_ten_metres(distance: float, said: str) -> None:
    assert labels.metres(distance) == said


@pytest.mark.parametrize(
    ("value", "said"), [(2.0, "2"), (2.04, "2"), (2.25, "2.2"), (1234.5, "1,234.5"), (123456.78, "123,456.8")]
)
def test_a_number_in_a_label_has_one_decimal_at_most(value: float, said: str) -> None:
    assert labels.number(value) == said


def test_of_many_names_three_are_told_and_the_rest_counted() -> None:
    assert labels.enumerate_some(["甲", "乙", "丙", "丁", "戊"]) == "甲、乙、丙ほか2件"
    assert labels.enumerate_some(["甲"]) == "甲"
