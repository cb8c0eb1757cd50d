"""個人番号（マイナンバー） recognised by its check digit, so that none leaves with a layer.

番号法施行令 (平成26年政令第155号) 第8条 and 平成26年総務省令第85号 第5条 give the digit: of eleven digits, counted from the right,
Σ Pₙ·Qₙ with Qₙ = n + 1 for n ≤ 6 and n − 5 beyond; 11 minus its remainder by 11, and 0 for remainders 0 and 1.
"""

import re
import unicodedata

PATTERN = r"[0-9０-９]{4}[-‐－ 　]?[0-9０-９]{4}[-‐－ 　]?[0-9０-９]{4}"
"""Twelve digits in any width, in one piece or in fours; for a first look at many texts."""
_CANDIDATE = re.compile(r"(?<![0-9])[0-9]{4}[-‐ ]?[0-9]{4}[-‐ ]?[0-9]{4}(?![0-9])")


def check_digit(eleven: str) -> int:
    """The twelfth digit.

    >>> check_digit("12345678901")
    8
    """
    total = sum(int(digit) * (n + 1 if n <= 6 else n - 5) for n, digit in enumerate(reversed(eleven), start=1))
    return 0 if total % 11 <= 1 else 11 - total % 11


def holds_individual_number(text: str) -> bool:
    """Whether any twelve digits of the text are a possible 個人番号; of other numbers of twelve digits one in ten is, too.

    >>> holds_individual_number("番号 1234-5678-9018"), holds_individual_number("123456789012")
    (True, False)
    """
    plain = unicodedata.normalize("NFKC", text)
    for match in _CANDIDATE.finditer(plain):
        digits = re.sub(r"\D", "", match.group())
        if int(digits[-1]) == check_digit(digits[:11]):
            return True
    return False
