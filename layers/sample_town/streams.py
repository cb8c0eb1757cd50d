"""Streams of the sample town: rivers drawn by hand and tributaries that find their way to them."""

from dataclasses import dataclass, replace

import numpy as np
import shapely

from layers.sample_town.mesh import Bools, Floats
from layers.sample_town.noise import waves
from layers.sample_town.outline import CENTRE, to_plane
from layers.sample_town.reference import River, rivers

STEP_M = 25.0


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


def draw_streams(town: shapely.Polygon, spacing_m: float, most: int, rng: np.random.Generator) -> tuple[Stream, ...]:
    """The hand-drawn rivers, then at most `most` tributaries about `spacing_m` apart."""
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
    return tuple(streams)


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
    heads = heads[inside(town.buffer(-0.12 * apart), heads)]
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
        mouth = streams[parent].line[at]
        if _gap(lines, mouth + (head - mouth) * np.array([[0.4], [0.6], [0.8]])) < 0.4 * apart:
            continue
        line = _course(mouth, head, streams[parent].tangent[at], rng)
        if _gap(lines, line[len(line) // 3 :: 6]) < 0.45 * apart or not inside(town, line).all():
            continue
        widths = np.array((85.0, 26.0) if order == 2 else (46.0, 13.0)) * rng.uniform(0.7, 1.25)
        river = River("", "", order, float(widths[0]), float(widths[1]), ())
        stream = _stream(river, parent, line, streams, rng)
        number = np.concatenate((number, np.full(len(stream.line), len(streams))))
        place = np.concatenate((place, np.arange(len(stream.line))))
        lines = np.concatenate((lines, stream.line))
        streams.append(stream)
    return streams


def _gap(lines: Floats, points: Floats) -> float:
    """Shortest distance between points of the streams and other points."""
    return float(np.hypot(*(lines[::2, None] - points[None]).transpose(2, 0, 1)).min())


def _course(mouth: Floats, head: Floats, upstream: Floats, rng: np.random.Generator) -> Floats:
    """A winding line from a stream up to a head, leaving the stream at an angle."""
    reach = head - mouth
    side = np.array([-reach[1], reach[0]])
    elbow = mouth + reach * 0.45 + upstream * 0.10 * np.hypot(*reach) + side * rng.uniform(-0.12, 0.12)
    bend = mouth + reach * 0.75 + side * rng.uniform(-0.10, 0.10)
    line = _smooth(np.vstack((mouth, elbow, bend, head)))
    wind = waves(rng, 260.0).at(line) * np.minimum(1.0, np.arange(len(line)) / 8.0) * 9.0
    line = _resampled(line + (side / np.hypot(*side)) * wind[:, None])
    line[0] = mouth
    return line


def inside(area: shapely.Geometry, points: Floats) -> Bools:
    """Which places (n, 2) lie in an area."""
    shapely.prepare(area)
    return np.asarray(shapely.contains_xy(area, points[:, 0], points[:, 1]))
