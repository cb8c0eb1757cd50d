"""The parcel-status test: what the cadastral map itself says of a parcel."""

from dataclasses import replace

from shapely import box

from layers.inquiries.engine import Evidence
from layers.inquiries.model import Parcel
from layers.store.definitions import ThemeTest
from layers.store.outcomes import Outcome
from tests.layers.inquiries.engine.engine_samples import THEME, ask, evidence, parcel

PLOT = box(0, 0, 20, 20)
KEY = "小野新町/舘廻/92-1"
STATUS = replace(
    THEME,
    test=ThemeTest.PARCEL_STATUS,
    label_applies="地籍調査済（精度区分 {accuracy_class}）",
    label_not="地籍調査未了",
    where={"survey_status": ("調査済",)},
    show=("survey_status",),
)


def cadastral(status: str | None, fid: int = 1) -> Evidence:
    held = evidence([PLOT], parcel_key=[KEY], survey_status=[status])
    return replace(held, fids=held.fids + (fid - 1))


def test_a_surveyed_parcel_applies_with_its_accuracy_class() -> None:
    finding = ask(parcel(PLOT), STATUS, cadastral("調査済"))
    assert finding.outcome is Outcome.APPLIES
    assert finding.label == "地籍調査済（精度区分 乙一）"
    assert finding.measure["survey_status"] == "調査済"


def test_a_parcel_whose_survey_is_not_done_is_a_no() -> None:
    finding = ask(parcel(PLOT), STATUS, cadastral("未了"))
    assert finding.outcome is Outcome.DOES_NOT_APPLY
    assert finding.label == "地籍調査未了"


def test_a_survey_of_which_nothing_is_said_is_no_data() -> None:
    finding = ask(parcel(PLOT, accuracy_class=None), STATUS, cadastral(None))
    assert finding.outcome is Outcome.NO_DATA


def test_without_a_row_the_accuracy_class_tells_that_it_was_surveyed() -> None:
    empty = evidence([], parcel_key=[], survey_status=[])
    assert ask(parcel(PLOT), STATUS, empty).outcome is Outcome.APPLIES
    assert ask(parcel(PLOT, accuracy_class=None), STATUS, empty).outcome is Outcome.NO_DATA


def test_an_undetermined_parcel_calls_for_a_check() -> None:
    finding = ask(parcel(PLOT, undetermined=True), STATUS, cadastral("調査済"))
    assert finding.outcome is Outcome.NEAR_BOUNDARY
    assert finding.label == "境界付近・要確認（筆界未定）"


def test_a_parcel_of_an_arbitrary_sheet_has_no_data() -> None:
    finding = ask(parcel(None), STATUS, cadastral("調査済"))
    assert finding.outcome is Outcome.NO_DATA
    assert finding.label == "任意座標系の地図（位置未定）"
    assert finding.notes == ("任意座標系の地図のため位置が定まりません。",)


def test_of_two_rows_with_one_number_the_parcel_s_own_row_is_read() -> None:
    held = evidence([PLOT, PLOT], parcel_key=[KEY, KEY], survey_status=["未了", "調査済"])
    first: Parcel = parcel(PLOT, fid=1)
    assert ask(first, STATUS, held).outcome is Outcome.DOES_NOT_APPLY
    assert ask(replace(first, fid=2), STATUS, held).outcome is Outcome.APPLIES
