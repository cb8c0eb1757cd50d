"""The sheet as PDF/UA-1 on A4, with maps true to scale."""

from collections.abc import Iterator, Sequence
from dataclasses import asdict
from pathlib import Path

from gis.sheet_fonts import SheetFonts, find_fonts, refuse_unprintable
from gis.typeset import compile_sheet
from layers.store.settings import FICTITIOUS_BAND
from layers.surveys.sheets.as_json import to_json
from layers.surveys.sheets.pictures import Picture, pictures
from layers.surveys.sheets.view import SheetView, view
from layers.surveys.truth_model import Truth

TEMPLATE = Path(__file__).with_name("truth.typ")


def to_pdf(truth: Truth, fonts: SheetFonts | None = None) -> bytes:
    """The sheet. Raises MissingFontError, UnprintableCharacterError, and MapSheetError as the pictures do."""
    fonts = fonts or find_fonts()
    printed = view(truth)
    drawn = pictures(truth, fonts.families)
    refuse_unprintable(_texts(truth, printed, drawn), fonts)
    sheet = {
        **asdict(printed),
        "seal": to_json(truth)["seal"],
        "band": FICTITIOUS_BAND,
        "fonts": list(fonts.families),
        "maps": [_entry(one) for one in drawn],
    }
    return compile_sheet(TEMPLATE, sheet, fonts, int(truth.as_of.timestamp()))


def _entry(one: Picture) -> dict[str, object]:
    alt = f"{one.caption}縮尺1/{one.drawing.scale:,}。同じ内容を表に文字で示しています。"
    return {"svg": one.drawing.svg, "width_mm": one.drawing.width_mm, "caption": one.caption, "alt": alt}


def _texts(truth: Truth, printed: SheetView, drawn: Sequence[Picture]) -> Iterator[tuple[str, str]]:
    """Every text with the place a reader would look for it; typst does not check the text inside an image."""
    yield from (("見出し ", text) for text in (printed.title, printed.municipality, printed.headline))
    yield from (("見出しの下 ", text) for text in printed.sentences)
    yield from printed.facts
    for place in printed.places:
        yield from ((f"角の表の{place.name} ", text) for text in (place.parcel, place.quality))
    yield from (("筆の表 ", ground.label) for ground in printed.grounds)
    for source in printed.sources:
        yield from (("使用したデータの表 ", text) for text in (source.title, source.file, source.accuracy))
    yield from (("地図 ", one.caption) for one in drawn)
    yield from (("地図の出典 ", text) for text in (*printed.attributions, truth.plane))
    if truth.cadastral is not None:
        yield from (("地図の地番 ", parcel.number) for parcel in truth.cadastral.parcels)
