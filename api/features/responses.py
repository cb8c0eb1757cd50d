"""The responses of each resource as OpenAPI tells them."""

from typing import Any

from api.features.negotiation import GEOJSON, HTML, JSON, JSON_FG, JSON_SCHEMA
from api.problems_described import problem_told, problems_told
from gis.formats.writing.formats import FORMATS

Responses = dict[int | str, dict[str, Any]]

_LINKS = {
    "type": "array",
    "items": {
        "type": "object",
        "required": ["href", "rel"],
        "properties": {
            "href": {"type": "string"},
            "rel": {"type": "string"},
            "type": {"type": "string"},
            "title": {"type": "string"},
        },
    },
}
_GEOMETRY = {
    "description": "GeoJSON の図形。形のない層では null",
    "type": ["object", "null"],
    "required": ["type", "coordinates"],
    "properties": {"type": {"enum": ["Point", "MultiLineString", "MultiPolygon"]}, "coordinates": {"type": "array"}},
}
_FEATURE = {
    "type": "object",
    "required": ["type", "id", "geometry", "properties"],
    "properties": {
        "type": {"const": "Feature"},
        "id": {"type": "integer"},
        "geometry": _GEOMETRY,
        "properties": {"type": "object"},
        "links": _LINKS,
    },
}
_COLLECTION = {
    "type": "object",
    "required": ["type", "features", "numberReturned", "timeStamp", "links"],
    "properties": {
        "type": {"const": "FeatureCollection"},
        "features": {"type": "array", "items": _FEATURE},
        "numberReturned": {"type": "integer", "minimum": 0},
        "numberMatched": {"type": "integer", "minimum": 0, "description": "条件に合う数。数えたときだけある"},
        "numberMatchedEstimated": {"type": "integer", "minimum": 0, "description": "条件に合う数の見積り"},
        "timeStamp": {"type": "string", "format": "date-time"},
        "links": _LINKS,
    },
}
_DOCUMENT = {"type": "object", "required": ["links"], "properties": {"links": _LINKS}}
_JSON_SCHEMA = {"type": "object", "required": ["$schema", "$id", "type", "properties"]}
_HEADERS = {"Content-Crs": {"description": "座標の座標系", "schema": {"type": "string"}}}


_BAD: Responses = {400: problem_told("パラメータが違う"), 406: problem_told("Accept の形式では返せない")}
_MISSING: Responses = {404: problem_told("そのコレクションや地物はない")}


def _found(description: str, content: dict[str, dict[str, Any]], **more: Any) -> Responses:
    return {200: {"description": description, "content": {**content, HTML: {"schema": {"type": "string"}}}, **more}}


DOCUMENT: Responses = {**_found("文書", {JSON: {"schema": _DOCUMENT}}), **_BAD, **_MISSING}
SCHEMA: Responses = {**_found("JSON Schema", {JSON_SCHEMA: {"schema": _JSON_SCHEMA}}), **_BAD, **_MISSING}
_FILES: dict[str, dict[str, Any]] = {
    form.media_type.split(";")[0]: {"schema": {"type": "string", "format": "binary"}} for form in FORMATS.values()
}
FEATURES: Responses = {
    **problems_told(507),
    **_found("地物", {**_FILES, GEOJSON: {"schema": _COLLECTION}, JSON_FG: {"schema": _COLLECTION}}, headers=_HEADERS),
    **_BAD,
    **_MISSING,
}
FEATURE: Responses = {
    **_found(
        "地物",
        {GEOJSON: {"schema": _FEATURE}, JSON_FG: {"schema": _FEATURE}},
        headers={**_HEADERS, "ETag": {"description": "この版のこの形の印", "schema": {"type": "string"}}},
    ),
    304: {"description": "変わっていない"},
    **_BAD,
    **_MISSING,
}
