"""What 法務省 map XML says in its own words, as the columns of the cadastral layer."""

from dataclasses import replace

from gis.formats.table import SourceTable

SHEET_COLUMN = "図面"
SURVEYED_CLASSES = ("法第14条1項地図", "法14条1項地図")
"""地図分類 of a map that rests on a survey under 国土調査法 or the registry's own; 地図に準ずる図面 does not."""


def prepare(table: SourceTable) -> SourceTable:
    """Add 筆界未定 and 調査状況 to a table of map XML; other tables pass as they are."""
    if SHEET_COLUMN not in table.columns:
        return table
    columns = dict(table.columns)
    count = len(table.refs)
    nothing: list[object] = [None] * count
    members = table.columns.get("筆界未定構成筆", nothing)
    columns["undetermined"] = [bool(value) for value in members]
    classes = table.columns.get("地図分類", nothing)
    columns["survey_status"] = [_survey_status(value) for value in classes]
    return replace(table, columns=columns)


def _survey_status(map_class: object) -> str | None:
    """調査済 for maps under article 14-1, 未了 for drawings that stand in for one, unknown when the file does not say."""
    if map_class is None:
        return None
    return "調査済" if str(map_class).startswith(SURVEYED_CLASSES) else "未了"
