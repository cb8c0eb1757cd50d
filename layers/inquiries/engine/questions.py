"""One theme put to all parcels: what every test is given."""

from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from layers.inquiries.engine.coverage import Coverage
from layers.inquiries.engine.plots import Plots
from layers.inquiries.engine.rows import Rows
from layers.store.definitions import Theme

_LEAST_M2 = 1e-6


@dataclass(frozen=True)
class Question:
    """A theme, the parcels, the rows that pass its `where`, the layer's coverage, and each parcel's band in metres."""

    theme: Theme
    plots: Plots
    rows: Rows
    coverage: Coverage
    band_m: NDArray[np.float64]

    @cached_property
    def threshold_m2(self) -> NDArray[np.float64]:
        """The area from which on an overlap counts, for each parcel: both of the theme's sliver limits must be reached.

        For a parcel smaller than twice `sliver_m2`, half of the parcel takes its place; else no zone could hold it.
        """
        area, theme = self.plots.area_m2, self.theme
        smallest = np.minimum(theme.sliver_m2, area / 2)
        return np.maximum(np.maximum(smallest, theme.sliver_share * area), _LEAST_M2)

    @cached_property
    def uncovered(self) -> NDArray[np.bool_]:
        """The parcels of which more than a sliver lies outside the coverage for sure."""
        if not self.coverage.known:
            return np.ones(len(self.plots.parcels), dtype=np.bool_)
        return self.coverage.uncovered_m2 >= self.threshold_m2

    def surroundings(self, at: int) -> dict[str, object]:
        """What every measure says of a parcel: its band, and the covered share if more than a sliver is not covered."""
        said: dict[str, object] = {"band_m": self._bands[at]}
        if self._partly_covered[at]:
            said["covered_share"] = round(float(self.coverage.share[at]), 4)
        return said

    @cached_property
    def _bands(self) -> list[float]:
        return rounded(self.band_m, 2)

    @cached_property
    def _partly_covered(self) -> list[bool]:
        partly: list[bool] = (self.plots.area_m2 * (1 - self.coverage.share) >= self.threshold_m2).tolist()
        return partly


def rounded(values: NDArray[np.float64], digits: int) -> list[float]:
    """Numbers as a finding gives them."""
    plain: list[float] = np.round(values, digits).tolist()
    return plain


def spans(parcel: NDArray[np.intp], parcels: int) -> list[tuple[int, int]]:
    """Where each parcel's entries start and end in arrays ordered by parcel."""
    bounds = np.searchsorted(parcel, np.arange(parcels + 1)).tolist()
    return list(pairwise(bounds))
