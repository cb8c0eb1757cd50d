"""The ledger of crops as a workbook: a row for each part of each field, the sums, and what the sheet is."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from io import BytesIO
from zoneinfo import ZoneInfo

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet._write_only import WriteOnlyWorksheet
from openpyxl.worksheet.properties import PageSetupProperties
from openpyxl.worksheet.worksheet import Worksheet

from gis.formats.writing.formulas import defused
from gis.formats.writing.outgoing import for_xml
from gis.units import Area
from layers.surveys.crop_areas import CropArea, by_crop, by_oaza
from layers.surveys.crop_desk import PlannedField, YearOfFields
from layers.surveys.crop_model import FARMLAND, RTK, STATE_WORDS, SizedPart
from layers.surveys.crops import crop_of

SHEET = "作付台帳"
LAYER_WORDS = {RTK: "RTK圃場", FARMLAND: "筆ポリゴン"}
YEAR, LAYER, FIELD, VERSION = "年産", "区分", "圃場ID", "版"
CROP, AREA, VARIETY, STATE, NOTE = "作物", "作付面積（㎡）", "品種", "計画・実績", "備考"
COLUMNS = (
    *((YEAR, 8), (LAYER, 12), (FIELD, 24), ("圃場名", 24), ("大字", 12), ("圃場面積（㎡）", 14), ("面積の根拠", 20)),
    *(
        (CROP, 20),
        (AREA, 16),
        ("作付面積（a）", 14),
        ("作付面積（反）", 14),
        (VARIETY, 16),
        (STATE, 11),
        (NOTE, 30),
        (VERSION, 6),
    ),
)
READ_BACK = (CROP, AREA, VARIETY, STATE, NOTE)
_SUM_COLUMNS = (
    *(("大字", 14), (CROP, 20), ("圃場数", 8), ("面積（㎡）", 14), ("面積（a）", 12), ("面積（反）", 12)),
    *(("うちRTK測位（㎡）", 18), ("うち固定解以外（㎡）", 20), ("うち筆ポリゴン（㎡）", 20), ("うち実績（㎡）", 16)),
)
_HEAD_FONT, _HEAD_FILL = Font(bold=True), PatternFill("solid", fgColor="FFDDE6F0")
_WRAP = Alignment(wrap_text=True, vertical="center")
_AREA_FORMATS = {
    AREA: "#,##0.00",
    "圃場面積（㎡）": "#,##0.00",
    "作付面積（a）": "#,##0.00",
    "作付面積（反）": "#,##0.000",
}

Cell = str | int | float | None


def ledger(year: YearOfFields, town: str, *, fictitious: bool) -> bytes:
    """The workbook: 「作付台帳」, 「作物別」, 「大字別」, 「この台帳について」; areas are numbers, texts no formulas."""
    book = Workbook(write_only=True)
    head = f"{town} {SHEET} {year.year}年産{'（架空の見本）' if fictitious else ''}"
    _write(book, SHEET, COLUMNS, (row for one in year.fields for row in _rows(one, year.year)), head)
    _write(book, "作物別", _SUM_COLUMNS, map(_sum_row, by_crop(year.fields)), head)
    _write(book, "大字別", _SUM_COLUMNS, map(_sum_row, by_oaza(year.fields)), head)
    _write_about(book, year, head)
    buffer = BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def _rows(one: PlannedField, year: int) -> Iterable[list[Cell]]:
    """A row for each part; one without a crop for a field that has no plan."""
    ground = one.ground
    key = ground.key
    before: list[Cell] = [
        *(year, LAYER_WORDS[key.layer], key.field_id, ground.name, ground.oaza, round(ground.area_m2, 2), ground.basis)
    ]
    parts: Sequence[SizedPart | None] = one.parts or [None]
    for part in parts:
        yield [*before, *(_part(part) if part else [None] * 7), one.plan.version]


def _part(part: SizedPart) -> list[Cell]:
    area = Area.of_m2(part.area_m2)
    return [
        *(part.crop.label, round(part.area_m2, 2), round(area.ares, 2), round(area.tan, 3)),
        *(part.part.variety, STATE_WORDS[part.part.state], part.part.note),
    ]


def _sum_row(row: CropArea) -> list[Cell]:
    area = Area.of_m2(row.area_m2)
    return [
        *(row.oaza or "全部", crop_of(row.crop).label, row.fields, round(row.area_m2, 2), round(area.ares, 2)),
        *(round(area.tan, 3), round(row.rtk_m2, 2), round(row.rough_m2, 2), round(row.polygon_m2, 2)),
        round(row.actual_m2, 2),
    ]


def _write(
    book: Workbook, title: str, columns: Sequence[tuple[str, int]], rows: Iterable[Sequence[Cell]], head: str
) -> None:
    sheet = book.create_sheet(title)
    for position, (_, width) in enumerate(columns, start=1):
        sheet.column_dimensions[get_column_letter(position)].width = width
    sheet.freeze_panes = "A2"
    sheet.print_title_rows = "1:1"
    sheet.page_setup.orientation = "landscape"
    sheet.page_setup.paperSize = Worksheet.PAPERSIZE_A4
    sheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
    sheet.page_setup.fitToHeight = 0
    sheet.oddHeader.center.text = head
    sheet.oddFooter.right.text = "&P / &N"
    titles = [name for name, _ in columns]
    _append_heading(sheet, titles)
    for row in rows:
        sheet.append([_written(sheet, name, value) for name, value in zip(titles, row, strict=True)])


def _written(sheet: WriteOnlyWorksheet, name: str, value: Cell) -> object:
    if isinstance(value, str):
        return defused(for_xml(value)) or None
    if name not in _AREA_FORMATS or value is None:
        return value
    cell = WriteOnlyCell(sheet, value=value)
    cell.number_format = _AREA_FORMATS[name]
    return cell


def _append_heading(sheet: WriteOnlyWorksheet, titles: Sequence[str]) -> None:
    cells = []
    for title in titles:
        cell = WriteOnlyCell(sheet, value=title)
        cell.font, cell.fill, cell.alignment = _HEAD_FONT, _HEAD_FILL, _WRAP
        cells.append(cell)
    sheet.append(cells)


def _write_about(book: Workbook, year: YearOfFields, head: str) -> None:
    sheet = book.create_sheet("この台帳について")
    sheet.column_dimensions["A"].width, sheet.column_dimensions["B"].width = 20, 110
    made = datetime.now(ZoneInfo("Asia/Tokyo"))
    lines = [
        (SHEET, head),
        ("書き出した日時", f"{made:%Y-%m-%d %H:%M}（日本時間）"),
        ("面積", "RTK測位は測った外周の面積、筆ポリゴンは空中写真から読み取った形の面積です。登記地積とは違います。"),
        ("取り込めるもの", f"「{SHEET}」の{'、'.join(READ_BACK)}だけを読みます。ほかの列と、ほかのシートは見ません。"),
        (
            "行の足し方",
            "一つの圃場を分けて作るときは、同じ圃場の行を写して、作物と面積を書きます。作物を空にすると計画なしです。",
        ),
        ("面積の空欄", "作付面積を空にした行は、その圃場の残り全部になります（一つの圃場に一行まで）。"),
        ("版", "書き出したあとにほかの人が直した圃場は、版が合わないので取り込みません。"),
        *(
            ("二重の計画", f"{one.name} と {other.name} は同じ土地です。面積が二重に数えられています。")
            for one, other in year.doubled
        ),
        *(("図形がない計画", f"{plan.key.field_id}：合計に入っていません。") for plan in year.lost),
        ("ご注意", "筆界（境界）を確定するものではありません。"),
    ]
    for name, text in lines:
        sheet.append([_written(sheet, "", name), _written(sheet, "", text)])
