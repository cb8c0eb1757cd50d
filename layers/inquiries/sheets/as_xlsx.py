"""The answer as a workbook: one row per parcel and theme, the parcels, and the editions that were read."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from io import BytesIO
from typing import Generic, TypeVar

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE, Cell
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet._write_only import WriteOnlyWorksheet
from openpyxl.worksheet.properties import PageSetupProperties
from openpyxl.worksheet.worksheet import Worksheet

from gis.japanese_dates import JST
from layers.inquiries.model import OUTCOME_LABELS, Answer, Finding, LayerState, Parcel
from layers.inquiries.sheets.area_check import check_area
from layers.inquiries.sheets.as_json import seal, to_json
from layers.inquiries.sheets.measures import measure_lines, number
from layers.inquiries.sheets.wording import TITLE, UNPLACED
from layers.store.settings import FICTITIOUS_BAND

Value = str | int | float | date | None
Row = TypeVar("Row")

_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")
_HEAD_FILL = PatternFill("solid", fgColor="FFDDE6F0")
_HEAD_FONT = Font(bold=True)
_HEAD_ALIGNMENT = Alignment(wrap_text=True, vertical="center")
_MOST_CHARACTERS = 32_767
"""What a cell of Excel holds."""


@dataclass(frozen=True)
class _Column(Generic[Row]):
    """A column: its heading, its width in characters, and how a row's value is found."""

    title: str
    width: float
    value: Callable[[Row], Value]


@dataclass(frozen=True)
class _FindingRow:
    """A finding beside the parcel it is about."""

    parcel: Parcel
    finding: Finding

    def measured(self, key: str) -> float | None:
        """A measure as a number."""
        return number(self.finding.measure, key)

    def percent(self) -> float | None:
        """The share of the parcel, 0–100."""
        share = self.measured("share")
        return None if share is None else share * 100


def _verdict(parcel: Parcel) -> str:
    check = check_area(parcel)
    return "比較できません" if check is None else "公差内" if check.within else "公差を超える差"


def _local(moment: datetime | None) -> datetime | None:
    """Japanese time without an offset: a cell cannot hold one."""
    return None if moment is None else moment.astimezone(JST).replace(tzinfo=None, microsecond=0)


FINDING_COLUMNS: tuple[_Column[_FindingRow], ...] = (
    _Column("所在・地番", 30, lambda row: row.parcel.number),
    _Column("照会項目", 26, lambda row: row.finding.theme_title),
    _Column("判定", 16, lambda row: OUTCOME_LABELS[row.finding.outcome]),
    _Column("内容", 36, lambda row: row.finding.label),
    _Column("重なり面積（㎡）", 13, lambda row: row.measured("overlap_m2")),
    _Column("筆に占める割合（％）", 11, lambda row: row.percent()),
    _Column("重なり最小（㎡）", 13, lambda row: row.measured("overlap_min_m2")),
    _Column("重なり最大（㎡）", 13, lambda row: row.measured("overlap_max_m2")),
    _Column("距離（m）", 10, lambda row: row.measured("distance_m")),
    _Column("延長（m）", 10, lambda row: row.measured("length_m")),
    _Column("件数", 8, lambda row: row.measured("count")),
    _Column("判定の幅（±m）", 10, lambda row: row.measured("band_m")),
    _Column("測定の説明", 44, lambda row: "／".join(measure_lines(row.finding.measure))),
    _Column("根拠法令", 44, lambda row: row.finding.basis),
    _Column("担当課", 18, lambda row: row.finding.department),
    _Column("レイヤ", 20, lambda row: row.finding.layer_title),
    _Column("データの日付", 13, lambda row: row.finding.data_date),
    _Column("読込番号", 9, lambda row: row.finding.load),
    _Column("出典", 40, lambda row: row.finding.source),
    _Column("備考", 50, lambda row: "／".join(row.finding.notes)),
)

PARCEL_COLUMNS: tuple[_Column[Parcel], ...] = (
    _Column("所在・地番", 30, lambda parcel: parcel.number),
    _Column("大字", 12, lambda parcel: parcel.oaza),
    _Column("字", 12, lambda parcel: parcel.koaza),
    _Column("地番", 10, lambda parcel: parcel.chiban),
    _Column("地目", 10, lambda parcel: parcel.land_category),
    _Column("登記地積（㎡）", 14, lambda parcel: parcel.registered_area_m2),
    _Column("図上面積（㎡）", 14, lambda parcel: parcel.area_m2),
    _Column("差（㎡）", 12, lambda parcel: None if (check := check_area(parcel)) is None else check.difference_m2),
    _Column("公差（±㎡）", 12, lambda parcel: None if (check := check_area(parcel)) is None else check.tolerance_m2),
    _Column("公差の判定", 14, _verdict),
    _Column("精度区分", 10, lambda parcel: parcel.accuracy_class),
    _Column("位置の誤差（±m）", 11, lambda parcel: parcel.error_m),
    _Column("筆界未定", 10, lambda parcel: "筆界未定" if parcel.undetermined else ""),
    _Column("位置", 34, lambda parcel: UNPLACED if parcel.geometry is None else ""),
    _Column("図面", 30, lambda parcel: parcel.sheet),
    _Column("データの日付", 13, lambda parcel: parcel.data_date),
    _Column("読込番号", 9, lambda parcel: parcel.load),
    _Column("備考", 50, lambda parcel: "／".join(parcel.notes)),
)

LAYER_COLUMNS: tuple[_Column[LayerState], ...] = (
    _Column("レイヤ", 26, lambda layer: layer.title),
    _Column("担当課", 18, lambda layer: layer.department),
    _Column("データの日付", 13, lambda layer: layer.data_date),
    _Column("読込日時（日本時間）", 20, lambda layer: _local(layer.loaded_at)),
    _Column("読込番号", 9, lambda layer: layer.load),
    _Column("ファイル", 34, lambda layer: layer.file_name),
    _Column("ファイルの SHA-256", 66, lambda layer: layer.file_sha256),
    _Column("位置の誤差（±m）", 11, lambda layer: layer.error_m),
    _Column(
        "更新", 14, lambda layer: "未登録" if layer.load is None else "更新周期超過" if layer.stale else "更新周期内"
    ),
    _Column("出典・利用条件の表示", 60, lambda layer: layer.attribution),
)


def to_xlsx(answer: Answer, permalink: str) -> bytes:
    """The workbook: 「判定」 one row per parcel and theme, 「照会地」, 「データ」, 「この表について」."""
    parcels = {parcel.key: parcel for parcel in answer.parcels}
    rows = (_FindingRow(parcels[finding.parcel], finding) for finding in answer.findings)
    book = Workbook(write_only=True)
    _write(book, "判定", FINDING_COLUMNS, rows, len(answer.findings), frozen="C2", fictitious=answer.fictitious)
    _write(
        book, "照会地", PARCEL_COLUMNS, answer.parcels, len(answer.parcels), frozen="B2", fictitious=answer.fictitious
    )
    _write(book, "データ", LAYER_COLUMNS, answer.layers, len(answer.layers), frozen="B2", fictitious=answer.fictitious)
    _write_about(book, answer, permalink)
    buffer = BytesIO()
    book.save(buffer)
    return buffer.getvalue()


@lru_cache(maxsize=4096)
def safe_text(text: str) -> str:
    """A text that no spreadsheet takes for a formula (ASVS 1.2.10), without characters that XML cannot hold."""
    printable = ILLEGAL_CHARACTERS_RE.sub("\ufffd", text)[:_MOST_CHARACTERS]
    return f"'{printable}" if printable.startswith(_FORMULA_STARTS) else printable


def _cell(value: Value) -> Value:
    if isinstance(value, str):
        return safe_text(value) or None
    return round(value, 4) if isinstance(value, float) else value


def _write(
    book: Workbook,
    title: str,
    columns: Sequence[_Column[Row]],
    rows: Iterable[Row],
    count: int,
    *,
    frozen: str,
    fictitious: bool,
) -> None:
    """One sheet: a heading that stays in view and repeats in print, a filter, widths, A4 landscape one page wide."""
    sheet = book.create_sheet(title)
    last = get_column_letter(len(columns))
    for position, column in enumerate(columns, start=1):
        sheet.column_dimensions[get_column_letter(position)].width = column.width
    sheet.freeze_panes = frozen
    sheet.auto_filter.ref = f"A1:{last}{count + 1}"
    sheet.print_title_rows = "1:1"
    sheet.page_setup.orientation = "landscape"
    sheet.page_setup.paperSize = Worksheet.PAPERSIZE_A4
    sheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
    sheet.page_setup.fitToHeight = 0
    sheet.oddHeader.center.text = FICTITIOUS_BAND if fictitious else TITLE
    sheet.oddFooter.right.text = "&P / &N"
    sheet.append([_heading(sheet, column.title) for column in columns])
    for row in rows:
        sheet.append([_cell(column.value(row)) for column in columns])


def _heading(sheet: WriteOnlyWorksheet, text: str) -> Cell:
    cell = WriteOnlyCell(sheet, value=text)
    cell.font, cell.fill, cell.alignment = _HEAD_FONT, _HEAD_FILL, _HEAD_ALIGNMENT
    return cell


def _write_about(book: Workbook, answer: Answer, permalink: str) -> None:
    """The last sheet: what the workbook is, and what it is not."""
    sheet = book.create_sheet("この表について")
    sheet.column_dimensions["A"].width, sheet.column_dimensions["B"].width = 18, 110
    sheet.oddHeader.center.text = FICTITIOUS_BAND if answer.fictitious else TITLE
    lines = [
        (TITLE, answer.municipality),
        ("照会番号", answer.id or "未発行"),
        ("照会者", answer.asker),
        ("目的", answer.purpose),
        ("データの時点", f"{answer.as_of.astimezone(JST):%Y-%m-%d %H:%M}（日本時間）"),
        ("回答のアドレス", permalink),
        ("回答の SHA-256", answer.seal or seal(to_json(answer))),
        *(("見つからない地番", text) for text in answer.unresolved),
        *(("ご注意", text) for text in answer.disclaimers),
    ]
    for name, text in lines:
        sheet.append([_heading(sheet, name), _cell(text)])
