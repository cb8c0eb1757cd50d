"""The lines round a position as a phone takes them along: raw coordinates in degrees and in metres of the plane.

Tiles round a corner to 3 cm and more; here nothing is rounded beyond a tenth of a millimetre. Each line brings how far it
may itself be from the truth, so that a distance to it can be said with its uncertainty.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

from gis.accuracy import point_error_m
from gis.crs import Datum, Grids, geographic_epsg, plan
from gis.positioning.boundary import polygon_of
from gis.reference_systems import DEGREE_DECIMALS, METRE_DECIMALS
from layers.store.definitions import Layer
from layers.store.editions import Edition, editions
from layers.store.instance import Store
from layers.store.nearby import RowQuery, Rows
from layers.store.rights.caller import Caller
from layers.surveys.errors import TooMuchGroundError
from layers.surveys.fields import own_fields
from layers.surveys.reach import lines_in_sight

MOST_FEATURES = 20_000
LARGEST_RADIUS_M = 3_000.0
_NEAR = 0.5
"""Degrees beside the town within which a position is looked at."""
_COLUMNS = {
    "cadastral": frozenset({"oaza", "koaza", "chiban", "accuracy_class"}),
    "farmland": frozenset({"land_type"}),
}
"""What a farmer measures against, beside what was measured before: the registered lines and the drawn fields."""
_LAND_TYPES = {"100": "田", "200": "畑"}


@dataclass(frozen=True)
class Around:
    """A place: longitude and latitude in degrees (JGD2011), and how far round it, in metres."""

    lon: float
    lat: float
    radius_m: float


def ground(whole: Store, seen: Store, caller: Caller, around: Around) -> dict[str, object]:
    """GeoJSON of every line within the box of `radius_m` round the position, of the layers whose lines the caller may see.

    `whole` is the store as its owner has it, `seen` as the caller's post: the rows are read as that. Each feature has
    `geometry` in degrees and `plane` with the same rings as x (east), y (north) in metres of `epsg`; far from the town there
    is none. Raises TooMuchGroundError above MOST_FEATURES.
    """
    box = _box(whole, around)
    lines = {name: layer for name, layer in lines_in_sight(whole, caller).items() if name in _COLUMNS}
    with whole.database.transaction() as connection:
        held = editions(connection)
    features: list[dict[str, object]] = []
    if box is not None:
        features += _registered(whole, seen, lines, held, box)
        features += _fields(whole, seen, caller, box[0].tolist())
    return {
        "type": "FeatureCollection",
        "center": [around.lon, around.lat],
        "radius_m": around.radius_m,
        "epsg": whole.town.srid,
        "zone": whole.town.plane_zone,
        "layers": [_told(layer, held.get(name)) for name, layer in lines.items()],
        "features": features,
    }


def _registered(
    whole: Store, seen: Store, lines: Mapping[str, Layer], held: Mapping[str, Edition], box: NDArray[np.float64]
) -> list[dict[str, object]]:
    features: list[dict[str, object]] = []
    with seen.database.transaction(timeout_s=20.0) as connection:
        for name, layer in lines.items():
            rows = RowQuery(connection, layer, whole.town.srid, columns=_COLUMNS[name]).touching(box).rows()
            if len(features) + len(rows) > MOST_FEATURES:
                raise TooMuchGroundError(
                    f"この範囲には線が多すぎます（{MOST_FEATURES:,}件まで）。半径を小さくしてください。"
                )
            edition = held.get(name)
            features += _lines(whole, layer, rows, edition.added_error_m if edition is not None else 0.0)
    return features


def _told(layer: Layer, edition: Edition | None) -> dict[str, object]:
    """Where the lines of a layer come from, and of which day they are."""
    day = edition.data_date.isoformat() if edition is not None and edition.data_date is not None else None
    return {"id": layer.id, "title": layer.title, "attribution": layer.attribution, "data_date": day}


def _box(store: Store, around: Around) -> NDArray[np.float64] | None:
    """The box in metres of the plane (1 × 4); None for a position from which the plane's lines cannot be near."""
    west, south, east, north = store.town.bbox
    if not (west - _NEAR <= around.lon <= east + _NEAR and south - _NEAR <= around.lat <= north + _NEAR):
        return None
    x, y, _ = plan(geographic_epsg(Datum.JGD2011), store.town.srid, Grids()).move(
        np.array([around.lon]), np.array([around.lat])
    )
    reach = around.radius_m
    return np.array([[x[0] - reach, y[0] - reach, x[0] + reach, y[0] + reach]])


def _lines(store: Store, layer: Layer, rows: Rows, added_m: float) -> Iterator[dict[str, object]]:
    placed = [index for index, shape in enumerate(rows.geometry) if shape is not None]
    shapes = shapely.force_2d(rows.geometry[placed])
    for index, shape, degrees in zip(placed, shapes, _in_degrees(store, shapes), strict=True):
        attributes = {column: values[index] for column, values in rows.attributes.items()}
        about = {
            "layer": layer.id,
            "label": _label(layer.id, attributes),
            "accuracy_m": round(float(np.hypot(_error_m(layer, attributes), added_m)), 3),
        }
        yield _feature(int(rows.fids[index]), about, shape, degrees)


def _fields(whole: Store, seen: Store, caller: Caller, box: list[float]) -> Iterator[dict[str, object]]:
    """The measured fields that the caller may see: a farmer's own and no other."""
    near = [(one, polygon_of(one.boundary)) for one in own_fields(seen, caller)]
    here = shapely.box(*box)
    near = [(one, shape) for one, shape in near if shape.intersects(here)]
    shapes = np.array([shape for _, shape in near], dtype=object)
    for (one, shape), degrees in zip(near, _in_degrees(whole, shapes), strict=True):
        about = {
            "layer": "rtk_fields",
            "label": one.field_name or one.field_id,
            "accuracy_m": round(one.std_error_m, 3),
            "field_id": one.field_id,
        }
        yield _feature(one.fid, about, shape, degrees)


def _in_degrees(store: Store, shapes: NDArray[np.object_]) -> NDArray[np.object_]:
    return plan(store.town.srid, geographic_epsg(Datum.JGD2011), Grids()).apply(shapes)[0]


def _feature(fid: int, about: Mapping[str, object], shape: object, degrees: object) -> dict[str, object]:
    return {
        "type": "Feature",
        "id": fid,
        "properties": about,
        "geometry": _geometry(degrees, DEGREE_DECIMALS),
        "plane": _geometry(shape, METRE_DECIMALS)["coordinates"],
    }


def _error_m(layer: Layer, attributes: Mapping[str, object]) -> float:
    """How far a corner of it may be from the truth: 公差 of the parcel's class, or what the layer says of itself."""
    if layer.id != "cadastral":
        return layer.accuracy_m
    written = attributes.get("accuracy_class")
    return point_error_m(written if isinstance(written, str) else None)


def _label(name: str, attributes: Mapping[str, object]) -> str:
    if name == "cadastral":
        return "".join(str(attributes.get(part) or "") for part in ("oaza", "koaza", "chiban"))
    return _LAND_TYPES.get(str(attributes.get("land_type")), "農地")


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
