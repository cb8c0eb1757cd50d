"""Cuts faces of a mesh in two, many at once, until a number of parcels is reached.

A cut adds its end points to the edges it meets, and an edge belongs to both its faces: neighbours stay edge-matched by
construction.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import shapely

from layers.sample_town.mesh import Bools, Floats, Geometries, Ints, Mesh, spans

CLEARANCE_M = 0.4  # a cut keeps this far from the corners of an edge, two cuts of one edge this far from each other
SHORTEST_CUT_M = 1.8
POINTS_EVERY_M = 22.0
REFUSALS = 6


@dataclass(frozen=True)
class Rules:
    """What each starting face is to become: `target` m² of a parcel, `aspect` its length over its depth, `wobble` of its cuts.

    `axis` gives unit vectors (k, 2) at places (k, 2) for starting faces (k,): the direction of the stream, road or contour there.
    """

    target: Floats
    aspect: Floats
    wobble: Floats
    axis: Callable[[Floats, Ints], Floats]


@dataclass(frozen=True)
class Parcelling:
    """The cut mesh, the starting face of each face, and the numbers of the last two cuts that made it (−1 none)."""

    mesh: Mesh
    origin: Ints
    last_cut: Ints
    cut_before: Ints


@dataclass(frozen=True)
class _Cuts:
    """Cuts of faces (k,) along normal · p + bow · (tangent · p − middle)² = offset, where tangent is the normal turned left."""

    faces: Ints
    normal: Floats
    offset: Floats
    bow: Floats
    middle: Floats

    @property
    def tangent(self) -> Floats:
        return _turned_left(self.normal)


@dataclass(frozen=True)
class _Crossings:
    """Where the accepted cuts (`which`) meet their ring: (k, 2) element positions in ring order and shares of those edges."""

    which: Ints
    element: Ints
    share: Floats


def subdivide(mesh: Mesh, rules: Rules, count: int, rng: np.random.Generator) -> Parcelling:
    """Cuts until there are exactly `count` faces, largest first in proportion to their target.

    Raises ValueError when the mesh has more faces than wanted or can no longer be cut.
    """
    if mesh.count > count:
        raise ValueError(f"{mesh.count} starting faces for {count} parcels")
    state = Parcelling(mesh, np.arange(mesh.count), np.full(mesh.count, -1), np.full(mesh.count, -1))
    scale = _scale(mesh.areas(), rules.target, count)
    refusals = np.zeros(mesh.count, dtype=np.int64)
    areas = mesh.areas()
    numbered = 0
    while state.mesh.count < count:
        ratio = areas / (rules.target[state.origin] * scale)
        wanted = _wanted(ratio, refusals, count - state.mesh.count, rng)
        state, done = _apply(state, _choose(state, wanted, rules, refusals, rng), numbered)
        numbered += len(wanted)
        areas = _measured(state.mesh, areas, wanted)
        refusals[wanted] = np.where(done, 0, refusals[wanted] + 1)
        refusals = np.concatenate((refusals, np.zeros(state.mesh.count - len(refusals), dtype=np.int64)))
    return state


def _measured(mesh: Mesh, before: Floats, cut: Ints) -> Floats:
    """Areas after some faces were cut; the others keep theirs (a vertex put on an edge moves it by less than a millimetre)."""
    areas = np.concatenate((before, np.zeros(mesh.count - len(before))))
    changed = np.concatenate((cut, np.arange(len(before), mesh.count)))
    take = spans(mesh.offsets[changed], mesh.lengths[changed])
    areas[changed] = Mesh(mesh.points, mesh.ring[take], _offsets(mesh.lengths[changed])).areas()
    return areas


def _scale(areas: Floats, target: Floats, count: int) -> float:
    """The factor on all targets at which the faces give a little less than `count` parcels."""
    low, high = 0.01, 1000.0
    for _ in range(50):
        middle = (low * high) ** 0.5
        if np.maximum(1.0, areas / (target * middle)).sum() > count:
            low = middle
        else:
            high = middle
    return high * 1.1


def _wanted(ratio: Floats, refusals: Ints, room: int, rng: np.random.Generator) -> Ints:
    """Faces to cut now: those too large, or, when few are, the largest; never more than there is room for."""
    able = refusals < REFUSALS
    wanted = np.flatnonzero(able & (ratio > rng.uniform(1.25, 1.9, len(ratio))))
    if len(wanted) < min(room, 25) and able.any():
        wanted = np.flatnonzero(able & (ratio > 0.6 * ratio[able].max()))
    if len(wanted) > room:
        wanted = wanted[np.argsort(-ratio[wanted], kind="stable")][:room]
    if not len(wanted):
        raise ValueError("no face can be cut any further")
    return np.sort(wanted)


def _choose(state: Parcelling, faces: Ints, rules: Rules, refusals: Ints, rng: np.random.Generator) -> _Cuts:
    """Across the axis where a face is long for its depth, else along it; slightly turned, shifted and bowed."""
    mesh, origin, k = state.mesh, state.origin[faces], len(faces)
    take = spans(mesh.offsets[faces], mesh.lengths[faces])
    who = np.repeat(np.arange(k), mesh.lengths[faces])
    begins = _begins(mesh.lengths[faces])
    points = mesh.points[mesh.ring[take]]
    centre = (np.minimum.reduceat(points, begins) + np.maximum.reduceat(points, begins)) / 2.0
    along = _turned(rules.axis(centre, origin), rng.normal(0.0, 0.05, k) * rules.wobble[origin])
    depth = _turned_left(along)
    u0, u1 = _extent((points * along[who]).sum(axis=1), begins)
    v0, v1 = _extent((points * depth[who]).sum(axis=1), begins)
    across = (u1 - u0) > rules.aspect[origin] * np.exp(rng.normal(0.0, 0.25, k)) * (v1 - v0)
    tried = refusals[faces]
    across ^= tried % 2 == 1
    normal = np.where(across[:, None], along, depth)
    share = 0.5 + rng.uniform(-0.13, 0.13, k) * np.minimum(1.0 + tried, 3.0)
    offset = np.where(across, u0 + (u1 - u0) * share, v0 + (v1 - v0) * share)
    length = np.maximum(np.where(across, v1 - v0, u1 - u0), 1.0)
    sagitta = rng.normal(0.0, 0.035, k) * rules.wobble[origin] * length
    bow = np.where(tried > 1, 0.0, sagitta / (length / 2.0) ** 2)
    return _Cuts(faces, normal, offset, bow, (centre * _turned_left(normal)).sum(axis=1))


def _cross(mesh: Mesh, cuts: _Cuts) -> _Crossings:
    """Where the cuts enter and leave their faces: the longest passage of each, which is at least `SHORTEST_CUT_M` long."""
    lengths = mesh.lengths[cuts.faces]
    take = spans(mesh.offsets[cuts.faces], lengths)
    who = np.repeat(np.arange(len(cuts.faces)), lengths)
    begins = _begins(lengths)
    points = mesh.points[mesh.ring[take]]
    t = (points * cuts.tangent[who]).sum(axis=1) - cuts.middle[who]
    f = (points * cuts.normal[who]).sum(axis=1) - cuts.offset[who] + cuts.bow[who] * t**2
    following = np.arange(1, len(take) + 1)
    following[begins + lengths - 1] = begins
    at = np.flatnonzero((f > 0) != (f[following] > 0))
    share = f[at] / (f[at] - f[following[at]])
    along = t[at] + (t[following[at]] - t[at]) * share
    order = np.lexsort((along, who[at]))
    at, share, along = at[order], share[order], along[order]
    long = along[1::2] - along[0::2]  # a closed ring is crossed an even number of times
    cut = who[at[0::2]]
    best = np.lexsort((-long, cut))
    best = best[np.concatenate(([True], cut[best][1:] != cut[best][:-1]))] if len(best) else best
    best = best[long[best] > SHORTEST_CUT_M]
    which = cut[best]
    chosen = 2 * best[:, None] + np.arange(2)
    step = points[following[at]] - points[at]
    margin = np.minimum(0.5, CLEARANCE_M / np.maximum(np.hypot(step[:, 0], step[:, 1]), 1e-6))
    share = np.clip(share, margin, 1.0 - margin)
    return _Crossings(which, take[at[chosen]], share[chosen])


def _apply(state: Parcelling, cuts: _Cuts, numbered: int) -> tuple[Parcelling, Bools]:
    """Makes the cuts that can be made; also tells which were (per cut)."""
    done = np.zeros(len(cuts.faces), dtype=bool)
    crossings = _cross(state.mesh, cuts)
    if not len(crossings.which):
        return state, done
    crossings, extra, inner = _arcs(state.mesh, cuts, crossings)
    faces = cuts.faces[crossings.which]
    points, ends, keys, vertices = _end_points(state.mesh, crossings)
    mesh = _insert(state.mesh, points, keys, vertices)
    first_inner = len(mesh.points) + _begins(extra)
    mesh = _split(Mesh(np.vstack((mesh.points, inner)), mesh.ring, mesh.offsets), faces, ends, first_inner, extra)
    done[crossings.which] = True
    last, before = state.last_cut.copy(), state.cut_before.copy()
    before[faces] = last[faces]
    last[faces] = numbered + crossings.which
    origin = np.concatenate((state.origin, state.origin[faces]))
    return Parcelling(mesh, origin, np.concatenate((last, last[faces])), np.concatenate((before, before[faces]))), done


def _arcs(mesh: Mesh, cuts: _Cuts, crossings: _Crossings) -> tuple[_Crossings, Ints, Floats]:
    """Points between the two ends of each cut, on its parabola; on its chord where the parabola leaves the face.

    A cut whose chord leaves the face too is dropped. Gives the cuts left, the number of points of each, and the points.
    """
    a = mesh.ring[crossings.element]
    b = mesh.ring[mesh.following[crossings.element]]
    ends = mesh.points[a] + (mesh.points[b] - mesh.points[a]) * crossings.share[:, :, None]
    start, stop = ends[:, 0], ends[:, 1]
    tangent, normal, bow = (values[crossings.which] for values in (cuts.tangent, cuts.normal, cuts.bow))
    extra = np.clip(np.hypot(*(stop - start).T) / POINTS_EVERY_M, 0, 6).astype(np.int64)
    t0, t1 = (start * tangent).sum(axis=1), (stop * tangent).sum(axis=1)
    faces = _polygons_of(mesh, cuts.faces[crossings.which])
    shapely.prepare(faces)
    for straighten in (False, True):
        cut = np.repeat(np.arange(len(extra)), extra)
        share = (spans(np.zeros(len(extra), dtype=np.int64), extra) + 1) / (extra[cut] + 1)
        t = t0[cut] + (t1 - t0)[cut] * share
        rise = bow[cut] * (t - t0[cut]) * (t1[cut] - t)
        inner = start[cut] + (stop - start)[cut] * share[:, None] + normal[cut] * rise[:, None]
        inside = _within(faces, start, stop, extra, inner)
        bow = np.where(inside, bow, 0.0)
        if inside.all() or straighten:
            break
    keep = np.repeat(inside, extra)
    left = _Crossings(crossings.which[inside], crossings.element[inside], crossings.share[inside])
    return left, extra[inside], np.asarray(np.round(inner[keep], 3))


def _within(faces: Geometries, start: Floats, stop: Floats, extra: Ints, inner: Floats) -> Bools:
    """Whether each cut's inner part, drawn a hand's breadth short of its ends, lies within its face."""
    count = len(faces)
    who = np.concatenate((np.arange(count), np.repeat(np.arange(count), extra), np.arange(count)))
    reach = stop - start
    short = np.minimum(0.05, 0.1 / np.maximum(np.hypot(*reach.T), 1e-6))[:, None]
    points = np.concatenate((start + reach * short, inner, stop - reach * short))
    order = np.argsort(who, kind="stable")
    return np.asarray(shapely.contains_properly(faces, shapely.linestrings(points[order], indices=who[order])))


def _polygons_of(mesh: Mesh, faces: Ints) -> Geometries:
    take = spans(mesh.offsets[faces], mesh.lengths[faces])
    return Mesh(mesh.points, mesh.ring[take], _offsets(mesh.lengths[faces])).polygons()


def _offsets(lengths: Ints) -> Ints:
    return np.concatenate(([0], np.cumsum(lengths)))


def _end_points(mesh: Mesh, crossings: _Crossings) -> tuple[Floats, Ints, Ints, Ints]:
    """New vertices where cuts meet edges; two cuts that come close on one edge share their vertex.

    Gives all points, (k, 2) end vertices of each cut, and for insertion: edge keys in order, and the vertex of each.
    """
    element = crossings.element.ravel()
    share = crossings.share.ravel()
    a, b = mesh.ring[element], mesh.ring[mesh.following[element]]
    key = mesh.edge_keys[element]
    low, high = np.minimum(a, b), np.maximum(a, b)
    share = np.where(a == low, share, 1.0 - share)
    order = np.lexsort((share, key))
    key, share, low, high = key[order], share[order], low[order], high[order]
    span = mesh.points[high] - mesh.points[low]
    length = np.hypot(span[:, 0], span[:, 1])
    new = np.ones(len(key), dtype=bool)
    new[1:] = (key[1:] != key[:-1]) | ((share[1:] - share[:-1]) * length[1:] > CLEARANCE_M)
    vertex = len(mesh.points) + np.cumsum(new) - 1
    ends = np.empty(len(key), dtype=np.int64)
    ends[order] = vertex
    low, high, share = low[new], high[new], share[new, None]
    added = np.round(mesh.points[low] * (1.0 - share) + mesh.points[high] * share, 3)
    return np.vstack((mesh.points, added)), ends.reshape(-1, 2), key[new], vertex[new]


def _insert(mesh: Mesh, points: Floats, keys: Ints, vertices: Ints) -> Mesh:
    """Puts new vertices into every ring that has their edge; `keys` sorted, along each edge from its lower vertex number."""
    begin = np.searchsorted(keys, mesh.edge_keys, side="left")
    extra = np.searchsorted(keys, mesh.edge_keys, side="right") - begin
    per_element = extra + 1
    element = np.repeat(np.arange(len(mesh.ring)), per_element)
    place = spans(np.zeros(len(mesh.ring), dtype=np.int64), per_element)
    forward = mesh.ring < mesh.ring[mesh.following]
    step = np.where(forward[element], place - 1, per_element[element] - 1 - place)
    at = np.clip(begin[element] + step, 0, len(vertices) - 1)
    ring = np.where(place == 0, mesh.ring[element], vertices[at])
    offsets = np.concatenate(([0], np.cumsum(np.add.reduceat(per_element, mesh.offsets[:-1]))))
    return Mesh(points, ring, offsets)


def _split(mesh: Mesh, faces: Ints, ends: Ints, first_inner: Ints, extra: Ints) -> Mesh:
    """Divides each face's ring at its two ends; the second half becomes a new face at the end of the mesh."""
    k = len(faces)
    cut_of = np.full(mesh.count, -1, dtype=np.int64)
    cut_of[faces] = np.arange(k)
    cut = cut_of[mesh.owner]
    position = np.arange(len(mesh.ring)) - mesh.offsets[mesh.owner]
    p, q = np.zeros(k, dtype=np.int64), np.zeros(k, dtype=np.int64)
    of_cut = cut >= 0
    hit = np.flatnonzero(of_cut & (mesh.ring == np.where(of_cut, ends[np.maximum(cut, 0), 0], -1)))
    p[cut[hit]] = position[hit]
    hit = np.flatnonzero(of_cut & (mesh.ring == np.where(of_cut, ends[np.maximum(cut, 0), 1], -1)))
    q[cut[hit]] = position[hit]
    start, stop = np.minimum(p, q)[np.maximum(cut, 0)], np.maximum(p, q)[np.maximum(cut, 0)]
    stays = ~of_cut | ((position >= start) & (position <= stop))
    leaves = of_cut & ((position <= start) | (position >= stop))
    size = mesh.lengths[mesh.owner]
    inner_cut = np.repeat(np.arange(k), extra)
    rank = spans(np.zeros(k, dtype=np.int64), extra)
    inner_vertex = first_inner[inner_cut] + rank
    swapped = (p > q)[inner_cut]
    toward = np.where(swapped, extra[inner_cut] - 1 - rank, rank)  # order from the lower position to the higher
    stop_position = np.maximum(p, q)[inner_cut]
    start_position = np.minimum(p, q)[inner_cut]
    total = mesh.lengths[faces][inner_cut]
    share = (toward + 1) / (extra[inner_cut] + 1)
    face = np.concatenate((mesh.owner[stays], mesh.count + cut[leaves], faces[inner_cut], mesh.count + inner_cut))
    order = np.concatenate(
        (
            position[stays].astype(float),
            position[leaves] + np.where(position[leaves] <= start[leaves], size[leaves], 0),
            stop_position + 1.0 - share,
            start_position + total + share,
        )
    )
    vertex = np.concatenate((mesh.ring[stays], mesh.ring[leaves], inner_vertex, inner_vertex))
    sort = np.lexsort((order, face))
    lengths = np.bincount(face, minlength=mesh.count + k)
    return Mesh(mesh.points, vertex[sort], np.concatenate(([0], np.cumsum(lengths))))


def _begins(lengths: Ints) -> Ints:
    return np.concatenate(([0], np.cumsum(lengths)[:-1])).astype(np.int64)


def _extent(values: Floats, begins: Ints) -> tuple[Floats, Floats]:
    return np.minimum.reduceat(values, begins), np.maximum.reduceat(values, begins)


def _turned_left(vectors: Floats) -> Floats:
    return np.column_stack((-vectors[:, 1], vectors[:, 0]))


def _turned(vectors: Floats, angle: Floats) -> Floats:
    cosine, sine = np.cos(angle), np.sin(angle)
    return np.column_stack(
        (vectors[:, 0] * cosine - vectors[:, 1] * sine, vectors[:, 0] * sine + vectors[:, 1] * cosine)
    )
