"""A small signed document: what must reach the public side at once, without an edition of the layers being made of it.

It is signed by the key of the bundles, and is no bundle: its text says its own format and kind, which are within what is
signed. A number that only rises keeps an older one from being played again.
"""

import base64
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import psycopg
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from layers.publication.errors import BundleRefusedError, NotNewerError
from layers.publication.importing import PublicSide, translated
from layers.publication.keys import TrustedKey, public_half
from layers.publication.public_schema import LARGEST_DOCUMENT
from layers.store.database import Connection, Database
from layers.store.settings import Municipality

FORMAT = "onomap-document/1"
CHANNEL = "onomap_document"
"""Every import is told here with the kind of the document, to whoever listens in the public database."""
_TIMEOUT_S = 3.0


class Document(BaseModel):
    """What is signed."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    format: str = FORMAT
    kind: str = Field(pattern=r"^[a-z][a-z_]{0,39}$")
    number: int = Field(ge=1, le=2**53)
    made_at: datetime
    town: str = Field(pattern=r"^\d{6}$")
    signed_by: str = Field(max_length=64)
    content: dict[str, Any]


class _Envelope(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    document: str
    signature: str


@dataclass(frozen=True)
class Cover:
    """What stands on a document beside its content."""

    kind: str
    number: int
    made_at: datetime


def write_document(cover: Cover, content: Mapping[str, Any], town: Municipality, key: Ed25519PrivateKey) -> str:
    """The signed document as the text of a file. Raises BundleRefusedError when it is larger than an import takes."""
    document = Document(
        kind=cover.kind,
        number=cover.number,
        made_at=cover.made_at,
        town=town.code,
        signed_by=public_half(key).name,
        content=dict(content),
    )
    text = document.model_dump_json()
    signature = base64.b64encode(key.sign(text.encode())).decode()
    written = json.dumps({"document": text, "signature": signature}, ensure_ascii=False)
    if len(written.encode()) > LARGEST_DOCUMENT:
        raise BundleRefusedError(
            f"公開側に送る内容が {LARGEST_DOCUMENT // 1024:,} KB を超えます。終わった通行止めやお知らせを消してください。"
        )
    return written


def read_document(text: str, key: TrustedKey) -> Document:
    """The document, once its signature is seen to be right; nothing of it is believed before. Raises BundleRefusedError."""
    if len(text.encode(errors="replace")) > LARGEST_DOCUMENT:
        raise BundleRefusedError("ファイルが大きすぎます。取り込みません。")
    try:
        envelope = _Envelope.model_validate_json(text)
        signature = base64.b64decode(envelope.signature, validate=True)
    except ValueError as error:
        raise BundleRefusedError("署名した文書として読めません。書き出し直してください。取り込みません。") from error
    key.verify(signature, envelope.document.encode(errors="replace"))
    try:
        document = Document.model_validate_json(envelope.document)
    except ValidationError as error:
        raise BundleRefusedError(f"文書の中身が読めません（{error.errors()[0]['msg']}）。取り込みません。") from error
    if document.format != FORMAT:
        raise BundleRefusedError(f"文書の形式 {document.format[:40]} は扱えません。公開側を新しくしてください。")
    return document


def import_document(side: PublicSide, text: str, kind: str, check: Callable[[Mapping[str, Any]], object]) -> Document:
    """Verify, and take it in one transaction; `check` raises for a content that the public pages could not show.

    It waits for no import of a bundle, which may take minutes. Raises BundleRefusedError, NotNewerError, PublicSideError.
    """
    document = read_document(text, side.key)
    if document.kind != kind:
        raise BundleRefusedError("別の種類の文書です。取り込みません。")
    if document.town != side.town.code:
        raise BundleRefusedError(
            f"この文書は {document.town} のものです。{side.town.full_name}（{side.town.code}）の公開側には取り込みません。"
        )
    check(document.content)
    with translated(), psycopg.connect(side.database.owner_url, connect_timeout=5) as connection:
        connection.execute("SET lock_timeout = '5s'")
        _replace(connection, document)
    return document


def _replace(connection: Connection, document: Document) -> None:
    done = connection.execute(
        "INSERT INTO onomap.situation AS held (kind, number, made_at, content) VALUES (%s, %s, %s, %s::jsonb) "
        "ON CONFLICT (kind) DO UPDATE SET number = excluded.number, made_at = excluded.made_at, "
        "content = excluded.content, imported_at = now() WHERE held.number < excluded.number",
        [document.kind, document.number, document.made_at, json.dumps(document.content)],
    )
    if done.rowcount != 1:
        row = connection.execute("SELECT number FROM onomap.situation WHERE kind = %s", [document.kind]).fetchone()
        held = int(row[0]) if row is not None else 0
        raise NotNewerError(
            f"この文書は {document.number} 番で、公開側にある {held} 番より新しくありません。取り込みません。", held
        )
    connection.execute("SELECT pg_notify(%s, %s)", [CHANNEL, document.kind])


@dataclass(frozen=True)
class Held:
    """What the public side holds of a kind."""

    number: int
    made_at: datetime
    content: dict[str, Any]
    imported_at: datetime


_HELD = "SELECT number, made_at, content, imported_at FROM onomap.situation WHERE kind = %s"


def held_document(database: Database, kind: str) -> Held | None:
    """What is held, as the public application's own login reads it; None before the first.

    Raises StoreUnavailableError when the database does not answer, PublicSideError when it is older than this program.
    """
    with translated(), database.transaction(timeout_s=_TIMEOUT_S) as connection:
        row = connection.execute(_HELD.encode(), [kind]).fetchone()
    return None if row is None else Held(*row)


def held_at(side: PublicSide, kind: str) -> Held | None:
    """The same, as the importer asks. Raises PublicSideError."""
    with translated(), psycopg.connect(side.database.owner_url, connect_timeout=3) as connection:
        row = connection.execute(_HELD.encode(), [kind]).fetchone()
    return None if row is None else Held(*row)


def write_file(path: Path, text: str) -> None:
    """The document as a file that appears whole or not at all. Raises BundleRefusedError."""
    try:
        unfinished = path.with_name(f".{path.name}.new")
        unfinished.write_text(text, encoding="utf-8")
        unfinished.replace(path)
    except OSError as error:
        raise BundleRefusedError(
            f"{path} に書き出せません（{error.strerror}）。空き容量を確かめてください。"
        ) from error


def read_file(path: Path) -> str:
    """The text of a file. Raises BundleRefusedError."""
    try:
        if path.stat().st_size > LARGEST_DOCUMENT:
            raise BundleRefusedError("ファイルが大きすぎます。取り込みません。")
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise BundleRefusedError(f"{path.name} が読めません（{error}）。もう一度書き出してください。") from error
