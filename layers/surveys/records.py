"""Records of surveys kept: each once, by the number that the phone gave it, however often and from wherever it is sent."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from uuid import UUID

import orjson

from layers.store.audit.log import Who
from layers.store.database import Connection
from layers.store.instance import Store
from layers.store.rights.caller import Caller
from layers.surveys.errors import SurveyRefusedError
from layers.surveys.reach import reaching, surveying
from layers.surveys.wire import MOST_RECORDS, Sent, SentSession, read_record

AHEAD = timedelta(minutes=10)
"""A phone's clock that is further ahead than this is worth a word; its record is kept."""
OTHER_CONTENT = "同じ番号で内容の違う記録がすでにあるため、保存していません。"
NO_SESSION = "この記録の測位（session）が届いていないため、保存していません。測位の記録と一緒に送り直してください。"
NO_ID = "id が UUID ではありません。"
_CLOCK = "端末の時計が進んでいます。時刻はそのまま保存しました。"


@dataclass
class Kept:
    """What became of each record of a batch, by its id as it was sent; `notes` are about records that were kept."""

    stored: list[str] = field(default_factory=list)
    already: list[str] = field(default_factory=list)
    refused: list[dict[str, str]] = field(default_factory=list)
    notes: list[dict[str, str]] = field(default_factory=list)

    def as_json(self) -> dict[str, object]:
        """The answer to the phone."""
        return {"stored": self.stored, "already": self.already, "refused": self.refused, "notes": self.notes}

    def refuse(self, identifier: object, why: str) -> None:
        """Not kept, with the reason."""
        self.refused.append({"id": str(identifier)[:80], "why": why})


@dataclass(frozen=True)
class ReadyRecord:
    """A record as the store takes it: `session` is its own id for a session, `hash` that of its content in one spelling."""

    id: UUID
    kind: str
    session: UUID
    content: Mapping[str, object]

    @property
    def hash(self) -> str:
        """SHA-256 of the content with its keys in order: the same content has the same, whoever wrote it how."""
        said = orjson.dumps([self.kind, self.session, self.content], option=orjson.OPT_SORT_KEYS)
        return sha256(said).hexdigest()

    def as_json(self) -> dict[str, object]:
        """For the function that stores it."""
        return {"id": self.id, "kind": self.kind, "session": self.session, "hash": self.hash, "content": self.content}


def store_records(
    store: Store, caller: Caller, origin: str | None, device: UUID, records: Sequence[Mapping[str, object]]
) -> Kept:
    """Keep what can be kept of a batch in one transaction; what cannot is told by its id, and hinders no other.

    A record that is there already with this content is `already`, whoever sends at the same moment; one transaction that is
    cut off leaves nothing behind. Raises NotSurveyorError, SurveyRefusedError for a batch that is too large.
    """
    surveying(store, caller)
    if len(records) > MOST_RECORDS:
        raise SurveyRefusedError(f"一度に送れる記録は {MOST_RECORDS:,} 件までです。分けて送ってください。")
    kept = Kept()
    ready = _ready(records, kept)
    outcomes = write(store, caller, origin, device, ready.values())
    for identifier, outcome in outcomes.items():
        if outcome == "stored":
            kept.stored.append(identifier)
        elif outcome == "already":
            kept.already.append(identifier)
        else:
            kept.refuse(identifier, NO_SESSION if outcome == "no session" else OTHER_CONTENT)
    kept.notes = [note for note in kept.notes if outcomes.get(note["id"]) in ("stored", "already")]
    return kept


def write(
    store: Store, caller: Caller, origin: str | None, device: UUID, records: Iterable[ReadyRecord]
) -> dict[str, str]:
    """Hand records to the database; by id "stored", "already", "other" (content or owner) or "no session"."""
    sent = [record.as_json() for record in records]
    if not sent:
        return {}
    asker = surveying(store, caller)
    who = Who.of(caller, origin)
    with reaching(store, asker) as connection:
        return _store(connection, who, device, sent)


def _store(connection: Connection, who: Who, device: UUID, sent: list[dict[str, object]]) -> dict[str, str]:
    rows = connection.execute(
        "SELECT record, outcome FROM surveys.store(%s, %s::jsonb, %s, %s, %s, %s)",
        [device, orjson.dumps(sent).decode(), who.name, who.department, list(who.duties), who.origin],
    ).fetchall()
    found = {str(record): str(outcome) for record, outcome in rows}
    return {str(one["id"]): found[str(one["id"])] for one in sent}


def _ready(records: Sequence[Mapping[str, object]], kept: Kept) -> dict[UUID, ReadyRecord]:
    """What can be kept, by id; the rest goes into `kept.refused`."""
    ready: dict[UUID, ReadyRecord] = {}
    latest = datetime.now(UTC) + AHEAD
    for sent in records:
        try:
            UUID(str(sent.get("id")))
        except ValueError:
            kept.refuse(sent.get("id"), NO_ID)
            continue
        try:
            read = read_record(sent)
        except ValueError as error:
            kept.refuse(sent["id"], str(error))
            continue
        record = as_ready(read)
        twin = ready.setdefault(record.id, record)
        if twin is not record:
            if twin.hash == record.hash:
                continue
            kept.refuse(sent["id"], OTHER_CONTENT)
        elif _newest(read) > latest:
            kept.notes.append({"id": str(record.id), "note": _CLOCK})
    return ready


def as_ready(read: Sent) -> ReadyRecord:
    """A record as it was read, in the one spelling in which it is kept."""
    content = read.model_dump(mode="json", exclude={"id", "kind", "session"}, exclude_none=True)
    return ReadyRecord(read.id, read.kind, read.id if isinstance(read, SentSession) else read.session, content)


def _newest(read: Sent) -> datetime:
    return read.started_at if isinstance(read, SentSession) else read.at
