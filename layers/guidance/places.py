"""Where a place is called what: the town, its 大字 and its 行政区."""

from collections.abc import Sequence
from logging import getLogger

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from layers.guidance.pieces import Pieces
from layers.guidance.reading import Reader

log = getLogger(__name__)


class NamedAreas:
    """Areas with a name; the first that holds a point gives it."""

    def __init__(self, names: Sequence[str], areas: Sequence[BaseGeometry]) -> None:
        self.names = list(names)
        self.pieces = Pieces(areas)

    def at(self, point: BaseGeometry) -> str | None:
        """The name at a point; None where no area is."""
        found = self.pieces.hold(point)
        return self.names[int(found.min())] if len(found) else None


def districts_of(reader: Reader) -> NamedAreas:
    """The 行政区 of the town."""
    rows = reader.rows("districts", ("name",))
    return (
        NamedAreas([], []) if rows is None else NamedAreas(list(map(str, rows.columns["name"])), rows.shapes.tolist())
    )


def oaza_of(reader: Reader) -> NamedAreas:
    """The 大字 of the town, put together of its parcels."""
    rows = reader.rows("cadastral", ("oaza",))
    if rows is None:
        return NamedAreas([], [])
    names = np.array([str(value or "") for value in rows.columns["oaza"]])
    found = sorted(set(names.tolist()) - {""})
    return NamedAreas(found, [_together(rows.shapes[names == name]) for name in found])


def _together(parcels: NDArray[np.object_]) -> BaseGeometry:
    """Parcels without overlaps join in a fiftieth of the time; those of a real map may overlap."""
    try:
        joined = shapely.coverage_union_all(parcels)
    except shapely.errors.GEOSException:
        log.info("筆に重なりがあるため、大字の範囲を時間のかかる方法でまとめます")
        joined = shapely.union_all(parcels)
    return shapely.make_valid(joined)


def town_outline(reader: Reader) -> BaseGeometry:
    """The town's outline: the municipality's, else that of its 行政区, else its box."""
    if reader.outline is not None:
        return reader.outline
    rows = reader.rows("districts", ("name",))
    if rows is not None and len(rows):
        return shapely.union_all(rows.shapes)
    return reader.in_plane(shapely.box(*reader.store.town.bbox))
