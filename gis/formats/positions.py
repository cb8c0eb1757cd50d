"""Rows whose position cannot be used are told apart before a layer sees them."""

from dataclasses import replace

import numpy as np
import shapely
from numpy.typing import NDArray

from gis.formats.table import RowNote, SourceTable

GEOGRAPHIC_EPSG = frozenset({4301, 4326, 4612, 6668, 6697})


def without_unusable(table: SourceTable) -> SourceTable:
    """Rows whose coordinates are not numbers, or are the 0,0 that programs write for "unknown", moved to `rejected`.

    0,0 counts only in longitude and latitude; in a plane zone it is the origin. A row without any geometry stays.
    """
    geometry = table.geometry
    reasons = np.full(len(geometry), "", dtype=object)
    reasons[_not_finite(geometry)] = "座標が数値でない"
    if table.crs.epsg in GEOGRAPHIC_EPSG:
        is_point = shapely.get_type_id(geometry) == 0
        reasons[is_point & (shapely.get_x(geometry) == 0) & (shapely.get_y(geometry) == 0)] = (
            "位置がない（緯度0・経度0）"
        )
    bad = np.flatnonzero(reasons != "")
    return table if len(bad) == 0 else reject(table, {int(row): str(reasons[row]) for row in bad})


def reject(table: SourceTable, reasons: dict[int, str]) -> SourceTable:
    """The table with the given rows moved to `rejected`, each with its reason."""
    keep = np.ones(len(table.refs), dtype=bool)
    keep[list(reasons)] = False
    notes = [
        RowNote(table.refs[row], reason, {name: values[row] for name, values in table.columns.items()})
        for row, reason in sorted(reasons.items())
    ]
    return replace(
        table,
        columns={
            name: [v for v, kept in zip(values, keep, strict=True) if kept] for name, values in table.columns.items()
        },
        geometry=table.geometry[keep],
        refs=[ref for ref, kept in zip(table.refs, keep, strict=True) if kept],
        rejected=[*table.rejected, *notes],
    )


def _not_finite(geometry: NDArray[np.object_]) -> NDArray[np.bool_]:
    coordinates, owner = shapely.get_coordinates(geometry, return_index=True)
    bad = np.zeros(len(geometry), dtype=bool)
    bad[owner[~np.isfinite(coordinates).all(axis=1)]] = True
    return bad
