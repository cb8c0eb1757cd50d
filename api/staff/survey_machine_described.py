"""How machines' files stand in the OpenAPI description: the bodies that are taken, and the files that are answered."""

from typing import Any

from api.problems_described import Described, problems_told
from gis.formats.machine.files import FORMATS

TAKEN = (
    *("application/zip", "application/x-zip-compressed", "application/octet-stream", "application/xml", "text/xml"),
    *("application/vnd.google-earth.kml+xml", "application/vnd.google-earth.kmz", "application/gpx+xml"),
    *("application/geo+json", "application/json", "text/plain"),
)
BODY: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "description": "ISOXML（TASKDATA の zip または TASKDATA.XML）、SIMA、Shapefile の zip、KML、GeoJSON、GPX",
        "content": {one: {"schema": {"type": "string", "format": "binary"}} for one in TAKEN},
    }
}
_NOTES: dict[str, Any] = {
    "application/json": {
        "schema": {
            "type": "object",
            "required": ["file_name", "bytes", "fields", "notes"],
            "properties": {
                "file_name": {"type": "string"},
                "bytes": {"type": "integer"},
                "fields": {"type": "array", "items": {"type": "string"}},
                "notes": {"type": "array", "items": {"type": "string"}},
            },
        }
    }
}
_FILES: dict[str, Any] = {item.media_type.split(";")[0]: {} for item in FORMATS.values()}
FILE: Described = {
    200: {"description": "ファイル。about のときは、ファイルに入らないもの", "content": _NOTES | _FILES},
    **problems_told(400, 403, 404, 422),
}
_LIST = {"type": "array", "items": {"type": "object"}}
_PREVIEW: dict[str, Any] = {
    "application/geo+json": {
        "schema": {
            "type": "object",
            "required": ["type", "features", "fields", "note"],
            "properties": {
                "type": {"const": "FeatureCollection"},
                "features": _LIST,
                "fields": _LIST,
                "note": {"type": "string"},
            },
        }
    }
}
_KEPT: dict[str, Any] = {
    "application/json": {
        "schema": {
            "type": "object",
            "required": ["kept"],
            "properties": {
                "kept": {
                    "type": "array",
                    "items": {
                        "type": "object",
                        "required": ["field_id", "field_name", "version", "is_new", "area_m2"],
                        "properties": {
                            "field_id": {"type": "string"},
                            "field_name": {"type": "string"},
                            "version": {"type": "integer"},
                            "is_new": {"type": "boolean"},
                            "area_m2": {"type": "number"},
                        },
                    },
                }
            },
        }
    }
}
BROUGHT: Described = {
    200: {"description": "読めた圃場（何も保存していない）", "content": _PREVIEW},
    201: {"description": "保存した圃場", "content": _KEPT},
    **problems_told(400, 403, 404, 409, 412, 413, 415, 422, 428),
}
