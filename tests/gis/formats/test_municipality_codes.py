"""全国地方公共団体コード against all of them."""

import csv
import zipfile
from pathlib import Path

import pytest

from gis.formats.municipality_codes import check_digit, municipality_code


@pytest.fixture(scope="module")
def codes(shared_data: Path) -> list[str]:
    with zipfile.ZipFile(shared_data / "address/abr/mt_city_all.csv.zip") as archive:
        text = archive.read("mt_city_all.csv").decode("utf-8-sig")
    return [row["lg_code"] for row in csv.DictReader(text.splitlines())]


def test_the_check_digit_of_every_municipality_is_the_official_one(codes: list[str]) -> None:
    assert len(codes) == 1918
    assert all(check_digit(code[:5]) == code[5] for code in codes)


def test_a_whole_code_stays_and_a_shortened_one_is_never_another_s(codes: list[str]) -> None:
    for code in codes:
        assert municipality_code(code) == code
        for shortened in (code[:5], code.lstrip("0"), str(int(code[:5]))):
            assert municipality_code(shortened) in (code, None)


def test_most_shortened_codes_are_made_whole(codes: list[str]) -> None:
    restored = [municipality_code(code[:5]) == code for code in codes]
    assert sum(restored) == len(codes) - 96  # those that could as well be a code of 北海道 without its zero


@pytest.mark.parametrize("text", ["075221", "07522", "75221", "7522", "０７５２２１", 75221, 7522.0, " 07522-1 "])
def test_the_town_s_code_is_known_in_all_the_ways_files_write_it(text: object) -> None:
    assert municipality_code(text) == "075221"


@pytest.mark.parametrize("text", ["", "075222", "482015", "小野町", "752", "0752211", None, "7.5"])
def test_what_is_no_code_stays_unknown(text: object) -> None:
    assert municipality_code(text) is None
