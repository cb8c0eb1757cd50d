"""Which column of a standard sheet holds which item of ours, and how a value is written there.

The same table serves reading and writing, so that a table that goes out and comes back is the same. Columns that have no
item of their own are kept word for word in one item, `REST`, as JSON; so is the wording of a value that our type would
write otherwise. Only the standard's own columns are kept: what else a file holds may be anybody's name.
"""

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum

import numpy as np

from gis.formats.open_data_columns import canonical
from gis.formats.open_data_sheets import Sheet
from gis.formats.writing.formulas import restored

REST = "other_items"
PUBLISHER = frozenset(
    {
        "全国地方公共団体コード",
        "都道府県コード又は市区町村コード",
        "市区町村コード",
        "地方公共団体名",
        "都道府県名",
        "市区町村名",
    }
)
"""Columns that say who publishes the table: written anew each time, never kept."""
POSITION = ("緯度", "経度")
_ADDRESS = ("所在地_連結表記", "住所")
ADDRESS_PARTS = ("所在地_都道府県", "所在地_市区町村", "所在地_町字", "所在地_番地以下")


class Kind(Enum):
    """How a value stands in a table: as text, 有・無, 可・不可, 1 or nothing, a whole number, a number."""

    TEXT = "text"
    YES_NO = "有無"
    MAY = "可否"
    ONE = "1"
    INTEGER = "integer"
    NUMBER = "number"


@dataclass(frozen=True)
class Item:
    """One item: the field of the layer, and the columns that hold it in the one sheet or the other."""

    field: str
    columns: tuple[str, ...]
    kind: Kind = Kind.TEXT


def _items(text: str, kind: Kind = Kind.TEXT) -> tuple[Item, ...]:
    return tuple(
        Item(field, tuple(columns.split("|")), kind)
        for field, columns in (line.split(" = ") for line in text.strip().splitlines())
    )


FACILITY_ITEMS: tuple[Item, ...] = (
    *_items("""facility_id = ID|NO
name = 名称|介護サービス事業所名称
name_kana = 名称_カナ|介護サービス事業所名称_カナ
name_en = 名称_英字|名称_英語|介護サービス事業所名称_英字
kind = 種別|実施サービス|医療機関の種類|文化財分類
address = 所在地_連結表記|住所
building = 建物名等(方書)|方書
placed_at = 設置位置
phone = 電話番号|連絡先電話番号
operator = 設置者|団体名|法人の名称|所有者等
open_days = 利用可能曜日|診療曜日
opens = 開始時間|利用開始時間|診療開始時間
closes = 終了時間|利用終了時間|診療終了時間
hours_note = 利用可能日時特記事項|利用可能時間特記事項|利用可能曜日特記事項|診療日時特記事項
description = 説明|概要
fee = 料金（基本）
access = アクセス方法
parking = 駐車場情報
barrier_free = バリアフリー情報
departments = 診療科目
ssid = SSID
image_url = 画像|画像1
image_licence = 画像_ライセンス|画像1_ライセンス|画像ライセンス
url = URL
remarks = 備考"""),
    *_items("wheelchair = 車椅子可", Kind.MAY),
    *_items(
        """wheelchair_toilet = 車椅子使用者用トイレ有無|多目的トイレ
ostomate = オストメイト設置トイレ有無|オストメイト対応トイレ
infant = 乳幼児用設備設置トイレ有無|おむつ替えコーナー
nursing_room = 授乳室
guide_dogs = 盲導犬・介助犬・聴導犬同伴
child_pads = 小児対応設備の有無""",
        Kind.YES_NO,
    ),
    *_items(
        """toilets_men = 男性トイレ総数
toilets_women = 女性トイレ総数
toilets_shared = 男女共用トイレ総数
toilets_accessible = バリアフリートイレ数|多機能トイレ数""",
        Kind.INTEGER,
    ),
)

EVACUATION_ITEMS: tuple[Item, ...] = (
    *_items("""local_id = ID|NO
name = 名称
name_kana = 名称_カナ
address = 所在地_連結表記|住所
phone = 電話番号
capacity = 想定収容人数
communities = 対象となる町会・自治会
url = URL
remarks = 備考"""),
    *_items("elevation_m = 標高", Kind.NUMBER),
    *_items(
        """flood = 災害種別_洪水
landslide = 災害種別_崖崩れ、土石流及び地滑り
storm_surge = 災害種別_高潮
earthquake = 災害種別_地震
tsunami = 災害種別_津波
large_fire = 災害種別_大規模な火事
inland_flood = 災害種別_内水氾濫
volcano = 災害種別_火山現象
same_as_shelter = 指定避難所との重複""",
        Kind.ONE,
    ),
)

_YES = frozenset({"有", "可", "1", "○", "◯", "あり", "true"})
_NO = frozenset({"無", "不可", "0", "×", "なし", "false"})
_WORDS: Mapping[Kind, tuple[str, str]] = {Kind.YES_NO: ("有", "無"), Kind.MAY: ("可", "不可"), Kind.ONE: ("1", "")}
_INTEGER = re.compile(r"\d{1,9}")
_NUMBER = re.compile(r"-?\d{1,6}(\.\d{1,6})?")


def written(kind: Kind, value: object) -> str:
    """A value as the standard's tables have it; nothing for no value."""
    if value is None:
        return ""
    if kind in _WORDS:
        return _WORDS[kind][0 if value else 1]
    if kind is Kind.NUMBER and isinstance(value, float):
        return f"{value:g}" if value.is_integer() else repr(value)
    return str(value)


def read(kind: Kind, text: str) -> object:
    """The value that a cell holds; None where it is none of this kind (its wording is then kept)."""
    if kind in _WORDS:
        return True if text in _YES else False if text in _NO else None
    if kind is Kind.INTEGER:
        return int(text) if _INTEGER.fullmatch(text) else None
    if kind is Kind.NUMBER:
        return float(text) if _NUMBER.fullmatch(text) else None
    return text


def is_standard(columns: Iterable[str]) -> bool:
    """Whether a table is of the standard: names, and a place or a publisher as only its sheets have them."""
    names = set(columns)
    named = names & {"名称", "介護サービス事業所名称"}
    return bool(named and names & (PUBLISHER | {"所在地_連結表記", "方書"}) and set(POSITION) <= names)


def fields_of(items: Sequence[Item], columns: Mapping[str, Sequence[object]]) -> dict[str, list[object]]:
    """The columns of a table of the standard under our field names, and `REST` with what no field holds."""
    rows = [
        _row(items, {name: _plain(values[index]) for name, values in columns.items() if _plain(values[index])})
        for index in range(len(next(iter(columns.values()), ())))
    ]
    names = [*(item.field for item in items), REST]
    return {name: [row.get(name) for row in rows] for name in names}


def _plain(value: object) -> str:
    # a reader that guesses types has made a truth of a column of 1 and 0
    if isinstance(value, bool | np.bool_):
        return "1" if value else ""
    return "" if value is None else restored(str(value).strip())


def _row(items: Sequence[Item], cells: Mapping[str, str]) -> dict[str, object]:
    found: dict[str, object] = {}
    rest = {name: text for name, text in cells.items() if canonical(name) == name}
    for name in (*PUBLISHER, *POSITION):
        rest.pop(name, None)
    for item in items:
        column = next((name for name in item.columns if name in cells), None)
        if column is None:
            continue
        value = read(item.kind, cells[column])
        found[item.field] = value
        if written(item.kind, value) == cells[column]:
            del rest[column]
    _join_address(found, rest)
    found[REST] = json.dumps(rest, ensure_ascii=False, sort_keys=True) if rest else None
    return found


def _join_address(found: dict[str, object], rest: dict[str, str]) -> None:
    """An address that stands in parts only; where only its last part is filled, that is all there is to keep."""
    if "address" in found or not any(part in rest for part in ADDRESS_PARTS):
        return
    found["address"] = "".join(rest.get(part, "") for part in ADDRESS_PARTS)
    if [part for part in ADDRESS_PARTS if part in rest] == [ADDRESS_PARTS[-1]]:
        del rest[ADDRESS_PARTS[-1]]


def cells_of(items: Sequence[Item], sheet: Sheet, row: Mapping[str, object]) -> dict[str, str]:
    """A row as the cells of a sheet; what the sheet has no column for is left out."""
    kept: dict[str, str] = json.loads(str(row[REST])) if row.get(REST) else {}
    by_name = {canonical(column) or column: column for column in sheet.columns}
    cells: dict[str, str] = {}
    for item in items:
        column = next((by_name[name] for name in item.columns if name in by_name), None)
        if column is not None:
            cells[column] = written(item.kind, row.get(item.field))
    cells |= {by_name[name]: text for name, text in kept.items() if name in by_name}
    address = row.get("address")
    if address and not any(name in by_name for name in _ADDRESS) and not any(part in kept for part in ADDRESS_PARTS):
        cells[by_name[ADDRESS_PARTS[-1]]] = str(address)
    return cells
