"""The definition of the API: OpenAPI 3.1 of the whole application, and 3.0 of the features for programs that know no later.

OpenAPI 3.0 has no `const` and no lists of types; what they say is written in its own words.
"""

from collections.abc import Set
from typing import Any

from fastapi import FastAPI

from api.problems_described import completed

FEATURE_PATHS = ("/api", "/api/conformance", "/api/collections")
VERSION_3_0 = "3.0.3"


def definition(app: FastAPI) -> dict[str, Any]:
    """OpenAPI 3.1 of all that the application answers."""
    return completed(without_parameters(app.openapi(), app.state.side.hidden))


def without_parameters(document: dict[str, Any], hidden: Set[str]) -> dict[str, Any]:
    """The document without query parameters that this side does not have."""
    operations = [operation for item in document["paths"].values() for operation in item.values()]
    for operation in operations:
        if "parameters" in operation:
            kept = [one for one in operation["parameters"] if one["in"] != "query" or one["name"] not in hidden]
            operation["parameters"] = kept
    return document


def definition_3_0(app: FastAPI) -> dict[str, Any]:
    """OpenAPI 3.0 of the features."""
    whole = definition(app)
    paths = {path: item for path, item in whole["paths"].items() if _is_of_features(path)}
    problem = {"schemas": {"Problem": _older(whole["components"]["schemas"]["Problem"])}}
    return {"openapi": VERSION_3_0, "info": whole["info"], "paths": _older(paths), "components": problem}


def _is_of_features(path: str) -> bool:
    return path in FEATURE_PATHS or path.startswith("/api/collections/")


def _older(value: Any) -> Any:
    if isinstance(value, list):
        return [_older(part) for part in value]
    if not isinstance(value, dict):
        return value
    older = {key: _older(part) for key, part in value.items()}
    kinds = older.get("type")
    if isinstance(kinds, list):
        del older["type"]
        others = [kind for kind in kinds if kind != "null"]
        older |= {"type": others[0]} if len(others) == 1 else {"anyOf": [{"type": kind} for kind in others]}
        older["nullable"] = "null" in kinds
    if "const" in older and not isinstance(older["const"], dict):
        older["enum"] = [older.pop("const")]
    return older
