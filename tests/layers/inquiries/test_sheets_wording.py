"""The fixed words of the sheets: disclaimers, measures."""

from dataclasses import replace

import pytest

from layers.inquiries.sheets.measures import measure_lines
from layers.inquiries.sheets.view import view
from layers.inquiries.sheets.wording import disclaimers
from layers.store.settings import FICTITIOUS_BAND
from tests.layers.inquiries.sheet_samples import one_parcel, parcel, plot


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
