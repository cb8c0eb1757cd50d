"""The planting map as a PDF: sheets at one exact scale, the areas by crop, and every field in words."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path

from gis.sheet_fonts import find_fonts, refuse_unprintable
from gis.typeset import compile_sheet
from gis.units import Area
from layers.store.instance import Store
from layers.store.settings import FICTITIOUS_BAND
from layers.surveys.crop_areas import by_crop
from layers.surveys.crop_desk import PlannedField, YearOfFields
from layers.surveys.crops import crop_of
from layers.surveys.planting_map import PlantingSheet, planting_sheets, require_scale
from layers.surveys.wording import warnings_of

TEMPLATE = Path(__file__).with_name("planting.typ")


def planting_pdf(store: Store, year: YearOfFields, scale: int, words: str, now: datetime) -> bytes:
    """The sheets of the fields of a year; `words` says what they were filtered by.

    Raises what `planting_sheets` raises, MissingFontError without a Japanese font and UnprintableCharacterError for a
    character that no font prints.
    """
    require_scale(scale)
    fonts = find_fonts()
    maps = planting_sheets(store, year.fields, scale, fonts.families)
    town = store.town
    content: Mapping[str, object] = {
        "title": f"{town.name} 作付図 {year.year}年産",
        "lead": _lead(year, scale, words, now),
        "municipality": town.full_name,
        "band": FICTITIOUS_BAND if town.fictitious else "",
        "fonts": list(fonts.families),
        "sums": [*_sums(year)],
        "warnings": warnings_of(year),
        "maps": [_map(one) for one in maps],
    }
    refuse_unprintable(_texts(content), fonts)
    return compile_sheet(TEMPLATE, content, fonts, int(now.timestamp()))


def _lead(year: YearOfFields, scale: int, words: str, now: datetime) -> list[str]:
    planned = sum(bool(one.plan.parts) for one in year.fields)
    return [
        f"{words}　計画のある圃場 {planned} ／ 全部で {len(year.fields)}　縮尺 1/{scale:,}（A4に等倍で印刷したとき）",
        f"作成 {now:%Y-%m-%d %H:%M}。模様は圃場のいちばん広い作物、書いてある文字は作っている作物の略称（広い順）です。",
    ]


def _sums(year: YearOfFields) -> Iterator[list[str]]:
    total = rtk = 0.0
    for row in by_crop(year.fields):
        total, rtk = total + row.area_m2, rtk + row.rtk_m2
        label = f"{crop_of(row.crop).short}　{crop_of(row.crop).label}"
        yield [label, str(row.fields), *_in_units(row.area_m2), f"{row.rtk_m2:,.0f}"]
    yield ["合計", "", *_in_units(total), f"{rtk:,.0f}"]


def _in_units(m2: float) -> list[str]:
    area = Area.of_m2(m2)
    return [f"{m2:,.0f}", f"{area.ares:,.2f}", f"{area.tan:,.3f}"]


def _map(one: PlantingSheet) -> dict[str, object]:
    drawing = one.drawing
    alt = f"{one.caption}の作付図。縮尺1/{drawing.scale:,}。同じ内容を表に文字で示しています。"
    rows = [_field(field) for field in one.fields]
    return {"svg": drawing.svg, "width_mm": drawing.width_mm, "caption": one.caption, "alt": alt, "rows": rows}


def _field(one: PlannedField) -> list[str]:
    parts = "、".join(f"{part.crop.label} {part.area_m2:,.0f}㎡" for part in one.parts)
    return [one.ground.name, parts or "計画なし", f"{one.ground.area_m2:,.0f}", one.ground.basis]


def _texts(content: Mapping[str, object]) -> Iterator[tuple[str, str]]:
    """Every text with where it stands; those of the maps are short names and captions of the list."""
    for place in ("lead", "warnings"):
        yield from (("作付図", text) for text in _listed(content[place]))
    yield from (("作物別の面積", str(text)) for row in _listed(content["sums"]) for text in row)
    for one in _listed(content["maps"]):
        yield "地図", str(one["caption"])  # type: ignore[index]  # `_map` made it
        yield from (("圃場の表", str(text)) for row in one["rows"] for text in row)  # type: ignore[index]


def _listed(value: object) -> Sequence[str]:
    return value if isinstance(value, list) else []
