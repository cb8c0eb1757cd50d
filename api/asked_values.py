"""Values of requests that need more than a type: texts that the store can hold, and moments."""

from datetime import datetime
from typing import Annotated

from pydantic import BeforeValidator, Field, JsonValue

from api.errors import QueryError
from api.features.reading import moment_of

NO_NUL = r"^[^\u0000]*$"
"""What a text must match: PostgreSQL holds every character but NUL."""
PARCELS: dict[str, JsonValue] = {"description": "地番や名前。記号だけの文字列は 400"}
"""What the description says of a text that names parcels."""


def _moment(value: object) -> datetime:
    if not isinstance(value, str):
        raise QueryError("as_of には日付か日時を文字列で書いてください。")
    return moment_of(value)


Moment = Annotated[
    datetime,
    BeforeValidator(
        _moment, json_schema_input_type=Annotated[str, Field(json_schema_extra={"format": "onomap-moment"})]
    ),
]
"""A day or an RFC 3339 moment, read as `as_of` of features is."""
