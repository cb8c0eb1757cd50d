"""Open-data tables of municipalities: tolerant when reading, strict when writing.

Columns are matched by name, never by position. The leniencies are those that published files need (preambles, header
spellings, lost zeros, swapped coordinates); each one that changes a value is noted.
"""

import csv
import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import shapely

from gis.errors import OnomapError, UnreadableFileError
from gis.formats import delimited
from gis.formats.archive import Member
from gis.formats.delimited import Grid, Row
from gis.formats.municipality_codes import municipality_code
from gis.formats.open_data_columns import LOCATION, SHEETS, canonical
from gis.formats.table import RowNote, SourceCrs, SourceTable

CODE_COLUMNS = (
    "全国地方公共団体コード", "都道府県コード又は市区町村コード", "市区町村コード", "所在地_全国地方公共団体コード",
)  # fmt: skip
LATITUDE, LONGITUDE = "緯度", "経度"
HEADER_SEARCH_ROWS = 40

JAPAN_LATITUDE = (20.0, 46.0)
JAPAN_LONGITUDE = (122.0, 154.5)
"""沖ノ鳥島 20.4 N to 択捉島 45.6 N, 与那国島 122.9 E to 南鳥島 154.0 E, with some sea around."""

SENTINELS = frozenset({0.0, -1.0, 99.0, 999.0, 9999.0, 99999.0})
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


class UnknownColumnError(OnomapError):
    """A row to be written has a column that the standard's sheet does not have."""


@dataclass(frozen=True)
class _Header:
    """Where the header stands, its column names, and the rows below it that hold anything."""

    names: list[str]
    rows: list[Row]
    skipped: list[str]


def read(member: Member, *, encoding: str | None = None, layer_name: str | None = None) -> Iterator[SourceTable]:
    """The rows of a CSV or TSV, or of each worksheet, as points in longitude and latitude where there are coordinates.

    Raises UnreadableFileError for a wrong encoding and for a table without a header.
    """
    for grid in delimited.read(member, encoding=encoding, sheet=layer_name):
        if any(any(row.cells) for row in grid.rows):
            yield table_of(grid)


def table_of(grid: Grid) -> SourceTable:
    """One grid as a table; columns under the standard's names where it has one for them, else as in the file."""
    header = _header(grid)
    rows, rejected = _fitting(header)
    columns: dict[str, list[object]] = {
        name: [row.cells[place] if place < len(row.cells) else "" for row in rows]
        for place, name in enumerate(header.names)
    }
    columns = {name: [value or None for value in values] for name, values in columns.items() if name}
    notes = [*header.skipped, *_mend_codes(columns)]
    if grid.encoding == "cp932":
        notes.append("文字コードは CP932 として読んだ")
    refs = [f"{row.line} 行目" for row in rows]
    return _with_positions(
        SourceTable(grid.label, columns, _nowhere(len(refs)), _NO_POSITIONS, refs, [], rejected, [], notes)
    )


_NO_POSITIONS = SourceCrs("緯度経度の列なし")
_POSITIONS = SourceCrs("緯度経度（JGD2011 とみなす）", epsg=6668, datum="JGD2011")


def _nowhere(count: int) -> np.ndarray[tuple[int], np.dtype[np.object_]]:
    return np.full(count, None, dtype=object)


def _header(grid: Grid) -> _Header:
    """Finds the row that names the columns: the one with the most names of the standard, else the first full one."""
    filled = [row for row in grid.rows if any(row.cells)]
    candidates = [row for row in filled[:HEADER_SEARCH_ROWS] if sum(bool(cell) for cell in row.cells) > 1]
    if not candidates and len(filled) > 1:
        candidates = filled[:1]  # a list of one column
    known = [sum(canonical(cell) is not None for cell in row.cells if cell) for row in candidates]
    if not candidates:
        raise UnreadableFileError(f"{grid.label} に見出し行が見つかりません。1行目に列の名前を入れてください。")
    header = candidates[known.index(max(known))] if max(known) >= 2 else candidates[0]
    if sum(_number(cell) is not None for cell in header.cells if cell) >= 2:
        raise UnreadableFileError(f"{grid.label} に見出し行がありません。1行目に列の名前を入れてください。")
    names = _names(header.cells)
    body = [row for row in filled if row.line > header.line and not row.cells[0].startswith("#")]
    above = sum(row.line < header.line for row in filled)
    return _Header(names, body, [f"見出しより前の {above} 行を読み飛ばした"] if above else [])


def _names(cells: Sequence[str]) -> list[str]:
    """Column names, "" for one that is left out: trailing empty header cells; a repeated name gets its number."""
    width = max((place for place, cell in enumerate(cells, start=1) if cell), default=0)
    names: list[str] = []
    for place, cell in enumerate(cells[:width], start=1):
        name = canonical(cell) or cell or f"列{place}"
        names.append(name if name not in names else f"{name}（{place}列目）")
    return names


def _fitting(header: _Header) -> tuple[list[Row], list[RowNote]]:
    """Rows that are no longer than the header; a longer one has a comma too many, so none of its cells is safe."""
    rows, rejected = [], []
    for row in header.rows:
        if any(row.cells[len(header.names) :]):
            content = dict(zip((f"列{place}" for place in range(1, len(row.cells) + 1)), row.cells, strict=True))
            rejected.append(
                RowNote(f"{row.line} 行目", "見出しより列が多い（引用符の無いカンマがないか確かめる）", content)
            )
        elif any(row.cells):
            rows.append(row)
    return rows, rejected


def _mend_codes(columns: dict[str, list[object]]) -> Iterator[str]:
    """Puts municipality codes into six digits; says how many were mended."""
    for name in CODE_COLUMNS:
        if name not in columns:
            continue
        mended = [municipality_code(value) or value if value else None for value in columns[name]]
        changed = sum(new != old for new, old in zip(mended, columns[name], strict=True))
        columns[name] = mended
        if changed:
            yield f"{name}を6桁に直した（{changed:,} 行）"


def _with_positions(table: SourceTable) -> SourceTable:
    """Points from 緯度 and 経度 or from `location`; a row without one is rejected, a swapped one mended."""
    pairs = _pairs(table.columns)
    if pairs is None:
        return table
    kept: list[int] = []
    points: list[tuple[float, float]] = []
    rejected, repaired = list(table.rejected), []
    for row, (first, second) in enumerate(pairs):
        content = {name: values[row] for name, values in table.columns.items()}
        reason = _unusable(first, second)
        if reason:
            rejected.append(RowNote(table.refs[row], reason, content))
            continue
        latitude, longitude = _number(first) or 0.0, _number(second) or 0.0
        if not _in_japan(latitude, longitude):
            latitude, longitude = longitude, latitude
            repaired.append(RowNote(table.refs[row], "緯度と経度が入れ替わっていたため直した", content))
        kept.append(row)
        points.append((longitude, latitude))
    columns = {name: [values[row] for row in kept] for name, values in table.columns.items()}
    geometry = _nowhere(len(kept))
    geometry[:] = shapely.points(np.array(points, dtype=np.float64).reshape(-1, 2))
    refs = [table.refs[row] for row in kept]
    return SourceTable(table.source, columns, geometry, _POSITIONS, refs, [], rejected, repaired, table.notes)


def _pairs(columns: Mapping[str, list[object]]) -> list[tuple[str, str]] | None:
    """Latitude and longitude as text, row by row; None when the table has no such columns."""
    if LATITUDE in columns and LONGITUDE in columns:
        both = zip(columns[LATITUDE], columns[LONGITUDE], strict=True)
        return [(str(latitude or ""), str(longitude or "")) for latitude, longitude in both]
    if LOCATION in columns:
        return [_split(str(value or "")) for value in columns[LOCATION]]
    return None


def _split(location: str) -> tuple[str, str]:
    first, _comma, second = unicodedata.normalize("NFKC", location).strip("()[]").partition(",")
    return first.strip(), second.strip()


def _unusable(first: str, second: str) -> str | None:
    """Why a pair of coordinates gives no position, or None."""
    if not first or not second:
        return "位置がない（緯度・経度が空）"
    latitude, longitude = _number(first), _number(second)
    if latitude is None or longitude is None:
        return f"位置が読めない（緯度「{first}」・経度「{second}」）"
    if latitude in SENTINELS or longitude in SENTINELS:
        return f"位置がない（緯度{first}・経度{second}）"
    if not _in_japan(latitude, longitude) and not _in_japan(longitude, latitude):
        return f"位置が日本の外にある（緯度{first}・経度{second}）"
    return None


def _in_japan(latitude: float, longitude: float) -> bool:
    return JAPAN_LATITUDE[0] <= latitude <= JAPAN_LATITUDE[1] and JAPAN_LONGITUDE[0] <= longitude <= JAPAN_LONGITUDE[1]


def _number(text: str) -> float | None:
    plain = unicodedata.normalize("NFKC", text).strip().rstrip("°度")
    return float(plain) if re.fullmatch(r"[-+]?\d+(\.\d*)?", plain) else None


def write_open_data(kind: str, rows: Iterable[Mapping[str, object]], path: Path) -> int:
    """Writes a sheet of the standard (`SHEETS`: evacuation_space, aed, public_facility) and returns its number of rows.

    UTF-8 with BOM, CRLF, every column in the published order. Cells that a spreadsheet would run as a formula get a
    leading apostrophe. Raises UnknownColumnError for a column that the sheet does not have.
    """
    header = SHEETS[kind]
    count = 0
    with path.open("w", encoding="utf-8-sig", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(header)
        for count, row in enumerate(rows, start=1):  # noqa: B007
            unknown = sorted(set(row) - set(header))
            if unknown:
                raise UnknownColumnError(f"{kind} に「{unknown[0]}」という列はありません。")
            writer.writerow([_written(row.get(name)) for name in header])
    return count


def _written(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "1" if value else ""
    text = str(value)
    return f"'{text}" if text.startswith(FORMULA_STARTS) and _number(text) is None else text
