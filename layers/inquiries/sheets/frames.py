"""Which maps an answer gets: parcels that lie together share one, and each has the largest scale that holds them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import shapely

from gis.map_frame import WIDE_SCALES, Bounds, Frame, choose_scale, frame_around
from layers.inquiries.model import Parcel

FRAME_WIDTH_MM = 172.0
FRAME_HEIGHT_MM = 112.0
MAX_PARCELS_PER_MAP = 12
SHARED_SCALE = 1000


@dataclass(frozen=True)
class MapGroup:
    """Parcels drawn on one map."""

    parcels: tuple[Parcel, ...]
    frame: Frame


def placed(parcels: Iterable[Parcel]) -> list[Parcel]:
    """Parcels that have a place on earth and a shape."""
    return [parcel for parcel in parcels if parcel.geometry is not None and not parcel.geometry.is_empty]


def map_groups(parcels: Sequence[Parcel]) -> tuple[MapGroup, ...]:
    """Groups of up to 12 parcels whose common map is no smaller than 1/1000, or than its first parcel needs alone.

    Taken in the order of the inquiry, each group gathering its nearest neighbours. MapSheetError when a parcel is
    larger than the smallest scale can hold.
    """
    waiting = placed(parcels)
    groups: list[MapGroup] = []
    while waiting:
        members = _neighbours(waiting)
        groups.append(MapGroup(tuple(members), frame_around(_extent(members), *_SIZE, WIDE_SCALES)))
        taken = {id(parcel) for parcel in members}
        waiting = [parcel for parcel in waiting if id(parcel) not in taken]
    return tuple(groups)


def overview_frame(parcels: Sequence[Parcel]) -> Frame:
    """One frame around all placed parcels."""
    return frame_around(_extent(placed(parcels)), *_SIZE, WIDE_SCALES, margin_mm=12.0)


def wanted_boxes(parcels: Sequence[Parcel]) -> tuple[Bounds, ...]:
    """Plane extents in metres for which a sheet needs the features around the parcels."""
    return tuple(group.frame.bounds for group in map_groups(parcels))


_SIZE = (FRAME_WIDTH_MM, FRAME_HEIGHT_MM)


def _extent(parcels: Sequence[Parcel]) -> Bounds:
    west, south, east, north = shapely.total_bounds(np.array([parcel.geometry for parcel in parcels], dtype=object))
    return float(west), float(south), float(east), float(north)


def _around(one: Bounds, other: Bounds) -> Bounds:
    return min(one[0], other[0]), min(one[1], other[1]), max(one[2], other[2]), max(one[3], other[3])


def _neighbours(waiting: Sequence[Parcel]) -> list[Parcel]:
    """The first parcel and the nearest others that still fit on its map."""
    shapes = np.array([parcel.geometry for parcel in waiting], dtype=object)
    together = _extent(waiting[:1])
    limit = max(SHARED_SCALE, choose_scale(together, *_SIZE, WIDE_SCALES))
    distances = shapely.distance(shapes[0], shapes)
    members = [0]
    for index in np.argsort(distances, kind="stable"):
        if len(members) == MAX_PARCELS_PER_MAP or distances[index] > FRAME_WIDTH_MM * limit / 1000:
            break
        wider = _around(together, shapes[index].bounds)
        if index != 0 and choose_scale(wider, *_SIZE, WIDE_SCALES) <= limit:
            members.append(int(index))
            together = wider
    return [waiting[index] for index in sorted(members)]
