"""JSON Schemas of a collection: what its features hold (OGC API – Features Part 5), what a filter can name (Part 3)."""

from api.features.links import Addresses
from layers.store.definitions import FieldType, GeometryKind, Layer, LayerField
from layers.store.features.columns import GEOMETRY, VALID_FROM
from layers.store.selection import readable_fields

JsonSchema = dict[str, object]

_TYPES: dict[FieldType, JsonSchema] = {
    FieldType.TEXT: {"type": "string"},
    FieldType.INTEGER: {"type": "integer"},
    FieldType.NUMBER: {"type": "number"},
    FieldType.BOOLEAN: {"type": "boolean"},
    FieldType.DATE: {"type": "string", "format": "date"},
}
_GEOMETRY_FORMATS = {
    GeometryKind.POINT: "geometry-point",
    GeometryKind.LINE: "geometry-multilinestring",
    GeometryKind.POLYGON: "geometry-multipolygon",
}
_DIALECT = "https://json-schema.org/draft/2020-12/schema"


def feature_schema(layer: Layer, addresses: Addresses) -> JsonSchema:
    """What a feature of the layer holds; the id and the geometry are members of their own in GeoJSON."""
    identifier: JsonSchema = {"title": "番号", "type": "integer", "x-ogc-role": "id", "readOnly": True}
    properties: dict[str, object] = {"fid": identifier, **_geometry(layer)}
    properties |= {field.name: _property(field) for field in readable_fields(layer)}
    numbered: dict[str, object] = {
        name: {**schema, "x-ogc-propertySeq": number}
        for number, (name, schema) in enumerate(properties.items(), start=1)
        if isinstance(schema, dict)
    }
    required = [field.name for field in readable_fields(layer) if field.required]
    schema = _schema(addresses.part(layer.id, "schema"), layer, numbered)
    return {**schema, "required": required} if required else schema


def queryables_schema(layer: Layer, addresses: Addresses) -> JsonSchema:
    """What `filter` and `sortby` can name."""
    properties: dict[str, object] = {field.name: _property(field) for field in readable_fields(layer)}
    properties[VALID_FROM] = {"title": "この内容になった日時", "type": "string", "format": "date-time"}
    properties |= _geometry(layer)
    schema = _schema(addresses.part(layer.id, "queryables"), layer, properties)
    return {**schema, "additionalProperties": False}


def _schema(identifier: str, layer: Layer, properties: dict[str, object]) -> JsonSchema:
    return {
        "$schema": _DIALECT,
        "$id": identifier,
        "type": "object",
        "title": layer.title,
        "description": layer.description,
        "properties": properties,
    }


def _geometry(layer: Layer) -> dict[str, object]:
    if layer.geometry not in _GEOMETRY_FORMATS:
        return {}
    return {GEOMETRY: {"title": "図形", "x-ogc-role": "primary-geometry", "format": _GEOMETRY_FORMATS[layer.geometry]}}


def _property(field: LayerField) -> JsonSchema:
    schema: JsonSchema = {"title": field.label, **_TYPES[field.type]}
    if field.unit:
        schema["x-ogc-unit"] = field.unit
    if field.codes:
        schema["description"] = "、".join(
            code if code == label else f"{code}={label}" for code, label in field.codes.items()
        )
    return schema
