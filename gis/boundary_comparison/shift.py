"""Whether map and survey lie apart as a whole, as they do when a map hangs on another survey than the base station."""

import numpy as np
import shapely
from scipy.spatial import cKDTree
from shapely.geometry.base import BaseGeometry

from gis.boundary_comparison.model import Shift
from gis.boundary_comparison.outline import Floats

FEWEST_CORNERS = 3
STRAIGHT_M = 0.2
"""A vertex nearer than this to the line between its neighbours is no corner, but a point of a driven line."""
LEAST_REACH_M = 1.0


def shift_of(field: BaseGeometry, region: BaseGeometry, reach_m: float) -> Shift | None:
    """The mean way from registered to surveyed corners, over the pairs that are each other's nearest within `reach_m`.

    None with fewer than three pairs. The standard error is that of a mean, from the scatter of the pairs.
    """
    surveyed, registered = _corners(field), _corners(region)
    if not len(surveyed) or not len(registered):
        return None
    there, back = cKDTree(registered).query(surveyed), cKDTree(surveyed).query(registered)
    distance, nearest = np.asarray(there[0]), np.asarray(there[1])
    mutual = np.asarray(back[1])[nearest] == np.arange(len(surveyed))
    pairs = np.flatnonzero(mutual & (distance <= max(reach_m, LEAST_REACH_M)))
    if len(pairs) < FEWEST_CORNERS:
        return None
    ways = surveyed[pairs] - registered[nearest[pairs]]
    mean = ways.mean(axis=0)
    error = ways.std(axis=0, ddof=1) / np.sqrt(len(ways))
    return Shift(
        east_m=float(mean[0]),
        north_m=float(mean[1]),
        east_error_m=float(error[0]),
        north_error_m=float(error[1]),
        corners=len(ways),
        rms_before_m=_rms(ways),
        rms_after_m=_rms(ways - mean),
    )


def _corners(shape: BaseGeometry) -> Floats:
    simple = shapely.simplify(shape, STRAIGHT_M)
    rings = shapely.get_rings(simple)
    points = [shapely.get_coordinates(ring)[:-1] for ring in rings]
    return np.concatenate(points) if points else np.empty((0, 2))


def _rms(ways: Floats) -> float:
    return float(np.sqrt(np.mean(np.sum(ways**2, axis=1))))
