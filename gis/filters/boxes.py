"""Boxes as four or six numbers."""

import math

from gis.errors import FilterError
from gis.filters.literals import MAX_COORDINATE
from gis.filters.tree import Box


def box_of(numbers: list[float], place: str) -> Box:
    """The box of four numbers, or of six with its heights left out; FilterError for anything else.

    In the first axis the low number may be above the high one: such a box crosses the antimeridian (RFC 7946, 5.2), which
    only whoever knows the CRS can judge.
    """
    if len(numbers) not in {4, 6}:
        raise FilterError(f"{place}の範囲は数4つ（高さも入れるなら6つ）で書いてください。")
    if not all(math.isfinite(value) and abs(value) <= MAX_COORDINATE for value in numbers):
        raise FilterError(f"{place}の範囲に座標として扱えない数があります。")
    half = len(numbers) // 2
    return Box(numbers[0] + 0.0, numbers[1] + 0.0, numbers[half] + 0.0, numbers[half + 1] + 0.0)
