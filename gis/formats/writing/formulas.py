"""Texts that a spreadsheet would take for a formula (OWASP ASVS 1.2.10), made harmless in a way that can be undone."""

import re

_DANGEROUS = re.compile(r"'*(?:[=+\-@\t\r\n]|[＝＋－＠].)", re.DOTALL)
"""Excel also takes the full-width signs of a Japanese keyboard when a cell is edited; a lone one is a mark for "none"."""
_NUMBER = re.compile(r"[+-]?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?")


def defused(text: str) -> str:
    """The text, with an apostrophe before it when a spreadsheet could run it; a plain signed number stays as it is."""
    return f"'{text}" if _DANGEROUS.match(text) and not _NUMBER.fullmatch(text) else text


def restored(text: str) -> str:
    """What `defused` was given."""
    return text[1:] if text.startswith("'") and _DANGEROUS.match(text) else text
