"""The words of the public pages in each language, out of `webmap/i18n`: the browser and the server read the same files.

`webmap/i18n/LANGUAGE/PART.json` is a flat object of key → text with {named} places; every language has the same keys.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from fastapi import Request

from api.errors import QueryError
from api.pages import WEBMAP

I18N = WEBMAP / "i18n"
FIRST = "ja"


@dataclass(frozen=True)
class Language:
    """A language that the page is offered in: its own name, the value of `lang` in HTML, and whether a machine wrote it."""

    code: str
    name: str
    html: str
    is_machine_made: bool


@dataclass(frozen=True)
class Words:
    """The texts of one part of the page in one language."""

    language: Language
    texts: Mapping[str, str]

    def __call__(self, key: str, **values: object) -> str:
        """The text under that key with its places filled. Raises KeyError for a key or a value that is not there."""
        text = self.texts[key]
        return text.format_map(values) if "{" in text else text


@cache
def languages() -> Mapping[str, Language]:
    """The offered languages in the order in which they are shown."""
    listed = json.loads((I18N / "languages.json").read_text(encoding="utf-8"))
    return {
        code: Language(code, entry["name"], entry["html"], entry["made_by"] == "machine")
        for code, entry in listed.items()
    }


@cache
def words(part: str, language: str = FIRST) -> Words:
    """The texts of a part, "common" among them. Raises KeyError for a language that is not offered."""
    return Words(languages()[language], {**_read(language, "common"), **_read(language, part)})


@cache
def offered(*parts: str) -> Mapping[str, Language]:
    """The languages that have every text of these parts; one that is being translated is not offered yet."""
    return {
        code: language
        for code, language in languages().items()
        if all((I18N / code / f"{part}.json").is_file() for part in ("common", *parts))
    }


def words_in(part: str, language: Language) -> Words:
    """The texts of a part in a language, in Japanese where they are not all there yet."""
    return words(part, language.code if language.code in offered(part) else FIRST)


def words_for(request: Request, part: str, asked: str | None) -> Words:
    """The texts of a part in the asked language, else in the browser's, else in Japanese."""
    return words_in(part, chosen_language(asked, request.headers.get("accept-language", "")))


def spoken(request: Request, part: str, asked: str | None) -> Words:
    """The same, but QueryError for a language that was asked for and is not offered."""
    if asked and asked not in offered(part):
        raise QueryError(f"言語 lang={asked[:20]} はありません。{'・'.join(offered(part))} から選んでください。")
    return words_for(request, part, asked)


def chosen_language(asked: str | None, accepted: str) -> Language:
    """The language that was asked for, else the first of `Accept-Language` that is offered, else Japanese."""
    known = languages()
    for wish in (asked or "", *(part.split(";")[0].strip() for part in accepted.split(","))):
        folded = wish.lower()
        for code, language in known.items():
            if folded in _names(code):
                return language
    return known[FIRST]


@cache
def _names(code: str) -> frozenset[str]:
    """What browsers call it: Chinese by its script or by a place."""
    places = {"zh-Hans": ("zh", "zh-cn", "zh-sg"), "zh-Hant": ("zh-tw", "zh-hk", "zh-mo"), "tl": ("fil", "tl-ph")}
    regions = {"ja": "ja-jp", "ko": "ko-kr", "vi": "vi-vn", "pt": "pt-br", "ne": "ne-np", "id": "id-id", "th": "th-th"}
    english = ("en-us", "en-gb") if code == "en" else ()
    return frozenset({code.lower(), *places.get(code, ()), regions.get(code, code.lower()), *english})


def _read(language: str, part: str) -> dict[str, str]:
    texts: dict[str, str] = json.loads((I18N / language / f"{part}.json").read_text(encoding="utf-8"))
    return texts
