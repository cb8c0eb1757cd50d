"""The normal form of a parcel number, and how it is shown.

The key is "oaza/koaza/chiban": 大字 and 字 are left out, a 丁目 belongs to the oaza, digits are ASCII, branches are
joined by "-". It is "小野新町/舘廻/92-1", or "飯豊//123" without a koaza. Numbers that are none (道, 無地番-3,
長狭物不明-1) are kept as written, in NFKC.
"""

import re
from dataclasses import dataclass

from kanjize import kanji2number

from gis.parcel_numbers.folding import DASHES, tidy

KANJI_DIGITS = "〇零一二三四五六七八九十百千壱弐参拾廿"
# Letters that stand in a number as in 甲12番, 12番乙 and 12番イ.
SERIES_LETTERS = "甲乙丙丁戊己庚辛壬癸イロハニホヘトチリヌルヲワカヨタレソツネナA-Za-z"

_NUMBER = rf"(?:[0-9]{{1,9}}|[{KANJI_DIGITS}]{{1,12}})"
_SERIES = f"[{SERIES_LETTERS}]"
_DASH = rf"[{DASHES}]"
_SEPARATOR = rf"(?:番地?[のノ之]?|号[のノ之]?|[のノ之]|{_DASH})"
# 92, 92番1, 92番地の1の2, 甲12番3, 12番乙, 2353番乙1, 12-3号, 第12番: and nothing else around it.
_CHIBAN = re.compile(
    rf"第?{_SERIES}?{_NUMBER}(?:{_SEPARATOR}{_NUMBER}|{_SEPARATOR}?{_SERIES}{_NUMBER}?)*(?:番地|番|号)?"
)
_PART = re.compile(rf"(?:{_SERIES}{_SEPARATOR}?)?{_NUMBER}|{_SERIES}")
_SPREADSHEET_NUMBER = re.compile(r"([0-9]+)\.0+")
# A spreadsheet turns 12-1 into a date by itself.
_SPREADSHEET_DATE = re.compile(r"([0-9]{1,2})月([0-9]{1,2})日")
_ONE_FOR_A_DASH = re.compile(r"(?<=[0-9])一(?=[0-9])")
_CHOME = re.compile(rf"([0-9]+|[{KANJI_DIGITS}]+)丁目")


@dataclass(frozen=True)
class ParcelNumber:
    """One parcel of the register, its parts as they stand in the key; oaza and koaza may be empty."""

    oaza: str
    koaza: str
    chiban: str

    @property
    def key(self) -> str:
        """The normal form, "小野新町/舘廻/92-1"."""
        return f"{self.oaza}/{self.koaza}/{self.chiban}"

    @property
    def display(self) -> str:
        """As a clerk writes it, "大字小野新町字舘廻92番1"."""
        oaza = self.oaza if not self.oaza or self.oaza.endswith("丁目") else f"大字{self.oaza}"
        koaza = f"字{self.koaza}" if self.koaza else ""
        return f"{oaza}{koaza}{written_chiban(self.chiban)}"

    @classmethod
    def of_key(cls, key: str) -> "ParcelNumber":
        """Take a key apart; a text that is no key is kept whole as the number."""
        parts = key.split("/", 2)
        return cls(*parts) if len(parts) == 3 else cls("", "", key)


def key_of(oaza: str | None, chome: str | None, koaza: str | None, chiban: str | None) -> str:
    """Return the key of a parcel from the parts a file gives; never raises, whatever stands in them."""
    return ParcelNumber(oaza_name(oaza, chome), koaza_name(koaza), normal_chiban(chiban)).key


def display(key: str, town: str = "") -> str:
    """Return a key as a clerk writes it, "大字小野新町字舘廻92番1", with the town in front when one is given."""
    return town + ParcelNumber.of_key(key).display


def oaza_name(oaza: str | None, chome: str | None = None) -> str:
    """Return the name without 大字, with its 丁目 in ASCII digits."""
    joined = _name(oaza) + _name(chome)
    name = joined.removeprefix("大字") or joined
    return chome_in_digits(name)


def chome_in_digits(text: str) -> str:
    """Return the text with 三丁目 as 3丁目."""
    return _CHOME.sub(lambda found: f"{_whole(found[1])}丁目", text)


def koaza_name(koaza: str | None) -> str:
    """Return the name without 字 or 小字."""
    name = _name(koaza)
    for prefix in ("小字", "字"):
        if name.startswith(prefix) and name != prefix:
            return name.removeprefix(prefix)
    return name


def normal_chiban(chiban: str | None) -> str:
    """Return the number with ASCII digits and branches joined by "-"; one that is no number, in NFKC as written."""
    if chiban is not None and _NORMAL.fullmatch(chiban):
        return chiban
    text = tidy(chiban or "")
    number = read_number(text)
    return text.translate(_TO_HYPHEN) if number is None else number


def read_number(text: str) -> str | None:
    """Return the normal form of a number that fills the text (NFKC, without spaces), or None when it is no number."""
    text = _ONE_FOR_A_DASH.sub("-", text)
    text = _SPREADSHEET_NUMBER.sub(r"\1", text) if _SPREADSHEET_NUMBER.fullmatch(text) else text
    text = _SPREADSHEET_DATE.sub(r"\1-\2", text) if _SPREADSHEET_DATE.fullmatch(text) else text
    if not _CHIBAN.fullmatch(text):
        return None
    parts = [_part(found[0]) for found in _PART.finditer(text)]
    # A register that keeps the branch in a column of its own writes 0 for none.
    while len(parts) > 1 and parts[-1] == "0":
        parts.pop()
    return "-".join(parts)


_NORMAL = re.compile(r"[1-9][0-9]*(?:-[1-9][0-9]*)*")
"""Most numbers of a cadastral file are in normal form already: those are taken as they are, ten times faster."""
_TO_HYPHEN = {ord(dash): "-" for dash in DASHES}
_WITHIN_PART = re.compile(rf"({_SERIES})?{_SEPARATOR}?({_NUMBER})?")


def _part(text: str) -> str:
    found = _WITHIN_PART.fullmatch(text)
    if found is None:
        return text
    return (found[1] or "").upper() + (_whole(found[2]) if found[2] else "")


def _whole(number: str) -> str:
    """Return a run of ASCII or kanji digits in ASCII, without leading zeros; an impossible one as it stands."""
    if number.isascii():
        return number.lstrip("0") or "0"
    try:
        return str(kanji2number(number.replace("零", "〇").replace("廿", "二十")))
    except ValueError:
        return number


def written_chiban(chiban: str) -> str:
    """Return a normal form as it is written out: 92-1-2 is 92番1の2, 92 is 92番; what is no number stays."""
    if not _CHIBAN.fullmatch(chiban):
        return chiban
    main, *branches = chiban.split("-")
    return f"{main}番" + "の".join(branches)


def sort_key(chiban: str) -> tuple[tuple[str, int, str], ...]:
    """Return what orders numbers as a register does: 2 before 10, 10 before 10-1; what is no number comes last."""
    if not _CHIBAN.fullmatch(chiban):
        return (("～", 0, chiban),)
    return tuple(_sortable(part) for part in chiban.split("-"))


def _sortable(part: str) -> tuple[str, int, str]:
    letters = part.rstrip("0123456789")
    digits = part[len(letters) :]
    return (letters, int(digits) if digits else 0, "")


def _name(text: str | None) -> str:
    # "/" parts a key.
    return tidy(text or "").replace("/", "／")
