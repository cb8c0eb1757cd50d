"""dBase III tables as a Shapefile wants them: text in CP932, names of ten bytes, widths in bytes.

GDAL's own writer replaces what CP932 lacks by a question mark and cuts text at 254 bytes, in the middle of a letter and with
a warning at most. Here a letter that CP932 lacks becomes 〓, the mark that Japanese printers set for a missing type, text is
cut between letters, and each such value is told with the original. An empty text and no value are the same in a .dbf.
"""

import struct
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pyarrow as pa

from gis.formats.writing.outgoing import Column, ColumnType

ENCODING = "cp932"
LANGUAGE = 0x13
"""Language driver byte: Shift-JIS (dBase's 0x13), which GDAL, ArcGIS and QGIS take for CP932."""
CODE_PAGE = "932"
"""The .cpg: a number is read by both GDAL and ArcGIS; "SJIS" would lose ① and 髙 in GDAL."""
MISSING_LETTER = "〓"
MOST_BYTES = 254
NAME_BYTES = 10
_NUMBER_WIDTH, _NUMBER_DECIMALS = 24, 15
_INTEGER_WIDTHS = (9, 18)
"""Readers take integers of up to 9 digits for 32 bits, of up to 18 for 64 bits, and longer ones for floating point."""
_WAVES = str.maketrans(
    {
        "\u301c": "\uff5e",
        "\u2016": "\u2225",
        "\u2212": "\uff0d",
        "\u00a2": "\uffe0",
        "\u00a3": "\uffe1",
        "\u00ac": "\uffe2",
        "\u2014": "\u2015",
    }
)
"""Letters that JIS X 0208 has once and Unicode twice: CP932 knows them by the second code point only (〜 as ～)."""


@dataclass(frozen=True)
class Change:
    """A text that the .dbf does not hold as it was."""

    fid: int
    column: str
    original: str
    written: str
    reason: str


@dataclass(frozen=True)
class Attribute:
    """A column of the .dbf: its name of ten bytes at most, and its width in bytes."""

    name: str
    column: Column
    width: int

    @property
    def kind(self) -> bytes:
        """The type letter."""
        return {ColumnType.TEXT: b"C", ColumnType.BOOLEAN: b"L", ColumnType.DATE: b"D"}.get(self.column.type, b"N")

    @property
    def decimals(self) -> int:
        """Digits behind the point that readers are told of."""
        return _NUMBER_DECIMALS if self.column.type is ColumnType.NUMBER else 0


def short_names(names: Sequence[str]) -> dict[str, str]:
    """For each name one of ten bytes at most, unique without regard to case: cut, and numbered where cuts meet."""
    fitting: dict[str, str] = {}
    for name in names:
        if len(name.encode()) <= NAME_BYTES:
            fitting.setdefault(name.lower(), name)
    taken, given = set(fitting), {}
    for name in names:
        short, number = name, 0
        if fitting.get(name.lower()) != name:
            short = _cut(name, "")
            while short.lower() in taken:
                number += 1
                short = _cut(name, f"_{number}")
        taken.add(short.lower())
        given[name] = short
    return given


def _cut(name: str, tail: str) -> str:
    return name.encode()[: NAME_BYTES - len(tail)].decode(errors="ignore") + tail


def encoded(text: str) -> tuple[bytes, str | None]:
    """The text in CP932 within 254 bytes, and why it is not as it was, if it is not; 〜 as ～ is taken for the same."""
    try:
        raw = text.encode(ENCODING)
    except UnicodeEncodeError:
        return _replaced(text.translate(_WAVES))
    return (raw, None) if len(raw) <= MOST_BYTES else _replaced(text)


def _replaced(same: str) -> tuple[bytes, str | None]:
    lacking = sorted({letter for letter in same if not _has(letter)})
    raw = "".join(MISSING_LETTER if letter in lacking else letter for letter in same).encode(ENCODING)
    reasons = (
        [f"CP932 にない文字（{'・'.join(f'{letter} U+{ord(letter):04X}' for letter in lacking)}）"] if lacking else []
    )
    if len(raw) > MOST_BYTES:
        raw = raw[:MOST_BYTES].decode(ENCODING, errors="ignore").encode(ENCODING)
        reasons.append(f"{MOST_BYTES}バイトを超える")
    return raw, "、".join(reasons) or None


def _has(letter: str) -> bool:
    try:
        letter.encode(ENCODING)
    except UnicodeEncodeError:
        return False
    return True


def clean(column: Column, values: Sequence[object], fids: Sequence[int], changes: list[Change]) -> list[bytes | None]:
    """A text column in CP932; what had to be changed goes to `changes`."""
    texts: list[bytes | None] = []
    for value, fid in zip(values, fids, strict=True):
        if value is None:
            texts.append(None)
            continue
        text = str(value)
        raw, reason = encoded(text)
        if reason is not None:
            changes.append(Change(fid, column.name, text, raw.decode(ENCODING), reason))
        texts.append(raw)
    return texts


def attributes(columns: Iterable[Column], widths: Mapping[str, int]) -> list[Attribute]:
    """The .dbf's columns; `widths` are the longest texts and whole numbers met, in bytes."""
    columns = list(columns)
    names = short_names([column.name for column in columns])
    return [Attribute(names[column.name], column, _width(column, widths.get(column.name, 1))) for column in columns]


def _width(column: Column, longest: int) -> int:
    if column.type is ColumnType.INTEGER:
        return next((width for width in _INTEGER_WIDTHS if longest <= width), longest)
    fixed = {ColumnType.NUMBER: _NUMBER_WIDTH, ColumnType.BOOLEAN: 1, ColumnType.DATE: 8}
    return fixed.get(column.type) or max(longest, 1)


def size(fields: Sequence[Attribute], count: int) -> int:
    """The size of the whole file in bytes."""
    return 32 + 32 * len(fields) + 1 + count * (1 + sum(field.width for field in fields)) + 1


def write(path: Path, fields: Sequence[Attribute], batches: Iterable[pa.RecordBatch], count: int, today: date) -> None:
    """Write the table; text columns of the batches are bytes in CP932 already."""
    with path.open("wb") as file:
        length = 1 + sum(field.width for field in fields)
        file.write(
            struct.pack(
                "<4BIHH17xB2x",
                3,
                today.year - 1900,
                today.month,
                today.day,
                count,
                33 + 32 * len(fields),
                length,
                LANGUAGE,
            )
        )
        for field in fields:
            name = field.name.encode(ENCODING)
            file.write(struct.pack("<11sc4xBB14x", name, field.kind, field.width, field.decimals))
        file.write(b"\r")
        for batch in batches:
            columns = [_cells(field, batch.column(at).to_pylist()) for at, field in enumerate(fields)]
            file.write(b"".join(b" " + b"".join(row) for row in zip(*columns, strict=True)))
        file.write(b"\x1a")


def _cells(field: Attribute, values: Sequence[object]) -> list[bytes]:
    width, blank = field.width, b" " * field.width
    if field.column.type is ColumnType.TEXT:
        return [blank if value is None else bytes(value).ljust(width) for value in values]  # type: ignore[call-overload]
    if field.column.type is ColumnType.BOOLEAN:
        return [b"?" if value is None else b"T" if value else b"F" for value in values]
    if field.column.type is ColumnType.DATE:
        return [blank if value is None else f"{value:%Y%m%d}".encode().rjust(8, b"0") for value in values]
    return [blank if value is None else repr(value).encode().rjust(width) for value in values]
