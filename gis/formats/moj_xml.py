"""法務省 登記所備付地図データ as handed out: a 地図XML, a zip of one, a zip of zips with its CP932 index, a folder."""

import csv
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from gis.errors import UnreadableFileError, UnsupportedFileError
from gis.formats.archive import Member, file_member, folder_members, unzipped
from gis.formats.moj_sheet import Sheet, parse_sheet
from gis.formats.moj_stream import ControlPoint
from gis.formats.table import SourceTable

INDEX_FILE_COLUMN = "ZIPファイル名"
INDEX_CHIBAN_COLUMN = "地番"


@dataclass(frozen=True)
class SheetIndex:
    """The index of a municipality's zip: the 地番 it lists under each inner zip."""

    label: str
    chiban: dict[str, Counter[str]]

    def note(self, file_name: str, sheet: Sheet) -> str | None:
        """What the index and the sheet disagree on, or None."""
        if file_name not in self.chiban:
            return f"索引 {self.label} に {file_name} の行がない"
        listed = self.chiban[file_name]
        missing, extra = set(listed) - set(sheet.chiban), set(sheet.chiban) - set(listed)
        if not missing and not extra:
            return None
        return (
            f"索引 {self.label} と {file_name} の地番が合わない"
            f"（索引だけにある {_some(missing)}、地図だけにある {_some(extra)}）"
        )


def read(path: Path) -> Iterator[SourceTable]:
    """One table a sheet, x east and y north in the sheet's metres; see `read_sheets` for the errors."""
    for sheet in read_sheets(path):
        yield sheet.table


def read_control_points(path: Path) -> list[ControlPoint]:
    """The 基準点 of every sheet in `path`, in the sheet's own metres."""
    return [point for sheet in read_sheets(path) for point in sheet.control_points]


def read_sheets(path: Path) -> Iterator[Sheet]:
    """The sheets in `path`, one at a time.

    Raises UnsupportedFileError when there is no 地図XML, UnreadableFileError when something is damaged or unsafe.
    """
    if path.is_dir():
        yield from read_members(folder_members(path), path.name)
    elif path.suffix.lower() == ".zip":
        with unzipped(path, path.name) as members:
            yield from read_members(members, path.name)
    else:
        yield parse_sheet(file_member(path), path.name)


def read_members(members: list[Member], label: str) -> Iterator[Sheet]:
    """The sheets among the members of a zip or folder; the first one carries what is said of the whole."""
    index = _index(members)
    waiting = _absent(index, members)
    found = False
    for member in members:
        for sheet in _sheets_of(member):
            found = True
            note = index.note(Path(member.name).name, sheet) if index and member.suffix == ".zip" else None
            notes = [*sheet.table.notes, *waiting, *([note] if note else [])]
            waiting = []
            yield replace(sheet, table=replace(sheet.table, notes=notes))
    if not found:
        raise UnsupportedFileError(f"{label} の中に法務省の地図XMLがありません。")


def _sheets_of(member: Member) -> Iterator[Sheet]:
    if member.suffix == ".xml":
        yield parse_sheet(member, member.label)
    elif member.suffix == ".zip":
        with unzipped(member.read(), member.label) as inner:
            for document in inner:
                if document.suffix == ".xml":
                    yield parse_sheet(document, document.label)


def _index(members: list[Member]) -> SheetIndex | None:
    """The first CSV that has the index's columns; it comes in CP932 (BOM-less UTF-8 is tolerated)."""
    for member in members:
        if member.suffix != ".csv":
            continue
        text = _decoded(member)
        rows = csv.DictReader(text.splitlines())
        if not {INDEX_FILE_COLUMN, INDEX_CHIBAN_COLUMN} <= set(rows.fieldnames or ()):
            continue
        chiban: dict[str, Counter[str]] = {}
        for row in rows:
            chiban.setdefault(row[INDEX_FILE_COLUMN] or "", Counter())[row[INDEX_CHIBAN_COLUMN] or ""] += 1
        return SheetIndex(member.label, chiban)
    return None


def _decoded(member: Member) -> str:
    raw = member.read()
    for encoding in ("cp932", "utf-8-sig"):
        try:
            return raw.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise UnreadableFileError(f"{member.label} は CP932 でも UTF-8 でもないため、索引として読めません。")


def _absent(index: SheetIndex | None, members: list[Member]) -> list[str]:
    if index is None:
        return []
    present = {Path(member.name).name for member in members}
    absent = sorted(set(index.chiban) - present)
    return [f"索引 {index.label} にある {_some(absent)} がない"] if absent else []


def _some(names: list[str] | set[str]) -> str:
    shown = sorted(names)[:5]
    return "なし" if not shown else "・".join(shown) + (f" ほか {len(names) - 5:,} 件" if len(names) > 5 else "")
