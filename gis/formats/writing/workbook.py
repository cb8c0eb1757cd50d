"""XLSX for people: a sheet of rows under Japanese headings, a sheet of columns, a sheet of facts.

Coded columns are followed by one with the codes' labels. A row's place is a point: its own, or one inside or on its
shape, since a cell holds no shape. A text that a spreadsheet could run gets an apostrophe, and a control character becomes
its picture. A day before March 1900, which Excel cannot count, and a whole number beyond 15 digits, which it rounds, are
texts. A workbook has 1,048,576 rows, a cell 32,767 characters.
"""

import math
from collections.abc import Iterator, Sequence
from datetime import date
from pathlib import Path

import numpy as np
import pyarrow as pa
import shapely
from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet._write_only import WriteOnlyWorksheet

from gis.formats.writing.delimited import label_of, place_names
from gis.formats.writing.errors import FailedWriteError, UnwritableError
from gis.formats.writing.formulas import defused
from gis.formats.writing.outgoing import (
    DEGREE_DECIMALS,
    METRE_DECIMALS,
    Batches,
    Column,
    Outgoing,
    for_xml,
    geometries,
    values,
)

MOST_CHARACTERS = 32_767
_FIRST_DAY = date(1900, 3, 1)
_MOST_EXACT = 10**15
_HEAD_FONT = Font(bold=True)
_HEAD_FILL = PatternFill("solid", fgColor="FFDDE6F0")
_WIDTH = 16

Cell = str | int | float | bool | date | None


def write(outgoing: Outgoing, batches: Batches, path: Path) -> None:
    """Write one workbook. Raises UnwritableError for a text that no cell holds."""
    book = Workbook(write_only=True)
    try:
        _fill(book, outgoing, batches)
        book.save(path)
    except OSError as error:
        raise FailedWriteError(f"{outgoing.title}を XLSX に書き出せませんでした（{error.strerror}）。") from error
    finally:
        _discard(book)


def _discard(book: Workbook) -> None:
    """Remove what openpyxl would keep until the process ends: the rows of a workbook that was not saved."""
    for sheet in book.worksheets:
        writer = getattr(sheet, "_writer", None)
        if writer is not None and Path(writer.out).exists():
            if not sheet.closed:
                sheet.close()
            writer.cleanup()


def _fill(book: Workbook, outgoing: Outgoing, batches: Batches) -> None:
    sheet = book.create_sheet("データ")
    headings = list(_headings(outgoing))
    for position in range(1, len(headings) + 1):
        sheet.column_dimensions[get_column_letter(position)].width = _WIDTH
    sheet.freeze_panes = "A2"
    _append_heading(sheet, headings)
    for batch in batches:
        for row in zip(*_columns(outgoing, batch), strict=True):
            sheet.append(row)
    _write_columns(book, outgoing)
    _write_facts(book, outgoing)


def _headings(outgoing: Outgoing) -> Iterator[str]:
    for column in outgoing.columns:
        yield column.heading
        if column.codes:
            yield f"{column.label}（表示名）"
    if outgoing.shape is not None:
        point = Outgoing(outgoing.name, outgoing.title, outgoing.columns, "Point", outgoing.epsg)
        mark = "" if outgoing.shape == "Point" else "代表点の"
        yield from (f"{mark}{name}" for name in place_names(point, labels=True))


def _append_heading(sheet: WriteOnlyWorksheet, headings: Sequence[str]) -> None:
    cells = []
    for heading in headings:
        cell = WriteOnlyCell(sheet, value=heading)
        cell.font, cell.fill = _HEAD_FONT, _HEAD_FILL
        cells.append(cell)
    sheet.append(cells)


def _columns(outgoing: Outgoing, batch: pa.RecordBatch) -> Iterator[Sequence[Cell]]:
    fids = batch.column(0).to_pylist()
    for column, column_values in zip(outgoing.columns, values(batch, outgoing), strict=True):
        yield [_cell(value, column, fid) for value, fid in zip(column_values, fids, strict=True)]
        if column.codes:
            yield [defused(for_xml(label_of(column, value))) or None for value in column_values]
    if outgoing.shape is not None:
        yield from _points(outgoing, batch)


def _cell(value: object, column: Column, fid: int) -> Cell:
    if isinstance(value, str):
        text = defused(for_xml(value))
        if len(text) > MOST_CHARACTERS:
            raise UnwritableError(
                f"fid {fid} の「{column.label}」は {len(text):,} 文字あり、Excel のセル（{MOST_CHARACTERS:,} 文字まで）に"
                "入りません。CSV か GeoPackage で書き出してください。"
            )
        return text
    if isinstance(value, float):
        return value if math.isfinite(value) else str(value)
    if isinstance(value, date):
        return value if value >= _FIRST_DAY else value.isoformat()
    if isinstance(value, int) and not isinstance(value, bool):
        return value if abs(value) < _MOST_EXACT else str(value)
    return value if isinstance(value, bool) else None


def _points(outgoing: Outgoing, batch: pa.RecordBatch) -> list[list[float | None]]:
    shapes = geometries(batch, outgoing)
    points = shapes if outgoing.shape == "Point" else shapely.point_on_surface(shapes)
    decimals = DEGREE_DECIMALS if outgoing.is_geographic else METRE_DECIMALS
    axes = [np.round(axis(points), decimals) for axis in (shapely.get_x, shapely.get_y)]
    return [[None if math.isnan(number) else number for number in axis.tolist()] for axis in axes]


def _write_columns(book: Workbook, outgoing: Outgoing) -> None:
    sheet = book.create_sheet("列の説明")
    _append_heading(sheet, ["見出し", "項目名", "型", "単位", "コード"])
    for column in outgoing.columns:
        codes = "、".join(f"{code}={label}" for code, label in column.codes.items())
        sheet.append([column.heading, column.name, column.type.value, column.unit, defused(codes) or None])


def _write_facts(book: Workbook, outgoing: Outgoing) -> None:
    sheet = book.create_sheet("このデータについて")
    sheet.column_dimensions["A"].width, sheet.column_dimensions["B"].width = 18, 100
    for fact in outgoing.facts:
        sheet.append([fact.label, defused(for_xml(fact.value))])
