"""How edits stand in the OpenAPI description: their bodies, and every answer that they can get."""

from typing import Any

from api.problems_described import Described, problem_told

_EDITED: dict[str, Any] = {
    "application/json": {
        "schema": {
            "type": "object",
            "required": ["id", "version", "valid_from", "load", "changed", "warnings"],
            "properties": {
                "id": {"type": "integer"},
                "version": {"type": "integer"},
                "valid_from": {"type": "string", "format": "date-time"},
                "load": {"type": "integer"},
                "changed": {"type": "boolean"},
                "warnings": {"type": "array", "items": {"type": "string"}},
            },
        }
    }
}
_ETAG = {"description": "次の編集の If-Match に付ける版", "schema": {"type": "string"}}
_LOCATION = {"description": "追加した地物のアドレス", "schema": {"type": "string", "format": "uri"}}


def _problems(sentences: dict[int, str]) -> Described:
    return {status: problem_told(sentence) for status, sentence in sentences.items()}


_ALWAYS = _problems(
    {
        400: "本文が JSON でない、または扱えない座標系",
        403: "ほかのサイトの画面からの変更",
        404: "レイヤまたは地物がない",
        405: "編集できないレイヤ",
        409: "レイヤの新しい版を読み込み中",
        422: "レイヤの規則に合わない。errors にすべての理由",
    }
)
_WITH_BODY = _problems({413: "本文が大きすぎる", 415: "受け取れない種類の本文"})
_CONDITIONAL = _problems({412: "ほかの人が先に変更した", 428: "If-Match がない"})

AFTER_INSERT: Described = {
    201: {"description": "追加した", "headers": {"ETag": _ETAG, "Location": _LOCATION}, "content": _EDITED},
    **_ALWAYS,
    **_WITH_BODY,
}
AFTER_EDIT: Described = {
    200: {"description": "変更した", "headers": {"ETag": _ETAG}, "content": _EDITED},
    **_ALWAYS,
    **_WITH_BODY,
    **_CONDITIONAL,
}
DELETED: Described = {**_ALWAYS, **_CONDITIONAL}

_GEOMETRY = {
    "type": ["object", "null"],
    "required": ["type", "coordinates"],
    "properties": {"type": {"type": "string"}, "coordinates": {"type": "array"}},
}
_PROPERTIES = {"type": ["object", "null"], "additionalProperties": {"type": ["string", "number", "boolean", "null"]}}


def _body(media_type: str, required: list[str]) -> dict[str, Any]:
    members = {"type": {"const": "Feature"}, "geometry": _GEOMETRY, "properties": _PROPERTIES}
    schema: dict[str, Any] = {"type": "object", "properties": members}
    if required:
        schema["required"] = required
    return {"requestBody": {"required": True, "content": {media_type: {"schema": schema}}}}


FEATURE_BODY = _body("application/geo+json", ["type", "geometry"])
PATCH_BODY = _body("application/merge-patch+json", [])
