"""The sheet: first the answer in a sentence with its uncertainty, then everything that it rests on."""

import hashlib
import re
from base64 import b64encode
from dataclasses import replace
from io import BytesIO

import orjson
import pypdf
import pytest

from gis.boundary_comparison.model import Verdict
from gis.errors import UnprintableCharacterError
from gis.positioning.model import FixQuality, Vertex
from layers.surveys.sheets.as_html import to_html
from layers.surveys.sheets.as_json import dumps, seal, to_json
from layers.surveys.sheets.as_pdf import to_pdf
from layers.surveys.sheets.notices import NOT_A_BOUNDARY
from layers.surveys.sheets.pictures import worst_places
from layers.surveys.sheets.sentences import Answer, answer, further_sentences, headline, outcome
from layers.surveys.sheets.view import MOST_ROWS, view
from layers.surveys.sheets.words import away, direction, plus_minus
from layers.surveys.truth_model import Truth
from tests.gis.boundary_comparison.shapes import PLOT, moved, surveyed
from tests.layers.surveys.truth_samples import OVER, over_the_line, plots, seen_from_the_air, truth_about


def inset(by: float) -> Truth:
    return truth_about(surveyed([(by, by), (40 - by, by), (40 - by, 25 - by), (by, 25 - by)]), plots())


def pdf_text(truth: Truth) -> str:
    book = pypdf.PdfReader(BytesIO(to_pdf(truth)))
    return "".join("".join(page.extract_text().split()) for page in book.pages)


def test_the_question_is_answered_with_a_number_and_its_uncertainty() -> None:
    truth = over_the_line()
    assert headline(truth) == (
        "あぜ（測った線）は、地図の線より最大 0.84 m 外側です（不確かさ ±0.75 m）。地図の誤差の範囲を超えています。"
    )
    assert outcome(truth) is Verdict.BEYOND


def test_a_ridge_that_the_map_cannot_place_is_neither_over_nor_not() -> None:
    truth = truth_about(surveyed(moved(PLOT, 0.3, 0.0)), plots())
    assert headline(truth).startswith("あぜ（測った線）は、地図の線より最大 0.30 m 外側です（不確かさ ±0.75 m）。")
    assert "越えているとも、いないとも言えません" in headline(truth)
    assert outcome(truth) is Verdict.WITHIN
    assert answer(truth) is Answer.UNSURE


def test_a_ridge_well_inside_is_said_not_to_be_over() -> None:
    assert "どこも地図の線の内側です（いちばん近い所で 1.00 m 内側、不確かさ ±0.75 m）" in headline(inset(1.0))
    assert "線を越えていません" in headline(inset(1.0))
    assert answer(inset(1.0)) is Answer.CLEAR


def test_a_ridge_inside_by_less_than_the_error_is_not_said_to_be_clear() -> None:
    assert "見つかりません（いちばん近い所で 0.30 m 内側" in headline(inset(0.3))
    assert "言い切れません" in headline(inset(0.3))


def test_without_fixed_solutions_nothing_is_said_but_to_measure_again() -> None:
    rough = surveyed(OVER, sigma_m=0.4, quality=FixQuality.RTK_FLOAT)
    truth = truth_about(rough, plots())
    assert headline(truth).startswith("測位の精度が足りないため")
    assert "測り直してください" in headline(truth)
    assert outcome(truth) is Verdict.TOO_COARSE
    assert all(row.verdict != "▲ 範囲を超える" for row in view(truth).places)


def test_one_corner_without_a_fixed_solution_is_named_beside_the_answer() -> None:
    boundary = surveyed(moved(PLOT, 0.2, 0.0))
    outer = [replace(boundary.outer[0], quality=FixQuality.RTK_FLOAT, sigma_m=0.3), *boundary.outer[1:]]
    truth = truth_about(replace(boundary, outer=outer), plots())
    assert "角1、角4と1の間は測位の精度が足りず" in headline(truth)
    assert "最大 0.20 m 外側" in headline(truth)


def test_where_no_map_is_the_sheet_says_so_and_still_measures_the_area() -> None:
    truth = truth_about(surveyed(PLOT))
    assert "あたる筆が地番図にない" in headline(truth)
    assert [row.title for row in view(truth).areas] == ["測った面積"]
    assert "あたる筆が地番図にない" in pdf_text(truth)


def test_the_neighbours_are_told_apart_by_whether_the_map_explains_the_overlap() -> None:
    told = further_sentences(over_the_line())
    assert any("12-2 に" in text and "説明できません" in text for text in told)
    assert any("13、10、11" in text and "説明できる大きさ" in text for text in told)


def test_places_in_a_row_are_told_as_one_stretch() -> None:
    points = [(0.0, 0.0), *((step, -0.9) for step in (8.0, 16.0, 24.0, 32.0)), (40.0, 0.0), (40.9, 25.0), (0.0, 25.0)]
    told = further_sentences(truth_about(surveyed(points), plots()))
    assert told[0] == "範囲を超えて外側の所：角2〜5、角7。"


def test_a_common_shift_is_a_hint_and_changes_no_number() -> None:
    truth = truth_about(surveyed(moved(PLOT, 0.5, 0.5)), plots())
    (hint,) = [text for text in further_sentences(truth) if text.startswith("手がかり")]
    assert "北東へ 0.71 m" in hint
    assert "直していません" in hint
    assert truth.cadastral is not None
    assert truth.cadastral.comparison.furthest_out.distance_m == pytest.approx(0.707, abs=0.001)


def test_a_map_that_knows_only_a_part_of_the_field_is_said_to() -> None:
    half = [replace(one, geometry=one.geometry.intersection(plots()[0].geometry.buffer(-8))) for one in plots()[:1]]
    told = further_sentences(truth_about(surveyed(PLOT), plots(), half))
    assert any(text.startswith("筆ポリゴンは、圃場の 22% にしか") for text in told)


def test_areas_stand_in_all_four_units_with_the_tolerance_and_its_verdict() -> None:
    rows = {row.title: row for row in view(over_the_line()).areas}
    assert rows["地番図の面積"].m2 == "1,000.0 ㎡"
    assert rows["地番図の面積"].ares == "10.00 a"
    assert rows["地番図の面積"].tan == "1.01 反（10.1 畝）"
    assert "10.3 ㎡" in rows["地番図の面積"].tolerance
    assert rows["地番図の面積"].verdict == "▲ 範囲を超える"
    assert rows["筆ポリゴン"].tolerance == "定めなし"


def test_a_driven_line_of_many_points_is_cut_to_the_gravest_and_says_so() -> None:
    points = [(40 * step / 100, 0.0) for step in range(100)] + [(40.0, 0.0), (40.0, 25.9), (0.0, 25.0)]
    shown = view(truth_about(surveyed(points), plots()))
    assert len(shown.places) == MOST_ROWS
    assert "全 103 か所のうち、差の大きい 40 か所" in shown.places_note
    assert "角102" in {row.name for row in shown.places}


def test_the_places_shown_large_lie_apart() -> None:
    far = [(-1.0, 0.0), (41.0, 0.0), (41.2, 25.0), (-1.0, 25.0)]
    places = worst_places(truth_about(surveyed(far), plots()))
    assert len(places) == 2
    assert places[0].vertex == 2


def test_every_form_says_that_it_fixes_no_boundary_and_whom_to_ask() -> None:
    truth = over_the_line()
    assert to_json(truth)["notice"] == NOT_A_BOUNDARY
    for text in (pdf_text(truth), "".join(to_html(truth).split())):
        for words in (
            NOT_A_BOUNDARY,
            "土地家屋調査士か法務局",
            "産業振興課・農業委員会",
            "±0.75m",
            "見本基準局",
            "元期",
        ):
            assert "".join(words.split()) in text


def test_the_page_carries_its_own_policy_and_asks_nobody_for_anything() -> None:
    page = to_html(over_the_line())
    style = re.search(r"<style>(.*?)</style>", page, re.DOTALL)
    assert style is not None
    assert b64encode(hashlib.sha256(style[1].encode()).digest()).decode() in page
    assert "<script" not in page
    assert not re.search(r'(?:src|href)="(?!#)', page)
    assert not re.search(r'\sstyle="', page)


def test_no_two_pictures_of_a_page_share_a_name() -> None:
    names = re.findall(r'\sid="([^"]+)"', to_html(over_the_line()))
    assert len(names) == len(set(names))


def test_names_are_text_and_never_markup() -> None:
    truth = over_the_line()
    named = replace(truth, surveyed=replace(truth.surveyed, field_name="<script>alert(1)</script>"))
    assert "<script>alert" not in to_html(named)
    assert "alert(1)" in pdf_text(named)


def test_a_name_that_no_font_prints_is_refused_with_its_place() -> None:
    truth = over_the_line()
    named = replace(truth, surveyed=replace(truth.surveyed, field_name="\ue000田"))
    with pytest.raises(UnprintableCharacterError, match="圃場"):
        to_pdf(named)


def test_the_json_has_every_number_and_a_seal_that_holds_them() -> None:
    truth = truth_about(surveyed(OVER), plots(), seen_from_the_air())
    entry = orjson.loads(dumps(to_json(truth)))
    corner = entry["cadastral"]["corners"][2]
    assert (corner["name"], corner["verdict"]) == ("角3", "beyond")
    assert corner["distance_m"] == pytest.approx(0.84)
    assert entry["layers"][0]["file_sha256"] == "ab" * 32
    assert entry["farmland"]["corners"][0]["limit_m"] == pytest.approx(6.86)
    told = to_json(truth)
    assert told.pop("seal") == seal(told)
    boundary = truth.surveyed.boundary
    moved_corner = Vertex(boundary.outer[0].x + 0.001, boundary.outer[0].y, 0.02, FixQuality.RTK_FIXED, 30)
    other = truth_about(replace(boundary, outer=[moved_corner, *boundary.outer[1:]]), plots(), seen_from_the_air())
    assert to_json(other)["seal"] != entry["seal"]


def test_the_same_truth_gives_the_same_pdf() -> None:
    assert to_pdf(over_the_line()) == to_pdf(over_the_line())


def test_words_for_sides_winds_and_small_widths() -> None:
    assert (away(0.84), away(-0.2), away(0.004)) == ("外側 0.84 m", "内側 0.20 m", "線の上")
    assert [direction(east, north) for east, north in ((0, 1), (1, 1), (1, 0), (0, -1), (-1, 0))] == [
        *("北", "北東", "東", "南", "西"),
    ]
    assert plus_minus(0.001) == "±0.01 m未満"
