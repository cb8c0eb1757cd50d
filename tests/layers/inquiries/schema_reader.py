"""A reader of the part of JSON Schema 2020-12 that docs/answer.schema.json uses; any other keyword is an error."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

_TYPES: Mapping[str, tuple[type, ...]] = {
    "object": (dict,),
    "array": (list,),
    "string": (str,),
    "number": (int, float),
    "integer": (int,),
    "boolean": (bool,),
    "null": (type(None),),
}
_KNOWN = {
    "$schema", "$defs", "$ref", "title", "description", "format", "type", "enum", "required", "properties",
    "additionalProperties", "items", "minimum", "maximum", "pattern",
}  # fmt: skip


def complaints(value: object, schema: Mapping[str, Any], root: Mapping[str, Any], at: str = "$") -> Iterator[str]:
    """What of the value the schema does not allow, one sentence each."""
    unknown = set(schema) - _KNOWN
    if unknown:
        raise ValueError(f"{at}: this reader does not know {sorted(unknown)}")
    if "$ref" in schema:
        yield from complaints(value, root["$defs"][schema["$ref"].removeprefix("#/$defs/")], root, at)
        return
    names = [schema["type"]] if isinstance(schema.get("type"), str) else schema.get("type", [])
    if names and not any(_is(value, name) for name in names):
        yield f"{at}: {value!r} is not {names}"
        return
    if "enum" in schema and value not in schema["enum"]:
        yield f"{at}: {value!r} is not one of {schema['enum']}"
    yield from _scalar(value, schema, at)
    yield from _inside(value, schema, root, at)


def _is(value: object, name: str) -> bool:
    return isinstance(value, _TYPES[name]) and (name == "boolean" or not isinstance(value, bool))


def _scalar(value: object, schema: Mapping[str, Any], at: str) -> Iterator[str]:
    if isinstance(value, int | float):
        if value < schema.get("minimum", value):
            yield f"{at}: {value} is below {schema['minimum']}"
        if value > schema.get("maximum", value):
            yield f"{at}: {value} is above {schema['maximum']}"
    if isinstance(value, str) and "pattern" in schema and not re.search(schema["pattern"], value):
        yield f"{at}: {value!r} does not match {schema['pattern']}"


def _inside(value: object, schema: Mapping[str, Any], root: Mapping[str, Any], at: str) -> Iterator[str]:
    if isinstance(value, list) and "items" in schema:
        for position, entry in enumerate(value):
            yield from complaints(entry, schema["items"], root, f"{at}[{position}]")
    if isinstance(value, dict):
        for name in schema.get("required", ()):
            if name not in value:
                yield f"{at}: {name} is missing"
        for name, entry in value.items():
            if name in schema.get("properties", {}):
                yield from complaints(entry, schema["properties"][name], root, f"{at}.{name}")
            elif schema.get("additionalProperties") is False:
                yield f"{at}: {name} is not in the schema"
