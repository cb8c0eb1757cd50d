"""The furthest places along the surveyed edges: a ridge can cross a line between two corners that do not."""

from dataclasses import dataclass

import numpy as np

from gis.boundary_comparison.outline import Floats, Ints, Outline

WITHIN_M = 0.005
"""How near the true extreme the found one is."""


@dataclass(frozen=True)
class Extremes:
    """For n edges the place of the extreme as a part of the edge (0–1), and the signed distance there."""

    along: Floats
    distance_m: Floats


def extremes(outline: Outline, starts: Floats, ends: Floats, *, outward: bool) -> Extremes:
    """The largest (`outward`) or smallest signed distance on each edge from `starts` to `ends` (n, 2), to WITHIN_M.

    Two things bound what a piece of an edge may hold: a distance changes by no more than the way gone, and the distance
    to one straight segment is convex, so that it is nowhere on the piece larger than at its ends.
    """
    search = _Search(outline, starts, ends, 1.0 if outward else -1.0)
    edges = np.arange(len(starts))
    pieces = _Pieces(search.at(edges, np.zeros(len(edges))), search.at(edges, np.ones(len(edges))))
    while len(pieces.first.edge):
        pieces = search.halved(pieces)
    return Extremes(search.best_along, search.sign * search.best)


@dataclass(frozen=True)
class _Stops:
    """Places on edges: which edge, at which part of it, the value there, and the nearest segment."""

    edge: Ints
    along: Floats
    value: Floats
    segment: Ints

    def only(self, chosen: Ints) -> "_Stops":
        return _Stops(self.edge[chosen], self.along[chosen], self.value[chosen], self.segment[chosen])

    def then(self, others: "_Stops") -> "_Stops":
        return _Stops(
            np.concatenate((self.edge, others.edge)),
            np.concatenate((self.along, others.along)),
            np.concatenate((self.value, others.value)),
            np.concatenate((self.segment, others.segment)),
        )


@dataclass(frozen=True)
class _Pieces:
    """Pieces of edges that may still hold a further place, by their ends."""

    first: _Stops
    last: _Stops


class _Search:
    """Branch and bound over all edges at once."""

    def __init__(self, outline: Outline, starts: Floats, ends: Floats, sign: float) -> None:
        self._outline, self._starts, self._ways, self.sign = outline, starts, ends - starts, sign
        self._lengths = np.hypot(self._ways[:, 0], self._ways[:, 1])
        self.best = np.full(len(starts), -np.inf)
        self.best_along = np.zeros(len(starts))

    def at(self, edge: Ints, along: Floats) -> _Stops:
        """The values at places on edges; what is better than the best so far is kept."""
        signed, segment = self._outline.nearest(self._places(edge, along))
        values = self.sign * signed
        order = np.argsort(values, kind="stable")
        better = order[values[order] > self.best[edge[order]]]
        self.best[edge[better]] = values[better]
        self.best_along[edge[better]] = along[better]
        return _Stops(edge, along, values, segment)

    def halved(self, pieces: _Pieces) -> _Pieces:
        """Both halves of each piece that could hold a place further than the best by more than WITHIN_M."""
        alive = np.flatnonzero(self._bounds(pieces) > self.best[pieces.first.edge] + WITHIN_M)
        first, last = pieces.first.only(alive), pieces.last.only(alive)
        if not len(alive):
            return _Pieces(first, last)
        middle = self.at(first.edge, (first.along + last.along) / 2)
        return _Pieces(first.then(middle), middle.then(last))

    def _bounds(self, pieces: _Pieces) -> Floats:
        first, last = pieces.first, pieces.last
        way = (last.along - first.along) * self._lengths[first.edge]
        by_way = (first.value + last.value + way) / 2
        at_last = self._outline.to_segment(first.segment, self._places(last.edge, last.along))
        at_first = self._outline.to_segment(last.segment, self._places(first.edge, first.along))
        by_first = np.maximum(np.abs(first.value), at_last)
        by_last = np.maximum(np.abs(last.value), at_first)
        return np.minimum(by_way, np.minimum(by_first, by_last))

    def _places(self, edge: Ints, along: Floats) -> Floats:
        return np.asarray(self._starts[edge] + along[:, np.newaxis] * self._ways[edge])
