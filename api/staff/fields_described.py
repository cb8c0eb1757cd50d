"""How the files of crop plans and base stations stand in the OpenAPI description."""

from typing import Any

from api.problems_described import Described

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
NMEA = "text/plain"


def _binary(media_type: str) -> dict[str, Any]:
    return {"content": {media_type: {"schema": {"type": "string", "format": "binary"}}}}


LEDGER_TOLD: Described = {200: {"description": "作付台帳", **_binary(XLSX)}}
PDF_TOLD: Described = {200: {"description": "作付図", **_binary("application/pdf")}}
GEOJSON = "application/geo+json"
GEOJSON_TOLD: Described = {200: {"description": "GeoJSON", "content": {GEOJSON: {"schema": {"type": "object"}}}}}
LEDGER_BODY: dict[str, Any] = {"requestBody": {"required": True, **_binary(XLSX)}}
LOG_BODY: dict[str, Any] = {"requestBody": {"required": True, "content": {NMEA: {"schema": {"type": "string"}}}}}
