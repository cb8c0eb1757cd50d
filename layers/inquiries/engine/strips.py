"""The strip along an outline, as wide as a band on both sides: where the outline may truly run.

GEOS's buffer is not used on whole outlines. To save work it drops vertices that stand out by less than 1 % of the
distance, and to see what it dropped it looks at ten points of the run only, so that on a finely drawn outline it loses
bends of any size: a band of 5.0 m was met that came out 6.4 m wide, and right from another cut of the same shape
(GEOS 3.14.1, BufferInputLineSimplifier). On runs of up to 19 vertices it looks at every one. So an outline is buffered
in runs of 16 vertices; a longer one is thinned first, by Douglas and Peucker's method with a bound that the band is
widened by.

A strip is never narrower than the band: arcs are drawn around it (0.5 %), the thinning is added to it (1 %), and the
vertices that GEOS drops lie on the inner side of a bend (1 %).
"""

import numpy as np
import shapely
from numpy.typing import NDArray

_RUN = 16
_THINNING = 0.01
_ARC_SEGMENTS = 8
_AROUND_THE_ARC = 1.0 / np.cos(np.pi / (4 * _ARC_SEGMENTS))

_NOTHING = shapely.MultiLineString()

WIDEST = 1.026
"""How much wider than the band a strip may come out."""

Shapes = NDArray[np.object_]
Floats = NDArray[np.float64]
Positions = NDArray[np.intp]


def strips(zones: Shapes, band_m: Floats, parcels: Shapes) -> Shapes:
    """The strip along the outline of each zone, as far as it can reach the parcel beside it; empty if it cannot."""
    lines, owner = shapely.get_parts(shapely.boundary(zones), return_index=True)
    long = np.flatnonzero(shapely.get_num_coordinates(lines) > _RUN)
    lines[long] = shapely.simplify(lines[long], band_m[owner[long]] * _THINNING, preserve_topology=False)
    reach = band_m * _AROUND_THE_ARC
    reach[owner[long]] = band_m[owner[long]] * (1.0 + _THINNING) * _AROUND_THE_ARC
    runs, line = _runs(lines, shapely.bounds(parcels)[owner], reach[owner])
    buffered: Shapes = shapely.buffer(_collected(runs, owner[line], len(zones)), reach, quad_segs=_ARC_SEGMENTS)
    return buffered


def grown(shapes: Shapes, by_m: Floats) -> Shapes:
    """Each shape grown by a distance, or shrunk by a negative one; never less than that."""
    result = shapes.copy()
    for sign, operation in ((1, shapely.union), (-1, shapely.difference)):
        chosen = np.flatnonzero(by_m * sign > 0)
        result[chosen] = operation(shapes[chosen], strips(shapes[chosen], abs(by_m[chosen]), shapes[chosen]))
    return result


def _runs(lines: Shapes, boxes: Floats, reach: Floats) -> tuple[Shapes, Positions]:
    """What of each line comes within reach of its box, in runs of at most `_RUN` vertices, and the line of each run.

    Segments are told apart by their boxes, so some are taken that pass by; none is left out that does not.
    """
    points = shapely.get_coordinates(lines)
    owner = np.repeat(np.arange(len(lines)), shapely.get_num_coordinates(lines))
    begin = np.flatnonzero(owner[:-1] == owner[1:])
    lowest, highest = np.minimum(points[begin], points[begin + 1]), np.maximum(points[begin], points[begin + 1])
    line = owner[begin]
    margin = reach[line, None]
    near = ((lowest <= boxes[line, 2:] + margin) & (highest >= boxes[line, :2] - margin)).all(axis=1)
    begin, line = begin[near], line[near]
    follows = np.zeros(len(begin), dtype=np.bool_)
    follows[1:] = (begin[1:] == begin[:-1] + 1) & (line[1:] == line[:-1])
    chain = np.flatnonzero(~follows)
    nth = np.arange(len(begin)) - np.repeat(chain, np.diff(np.append(chain, len(begin))))
    first = np.flatnonzero(nth % (_RUN - 1) == 0)
    size = np.diff(np.append(first, len(begin))) + 1
    run = np.repeat(np.arange(len(first)), size)
    within = np.arange(len(run)) - np.repeat(np.cumsum(size) - size, size)
    return shapely.linestrings(points[begin[first][run] + within], indices=run), line[first]


def _collected(runs: Shapes, owner: Positions, zones: int) -> Shapes:
    """The runs of each zone as one geometry, empty for a zone without any."""
    collected = np.full(zones, _NOTHING, dtype=object)
    present, compact = np.unique(owner, return_inverse=True)
    if len(present):
        collected[present] = shapely.multilinestrings(runs, indices=compact)
    return collected
