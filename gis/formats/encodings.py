"""Bytes to text without losing or inventing a character."""

import codecs

from gis.errors import UnreadableFileError

_NOT_IN_CP932 = frozenset("\uf8f0\uf8f1\uf8f2\uf8f3")
"""What Python's cp932 makes of the bytes A0, FD, FE and FF, which CP932 does not have."""


def strict(raw: bytes, encoding: str) -> str:
    """The text; UnicodeDecodeError at the first byte that is not text in `encoding`, UnreadableFileError for no such encoding."""
    try:
        text = raw.decode(encoding)
        name = codecs.lookup(encoding).name
    except LookupError as error:
        raise UnreadableFileError(
            f"文字コード「{encoding}」は分かりません。utf-8 か cp932 を指定してください。"
        ) from error
    if name in ("cp932", "shift_jis") and not _NOT_IN_CP932.isdisjoint(text):
        at = next(place for place, character in enumerate(text) if character in _NOT_IN_CP932)
        start = len(text[:at].encode(encoding))
        raise UnicodeDecodeError(encoding, raw, start, start + 1, "not a CP932 character")
    return text
