"""指定緊急避難場所 and 指定避難所 as 国土地理院 hands them out (CSV, GeoJSON) and as the open-data standard writes them.

Both write "1" for yes and leave the cell empty for no: an empty cell is an answer here, not a gap.
"""

from collections.abc import Mapping
from dataclasses import replace

from gis.formats.table import SourceTable

HAZARDS = (
    "洪水", "崖崩れ、土石流及び地滑り", "高潮", "地震", "津波", "大規模な火事", "内水氾濫", "火山現象",
)  # fmt: skip
"""The eight of 災害対策基本法施行令第20条の4, in the order in which every publisher writes them."""

SAME_PLACE = (
    "指定避難所との住所同一",
    "指定緊急避難場所との住所同一",
    "指定避難所との重複",
    "指定緊急避難場所との重複",
)
_FLAGS = (*HAZARDS, *(f"災害種別_{hazard}" for hazard in HAZARDS), *SAME_PLACE)
_YES_OR_NO: Mapping[object, bool] = {None: False, "": False, "1": True, "0": False, 1: True, 0: False}


def is_shelter_table(columns: Mapping[str, object]) -> bool:
    """True for a table with the eight hazards, or with the national 共通ID of shelters."""
    hazards = sum(hazard in columns or f"災害種別_{hazard}" in columns for hazard in HAZARDS)
    return hazards == len(HAZARDS) or ("共通ID" in columns and any(name in columns for name in SAME_PLACE))


def with_flags(table: SourceTable) -> SourceTable:
    """The table with its flags as True and False; marks other than 1, 0 and nothing stay for the layer to judge.

    Other tables pass as they are.
    """
    if not is_shelter_table(table.columns):
        return table
    columns = {
        name: [_YES_OR_NO.get(value, value) for value in values] if name in _FLAGS else values
        for name, values in table.columns.items()
    }
    return replace(table, columns=columns)
