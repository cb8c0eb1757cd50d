"""今期 → 元期: the crust has moved since the datum's day, and 国土地理院's yearly SemiDyna file says by how much.

The file's shifts lead from 元期 to 今期 (Japan moves east by some 2 cm a year in it), so the way back is its inverse. It has
nodes every 5 km, not every 1 km as the datum grids do; jgdtrans reads it and solves the inverse.
"""

import math
import re
from collections.abc import Sequence
from datetime import datetime, timedelta, timezone
from functools import lru_cache
from pathlib import Path

import jgdtrans
import numpy as np
from jgdtrans.error import Error as JgdtransError

from gis.errors import CrsError, MissingGridError, UnreadableFileError
from gis.grids import Floats

_YEAR = re.compile(r"SemiDyna(\d{4})", re.IGNORECASE)
_FARTHEST_DEG = 1e-4
"""Some ten metres: the crust has nowhere moved so far since the days of the datum."""
_JST = timezone(timedelta(hours=9))


def to_reference_epoch(
    lon: Floats, lat: Floats, times: Sequence[datetime | None], place: Path | None
) -> tuple[Floats, Floats]:
    """Longitudes and latitudes (n,) of 元期, in degrees, of positions measured at those times.

    `place` is the folder that holds SemiDyna2026.par and its like, of which the fiscal year's is taken, or one such file.
    Raises MissingGridError naming the file that is wanting, CrsError for a position without a time or beyond the file,
    UnreadableFileError for one that is not such a file.
    """
    moved = np.empty((len(lon), 2))
    years = np.array([_fiscal_year(at) for at in times], np.int64)
    for year in np.unique(years):
        transformer = _transformer(place, int(year))
        for row in np.flatnonzero(years == year):
            moved[row] = _back(transformer, float(lon[row]), float(lat[row]))
    return moved[:, 0], moved[:, 1]


def _fiscal_year(at: datetime | None) -> int:
    """The fiscal year, from April: a parameter file holds for one."""
    if at is None:
        raise CrsError(
            "今期の座標に測定の日時がないため、どの年度の補正を使うか決まりません。日時の入ったログを使ってください。"
        )
    local = at.astimezone(_JST)
    return local.year if local.month >= 4 else local.year - 1


def _transformer(place: Path | None, year: int) -> jgdtrans.Transformer:
    name = f"SemiDyna{year}.par"
    file = place / name if place is not None and place.is_dir() else place
    said = _YEAR.match(file.name) if file is not None else None
    if file is None or not file.is_file() or (said is not None and int(said[1]) != year):
        raise MissingGridError(
            f"今期の座標を元期に直すには国土地理院のセミ・ダイナミック補正パラメータファイル「{name}」が必要です。"
            "入手して置くか、元期の座標を配信する基準局を使ってください。"
        )
    state = file.stat()
    return _read(file, state.st_mtime_ns, state.st_size)


def _back(transformer: jgdtrans.Transformer, lon: float, lat: float) -> tuple[float, float]:
    try:
        point = transformer.backward(lat, lon)
    except JgdtransError as error:
        raise CrsError(
            f"北緯 {lat:.6f}° 東経 {lon:.6f}° はセミ・ダイナミック補正の範囲の外です。位置とファイルを確かめてください。"
        ) from error
    if not math.hypot(point.longitude - lon, point.latitude - lat) < _FARTHEST_DEG:
        raise UnreadableFileError(
            f"北緯 {lat:.6f}° 東経 {lon:.6f}° でのセミ・ダイナミック補正が大きすぎます。ファイルを入手し直してください。"
        )
    return point.longitude, point.latitude


@lru_cache(maxsize=2)
def _read(file: Path, _modified_ns: int, _size: int) -> jgdtrans.Transformer:
    try:
        with file.open(encoding="ascii", errors="strict") as text:
            return jgdtrans.load(text, format="SemiDynaEXE")
    except (JgdtransError, UnicodeDecodeError) as error:
        raise UnreadableFileError(
            f"「{file.name}」はセミ・ダイナミック補正パラメータファイル（.par）として読めません。入手し直してください。"
        ) from error
