"""Where a layer knows: outside its coverage, finding nothing says nothing."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from layers.inquiries.engine.plots import Plots
from layers.inquiries.engine.strips import WIDEST
from layers.inquiries.engine.zones import lay_over, share

_DEPTHS_M = (30.0, 100.0, 300.0, 1_000.0, 3_000.0)
"""How deep inside a coverage a parcel is looked for: most lie far from its end, and then nothing has to be measured."""
_BESIDE_THE_BAND_M = 1.0


@dataclass(frozen=True)
class Coverage:
    """What each parcel shares with the area in which a layer knows of every feature.

    `share` (0–1) is the covered part as drawn. `uncovered_m2` lies outside for sure, beyond the band that the errors of
    the parcel and of the coverage's outline make; parcels along the municipality's edge have none for that reason.
    `depth_m` is a distance from the coverage's outline that the parcel keeps for sure, 0 where none is known.
    """

    plots: Plots
    shape: BaseGeometry | None
    band_m: NDArray[np.float64]
    share: NDArray[np.float64]
    uncovered_m2: NDArray[np.float64]
    depth_m: NDArray[np.float64]

    @property
    def known(self) -> bool:
        """Whether the layer says at all where it knows."""
        return self.shape is not None

    def ends_within(self, distance_m: NDArray[np.float64]) -> NDArray[np.bool_]:
        """Whether a search that far around each parcel (NaN: none) leaves the coverage for sure."""
        ends = np.zeros(len(self.plots.parcels), dtype=np.bool_)
        if self.shape is None:
            return ~np.isnan(distance_m)
        certain = distance_m - self.band_m
        asked = np.flatnonzero(~shapely.is_missing(self.plots.geometry) & (certain > 0) & (certain >= self.depth_m))
        if len(asked):
            ends[asked] = shapely.dwithin(self._outline, self.plots.geometry[asked], certain[asked])
        return ends

    @cached_property
    def _outline(self) -> BaseGeometry:
        outline = shapely.boundary(self.shape)
        shapely.prepare(outline)
        return outline


def depths(plots: Plots, shape: BaseGeometry | None) -> NDArray[np.float64]:
    """How deep inside the coverage each parcel lies for sure, in metres: the widest margin around it that is covered."""
    depth = np.zeros(len(plots.parcels))
    if shape is None or shape.is_empty:
        return depth
    own = shapely.from_wkb(shapely.to_wkb(shape))
    # what is indexed is a copy: the shape itself is kept for all inquiries, and indexing is not for two threads at once
    shapely.prepare(own)
    inside = plots.placed
    for margin_m in _DEPTHS_M:
        west, south, east, north = plots.box[inside].T
        around = shapely.box(west - margin_m, south - margin_m, east + margin_m, north + margin_m)
        inside = inside[shapely.contains_properly(own, around)]
        depth[inside] = margin_m
    return depth


def cover(plots: Plots, shape: BaseGeometry | None, error_m: float, depth_m: NDArray[np.float64]) -> Coverage:
    """Measure the parcels against a coverage, whose `depths` are given; None covers nothing."""
    band = plots.band_m(error_m)
    deep = depth_m > band * WIDEST + _BESIDE_THE_BAND_M
    drawn, possible = np.where(deep, plots.area_m2, 0.0), np.where(deep, plots.area_m2, 0.0)
    if shape is not None and not shape.is_empty and not deep.all():
        shapes = np.array([shape], dtype=object)
        shares = share(plots, lay_over(plots, shapes, np.where(deep, np.nan, band)), band)
        drawn[shares.parcel], possible[shares.parcel] = shares.drawn_m2, shares.possible_m2
    area = np.where(plots.area_m2 > 0, plots.area_m2, 1.0)
    return Coverage(plots, shape, band, np.minimum(drawn / area, 1.0), plots.area_m2 - possible, depth_m)
