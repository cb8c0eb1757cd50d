"""How far it is on foot along the roads, from anywhere to each of the destinations.

A way begins with a straight piece to the nearest road, runs along the roads, and ends with a straight piece to the
destination. The distances from every destination to every crossing are worked out once; a question then adds three numbers.
"""

from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray
from scipy.sparse import csr_array
from scipy.sparse.csgraph import connected_components, dijkstra
from shapely.geometry.base import BaseGeometry

from layers.guidance.road_lines import GRID_M, Lines

FARTHEST_ROAD_M = 500.0
"""Who is farther from any road is told the straight distance."""
SHORTEST_NETWORK_M = 500.0
"""Roads that hang together with less than this are left out: a drawn piece that meets no other leads nowhere."""
Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Landings:
    """Where points meet the roads: the piece (-1: none near enough), how far along it, and how far off it the point lies."""

    piece: NDArray[np.intp]
    along_m: Floats
    off_m: Floats


class Footways:
    """The roads as a network, and the distances from the destinations over it."""

    def __init__(self, pieces: Lines, destinations: NDArray[np.object_]) -> None:
        starts, ends, count = _crossings(pieces)
        kept = _in_a_network(pieces, starts, ends, count)
        self._pieces, self._starts, self._ends = pieces[kept], starts[kept], ends[kept]
        self._lengths = shapely.length(self._pieces)
        self._tree = shapely.STRtree(self._pieces)
        self.landings = self._landed(destinations)
        self._from = self._distances(count)

    @property
    def length_m(self) -> float:
        """The length of all roads in the network."""
        return float(self._lengths.sum())

    def walks_m(self, point: shapely.Point) -> Floats:
        """Metres on foot from the point to each destination; infinite where no road leads there."""
        own = self._landed(np.array([point], dtype=object))
        piece = int(own.piece[0])
        if piece < 0:
            return np.full(len(self.landings.piece), np.inf)
        along, off = float(own.along_m[0]), float(own.off_m[0])
        by_start = self._from[:, self._starts[piece]] + along
        by_end = self._from[:, self._ends[piece]] + (self._lengths[piece] - along)
        beside = np.where(self.landings.piece == piece, np.abs(self.landings.along_m - along), np.inf)
        return np.asarray(
            off + np.minimum(np.minimum(by_start, by_end), beside) + self.landings.off_m, dtype=np.float64
        )

    def roads_in(self, box: BaseGeometry) -> list[tuple[BaseGeometry, Floats, Floats]]:
        """The pieces that reach into a box, each with the distances from its two ends to the destinations."""
        found = np.sort(self._tree.query(box, predicate="intersects"))
        return [
            (
                self._pieces[at],
                self._from[:, self._starts[at]] + self.landings.off_m,
                self._from[:, self._ends[at]] + self.landings.off_m,
            )
            for at in found
        ]

    def landed_in(self, box: BaseGeometry) -> list[tuple[int, int, float, float]]:
        """Destinations that are reached from a piece of the box: piece (by position there), destination, along, off."""
        found = np.sort(self._tree.query(box, predicate="intersects")).tolist()
        place = {piece: position for position, piece in enumerate(found)}
        return [
            (place[piece], at, float(self.landings.along_m[at]), float(self.landings.off_m[at]))
            for at, piece in enumerate(self.landings.piece.tolist())
            if piece in place
        ]

    def off_m(self, points: NDArray[np.object_]) -> Floats:
        """How far each point lies off the nearest road, infinite beyond the farthest that counts."""
        return self._landed(points).off_m

    def _landed(self, points: NDArray[np.object_]) -> Landings:
        piece = np.full(len(points), -1, dtype=np.intp)
        at, found = self._tree.query_nearest(points, max_distance=FARTHEST_ROAD_M, all_matches=False)
        piece[at] = found
        along, off = np.zeros(len(points)), np.full(len(points), np.inf)
        along[at] = shapely.line_locate_point(self._pieces[found], points[at])
        off[at] = shapely.distance(self._pieces[found], points[at])
        return Landings(piece, along, off)

    def _distances(self, count: int) -> Floats:
        """From each destination's landing (a node of its own between the ends of its piece) to every crossing."""
        landed = np.flatnonzero(self.landings.piece >= 0)
        piece, along = self.landings.piece[landed], self.landings.along_m[landed]
        nodes = count + np.arange(len(landed))
        one = np.concatenate([self._starts, nodes, nodes])
        other = np.concatenate([self._ends, self._starts[piece], self._ends[piece]])
        metres = np.concatenate([self._lengths, along, self._lengths[piece] - along])
        graph = _graph(one, other, metres, count + len(landed))
        reached = np.full((len(self.landings.piece), count), np.inf)
        if len(landed):
            reached[landed] = dijkstra(graph, directed=False, indices=nodes)[:, :count]
        return reached


def _crossings(pieces: Lines) -> tuple[NDArray[np.intp], NDArray[np.intp], int]:
    """The nodes at both ends of each piece, numbered, and how many there are."""
    coordinates = [(piece.coords[0], piece.coords[-1]) for piece in pieces]
    ends = np.round(np.array(coordinates, dtype=np.float64).reshape(-1, 2) / GRID_M).astype(np.int64)
    places, node = np.unique(ends, axis=0, return_inverse=True)
    pairs = node.reshape(-1, 2)
    return pairs[:, 0], pairs[:, 1], len(places)


def _in_a_network(pieces: Lines, starts: NDArray[np.intp], ends: NDArray[np.intp], count: int) -> NDArray[np.bool_]:
    lengths = shapely.length(pieces)
    _, network = connected_components(_graph(starts, ends, lengths, count), directed=False)
    total = np.bincount(network[starts], lengths, minlength=1)
    return np.asarray(total[network[starts]] >= SHORTEST_NETWORK_M, dtype=np.bool_)


def _graph(one: NDArray[np.intp], other: NDArray[np.intp], metres: Floats, count: int) -> csr_array:
    """Of several pieces between the same two nodes the shortest counts; a length of nothing would be no edge to scipy."""
    low, high = np.minimum(one, other), np.maximum(one, other)
    order = np.lexsort((metres, high, low))
    low, high, metres = low[order], high[order], np.maximum(metres[order], 1e-6)
    first = np.ones(len(low), dtype=np.bool_)
    first[1:] = (low[1:] != low[:-1]) | (high[1:] != high[:-1])
    return csr_array((metres[first], (low[first], high[first])), shape=(count, count))
