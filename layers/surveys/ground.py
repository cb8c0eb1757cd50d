"""The lines round a position as a phone takes them along: raw coordinates in degrees and in metres of the plane.

Tiles round a corner to 3 cm and more; here nothing is rounded beyond a tenth of a millimetre. Each line brings how far it
may itself be from the truth, so that a distance to it can be said with its uncertainty.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

from gis.accuracy import point_error_m
from gis.crs import Datum, Grids, geographic_epsg, plan
from gis.errors import OnomapError
from gis.reference_systems import DEGREE_DECIMALS, METRE_DECIMALS
from layers.store.database import Connection
from layers.store.editions import editions
from layers.store.instance import Store
from layers.store.nearby import RowQuery, Rows

LAYERS = ("cadastral", "farmland", "rtk_fields")
"""What a farmer measures against: the registered lines, the drawn fields, and what was measured before."""
MOST_FEATURES = 20_000
LARGEST_RADIUS_M = 3_000.0
_COLUMNS = {
    "cadastral": frozenset({"oaza", "koaza", "chiban", "accuracy_class"}),
    "farmland": frozenset({"land_type"}),
    "rtk_fields": frozenset({"field_id", "field_name", "std_error_m"}),
}


class TooMuchGroundError(OnomapError):
    """More lines lie round the position than a phone should carry."""


class OffGroundError(OnomapError):
    """The position lies outside the plane of the town."""


@dataclass(frozen=True)
class Around:
    """A place: longitude and latitude in degrees (JGD2011), and how far round it, in metres."""

    lon: float
    lat: float
    radius_m: float


def ground(store: Store, around: Around) -> dict[str, object]:
    """GeoJSON of every line within the box of `radius_m` round the position, of the layers that `store` may see.

    Each feature has `geometry` in degrees and `plane` with the same rings as x (east), y (north) in metres of `epsg`.
    Raises TooMuchGroundError above MOST_FEATURES, OffGroundError for a position that the plane does not reach.
    """
    x, y = _plane_position(store, around)
    reach = around.radius_m
    box = np.array([[x - reach, y - reach, x + reach, y + reach]])
    features: list[dict[str, object]] = []
    told: list[dict[str, object]] = []
    with store.database.transaction(timeout_s=20.0) as connection:
        held = editions(connection)
        for name in (name for name in LAYERS if name in store.catalogue):
            edition = held.get(name)
            added = edition.added_error_m if edition is not None else 0.0
            rows = _rows(connection, store, name, box)
            features += _features(store, name, rows, added)
            if len(features) > MOST_FEATURES:
                raise TooMuchGroundError(
                    f"この範囲には線が多すぎます（{len(features):,}件、{MOST_FEATURES:,}件まで）。"
                    "半径を小さくしてください。"
                )
            layer = store.layer(name)
            told.append(
                {
                    "id": name,
                    "title": layer.title,
                    "attribution": layer.attribution,
                    "data_date": edition.data_date.isoformat() if edition is not None and edition.data_date else None,
                }
            )
    return {
        "type": "FeatureCollection",
        "center": [around.lon, around.lat],
        "radius_m": reach,
        "epsg": store.town.srid,
        "zone": store.town.plane_zone,
        "layers": told,
        "features": features,
    }


def _plane_position(store: Store, around: Around) -> tuple[float, float]:
    there = plan(geographic_epsg(Datum.JGD2011), store.town.srid, Grids())
    x, y, lost = there.move(np.array([around.lon]), np.array([around.lat]))
    west, south, east, north = store.town.bbox
    is_near = west - 0.5 <= around.lon <= east + 0.5 and south - 0.5 <= around.lat <= north + 0.5
    if lost[0] or not is_near:
        raise OffGroundError(f"この位置は{store.town.name}から離れています。町の中か近くで、もう一度お試しください。")
    return float(x[0]), float(y[0])


def _rows(connection: Connection, store: Store, name: str, box: NDArray[np.float64]) -> Rows:
    query = RowQuery(connection, store.layer(name), store.town.srid, columns=_COLUMNS[name])
    return query.touching(box).rows()


def _features(store: Store, name: str, rows: Rows, added_m: float) -> Iterator[dict[str, object]]:
    back = plan(store.town.srid, geographic_epsg(Datum.JGD2011), Grids())
    usual = store.layer(name).accuracy_m
    placed = [index for index, shape in enumerate(rows.geometry) if shape is not None]
    shapes = shapely.force_2d(rows.geometry[placed])
    degrees, _ = back.apply(shapes)
    for place, index in enumerate(placed):
        attributes = {column: values[index] for column, values in rows.attributes.items()}
        yield {
            "type": "Feature",
            "id": int(rows.fids[index]),
            "properties": {
                "layer": name,
                "label": _label(name, attributes),
                "accuracy_m": round(float(np.hypot(_error_m(name, attributes, usual), added_m)), 3),
                **({"field_id": attributes["field_id"]} if attributes.get("field_id") else {}),
            },
            "geometry": _geometry(degrees[place], DEGREE_DECIMALS),
            "plane": _geometry(shapes[place], METRE_DECIMALS)["coordinates"],
        }


def _error_m(name: str, attributes: dict[str, object], usual_m: float) -> float:
    """How far a corner of it may be from the truth: 公差 of the parcel's class, or the standard error of the survey."""
    if name == "cadastral":
        written = attributes.get("accuracy_class")
        return point_error_m(written if isinstance(written, str) else None)
    measured = attributes.get("std_error_m")
    return float(measured) if isinstance(measured, int | float) else usual_m


def _label(name: str, attributes: dict[str, object]) -> str:
    if name == "cadastral":
        return "".join(str(attributes.get(part) or "") for part in ("oaza", "koaza", "chiban"))
    if name == "farmland":
        return {100: "田", 200: "畑"}.get(attributes.get("land_type"), "農地")  # type: ignore[call-overload,no-any-return]
    return str(attributes.get("field_name") or attributes.get("field_id") or "")


def _geometry(shape: object, decimals: int) -> dict[str, object]:
    """GeoJSON of a multipolygon, its coordinates to so many digits."""
    polygons = [
        [np.round(shapely.get_coordinates(ring), decimals).tolist() for ring in _rings(polygon)]
        for polygon in shapely.get_parts(shape)
    ]
    return {"type": "MultiPolygon", "coordinates": polygons}


def _rings(polygon: object) -> list[object]:
    inner = [shapely.get_interior_ring(polygon, index) for index in range(shapely.get_num_interior_rings(polygon))]
    return [shapely.get_exterior_ring(polygon), *inner]
