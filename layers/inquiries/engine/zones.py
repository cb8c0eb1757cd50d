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
class Patches:
    """What lies of each zone around each parcel: one entry per parcel and zone that come within the band of each other.

    Ordered by parcel, then zone. `piece` is the zone around the parcel, None where the parcel is deep inside it; in
    `seamless` its seams are closed, for shrinking. `drawn_m2` is what the parcel and the zone share as drawn.
    """

    parcel: Positions
    zone: Positions
    piece: NDArray[np.object_]
    seamless: NDArray[np.object_]
    drawn_m2: Floats

    def __getitem__(self, chosen: NDArray[np.bool_] | Positions) -> "Patches":
        """Some of the entries."""
        return Patches(*(getattr(self, name)[chosen] for name in self.__dataclass_fields__))


@dataclass(frozen=True)
class Shares:
    """Patches, and what of them is certain and possible; `distance_m` is 0 where parcel and zone touch."""

    patches: Patches
    certain_m2: Floats
    possible_m2: Floats
    distance_m: Floats

    @property
    def parcel(self) -> Positions:
        """The parcel of each entry."""
        return self.patches.parcel

    @property
    def zone(self) -> Positions:
        """The zone of each entry."""
        return self.patches.zone

    @property
    def drawn_m2(self) -> Floats:
        """What is shared as drawn."""
        return self.patches.drawn_m2


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


def lay_over(plots: Plots, shapes: NDArray[np.object_], band_m: Floats) -> Patches:
    """The patches of each (valid, areal) shape: every shape is a zone of its own."""
    pairs = pair(plots, shapes, band_m)
    drawn, edge = plots.area_m2[pairs.parcel], np.flatnonzero(~pairs.deep)
    drawn[edge] = _shared(plots, pairs.parcel[edge], pairs.piece[edge])
    return join(plots, Patches(pairs.parcel, pairs.shape, pairs.piece, pairs.piece, drawn), pairs.shape)


def join(plots: Plots, patches: Patches, zone: Positions) -> Patches:
    """The patches of wider zones; `zone` has the number of the wider zone for every entry.

    An entry that is alone in its wider zone stays what it was. Where the joined pieces do not overlap, what they share
    with the parcel is the sum of what each shares; only the others are overlaid once more.
    """
    keys, first, back = _distinct(patches.parcel, zone)
    parcel, wider = patches.parcel[first], zone[first]
    several = np.bincount(back, minlength=keys) > 1
    deep = np.zeros(keys, dtype=np.bool_)
    deep[back[shapely.is_missing(patches.piece)]] = True
    piece, seamless, drawn = patches.piece[first], patches.seamless[first], patches.drawn_m2[first]
    piece[deep], seamless[deep], drawn[deep] = None, None, plots.area_m2[parcel[deep]]
    meeting = np.flatnonzero(several & ~deep)
    if len(meeting):
        piece[meeting] = seamless[meeting] = _unions(patches.piece, back, meeting)
        drawn[meeting] = np.bincount(back, patches.drawn_m2, keys)[meeting]
        whole = np.bincount(back, np.nan_to_num(shapely.area(patches.piece)), keys)[meeting]
        lapped = meeting[(shapely.area(piece[meeting]) < whole * _WHOLE) & (drawn[meeting] > 0)]
        drawn[lapped] = _shared(plots, parcel[lapped], piece[lapped])
        # of a zone that is beside the parcel, the outer outline is the nearer one wherever a seam is
        sharing = meeting[drawn[meeting] > 0]
        parts = np.bincount(back, shapely.get_num_geometries(patches.piece), keys)[sharing]
        seamless[sharing] = _closed(piece[sharing], parts.astype(np.intp))
    return Patches(parcel, wider, piece, seamless, np.minimum(drawn, plots.area_m2[parcel]))


def share(plots: Plots, patches: Patches, band_m: Floats) -> Shares:
    """What of the patches is certain and what is possible: all of the parcel where it is deep inside."""
    at, area = patches.parcel, plots.area_m2[patches.parcel]
    drawn, open_ = patches.drawn_m2, np.flatnonzero(_has_edge(patches, band_m))
    strip_m2, inside_m2 = _strip(plots, patches[open_], band_m)
    certain, possible = drawn.copy(), drawn.copy()
    certain[open_] = np.maximum(drawn[open_] - inside_m2, 0.0)
    possible[open_] = _snapped(np.minimum(drawn[open_] + strip_m2 - inside_m2, area[open_]), area[open_])
    distance = np.zeros(len(at))
    apart = np.flatnonzero(drawn == 0)
    distance[apart] = shapely.distance(patches.piece[apart], plots.geometry[at[apart]])
    return Shares(patches, certain, possible, distance)


def merge(plots: Plots, shares: Shares, band_m: Floats) -> Shares:
    """What each parcel shares with all its zones taken as one; a zone that is a parcel's only one stays as measured."""
    patches = join(plots, shares.patches, np.zeros(len(shares.zone), dtype=np.intp))
    counts = np.bincount(shares.parcel, minlength=len(plots.parcels))
    alone, single = counts[shares.parcel] == 1, counts[patches.parcel] == 1
    measured = share(plots, patches[~single], band_m)
    columns = []
    for name in ("certain_m2", "possible_m2", "distance_m"):
        column = np.empty(len(single))
        column[single], column[~single] = getattr(shares, name)[alone], getattr(measured, name)
        columns.append(column)
    return Shares(patches, *columns)


def reaches(plots: Plots, patches: Patches, needed_m2: Floats, band_m: Floats) -> NDArray[np.bool_]:
    """Whether of each patch at least so much is certain; a strip is drawn only where enough is shared as drawn."""
    enough: NDArray[np.bool_] = patches.drawn_m2 >= needed_m2
    asked = np.flatnonzero(enough & _has_edge(patches, band_m))
    _, inside_m2 = _strip(plots, patches[asked], band_m)
    enough[asked] = np.maximum(patches.drawn_m2[asked] - inside_m2, 0.0) >= needed_m2[asked]
    return enough


def _has_edge(patches: Patches, band_m: Floats) -> NDArray[np.bool_]:
    """Where a strip has to be drawn: the zone's outline comes near, and it is not certain where it runs."""
    edge: NDArray[np.bool_] = ~shapely.is_missing(patches.piece) & (band_m[patches.parcel] > 0)
    return edge


def _strip(plots: Plots, patches: Patches, band_m: Floats) -> tuple[Floats, Floats]:
    """The area of the strip along each zone's outline in the parcel, and of the part of it that lies in the zone."""
    parcels = plots.geometry[patches.parcel]
    strip = shapely.intersection(strips(patches.seamless, band_m[patches.parcel], parcels), parcels)
    strip_m2 = shapely.area(strip)
    # most parcels lie wholly inside or wholly outside of the zone, and so does all of the strip that is in them
    inside_m2 = np.where(patches.drawn_m2 > 0, strip_m2, 0.0)
    partly = np.flatnonzero((patches.drawn_m2 > 0) & (patches.drawn_m2 < plots.area_m2[patches.parcel]))
    inside_m2[partly] = shapely.area(shapely.intersection(strip[partly], patches.seamless[partly]))
    return strip_m2, np.minimum(inside_m2, strip_m2)


def _shared(plots: Plots, parcel: Positions, piece: NDArray[np.object_]) -> Floats:
    """The area that each piece shares with its parcel as drawn.

    Of the zones around a parcel most do not meet it, which is known ten times sooner than an overlay says so; and what
    is drawn of a list often is the parcel itself.
    """
    own = plots.geometry[parcel]
    shared = np.where(shapely.equals_identical(piece, own), plots.area_m2[parcel], 0.0)
    other = np.flatnonzero((shared == 0) & shapely.intersects(piece, own))
    measured = shapely.area(shapely.intersection(piece[other], own[other]))
    shared[other] = _snapped(measured, plots.area_m2[parcel[other]])
    return shared


def _distinct(parcel: Positions, zone: Positions) -> tuple[int, Positions, Positions]:
    """The different (parcel, zone): how many, where each is first seen, and which one each entry is."""
    zones = int(zone.max(initial=0)) + 1
    keys, first, back = np.unique(parcel * zones + zone, return_index=True, return_inverse=True)
    return len(keys), first, back


def _unions(pieces: NDArray[np.object_], back: Positions, wanted: Positions) -> NDArray[np.object_]:
    """The union of the pieces of each wanted key; two are joined by an overlay of their own, at a third of the cost."""
    order = np.argsort(back, kind="stable")
    start, end = np.searchsorted(back[order], [wanted, wanted + 1])
    joined = np.empty(len(wanted), dtype=object)
    two = end - start == 2
    joined[two] = shapely.union(pieces[order[start[two]]], pieces[order[start[two] + 1]])
    for position in np.flatnonzero(~two):
        joined[position] = shapely.union_all(pieces[order[start[position] : end[position]]])
    return joined


def _closed(unions: NDArray[np.object_], parts: Positions) -> NDArray[np.object_]:
    """Unions with their seams closed; `parts` says of how many parts each was made, by which one without seams is known."""
    opened = shapely.buffer(unions, _SEAM_M, join_style="mitre")
    seams = (shapely.get_num_geometries(unions) != parts) | (shapely.get_num_geometries(opened) != parts)
    closed = unions.copy()
    closed[seams] = shapely.buffer(opened[seams], -_SEAM_M, join_style="mitre")
    return closed


def _snapped(measured_m2: Floats, area_m2: Floats) -> Floats:
    """The whole area where all but a billionth of it was measured: overlays lose the last digits."""
    return np.where(measured_m2 >= area_m2 * _WHOLE, area_m2, measured_m2)
