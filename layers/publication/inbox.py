"""What the public side may send inside: single lines of typed JSON, put in by INSERT alone and pulled from inside.

The public application can neither read nor change what waits. Nothing of a line is believed inside before it is read as
the kind that it says it is; what does not fit is kept with the reason, never handed on.
"""

import json
from dataclasses import dataclass
from typing import Any

import psycopg
from psycopg.types.json import Jsonb
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from layers.publication.errors import InboxError
from layers.publication.importing import translated
from layers.publication.public_database import PublicDatabase
from layers.publication.public_schema import LONGEST_LINE
from layers.store.database import Database

MOST_AT_ONCE = 500


class Report(BaseModel):
    """A citizen's report: a text about a place. Photographs do not come this way."""

    model_config = ConfigDict(extra="forbid", strict=True)

    text: str = Field(min_length=1, max_length=2_000)
    lon: float = Field(ge=-180, le=180)
    lat: float = Field(ge=-90, le=90)
    category: str = Field(default="", max_length=100)


KINDS: dict[str, type[BaseModel]] = {"report": Report}
"""What may be sent, by the name of its kind."""


@dataclass(frozen=True)
class Pulled:
    """How many lines came in, and how many of them were not what they said."""

    taken: int
    refused: int


def send(database: Database, kind: str, content: dict[str, Any]) -> None:
    """Put one line into the inbox, as the public application with its own login does.

    Raises InboxError for a kind or content that nobody inside would read, and when the inbox is full.
    """
    model = KINDS.get(kind)
    if model is None:
        raise InboxError("この種類の知らせは受け付けていません。")
    try:
        text = model.model_validate(content).model_dump_json()
    except ValidationError as error:
        place = "・".join(str(part) for part in error.errors()[0]["loc"]) or "本文"
        raise InboxError(f"{place} の値を確認してください。") from error
    if len(text.encode()) > LONGEST_LINE:
        raise InboxError("一度に送れる長さを超えています。短くしてください。")
    try:
        # the login's own statement timeout holds: to set another would be a query, after which no mode can be set
        with database.transaction() as connection:
            connection.execute("SET TRANSACTION READ WRITE")
            connection.execute("INSERT INTO onomap.inbox (kind, content) VALUES (%s, %s::jsonb)", [kind, text])
    except psycopg.errors.CheckViolation as error:
        raise InboxError("いまは受け付けられません。しばらくしてからもう一度お送りください。") from error


def pull(store: Database, public: PublicDatabase, limit: int = MOST_AT_ONCE) -> Pulled:
    """Bring waiting lines inside, oldest first, each once, whatever dies in between.

    A line is deleted outside only after it is kept inside; one that is met again by its token is not kept twice.
    """
    with translated(), psycopg.connect(public.owner_url) as outside:
        rows = outside.execute(
            "SELECT id, token, received_at, kind, content::text FROM onomap.inbox ORDER BY id LIMIT %s FOR UPDATE SKIP LOCKED",
            [min(limit, MOST_AT_ONCE)],
        ).fetchall()
        taken = refused = 0
        with store.transaction() as inside:
            for _, token, received_at, kind, text in rows:
                reason = refusal(kind, text)
                done = inside.execute(
                    "INSERT INTO onomap.inbox_lines (token, received_at, kind, content, refusal) VALUES (%s, %s, %s, %s, %s) "
                    "ON CONFLICT (token) DO NOTHING",
                    [token, received_at, kind, Jsonb(_kept(text)), reason],
                )
                taken += done.rowcount
                refused += done.rowcount if reason is not None else 0
        outside.execute("DELETE FROM onomap.inbox WHERE id = ANY(%s)", [[row[0] for row in rows]])
    return Pulled(taken, refused)


def refusal(kind: str, text: str) -> str | None:
    """Why a line is not what it says it is; None when it is."""
    model = KINDS.get(kind)
    if model is None:
        return "知らない種類"
    if len(text.encode()) > LONGEST_LINE:
        return "長すぎる"
    try:
        model.model_validate_json(text)
    except ValidationError as error:
        return "・".join(str(part) for part in error.errors()[0]["loc"]) or "本文"
    return None


def _kept(text: str) -> object:
    return json.loads(text) if len(text.encode()) <= LONGEST_LINE else {}
