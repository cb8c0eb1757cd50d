"""What stands around the parcels of an answer, fetched for its maps as the layers were when it was given."""

from collections.abc import Collection, Mapping
from datetime import datetime

import numpy as np
from numpy.typing import NDArray

from gis.mapsheet import MapLayer
from layers.inquiries.model import Answer
from layers.inquiries.sheets.context import FeatureStyle, MapContext
from layers.inquiries.sheets.frames import wanted_boxes
from layers.store.definitions import GeometryKind, Layer, LegendEntry
from layers.store.instance import Store
from layers.store.nearby import RowQuery, Rows

DRAWING_ORDER = {GeometryKind.POLYGON: 0, GeometryKind.LINE: 1, GeometryKind.POINT: 2}
BACKGROUND = {"municipality", "districts", "farmland"}
"""Layers that would cover the map with what is true everywhere on it."""


def map_context(store: Store, answer: Answer, only: Collection[str] | None = None) -> MapContext:
    """Features of every drawn layer inside the frames of the answer's maps, lowest layer first; `only` names the layers
    that are wanted, None takes all."""
    boxes = np.array(wanted_boxes(answer.parcels), dtype=np.float64).reshape(-1, 4)
    return context_within(store, boxes, answer.as_of if answer.id else None, only)


def context_within(
    store: Store, boxes: NDArray[np.float64], as_of: datetime | None = None, only: Collection[str] | None = None
) -> MapContext:
    """The same for boxes (n × 4) in plane metres."""
    if not len(boxes):
        return MapContext(epsg=store.town.srid)
    drawn = [
        layer
        for layer in store.catalogue.values()
        if layer.geometry in DRAWING_ORDER and layer.id not in BACKGROUND and (only is None or layer.id in only)
    ]
    drawn.sort(key=lambda layer: (DRAWING_ORDER[layer.geometry] + (layer.id == "cadastral") * 0.5, layer.order))
    layers = []
    with store.database.transaction(timeout_s=30.0) as connection:
        for layer in drawn:
            rows = RowQuery(connection, layer, store.town.srid, as_of).touching(boxes).rows()
            if len(rows):
                layers.append(_map_layer(layer, rows))
    return MapContext(layers=tuple(layers), epsg=store.town.srid)


def _map_layer(layer: Layer, rows: Rows) -> MapLayer:
    count = len(rows)
    return MapLayer(
        layer_id=layer.id,
        title=layer.title,
        geometries=rows.geometry,
        styles=tuple(_style(layer, _row(rows, index)) for index in range(count)),
        labels=tuple(_label(layer, _row(rows, index)) for index in range(count)),
        attribution=layer.attribution,
    )


def _row(rows: Rows, index: int) -> Mapping[str, object]:
    return {name: values[index] for name, values in rows.attributes.items()}


def _style(layer: Layer, row: Mapping[str, object]) -> FeatureStyle:
    for entry in layer.legend:
        if all(_matches(row.get(name), value) for name, value in entry.values.items()):
            return _as_style(entry)
    return FeatureStyle(layer.title, line="#555555")


def _matches(value: object, wanted: str) -> bool:
    return (str(value).lower() if isinstance(value, bool) else str(value)) == wanted


def _as_style(entry: LegendEntry) -> FeatureStyle:
    return FeatureStyle(entry.label, entry.fill, entry.line, entry.width, entry.pattern, entry.icon, entry.rank)


def _label(layer: Layer, row: Mapping[str, object]) -> str | None:
    value = row.get(layer.label_field) if layer.label_field is not None else None
    return None if value is None else str(value)
