"""大字/字/地番: text as people write it, its normal form, and the way back."""

from gis.parcel_numbers.folding import fold, kana_fold
from gis.parcel_numbers.gazetteer import Gazetteer
from gis.parcel_numbers.keys import (
    ParcelNumber,
    display,
    key_of,
    koaza_name,
    normal_chiban,
    oaza_name,
    sort_key,
    written_chiban,
)
from gis.parcel_numbers.nearness import nearest, nearness
from gis.parcel_numbers.query import ParcelQuery
from gis.parcel_numbers.reading import parse

__all__ = [
    "Gazetteer",
    "ParcelNumber",
    "ParcelQuery",
    "display",
    "fold",
    "kana_fold",
    "key_of",
    "koaza_name",
    "nearest",
    "nearness",
    "normal_chiban",
    "oaza_name",
    "parse",
    "sort_key",
    "written_chiban",
]
