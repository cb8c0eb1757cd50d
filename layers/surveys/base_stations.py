"""RTK base stations: how far their corrections reach on the ground, which fields lie outside, and what distance costs.

All distances are geodesics on the ellipsoid of JGD2011 (GRS80), never lengths in a projection.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
import shapely
from numpy.typing import NDArray
from psycopg import sql
from pyproj import Geod

from gis.crs import Grids, plan
from layers.store.database import Connection
from layers.store.definitions import ColumnClass, Layer
from layers.store.instance import Store
from layers.store.rights.caller import Verb
from layers.surveys.crop_desk import CropDesk
from layers.surveys.crop_errors import UnknownStationError
from layers.surveys.crop_grounds import Ground

LAYER = "base_stations"
TOWN, GEONET, PROVIDER = "town", "geonet", "provider"
GROWTH_PPM = 1.0
"""How the error of RTK grows with the distance from the base: 1 mm a kilometre, as receivers' data sheets state it."""
CIRCLE_VERTICES = 96
_GEOGRAPHIC = 6668
_ELLIPSOID = Geod(ellps="GRS80")
_COLUMNS = (
    *("station_id", "name", "kind", "owner", "datum", "epoch", "coverage_km", "position_error_m", "mount_point"),
    *("health", "health_note", "health_on", "contact"),
)


@dataclass(frozen=True)
class BaseStation:
    """One station, in degrees (JGD2011) and in metres of the plane; columns that the asker may not see are None."""

    fid: int
    version: int
    lon: float
    lat: float
    station_id: str
    name: str
    kind: str
    owner: str | None
    datum: str | None
    epoch: str | None
    coverage_km: float | None
    position_error_m: float | None
    mount_point: str | None
    health: str | None
    health_note: str | None
    health_on: date | None
    contact: str | None

    @property
    def corrects(self) -> bool:
        """Whether fields may hang on it: it is said how far it reaches, and it is not stopped."""
        return self.coverage_km is not None and self.kind != GEONET and self.health != "stopped"


@dataclass(frozen=True)
class FieldReach:
    """The station that serves a field best: `distance_km` to its farthest corner, `growth_mm` the error that it adds.

    `station_id` is None where no station corrects; `inside` says whether the whole field lies in the station's reach.
    """

    ground: Ground
    station_id: str | None
    distance_km: float | None
    inside: bool

    @property
    def growth_mm(self) -> float | None:
        """1 ppm of the distance, in mm."""
        return None if self.distance_km is None else self.distance_km * GROWTH_PPM


def stations_of(store: Store, desk: CropDesk) -> list[BaseStation]:
    """Every station, the town's first. Raises ForbiddenError for whoever reaches no field.

    A farmer gets the columns that may be public; those of the staff's class are for who may read the layer.
    """
    layer = store.layer(LAYER)
    desk.grasp  # noqa: B018 - raises for whoever reaches nothing
    staff = store.policy.allows(desk.caller, Verb.READ, layer)
    with store.database.transaction() as connection:
        return read_stations(connection, layer, staff=staff)


def read_stations(connection: Connection, layer: Layer, *, staff: bool) -> list[BaseStation]:
    """The rows of the layer; without the staff's columns for others."""
    shown = [
        sql.Identifier(name)
        if staff or layer.field(name).column_class is ColumnClass.PUBLIC
        else sql.SQL("NULL AS {}").format(sql.Identifier(name))
        for name in _COLUMNS
    ]
    statement = sql.SQL(
        "SELECT fid, version, ST_X(p.at), ST_Y(p.at), {columns} FROM layers.{layer}, "
        "LATERAL (SELECT ST_Transform(geom, {degrees}) AS at) p WHERE geom IS NOT NULL AND station_id IS NOT NULL "
        "ORDER BY kind = 'town' DESC, kind = 'provider' DESC, name, fid"
    ).format(columns=sql.SQL(", ").join(shown), layer=sql.Identifier(LAYER), degrees=sql.Literal(_GEOGRAPHIC))
    return [BaseStation(*row) for row in connection.execute(statement).fetchall()]


def station_named(stations: Iterable[BaseStation], station_id: str) -> BaseStation:
    """The station of that number. Raises UnknownStationError."""
    found = next((one for one in stations if one.station_id == station_id), None)
    if found is None:
        raise UnknownStationError(f"基準局「{station_id[:40]}」はありません。一覧を読み直してください。")
    return found


def circle(station: BaseStation) -> shapely.Polygon | None:
    """What a station reaches, in degrees: every vertex lies `coverage_km` away on the ground. None where it is not said."""
    if station.coverage_km is None or station.coverage_km <= 0:
        return None
    bearings = np.linspace(0.0, 360.0, CIRCLE_VERTICES, endpoint=False)
    count = len(bearings)
    lons, lats, _ = _ELLIPSOID.fwd(
        np.full(count, station.lon), np.full(count, station.lat), bearings, np.full(count, station.coverage_km * 1000)
    )
    return shapely.Polygon(np.column_stack([lons, lats]))


def distances_m(lon: float, lat: float, places: NDArray[np.float64]) -> NDArray[np.float64]:
    """Geodesic metres from a point to each of `places` (n × 2: longitude, latitude)."""
    count = len(places)
    metres = _ELLIPSOID.inv(np.full(count, lon), np.full(count, lat), places[:, 0], places[:, 1])[2]
    return np.asarray(metres, dtype=np.float64)


def reaches(stations: Sequence[BaseStation], grounds: Sequence[Ground], srid: int) -> list[FieldReach]:
    """For each field the station that serves it best: one that reaches all of it before one that does not, then the nearest."""
    correcting = [station for station in stations if station.corrects]
    if not grounds:
        return []
    farthest = _farthest_km(correcting, grounds, srid)
    return [_best(ground, correcting, farthest[:, index]) for index, ground in enumerate(grounds)]


def _best(ground: Ground, stations: Sequence[BaseStation], distances: NDArray[np.float64]) -> FieldReach:
    ranked = sorted(
        (
            (distance > (station.coverage_km or 0.0), distance, station)
            for station, distance in zip(stations, distances.tolist(), strict=True)
        ),
        key=lambda one: one[:2],
    )
    if not ranked:
        return FieldReach(ground, None, None, inside=False)
    outside, distance, station = ranked[0]
    return FieldReach(ground, station.station_id, distance, inside=not outside)


def _farthest_km(stations: Sequence[BaseStation], grounds: Sequence[Ground], srid: int) -> NDArray[np.float64]:
    """Kilometres from each station to the farthest corner of each field (stations × fields)."""
    corners, owner = shapely.get_coordinates([ground.geometry for ground in grounds], return_index=True)
    lon, lat, _ = plan(srid, _GEOGRAPHIC, Grids(None, None)).move(corners[:, 0], corners[:, 1])
    places = np.column_stack([lon, lat])
    found = np.zeros((len(stations), len(grounds)))
    for row, station in enumerate(stations):
        np.maximum.at(found[row], owner, distances_m(station.lon, station.lat, places) / 1000)
    return found


def nearest_geonet(
    stations: Sequence[BaseStation], station: BaseStation, count: int = 3
) -> list[tuple[BaseStation, float]]:
    """The 電子基準点 nearest to a station, with their distance in km; each is as uncertain as its position."""
    points = [one for one in stations if one.kind == GEONET and one.station_id != station.station_id]
    if not points:
        return []
    distances = distances_m(station.lon, station.lat, np.array([(one.lon, one.lat) for one in points])) / 1000
    order = np.argsort(distances, kind="stable")[:count]
    return [(points[index], float(distances[index])) for index in order]


def coverage_document(stations: Sequence[BaseStation]) -> dict[str, object]:
    """Stations and their circles as GeoJSON, in degrees."""
    features: list[Mapping[str, object]] = []
    for station in stations:
        told = {"station_id": station.station_id, "name": station.name, "kind": station.kind, "health": station.health}
        reach = circle(station)
        if reach is not None:
            features.append(_feature(reach, {**told, "part": "reach", "coverage_km": station.coverage_km}))
        features.append(_feature(shapely.Point(station.lon, station.lat), {**told, "part": "station"}))
    return {"type": "FeatureCollection", "features": features}


def _feature(shape: shapely.Geometry, properties: Mapping[str, object]) -> dict[str, object]:
    rounded = shapely.transform(shape, lambda points: np.round(points, 7))
    return {"type": "Feature", "geometry": shapely.geometry.mapping(rounded), "properties": dict(properties)}
