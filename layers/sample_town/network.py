"""Roads of the sample town: along the valleys, over the rivers, over the passes and in the town's centre."""

from dataclasses import dataclass

import numpy as np
import shapely

from layers.sample_town.landform import Landform
from layers.sample_town.mesh import Floats
from layers.sample_town.noise import waves
from layers.sample_town.outline import CENTRE, to_plane
from layers.sample_town.streams import Stream

ROAD_SHARE = (
    0.60,
    0.56,
    0.48,
    0.40,
)  # place of the valley road between stream and foot of the hill, by order of the stream
CENTRE_RADII_M = (640.0, 400.0)


@dataclass(frozen=True)
class Road:
    """A road's centre line (n, 2) before the final warp; `width` m; `kind` national, prefectural, town, forest_road or other."""

    line: Floats
    width: float
    kind: str
    name: str = ""
    recognised: bool = True


@dataclass(frozen=True)
class Network:
    """All roads, and the area of the town's centre."""

    roads: tuple[Road, ...]
    centre: shapely.Polygon
    centre_axis: float


def network(land: Landform, town: shapely.Polygon, spacing_m: float, rng: np.random.Generator) -> Network:
    """Draws the roads; field roads stand about `spacing_m` apart."""
    valley = _valley_roads(land.streams, rng)
    centre, angle = _centre(land)
    roads = [
        *valley,
        *_bridges(land.streams, spacing_m, rng),
        *_streets(centre, angle, min(2.2, max(1.0, spacing_m / 450.0)), rng),
        *_passes(land, town, rng),
    ]
    return Network(tuple(roads), centre, angle)


def _offset(stream: Stream, side: int, share: float) -> Floats:
    """A line beside a stream at a share of the floor's half-width, never nearer than 3 m from the water's edge."""
    away = np.maximum(stream.floor * share, stream.channel + 3.0)
    return np.asarray(stream.line + stream.left * (side * away)[:, None])


def _valley_roads(streams: tuple[Stream, ...], rng: np.random.Generator) -> list[Road]:
    """Both sides of the rivers; one side of a tributary, and as much of the other side as its own tributaries need."""
    need: list[dict[int, int]] = [{} for _ in streams]
    for index in range(len(streams) - 1, -1, -1):
        stream = streams[index]
        whole = (1, -1) if stream.order < 2 else (int(rng.choice((-1, 1))),)
        for side in whole:
            need[index][side] = len(stream.line)
        if stream.parent >= 0:
            parent = streams[stream.parent]
            at = int(np.argmin(np.hypot(*(parent.line - stream.line[0]).T)))
            ahead = stream.line[min(6, len(stream.line) - 1)] - parent.line[at]
            side = 1 if float(ahead @ parent.left[at]) > 0 else -1
            need[stream.parent][side] = max(need[stream.parent].get(side, 0), min(at + 6, len(parent.line)))
    roads: list[Road] = []
    for index, stream in enumerate(streams):
        for number, (side, upto) in enumerate(sorted(need[index].items(), reverse=True)):
            line = _offset(stream, side, ROAD_SHARE[stream.order])[:upto]
            begun = _started_at_parent(line, streams[stream.parent] if stream.parent >= 0 else None)
            if begun is not None and len(begun) > 2:
                roads.append(Road(begun, *_rank(stream, number, rng)))
    return roads


def _rank(stream: Stream, number: int, rng: np.random.Generator) -> tuple[float, str, str, bool]:
    if stream.order == 0 and number == 0:
        return 11.0, "national", f"国道{stream.name.removesuffix('川')}線", True
    if stream.order <= 1 and number == 0:
        return 8.0, "prefectural", f"県道{stream.name.removesuffix('川')}線", True
    if stream.order <= 1:
        return float(rng.uniform(4.5, 6.5)), "town", "", True
    if stream.order == 2:
        return float(rng.uniform(4.0, 5.5)), "town", "", True
    return float(rng.uniform(3.0, 4.2)), "town", "", bool(rng.random() < 0.7)


def _started_at_parent(line: Floats, parent: Stream | None) -> Floats | None:
    """Cuts away what lies between the parent's own roads."""
    if parent is None:
        return line
    away = np.hypot(*(line[:, None] - parent.line[None]).transpose(2, 0, 1))
    nearest = np.argmin(away, axis=1)
    road = np.maximum(parent.floor * ROAD_SHARE[parent.order], parent.channel + 3.0)
    beyond = away[np.arange(len(line)), nearest] - road[nearest]
    between = np.flatnonzero(beyond < 0.0)
    if not len(between):
        return line
    last = int(between.max())
    if len(line) - last <= 3:
        return None
    share = beyond[last] / (beyond[last] - beyond[last + 1])
    return np.vstack((line[last] + (line[last + 1] - line[last]) * share, line[last + 1 :]))


def _bridges(streams: tuple[Stream, ...], spacing_m: float, rng: np.random.Generator) -> list[Road]:
    """Roads across the rivers' valleys and field roads from the valley road to the stream."""
    roads: list[Road] = []
    for stream in streams:
        if stream.order > 2:
            continue
        share = ROAD_SHARE[stream.order]
        away = np.maximum(stream.floor * share, stream.channel + 3.0)
        along, left = stream.along, stream.left
        at = 150.0 + rng.uniform(0, spacing_m)
        count = 0
        while at < along[-1] - 60.0:
            index = int(np.searchsorted(along, at))
            count += 1
            point, across = stream.line[index], left[index] * away[index]
            if stream.order < 2 and count % 4 == 0:
                roads.append(
                    Road(np.vstack((point - across, point, point + across)), float(rng.uniform(4.0, 6.0)), "town")
                )
            else:
                for side in (-1.0, 1.0):
                    if away[index] > 35.0 and rng.random() < 0.7:
                        edge = point + left[index] * side * (stream.channel[index] + 1.5)
                        roads.append(Road(np.vstack((point + across * side, edge)), 2.8, "other", "", False))
            at += spacing_m * rng.uniform(0.8, 1.4)
    return roads


def _centre(land: Landform) -> tuple[shapely.Polygon, float]:
    """An egg-shaped area about the town hall, along the main river."""
    middle = to_plane(np.array([CENTRE]))[0]
    axis = land.axis_at(middle[None])[0]
    turn = np.linspace(0, 2 * np.pi, 48, endpoint=False)
    side = np.array([-axis[1], axis[0]])
    shape = (
        middle
        + np.outer(np.cos(turn), axis) * CENTRE_RADII_M[0]
        + np.outer(np.sin(turn) * (1 + 0.2 * np.cos(turn)), side) * CENTRE_RADII_M[1]
    )
    return shapely.Polygon(shape), float(np.arctan2(axis[1], axis[0]))


def _streets(centre: shapely.Polygon, angle: float, sparse: float, rng: np.random.Generator) -> list[Road]:
    """Streets 60–115 m apart (times `sparse`) in two directions, not all of them going through."""
    middle = np.array(centre.centroid.coords[0])
    axis = np.array([np.cos(angle), np.sin(angle)])
    side = np.array([-axis[1], axis[0]])
    roads: list[Road] = []
    for first, second, reach in ((axis, side, CENTRE_RADII_M[1]), (side, axis, CENTRE_RADII_M[0])):
        at = -reach + rng.uniform(20, 60)
        while at < reach:
            start, stop = np.sort(rng.uniform(0.55, 1.0, 2)) * np.array([-1.0, 1.0])
            base = middle + second * at
            line = shapely.LineString([base + first * start * 900, base + first * stop * 900])
            inner = line.intersection(centre)
            if inner.length > 120.0:
                corners = np.asarray(shapely.segmentize(inner, 20.0).coords)
                corners = corners + second * (waves(rng, 500.0).at(corners) * 9.0)[:, None]
                roads.append(Road(corners, float(rng.choice((4.0, 5.0, 6.0, 8.0))), "town"))
            at += rng.uniform(60.0, 115.0) * sparse
    return roads


def _passes(land: Landform, town: shapely.Polygon, rng: np.random.Generator) -> list[Road]:
    """Roads between the heads of neighbouring valleys, and forest roads up some slopes."""
    heads = np.array([stream.line[-1] for stream in land.streams])
    reach = np.hypot(*(heads[:, None] - heads[None]).transpose(2, 0, 1)) + np.eye(len(heads)) * 1e9
    roads: list[Road] = []
    used: set[int] = set()
    for index in np.argsort(reach.min(axis=1), kind="stable"):
        other = int(np.argmin(reach[index]))
        if reach[index, other] > 1700.0 or {int(index), other} & used:
            continue
        used |= {int(index), other}
        span = heads[other] - heads[index]
        line = heads[index] + np.outer(np.linspace(0, 1, 30), span)
        side = np.array([-span[1], span[0]]) / np.hypot(*span)
        wind = waves(rng, 380.0).at(line) * 60.0 * np.sin(np.linspace(0, np.pi, 30))
        line = line + side * wind[:, None]
        path = shapely.LineString(line)
        if not path.within(town):
            continue
        forest = not roads or bool(rng.random() < 0.5)
        roads.append(Road(line, 3.6 if forest else 5.0, "forest_road" if forest else "town", "", not forest))
    return roads
