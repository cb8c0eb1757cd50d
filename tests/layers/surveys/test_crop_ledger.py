"""The ledger: numbers are numbers, texts no formulas, and what comes back is shown before it is taken over whole."""

from collections.abc import Callable
from io import BytesIO

import openpyxl
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from gis.errors import UnreadableFileError
from layers.store.errors import EditConflictError, ForbiddenError
from layers.store.individual_numbers import check_digits
from layers.store.instance import Store
from layers.surveys.crop_desk import CropDesk
from layers.surveys.crop_errors import LedgerRefusedError
from layers.surveys.crop_ledger import SHEET, ledger
from layers.surveys.crop_ledger_reading import preview, take_over
from tests.layers.surveys.crop_samples import FARM_CLERK, FIELD_A, FIELD_B, FREE, GROWER, VIEWER, seen, wanted

Change = Callable[[list[list[object]], dict[str, int]], None]


@pytest.fixture
def desk(fields_store: Store) -> CropDesk:
    """A desk with three plans."""
    desk = CropDesk(fields_store, FARM_CLERK)
    desk.keep(
        FIELD_A, 2026, seen(0), wanted({"crop": "rice", "area_m2": 1_200, "variety": "天のつぶ"}, {"crop": "tobacco"})
    )
    desk.keep(FREE, 2026, seen(0), wanted({"crop": "buckwheat", "note": '=HYPERLINK("x")'}))
    return desk


def written(desk: CropDesk) -> bytes:
    return ledger(desk.year(2026), "小野町", fictitious=False)


def changed(content: bytes, change: Change) -> bytes:
    """The workbook after somebody worked on its rows, the heading row left as it is."""
    book = openpyxl.load_workbook(BytesIO(content))
    sheet = book[SHEET]
    rows = [list(row) for row in sheet.iter_rows(values_only=True)]
    places = {str(name): place for place, name in enumerate(rows[0])}
    body = rows[1:]
    change(body, places)
    sheet.delete_rows(2, sheet.max_row)
    for row in body:
        sheet.append(row)
    buffer = BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def crops_of(desk: CropDesk, key: object = FIELD_A) -> list[tuple[str, float]]:
    return [(part.part.crop, part.area_m2) for part in desk.field(key, 2026)[0].parts]  # type: ignore[arg-type]


def test_areas_are_numbers_and_no_text_is_a_formula(desk: CropDesk) -> None:
    book = openpyxl.load_workbook(BytesIO(written(desk)))
    head, *rows = book[SHEET].iter_rows(values_only=True)
    table = [dict(zip(head, row, strict=True)) for row in rows]

    first = next(row for row in table if row["圃場ID"] == FIELD_A.field_id)
    assert (first["作物"], first["作付面積（㎡）"], first["作付面積（a）"]) == ("水稲（主食用米）", 1200, 12)
    assert first["作付面積（反）"] == pytest.approx(1.21)
    assert next(row["備考"] for row in table if row["作物"] == "そば") == '\'=HYPERLINK("x")'
    assert {cell.data_type for sheet in book for row in sheet.iter_rows() for cell in row} <= {"s", "n"}
    assert [row["作物"] for row in table if row["圃場ID"] == FIELD_B.field_id] == [None]
    assert book.sheetnames == [SHEET, "作物別", "大字別", "この台帳について"]


def test_a_ledger_that_nobody_touched_changes_nothing(desk: CropDesk) -> None:
    shown = preview(desk, written(desk))

    assert (shown.year, shown.differences, shown.refused) == (2026, [], [])
    assert shown.unchanged == 4


def test_what_would_change_is_shown_and_then_taken_over(desk: CropDesk) -> None:
    def work(rows: list[list[object]], at: dict[str, int]) -> None:
        rice = next(row for row in rows if row[at["品種"]] == "天のつぶ")
        rice[at["作付面積（㎡）"]] = 1_300
        rice[at["計画・実績"]] = "実績"
        tobacco = next(row for row in rows if row[at["作物"]] == "葉たばこ")
        tobacco[at["作付面積（㎡）"]] = None
        empty = next(row for row in rows if row[at["圃場ID"]] == FIELD_B.field_id)
        empty[at["作物"]] = "ダイズ"

    content = changed(written(desk), work)
    shown = preview(desk, content)

    assert [(one.ground.key, one.before.version) for one in shown.differences] == [(FIELD_A, 1), (FIELD_B, 0)]
    assert crops_of(desk) == [("rice", 1_200), ("tobacco", 800)]
    take_over(desk, content, shown.digest)
    assert crops_of(desk) == [("rice", 1_300), ("tobacco", 700)]
    assert crops_of(desk, FIELD_B) == [("soybean", 900)]
    assert desk.field(FIELD_A, 2026)[0].plan.action == "import"


def test_an_emptied_crop_takes_the_plan_away(desk: CropDesk) -> None:
    def work(rows: list[list[object]], at: dict[str, int]) -> None:
        next(row for row in rows if row[at["作物"]] == "そば")[at["作物"]] = None

    content = changed(written(desk), work)
    take_over(desk, content, preview(desk, content).digest)

    assert desk.field(FREE, 2026)[0].plan.parts == ()


@pytest.mark.parametrize(
    ("column", "value", "why"),
    [
        ("作物", "バナナ", "一覧にありません"),
        ("作付面積（㎡）", "たくさん", "数で書いて"),
        ("作付面積（㎡）", 99_999, "超えています"),
        ("作付面積（㎡）", -5, "正しくありません"),
        ("圃場ID", "RTK-777", "ありません"),
        ("区分", "畑", "で書いてください"),
        ("計画・実績", "夢", "で書いてください"),
        ("版", 7, "版"),
    ],
)
def test_one_row_that_cannot_be_taken_leaves_the_whole_ledger_out(
    desk: CropDesk, column: str, value: object, why: str
) -> None:
    def work(rows: list[list[object]], at: dict[str, int]) -> None:
        next(row for row in rows if row[at["品種"]] == "天のつぶ")[at[column]] = value
        next(row for row in rows if row[at["圃場ID"]] == FIELD_B.field_id)[at["作物"]] = "大豆"

    content = changed(written(desk), work)
    shown = preview(desk, content)

    assert any(why in one.why for one in shown.refused), shown.refused
    with pytest.raises(LedgerRefusedError, match="取り込んでいません"):
        take_over(desk, content, shown.digest)
    assert crops_of(desk, FIELD_B) == []


def test_a_plan_that_was_edited_after_the_ledger_was_written_is_not_overwritten(desk: CropDesk) -> None:
    def work(rows: list[list[object]], at: dict[str, int]) -> None:
        next(row for row in rows if row[at["品種"]] == "天のつぶ")[at["作付面積（㎡）"]] = 1_000

    content = changed(written(desk), work)
    desk.keep(FIELD_A, 2026, seen(1), wanted({"crop": "rice"}))

    assert "農業 一郎さんが直しています" in preview(desk, content).refused[0].why


def test_what_changed_between_preview_and_taking_over_is_noticed(desk: CropDesk) -> None:
    def work(rows: list[list[object]], at: dict[str, int]) -> None:
        next(row for row in rows if row[at["圃場ID"]] == FIELD_B.field_id)[at["作物"]] = "大豆"

    content = changed(written(desk), work)
    with pytest.raises(EditConflictError):
        take_over(desk, content, "0" * 64)
    assert crops_of(desk, FIELD_B) == []


def test_a_farmer_takes_over_own_rows_only_and_a_viewer_none(desk: CropDesk, fields_store: Store) -> None:
    def work(rows: list[list[object]], at: dict[str, int]) -> None:
        next(row for row in rows if row[at["圃場ID"]] == FIELD_B.field_id)[at["作物"]] = "大豆"

    content = changed(written(desk), work)
    farmer = CropDesk(fields_store, GROWER, None, [FIELD_B.field_id])
    assert any(FIELD_A.field_id in one.why for one in preview(farmer, content).refused)
    with pytest.raises(ForbiddenError):
        take_over(CropDesk(fields_store, VIEWER), content, "")
    own = ledger(farmer.year(2026), "小野町", fictitious=False)
    assert FIELD_A.field_id not in str(list(openpyxl.load_workbook(BytesIO(own))[SHEET].iter_rows(values_only=True)))


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04", b"hello"])
def test_a_file_that_is_no_workbook_is_refused_in_a_sentence(desk: CropDesk, content: bytes) -> None:
    with pytest.raises(UnreadableFileError):
        preview(desk, content)


@pytest.mark.parametrize("heading", ["版", "圃場ID", "作物"])
def test_a_ledger_without_its_headings_is_refused(desk: CropDesk, heading: str) -> None:
    book = openpyxl.load_workbook(BytesIO(written(desk)))
    for cell in book[SHEET][1]:
        if cell.value == heading:
            cell.value = "?"
    buffer = BytesIO()
    book.save(buffer)

    with pytest.raises(LedgerRefusedError, match=heading):
        preview(desk, buffer.getvalue())


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    note=st.text(st.characters(exclude_categories=["Cc", "Cs", "Co", "Cn"]), max_size=40).map(str.strip),
    area=st.floats(1, 1_900).map(lambda value: round(value, 2)),
)
def test_every_text_and_area_comes_back_as_it_was(fields_store: Store, note: str, area: float) -> None:
    with fields_store.database.transaction() as connection:
        connection.execute("TRUNCATE onomap.crop_plans")
    desk = CropDesk(fields_store, FARM_CLERK)
    desk.keep(FIELD_A, 2026, seen(0), wanted({"crop": "rice", "area_m2": area, "note": note}, {"crop": "fallow"}))

    assume(not check_digits([note])[1])
    shown = preview(desk, written(desk))

    assert (shown.differences, shown.refused) == ([], [])
