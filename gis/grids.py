"""Grid parameter files of 国土地理院 (TKY2JGD.par, touhokutaiheiyouoki2011.par) as arrays.

A file is text: header lines, then one line for each node of the third-order mesh, `MeshCode dB dL`, in seconds of arc.
The shift of a point is the bilinear interpolation of the four nodes around it, as in GSI's TKY2JGD and PatchJGD.
`jgdtrans` does the same one point at a time and takes one layout of header; this module does a whole layer at once, and
the tests hold it to `jgdtrans` and to results of GSI's programs.
"""

import gzip
import io
import re
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from gis.errors import MissingGridError, UnreadableFileError

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

# Nodes of the third-order mesh stand every 30 seconds of latitude and 45 seconds of longitude (JIS X 0410).
_ROWS_PER_DEGREE = 120
_COLUMNS_PER_DEGREE = 80
_WESTERNMOST = 100
_SECONDS = 3600.0
# Points handled at once: keeps the working memory of three million vertices near 40 MB.
_CHUNK = 1 << 17
_CONVERGED_DEG = 1e-13
_ROUNDS = 8
# A shift of Tokyo datum is at most about 20 seconds of arc: the node sought is never more than one cell away.
_MARGIN = 2

_FIRST_NODE = re.compile(rb"^[ \t]*\d{8}[ \t]+[-+]?[\d.]+[ \t]+[-+]?[\d.]+[ \t]*\r?$", re.MULTILINE)


@dataclass(frozen=True)
class _Window:
    """Shifts in degrees, [row, column, (longitude, latitude)], NaN where the file has no node."""

    row: int
    column: int
    shift: Floats

    def at(self, lon: Floats, lat: Floats) -> Floats:
        """Return the interpolated shift of each point, (n, 2); NaN unless all four nodes around it exist."""
        with np.errstate(invalid="ignore"):
            y = lat * _ROWS_PER_DEGREE - self.row
            x = (lon - _WESTERNMOST) * _COLUMNS_PER_DEGREE - self.column
            inside = (y >= 0) & (x >= 0) & (y < self.shift.shape[0] - 1) & (x < self.shift.shape[1] - 1)
        y, x = np.where(inside, y, 0.0), np.where(inside, x, 0.0)
        row, column = y.astype(np.int64), x.astype(np.int64)
        y, x = (y - row)[:, None], (x - column)[:, None]
        south = self.shift[row, column] * (1 - x) + self.shift[row, column + 1] * x
        north = self.shift[row + 1, column] * (1 - x) + self.shift[row + 1, column + 1] * x
        shift = south * (1 - y) + north * y
        shift[~inside] = np.nan
        return shift


_Move = Callable[[_Window, Floats], Floats]


@dataclass(frozen=True, eq=False)
class Grid:
    """One parameter file: the mesh row and column of each node, and its shift (n, 2) in degrees, longitude first."""

    name: str
    row: NDArray[np.int32]
    column: NDArray[np.int32]
    shift: Floats

    def __len__(self) -> int:
        return len(self.row)

    def forward(self, lon: Floats, lat: Floats) -> tuple[Floats, Floats, Bools]:
        """Return positions in the newer datum, and where the file has no value; those positions are NaN."""
        return self._each_chunk(lon, lat, lambda window, points: points + window.at(*points.T))

    def backward(self, lon: Floats, lat: Floats) -> tuple[Floats, Floats, Bools]:
        """Return the positions that `forward` brings to the given ones, to 1e-13 degree."""
        return self._each_chunk(lon, lat, _solve)

    def _each_chunk(self, lon: Floats, lat: Floats, move: _Move) -> tuple[Floats, Floats, Bools]:
        window = self._window(lon, lat)
        points = np.column_stack([lon, lat]).astype(np.float64, copy=False)
        moved = np.empty_like(points)
        for start in range(0, len(points), _CHUNK):
            part = slice(start, start + _CHUNK)
            moved[part] = move(window, points[part])
        return moved[:, 0], moved[:, 1], np.isnan(moved[:, 0]) | np.isnan(moved[:, 1])

    def _window(self, lon: Floats, lat: Floats) -> _Window:
        """Lay out the nodes around the points as a table, so that a lookup is an index and not a search."""
        top, bottom = _span(lat * _ROWS_PER_DEGREE, self.row)
        right, left = _span((lon - _WESTERNMOST) * _COLUMNS_PER_DEGREE, self.column)
        shift = np.full((max(top - bottom, 1) + 1, max(right - left, 1) + 1, 2), np.nan)
        here = (self.row >= bottom) & (self.row <= top) & (self.column >= left) & (self.column <= right)
        shift[self.row[here] - bottom, self.column[here] - left] = self.shift[here]
        return _Window(bottom, left, shift)


def _span(positions: Floats, nodes: NDArray[np.int32]) -> tuple[int, int]:
    """Return the last and first node index needed for the points, within what the file has."""
    finite = positions[np.isfinite(positions)]
    if not len(finite):
        return int(nodes.min()), int(nodes.min())
    last = min(np.floor(finite.max()) + 1 + _MARGIN, float(nodes.max()))
    first = max(np.floor(finite.min()) - _MARGIN, float(nodes.min()))
    return int(last), int(first)


def _solve(window: _Window, target: Floats) -> Floats:
    """Find the points whose shift leads to `target`; the shift varies by 1e-4, so each round gains four digits."""
    points = target
    for _ in range(_ROUNDS):
        previous, points = points, target - window.at(*points.T)
        step = np.abs(points - previous)
        if not (step > _CONVERGED_DEG).any():
            return points
    points[(step > _CONVERGED_DEG).any(axis=1)] = np.nan
    return points


def read_grid(path: Path) -> Grid:
    """Read a parameter file, plain or gzip; one that was read before and has not changed is not read again.

    Header lines of any number, `#` lines, LF or CRLF and unsorted nodes are accepted. Raises MissingGridError when the
    file is not there and UnreadableFileError when it is not such a file.
    """
    try:
        state = path.stat()
    except FileNotFoundError as error:
        raise MissingGridError(
            f"座標変換のグリッドファイル「{path}」が見つかりません。国土地理院から入手して置いてください。"
        ) from error
    return _read(path, state.st_mtime_ns, state.st_size)


@lru_cache(maxsize=4)
def _read(path: Path, _modified_ns: int, _size: int) -> Grid:
    text = _bytes(path)
    first = _FIRST_NODE.search(text)
    if first is None:
        raise UnreadableFileError(
            f"「{path.name}」に格子点の行がありません。国土地理院のパラメータファイル（.par）か確かめてください。"
        )
    try:
        table = np.loadtxt(io.BytesIO(text[first.start() :]), comments="#", ndmin=2, usecols=(0, 1, 2))
    except ValueError as error:
        raise UnreadableFileError(
            f"「{path.name}」に読めない格子点の行があります。ファイルを入手し直してください。"
        ) from error
    row, column = _mesh_position(table[:, 0], path.name)
    return Grid(path.name, row, column, table[:, [2, 1]] / _SECONDS)


def _bytes(path: Path) -> bytes:
    content = path.read_bytes()
    if not content.startswith(b"\x1f\x8b"):
        return content
    try:
        return gzip.decompress(content)
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise UnreadableFileError(
            f"「{path.name}」は途中で切れているか壊れています。ファイルを入手し直してください。"
        ) from error


def _mesh_position(codes: Floats, name: str) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
    """Split 8-digit mesh codes (JIS X 0410: ppuuqvrw) into a row north of the equator and a column east of 100°E."""
    code = codes.astype(np.int64)
    pp, uu = code // 1_000_000, code // 10_000 % 100
    q, v, r, w = code // 1000 % 10, code // 100 % 10, code // 10 % 10, code % 10
    if ((code != codes) | (code > 99_999_999) | (code < 1_000_000) | (q > 7) | (v > 7)).any():
        raise UnreadableFileError(f"「{name}」に3次メッシュコードでない行があります。ファイルを入手し直してください。")
    return (80 * pp + 10 * q + r).astype(np.int32), (80 * uu + 10 * v + w).astype(np.int32)
