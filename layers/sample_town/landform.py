"""Valley floors and heights of the sample town, from its streams: everything else follows from them."""

from dataclasses import dataclass

import numpy as np
import shapely

from layers.sample_town.mesh import Floats, Geometries, Ints
from layers.sample_town.noise import waves
from layers.sample_town.streams import Stream

GRID_M = 40.0


@dataclass(frozen=True)
class Landform:
    """Streams and, on a grid of 40 m (rows from the south), the nearest stream, its direction, distance from its floor, height."""

    streams: tuple[Stream, ...]
    origin: tuple[float, float]
    axis: Floats
    beyond: Floats
    height: Floats
    stream: Ints

    def _cell(self, points: Floats) -> tuple[Ints, Ints]:
        rows, columns = self.stream.shape
        column = np.clip(np.rint((points[:, 0] - self.origin[0]) / GRID_M), 0, columns - 1).astype(np.int64)
        row = np.clip(np.rint((points[:, 1] - self.origin[1]) / GRID_M), 0, rows - 1).astype(np.int64)
        return row, column

    def axis_at(self, points: Floats) -> Floats:
        """Direction of the nearest stream at places (n, 2), unit vectors."""
        return np.asarray(self.axis[self._cell(points)])

    def beyond_at(self, points: Floats) -> Floats:
        """Distance in m from the edge of the valley floor (negative on the floor) at places (n, 2)."""
        return interpolate(self.beyond, self.origin, points)

    def height_at(self, points: Floats) -> Floats:
        """Height in m at places (n, 2)."""
        return interpolate(self.height, self.origin, points)

    def stream_at(self, points: Floats) -> Ints:
        """Number of the nearest stream at places (n, 2)."""
        return np.asarray(self.stream[self._cell(points)])


def interpolate(grid: Floats, origin: tuple[float, float], points: Floats) -> Floats:
    """Bilinear value of a grid of 40 m at places (n, 2); outside, the nearest edge's."""
    rows, columns = grid.shape
    x = np.clip((points[:, 0] - origin[0]) / GRID_M, 0, columns - 1.001)
    y = np.clip((points[:, 1] - origin[1]) / GRID_M, 0, rows - 1.001)
    column, row = x.astype(np.int64), y.astype(np.int64)
    u, v = x - column, y - row
    south = grid[row, column] * (1 - u) + grid[row, column + 1] * u
    north = grid[row + 1, column] * (1 - u) + grid[row + 1, column + 1] * u
    return np.asarray(south * (1 - v) + north * v)


def landform(town: shapely.Polygon, streams: tuple[Stream, ...], rng: np.random.Generator) -> Landform:
    """The ground about the streams, over the town with a margin of 400 m."""
    west, south, east, north = town.bounds
    origin = (west - 400.0, south - 400.0)
    columns, rows = int((east - west + 800.0) / GRID_M) + 2, int((north - south + 800.0) / GRID_M) + 2
    x, y = np.meshgrid(origin[0] + np.arange(columns) * GRID_M, origin[1] + np.arange(rows) * GRID_M)
    cells = np.column_stack((x.ravel(), y.ravel()))
    samples = np.concatenate([stream.line for stream in streams])
    tree = shapely.STRtree(shapely.points(samples))
    nearest = tree.nearest(shapely.points(cells))
    number = np.concatenate([np.full(len(stream.line), index) for index, stream in enumerate(streams)])
    floor = np.concatenate([stream.floor for stream in streams])[nearest]
    base = np.concatenate([stream.height for stream in streams])[nearest]
    axis = np.concatenate([stream.tangent for stream in streams])[nearest]
    away = np.hypot(*(cells - samples[nearest]).T)
    beyond = away - floor
    steep = 0.22 + 0.07 * waves(rng, 2600.0).at(cells)
    hill = np.maximum(0.0, beyond)
    shape = (rows, columns)
    upland = np.clip(
        hill / 260.0, 0.0, 1.0
    )  # two catchments meet at one height: far from streams their levels are blended
    base = base * (1.0 - upland) + blurred(base.reshape(shape), 60).ravel() * upland
    height = base + 0.012 * np.minimum(away, floor) + steep * hill * np.clip(1.15 - hill / 2400.0, 0.45, 1.2)
    height += waves(rng, 420.0).at(cells) * np.clip(hill / 25.0, 0.0, 7.0)
    return Landform(
        streams, origin, axis.reshape(rows, columns, 2), beyond.reshape(shape), blurred(height.reshape(shape), 3),
        number[nearest].reshape(shape),
    )  # fmt: skip


def blurred(grid: Floats, times: int) -> Floats:
    """A 3 × 3 mean, several times: rounds the crests between two catchments."""
    for _ in range(times):
        padded = np.pad(grid, 1, mode="edge")
        rows = padded[:-2] + padded[1:-1] + padded[2:]
        grid = (rows[:, :-2] + rows[:, 1:-1] + rows[:, 2:]) / 9.0
    return grid


def floor_polygons(streams: tuple[Stream, ...], share: float, extra_m: float = 0.0) -> Geometries:
    """One polygon a stream: the places within `share` of the floor's half-width (plus `extra_m`) of it."""
    return np.array([ribbon(stream.line, stream.floor * share + extra_m) for stream in streams], dtype=object)


def ribbon(line: Floats, half_width: Floats) -> shapely.Geometry:
    """The area within a changing half-width of a line."""
    discs = shapely.buffer(shapely.points(line), np.maximum(half_width, 0.05), quad_segs=3)
    pairs = shapely.multipolygons(np.column_stack((discs[:-1], discs[1:])))
    return shapely.union_all(shapely.convex_hull(pairs))
