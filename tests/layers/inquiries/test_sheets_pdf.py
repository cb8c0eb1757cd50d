"""The PDF: true to scale, complete, accessible, and refused rather than printed with a hole in a name."""

from collections.abc import Iterator
from dataclasses import replace
from functools import lru_cache
from io import BytesIO
from typing import Any

import numpy as np
import pypdf
import pytest
from shapely import LineString, affinity

from gis import sheet_fonts
from gis.errors import MissingFontError, UnprintableCharacterError
from gis.map_symbols import FeatureStyle
from layers.inquiries.errors import SheetTooLongError
from layers.inquiries.model import OUTCOME_LABELS, Answer
from layers.inquiries.sheets.as_pdf import to_pdf
from layers.inquiries.sheets.context import MapContext, MapLayer
from layers.inquiries.sheets.frames import map_groups, wanted_boxes
from layers.inquiries.sheets.view import view
from tests.layers.inquiries.sheet_samples import (
    EAST,
    NORTH,
    PERMALINK,
    answer_about,
    many_parcels,
    one_parcel,
    parcel,
    plot,
    three_parcels,
    village,
)

MM_PER_POINT = 25.4 / 72
RULER_INK = "#0A5B0C"


def read(answer: Answer, context: MapContext | None = None, permalink: str = PERMALINK) -> pypdf.PdfReader:
    return pypdf.PdfReader(BytesIO(to_pdf(answer, context or village(), permalink)))


@lru_cache(maxsize=1)
def everyday() -> pypdf.PdfReader:
    """The sheet of one parcel."""
    return read(one_parcel())


def text_of(book: pypdf.PdfReader) -> str:
    """All text without spaces and line breaks: a wrapped word is still one word."""
    return "".join("".join(page.extract_text().split()) for page in book.pages)


def operations(page: pypdf.PageObject) -> Iterator[tuple[bytes, list[Any], list[float]]]:
    """Drawing operators of a page with their operands and the matrix then in force."""
    seen: list[tuple[bytes, list[Any], list[float]]] = []
    page.extract_text(visitor_operand_before=lambda op, args, cm, _: seen.append((op, list(args), list(cm))))
    yield from seen


def on_paper_mm(args: list[Any], cm: list[float]) -> tuple[float, float]:
    x, y = float(args[0]), float(args[1])
    return (cm[0] * x + cm[2] * y + cm[4]) * MM_PER_POINT, (cm[1] * x + cm[3] * y + cm[5]) * MM_PER_POINT


def stroked_in(page: pypdf.PageObject, ink: str) -> list[list[tuple[float, float]]]:
    """Lines stroked in a colour, as points in mm on the page."""
    wanted = [int(ink[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    colour: list[float] = []
    path: list[tuple[float, float]] = []
    lines = []
    for op, args, cm in operations(page):
        if op == b"SCN":
            colour = [float(part) for part in args]
        elif op == b"m":
            path = [on_paper_mm(args, cm)]
        elif op == b"l":
            path.append(on_paper_mm(args, cm))
        elif op == b"S" and len(colour) == 3 and np.allclose(colour, wanted, atol=0.002):
            lines.append(path)
    return lines


def boxes_filled(page: pypdf.PageObject, height_mm: float) -> list[tuple[float, float]]:
    """Left and right edges (mm) of filled four-cornered paths of that height."""
    found: list[tuple[float, float]] = []
    points: list[tuple[float, float]] = []
    for op, args, cm in operations(page):
        if op == b"m":
            points = [on_paper_mm(args, cm)]
        elif op == b"l":
            points.append(on_paper_mm(args, cm))
        elif op == b"f" and len(points) == 4:
            xs, ys = zip(*points, strict=True)
            if abs(max(ys) - min(ys) - height_mm) < 0.02:
                found.append((min(xs), max(xs)))
    return found


def ruler(metres: float) -> MapContext:
    """A line of a known length on the ground, in a colour nothing else has."""
    line = LineString([(EAST, NORTH + 10), (EAST + metres, NORTH + 10)])
    layer = MapLayer("roads", "道路", np.array([line]), (FeatureStyle("物差し", line=RULER_INK, width=1),), (None,))
    return MapContext(layers=(layer,))


@pytest.mark.parametrize(("factor", "scale"), [(0.5, 250), (1, 500), (2, 1000), (5, 2500), (10, 5000), (20, 10000)])
def test_a_length_in_the_field_is_exact_on_the_printed_page(factor: float, scale: int) -> None:
    shape = affinity.scale(plot(0, 0), factor, factor, origin=(EAST, NORTH))
    metres = scale / 25
    book = read(answer_about([parcel("92-1", shape)]), ruler(metres))
    lines = [line for page in book.pages for line in stroked_in(page, RULER_INK)]
    lengths = [abs(line[-1][0] - line[0][0]) for line in lines]
    assert f"縮尺1/{scale:,}" in text_of(book)
    assert any(length == pytest.approx(metres * 1000 / scale, abs=0.05) for length in lengths)


def test_the_scale_bar_is_exact_on_the_printed_page() -> None:
    """1/500: the bar says 20 m, which is 40 mm in four parts."""
    cells = sorted(boxes_filled(everyday().pages[0], 1.2))
    assert len(cells) == 4
    assert cells[-1][1] - cells[0][0] == pytest.approx(40.0, abs=0.05)
    assert all(right - left == pytest.approx(10.0, abs=0.05) for left, right in cells)


def test_the_sheet_says_everything_a_finding_is_defended_with() -> None:
    answer = one_parcel()
    printed = text_of(everyday())
    for finding in answer.findings:
        for part in (finding.theme_title, finding.label, finding.basis, finding.department, *finding.notes):
            assert part.replace(" ", "") in printed
    for label in OUTCOME_LABELS.values():
        assert label in printed
    for part in (answer.id, answer.asker, "令和8年4月1日9時05分（日本時間）", "令和6年3月29日", "乙一", "公差内"):
        assert (part or "").replace(" ", "") in printed
    assert "重なり123.46㎡（筆の18.1%）、誤差を見込むと98.70〜150.12㎡" in printed
    for text in answer.disclaimers:
        assert text in printed


def test_outcomes_that_need_an_act_come_first() -> None:
    outcomes = [row.outcome for row in view(one_parcel()).parcels[0].findings]
    order = ["applies", "near_boundary", "does_not_apply", "no_data", "stale"]
    assert outcomes == sorted(outcomes, key=order.index)
    assert outcomes[0] == "applies"


def test_every_page_carries_the_band_the_seal_and_its_number() -> None:
    answer = three_parcels()
    book = read(answer)
    for number, page in enumerate(book.pages, start=1):
        printed = "".join(page.extract_text().split())
        assert "架空の見本データです" in printed
        assert view(answer).seal in printed
        assert f"{number}/{len(book.pages)}ページ" in printed


def test_a_real_town_has_no_band() -> None:
    answer = one_parcel()
    real = replace(answer, fictitious=False, disclaimers=answer.disclaimers[1:])
    assert "架空" not in text_of(read(real))


def test_the_document_is_tagged_and_declares_pdf_ua() -> None:
    book = everyday()
    root = book.trailer["/Root"]
    assert root["/Lang"].startswith("ja")
    assert root["/MarkInfo"]["/Marked"]
    assert b"pdfuaid" in root["/Metadata"].get_data()
    assert book.metadata is not None
    assert book.metadata.title == "土地に関する庁内照会 回答書 20260401-7KQ2MX"


def test_the_same_answer_is_the_same_file() -> None:
    first, second = (to_pdf(one_parcel(), village(), PERMALINK) for _ in range(2))
    assert first == second


def test_only_drawn_layers_are_in_the_legend() -> None:
    context = village()
    far = replace(
        context.layers[0],
        geometries=np.array([affinity.translate(shape, 5000) for shape in context.layers[0].geometries]),
    )
    printed = text_of(read(one_parcel(), MapContext(layers=(far, *context.layers[1:]))))
    assert "土石流特別警戒区域" not in printed
    assert "町道" in printed


def test_neighbours_share_a_map_and_distant_parcels_get_their_own_and_an_index() -> None:
    near, far = many_parcels(6), many_parcels(3, spread_m=400)
    assert [len(group.parcels) for group in map_groups(near.parcels)] == [6]
    assert [len(group.parcels) for group in map_groups(far.parcels)] == [1, 1, 1]
    assert text_of(read(near)).count("縮尺1/") == 1
    printed = text_of(read(far))
    assert printed.count("縮尺1/") == 4
    assert "索引図" in printed


def test_no_map_holds_more_than_twelve_parcels_and_none_is_left_out() -> None:
    groups = map_groups(many_parcels(60).parcels)
    assert max(len(group.parcels) for group in groups) <= 12
    assert sorted(member.chiban for group in groups for member in group.parcels) == sorted(
        asked.chiban for asked in many_parcels(60).parcels
    )
    for group in groups:
        west, south, east, north = group.frame.bounds
        for member in group.parcels:
            assert member.geometry is not None
            left, low, right, high = member.geometry.bounds
            assert west < left < right < east
            assert south < low < high < north


def test_the_boxes_to_fetch_are_the_frames_to_be_drawn() -> None:
    asked = three_parcels().parcels
    assert wanted_boxes(asked) == tuple(group.frame.bounds for group in map_groups(asked))


def test_a_parcel_without_a_place_gets_a_sentence_instead_of_a_map() -> None:
    printed = text_of(read(answer_about([parcel("無地番-3", None)])))
    assert "任意座標系のため位置を図示できません" in printed
    assert "縮尺1/" not in printed


def test_numbers_that_were_not_found_are_told_on_the_sheet() -> None:
    assert "見つからなかった地番（この回答に含まれていません）：大字小野新町字舘廻9999番" in text_of(
        read(three_parcels())
    )


def test_an_answer_that_was_not_issued_has_no_qr_code() -> None:
    assert "QRコード" not in text_of(read(replace(one_parcel(), id=None), permalink=""))
    assert "QRコード" in text_of(everyday())


def test_more_parcels_than_a_pdf_can_hold_are_sent_to_xlsx() -> None:
    with pytest.raises(SheetTooLongError, match=r"201筆.*XLSX"):
        to_pdf(many_parcels(201), MapContext(), PERMALINK)


def test_rare_kanji_that_a_font_has_are_printed() -> None:
    assert "𠮷田髙﨑" in text_of(read(replace(one_parcel(), asker="𠮷田 髙﨑")))


@pytest.mark.parametrize(
    ("character", "code"), [("\ue000", r"U\+E000"), ("\U00013000", r"U\+13000"), ("\U000f0001", r"U\+F0001")]
)
def test_a_character_no_font_prints_stops_the_sheet_and_is_named_with_its_place(character: str, code: str) -> None:
    answer = one_parcel()
    with pytest.raises(UnprintableCharacterError, match=f"照会者「産業.{{1,3}}課」にある文字.*{code}"):
        to_pdf(replace(answer, asker=f"産業{character}課"), village(), PERMALINK)
    finding = answer.findings[0]._replace(label=f"{character}川")
    with pytest.raises(UnprintableCharacterError, match=r"大字小野新町字舘廻92番1 の「土砂災害"):
        to_pdf(replace(answer, findings=(finding,)), village(), PERMALINK)


def test_a_label_on_the_map_is_held_to_the_same_gate() -> None:
    context = village()
    named = replace(context.layers[3], labels=("\ue000管",))
    with pytest.raises(UnprintableCharacterError, match="位置図の「水道管路」"):
        to_pdf(one_parcel(), MapContext(layers=(*context.layers[:3], named)), PERMALINK)


def test_a_machine_without_a_japanese_font_is_told_which_package_to_install() -> None:
    with pytest.raises(MissingFontError, match="apt-get install fonts-noto-cjk"):
        sheet_fonts.find_fonts(system=False)


def test_long_names_are_broken_not_cut() -> None:
    name = "福島県田村郡小野町立小野新町小学校放課後児童クラブ併設地域交流防災拠点施設" * 3
    answer = one_parcel()
    findings = (answer.findings[0]._replace(theme_title=name, label=name, department=name, basis=name),)
    assert text_of(read(replace(answer, findings=findings, purpose=name))).count(name) >= 4
