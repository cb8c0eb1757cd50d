"""大字/字/地番: text as people write it, its normal form, and the way back."""

from gis.parcel_numbers.folding import fold, kana_fold
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

__all__ = [
    "ParcelNumber",
    "display",
    "fold",
    "kana_fold",
    "key_of",
    "koaza_name",
    "normal_chiban",
    "oaza_name",
    "sort_key",
    "written_chiban",
]
