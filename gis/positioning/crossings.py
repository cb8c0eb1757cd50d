"""Where a line meets itself."""

import numpy as np
import shapely
from numpy.typing import NDArray

from gis.positioning.refusal import Place


def crossings(places: NDArray[np.float64], *, closed: bool) -> list[Place]:
    """The places where edges of a line through (n, 2) meet that are not neighbours, or where neighbours run back on each other.

    Each place once, in the order of the line. A `closed` line also has the edge from its last vertex to its first.
    """
    ends = np.roll(places, -1, axis=0) if closed else places[1:]
    starts = places if closed else places[:-1]
    edges = shapely.linestrings(np.stack([starts, ends], axis=1))
    count = len(edges)
    pairs = shapely.STRtree(edges).query(edges, predicate="intersects")
    found: dict[Place, None] = {}
    for first, second in sorted(zip(*pairs.tolist(), strict=True)):
        if first >= second:
            continue
        meeting = shapely.intersection(edges[first], edges[second])
        shared = _shared_vertex(places, first, second, count, closed=closed)
        if shared is not None and meeting.geom_type == "Point":
            continue
        spot = meeting if meeting.geom_type == "Point" else shapely.point_on_surface(meeting)
        found[(round(spot.x, 3), round(spot.y, 3))] = None
    return list(found)


def _shared_vertex(places: NDArray[np.float64], first: int, second: int, count: int, *, closed: bool) -> int | None:
    """The vertex in which two edges are neighbours, None where they are not."""
    if second == first + 1:
        return second
    if closed and first == 0 and second == count - 1 and len(places) > 2:
        return 0
    return None
