"""A surveyed field as GeoJSON: its rings in degrees of JGD2011, and every corner in metres with how sure it is."""

from dataclasses import asdict

import numpy as np

from gis.crs import Datum, Grids, geographic_epsg, plan
from gis.positioning.boundary import area_with_error
from gis.positioning.model import SurveyedBoundary, Vertex
from gis.reference_systems import DEGREE_DECIMALS, METRE_DECIMALS
from layers.surveys.fields import StoredField, worst_quality

NOT_A_PARCEL_LINE = "測位した線は畦畔などの位置です。筆界（境界）を確定するものではありません。"


def boundary_json(boundary: SurveyedBoundary) -> dict[str, object]:
    """A boundary as a feature: `vertices` lists every corner by ring, with its standard error on one axis in metres."""
    area = area_with_error(boundary)
    quality = worst_quality(boundary)
    degrees = _degrees(boundary)
    return {
        "type": "Feature",
        "geometry": {"type": "Polygon", "coordinates": [[*ring, ring[0]] for ring in degrees]},
        "properties": {
            "area_m2": round(area.m2, 3),
            "area_sigma_m2": round(area.sigma_m2, 3),
            "std_error_m": round(boundary.worst_sigma_m, 4),
            "fix_quality": None if quality is None else int(quality),
            "plane_epsg": boundary.plane_epsg,
            "note": NOT_A_PARCEL_LINE,
        },
        "vertices": [
            _vertex(number, vertex, place)
            for number, (ring, places) in enumerate(zip(boundary.rings, degrees, strict=True))
            for vertex, place in zip(ring, places, strict=True)
        ],
    }


def field_json(field: StoredField) -> dict[str, object]:
    """A kept field as a feature; `owner` is there for who may see it."""
    feature = boundary_json(field.boundary)
    properties = feature["properties"]
    assert isinstance(properties, dict)  # noqa: S101 - made above
    told = {
        "field_id": field.field_id,
        "field_name": field.field_name,
        "owner": field.owner,
        "version": field.version,
        "valid_from": field.valid_from.isoformat(),
        "surveyed_on": None if field.surveyed_on is None else field.surveyed_on.isoformat(),
        "session": None if field.session is None else str(field.session),
        "claimed_fix": field.claimed_fix,
        "is_measured": field.is_measured,
        "station": asdict(field.station),
    }
    return {**feature, "id": field.field_id, "properties": {**properties, **told}}


def _degrees(boundary: SurveyedBoundary) -> list[list[list[float]]]:
    back = plan(boundary.plane_epsg, geographic_epsg(Datum.JGD2011), Grids())
    rings = []
    for ring in boundary.rings:
        lon, lat, _ = back.move(np.array([one.x for one in ring]), np.array([one.y for one in ring]))
        rings.append(np.round(np.column_stack((lon, lat)), DEGREE_DECIMALS).tolist())
    return rings


def _vertex(ring: int, vertex: Vertex, place: list[float]) -> dict[str, object]:
    return {
        "ring": ring,
        "lon": place[0],
        "lat": place[1],
        "x": round(vertex.x, METRE_DECIMALS),
        "y": round(vertex.y, METRE_DECIMALS),
        "sigma_m": round(vertex.sigma_m, 4),
        "quality": None if vertex.quality is None else int(vertex.quality),
        "fixes": vertex.fixes,
    }
