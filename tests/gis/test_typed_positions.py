"""Positions as people type them are read whichever way round they stand; what is no position is none."""

import pytest

from gis.typed_positions import typed_position


@pytest.mark.parametrize(
    "text",
    [
        "37.25, 140.625",
        "140.625 37.25",
        "３７．２５，１４０．６２５",
        "北緯37.25度、東経140.625度",
        "N37.25 E140.625",
        "37°15'00\" 140°37'30\"",
        "37°15′00″N 140°37′30″E",
        "東経140度37分30秒　北緯37度15分",
        "北緯37度15分0.0秒東経140度37分30秒",
    ],
)
def test_a_position_is_read_as_it_is_typed(text: str) -> None:
    assert typed_position(text) == pytest.approx((140.625, 37.25))


@pytest.mark.parametrize("text", ["", "小野新町12-1", "12 15", "37.25", "51.5, 0.12", "大字飯豊字中田12番1", "37, 140"])
def test_what_names_no_position_in_japan_is_none(text: str) -> None:
    assert typed_position(text) is None
