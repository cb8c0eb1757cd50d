"""個人番号（マイナンバー） recognised by its check digit, so that none leaves with a layer.

番号法施行令 (平成26年政令第155号) 第8条 and 平成26年総務省令第85号 第5条 give the digit: of eleven digits, counted from the right,
Σ Pₙ·Qₙ with Qₙ = n + 1 for n ≤ 6 and n − 5 beyond; 11 minus its remainder by 11, and 0 for remainders 0 and 1.
"""

import re
import unicodedata

_UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
_CANDIDATE = re.compile(r"(?<![0-9])[0-9]{4}[-‐ ]?[0-9]{4}[-‐ ]?[0-9]{4}(?![0-9])")


def check_digit(eleven: str) -> int:
    """The twelfth digit.

    >>> check_digit("12345678901")
    8
    """
    total = sum(int(digit) * (n + 1 if n <= 6 else n - 5) for n, digit in enumerate(reversed(eleven), start=1))
    return 0 if total % 11 <= 1 else 11 - total % 11


def twelve_digits(text: str) -> list[str]:
    """Every number of twelve digits in a text, in any width, in one piece or in fours; the tail of a UUID is none.

    >>> twelve_digits("番号 １２３４-5678-9018、電話 0247-72-2111")
    ['123456789018']
    """
    plain = _UUID.sub(" ", unicodedata.normalize("NFKC", text))
    return [re.sub(r"\D", "", match.group()) for match in _CANDIDATE.finditer(plain)]


def may_be_individual_number(digits: str) -> bool:
    """Whether twelve digits are a possible 個人番号; of other numbers of twelve digits one in ten is, too.

    >>> may_be_individual_number("123456789018"), may_be_individual_number("123456789012")
    (True, False)
    """
    return int(digits[-1]) == check_digit(digits[:11])
