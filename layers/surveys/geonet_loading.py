"""電子基準点 out of a list into the layer of base stations, through the loader that every file takes."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from gis.formats.geonet import MESH_ERROR_M, GeonetStation, read
from layers.store.instance import Store
from layers.store.loading.load import LoadRequest, load
from layers.surveys.base_stations import GEONET, LAYER, distances_m
from layers.surveys.crop_errors import BaseStationError

MOST_BYTES = 20 * 1024**2


@dataclass(frozen=True)
class GeonetLoaded:
    """How many stations were taken, how many lay beyond the distance, the rows that are none, and the load's number."""

    taken: int
    beyond: int
    rejected: tuple[str, ...]
    load_id: int


def load_geonet(store: Store, file: Path, within_km: float) -> GeonetLoaded:
    """Take the stations within `within_km` of the middle of the town; those of the same file before are replaced.

    Raises UnreadableFileError for a list that is none, BaseStationError when no station is so near, and the loader's errors.
    """
    if file.stat().st_size > MOST_BYTES:
        raise BaseStationError(f"{file.name} は大きすぎます。GEONET の一覧のファイルを指定してください。")
    listed = read(file.read_bytes(), file.name)
    west, south, east, north = store.town.bbox
    places = np.array([(one.lon, one.lat) for one in listed.stations])
    near = distances_m((west + east) / 2, (south + north) / 2, places) <= within_km * 1000
    taken = [one for one, is_near in zip(listed.stations, near.tolist(), strict=True) if is_near]
    if not taken:
        raise BaseStationError(
            f"{file.name} に、町から {within_km:g} km 以内の電子基準点がありません。--within-km を大きくしてください。"
        )
    with TemporaryDirectory() as folder:
        written = Path(folder) / f"{file.stem}.geojson"
        written.write_text(json.dumps(_document(taken), ensure_ascii=False), encoding="utf-8")
        done = load(store.database, store.town, LoadRequest(store.layer(LAYER), (written,), "add"))
    return GeonetLoaded(len(taken), len(listed.stations) - len(taken), listed.rejected, done.load_id)


def _document(stations: Sequence[GeonetStation]) -> dict[str, object]:
    """GeoJSON in JGD2011, longitude first."""
    crs = {"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::6668"}}
    return {"type": "FeatureCollection", "crs": crs, "features": [_feature(one) for one in stations]}


def _feature(station: GeonetStation) -> dict[str, object]:
    properties = {
        "station_id": station.code,
        "name": station.name,
        "kind": GEONET,
        "owner": "国土地理院",
        "datum": "JGD2011",
        "epoch": "reference",
        "position_error_m": MESH_ERROR_M,
    }
    geometry = {"type": "Point", "coordinates": [station.lon, station.lat]}
    return {"type": "Feature", "geometry": geometry, "properties": properties}
