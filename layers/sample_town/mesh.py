"""Faces that share their vertices by number, so that neighbours can never disagree about a boundary."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import shapely
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
Geometries = NDArray[np.object_]


def spans(starts: Ints, lengths: Ints) -> Ints:
    """Concatenated ranges: (3, 10), (2, 1) gives 3 4 10 when read as starts (3, 10), lengths (2, 1)."""
    total = int(lengths.sum())
    begin = np.concatenate(([0], np.cumsum(lengths)[:-1]))
    return np.arange(total, dtype=np.int64) - np.repeat(begin - starts, lengths)


@dataclass(frozen=True)
class Mesh:
    """Faces as rings of vertex numbers.

    `points` (n, 2) in metres of EPSG:6677 (x east, y north); `ring` the vertex numbers of all rings one after another,
    counter-clockwise and not closed; `offsets` (faces + 1) where each ring begins.
    """

    points: Floats
    ring: Ints
    offsets: Ints

    @cached_property
    def lengths(self) -> Ints:
        """Vertices of each face."""
        return np.diff(self.offsets)

    @cached_property
    def owner(self) -> Ints:
        """Face of each ring element."""
        return np.repeat(np.arange(len(self.lengths), dtype=np.int64), self.lengths)

    @cached_property
    def following(self) -> Ints:
        """Position of the next element in the same ring."""
        following = np.arange(1, len(self.ring) + 1, dtype=np.int64)
        following[self.offsets[1:] - 1] = self.offsets[:-1]
        return following

    @cached_property
    def edge_keys(self) -> Ints:
        """One number for each ring element's edge, equal on both sides of it."""
        a, b = self.ring, self.ring[self.following]
        return np.minimum(a, b) * len(self.points) + np.maximum(a, b)

    @cached_property
    def pairs(self) -> tuple[Ints, Ints]:
        """Ring elements of the two sides of every edge that has two sides, the first side's in order of edge keys."""
        order = np.argsort(self.edge_keys, kind="stable")
        key = self.edge_keys[order]
        at = np.flatnonzero(key[1:] == key[:-1])
        return order[at], order[at + 1]

    @cached_property
    def tree(self) -> shapely.STRtree:
        """The faces' polygons, for finding the one at a place."""
        return shapely.STRtree(self.polygons())

    @property
    def count(self) -> int:
        """Number of faces."""
        return len(self.offsets) - 1

    def areas(self) -> Floats:
        """Area of each face in m² (shoelace about the face's first vertex, which keeps the digits)."""
        base = self.points[self.ring[self.offsets[:-1]]][self.owner]
        a = self.points[self.ring] - base
        b = self.points[self.ring[self.following]] - base
        cross = a[:, 0] * b[:, 1] - a[:, 1] * b[:, 0]
        return np.asarray(np.add.reduceat(cross, self.offsets[:-1]) / 2.0)

    def perimeters(self) -> Floats:
        """Length of each face's boundary in m."""
        step = self.points[self.ring[self.following]] - self.points[self.ring]
        return np.asarray(np.add.reduceat(np.hypot(step[:, 0], step[:, 1]), self.offsets[:-1]))

    def polygons(self) -> Geometries:
        """The faces as shapely polygons."""
        order = spans(self.offsets[:-1], self.lengths + 1)
        last = np.cumsum(self.lengths + 1) - 1
        order[last] = self.offsets[:-1]
        ring_offsets = np.concatenate(([0], last + 1))
        return np.asarray(
            shapely.from_ragged_array(
                shapely.GeometryType.POLYGON,
                self.points[self.ring[order]],
                (ring_offsets, np.arange(self.count + 1)),
            )
        )

    def moved(self, points: Floats) -> "Mesh":
        """The same faces over moved vertices, rounded to the millimetre as map files are."""
        return Mesh(np.round(points, 3), self.ring, self.offsets)


def from_polygons(polygons: Geometries) -> Mesh:
    """Builds a mesh from edge-matched polygons without holes; vertices are identified at the millimetre."""
    rings = shapely.get_exterior_ring(shapely.orient_polygons(polygons))
    coordinates, ring_of = shapely.get_coordinates(rings, return_index=True)
    closing = np.concatenate((np.diff(ring_of) > 0, [True]))
    coordinates, ring_of = coordinates[~closing], ring_of[~closing]
    grid = np.round(coordinates * 1000.0).astype(np.int64)
    low = grid.min(axis=0)
    packed = (grid[:, 0] - low[0]) * 2**32 + (grid[:, 1] - low[1])
    _, first, ring = np.unique(packed, return_index=True, return_inverse=True)
    offsets = np.concatenate(([0], np.cumsum(np.bincount(ring_of, minlength=len(polygons)))))
    return Mesh(np.round(coordinates[first], 3), ring.astype(np.int64), offsets.astype(np.int64))


def densify(mesh: Mesh, spacing: Floats) -> Mesh:
    """Adds vertices along every edge; `spacing` (faces,) in m, the finer of the two sides decides."""
    keys, inverse = np.unique(mesh.edge_keys, return_inverse=True)
    finest = np.full(len(keys), np.inf)
    np.minimum.at(finest, inverse, spacing[mesh.owner])
    low, high = keys // len(mesh.points), keys % len(mesh.points)
    span = mesh.points[high] - mesh.points[low]
    extra = np.floor(np.hypot(span[:, 0], span[:, 1]) / finest).astype(np.int64)
    first = len(mesh.points) + np.concatenate(([0], np.cumsum(extra)[:-1]))
    edge = np.repeat(np.arange(len(keys)), extra)
    rank = spans(np.zeros(len(keys), dtype=np.int64), extra)
    share = (rank + 1) / (extra[edge] + 1)
    points = np.vstack((mesh.points, mesh.points[low[edge]] + span[edge] * share[:, None]))
    per_element = extra[inverse] + 1
    forward = mesh.ring == low[inverse]
    element = np.repeat(np.arange(len(mesh.ring)), per_element)
    place = spans(np.zeros(len(mesh.ring), dtype=np.int64), per_element)
    step = np.where(forward[element], place - 1, per_element[element] - 1 - place)
    ring = np.where(place == 0, mesh.ring[element], first[inverse][element] + step)
    offsets = np.concatenate(([0], np.cumsum(np.add.reduceat(per_element, mesh.offsets[:-1]))))
    return Mesh(points, ring, offsets)


def dissolve(mesh: Mesh, labels: Ints) -> dict[int, Geometries]:
    """Joins faces of equal label; the result keeps every vertex of the faces, so it is edge-matched with them.

    `labels` (faces,), negative = leave out. Gives label → polygons (holes kept).
    """
    side, other = mesh.pairs
    same = labels[mesh.owner[side]] == labels[mesh.owner[other]]
    keep = np.ones(len(mesh.ring), dtype=bool)
    keep[side[same]] = False
    keep[other] = False
    a, b = mesh.ring[keep], mesh.ring[mesh.following[keep]]
    lines = shapely.linestrings(np.stack((mesh.points[a], mesh.points[b]), axis=1))
    faces = shapely.get_parts(shapely.polygonize(lines))
    inside = shapely.point_on_surface(faces)
    at, face = mesh.tree.query(inside, predicate="intersects")
    found = np.full(len(faces), -1, dtype=np.int64)
    found[at] = labels[face]
    return {int(value): faces[found == value] for value in np.unique(found) if value >= 0}
