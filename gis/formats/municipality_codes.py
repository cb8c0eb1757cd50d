"""全国地方公共団体コード: six digits with the check digit, from the ways files write it."""

import re
import unicodedata

_WEIGHTS = (6, 5, 4, 3, 2)


def check_digit(five: str) -> str:
    """The check digit of a five-digit code (総務省 全国地方公共団体コード仕様: weights 6 to 2, modulo 11).

    >>> check_digit("07522")
    '1'
    """
    total = sum(int(digit) * weight for digit, weight in zip(five, _WEIGHTS, strict=True))
    return str((11 - total % 11) % 10 if total >= 11 else 11 - total)


def municipality_code(text: object) -> str | None:
    """The six-digit code, or None when `text` is no such code or could be two.

    A lost leading zero and a lost check digit are put back. Five digits may have lost either: "13617" is 東京 without its
    check digit or 北海道 without its zero, so nothing is said of it unless only one of the two can exist.

    >>> [municipality_code(text) for text in ("075221", "07522", "75221", "7522", "92011", "12025", 7522.0, "七")]
    ['075221', '075221', '075221', '075221', '092011', '012025', '075221', None]
    """
    digits = re.sub(r"\.0+$", "", unicodedata.normalize("NFKC", str(text)).strip().replace("-", ""))
    if not digits.isascii() or not digits.isdecimal():
        return None
    if len(digits) == 4:
        digits = "0" + digits
    if len(digits) == 6:
        return _checked(digits)
    if len(digits) != 5:
        return None
    without_zero = _checked("0" + digits)
    without_check = digits + check_digit(digits) if _possible(digits) else None
    return None if without_zero and without_check else without_zero or without_check


def _checked(six: str) -> str | None:
    return six if _possible(six[:5]) and check_digit(six[:5]) == six[5] else None


def _possible(five: str) -> bool:
    prefecture, municipality = int(five[:2]), int(five[2:])
    if not 1 <= prefecture <= 47:
        return False
    return municipality == 0 or 100 <= municipality <= 700
