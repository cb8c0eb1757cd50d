"""What the question engine is given: the part of one layer that can matter to the parcels asked about."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from gis.errors import OnomapError
from layers.inquiries.engine import labels
from layers.inquiries.engine.strips import WIDEST
from layers.inquiries.model import LayerState
from layers.store.definitions import Layer, Theme, ThemeTest

UNKNOWN_HALF_WIDTH_M = 4.0
"""How far from its centre line the edge of a road of unknown width may be: half of 8 m, the widest class boundary."""

PARCEL_KEY = "parcel_key"
"""The column by which a list or a status names its parcel."""

_READ_BY_KEY = {ThemeTest.PARCEL_LIST, ThemeTest.PARCEL_STATUS}


class EvidenceError(OnomapError):
    """A theme cannot be answered from what its layer holds: a column is missing or a shape is broken."""


@dataclass(frozen=True)
class Evidence:
    """What one layer has near the asked parcels: everything in the town's plane CRS, metres.

    `fids`, `geometry` and each list in `attributes` have one entry per row of the layer; a row of a pure list has None
    for its geometry. Geometries are valid (the store's constraint) and whole, or cut no nearer than `reach_m` to any
    asked parcel: a cut edge within reach would be taken for an edge of the zone. A layer with two themes is given once,
    with the rows of the farther reach. For a `NEAREST` theme without distance the rows hold at least the nearest one of
    each parcel that passes the theme's `where`. For a `PARCEL_LIST` the rows are those whose `parcel_key` is asked for
    and those whose geometry overlaps an asked parcel; for a `PARCEL_STATUS` the rows of the asked parcels, by
    `parcel_key`.

    `coverage` is where "no feature" means "no": None if nowhere, and then nothing found is データなし, as is a
    parcel that a list does not name. `coverage_error_m` is how far its outline may be off (that of the municipality's
    outline for a layer that covers the municipality). Passing the same object for several layers lets the engine
    measure it once.
    """

    layer: Layer
    state: LayerState
    fids: NDArray[np.int64]
    geometry: NDArray[np.object_]
    attributes: Mapping[str, list[object]]
    coverage: BaseGeometry | None
    coverage_error_m: float = 0.0


def columns_read(theme: Theme) -> set[str]:
    """The columns of its layer that a theme reads; those that its label names are told from measures by the layer."""
    named = {*theme.group_by, *theme.where, *theme.show, *labels.placeholders(theme.label_applies), PARCEL_KEY}
    return named | ({theme.width_field} if theme.width_field else set())


def reach_m(theme: Theme, parcel_error_m: float, layer_error_m: float) -> float | None:
    """How far around a parcel the rows of its layer must be fetched for the theme, in metres.

    None means that no distance bounds it: the nearest rows must be found, however far. Parcel lists and parcel statuses
    need what overlaps the parcel, and the rows with its key: 0.0. What is added on top is the engine's own margin, for
    the strip that it draws around the true band.
    """
    if theme.test in _READ_BY_KEY:
        return 0.0
    if theme.test is ThemeTest.NEAREST and theme.distance_m is None:
        return None
    wanted = (theme.distance_m or 0.0) + float(np.hypot(parcel_error_m, layer_error_m))
    if theme.test is ThemeTest.ADJACENCY:
        wanted += UNKNOWN_HALF_WIDTH_M
    return wanted * WIDEST + 1.0
