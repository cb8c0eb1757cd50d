"""How much of a parcel lies in a zone, when neither outline is where it is drawn.

The picture. The zone's outline is drawn as a line, but it may truly run anywhere within `band` metres of that line: the
band is the root of the parcel's error squared plus the layer's error squared. So think of three zones, one inside the
other: the drawn zone; the *certain* zone, which is the drawn zone shrunk by the band on every side; and the *possible*
zone, which is the drawn zone grown by the band on every side. What a parcel shares with the certain zone it shares for
sure; what lies beyond the possible zone is out for sure. A parcel narrower than the band and deep inside the zone lies
in the certain zone, and is in. A parcel that shares an edge with the zone touches the possible zone only, and is open.

    drawn_m2    = area(parcel ∩ zone)
    certain_m2  = area(parcel ∩ zone shrunk by the band) = drawn_m2 - area(parcel ∩ strip ∩ zone)
    possible_m2 = area(parcel ∩ zone grown by the band)  = drawn_m2 + area(parcel ∩ strip - zone)

where the strip is all that lies within the band of the zone's outline.

Overlapping shapes of one group are joined first, so nothing is counted twice, and an edge between two of them is no
outline. Every edge that is drawn within 2 cm of another counts as joined: transformed neighbours part by millimetres.
The strip is never narrower than the band (up to 2.6 % wider, see `strips`), so what is called certain is certain.
"""

from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

from layers.inquiries.engine.cutting import SMALL, box_around, cut
from layers.inquiries.engine.plots import Plots
from layers.inquiries.engine.strips import WIDEST, strips

_SEAM_M = 0.01
_WHOLE = 1.0 - 1e-9
_WORTH_AN_INDEX = 8

Floats = NDArray[np.float64]
Positions = NDArray[np.intp]


@dataclass(frozen=True)
class Pairs:
    """Parcels and shapes that come within a limit of each other, by position, ordered by parcel and then shape.

    `piece` is the shape cut to what lies about the parcel, its cut edges beyond the limit and the arcs around it; it is
    None where the shape holds all of the parcel and its surroundings (`deep`).
    """

    parcel: Positions
    shape: Positions
    piece: NDArray[np.object_]

    @property
    def deep(self) -> NDArray[np.bool_]:
        """Where the parcel lies in the shape, farther than the limit from its outline."""
        missing: NDArray[np.bool_] = shapely.is_missing(self.piece)
        return missing


@dataclass(frozen=True)
class Shares:
    """What parcels share with zones: one entry per parcel and zone that come within the band of each other.

    Ordered by parcel, then zone. `piece` is the zone around the parcel, None where the parcel is deep inside it.
    `distance_m` is 0 where they touch.
    """

    parcel: Positions
    zone: Positions
    drawn_m2: Floats
    certain_m2: Floats
    possible_m2: Floats
    distance_m: Floats
    piece: NDArray[np.object_]


_MEASURED = ("drawn_m2", "certain_m2", "possible_m2", "distance_m", "piece")


def pair(plots: Plots, shapes: NDArray[np.object_], limit_m: Floats) -> Pairs:
    """The parcels and the parts of shapes within each parcel's limit (NaN leaves the parcel out) of each other.

    Only what a shape has in the box around a parcel is measured: the distance to a shape of 10,000 coordinates takes
    200 µs, cutting it 50, and asking whether it meets the box 1 once it is indexed, which takes about 1,000.
    """
    parts, owner = shapely.get_parts(shapes, return_index=True)
    asked = np.flatnonzero(~shapely.is_missing(plots.geometry) & ~np.isnan(limit_m))
    corners = box_around(plots.box, limit_m * WIDEST + 0.9)
    boxes = shapely.box(*corners[asked].T)
    at, part = shapely.STRtree(parts).query(boxes)
    at, part, deep = _sifted(parts, boxes, at, part)
    parcel = asked[at]
    pieces = np.full(len(parcel), None, dtype=object)
    edge = np.flatnonzero(~deep)
    pieces[edge] = cut(parts[part[edge]], corners[parcel[edge]])
    near = shapely.is_missing(pieces) | shapely.dwithin(pieces, plots.geometry[parcel], limit_m[parcel])
    chosen = np.flatnonzero(near)
    chosen = chosen[np.lexsort((part[chosen], parcel[chosen]))]
    return Pairs(parcel[chosen], owner[part[chosen]], pieces[chosen])


def _sifted(
    parts: NDArray[np.object_], boxes: NDArray[np.object_], at: Positions, part: Positions
) -> tuple[Positions, Positions, NDArray[np.bool_]]:
    """The pairs of boxes and parts that meet, as far as that is cheaply known, and whether the part holds all the box.

    Small parts, and those that many parcels are compared with, are indexed for it; of the others, every pair is kept.
    """
    worth_it = np.bincount(part, minlength=len(parts)) >= _WORTH_AN_INDEX
    worth_it[part] |= shapely.get_num_coordinates(parts[part]) <= SMALL
    shapely.prepare(parts[worth_it])
    indexed = np.flatnonzero(worth_it[part])
    meets = np.ones(len(part), dtype=np.bool_)
    meets[indexed] = shapely.intersects(parts[part[indexed]], boxes[at[indexed]])
    indexed = indexed[meets[indexed]]
    deep = np.zeros(len(part), dtype=np.bool_)
    deep[indexed] = shapely.contains_properly(parts[part[indexed]], boxes[at[indexed]])
    return at[meets], part[meets], deep[meets]


def share(plots: Plots, shapes: NDArray[np.object_], band_m: Floats) -> Shares:
    """What each parcel shares with each (valid, areal) shape: every shape is a zone of its own."""
    pairs = pair(plots, shapes, band_m)
    return _gathered(plots, pairs, pairs.shape, band_m)


def regroup(plots: Plots, shares: Shares, zone: Positions, band_m: Floats) -> Shares:
    """What each parcel shares with wider zones; `zone` has the number of the wider zone for every entry of `shares`.

    An entry that is alone in its wider zone stays what it was measured to be.
    """
    count, _, back = _distinct(shares.parcel, zone)
    alone = np.bincount(back, minlength=count)[back] == 1
    single = _chosen(shares, zone, alone)
    if alone.all():
        return _in_order(single)
    pairs = Pairs(shares.parcel[~alone], shares.zone[~alone], shares.piece[~alone])
    return _in_order(single, _gathered(plots, pairs, zone[~alone], band_m))


def merge(plots: Plots, shares: Shares, band_m: Floats) -> Shares:
    """What each parcel shares with all its zones taken as one."""
    return regroup(plots, shares, np.zeros(len(shares.zone), dtype=np.intp), band_m)


def _chosen(shares: Shares, zone: Positions, keep: NDArray[np.bool_]) -> Shares:
    """Some of the entries, under other zones."""
    columns = {name: getattr(shares, name)[keep] for name in _MEASURED}
    return Shares(parcel=shares.parcel[keep], zone=zone[keep], **columns)


def _in_order(*several: Shares) -> Shares:
    """All the entries, ordered by parcel and zone."""
    parcel = np.concatenate([shares.parcel for shares in several])
    zone = np.concatenate([shares.zone for shares in several])
    order = np.lexsort((zone, parcel))
    columns = {name: np.concatenate([getattr(shares, name) for shares in several])[order] for name in _MEASURED}
    return Shares(parcel=parcel[order], zone=zone[order], **columns)


def _gathered(plots: Plots, pairs: Pairs, zone: Positions, band_m: Floats) -> Shares:
    """Join the pieces of each parcel and zone and measure the result; one deep pair makes the whole deep."""
    parcel = pairs.parcel
    keys, first, back = _distinct(parcel, zone)
    deep = np.zeros(keys, dtype=np.bool_)
    deep[back[pairs.deep]] = True
    joined, seamless = _joined(pairs.piece, back, deep)
    at = parcel[first]
    drawn, certain, possible = _measured(plots, at, joined, seamless, band_m)
    distance = np.zeros(keys)
    apart = np.flatnonzero(~deep & (drawn == 0))
    distance[apart] = shapely.distance(joined[apart], plots.geometry[at[apart]])
    return Shares(at, zone[first], drawn, certain, possible, distance, joined)


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
    area, band, parcels = plots.area_m2[at], band_m[at], plots.geometry[at]
    edge = ~shapely.is_missing(joined)
    drawn = area.copy()
    drawn[edge] = _snapped(shapely.area(shapely.intersection(joined[edge], parcels[edge])), area[edge])
    open_ = np.flatnonzero(edge & (band > 0))
    strip = shapely.intersection(strips(seamless[open_], band[open_], parcels[open_]), parcels[open_])
    strip_m2 = shapely.area(strip)
    inside_m2 = np.minimum(shapely.area(shapely.intersection(strip, seamless[open_])), strip_m2)
    certain, possible = drawn.copy(), drawn.copy()
    certain[open_] = np.maximum(drawn[open_] - inside_m2, 0.0)
    possible[open_] = _snapped(np.minimum(drawn[open_] + strip_m2 - inside_m2, area[open_]), area[open_])
    return drawn, certain, possible


def _snapped(measured_m2: Floats, area_m2: Floats) -> Floats:
    """The whole area where all but a billionth of it was measured: overlays lose the last digits."""
    return np.where(measured_m2 >= area_m2 * _WHOLE, area_m2, measured_m2)
