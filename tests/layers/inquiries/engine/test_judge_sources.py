"""What every finding carries, and what is said when a layer or a parcel cannot be read."""

from dataclasses import replace
from datetime import date

import pytest
from shapely import LineString, Polygon, box

from layers.inquiries.engine import EvidenceError, judge, judge_all, reach_m
from layers.store.definitions import ThemeTest
from layers.store.outcomes import Outcome
from tests.layers.inquiries.engine.engine_samples import BY_KIND, THEME, ask, evidence, parcel

ZONE = box(0, 0, 100, 100)
INSIDE, OUTSIDE = box(40, 40, 60, 60), box(200, 40, 220, 60)


def test_a_finding_carries_its_basis_department_dates_load_source_and_notes() -> None:
    theme = replace(THEME, note="公示図書で確認してください。")
    finding = ask(parcel(INSIDE, notes=("測地系の宣言がありません。",)), theme, evidence([ZONE]))
    assert finding.basis == "区域法第7条"
    assert finding.department == "地域整備課"
    assert finding.data_date == date(2025, 4, 1)
    assert finding.load == 7
    assert finding.source == "県の告示を加工"
    assert finding.layer == "zones"
    assert finding.layer_title == "区域"
    assert finding.theme_title == "区域"
    assert finding.notes == ("公示図書で確認してください。", "測地系の宣言がありません。")


def test_a_layer_past_its_update_cycle_answers_stale_with_what_the_old_data_said() -> None:
    held = evidence([ZONE])
    held = replace(held, state=replace(held.state, stale=True))
    finding = ask(parcel(INSIDE), THEME, held)
    assert finding.outcome is Outcome.STALE
    assert finding.label == "要更新確認（旧データでは区域内）"
    assert finding.measure["provisional"] == "applies"
    assert finding.measure["overlap_m2"] == 400
    finding = ask(parcel(OUTSIDE), THEME, held)
    assert finding.label == "要更新確認（旧データでは区域外）"
    assert finding.measure["provisional"] == "does_not_apply"


def test_a_gap_in_a_stale_layer_stays_a_gap() -> None:
    held = evidence([ZONE], coverage=None)
    finding = ask(parcel(OUTSIDE), THEME, replace(held, state=replace(held.state, stale=True)))
    assert finding.outcome is Outcome.NO_DATA


def test_a_layer_without_evidence_or_never_loaded_is_not_registered() -> None:
    never = evidence([])
    never = replace(never, state=replace(never.state, load=None, data_date=None))
    for held in (None, never):
        finding = ask(parcel(INSIDE), THEME, held)
        assert finding.outcome is Outcome.NO_DATA
        assert finding.label == "未登録"
        assert finding.load is None


@pytest.mark.parametrize("test", [ThemeTest.OVERLAP, ThemeTest.NEAREST, ThemeTest.ADJACENCY, ThemeTest.COUNT])
def test_an_unplaced_parcel_has_no_data_for_any_test_of_places(test: ThemeTest) -> None:
    finding = ask(parcel(None), replace(THEME, test=test, distance_m=10.0), evidence([ZONE]))
    assert finding.outcome is Outcome.NO_DATA
    assert finding.notes == ("任意座標系の地図のため位置が定まりません。",)


@pytest.mark.parametrize(
    ("shape", "sentence"),
    [
        (Polygon(), "面の図形がない"),
        (LineString([(0, 0), (10, 10)]), "面の図形がない"),
        (Polygon([(40, 40), (60, 60), (60, 40), (40, 60)]), "自己交差"),
        (Polygon([(40, 40), (60, 60), (40, 40)]), "図形"),
    ],
)
def test_a_shape_that_cannot_be_measured_is_answered_with_a_sentence(shape: Polygon, sentence: str) -> None:
    finding = ask(parcel(shape), THEME, evidence([ZONE], error_m=1.0))
    assert finding.outcome is Outcome.NO_DATA
    assert sentence in finding.notes[0]


def test_a_parcel_of_a_square_centimetre_is_measured() -> None:
    assert ask(parcel(box(50, 50, 50.01, 50.01)), THEME, evidence([ZONE], error_m=1.0)).outcome is Outcome.APPLIES


def test_one_unplaced_parcel_among_others_leaves_them_as_they_are() -> None:
    findings = judge([parcel(INSIDE), parcel(None), parcel(OUTSIDE)], THEME, evidence([ZONE]))
    assert [finding.outcome for finding in findings] == [Outcome.APPLIES, Outcome.NO_DATA, Outcome.DOES_NOT_APPLY]


def test_no_parcels_give_no_findings() -> None:
    assert judge([], THEME, evidence([ZONE])) == []
    assert judge_all([], [THEME], {"zones": evidence([ZONE])}) == []


def test_all_themes_are_answered_parcel_by_parcel_in_the_order_given() -> None:
    second = replace(THEME, id="other", layer="absent")
    asked = [parcel(INSIDE, key="一"), parcel(OUTSIDE, key="二")]
    findings = judge_all(asked, [second, THEME], {"zones": evidence([ZONE])})
    assert [(finding.parcel, finding.theme, finding.outcome.value) for finding in findings] == [
        ("一", "other", "no_data"),
        ("一", "zone", "applies"),
        ("二", "other", "no_data"),
        ("二", "zone", "does_not_apply"),
    ]


def test_asking_all_at_once_gives_what_asking_one_by_one_gives() -> None:
    shapes = [box(x, y, x + 30, y + 30) for x in range(0, 300, 40) for y in range(0, 300, 40)]
    held = evidence(shapes, 4.0, kind=[1 + index % 2 for index in range(len(shapes))])
    asked = [parcel(box(x, 3 * x % 290, x + 12, 3 * x % 290 + 9), 0.75, key=str(x)) for x in range(0, 300, 7)]
    themes = [THEME, BY_KIND, replace(THEME, test=ThemeTest.NEAREST, distance_m=5.0)]
    together = judge_all(asked, themes, {"zones": held})
    alone = [ask(one, theme, held) for one in asked for theme in themes]
    assert together == alone


def test_a_column_that_the_layer_does_not_hold_is_named() -> None:
    with pytest.raises(EvidenceError, match="列 missing がありません"):
        ask(parcel(INSIDE), replace(THEME, show=("missing",)), evidence([ZONE]))


def test_rows_are_fetched_as_far_as_any_answer_can_depend_on_them() -> None:
    assert reach_m(THEME, 3.0, 4.0) == pytest.approx(5 * 1.026 + 1)
    assert reach_m(replace(THEME, distance_m=50.0), 3.0, 4.0) == pytest.approx(55 * 1.026 + 1)
    assert reach_m(replace(THEME, test=ThemeTest.NEAREST), 3.0, 4.0) is None
    assert reach_m(replace(THEME, test=ThemeTest.PARCEL_LIST), 3.0, 4.0) == 0
    road = replace(THEME, test=ThemeTest.ADJACENCY, distance_m=1.0)
    assert reach_m(road, 3.0, 4.0) == pytest.approx(10 * 1.026 + 1)
