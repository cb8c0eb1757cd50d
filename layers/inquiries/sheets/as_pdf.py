"""The answer as a PDF/UA-1 sheet set by typst, with maps true to scale and a gate against 外字."""

from collections.abc import Iterator, Sequence
from dataclasses import asdict, replace
from pathlib import Path

from gis.mapsheet import Drawing, MapLayer, MapSheet, Subject, draw
from gis.sheet_fonts import SheetFonts, find_fonts, refuse_unprintable
from gis.typeset import compile_sheet, qr_svg
from layers.inquiries.errors import SheetTooLongError
from layers.inquiries.model import Answer, Parcel
from layers.inquiries.sheets.context import MapContext
from layers.inquiries.sheets.frames import MapGroup, map_groups, overview_frame, placed
from layers.inquiries.sheets.view import AnswerView, view
from layers.inquiries.sheets.wording import TITLE, UNPLACED
from layers.store.outcomes import Outcome
from layers.store.settings import FICTITIOUS_BAND

MAX_PARCELS = 200
TEMPLATE = Path(__file__).with_name("answer.typ")

_TO_CHECK = (Outcome.NEAR_BOUNDARY, Outcome.NO_DATA, Outcome.STALE)


def to_pdf(answer: Answer, context: MapContext, permalink: str, fonts: SheetFonts | None = None) -> bytes:
    """The sheet as PDF. `permalink` goes into the QR code; an empty one leaves the code out.

    Raises SheetTooLongError beyond 200 parcels, MissingFontError without a Japanese font, UnprintableCharacterError
    for a character no font prints, MapSheetError for a parcel no scale can hold.
    """
    if len(answer.parcels) > MAX_PARCELS:
        raise SheetTooLongError(
            f"{len(answer.parcels):,}筆の回答はPDFにできません（{MAX_PARCELS}筆まで）。XLSXで出力するか、照会を分けてください。"
        )
    fonts = fonts or find_fonts()
    printed = view(answer)
    groups = map_groups(answer.parcels)
    content = _texts(printed)
    refuse_unprintable([*content, *_map_texts(context, groups), ("アドレス", permalink)], fonts)
    sheet = {
        "title": TITLE,
        "band": FICTITIOUS_BAND,
        "fonts": list(fonts.families),
        "permalink": permalink,
        "qr": qr_svg(permalink) if permalink else "",
        "answer": _printed(printed),
        "maps": list(_maps(answer.parcels, groups, context, fonts)),
        "map_notes": _map_notes(answer.parcels),
    }
    return compile_sheet(TEMPLATE, sheet, fonts, int(answer.as_of.timestamp()))


def _printed(printed: AnswerView) -> dict[str, object]:
    """The view as JSON-able values, with the two lists of the summary table beside each parcel."""
    entry = asdict(printed)
    for parcel, shown in zip(entry["parcels"], printed.parcels, strict=True):
        parcel["applies"] = shown.titles(Outcome.APPLIES)
        parcel["to_check"] = shown.titles(*_TO_CHECK)
    return entry


def _maps(
    parcels: Sequence[Parcel], groups: Sequence[MapGroup], context: MapContext, fonts: SheetFonts
) -> Iterator[dict[str, object]]:
    """An index map when there are several, then one map a group."""
    numbers = {id(parcel): number for number, parcel in enumerate(parcels, start=1)}
    if len(groups) > 1:
        subjects = tuple(replace(_subject(parcel, str(numbers[id(parcel)])), error_m=0.0) for parcel in placed(parcels))
        index = MapSheet(
            overview_frame(parcels), subjects, (), context.plane, fonts.families, "照会筆（番号は照会地の表）"
        )
        yield _entry(draw(index), "索引図（照会筆の位置だけを示します）")
    for group in groups:
        subjects = tuple(_subject(parcel, parcel.chiban) for parcel in group.parcels)
        drawing = draw(MapSheet(group.frame, subjects, context.layers, context.plane, fonts.families))
        yield _entry(drawing, _caption(group, numbers, len(parcels) > 1))


def _subject(parcel: Parcel, label: str) -> Subject:
    if parcel.geometry is None:
        raise ValueError(f"{parcel.number} has no place to be drawn at")
    return Subject(label, parcel.geometry, parcel.error_m, parcel.undetermined)


def _entry(drawing: Drawing, caption: str) -> dict[str, object]:
    alt = f"{caption}。縮尺1/{drawing.scale:,}。同じ内容を判定結果の表に文字で示しています。"
    return {"svg": drawing.svg, "width_mm": drawing.width_mm, "caption": caption, "alt": alt}


def _caption(group: MapGroup, numbers: dict[int, int], numbered: bool) -> str:
    named = [f"{numbers[id(parcel)]} {parcel.number}" if numbered else parcel.number for parcel in group.parcels]
    return "、".join(named)


def _map_notes(parcels: Sequence[Parcel]) -> list[str]:
    return [
        f"{parcel.number}：{UNPLACED}" + (f"（図面：{parcel.sheet}）" if parcel.sheet else "") + "。"
        for parcel in parcels
        if parcel.geometry is None
    ]


def _texts(printed: AnswerView) -> Iterator[tuple[str, str]]:
    """Every text of the sheet with the place a reader would look for it."""
    yield from (("照会番号", printed.id), ("市町村", printed.municipality))
    yield from (("照会者", printed.asker), ("目的", printed.purpose), ("作成日時", printed.as_of))
    for parcel in printed.parcels:
        place = f"照会地 {parcel.index} "
        for text in (parcel.number, parcel.land_category, parcel.accuracy_class, parcel.sheet, *parcel.notes):
            yield place, text
        for row in parcel.findings:
            for text in (row.title, row.label, *row.measures, row.basis, row.department, row.layer_title, *row.notes):
                yield f"{parcel.number} の「{row.title}」 ", text
    for layer in printed.layers:
        for text in (layer.title, layer.department, layer.file, layer.attribution):
            yield "使用したデータの表 ", text
    yield from (("見つからなかった地番 ", text) for text in printed.unresolved)
    yield from (("ご注意 ", text) for text in printed.disclaimers)


def _map_texts(context: MapContext, groups: Sequence[MapGroup]) -> Iterator[tuple[str, str]]:
    """Labels and legends of the maps; typst does not check the text inside an image."""
    yield "位置図", context.plane
    for group in groups:
        yield from ((f"位置図の{parcel.number}", parcel.chiban) for parcel in group.parcels)
    for layer in context.layers:
        yield from _layer_texts(layer)


def _layer_texts(layer: MapLayer) -> Iterator[tuple[str, str]]:
    texts = {label for label in layer.labels if label} | {style.label for style in layer.styles} | {layer.attribution}
    yield from ((f"位置図の「{layer.title}」", text) for text in sorted(texts))
