"""A pasted text, cut into pieces that name one parcel or one range each."""

import re
from collections.abc import Iterator
from itertools import takewhile

from gis.parcel_numbers.folding import DASHES, compatible
from gis.parcel_numbers.keys import KANJI_DIGITS

_SPACES = re.compile(r"\s+")
_CIRCLED = re.compile(r"[①-⓿❶-➓㉑-㊿⑴-⒇]")
_BULLET = re.compile(rf"^\s*(?:[(][0-9]{{1,3}}[)]\s*|[0-9]{{1,3}}[.)]\s+|[*•●○◎■□◆◇※]\s*|[{DASHES}]\s+)")
_LABELS = "(?:土地の所在|所在及び地番|所在地番|所在地|所在|地番|住所)"
_LABEL = re.compile(rf"^\s*{_LABELS}\s*:?\s*|{_LABELS}\s*:\s*")
_AREA = re.compile(r"(?<![0-9.,])[0-9][0-9,]*(?:\.[0-9]+)? ?(?:m2|平方メートル|平米|坪|アール|ヘクタール)")
_BRACKETS = re.compile(r" ?[(（〔\[][^()（）〔〕\[\]]*[)）〕\]]")
_AND = re.compile(r"[、,;。・&+|\r\n]|及び|および|並びに|ならびに|又は|または|(?<=[0-9番地])と(?=[0-9同大字])")
_SLASH_KEY = re.compile(r"[^/\s]*/[^/]*/[^/]+")
_TIGHT = re.compile(rf" ?([~〜{DASHES}]|から|より|ないし|乃至) ?(?=[0-9{KANJI_DIGITS}大字同])")

_HEADINGS = frozenset(
    {"大字", "字", "小字", "丁目", "地番", "本番", "枝番", "所在", "所在地", "所在地番", "所在及び地番", "土地の所在"}
    | {"町名", "町字", "番号", "No", "No.", "NO", "地目", "地積", "面積", "備考"}
)
# 不動産登記規則99条; they stand after a number in lists.
_LAND_CATEGORIES = frozenset(
    {"田", "畑", "宅地", "学校用地", "鉄道用地", "塩田", "鉱泉地", "池沼", "山林", "牧場", "原野", "墓地", "境内地"}
    | {"運河用地", "水道用地", "用悪水路", "ため池", "堤", "井溝", "保安林", "公衆用道路", "公園", "雑種地"}
)

# Enough of a piece to see how it ends.
_TAIL = 40
_ENDS_A_NUMBER = re.compile(
    rf"[0-9](?:番地?|号)?$|番地?(?:[のノ之]?[{KANJI_DIGITS}]+)?$|[0-9番地号]の?(?:一部|内|うち)$"
)
_ENDS_WITH_BAN = re.compile(r"番地?$")
_BARE = re.compile(rf"[0-9{KANJI_DIGITS}]+(?:[のノ之{DASHES}][0-9{KANJI_DIGITS}]+)*")
_GOES_ON = re.compile(rf"[のノ之番号~〜{DASHES}]|から|より|まで|迄|内|うち|一部|各一部|地先|地内|先|付近|外|ほか|他")
_COUNTER = re.compile(r"[0-9]+(?:\.0+)?")
_DECIMAL = re.compile(r"[0-9,]+\.[0-9]*[1-9][0-9]*")


def segments(text: str) -> Iterator[str]:
    """Yield the pieces in order, in NFKC: split at line ends, commas and the like, and at spaces between numbers.

    A line with tabs is a row of a table: names of places, the number, perhaps its branch; further cells are not read.
    """
    for line in compatible(_CIRCLED.sub(" ", text)).splitlines():
        yield from _table_row(line) if "\t" in line else _line(line)


def _line(line: str) -> Iterator[str]:
    if line.strip() in _HEADINGS:
        return
    line = _SPACES.sub(" ", line)
    plain = _TIGHT.sub(r"\1", _without_notes(_BULLET.sub("", line)))
    for piece in _AND.split(plain):
        for part in [piece] if _SLASH_KEY.fullmatch(piece.strip()) else piece.split("/"):
            yield from _at_spaces(part.split())


def _without_notes(line: str) -> str:
    """Drop areas and what stands in brackets, but not that a part is meant."""
    line = _LABEL.sub(" ", line)
    return _AREA.sub(" ", _BRACKETS.sub(lambda note: "の一部" if "一部" in note[0] else " ", line))


def _at_spaces(words: list[str]) -> Iterator[str]:
    """Join words that belong to one number, and part those that begin another."""
    piece = ""
    for word in words:
        if not piece or _continues(piece[-_TAIL:], word):
            piece += word
        elif word not in _LAND_CATEGORIES:
            yield piece
            piece = word
    if piece:
        yield piece


def _continues(end: str, word: str) -> bool:
    """Tell whether a word belongs to the piece that ends so: a name does, and the branch after 番."""
    if not _ENDS_A_NUMBER.search(end) or _GOES_ON.match(word):
        return True
    return _ENDS_WITH_BAN.search(end) is not None and _BARE.fullmatch(word) is not None


def _table_row(line: str) -> Iterator[str]:
    cells = [_BRACKETS.sub("", cell).strip() for cell in line.split("\t")]
    filled = [cell for cell in cells if cell]
    if all(cell in _HEADINGS for cell in filled):
        return
    if _COUNTER.fullmatch(filled[0]) and len(filled) > 1 and _is_place(filled[1]):
        filled = filled[1:]
    places = list(takewhile(lambda cell: not _ENDS_A_NUMBER.search(cell), filled))
    numbers = list(takewhile(_is_number, filled[len(places) :]))
    if not places:
        for number in numbers:
            yield from _line(number)
        return
    branch = f"-{numbers[1]}" if len(numbers) > 1 and all(map(_COUNTER.fullmatch, numbers[:2])) else ""
    yield from _line(_joined(places) + (numbers[0] + branch if numbers else ""))


def _is_place(cell: str) -> bool:
    return not _ENDS_A_NUMBER.search(cell) and cell not in _LAND_CATEGORIES


def _is_number(cell: str) -> bool:
    """Tell a parcel number from the cells that may follow it: a land category, an area."""
    return _ENDS_A_NUMBER.search(cell) is not None and not _DECIMAL.fullmatch(cell)


def _joined(places: list[str]) -> str:
    """Join cells of place names, marking the last of several as the koaza it is."""
    *before, last = places
    if before and not last.startswith(("字", "小字", "大字")):
        last = f"字{last}"
    return "".join([*before, last])
