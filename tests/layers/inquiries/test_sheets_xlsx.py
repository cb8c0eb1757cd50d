"""The workbook: every finding a row, numbers as numbers, nothing that a spreadsheet would run."""

from dataclasses import replace
from datetime import date
from io import BytesIO

import openpyxl
import pytest
from openpyxl.workbook import Workbook

from layers.inquiries.model import Answer
from layers.inquiries.sheets.as_xlsx import FINDING_COLUMNS, safe_text, to_xlsx
from tests.layers.inquiries.sheet_samples import PERMALINK, many_parcels, one_parcel, parcel, plot, three_parcels

SHEETS = ["判定", "照会地", "データ", "この表について"]


def read(answer: Answer) -> Workbook:
    return openpyxl.load_workbook(BytesIO(to_xlsx(answer, PERMALINK)))


def rows(book: Workbook, title: str) -> list[dict[str, object]]:
    heading, *body = book[title].iter_rows(values_only=True)
    return [dict(zip([str(name) for name in heading], row, strict=True)) for row in body]


def test_there_is_one_row_for_each_parcel_and_theme() -> None:
    answer = three_parcels()
    book = read(answer)
    assert book.sheetnames == SHEETS
    asked = [(row["所在・地番"], row["照会項目"], row["判定"]) for row in rows(book, "判定")]
    assert len(asked) == len(set(asked)) == len(answer.findings) == 27
    assert len(rows(book, "照会地")) == 3
    assert len(rows(book, "データ")) == len(answer.layers)


def test_numbers_and_dates_are_values_and_gaps_are_empty() -> None:
    first, *_, stale = rows(read(one_parcel()), "判定")
    assert first["重なり面積（㎡）"] == pytest.approx(123.456)
    assert first["筆に占める割合（％）"] == pytest.approx(18.1)
    assert first["データの日付"].date() == date(2024, 3, 29)  # type: ignore[attr-defined]
    assert first["読込番号"] == 7
    assert first["距離（m）"] is None
    assert stale["判定"] == "要更新確認"


def test_every_row_can_be_defended() -> None:
    for row in rows(read(one_parcel()), "判定"):
        assert row["根拠法令"]
        assert row["担当課"]
        assert row["出典"]


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r"])
def test_a_text_that_a_spreadsheet_would_run_is_made_harmless(start: str) -> None:
    hostile = f'{start}HYPERLINK("http://example.invalid","x")'
    answer = one_parcel()
    findings = tuple(
        finding._replace(label=hostile, notes=(hostile,), source=hostile, department=hostile, theme_title=hostile)
        for finding in answer.findings
    )
    asked = replace(answer.parcels[0], land_category=hostile, sheet=hostile)
    book = read(replace(answer, findings=findings, parcels=(asked,), asker=hostile, unresolved=(hostile,)))
    cells = [cell for title in SHEETS for row in book[title].iter_rows() for cell in row]
    assert not [cell.coordinate for cell in cells if cell.data_type == "f"]
    texts = [str(cell.value) for cell in cells if isinstance(cell.value, str)]
    assert sum("HYPERLINK" in text for text in texts) >= 9 * 4 + 4
    assert not [text for text in texts if text.startswith(("=", "+", "-", "@", "\t", "\r"))]


def test_characters_that_xml_cannot_hold_do_not_break_the_file() -> None:
    assert safe_text("前\x00後\x0b") == "前\ufffd後\ufffd"
    assert rows(read(replace(one_parcel(), asker="課\x07長")), "判定")


def test_headings_stay_in_view_and_repeat_in_print() -> None:
    sheet = read(one_parcel())["判定"]
    assert sheet.freeze_panes == "C2"
    assert sheet.auto_filter.ref == "A1:T10"
    assert sheet.print_title_rows == "$1:$1"
    assert sheet.page_setup.orientation == "landscape"
    assert sheet.column_dimensions["A"].width == 30
    assert len(FINDING_COLUMNS) == 20


def test_the_workbook_says_what_it_is_and_that_it_is_made_up() -> None:
    book = read(one_parcel())
    about = {str(row[0]): row[1] for row in book["この表について"].iter_rows(values_only=True)}
    assert about["照会番号"] == "20260401-7KQ2MX"
    assert about["回答のアドレス"] == PERMALINK
    assert len(str(about["回答の SHA-256"])) == 64
    assert "架空" in str(book["判定"].oddHeader.center.text)


def test_a_parcel_without_a_place_says_so() -> None:
    last = rows(read(three_parcels()), "照会地")[-1]
    assert last["位置"] == "任意座標系のため位置を図示できません"
    assert last["公差の判定"] == "比較できません"


def test_a_thousand_parcels_are_all_there() -> None:
    answer = many_parcels(1000)
    book = openpyxl.load_workbook(BytesIO(to_xlsx(answer, PERMALINK)), read_only=True)
    assert sum(1 for _ in book["判定"].iter_rows(values_only=True)) == 1 + 9000


def test_a_verdict_on_areas_is_written_beside_both() -> None:
    answer = one_parcel()
    asked = parcel("92-1", plot(0, 0), registered_area_m2=400.0)
    row = rows(read(replace(answer, parcels=(asked,))), "照会地")[0]
    assert row["公差の判定"] == "公差を超える差"
    assert row["差（㎡）"] == pytest.approx(282.0)
