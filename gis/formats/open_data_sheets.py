"""The sheets of 自治体標準オープンデータセット and of its forerunner 推奨データセット, header by header as they were published."""

import tomllib
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from pathlib import Path

from gis.errors import OnomapError

_FILE = Path(__file__).with_name("open_data_sheets.toml")


class UnknownTableError(OnomapError):
    """There is no such sheet in the standard, or its header is not known."""


class Family(StrEnum):
    """Which of the two standards: the newest edition, or the one of 2017–2022 that many still publish."""

    NEW = "new"
    OLD = "old"


@dataclass(frozen=True)
class Sheet:
    """One sheet: its file name in English, its Japanese title, its columns in their order.

    `confirmed` is False where only one second-hand copy of the header was seen; `note` then says what is open.
    """

    name: str
    family: Family
    title: str
    confirmed: bool
    columns: tuple[str, ...]
    note: str = ""


@cache
def sheets() -> dict[tuple[str, Family], Sheet]:
    """Every sheet whose header is known, by name and family, in the order of the standard."""
    entries = tomllib.loads(_FILE.read_text(encoding="utf-8"))["sheet"]
    found = [
        Sheet(
            entry["name"],
            Family(entry["edition"]),
            entry["title"],
            entry["confirmed"],
            tuple(entry["header"].split(",")),
            entry.get("note", ""),
        )
        for entry in entries
    ]
    return {(sheet.name, sheet.family): sheet for sheet in found}


def sheet_named(name: str, family: Family = Family.NEW) -> Sheet:
    """The sheet of that name. Raises UnknownTableError."""
    try:
        return sheets()[name, family]
    except KeyError:
        raise UnknownTableError(
            f"オープンデータの表「{name[:40]}」はありません。/open-data に一覧があります。"
        ) from None
