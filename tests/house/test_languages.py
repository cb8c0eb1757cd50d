"""The words of the public pages: every language says all of it, with the same places to fill."""

import json
import re
from collections import Counter

import pytest

from api.public.words import FIRST, I18N, chosen_language, languages, words

PARTS = sorted(path.stem for path in (I18N / FIRST).glob("*.json"))
OTHERS = [code for code in languages() if code != FIRST]


def read(language: str, part: str) -> dict[str, str]:
    """The texts of one file."""
    texts: dict[str, str] = json.loads((I18N / language / f"{part}.json").read_text(encoding="utf-8"))
    return texts


@pytest.mark.parametrize("part", PARTS)
@pytest.mark.parametrize("language", OTHERS)
def test_every_language_has_the_same_keys_and_places(language: str, part: str) -> None:
    first, other = read(FIRST, part), read(language, part)
    assert list(other) == list(first)
    for key, text in first.items():
        assert Counter(re.findall(r"{\w+}", other[key])) == Counter(re.findall(r"{\w+}", text)), key
        assert other[key].strip(), key


def test_no_part_has_a_key_of_the_common_part() -> None:
    common = set(read(FIRST, "common"))
    for part in PARTS:
        if part != "common":
            assert not common & set(read(FIRST, part)), part


def test_a_text_is_filled_and_a_missing_value_is_an_error() -> None:
    assert words("common")("source", source="小野町") == "出典：小野町"
    with pytest.raises(KeyError):
        words("common")("source")


@pytest.mark.parametrize(
    ("asked", "accepted", "code"),
    [
        (None, "", "ja"),
        ("en", "ja", "en"),
        (None, "zh-TW,zh;q=0.9", "zh-Hant"),
        (None, "zh-CN", "zh-Hans"),
        (None, "fr,de;q=0.8,ne;q=0.5", "ne"),
        ("xx", "fil-PH, fil", "tl"),
        (None, "en-US,en;q=0.9", "en"),
        ("ja-easy", "", "ja-easy"),
    ],
)
def test_the_language_is_the_asked_one_else_the_browsers(asked: str | None, accepted: str, code: str) -> None:
    assert chosen_language(asked, accepted).code == code
