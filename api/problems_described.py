"""How errors stand in the OpenAPI description: one schema, and for every operation the statuses that it can answer."""

from collections.abc import Iterable
from typing import Any

from api.problems import TITLES

PROBLEM_TYPE = "application/problem+json"
Described = dict[int | str, dict[str, Any]]

PROBLEM: dict[str, Any] = {
    "title": "RFC 9457 の誤りの文書",
    "type": "object",
    "required": ["type", "title", "status", "detail"],
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string", "description": "何が違い、どうすればよいかの一文"},
        "reason": {"type": "string", "description": "測位が境界にならない理由の種類"},
        "picture": {"type": ["string", "null"], "description": "測位した位置と、うまくいかない所の図（SVG）"},
        "errors": {
            "description": "地物の規則に合わないところのすべて",
            "type": "array",
            "items": {
                "type": "object",
                "required": ["name", "reason"],
                "properties": {"name": {"type": "string"}, "reason": {"type": "string"}},
            },
        },
    },
}
_CONTENT = {PROBLEM_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}
_FRAMEWORKS_OWN = ("HTTPValidationError", "ValidationError")
_METHODS = ("get", "put", "post", "delete", "options", "head", "patch")
_ALWAYS = (400, 500, 503)
"""A name of this server that it does not answer to, a fault of ours, a database that does not answer."""


def problem_told(sentence: str) -> dict[str, Any]:
    """The answer of one status as a problem."""
    return {"description": sentence, "content": _CONTENT}


def problems_told(*statuses: int) -> Described:
    """Answers as problems, under the titles that they have."""
    return {status: problem_told(TITLES[status]) for status in statuses}


def completed(document: dict[str, Any]) -> dict[str, Any]:
    """The document with the errors that every operation has, whoever described it, and in the form in which they come.

    No parameter is null in it: an address has no way to write that.
    """
    schemas = document.setdefault("components", {}).setdefault("schemas", {})
    for name in _FRAMEWORKS_OWN:
        schemas.pop(name, None)
    schemas["Problem"] = PROBLEM
    for path, item in document["paths"].items():
        for method in _METHODS:
            if method in item:
                _complete(item[method], has_name="{" in path)
    return document


def _complete(operation: dict[str, Any], *, has_name: bool) -> None:
    answers = operation["responses"]
    for parameter in operation.get("parameters", ()):
        parameter["schema"] = _without_null(parameter["schema"])
    if _is_frameworks_own(answers.get("422", {})):
        del answers["422"]
        if "requestBody" in operation or any(_can_be_refused(one) for one in operation.get("parameters", ())):
            _tell(answers, [422])
    _tell(answers, [*_ALWAYS, *([404] if has_name else [])])
    operation["responses"] = dict(sorted(answers.items()))


def _without_null(schema: dict[str, Any]) -> dict[str, Any]:
    choices = [choice for choice in schema.get("anyOf", ()) if choice != {"type": "null"}]
    if not choices:
        return schema
    others = {key: value for key, value in schema.items() if key != "anyOf"}
    return others | (choices[0] if len(choices) == 1 else {"anyOf": choices})


def _tell(answers: dict[str, Any], statuses: Iterable[int]) -> None:
    for status in statuses:
        answers.setdefault(str(status), problem_told(TITLES[status]))


def _is_frameworks_own(answer: dict[str, Any]) -> bool:
    schema = answer.get("content", {}).get("application/json", {}).get("schema", {})
    return str(schema.get("$ref", "")).endswith("/HTTPValidationError")


def _can_be_refused(parameter: dict[str, Any]) -> bool:
    """Whether some text is no value of the parameter."""
    schema: dict[str, object] = parameter["schema"]
    told = schema.keys() - {"title", "description", "default"}
    is_any_text = told == {"type"} and schema["type"] == "string"
    return not is_any_text or (parameter["in"] == "query" and bool(parameter["required"]))
