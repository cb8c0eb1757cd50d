"""Which parcels are nearest to one that is not there."""

import heapq
from collections.abc import Iterable
from difflib import SequenceMatcher
from functools import lru_cache

from gis.parcel_numbers.folding import fold
from gis.parcel_numbers.keys import ParcelNumber, sort_key

Nearness = tuple[float, float, float, float, tuple[tuple[str, int, str], ...]]


def nearness(wanted: str, key: str) -> Nearness:
    """Return how near a key is to the wanted one, smaller is nearer.

    Names come first, then the number: the same lot with other branches (what a split leaves behind), then the lots
    before and after it. A name that is empty in the wanted key is not looked at.
    """
    a, b = ParcelNumber.of_key(wanted), ParcelNumber.of_key(key)
    names = _difference(a.oaza, b.oaza), _difference(a.koaza, b.koaza)
    first, second = sort_key(a.chiban), sort_key(b.chiban)
    lots = abs(first[0][1] - second[0][1]) + (0 if first[0][0] == second[0][0] else 10_000)
    return *names, float(lots), _branch_distance(first, second), second


def nearest(wanted: str, keys: Iterable[str], limit: int = 8) -> list[str]:
    """Return the keys nearest to the wanted one, nearest first."""
    return heapq.nsmallest(limit, keys, key=lambda key: nearness(wanted, key))


def _branch_distance(first: tuple[tuple[str, int, str], ...], second: tuple[tuple[str, int, str], ...]) -> float:
    if first == second:
        return 0.0
    a, b = (numbers[1][1] if len(numbers) > 1 else 0 for numbers in (first, second))
    return abs(a - b) + 0.5 * abs(len(first) - len(second)) + 0.25


@lru_cache(maxsize=65_536)
def _difference(wanted: str, name: str) -> float:
    """Return 0 for names of one form and up to 1 for names without a character in common."""
    a, b = fold(wanted), fold(name)
    return 0.0 if not a or a == b else round(1 - SequenceMatcher(None, a, b, autojunk=False).ratio(), 3)
