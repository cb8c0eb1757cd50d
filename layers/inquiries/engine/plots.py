"""The asked parcels as arrays, measured once for all themes."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from layers.inquiries.engine import labels
from layers.inquiries.model import Parcel

_AREAL = {shapely.GeometryType.POLYGON, shapely.GeometryType.MULTIPOLYGON}


@dataclass(frozen=True)
class Plots:
    """The asked parcels, in the order asked; every array has one entry per parcel.

    `geometry` is None where the parcel has no shape that can be measured, and `obstacles` then says why in a sentence.
    `box` is (xmin, ymin, xmax, ymax), NaN where there is no shape. `error_m` is the parcel's own positional error.
    """

    parcels: tuple[Parcel, ...]
    geometry: NDArray[np.object_]
    obstacles: tuple[str | None, ...]
    area_m2: NDArray[np.float64]
    box: NDArray[np.float64]
    error_m: NDArray[np.float64]
    undetermined: NDArray[np.bool_]

    @property
    def placed(self) -> NDArray[np.intp]:
        """The positions of the parcels that can be measured."""
        return np.flatnonzero(~shapely.is_missing(self.geometry))

    def band_m(self, layer_error_m: float) -> NDArray[np.float64]:
        """How far the outline of a zone may truly lie from where it is drawn against each parcel, in metres.

        Both errors are independent, so they add as squares: the root of parcel² + layer².
        """
        return np.hypot(self.error_m, layer_error_m)


def lay_out(parcels: Sequence[Parcel]) -> Plots:
    """Bring parcels into arrays; a shape that cannot be measured is set aside with its reason."""
    obstacles = tuple(_obstacle(parcel.geometry) for parcel in parcels)
    geometry = np.empty(len(parcels), dtype=object)
    for position, (parcel, obstacle) in enumerate(zip(parcels, obstacles, strict=True)):
        geometry[position] = parcel.geometry if obstacle is None else None
    single = shapely.get_num_geometries(geometry) == 1
    geometry[single] = shapely.get_geometry(geometry[single], 0)
    return Plots(
        parcels=tuple(parcels),
        geometry=geometry,
        obstacles=obstacles,
        area_m2=np.nan_to_num(shapely.area(geometry)),
        box=shapely.bounds(geometry).reshape(-1, 4),
        error_m=np.array([parcel.error_m for parcel in parcels], dtype=np.float64),
        undetermined=np.array([parcel.undetermined for parcel in parcels], dtype=np.bool_),
    )


def _obstacle(geometry: BaseGeometry | None) -> str | None:
    """Why the shape cannot be measured, or None."""
    if geometry is None:
        return labels.UNPLACED
    if geometry.is_empty or shapely.get_type_id(geometry) not in _AREAL:
        return labels.NO_SHAPE
    if not geometry.is_valid:
        return labels.INVALID_SHAPE
    return None if geometry.area > 0 else labels.NO_AREA
