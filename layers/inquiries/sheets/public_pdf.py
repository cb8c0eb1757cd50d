"""The public sheets: A4 in black and white, hatched, at exact scale, with the way back to the page as a QR code."""

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from gis.map_frame import Frame
from gis.map_mono import BLACK, STROKE, UNIT_MM, Hatching
from gis.mapsheet import Drawing, MapSheet, Subject, draw
from gis.sheet_fonts import SheetFonts, find_fonts, refuse_unprintable
from gis.typeset import compile_sheet, qr_svg
from layers.inquiries.model import Answer
from layers.inquiries.sheets.context import MapContext
from layers.inquiries.sheets.frames import map_groups
from layers.inquiries.sheets.sheet_parts import PublicSheet
from layers.store.settings import FICTITIOUS_BAND

TEMPLATE = Path(__file__).with_name("land.typ")


@dataclass(frozen=True)
class Map:
    """A drawn map with the words above it."""

    drawing: Drawing
    caption: str


def maps_of_parcels(answer: Answer, context: MapContext) -> list[Map]:
    """The parcels of an answer with what lies around them, each map at the largest scale that holds them."""
    maps = []
    for group in map_groups(answer.parcels):
        subjects = tuple(
            Subject(parcel.chiban, parcel.geometry, parcel.error_m, parcel.undetermined)
            for parcel in group.parcels
            if parcel.geometry is not None
        )
        drawing = _drawn(group.frame, subjects, context, "この土地")
        maps.append(Map(drawing, "、".join(parcel.number for parcel in group.parcels)))
    return maps


def map_of_point(frame: Frame, mark: Subject, context: MapContext, caption: str) -> Map:
    """The surroundings of a point, at the frame's scale."""
    return Map(_drawn(frame, (mark,), context, "この場所"), caption)


def _drawn(frame: Frame, subjects: tuple[Subject, ...], context: MapContext, words: str) -> Drawing:
    families = find_fonts().families
    layers = Hatching().layers(context.layers)
    return draw(MapSheet(frame, subjects, layers, context.plane, families, words, BLACK, UNIT_MM, STROKE))


def public_pdf(sheet: PublicSheet, maps: Sequence[Map], fonts: SheetFonts | None = None) -> bytes:
    """The sheet as PDF/UA-1. Raises MissingFontError and UnprintableCharacterError as the staff's sheet does."""
    fonts = fonts or find_fonts()
    refuse_unprintable(_texts(sheet, maps), fonts)
    content = {
        "title": sheet.title,
        "lead": list(sheet.lead),
        "municipality": sheet.municipality,
        "edition": sheet.edition,
        "band": FICTITIOUS_BAND if sheet.fictitious else "",
        "fonts": list(fonts.families),
        "permalink": sheet.permalink,
        "qr": qr_svg(sheet.permalink),
        "maps": [_entry(one) for one in maps],
        "parts": [asdict(section) for section in sheet.sections],
    }
    return compile_sheet(TEMPLATE, content, fonts, int(sheet.made_at.timestamp()))


def _entry(one: Map) -> dict[str, object]:
    alt = f"{one.caption}の地図。縮尺1/{one.drawing.scale:,}。同じ内容を下の表に文字で示しています。"
    return {"svg": one.drawing.svg, "width_mm": one.drawing.width_mm, "caption": one.caption, "alt": alt}


def _texts(sheet: PublicSheet, maps: Sequence[Map]) -> Iterator[tuple[str, str]]:
    yield from (("見出し", text) for text in (sheet.title, *sheet.lead, sheet.municipality, sheet.edition))
    yield from (("地図", one.caption) for one in maps)
    for section in sheet.sections:
        yield from ((section.title, text) for text in (section.title, *section.lines))
        for row in section.rows:
            for text in (row.answer, row.title, row.text, row.department, row.date, *row.more):
                yield row.title, text
