"""精度区分: the figures of 国土調査法施行令 別表第四, and what stands in for a class that is not stated."""

import pytest

from gis.accuracy import CLASSES, area_tolerance_m2, class_of, point_error_m

POINT_TOLERANCES_M = {"甲一": 0.06, "甲二": 0.20, "甲三": 0.45, "乙一": 0.75, "乙二": 1.50, "乙三": 3.00}


@pytest.mark.parametrize(("name", "metres"), POINT_TOLERANCES_M.items())
def test_the_tolerance_of_a_point_is_that_of_the_table(name: str, metres: float) -> None:
    assert point_error_m(name) == metres


@pytest.mark.parametrize(
    ("name", "area_m2", "tolerance_m2"),
    [("乙一", 400, 5.58), ("甲三", 1000, 6.7), ("乙一", 1000, 10.3), ("乙三", 1000, 40.7), ("乙一", 0, 0.0)],
)
def test_the_tolerance_of_an_area_agrees_with_worked_checks(name: str, area_m2: float, tolerance_m2: float) -> None:
    assert area_tolerance_m2(name, area_m2) == pytest.approx(tolerance_m2, abs=0.05 if area_m2 == 1000 else 0.005)


def test_a_rougher_class_never_promises_more() -> None:
    rows = list(CLASSES.values())

    assert [row.point_tolerance_m for row in rows] == sorted(row.point_tolerance_m for row in rows)
    for area in (1, 100, 1e6):
        assert [row.area_tolerance_m2(area) for row in rows] == sorted(row.area_tolerance_m2(area) for row in rows)


@pytest.mark.parametrize("text", [None, "", "不明", "甲四", "丙一"])
def test_a_map_without_a_known_class_is_taken_for_the_roughest(text: str | None) -> None:
    assert class_of(text) is None
    assert point_error_m(text) == 3.0
    assert area_tolerance_m2(text, 400) == area_tolerance_m2("乙三", 400)


@pytest.mark.parametrize("text", ["甲二", "甲2", "甲２", " 甲 二 "])
def test_a_class_is_known_in_the_ways_files_write_it(text: str) -> None:
    assert class_of(text) is CLASSES["甲二"]
