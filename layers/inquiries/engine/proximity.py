"""Distances on the ground between parcels and the features around them."""

from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

from layers.inquiries.engine.plots import Plots
from layers.inquiries.engine.strips import grown
from layers.inquiries.engine.zones import pair


@dataclass(frozen=True)
class Nearness:
    """Parcels and rows with the distance between them, ordered by parcel and then row; 0 where they meet."""

    parcel: NDArray[np.intp]
    row: NDArray[np.intp]
    distance_m: NDArray[np.float64]


def within(plots: Plots, shapes: NDArray[np.object_], limit_m: NDArray[np.float64]) -> Nearness:
    """Every row within each parcel's limit (NaN: the parcel is left out), with its distance."""
    pairs = pair(plots, shapes, limit_m)
    distance = np.zeros(len(pairs.parcel))
    edge = np.flatnonzero(~pairs.deep)
    distance[edge] = shapely.distance(pairs.piece[edge], plots.geometry[pairs.parcel[edge]])
    return _per_row(pairs.parcel, pairs.shape, distance)


def nearest(plots: Plots, shapes: NDArray[np.object_]) -> Nearness:
    """The nearest row of each measurable parcel, however far; the first row of several at the same distance."""
    placed = plots.placed
    if not len(shapes) or not len(placed):
        empty = np.zeros(0, dtype=np.intp)
        return Nearness(empty, empty, np.zeros(0))
    (at, row), distance = shapely.STRtree(shapes).query_nearest(plots.geometry[placed], return_distance=True)
    order = np.lexsort((row, at))
    first = order[np.unique(at[order], return_index=True)[1]]
    return Nearness(placed[at[first]], row[first], distance[first])


def certainly_within(
    plots: Plots, shapes: NDArray[np.object_], near: Nearness, distance_m: float, band_m: NDArray[np.float64]
) -> NDArray[np.bool_]:
    """Whether each pair is within the distance even if both are drawn apart by the band.

    As a rule this is `distance + band ≤ distance_m`. Where the band is wider than `distance_m` itself, only a feature
    deep inside the parcel can be: one that meets the parcel shrunk by the difference.
    """
    band = band_m[near.parcel]
    certain = near.distance_m + band <= distance_m
    deep = np.flatnonzero(~certain & (near.distance_m == 0))
    shrunk = grown(plots.geometry[near.parcel[deep]], distance_m - band[deep])
    certain[deep] = shapely.intersects(shrunk, shapes[near.row[deep]])
    return certain


def _per_row(parcel: NDArray[np.intp], row: NDArray[np.intp], distance_m: NDArray[np.float64]) -> Nearness:
    """One entry for each parcel and row: the least distance of the row's parts."""
    order = np.lexsort((distance_m, row, parcel))
    parcel, row, distance_m = parcel[order], row[order], distance_m[order]
    first = np.ones(len(parcel), dtype=np.bool_)
    first[1:] = (parcel[1:] != parcel[:-1]) | (row[1:] != row[:-1])
    return Nearness(parcel[first], row[first], distance_m[first])
