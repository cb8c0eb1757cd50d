"""Lists of 地番 (農用地区域 and the like, or the parcels of an inquiry) in CSV or XLSX: rows that name land without drawing it."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np

from gis.errors import UnreadableFileError
from gis.formats import delimited, open_data_csv
from gis.formats.archive import file_member
from gis.formats.open_data_columns import folded
from gis.formats.table import RowNote, SourceTable
from gis.parcel_numbers import Gazetteer, ParcelQuery, parse

OAZA_NAMES = ("大字", "大字名", "町名", "大字・町名", "oaza")
CHOME_NAMES = ("丁目", "丁目名", "chome")
KOAZA_NAMES = ("字", "小字", "小字名", "字名", "koaza")
CHIBAN_NAMES = ("地番", "chiban", "本番枝番")
WHOLE_NAMES = (
    "所在地番",
    "所在・地番",
    "所在及び地番",
    "土地の所在及び地番",
    "土地の所在・地番",
    "土地の所在",
    "所在地番号",
    "parcel",
    "number",
)
DITTO = frozenset({"〃", "″", "”", '"', "同上", "同", "々"})

_NO_PLACES = Gazetteer({})


def prepared(table: SourceTable, gazetteer: Gazetteer = _NO_PLACES) -> SourceTable:
    """A table without positions that lists parcels, with 大字, 字 and 地番 in columns of their own; any other table as it is.

    Ditto marks take the value above. A single column such as 所在地番 is taken apart; a cell with several parcels becomes as
    many rows, and a row whose cell cannot be read is rejected with its text.
    """
    if table.crs.epsg is not None:
        return table
    whole = _find(table.columns, WHOLE_NAMES)
    if _find(table.columns, CHIBAN_NAMES):
        return _without_dittos(table)
    return _taken_apart(table, whole, gazetteer) if whole else table


def parcel_texts(path: Path, encoding: str | None = None) -> list[str]:
    """The parcels named in a list, one text a row, to be read by `gis.parcel_numbers.parse`.

    Takes columns 大字・字・地番, one column 所在地番, or a bare list without a header. Raises UnreadableFileError for an empty one.
    """
    texts: list[str] = []
    for grid in delimited.read(file_member(path), encoding=encoding):
        rows = [row for row in grid.rows if any(row.cells)]
        if rows and not _is_header(rows[0].cells):
            texts += ["".join(row.cells) for row in rows]
        elif rows:
            texts += _texts(_without_dittos(open_data_csv.table_of(grid)))
    if not texts:
        raise UnreadableFileError(f"{path.name} に地番がありません。1行に1筆ずつ書いてください。")
    return texts


def _texts(table: SourceTable) -> Iterator[str]:
    whole = _find(table.columns, WHOLE_NAMES)
    parts = [_find(table.columns, names) for names in (OAZA_NAMES, CHOME_NAMES, KOAZA_NAMES, CHIBAN_NAMES)]
    if parts[3] is None:
        if whole is None:
            raise UnreadableFileError(
                f"{table.source} に地番の列がありません。「所在地番」か「大字・字・地番」の列を作ってください。"
            )
        yield from (str(value) for value in table.columns[whole] if value)
        return
    for row in range(len(table.refs)):
        oaza, chome, koaza, chiban = (str(table.columns[name][row] or "") if name else "" for name in parts)
        if chiban:
            mark = "字" if koaza and not koaza.startswith("字") else ""
            yield f"{oaza}{chome}{mark}{koaza} {chiban}".strip()


def _is_header(cells: tuple[str, ...]) -> bool:
    names = {folded(name) for name in (*OAZA_NAMES, *KOAZA_NAMES, *CHIBAN_NAMES, *WHOLE_NAMES)}
    return any(folded(cell) in names for cell in cells)


def _find(columns: Mapping[str, object], names: tuple[str, ...]) -> str | None:
    wanted = [folded(name) for name in names]
    return next((column for name in wanted for column in columns if folded(column) == name), None)


def _without_dittos(table: SourceTable) -> SourceTable:
    """Fills ditto marks from the row above, and a blank 大字 (merged cells): land is never in no 大字."""
    columns = dict(table.columns)
    filled = 0
    for names, blanks_too in ((OAZA_NAMES, True), (CHOME_NAMES, False), (KOAZA_NAMES, False)):
        column = _find(columns, names)
        if column is None:
            continue
        values, above = list(columns[column]), None
        for row, value in enumerate(values):
            if value in DITTO or (value is None and blanks_too and above is not None):
                values[row] = above
                filled += 1
            above = values[row]
        columns[column] = values
    if not filled:
        return table
    return replace(
        table, columns=columns, notes=[*table.notes, f"「〃」や空の大字を上の行から補った（{filled:,} か所）"]
    )


def _taken_apart(table: SourceTable, whole: str, gazetteer: Gazetteer) -> SourceTable:
    columns: dict[str, list[object]] = {name: [] for name in (*table.columns, "大字", "字", "地番")}
    refs: list[str] = []
    rejected = list(table.rejected)
    for row, value in enumerate(table.columns[whole]):
        content = {name: values[row] for name, values in table.columns.items()}
        queries = parse(str(value), gazetteer) if value else []
        reason = _unreadable(queries)
        if reason:
            rejected.append(RowNote(table.refs[row], f"{reason}（{value}）", content))
            continue
        for number, query in enumerate(queries, start=1):
            filled = content | {"大字": query.oaza, "字": query.koaza or None, "地番": query.chiban}
            for name, values in columns.items():
                values.append(filled[name])
            refs.append(table.refs[row] if len(queries) == 1 else f"{table.refs[row]}の{number}筆目")
    nowhere = np.full(len(refs), None, dtype=object)
    return replace(table, columns=columns, geometry=nowhere, refs=refs, rejected=rejected)


def _unreadable(queries: list[ParcelQuery]) -> str | None:
    if not queries:
        return "地番が空"
    if any(not query.chiban or query.oaza is None for query in queries):
        return "大字か地番が読み取れない"
    return "範囲で書かれている" if any(query.chiban_to for query in queries) else None
