"""How surveys stand in the OpenAPI description: the bodies that are taken, and what keeping a field can answer."""

from typing import Any

from api.problems_described import Described, problems_told
from layers.surveys.wire import MOST_RECORDS

LOG_TYPES = ("text/plain", "application/octet-stream")
POINT_TYPES = (
    "text/csv",
    "text/plain",
    "text/tab-separated-values",
    "application/octet-stream",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
)


def _raw(media_types: tuple[str, ...], described: str) -> dict[str, Any]:
    content = {one: {"schema": {"type": "string", "format": "binary"}} for one in media_types}
    return {"requestBody": {"required": True, "description": described, "content": content}}


LOG_BODY = _raw(LOG_TYPES, "NMEA 0183 のログ（GGA、GST、RMC、GSA）")
POINTS_BODY = _raw(POINT_TYPES, "点の一覧（CSV、TSV、XLSX）")

_RECORD: dict[str, Any] = {
    "type": "object",
    "description": (
        "id は端末が作る UUID、kind は session・corner・track・undo のどれか。"
        "session: started_at, field_name, station{base_station, mount_point, datum, epoch, receiver}, antenna_height_m, "
        "claimed_fix, field_id。corner と track: session, ring, order, at, source, fixes[]。undo: session, at, takes_back。"
        "受け取れない記録は、理由とともに refused に入る"
    ),
    "additionalProperties": True,
}
BATCH_BODY: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {
            "application/json": {
                "schema": {
                    "type": "object",
                    "required": ["device", "records"],
                    "additionalProperties": False,
                    "properties": {
                        "device": {"type": "string", "format": "uuid"},
                        "records": {"type": "array", "maxItems": MOST_RECORDS, "items": _RECORD},
                    },
                }
            }
        },
    }
}
_FEATURE = {
    "application/geo+json": {"schema": {"type": "object", "required": ["type", "geometry", "properties", "vertices"]}}
}
_ETAG = {"ETag": {"description": "次に測り直すときの If-Match に付ける版", "schema": {"type": "string"}}}
SHOWN: Described = {200: {"description": "圃場", "headers": _ETAG, "content": _FEATURE}}
KEPT: Described = {
    200: {"description": "すでにある圃場の新しい版、または同じ内容", "headers": _ETAG, "content": _FEATURE},
    201: {"description": "新しい圃場", "headers": _ETAG, "content": _FEATURE},
    **problems_told(403, 404, 409, 412, 422, 428),
}
