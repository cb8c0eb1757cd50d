"""A ledger that comes back: what it would change, shown first, and then taken over whole or not at all."""

import io
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import sha256

from pydantic import ValidationError

from gis.errors import OnomapError
from gis.formats.archive import Member
from gis.formats.delimited import Row, read
from gis.formats.writing.formulas import restored
from layers.store.audit.log import Entry, Who, record
from layers.store.database import Connection
from layers.store.errors import EditConflictError
from layers.store.individual_numbers import refuse_individual_numbers
from layers.surveys import crop_register as register
from layers.surveys.crop_desk import TIMEOUT_S, CropDesk, require_year
from layers.surveys.crop_differences import Difference, Preview, Refusal
from layers.surveys.crop_errors import CropError, LedgerRefusedError
from layers.surveys.crop_grounds import Ground, grounds_of
from layers.surveys.crop_ledger import (
    AREA,
    CROP,
    FIELD,
    LAYER,
    LAYER_WORDS,
    NOTE,
    SHEET,
    STATE,
    VARIETY,
    VERSION,
    YEAR,
)
from layers.surveys.crop_model import (
    FARMLAND,
    RTK,
    STATE_WORDS,
    GroundKey,
    GroundLayer,
    Plan,
    PlanPart,
    require_fitting,
    sized,
)
from layers.surveys.crops import crop_named

MOST_ROWS = 20_000
_HUNDREDTH = 2
_LAYERS: Mapping[str, GroundLayer] = {LAYER_WORDS[RTK]: RTK, LAYER_WORDS[FARMLAND]: FARMLAND}
_STATES = {words: state for state, words in STATE_WORDS.items()}
_NEEDED = (YEAR, LAYER, FIELD, CROP, AREA, VERSION)

Told = tuple[str, float, str, str, str]
"""A part as it is compared: crop, area in ㎡ to the hundredth, variety, state, note."""


@dataclass
class _Sheet:
    """The rows of a ledger by field, and what was wrong with them."""

    parts: dict[GroundKey, list[tuple[int, PlanPart]]] = field(default_factory=dict)
    versions: dict[GroundKey, tuple[int, str]] = field(default_factory=dict)
    years: set[int] = field(default_factory=set)
    refused: list[Refusal] = field(default_factory=list)


def preview(desk: CropDesk, content: bytes) -> Preview:
    """What the workbook would change; nothing is changed.

    Raises LedgerRefusedError for a file that is no such ledger, and IndividualNumberError for one with マイナンバー.
    """
    sheet = _read(content)
    with desk.store.database.transaction(timeout_s=TIMEOUT_S) as connection:
        return _compared(desk, connection, sheet, content)


def take_over(desk: CropDesk, content: bytes, digest: str) -> Preview:
    """Take the workbook over as it was shown, whole.

    Raises EditConflictError where a plan has changed since the preview of that digest, LedgerRefusedError where a row is
    refused, ForbiddenError for whoever may not edit.
    """
    sheet = _read(content)
    with desk.store.database.transaction(timeout_s=TIMEOUT_S) as connection:
        desk.require_edit()
        register.lock(connection)
        shown = _compared(desk, connection, sheet, content)
        if shown.refused:
            raise LedgerRefusedError(
                f"{shown.refused[0].line}行目: {shown.refused[0].why}（ほか{len(shown.refused) - 1}件）。取り込んでいません。"
            )
        if shown.digest != digest:
            raise EditConflictError("確かめたあとに計画が変わりました。もう一度、違いを確かめてください。", 0)
        for one in shown.differences:
            register.add(connection, one.before, one.after, "import", desk.caller)
        if shown.differences:
            entry = Entry("crops.import", f"crop_plans/{shown.year}", count=len(shown.differences))
            record(connection, Who.of(desk.caller, desk.origin), entry)
        return shown


def _compared(desk: CropDesk, connection: Connection, sheet: _Sheet, content: bytes) -> Preview:
    year = next(iter(sheet.years))
    grasp = desk.grasp
    keys = [key for key in sheet.parts if grasp.holds(key)]
    grounds = grounds_of(connection, keys)
    standing = register.newest_of_year(connection, year)
    differences, unchanged, refused = [], 0, list(sheet.refused)
    for key, rows in sheet.parts.items():
        if key not in grounds:
            refused.append(
                Refusal(rows[0][0] if rows else sheet.versions[key][0], f"圃場「{key.field_id[:40]}」はありません")
            )
            continue
        now = standing.get(key, Plan(key, year))
        parts = tuple(part for _, part in rows)
        why = _why_not(sheet.versions[key][1], now, parts, grounds[key])
        if _told(parts, grounds[key]) == _told(now.parts, grounds[key]):
            unchanged += 1
        elif why is not None or not grasp.edits(key):
            refused.append(
                Refusal(sheet.versions[key][0], why or f"{grounds[key].name} の計画は、あなたの職務では直せません")
            )
        else:
            differences.append(Difference(grounds[key], now, parts))
    stand = "".join(f"{one.before.key}{one.before.version}" for one in differences)
    digest = sha256(content + stand.encode()).hexdigest()
    return Preview(year, differences, unchanged, sorted(refused, key=lambda one: one.line), digest)


def _why_not(version: str, now: Plan, parts: Sequence[PlanPart], ground: Ground) -> str | None:
    if version != str(now.version):
        who = now.made_name or "ほかの人"
        return f"{ground.name} は、書き出したあとに{who}さんが直しています（版 {version or 'なし'} → {now.version}）"
    try:
        require_fitting(parts, ground.area_m2)
    except CropError as error:
        return f"{ground.name} の{str(error).removesuffix('保存していません。').rstrip('。')}"
    return None


def _told(parts: Sequence[PlanPart], ground: Ground) -> list[Told]:
    return [
        (one.part.crop, round(one.area_m2, _HUNDREDTH), one.part.variety, one.part.state, one.part.note)
        for one in sized(parts, ground.area_m2)
    ]


def _read(content: bytes) -> _Sheet:
    member = Member("ledger.xlsx", "台帳", len(content), lambda: io.BytesIO(content))
    grids = list(read(member, sheet=SHEET))
    rows = grids[0].rows if grids else []
    if not rows:
        raise LedgerRefusedError(f"「{SHEET}」に行がありません。この画面から書き出した台帳を選んでください。")
    heading = {name: place for place, name in enumerate(rows[0].cells) if name}
    missing = [name for name in _NEEDED if name not in heading]
    if missing:
        raise LedgerRefusedError(
            f"「{SHEET}」に見出し {'、'.join(missing)} がありません。この画面から書き出した台帳を選んでください。"
        )
    if len(rows) - 1 > MOST_ROWS:
        raise LedgerRefusedError(f"行が {len(rows) - 1:,} あります。{MOST_ROWS:,} 行までに分けてください。")
    told = [(row.line, _cells(row, heading)) for row in rows[1:] if any(row.cells)]
    refuse_individual_numbers({name: [cells.get(name, "") for _, cells in told] for name in (NOTE, VARIETY)}, "台帳")
    sheet = _Sheet()
    for line, cells in told:
        _take(sheet, line, cells)
    if len(sheet.years) > 1:
        raise LedgerRefusedError("一つの台帳に二つ以上の年産があります。年産ごとに分けてください。")
    if not sheet.years:
        first = sheet.refused[0].why if sheet.refused else "行がありません"
        raise LedgerRefusedError(f"取り込める行がありません（{first}）。")
    return sheet


def _cells(row: Row, heading: Mapping[str, int]) -> dict[str, str]:
    return {name: restored(row.cells[place]) if place < len(row.cells) else "" for name, place in heading.items()}


def _take(sheet: _Sheet, line: int, cells: Mapping[str, str]) -> None:
    try:
        key, year = _key(cells)
        parts = sheet.parts.setdefault(key, [])
        sheet.years.add(year)
        known = sheet.versions.setdefault(key, (line, cells[VERSION]))
        if known[1] != cells[VERSION]:
            raise LedgerRefusedError(f"圃場「{key.field_id[:40]}」の行で、版が違っています")
        parts.extend((line, part) for part in _part(cells))
    except OnomapError as error:
        sheet.refused.append(Refusal(line, str(error).rstrip("。")))


def _key(cells: Mapping[str, str]) -> tuple[GroundKey, int]:
    if cells[LAYER] not in _LAYERS:
        raise LedgerRefusedError(f"{LAYER}「{cells[LAYER][:20]}」は {'か'.join(_LAYERS)} で書いてください")
    if not (cells[YEAR].isascii() and cells[YEAR].isdecimal() and len(cells[YEAR]) == 4):
        raise LedgerRefusedError(f"{YEAR}「{cells[YEAR][:20]}」は西暦4桁で書いてください")
    require_year(int(cells[YEAR]))
    return GroundKey(_LAYERS[cells[LAYER]], cells[FIELD]), int(cells[YEAR])


def _part(cells: Mapping[str, str]) -> Iterable[PlanPart]:
    if not cells[CROP]:
        return []
    state = cells.get(STATE, "") or STATE_WORDS["planned"]
    if state not in _STATES:
        raise LedgerRefusedError(f"{STATE}「{state[:20]}」は {'か'.join(_STATES)} で書いてください")
    told = {
        "crop": crop_named(cells[CROP]).id,
        "area_m2": _area(cells[AREA]),
        "variety": cells.get(VARIETY, ""),
        "state": _STATES[state],
        "note": cells.get(NOTE, ""),
    }
    try:
        return [PlanPart.model_validate(told)]
    except ValidationError as error:
        first = error.errors()[0]
        raise LedgerRefusedError(
            f"{first['loc'][0] if first['loc'] else '行'} が正しくありません（{first['msg']}）"
        ) from error


def _area(written: str) -> float | None:
    if not written:
        return None
    try:
        return float(written.replace(",", "").replace("，", ""))
    except ValueError as error:
        raise LedgerRefusedError(f"{AREA}「{written[:20]}」は数で書いてください") from error
