"""The fixed words of the sheets: dates in the Japanese calendar, disclaimers, measures."""

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from layers.inquiries.sheets.measures import measure_lines
from layers.inquiries.sheets.view import view
from layers.inquiries.sheets.wording import FICTITIOUS_BAND, disclaimers, japanese_date, japanese_time
from tests.layers.inquiries.sheet_samples import one_parcel, parcel, plot


@pytest.mark.parametrize(
    ("day", "written"),
    [
        (date(2026, 4, 1), "令和8年4月1日"),
        (date(2019, 5, 1), "令和元年5月1日"),
        (date(2019, 4, 30), "平成31年4月30日"),
        (date(1989, 1, 7), "昭和64年1月7日"),
        (date(1926, 12, 25), "昭和元年12月25日"),
        (date(1912, 7, 29), "明治45年7月29日"),
        (date(1889, 4, 1), "明治22年4月1日"),
        (date(1872, 12, 2), "西暦1872年12月2日"),
    ],
)
def test_a_date_is_written_in_its_era(day: date, written: str) -> None:
    assert japanese_date(day) == written


def test_a_moment_is_written_in_japanese_time() -> None:
    assert japanese_time(datetime(2026, 3, 31, 15, 5, tzinfo=UTC)) == "令和8年4月1日 0時05分（日本時間）"


def test_a_moment_without_its_offset_is_refused() -> None:
    with pytest.raises(ValueError, match="offset"):
        japanese_time(datetime(2026, 4, 1, 9, 5))  # noqa: DTZ001


def test_every_sheet_says_that_it_is_no_proof_and_fixes_no_boundary() -> None:
    text = "".join(disclaimers([parcel("92-1", plot(0, 0))]))
    assert "証明書ではありません" in text
    assert "筆界" in text
    assert "該当しないという意味ではありません" in text
    assert FICTITIOUS_BAND not in text


def test_disclaimers_name_what_these_parcels_call_for() -> None:
    asked = [parcel("92-1", plot(0, 0), undetermined=True), *(parcel(f"{n}", None) for n in range(5))]
    text = "".join(disclaimers(asked, fictitious=True, undeclared_datum_m=1.96))
    assert FICTITIOUS_BAND in text
    assert "約1.96m" in text
    assert "大字小野新町字舘廻92番1は筆界未定地です" in text
    assert "0番、大字小野新町字舘廻1番、大字小野新町字舘廻2番ほか2筆は、任意座標系" in text


@pytest.mark.parametrize(
    ("measure", "lines"),
    [
        ({}, ()),
        ({"overlap_m2": 12.5, "share": 0.25}, ("重なり 12.50㎡（筆の25.0%）",)),
        (
            {"overlap_m2": 1.0, "share": 0.0004, "overlap_min_m2": 0.0, "overlap_max_m2": 3.5, "band_m": 0.75},
            ("重なり 1.00㎡（筆の0.1%未満）、誤差を見込むと 0.00〜3.50㎡", "判定の幅 ±0.75m"),
        ),
        ({"distance_m": 1234.5, "count": 2}, ("距離 1,234.5m、件数 2",)),
        ({"length_m": 8.0, "length_min_m": 6.5, "length_max_m": 9.0}, ("延長 8.0m（誤差を見込むと 6.5〜9.0）",)),
        ({"provisional": "applies"}, ("旧データでの判定：該当",)),
        ({"fids": [1, 2], "listed": True}, ()),
    ],
)
def test_measures_are_told_in_words(measure: dict[str, object], lines: tuple[str, ...]) -> None:
    assert measure_lines(measure) == lines


def test_groups_are_told_one_by_one_and_the_rest_is_counted() -> None:
    groups = [{"label": f"区分{number}", "overlap_m2": float(number)} for number in range(9)]
    lines = measure_lines({"overlap_m2": 36.0, "groups": groups})
    assert lines[1] == "・区分0：重なり 0.00㎡"
    assert lines[-1] == "ほか3区分"


def test_the_accuracy_of_a_layer_is_told_to_the_centimetre() -> None:
    answer = one_parcel()
    layers = tuple(
        replace(layer, error_m=error) for layer, error in zip(answer.layers, (20.0249844, 1.75, 3.0), strict=False)
    )

    assert [layer.error for layer in view(replace(answer, layers=layers)).layers] == ["±20.02m", "±1.75m", "±3m"]
