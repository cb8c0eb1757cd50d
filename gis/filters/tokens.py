"""The words of CQL2 text, in one pass over it."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum, auto

from gis.errors import FilterError
from gis.filters.literals import MAX_DEPTH, MAX_LENGTH, MAX_PARTS


class Kind(Enum):
    """What a word is."""

    NAME = auto()
    QUOTED_NAME = auto()
    TEXT = auto()
    NUMBER = auto()
    SIGN = auto()
    END = auto()


@dataclass(frozen=True)
class Token:
    """One word: `value` without its quotes, and where it starts and ends in the text."""

    kind: Kind
    value: str
    start: int
    end: int

    @property
    def place(self) -> str:
        """Where it is, as the start of a sentence."""
        return f"フィルタの{self.start + 1}文字目"

    def is_word(self, word: str) -> bool:
        """Whether it is that word, in any case, unquoted."""
        return self.kind is Kind.NAME and self.value.upper() == word

    def is_sign(self, sign: str) -> bool:
        """Whether it is that sign."""
        return self.kind is Kind.SIGN and self.value == sign


_WORD = re.compile(
    r"""\s+
    |(?P<TEXT>'(?:[^']|'')*')
    |(?P<QUOTED_NAME>"(?:[^"]|"")*")
    |(?P<NUMBER>(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?)
    |(?P<NAME>[^\W\d][\w.:]*)
    |(?P<SIGN><>|<=|>=|[<>=(),+\-*/^%])""",
    re.VERBOSE,
)


def tokens_of(text: str) -> list[Token]:
    """The words of a filter, ended by one of kind END. Raises FilterError naming the first letter that fits nothing.

    Length, number of words and depth of parentheses are bounded here, before anything recurs.
    """
    if len(text) > MAX_LENGTH:
        raise FilterError(f"フィルタが長すぎます（{MAX_LENGTH:,}文字まで）。")
    found = list(_scan(text))
    if len(found) > MAX_PARTS * 50:
        raise FilterError("フィルタの語が多すぎます。条件を分けてください。")
    _check_depth(found)
    return [*found, Token(Kind.END, "", len(text), len(text))]


def _scan(text: str) -> Iterator[Token]:
    position = 0
    while position < len(text):
        match = _WORD.match(text, position)
        if match is None:
            raise FilterError(_stray(text, position))
        position = match.end()
        if match.lastgroup is not None:
            kind = Kind[match.lastgroup]
            yield Token(kind, _unquoted(kind, match.group()), match.start(), match.end())


def _stray(text: str, position: int) -> str:
    place = f"フィルタの{position + 1}文字目"
    if text[position] in "'\"":
        return f"{place}から始まる引用符が閉じられていません。"
    return f"{place}の「{text[position]}」は読めません。"


def _unquoted(kind: Kind, written: str) -> str:
    if kind is Kind.TEXT:
        return written[1:-1].replace("''", "'")
    if kind is Kind.QUOTED_NAME:
        return written[1:-1].replace('""', '"')
    return written


def _check_depth(words: list[Token]) -> None:
    depth = 0
    for word in words:
        if word.is_sign("("):
            depth += 1
        elif word.is_sign(")"):
            depth -= 1
        if depth > MAX_DEPTH:
            raise FilterError(f"{word.place}で括弧の入れ子が深すぎます（{MAX_DEPTH}段まで）。")
        if depth < 0:
            raise FilterError(f"{word.place}の「)」に対応する「(」がありません。")
