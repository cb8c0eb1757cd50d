"""Rows of the cadastral layer as the parcels of an inquiry, with the metres by which their boundary may be off."""

from collections.abc import Mapping, Sequence
from datetime import datetime

import numpy as np
import shapely

from gis.accuracy import point_error_m
from gis.parcel_numbers import display
from layers.inquiries.model import Parcel
from layers.store.database import Connection
from layers.store.editions import Edition, Load
from layers.store.instance import Store
from layers.store.nearby import RowQuery

CADASTRAL = "cadastral"


def parcels_with_keys(
    store: Store, connection: Connection, keys: Sequence[str], edition: Edition | None, as_of: datetime | None
) -> list[Parcel]:
    """The parcels of those keys, in that order: placed ones first looked up, then those of 任意座標系 sheets.

    A key that stands on several rows (a 飛び地, or one number on two sheets) gives a parcel for each.
    """
    found: dict[str, list[Parcel]] = {}
    for parcel in [*_placed(store, connection, keys, as_of, edition), *_unplaced(connection, keys, edition)]:
        found.setdefault(parcel.key, []).append(parcel)
    return [parcel for key in keys for parcel in found.get(key, [])]


def _placed(
    store: Store, connection: Connection, keys: Sequence[str], as_of: datetime | None, edition: Edition | None
) -> list[Parcel]:
    layer = store.layer(CADASTRAL)
    rows = (
        RowQuery(connection, layer, store.town.srid, as_of).with_keys(keys, with_system=("load_id", "area_m2")).rows()
    )
    parcels = []
    for index, fid in enumerate(rows.fids.tolist()):
        row = {name: values[index] for name, values in rows.attributes.items()}
        load = edition.by_row[_integer(row["load_id"])] if edition is not None else None
        parcels.append(_parcel(row, load, rows.geometry[index], fid))
    return parcels


def _parcel(row: Mapping[str, object], load: Load | None, geometry: shapely.Geometry | None, fid: int | None) -> Parcel:
    added_m = load.added_error_m if load is not None else 0.0
    accuracy_class = _text(row.get("accuracy_class")) or None
    notes = []
    undeclared_m = load.undeclared_datum_m if load is not None else 0.0
    if undeclared_m:
        notes.append(f"測地成果2000か2011かの宣言がない地図のため、位置の誤差に {undeclared_m:.2f} m を加えています。")
    if accuracy_class is None:
        notes.append("精度区分の記載がないため、最も粗い乙三（公差3.00 m）とみなしています。")
    key = _text(row["parcel_key"])
    return Parcel(
        key=key,
        number=display(key),
        oaza=_text(row.get("oaza")),
        koaza=_text(row.get("koaza")),
        chiban=_text(row.get("chiban")),
        area_m2=_float(row.get("area_m2")),
        registered_area_m2=_float(row.get("registered_area_m2")),
        land_category=_text(row.get("land_category")) or None,
        accuracy_class=accuracy_class,
        error_m=float(np.hypot(point_error_m(accuracy_class), added_m)),
        undetermined=bool(row.get("undetermined")),
        geometry=geometry,
        load=load.id if load is not None else 0,
        data_date=load.data_date if load is not None else None,
        sheet=_text(row.get("map_name")) or None,
        notes=tuple(notes),
        fid=fid,
        datum_error_m=undeclared_m,
    )


def _unplaced(connection: Connection, keys: Sequence[str], edition: Edition | None) -> list[Parcel]:
    rows = connection.execute(
        "SELECT f.attributes, ST_Area(f.geom), s.load_id, s.name FROM onomap.unplaced_features f "
        "JOIN onomap.unplaced_sheets s ON s.id = f.sheet_id WHERE f.parcel_key = ANY(%s) ORDER BY f.id",
        [list(keys)],
    ).fetchall()
    parcels = []
    for attributes, area, load_id, sheet in rows:
        load = edition.by_row.get(load_id) if edition is not None else None
        row = {**attributes, "area_m2": area, "map_name": sheet}
        parcels.append(_parcel(row, load, None, None))
    return parcels


def _text(value: object) -> str:
    return "" if value is None else str(value)


def _float(value: object) -> float | None:
    return float(value) if isinstance(value, (int, float)) else None


def _integer(value: object) -> int:
    if not isinstance(value, int):
        raise TypeError(f"{value!r} is no integer")
    return value
