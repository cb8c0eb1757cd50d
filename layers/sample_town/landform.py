"""Streams, valley floors and heights of the sample town: everything else follows from them."""

from dataclasses import dataclass, replace

import numpy as np
import shapely

from layers.sample_town.mesh import Bools, Floats, Geometries, Ints
from layers.sample_town.outline import CENTRE, to_plane
from layers.sample_town.reference import River, rivers

STEP_M = 25.0
GRID_M = 40.0


@dataclass(frozen=True)
class Stream:
    """A stream from its mouth up: `line` (n, 2) every 25 m.

    `floor` (n,) is the half-width of the valley floor, `channel` (n,) that of the water, `height` (n,) the water's in m;
    `parent` is the stream it joins (−1: leaves the town).
    """

    name: str
    kana: str
    order: int
    parent: int
    line: Floats
    floor: Floats
    channel: Floats
    height: Floats

    @property
    def tangent(self) -> Floats:
        """Unit vectors upstream (n, 2)."""
        step = np.gradient(self.line, axis=0)
        return np.asarray(step / np.maximum(np.hypot(step[:, 0], step[:, 1]), 1e-9)[:, None])

    @property
    def left(self) -> Floats:
        """Unit vectors to the left when looking upstream (n, 2)."""
        tangent = self.tangent
        return np.column_stack((-tangent[:, 1], tangent[:, 0]))

    @property
    def along(self) -> Floats:
        """Distance from the mouth (n,) in m."""
        step = np.diff(self.line, axis=0)
        return np.concatenate(([0.0], np.cumsum(np.hypot(step[:, 0], step[:, 1]))))


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


def waves(rng: np.random.Generator, wavelength_m: float, count: int = 7) -> "Waves":
    """A smooth noise of about that wavelength, between −1 and 1."""
    angle = rng.uniform(0, 2 * np.pi, count)
    number = 2 * np.pi / (wavelength_m * rng.uniform(0.75, 1.6, count))
    return Waves(np.column_stack((np.cos(angle), np.sin(angle))) * number[:, None], rng.uniform(0, 2 * np.pi, count))


@dataclass(frozen=True)
class Waves:
    """A sum of plane waves: `number` (k, 2) in 1/m and `phase` (k,)."""

    number: Floats
    phase: Floats

    def at(self, points: Floats) -> Floats:
        """Value at places (n, 2)."""
        total = np.zeros(len(points))
        for number, phase in zip(self.number, self.phase, strict=True):
            total += np.sin(points[:, 0] * number[0] + points[:, 1] * number[1] + phase)
        return np.asarray(total / (0.5 * len(self.phase)) ** 0.5 / 2.0)


def landform(town: shapely.Polygon, spacing_m: float, most: int, rng: np.random.Generator) -> Landform:
    """Draws the streams (the hand-drawn rivers, then `most` tributaries about `spacing_m` apart) and the heights over the town."""
    streams = [_kept_inside(stream, town) for stream in _main_rivers(rng)]
    for order, reach, apart in (
        (2, 2400.0, 0.9),
        (2, 2000.0, 0.65),
        (3, 1300.0, 0.42),
        (3, 900.0, 0.30),
        (3, 700.0, 0.22),
    ):
        allowed = len(rivers()) + (most // 2 if order == 2 else most)
        streams = _tributaries(streams, town, (order, reach, spacing_m * apart), allowed, rng)
    return _grids(town, tuple(streams), rng)


def _main_rivers(rng: np.random.Generator) -> list[Stream]:
    """The rivers of data/sample_town/rivers.csv as smooth, slightly winding lines."""
    found: list[Stream] = []
    for river in rivers():
        line = _smooth(to_plane(np.array(river.course)))
        bend = waves(rng, 620.0).at(line) * 32.0 + waves(rng, 250.0).at(line) * 9.0
        fade = np.minimum(1.0, np.arange(len(line)) / 12.0)
        step = np.gradient(line, axis=0)
        left = np.column_stack((-step[:, 1], step[:, 0])) / np.hypot(step[:, 0], step[:, 1])[:, None]
        line = _resampled(line + left * (bend * fade)[:, None])
        parent, line = _joined(line, found) if found else (-1, line)
        found.append(_stream(river, parent, line, found, rng))
    return found


def _kept_inside(stream: Stream, town: shapely.Polygon) -> Stream:
    """Ends a river's upper course 150 m inside the town; the mouth of the first one stays outside."""
    within = inside(town.buffer(-150.0), stream.line)
    last = int(np.flatnonzero(within).max()) + 1
    return replace(
        stream,
        line=stream.line[:last],
        floor=stream.floor[:last],
        channel=stream.channel[:last],
        height=stream.height[:last],
    )


def _stream(river: River, parent: int, line: Floats, others: list[Stream], rng: np.random.Generator) -> Stream:
    """Gives a line its widths and its heights, rising from the stream it joins."""
    share = np.linspace(0.0, 1.0, len(line))
    uneven = 1.0 + 0.28 * waves(rng, 900.0).at(line) + 0.12 * waves(rng, 300.0).at(line)
    floor = (river.mouth_width_m * (1 - share) + river.head_width_m * share) * np.clip(uneven, 0.5, 1.6)
    if river.order == 0:
        floor = floor + 230.0 * np.exp(-((np.hypot(*(line - to_plane(np.array([CENTRE]))[0]).T) / 620.0) ** 2))
    channel = np.clip(floor**0.75 / 6.5, 0.45, 9.0) * (1.0 if river.order < 2 else 0.55)
    slope = (0.0050, 0.0085, 0.020, 0.035)[river.order]
    base = 402.0
    if parent >= 0:
        near = others[parent]
        base = float(near.height[np.argmin(np.hypot(*(near.line - line[0]).T))])
    rise = slope * STEP_M * np.linspace(0.6, 1.5, len(line))
    return Stream(river.name, river.kana, river.order, parent, line, floor, channel, base + np.cumsum(rise) - rise[0])


def _joined(line: Floats, streams: list[Stream]) -> tuple[int, Floats]:
    """Starts a line on the nearest stream; gives that stream's number and the line."""
    distances = [float(np.hypot(*(stream.line - line[0]).T).min()) for stream in streams]
    parent = int(np.argmin(distances))
    target = streams[parent].line[np.argmin(np.hypot(*(streams[parent].line - line[0]).T))]
    shift = (target - line[0]) * np.exp(-np.arange(len(line)) / 8.0)[:, None]
    line = line + shift
    line[0] = target
    return parent, _resampled(line)


def _smooth(corners: Floats) -> Floats:
    """Catmull-Rom curve through corners (n, 2), every 25 m."""
    padded = np.vstack((2 * corners[0] - corners[1], corners, 2 * corners[-1] - corners[-2]))
    t = np.linspace(0.0, 1.0, 40, endpoint=False)[:, None]
    parts = []
    for a, b, c, d in zip(padded[:-3], padded[1:-2], padded[2:-1], padded[3:], strict=True):
        cubic = (2 * a - 5 * b + 4 * c - d) * t**2 + (3 * b - a - 3 * c + d) * t**3
        parts.append(0.5 * (2 * b + (c - a) * t + cubic))
    return _resampled(np.vstack((*parts, corners[-1:])))


def _resampled(line: Floats) -> Floats:
    step = np.hypot(*np.diff(line, axis=0).T)
    along = np.concatenate(([0.0], np.cumsum(step)))
    count = max(3, round(along[-1] / STEP_M) + 1)
    at = np.linspace(0.0, along[-1], count)
    return np.column_stack((np.interp(at, along, line[:, 0]), np.interp(at, along, line[:, 1])))


def _tributaries(
    streams: list[Stream], town: shapely.Polygon, kind: tuple[int, float, float], allowed: int, rng: np.random.Generator
) -> list[Stream]:
    """Adds streams of one order until there are `allowed`: from random heads far from all streams, down to the nearest of them."""
    order, reach, apart = kind
    streams = list(streams)
    west, south, east, north = town.bounds
    heads = np.column_stack((rng.uniform(west, east, 1100), rng.uniform(south, north, 1100)))
    inside = town.buffer(-0.12 * apart)
    shapely.prepare(inside)
    heads = heads[shapely.contains_xy(inside, heads[:, 0], heads[:, 1])]
    number = np.concatenate([np.full(len(stream.line), index) for index, stream in enumerate(streams)])
    place = np.concatenate([np.arange(len(stream.line)) for stream in streams])
    lines = np.concatenate([stream.line for stream in streams])
    for head in heads:
        if len(streams) >= allowed:
            break
        away = np.hypot(*(lines - head).T)
        nearest = int(np.argmin(away))
        distance = float(away[nearest])
        if not apart < distance < reach:
            continue
        parent, at = int(number[nearest]), int(place[nearest])
        at = max(2, at - int(0.35 * distance / STEP_M))  # streams join pointing downstream
        if (
            _gap(lines, streams[parent].line[at] + (head - streams[parent].line[at]) * np.array([[0.4], [0.6], [0.8]]))
            < 0.4 * apart
        ):
            continue
        stream = _tributary(streams, (parent, at, order), head, rng)
        gap = _gap(lines, stream.line[len(stream.line) // 3 :: 6])
        if gap < 0.45 * apart or not shapely.contains_xy(town, stream.line[:, 0], stream.line[:, 1]).all():
            continue
        number = np.concatenate((number, np.full(len(stream.line), len(streams))))
        place = np.concatenate((place, np.arange(len(stream.line))))
        lines = np.concatenate((lines, stream.line))
        streams.append(stream)
    return streams


def _gap(lines: Floats, points: Floats) -> float:
    """Shortest distance between points of the streams and other points."""
    return float(np.hypot(*(lines[::2, None] - points[None]).transpose(2, 0, 1)).min())


def _tributary(streams: list[Stream], join: tuple[int, int, int], head: Floats, rng: np.random.Generator) -> Stream:
    parent, at, order = join
    mouth = streams[parent].line[at]
    reach = head - mouth
    side = np.array([-reach[1], reach[0]])
    upstream = streams[parent].tangent[at]
    elbow = mouth + reach * 0.45 + upstream * 0.10 * np.hypot(*reach) + side * rng.uniform(-0.12, 0.12)
    bend = mouth + reach * 0.75 + side * rng.uniform(-0.10, 0.10)
    line = _smooth(np.vstack((mouth, elbow, bend, head)))
    wind = waves(rng, 260.0).at(line) * np.minimum(1.0, np.arange(len(line)) / 8.0)[: len(line)] * 9.0
    line = _resampled(line + (side / np.hypot(*side)) * wind[:, None])
    line[0] = mouth
    widths = (85.0, 26.0) if order == 2 else (46.0, 13.0)
    size = rng.uniform(0.7, 1.25)
    river = River("", "", order, widths[0] * size, widths[1] * size, ())
    return _stream(river, parent, line, streams, rng)


def _grids(town: shapely.Polygon, streams: tuple[Stream, ...], rng: np.random.Generator) -> Landform:
    """Nearest-stream grids over the town with a margin of 400 m."""
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
    height = base + 0.012 * np.minimum(away, floor) + steep * hill * np.clip(1.15 - hill / 2400.0, 0.45, 1.2)
    height += waves(rng, 420.0).at(cells) * np.clip(hill / 25.0, 0.0, 7.0)
    shape = (rows, columns)
    return Landform(
        streams, origin, axis.reshape(rows, columns, 2), beyond.reshape(shape), _blurred(height.reshape(shape), 3),
        number[nearest].reshape(shape),
    )  # fmt: skip


def _blurred(grid: Floats, times: int) -> Floats:
    """A 3 × 3 mean, several times: rounds the crests between two catchments."""
    for _ in range(times):
        padded = np.pad(grid, 1, mode="edge")
        grid = (
            sum(
                (padded[i : i + grid.shape[0], j : j + grid.shape[1]] for i in range(3) for j in range(3)),
                np.zeros_like(grid),
            )
            / 9.0
        )
    return grid


def floor_polygons(streams: tuple[Stream, ...], share: float, extra_m: float = 0.0) -> Geometries:
    """One polygon a stream: the places within `share` of the floor's half-width (plus `extra_m`) of it."""
    return np.array([ribbon(stream.line, stream.floor * share + extra_m) for stream in streams], dtype=object)


def ribbon(line: Floats, half_width: Floats) -> shapely.Geometry:
    """The area within a changing half-width of a line."""
    discs = shapely.buffer(shapely.points(line), np.maximum(half_width, 0.05), quad_segs=3)
    pairs = shapely.multipolygons(np.column_stack((discs[:-1], discs[1:])))
    return shapely.union_all(shapely.convex_hull(pairs))


def inside(area: shapely.Geometry, points: Floats) -> Bools:
    """Which places (n, 2) lie in an area."""
    shapely.prepare(area)
    return np.asarray(shapely.contains_xy(area, points[:, 0], points[:, 1]))
