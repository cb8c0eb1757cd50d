"""マイナンバー (個人番号) is refused wherever rows come in: by the column's name, and by the check digit of its values.

番号法 (平成25年法律第27号) 9条, 20条: a map or a land ledger is no use for which one may be kept.
"""

import re
import unicodedata
from collections.abc import Iterable, Mapping

from layers.store.errors import LoadRefusedError

FORBIDDEN_COLUMN = re.compile(r"マイナンバー|個人番号|my_?number|individual_?number", re.IGNORECASE)
LEAST_VALID = 2
SHARE_VALID = 0.5
"""Of twelve-digit numbers that mean something else a tenth passes the check by chance; of real ones all do."""
# \d is any script's digits, full width too; a decimal fraction or a part of a longer number is none
_TWELVE = re.compile(r"(\d{4})([-‐－―ー 　]?)(\d{4})\2(\d{4})(?!\d)")
_NOT_BEFORE = re.compile(r"[\d.．]")
_UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
"""Its last part may be twelve digits by chance."""
_WEIGHTS = (6, 5, 4, 3, 2, 7, 6, 5, 4, 3, 2)


def is_forbidden_name(name: str) -> bool:
    """Whether a column is called 個人番号 or the like, in whatever width and case."""
    return FORBIDDEN_COLUMN.search(unicodedata.normalize("NFKC", name)) is not None


def check_digit(eleven: str) -> int:
    """The twelfth digit of an Individual Number (平成26年総務省令第85号 5条)."""
    rest = sum(int(digit) * weight for digit, weight in zip(eleven, _WEIGHTS, strict=True)) % 11
    return 0 if rest <= 1 else 11 - rest


def has_check_digit(number: str) -> bool:
    """Whether twelve digits end in the check digit; of numbers that mean something else one in ten does, too."""
    return int(number[11]) == check_digit(number[:11])


def check_digits(values: Iterable[object]) -> tuple[int, int]:
    """How many twelve-digit numbers the values hold, and how many of them have a valid check digit."""
    texts = "\n".join(text for text in map(_text, _distinct(values)) if text)
    found = _numbers(texts)
    if found and _UUID.search(texts):
        found = _numbers(_UUID.sub(" ", texts))
    return len(found), sum(map(has_check_digit, found))


def _numbers(texts: str) -> list[str]:
    return [
        "".join(one.group(1, 3, 4))
        for one in _TWELVE.finditer(texts)
        # a look behind in the pattern would keep it from finding its first digit quickly
        if one.start() == 0 or not _NOT_BEFORE.match(texts[one.start() - 1])
    ]


def _distinct(values: Iterable[object]) -> Iterable[object]:
    """Each value once, since files repeat themselves; lists cannot be told apart so."""
    kept = list(values)
    try:
        return set(kept)
    except TypeError:
        return kept


def _text(value: object) -> str:
    if isinstance(value, str):
        return value if len(value) >= 12 else ""
    if isinstance(value, float):
        return f"{int(value):012d}" if 1e9 <= value < 1e12 and value.is_integer() else ""
    # a number loses its leading noughts
    return f"{value:012d}" if type(value) is int and 10**9 <= value < 10**12 else ""


def refuse_individual_numbers(columns: Mapping[str, Iterable[object]], source: str) -> None:
    """Raise LoadRefusedError for a column that is called or that holds Individual Numbers; every value is looked at."""
    for name, values in columns.items():
        if is_forbidden_name(name):
            raise LoadRefusedError(
                f"{source} に「{name}」の列があるため、何も取り込んでいません。"
                "マイナンバー（個人番号）は地図にも台帳にも入れられません。その列を除いたファイルをお渡しください。"
            )
        found, valid = check_digits(values)
        if valid >= LEAST_VALID and valid >= SHARE_VALID * found:
            raise LoadRefusedError(
                f"{source} の「{name}」の列に、マイナンバー（個人番号）と思われる12桁の番号が {valid:,} 件あるため、"
                "何も取り込んでいません。その列を除いたファイルをお渡しください。"
            )
