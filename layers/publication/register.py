"""The register of publications inside: each layer's way from draft to public, and which editions were made of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from psycopg.types.json import Jsonb

from layers.publication.errors import UnknownPublicationError
from layers.publication.parts import Part, part_of
from layers.publication.published_layer import from_document
from layers.store.database import Connection
from layers.store.definitions import Layer
from layers.store.rights.caller import Caller

DRAFT, CHECKED, REFUSED, APPROVED = "draft", "checked", "refused", "approved"
PUBLISHED, REPLACED, WITHDRAWN, CANCELLED = "published", "replaced", "withdrawn", "cancelled"
STATE_LABELS = {
    DRAFT: "下書き",
    CHECKED: "承認待ち",
    REFUSED: "公開できません",
    APPROVED: "承認済み",
    PUBLISHED: "公開中",
    REPLACED: "前の版",
    WITHDRAWN: "公開を終了",
    CANCELLED: "取り下げ",
}
OPEN_STATES = (DRAFT, CHECKED, REFUSED, APPROVED)
"""The states from which a publication still goes somewhere; a layer has one such at most."""
_COLUMNS = (
    "id, layer, state, requested_by, requested_name, requested_at, definition, definition_sha256, content_sha256, rows, "
    "findings, difference, checked_at, approved_by, approved_name, approved_at, part, edition"
)


@dataclass(frozen=True)
class Publication:
    """One way of one layer; `edition` is the number under which it became public."""

    id: int
    layer: str
    state: str
    requested_by: str
    requested_name: str
    requested_at: datetime
    definition: dict[str, Any]
    definition_sha256: str
    content_sha256: str | None
    rows: int | None
    findings: list[dict[str, str]] | None
    difference: dict[str, Any] | None
    checked_at: datetime | None
    approved_by: str | None
    approved_name: str | None
    approved_at: datetime | None
    part_document: dict[str, Any] | None
    edition: int | None

    @property
    def published_layer(self) -> Layer:
        """The layer as it was declared when the draft was made."""
        return from_document(self.definition)

    @property
    def part(self) -> Part | None:
        """Its files, once they are made."""
        return None if self.part_document is None else part_of(self.part_document)


@dataclass(frozen=True)
class MadeEdition:
    """A bundle that was made: its number, and the publication of each layer in it."""

    number: int
    layers: dict[str, int]
    made_at: datetime
    made_name: str
    bundle_sha256: str


@dataclass(frozen=True)
class Checked:
    """What the gate found, as it is written down."""

    state: str
    content_sha256: str
    rows: int
    findings: list[dict[str, str]]
    difference: dict[str, object]
    drawing: str


def add_draft(connection: Connection, layer: str, caller: Caller, definition: dict[str, Any], digest: str) -> int:
    """A new draft of a layer; whatever of the layer was under way before is taken back."""
    connection.execute(
        "UPDATE onomap.publications SET state = %s WHERE layer = %s AND state = ANY(%s)",
        [CANCELLED, layer, list(OPEN_STATES)],
    )
    row = connection.execute(
        "INSERT INTO onomap.publications (layer, state, requested_by, requested_name, definition, definition_sha256) "
        "VALUES (%s, %s, %s, %s, %s, %s) RETURNING id",
        [layer, DRAFT, caller.account, caller.name, Jsonb(definition), digest],
    ).fetchone()
    assert row is not None  # noqa: S101 - RETURNING answers the row
    return int(row[0])


def publication(connection: Connection, identifier: int, *, lock: bool = False) -> Publication:
    """The publication of that number. Raises UnknownPublicationError."""
    statement = f"SELECT {_COLUMNS} FROM onomap.publications WHERE id = %s{' FOR UPDATE' if lock else ''}"
    row = connection.execute(statement.encode(), [identifier]).fetchone()
    if row is None:
        raise UnknownPublicationError(f"公開の記録 {identifier} はありません。一覧から選んでください。")
    return Publication(*row)


def publications(connection: Connection, limit: int = 200) -> list[Publication]:
    """The latest publications, newest first."""
    statement = f"SELECT {_COLUMNS} FROM onomap.publications ORDER BY id DESC LIMIT %s"
    return [Publication(*row) for row in connection.execute(statement.encode(), [limit]).fetchall()]


def drawing(connection: Connection, identifier: int) -> str:
    """The map of the difference. Raises UnknownPublicationError when there is none."""
    row = connection.execute(
        "SELECT difference_svg FROM onomap.publications WHERE id = %s AND difference_svg IS NOT NULL", [identifier]
    ).fetchone()
    if row is None:
        raise UnknownPublicationError(f"公開の記録 {identifier} に差分の図はありません。")
    return str(row[0])


def note_check(connection: Connection, identifier: int, checked: Checked) -> None:
    """Write down what the gate found."""
    connection.execute(
        "UPDATE onomap.publications SET state = %s, content_sha256 = %s, rows = %s, findings = %s, difference = %s, "
        "difference_svg = %s, checked_at = now() WHERE id = %s",
        [
            checked.state,
            checked.content_sha256,
            checked.rows,
            Jsonb(checked.findings),
            Jsonb(checked.difference),
            checked.drawing,
            identifier,
        ],
    )


def note_approval(connection: Connection, identifier: int, caller: Caller) -> None:
    """Write down who approved; the table itself refuses whoever asked."""
    connection.execute(
        "UPDATE onomap.publications SET state = %s, approved_by = %s, approved_name = %s, approved_at = now() WHERE id = %s",
        [APPROVED, caller.account, caller.name, identifier],
    )


def note_part(connection: Connection, identifier: int, part: Part) -> None:
    """Write down the files that were made, by their hashes."""
    connection.execute(
        "UPDATE onomap.publications SET part = %s WHERE id = %s", [Jsonb(part.to_document()), identifier]
    )


def set_state(connection: Connection, identifiers: Sequence[int], state: str, edition: int | None = None) -> None:
    """Move publications on."""
    connection.execute(
        "UPDATE onomap.publications SET state = %s, edition = coalesce(%s, edition) WHERE id = ANY(%s)",
        [state, edition, list(identifiers)],
    )


def next_number(connection: Connection, held: int) -> int:
    """The number of the next edition: above all that were made here, and above `held`, what the public side has."""
    row = connection.execute("SELECT coalesce(max(number), 0) FROM onomap.public_editions").fetchone()
    assert row is not None  # noqa: S101 - an aggregate always answers one row
    return max(int(row[0]), held) + 1


def add_edition(connection: Connection, number: int, layers: dict[str, int], digest: str, caller: Caller) -> None:
    """Write down a bundle."""
    connection.execute(
        "INSERT INTO onomap.public_editions (number, layers, bundle_sha256, made_by, made_name) VALUES (%s, %s, %s, %s, %s)",
        [number, Jsonb(layers), digest, caller.account, caller.name],
    )


def made_editions(connection: Connection) -> list[MadeEdition]:
    """Every bundle that was made, newest first."""
    rows = connection.execute(
        "SELECT number, layers, made_at, made_name, bundle_sha256 FROM onomap.public_editions ORDER BY number DESC"
    ).fetchall()
    return [MadeEdition(*row) for row in rows]


def edition_layers(connection: Connection, number: int) -> dict[str, int]:
    """The publication of each layer in an edition; none for an edition that was not made here."""
    row = connection.execute("SELECT layers FROM onomap.public_editions WHERE number = %s", [number]).fetchone()
    return {} if row is None else dict(row[0])


def note_switch(connection: Connection, number: int, action: str, caller: Caller) -> None:
    """Write down that another edition is public from now on, and let the states of publications say so."""
    connection.execute(
        "INSERT INTO onomap.public_switches (number, action, switched_by, switched_name) VALUES (%s, %s, %s, %s)",
        [number, action, caller.account, caller.name],
    )
    layers = edition_layers(connection, number)
    public = list(layers.values())
    connection.execute(
        "UPDATE onomap.publications SET state = CASE WHEN layer = ANY(%s) THEN %s ELSE %s END "
        "WHERE state = %s AND NOT id = ANY(%s)",
        [list(layers), REPLACED, WITHDRAWN, PUBLISHED, public],
    )
    connection.execute(
        "UPDATE onomap.publications SET state = %s, edition = coalesce(edition, %s) WHERE id = ANY(%s)",
        [PUBLISHED, number, public],
    )


def public_number(connection: Connection) -> int:
    """The edition that is public as far as is known inside; 0 before the first."""
    row = connection.execute("SELECT number FROM onomap.public_switches ORDER BY id DESC LIMIT 1").fetchone()
    return 0 if row is None else int(row[0])
