"""Facilities of every kind in one layer: which sheet a row came from, what kind of place it is, and the way back out."""

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import replace

from gis.formats.open_data_items import FACILITY_ITEMS, REST, cells_of, fields_of, is_standard
from gis.formats.open_data_sheets import Sheet
from gis.formats.table import SourceTable

PUBLIC_FACILITY = "public_facility"
_MARKS: tuple[tuple[str, frozenset[str]], ...] = (
    ("aed", frozenset({"小児対応設備の有無"})),
    ("public_toilet", frozenset({"男性トイレ総数", "オストメイト設置トイレ有無"})),
    ("public_wireless_lan", frozenset({"SSID", "提供エリア"})),
    ("care_service", frozenset({"介護サービス事業所名称", "実施サービス"})),
    ("hospital", frozenset({"医療機関の種類", "診療科目"})),
    ("preschool", frozenset({"認可等年月日", "受入年齢"})),
    ("cultural_property", frozenset({"文化財分類"})),
    ("tourism", frozenset({"料金（基本）", "説明_英語", "連絡先名称", "連絡先電話番号"})),
)
"""Columns by which a sheet is known, the surest first; none of them: the sheet of public facilities."""
_KIND_OF_SHEET = {
    "aed": "AED",
    "public_toilet": "公衆トイレ",
    "public_wireless_lan": "公衆無線LAN",
    "tourism": "観光施設",
    "cultural_property": "文化財",
    "hospital": "医療機関",
    "care_service": "介護サービス事業所",
    "preschool": "子育て施設",
}
_KIND_OF_POI = {
    "1302": "市役所",
    "1303": "町村役場",
    "1304": "役場支所・出張所",
    "1307": "公民館",
    "1402": "保育園",
    "1501": "幼稚園",
    "1512": "図書館",
    "1601": "病院",
    "1602": "診療所",
    "1214": "消防署",
    "2101": "トイレ",
    "2201": "避難施設",
    "2202": "避難場所",
    "2203": "津波避難施設",
}
"""POIコード of JDA-DM/GIF 491-3-1, those that were read."""
_SAID_KIND = re.compile(r"種別：([^。]{1,40})。")
_KIND_COLUMNS = frozenset({"種別", "実施サービス", "医療機関の種類", "文化財分類"})


def sheet_of(columns: Iterable[str]) -> str:
    """The English name of the sheet that has these columns."""
    names = set(columns)
    return next((sheet for sheet, marks in _MARKS if names & marks), PUBLIC_FACILITY)


def read_facilities(table: SourceTable) -> SourceTable:
    """A table of the standard with our columns beside its own; other tables pass as they are."""
    if not is_standard(table.columns):
        return table
    sheet = sheet_of(table.columns)
    found = fields_of(FACILITY_ITEMS, table.columns)
    said = [_said(sheet, kind, remarks, rest) for kind, remarks, rest in _three(found)]
    found |= {"kind": [kind for kind, _ in said], "remarks": [remarks for _, remarks in said]}
    found["sheet"] = [sheet] * len(table.refs)
    return replace(table, columns={**table.columns, **found})


def _three(found: Mapping[str, list[object]]) -> Iterable[tuple[object, object, object]]:
    return zip(found["kind"], found["remarks"], found[REST], strict=True)


def _said(sheet: str, kind: object, remarks: object, rest: object) -> tuple[object, object]:
    """Kind and remarks of a row; a kind that the sheet has no column for stands first in its remarks."""
    if kind:
        return kind, remarks
    text = str(remarks or "")
    if marked := _SAID_KIND.match(text):
        return marked[1], text[marked.end() :] or None
    return _implied_kind(sheet, rest), remarks


def _implied_kind(sheet: str, rest: object) -> str | None:
    """What a row is when nobody says so: by its POIコード, else by its sheet."""
    poi = json.loads(str(rest)).get("POIコード") if rest else None
    return _KIND_OF_POI.get(str(poi)) or _KIND_OF_SHEET.get(sheet)


def facility_cells(sheet: Sheet, row: Mapping[str, object]) -> dict[str, str]:
    """A row of the layer as the cells of its sheet, but for publisher and position."""
    cells = cells_of(FACILITY_ITEMS, sheet, row)
    kind = row.get("kind")
    if kind and not _KIND_COLUMNS & set(sheet.columns) and kind != _implied_kind(sheet.name, row.get(REST)):
        cells["備考"] = f"種別：{kind}。{cells.get('備考', '')}"
    return cells
