"""The window of a printed map: where it stands, at which scale, and how plane metres become millimetres."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gis.errors import OnomapError

SCALES = (250, 500, 1000, 2500, 5000, 10000)
WIDE_SCALES = (*SCALES, 25000, 50000, 100000, 250000)

Bounds = tuple[float, float, float, float]


class MapSheetError(OnomapError):
    """A map cannot be drawn at any scale the sheet offers."""


@dataclass(frozen=True)
class Frame:
    """The window of a map: centre in plane metres (x east, y north), scale denominator, size on paper in mm."""

    centre_x: float
    centre_y: float
    scale: int
    width_mm: float
    height_mm: float

    @property
    def bounds(self) -> Bounds:
        """Plane extent in metres: west, south, east, north."""
        half_x = self.width_mm * self.scale / 2000
        half_y = self.height_mm * self.scale / 2000
        return (self.centre_x - half_x, self.centre_y - half_y, self.centre_x + half_x, self.centre_y + half_y)

    def to_mm(self, points: NDArray[np.float64]) -> NDArray[np.float64]:
        """Plane metres (n, 2) → millimetres from the frame's upper left corner (n, 2), y downwards."""
        west, _, _, north = self.bounds
        return np.column_stack(((points[:, 0] - west), (north - points[:, 1]))) * (1000 / self.scale)


def choose_scale(
    bounds: Bounds, width_mm: float, height_mm: float, scales: tuple[int, ...] = SCALES, margin_mm: float = 8.0
) -> int:
    """The smallest denominator at which the bounds and a margin fit; MapSheetError when none does."""
    west, south, east, north = bounds
    for scale in scales:
        fits_x = (east - west) * 1000 / scale <= width_mm - 2 * margin_mm
        fits_y = (north - south) * 1000 / scale <= height_mm - 2 * margin_mm
        if fits_x and fits_y:
            return scale
    raise MapSheetError(
        f"東西{east - west:,.0f}m・南北{north - south:,.0f}mの範囲は、"
        f"用意した最小の縮尺 1/{scales[-1]:,} でも図に収まりません。"
    )


def frame_around(
    bounds: Bounds, width_mm: float, height_mm: float, scales: tuple[int, ...] = SCALES, margin_mm: float = 8.0
) -> Frame:
    """A frame centred on the bounds, at the largest scale that holds them."""
    west, south, east, north = bounds
    scale = choose_scale(bounds, width_mm, height_mm, scales, margin_mm)
    return Frame((west + east) / 2, (south + north) / 2, scale, width_mm, height_mm)
