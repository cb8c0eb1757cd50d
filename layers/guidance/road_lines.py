"""The published roads that people may walk, as lines that meet only at their ends."""

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry
from shapely.ops import substring

from layers.guidance.reading import Rows

JOIN_M = 5.0
"""An end this near to another road meets it: centre lines end at the edge of the road that they run into."""
GRID_M = 0.01
"""What is nearer than this is one place."""
_OVERSHOOT_M = 0.02
_STUB_M = 0.5
_MOTOR_WORDS = ("自動車道", "高速", "自動車専用")
_WIDE_CLASSES = frozenset({3, 4, 5})
"""N13_006 from 5.5 m on: what is that wide and no public road of the three kinds is an expressway or its ramp."""
_WIDE_M = 5.5
_OVER_GROUND = frozenset({"bridge", "tunnel"})

COLUMNS = ("road_class", "route_name", "width_m", "width_class", "status")
Lines = NDArray[np.object_]


def walkable(rows: Rows) -> NDArray[np.bool_]:
    """Which roads people may walk.

    N13 has the expressway (code 4) and lanes of no class (5) under one class of ours, `other`: the expressway is told by its
    name or, since N13 has no names, by its width. Roads that are being built lead nowhere yet.
    """
    return np.array([_may_walk(rows, at) for at in range(len(rows))], dtype=np.bool_)


def _may_walk(rows: Rows, at: int) -> bool:
    road_class, name, width_m, width_class, status = (rows.columns[column][at] for column in COLUMNS)
    if status == "construction" or any(word in str(name or "") for word in _MOTOR_WORDS):
        return False
    is_wide = width_class in _WIDE_CLASSES or (isinstance(width_m, (int, float)) and width_m >= _WIDE_M)
    return not (road_class == "other" and is_wide)


def noded(shapes: Lines, statuses: list[object]) -> Lines:
    """The roads as pieces that meet at their ends. A bridge or tunnel meets others at its ends only, not where it crosses."""
    parts, owner = shapely.get_parts(shapes, return_index=True)
    lifted = np.array([statuses[at] in _OVER_GROUND for at in owner], dtype=np.bool_)
    lifted &= shapely.length(parts) > 4 * _STUB_M
    stubs: list[BaseGeometry] = []
    spans: list[BaseGeometry] = []
    for line in parts[lifted]:
        stubs += [substring(line, 0, _STUB_M), substring(line, line.length - _STUB_M, line.length)]
        spans.append(substring(line, _STUB_M, line.length - _STUB_M))
    ground = np.array([*parts[~lifted], *stubs], dtype=object)
    joined = shapely.union_all(np.array([*ground, *_joints(ground)], dtype=object), grid_size=GRID_M)
    pieces = [*shapely.get_parts(joined), *shapely.set_precision(np.array(spans, dtype=object), GRID_M)]
    return np.array([piece for piece in pieces if piece.geom_type == "LineString" and piece.length > 0], dtype=object)


def _joints(lines: Lines) -> list[BaseGeometry]:
    """Short lines from the ends that stop just before another line to that line, and a little over it."""
    ends = shapely.points([point for line in lines for point in (line.coords[0], line.coords[-1])])
    own = np.repeat(np.arange(len(lines)), 2)
    at, other = shapely.STRtree(lines).query(ends, predicate="dwithin", distance=JOIN_M)
    at, other = at[own[at] != other], other[own[at] != other]
    apart = shapely.distance(ends[at], lines[other])
    at, other = at[apart > 0], other[apart > 0]
    shortest = shapely.get_coordinates(shapely.shortest_line(ends[at], lines[other])).reshape(-1, 2, 2)
    start, stop = shortest[:, 0], shortest[:, 1]
    length = np.maximum(np.hypot(*(stop - start).T), 1e-9)[:, None]
    beyond = stop + (stop - start) / length * _OVERSHOOT_M
    return [shapely.LineString([a, b]) for a, b in zip(start, beyond, strict=True)]
