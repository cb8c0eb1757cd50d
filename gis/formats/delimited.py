"""Rows of cells out of CSV, TSV and XLSX, in whichever encoding they honestly are."""

import csv
import datetime
from collections.abc import Iterator
from dataclasses import dataclass
from io import BytesIO, StringIO

import openpyxl
from openpyxl.utils.exceptions import InvalidFileException

from gis.errors import UnreadableFileError
from gis.formats.archive import Member, unzipped
from gis.formats.encodings import strict

SUFFIXES = frozenset({".csv", ".tsv", ".xlsx", ".txt"})
MAX_BYTES = 512 * 1024**2
_BOMS = ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))


@dataclass(frozen=True)
class Row:
    """One row: `line` is where it begins in the file (1-based), `cells` are stripped, "" where empty."""

    line: int
    cells: tuple[str, ...]


@dataclass(frozen=True)
class Grid:
    """All rows of a file or of one worksheet; `encoding` is None for a worksheet."""

    label: str
    rows: list[Row]
    encoding: str | None = None


def read(member: Member, *, encoding: str | None = None, sheet: str | None = None) -> Iterator[Grid]:
    """The grid of a CSV or TSV, or of each visible worksheet (or the one called `sheet`).

    Raises UnreadableFileError for text in no known or not in the given encoding, and for a damaged workbook.
    """
    if member.suffix == ".xlsx":
        yield from _worksheets(member, sheet)
        return
    if member.size > MAX_BYTES:
        raise UnreadableFileError(
            f"{member.label} は大きすぎます（{member.size:,} バイト）。分けてから指定してください。"
        )
    raw = member.read()
    text, found = decoded(raw, member.label, encoding)
    yield Grid(member.label, list(rows_of(text, member.label)), found)


def decoded(raw: bytes, label: str, wanted: str | None = None) -> tuple[str, str]:
    """The text and its encoding: as asked, else by its byte order mark, else UTF-8, else CP932; nothing is lost."""
    marked = next((name for mark, name in _BOMS if raw.startswith(mark)), None)
    for candidate in [wanted] if wanted else [marked] if marked else ["utf-8", "cp932"]:
        try:
            return strict(raw, candidate).removeprefix("\ufeff"), candidate
        except UnicodeDecodeError as error:
            place = f"{raw[: error.start].count(10) + 1} 行目"
    tried = f"{wanted or marked} として".upper() if wanted or marked else "UTF-8 としても CP932 としても"
    raise UnreadableFileError(f"{label} の文字は{tried}読めません（{place}）。文字コードを確かめてください。")


def rows_of(text: str, label: str) -> Iterator[Row]:
    """The rows of a CSV or TSV that is decoded. Raises UnreadableFileError with the line from which it is none."""
    first = text[: text.find("\n")] if "\n" in text else text
    delimiter = "\t" if first.count("\t") > first.count(",") else ","
    reader = csv.reader(StringIO(text, newline=""), delimiter=delimiter)
    line = 1
    try:
        for cells in reader:
            yield Row(line, tuple(cell.strip() for cell in cells))
            line = reader.line_num + 1
    except csv.Error as error:
        raise UnreadableFileError(
            f"{label} は {line} 行目から CSV として読めません。引用符を確かめてください。"
        ) from error


def _worksheets(member: Member, wanted: str | None) -> Iterator[Grid]:
    raw = member.read()
    with unzipped(raw, member.label):
        pass  # An .xlsx is a zip: the same caps hold for it before openpyxl unpacks anything.
    try:
        book = openpyxl.load_workbook(BytesIO(raw), read_only=True, data_only=True)
    except (InvalidFileException, KeyError, ValueError, OSError) as error:
        raise UnreadableFileError(f"{member.label} は XLSX として読めません。Excel で保存し直してください。") from error
    sheets = [sheet for sheet in book.worksheets if sheet.sheet_state == "visible"]
    if wanted is not None:
        sheets = [sheet for sheet in sheets if sheet.title == wanted]
        if not sheets:
            raise UnreadableFileError(f"{member.label} にシート「{wanted}」はありません。")
    for sheet in sheets:
        label = member.label if len(sheets) == 1 else f"{member.label}#{sheet.title}"
        values = sheet.iter_rows(values_only=True)
        yield Grid(label, [Row(line, tuple(_cell(v) for v in cells)) for line, cells in enumerate(values, start=1)])


def _cell(value: object) -> str:
    """A worksheet's value as a CSV would write it; whole floats lose the `.0` that spreadsheets add."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "1" if value else "0"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, datetime.datetime) and value.time() == datetime.time():
        return value.date().isoformat()
    if isinstance(value, datetime.time):
        return value.strftime("%H:%M")
    return str(value).strip()
