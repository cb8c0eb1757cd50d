"""The parcel-list test: the list decides, the drawing can only call for a check."""

from dataclasses import replace

import pytest
from shapely import box
from shapely.geometry.base import BaseGeometry

from layers.inquiries.engine import Evidence, EvidenceError
from layers.store.definitions import ThemeTest
from layers.store.outcomes import Outcome
from tests.layers.inquiries.engine.engine_samples import THEME, ask, evidence, parcel

PLOT = box(0, 0, 20, 20)
KEY = "小野新町/舘廻/92-1"
ZONE = replace(
    THEME,
    test=ThemeTest.PARCEL_LIST,
    label_applies="農用地区域内（{kind}）",
    label_not="農用地区域外",
    group_by=("kind",),
    show=("designated_on",),
)


def listed(keys: list[str], shapes: list[BaseGeometry | None] | None = None, **columns: list[object]) -> Evidence:
    return evidence(shapes or [None] * len(keys), parcel_key=list(keys), **columns)


def test_a_parcel_on_the_list_applies_without_any_drawing() -> None:
    finding = ask(parcel(PLOT), ZONE, listed([KEY], kind=[1]))
    assert finding.outcome is Outcome.APPLIES
    assert finding.label == "農用地区域内（警戒区域）"
    assert finding.measure["listed"] is True


def test_a_parcel_that_the_list_does_not_name_is_a_no() -> None:
    finding = ask(parcel(PLOT), ZONE, listed(["小野新町/舘廻/92-2"], kind=[1]))
    assert finding.outcome is Outcome.DOES_NOT_APPLY
    assert finding.label == "農用地区域外"


def test_a_number_of_another_koaza_is_another_parcel() -> None:
    assert ask(parcel(PLOT), ZONE, listed(["小野新町/中通/92-1"])).outcome is Outcome.DOES_NOT_APPLY


def test_a_list_and_a_drawing_that_agree_apply() -> None:
    finding = ask(parcel(PLOT), ZONE, listed([KEY], [box(0, 0, 20, 15)], kind=[1]))
    assert finding.outcome is Outcome.APPLIES
    assert finding.measure["share"] == 0.75


def test_a_listed_parcel_less_than_half_drawn_calls_for_a_check() -> None:
    finding = ask(parcel(PLOT), ZONE, listed([KEY], [box(0, 0, 20, 9)], kind=[1]))
    assert finding.outcome is Outcome.NEAR_BOUNDARY
    assert finding.label == "一覧と図が一致しません（要確認）"
    assert finding.measure["share"] == 0.45


def test_a_listed_parcel_drawn_elsewhere_calls_for_a_check() -> None:
    finding = ask(parcel(PLOT), ZONE, listed([KEY], [box(500, 0, 520, 20)], kind=[1]))
    assert finding.outcome is Outcome.NEAR_BOUNDARY
    assert finding.measure["share"] == 0


def test_a_parcel_that_is_not_listed_but_mostly_drawn_for_others_calls_for_a_check() -> None:
    finding = ask(parcel(PLOT), ZONE, listed(["小野新町/舘廻/92-2"], [box(0, 0, 20, 11)]))
    assert finding.outcome is Outcome.NEAR_BOUNDARY
    assert finding.label == "一覧と図が一致しません（要確認）"
    assert finding.measure["drawn_for_others_share"] == 0.55


def test_a_parcel_half_drawn_for_others_is_still_a_no() -> None:
    finding = ask(parcel(PLOT), ZONE, listed(["小野新町/舘廻/92-2"], [box(0, 0, 20, 10)]))
    assert finding.outcome is Outcome.DOES_NOT_APPLY


def test_drawings_of_others_that_overlap_are_counted_once() -> None:
    others = ["小野新町/舘廻/92-2", "小野新町/舘廻/92-3"]
    finding = ask(parcel(PLOT), ZONE, listed(others, [box(0, 0, 20, 8), box(0, 0, 20, 8)]))
    assert finding.outcome is Outcome.DOES_NOT_APPLY
    assert finding.measure["drawn_for_others_share"] == 0.4


def test_two_rows_of_one_parcel_are_taken_together() -> None:
    held = listed([KEY, KEY], [box(0, 0, 20, 6), box(0, 6, 20, 12)], kind=[1, 2])
    finding = ask(parcel(PLOT), ZONE, held)
    assert finding.outcome is Outcome.APPLIES
    assert finding.label == "農用地区域内（警戒区域）ほか1区分"
    assert finding.measure["share"] == 0.6


def test_an_unplaced_parcel_is_answered_from_the_list_and_says_so() -> None:
    finding = ask(parcel(None), ZONE, listed([KEY], [PLOT], kind=[1]))
    assert finding.outcome is Outcome.APPLIES
    assert "図との照合はしていません" in finding.notes[0]
    assert ask(parcel(None), ZONE, listed([])).outcome is Outcome.DOES_NOT_APPLY


def test_a_parcel_that_is_not_listed_outside_the_coverage_has_no_data() -> None:
    held = evidence([], coverage=box(500, 0, 600, 100), parcel_key=[])
    assert ask(parcel(PLOT), ZONE, held).outcome is Outcome.NO_DATA


def test_an_undetermined_parcel_of_several_numbers_applies_if_all_of_them_are_listed() -> None:
    joined = parcel(PLOT, key="小野新町/舘廻/92-1+92-2", chiban="92-1+92-2", undetermined=True)
    both = ask(joined, ZONE, listed([KEY, "小野新町/舘廻/92-2"], kind=[1, 1]))
    assert both.outcome is Outcome.APPLIES
    one = ask(joined, ZONE, listed([KEY], kind=[1]))
    assert one.outcome is Outcome.NEAR_BOUNDARY
    none = ask(joined, ZONE, listed([]))
    assert none.outcome is Outcome.NEAR_BOUNDARY
    assert "構成する筆ごと" in none.notes[0]


def test_a_list_without_its_key_column_is_refused_in_a_sentence() -> None:
    with pytest.raises(EvidenceError, match="parcel_key がありません"):
        ask(parcel(PLOT), ZONE, evidence([None]))
