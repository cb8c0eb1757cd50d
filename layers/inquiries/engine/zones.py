"""How much of a parcel lies in a zone, when neither outline is where it is drawn.

The picture. The zone's outline is drawn as a line, but it may truly run anywhere within `band` metres of that line: the
band is the root of the parcel's error squared plus the layer's error squared. So think of three zones, one inside the
other: the drawn zone; the *certain* zone, which is the drawn zone shrunk by the band on every side; and the *possible*
zone, which is the drawn zone grown by the band on every side. What a parcel shares with the certain zone it shares for
sure; what lies beyond the possible zone is out for sure. A parcel narrower than the band and deep inside the zone lies
in the certain zone, and is in. A parcel that shares an edge with the zone touches the possible zone only, and is open.

    drawn_m2 = area(parcel ∩ zone)
    certain_m2 = area(parcel ∩ zone shrunk by the band)  = drawn_m2 - area(parcel ∩ zone ∩ strip along the outline)
    possible_m2 = area(parcel ∩ zone grown by the band)  = drawn_m2 + area(parcel ∩ strip along the outline - zone)

Overlapping shapes of one group are joined first, so nothing is counted twice, and an edge between two of them is no
outline. Every edge that is drawn within 2 cm of another counts as joined: transformed neighbours part by millimetres.
Arcs are drawn around the true band (0.5 % wider), so what is called certain is certain.
"""

from dataclasses import dataclass, replace

import numpy as np
import shapely
from numpy.typing import NDArray

from layers.inquiries.engine.cutting import box_around, cut
from layers.inquiries.engine.plots import Plots

_ARC_SEGMENTS = 8
_AROUND_THE_ARC = 1.0 / np.cos(np.pi / (4 * _ARC_SEGMENTS))
_SEAM_M = 0.01
_WHOLE = 1.0 - 1e-9

Floats = NDArray[np.float64]
Positions = NDArray[np.intp]


@dataclass(frozen=True)
class Pairs:
    """Parcels and shapes that come within a limit of each other, by position, ordered by parcel and then shape.

    `deep`: the parcel is inside the shape and farther than the limit from its outline.
    """

    parcel: Positions
    shape: Positions
    deep: NDArray[np.bool_]


@dataclass(frozen=True)
class Shares:
    """What parcels share with zones: one entry per parcel and zone that come within the band of each other.

    Ordered by parcel, then zone. `piece` is the zone around the parcel, None where the parcel is deep inside it.
    `distance_m` is 0 where they touch. `pairs` are the parcels and the shapes that make up the zones.
    """

    parcel: Positions
    zone: Positions
    drawn_m2: Floats
    certain_m2: Floats
    possible_m2: Floats
    distance_m: Floats
    piece: NDArray[np.object_]
    pairs: Pairs


def pair(plots: Plots, shapes: NDArray[np.object_], limit_m: Floats) -> Pairs:
    """The parcels and shapes within each parcel's limit of each other.

    A limit is for a parcel what the band is; NaN leaves the parcel out. The shapes are prepared (indexed once), which
    makes a test against 10,000 coordinates 3 µs instead of 200.
    """
    asked = np.flatnonzero(~shapely.is_missing(plots.geometry) & ~np.isnan(limit_m))
    boxes = shapely.box(*box_around(plots.box[asked], limit_m[asked]).T)
    at, shape = shapely.STRtree(shapes).query(boxes)
    parcel = asked[at]
    shapely.prepare(shapes[np.unique(shape)])
    within = shapely.dwithin(shapes[shape], plots.geometry[parcel], limit_m[parcel])
    parcel, shape = parcel[within], shape[within]
    order = np.lexsort((shape, parcel))
    parcel, shape = parcel[order], shape[order]
    return Pairs(parcel, shape, ~_outline_within(plots, shapes, parcel, shape, limit_m))


def _outline_within(
    plots: Plots, shapes: NDArray[np.object_], parcel: Positions, shape: Positions, limit_m: Floats
) -> NDArray[np.bool_]:
    """Whether the outline of the shape comes within the limit; a line or a point is all outline."""
    used, back = np.unique(shape, return_inverse=True)
    areal = shapely.get_dimensions(shapes[used]) == 2
    outlines = shapes[used]
    outlines[areal] = shapely.boundary(outlines[areal])
    shapely.prepare(outlines)
    reached: NDArray[np.bool_] = shapely.dwithin(outlines[back], plots.geometry[parcel], limit_m[parcel])
    return reached


def share(plots: Plots, shapes: NDArray[np.object_], zone: Positions, band_m: Floats) -> Shares:
    """What each parcel shares with each zone; `zone` gives for every (valid, areal) shape the number of its zone."""
    parts, owner = shapely.get_parts(shapes, return_index=True)
    near = pair(plots, parts, band_m)
    pieces = np.full(len(near.parcel), None, dtype=object)
    edge = np.flatnonzero(~near.deep)
    pieces[edge] = around(plots, parts[near.shape[edge]], near.parcel[edge], band_m)
    pairs = Pairs(near.parcel, owner[near.shape], near.deep)
    return _gathered(plots, pairs, zone[pairs.shape], pieces, band_m)


def around(plots: Plots, shapes: NDArray[np.object_], parcel: Positions, limit_m: Floats) -> NDArray[np.object_]:
    """Each shape cut to what lies about its parcel; the cut edges lie beyond the limit and its arcs."""
    return cut(shapes, box_around(plots.box[parcel], limit_m[parcel] * 1.02 + 0.9))


def regroup(plots: Plots, shares: Shares, zone: Positions, band_m: Floats) -> Shares:
    """What each parcel shares with wider zones; `zone` has the number of the wider zone for every entry of `shares`."""
    by_zone = Pairs(shares.parcel, shares.zone, shapely.is_missing(shares.piece))
    return replace(_gathered(plots, by_zone, zone, shares.piece, band_m), pairs=shares.pairs)


def merge(plots: Plots, shares: Shares, band_m: Floats) -> Shares:
    """What each parcel shares with all its zones taken as one."""
    return regroup(plots, shares, np.zeros(len(shares.zone), dtype=np.intp), band_m)


def _gathered(plots: Plots, pairs: Pairs, zone: Positions, pieces: NDArray[np.object_], band_m: Floats) -> Shares:
    """Join the pieces of each parcel and zone and measure the result; one deep pair makes the whole deep."""
    parcel = pairs.parcel
    keys, first, back = _distinct(parcel, zone)
    deep = np.zeros(keys, dtype=np.bool_)
    deep[back[pairs.deep]] = True
    joined, seamless = _joined(pieces, back, deep)
    at = parcel[first]
    drawn, certain, possible = _measured(plots, at, joined, seamless, band_m)
    distance = np.zeros(keys)
    apart = np.flatnonzero(~deep & (drawn == 0))
    distance[apart] = shapely.distance(joined[apart], plots.geometry[at[apart]])
    return Shares(at, zone[first], drawn, certain, possible, distance, joined, pairs)


def _distinct(parcel: Positions, zone: Positions) -> tuple[int, Positions, Positions]:
    """The different (parcel, zone): how many, where each is first seen, and which one each entry is."""
    zones = int(zone.max(initial=0)) + 1
    keys, first, back = np.unique(parcel * zones + zone, return_index=True, return_inverse=True)
    return len(keys), first, back


def _joined(
    pieces: NDArray[np.object_], back: Positions, deep: NDArray[np.bool_]
) -> tuple[NDArray[np.object_], NDArray[np.object_]]:
    """The union of the pieces of each key, None where deep; and the same with seams closed, for shrinking."""
    count = len(deep)
    joined = np.full(count, None, dtype=object)
    joined[back] = pieces
    joined[deep] = None
    seamless = joined.copy()
    several = np.flatnonzero((np.bincount(back, minlength=count) > 1) & ~deep)
    if len(several):
        order = np.argsort(back, kind="stable")
        ends = np.searchsorted(back[order], [several, several + 1])
        for key, start, end in zip(several, *ends, strict=True):
            joined[key] = shapely.union_all(pieces[order[start:end]])
        opened = shapely.buffer(joined[several], _SEAM_M, join_style="mitre")
        seamless[several] = shapely.buffer(opened, -_SEAM_M, join_style="mitre")
    return joined, seamless


def _measured(
    plots: Plots, at: Positions, joined: NDArray[np.object_], seamless: NDArray[np.object_], band_m: Floats
) -> tuple[Floats, Floats, Floats]:
    """drawn_m2, certain_m2 and possible_m2; all three the parcel's area where it is deep inside."""
    area = plots.area_m2[at]
    drawn, certain, possible = area.copy(), area.copy(), area.copy()
    edge = np.flatnonzero(~shapely.is_missing(joined))
    parcels, radius = plots.geometry[at[edge]], band_m[at[edge]] * _AROUND_THE_ARC
    drawn[edge] = _snapped(shapely.area(shapely.intersection(joined[edge], parcels)), area[edge])
    shrunk = shapely.buffer(seamless[edge], -radius, quad_segs=_ARC_SEGMENTS)
    certain[edge] = shapely.area(shapely.intersection(shrunk, parcels))
    grown = shapely.buffer(joined[edge], radius, quad_segs=_ARC_SEGMENTS)
    possible[edge] = shapely.area(shapely.intersection(grown, parcels))
    exact = edge[band_m[at[edge]] == 0]
    certain[exact] = possible[exact] = drawn[exact]
    return drawn, np.minimum(_snapped(certain, area), drawn), np.maximum(_snapped(possible, area), drawn)


def _snapped(measured_m2: Floats, area_m2: Floats) -> Floats:
    """The whole area where all but a billionth of it was measured: overlays lose the last digits."""
    return np.where(measured_m2 >= area_m2 * _WHOLE, area_m2, measured_m2)
