"""From a written text to what it asks for: any way of writing, several numbers at once, ranges, pasted tables."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from gis.errors import ParcelNumberError
from gis.parcel_numbers.folding import DASHES, fold_each
from gis.parcel_numbers.gazetteer import Gazetteer
from gis.parcel_numbers.keys import (
    KANJI_DIGITS,
    chome_in_digits,
    koaza_name,
    normal_chiban,
    oaza_name,
    read_number,
    sort_key,
)
from gis.parcel_numbers.query import ParcelQuery
from gis.parcel_numbers.segments import segments

MAX_CHARACTERS = 500_000
MAX_NUMBERS = 20_000
# No number with its place is as long as this; what is longer is prose.
_LONGEST = 120

_KEY = re.compile(r"([^/]*)/([^/]*)/([^/]+)")
_REMARK = re.compile(
    r"(?:の|ノ)?(?:各?一部|うち|内|土地|部分|地先|地内|先|付近)$|(?:の|ノ)?(?:外|ほか|他)[0-9一二三四五六七八九十]*筆?$"
)
_PART_WORDS = ("一部", "うち", "内", "部分")
_RANGE = re.compile(r"(.+?)(?:から|より|~|〜|∼|乃至|ないし)(.+?)(?:まで|迄)?")
_NO_NUMBER = re.compile(rf"(?:無地番|長狭物不明|地区外|別図|筆界未定地?|白地|水路|道路|道|水|堤)(?:[{DASHES}]?[0-9]+)*")
_SAME_PLACE = re.compile(r"同(?:大字|所|字|上)?(?!番)")
_SAME_NUMBER = re.compile(r"同番地?[のノ之]?")
_NUMBER_MAY_START = re.compile(
    rf"(?<![0-9])[0-9]|(?<![{KANJI_DIGITS}])[{KANJI_DIGITS}]|[甲乙丙丁](?=[0-9])|無地番|長狭物|地区外|別図|筆界"
)
_KOAZA_MARK = re.compile("小?字")
_BARE = re.compile("[0-9]+")

_Numbers = tuple[str, str | None]
_NONE: _Numbers = "", None


@dataclass(frozen=True)
class _Place:
    """Where a number is; `known` is False for names the gazetteer has not got."""

    oaza: str | None = None
    koaza: str | None = None
    known: bool = True

    @property
    def stated(self) -> bool:
        return self.oaza is not None or self.koaza is not None


def parse(text: str, gazetteer: Gazetteer) -> list[ParcelQuery]:
    """Read every parcel number of a text, in order.

    A number without a place takes the place named before it. Nothing is dropped: a piece that cannot be read comes back
    with `known` False, or without a number. Raises ParcelNumberError for an empty text and for one that is too long.
    """
    if len(text) > MAX_CHARACTERS:
        raise ParcelNumberError(f"一度に読める地番は{MAX_CHARACTERS:,}文字までです。分けて入力してください。")
    queries = list(_read_all(text, gazetteer))
    if not queries:
        raise ParcelNumberError("地番が入力されていません。「大字飯豊字中田12番1」のように入力してください。")
    return queries


def _read_all(text: str, gazetteer: Gazetteer) -> Iterator[ParcelQuery]:
    before, main = _Place(), ""
    heading: ParcelQuery | None = None
    for count, piece in enumerate(segments(text)):
        if count >= MAX_NUMBERS:
            raise ParcelNumberError(f"一度に読める地番は{MAX_NUMBERS:,}件までです。分けて入力してください。")
        stated, query = _read_piece(piece, gazetteer, before, main)
        if heading is not None and not _belongs_under(stated, heading):
            yield heading
        before = _Place(query.oaza, query.koaza, query.known)
        main = query.chiban.split("-")[0]
        heading = None if query.chiban else query
        if query.chiban:
            yield query
    if heading is not None:
        yield heading


def _belongs_under(stated: _Place, heading: ParcelQuery) -> bool:
    """Tell whether a place named without a number only stood over the numbers that follow."""
    return not stated.stated or (stated.oaza is None and heading.koaza is None)


def _read_piece(piece: str, gazetteer: Gazetteer, before: _Place, main: str) -> tuple[_Place, ParcelQuery]:
    """Read one piece; return the place it stated itself, and what it asks for."""
    key = _KEY.fullmatch(piece)
    if key is not None:
        return _of_key(key, gazetteer)
    text, remark = _without_remark(chome_in_digits(piece[:_LONGEST]))
    start = gazetteer.after_municipality(fold_each(text))
    same_place = _SAME_PLACE.match(text, start)
    start = same_place.end() if same_place else start
    same_number = _SAME_NUMBER.match(text, start)
    if same_number and main:
        text, start = f"{main}-{text[same_number.end() :]}", 0
    stated, (chiban, chiban_to) = _split(text, start, gazetteer)
    place = _inherited(stated, before, gazetteer)
    partial = any(word in remark for word in _PART_WORDS)
    return stated, ParcelQuery(place.oaza, place.koaza, chiban, chiban_to, partial, remark, place.known, piece)


def _of_key(key: re.Match[str], gazetteer: Gazetteer) -> tuple[_Place, ParcelQuery]:
    """Read a key: an empty koaza says that there is none, while a text without a koaza leaves it open."""
    oaza, koaza = oaza_name(key[1]), koaza_name(key[2])
    known = not oaza or (
        gazetteer.oaza(oaza) is not None and (not koaza or gazetteer.koaza_in(oaza, koaza) is not None)
    )
    place = _Place(oaza or None, koaza if oaza else koaza or None, known)
    return place, ParcelQuery(place.oaza, place.koaza, normal_chiban(key[3]), known=known, raw=key[0])


def _without_remark(text: str) -> tuple[str, str]:
    """Part a number from the words after it that say a part, or others besides, is meant."""
    remark = ""
    while (found := _REMARK.search(text)) and found.start() > 0 and _ends_a_number(text[: found.start()]):
        text, remark = text[: found.start()], found[0] + remark
    return text, remark


def _ends_a_number(text: str) -> bool:
    return text[-1] in f"0123456789番地号{KANJI_DIGITS}" or _REMARK.search(text) is not None


def _split(text: str, start: int, gazetteer: Gazetteer) -> tuple[_Place, _Numbers]:
    """Part the place from the number: the longest place after which nothing but a number is left."""
    for place, end in _places_at(text, start, gazetteer):
        numbers = _numbers(text[end:])
        if numbers is not None:
            return place, numbers
    return _split_unknown(text, start, gazetteer)


def _places_at(text: str, start: int, gazetteer: Gazetteer) -> Iterator[tuple[_Place, int]]:
    forms = fold_each(text)
    after_mark = _after_koaza_mark(text, start)
    if after_mark == start:
        for oaza, end in gazetteer.oaza_at(text, forms, _after_oaza_mark(text, start)):
            for koaza, last in gazetteer.koaza_at(text, forms, _after_koaza_mark(text, end), oaza):
                yield _Place(oaza, koaza), last
            yield _Place(oaza), end
    for koaza, last in gazetteer.koaza_at(text, forms, after_mark, None):
        yield _Place(koaza=koaza), last
    yield _Place(), start


def _after_oaza_mark(text: str, start: int) -> int:
    return start + 2 if text.startswith("大字", start) else start


def _after_koaza_mark(text: str, start: int) -> int:
    mark = _KOAZA_MARK.match(text, start)
    return mark.end() if mark else start


def _split_unknown(text: str, start: int, gazetteer: Gazetteer) -> tuple[_Place, _Numbers]:
    """Part a place that the gazetteer has not got, or has only the oaza of, from its number."""
    oaza, after = next(gazetteer.oaza_at(text, fold_each(text), _after_oaza_mark(text, start)), (None, start))
    name, numbers = text[after:], _NONE
    for position in _NUMBER_MAY_START.finditer(text, after):
        found = _numbers(text[position.start() :])
        if found is not None:
            name, numbers = text[after : position.start()], found
            break
    if oaza is not None:
        return _Place(oaza, koaza_name(name), known=False), numbers
    return _named(name), numbers


def _named(name: str) -> _Place:
    """Read names of places by their 大字 and 字; a name with neither is taken for an oaza."""
    marked = _after_koaza_mark(name, 0) > 0
    oaza, mark, koaza = ("", "字", koaza_name(name)) if marked else _after_oaza(name).partition("字")
    return _Place(oaza.removesuffix("小") or None if mark else oaza or None, koaza or None, known=False)


def _after_oaza(name: str) -> str:
    return name[_after_oaza_mark(name, 0) :]


def _numbers(text: str) -> _Numbers | None:
    """Read a number or a range that fills the text; ("", None) for an empty text, None when it is something else."""
    if not text:
        return _NONE
    number = read_number(text)
    if number is not None:
        return number, None
    if _NO_NUMBER.fullmatch(text):
        return normal_chiban(text), None
    ends = _RANGE.fullmatch(text)
    return _range(ends[1], ends[2]) if ends else None


def _range(first_text: str, last_text: str) -> _Numbers | None:
    first = read_number(first_text)
    if first is None:
        return None
    main, *branches = first.split("-")
    last_text = _SAME_NUMBER.sub(f"{main}-", last_text, count=1)
    if branches and _BARE.fullmatch(last_text):
        # 12番1から5まで: the last branch, not lot 5.
        last_text = "-".join([main, *branches[:-1], last_text])
    last = read_number(last_text)
    if last is None:
        return None
    return (first, last) if sort_key(first) <= sort_key(last) else (last, first)


def _inherited(stated: _Place, before: _Place, gazetteer: Gazetteer) -> _Place:
    """Complete a place that was only partly stated from the one named before it, or from the only one there is."""
    if stated.oaza is not None:
        return stated
    if stated.koaza is None:
        return before if stated.known else stated
    if not stated.known:
        return _Place(before.oaza, stated.koaza, known=False)
    for oaza in [before.oaza] if before.oaza else []:
        own = gazetteer.koaza_in(oaza, stated.koaza)
        if own is not None:
            return _Place(oaza, own)
    holders = gazetteer.oaza_with(stated.koaza)
    if len(holders) == 1:
        return _Place(holders[0], gazetteer.koaza_in(holders[0], stated.koaza))
    return stated
