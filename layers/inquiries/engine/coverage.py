"""Where a layer knows: outside its coverage, finding nothing says nothing."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from layers.inquiries.engine.plots import Plots
from layers.inquiries.engine.zones import lay_over, share


@dataclass(frozen=True)
class Coverage:
    """What each parcel shares with the area in which a layer knows of every feature.

    `share` (0–1) is the covered part as drawn. `uncovered_m2` lies outside for sure, beyond the band that the errors of
    the parcel and of the coverage's outline make; parcels along the municipality's edge have none for that reason.
    """

    plots: Plots
    shape: BaseGeometry | None
    band_m: NDArray[np.float64]
    share: NDArray[np.float64]
    uncovered_m2: NDArray[np.float64]

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
        asked = np.flatnonzero(~shapely.is_missing(self.plots.geometry) & (certain > 0))
        if len(asked):
            ends[asked] = shapely.dwithin(self._outline, self.plots.geometry[asked], certain[asked])
        return ends

    @cached_property
    def _outline(self) -> BaseGeometry:
        outline = shapely.boundary(self.shape)
        shapely.prepare(outline)
        return outline


def cover(plots: Plots, shape: BaseGeometry | None, error_m: float) -> Coverage:
    """Measure the parcels against a coverage; None covers nothing."""
    band = plots.band_m(error_m)
    drawn, possible = np.zeros(len(plots.parcels)), np.zeros(len(plots.parcels))
    if shape is not None and not shape.is_empty:
        shapes = np.array([shape], dtype=object)
        shares = share(plots, lay_over(plots, shapes, band), band)
        drawn[shares.parcel], possible[shares.parcel] = shares.drawn_m2, shares.possible_m2
    area = np.where(plots.area_m2 > 0, plots.area_m2, 1.0)
    return Coverage(plots, shape, band, np.minimum(drawn / area, 1.0), plots.area_m2 - possible)
