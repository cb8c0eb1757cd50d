"""Registered lines for a store, loaded from files as a town loads its own."""

from datetime import date
from pathlib import Path

import numpy as np

from gis.crs import Datum
from layers.sample_town.files import write_features
from layers.store.instance import Store
from layers.store.loading.load import LoadRequest, load
from layers.store.loading.positions import Declared
from tests.gis.boundary_comparison.shapes import PLOT, moved, polygon

SIDES = {"92-1": (0.0, 0.0), "92-2": (40.0, 0.0), "93": (0.0, 25.0)}


def load_lines(store: Store, folder: Path, shift_m: float = 0.0) -> None:
    """Three parcels of 乙一 and one 筆ポリゴン."""
    shapes = [polygon(moved(PLOT, east + shift_m, north)) for east, north in SIDES.values()]
    columns = {
        "oaza": ["小野新町"] * 3,
        "koaza": ["舘廻"] * 3,
        "chiban": list(SIDES),
        "accuracy_class": ["乙一", "乙一", "甲三"],
        "registered_area_m2": [1000.0, 998.0, 1001.0],
    }
    _write(store, folder / "cadastral.gpkg", "cadastral", shapes, columns)
    seen = {"polygon_uuid": ["a"], "land_type": [100]}
    _write(store, folder / "farmland.gpkg", "farmland", [polygon(moved(PLOT, -1.0, 1.0))], seen)


def _write(store: Store, path: Path, layer: str, shapes: list[object], columns: dict[str, list[object]]) -> None:
    array = np.empty(len(shapes), dtype=object)
    array[:] = shapes
    write_features(path, array, columns)
    request = LoadRequest(
        layer=store.layer(layer), paths=(path,), declared=Declared(datum=Datum.JGD2011), data_date=date(2026, 4, 1)
    )
    load(store.database, store.town, request)
