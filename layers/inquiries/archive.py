"""Issued answers: kept word for word with their seal, and given back as they were, whatever the layers say today."""

import re
import secrets
from collections.abc import Mapping
from dataclasses import fields, replace
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import shapely
from psycopg.types.json import Jsonb

from layers.inquiries.errors import UnknownAnswerError
from layers.inquiries.model import Answer, Finding, LayerState, Parcel
from layers.inquiries.sheets.as_json import plain, seal, to_json
from layers.store.instance import Store
from layers.store.outcomes import Outcome

JST = ZoneInfo("Asia/Tokyo")
ANSWER_LETTERS = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
_ANSWER_ID = re.compile(rf"[0-9]{{1,8}}-[{ANSWER_LETTERS}]{{6}}")


def new_answer_id(moment: datetime) -> str:
    """A number for an issued answer: the day, and six letters that are not confused when read aloud."""
    letters = "".join(secrets.choice(ANSWER_LETTERS) for _ in range(6))
    return f"{moment.astimezone(JST):%Y%m%d}-{letters}"


def sealed(answer: Answer) -> Answer:
    """The answer with its seal: SHA-256 over everything it says."""
    return replace(answer, seal=seal(to_json(answer)))


def issue(store: Store, answer: Answer) -> Answer:
    """Give the answer a number, seal it and keep it; it can never be changed after that, only issued anew."""
    issued = sealed(replace(answer, id=new_answer_id(answer.as_of)))
    with store.database.transaction() as connection:
        connection.execute(
            "INSERT INTO onomap.answers (id, asker, purpose, parcels, answer, seal) VALUES (%s, %s, %s, %s, %s, %s)",
            [
                issued.id,
                issued.asker,
                issued.purpose,
                [parcel.key for parcel in issued.parcels],
                Jsonb(_as_record(issued)),
                issued.seal,
            ],
        )
    return issued


def recall(store: Store, answer_id: str) -> Answer:
    """The issued answer of that number, exactly as it was. Raises UnknownAnswerError when there is none."""
    row = None
    if _ANSWER_ID.fullmatch(answer_id):
        with store.database.transaction() as connection:
            row = connection.execute("SELECT answer FROM onomap.answers WHERE id = %s", [answer_id]).fetchone()
    if row is None:
        raise UnknownAnswerError(f"照会番号 {answer_id[:40]} の回答はありません。番号を確認してください。")
    return _from_record(row[0])


def recent(store: Store, limit: int = 50) -> list[dict[str, object]]:
    """The latest issued answers, newest first: number, time, asker, purpose and parcel keys."""
    with store.database.transaction() as connection:
        rows = connection.execute(
            "SELECT id, issued_at, asker, purpose, parcels FROM onomap.answers ORDER BY issued_at DESC LIMIT %s",
            [limit],
        ).fetchall()
    return [
        {"id": row[0], "issued_at": row[1].isoformat(), "asker": row[2], "purpose": row[3], "parcels": row[4]}
        for row in rows
    ]


def _as_record(answer: Answer) -> dict[str, object]:
    """Every field of the answer as JSON; geometry as WKB in hexadecimal, so that not a bit is lost."""
    parcels = [
        {**plain_fields(replace(parcel, geometry=None)), "geometry": _hex(parcel.geometry)} for parcel in answer.parcels
    ]
    return {
        **plain_fields(replace(answer, parcels=(), findings=(), layers=())),
        "parcels": parcels,
        "findings": [plain_fields(finding) for finding in answer.findings],
        "layers": [plain_fields(layer) for layer in answer.layers],
    }


def plain_fields(item: Answer | Parcel | Finding | LayerState) -> dict[str, object]:
    """The fields of a dataclass as JSON values."""
    names = item._fields if isinstance(item, Finding) else [field.name for field in fields(item)]
    kept = plain({name: getattr(item, name) for name in names})
    assert isinstance(kept, dict)  # noqa: S101 - a mapping stays one
    return kept


def _hex(geometry: shapely.Geometry | None) -> str | None:
    return None if geometry is None else str(shapely.to_wkb(geometry, hex=True))


def _day(text: str | None) -> date | None:
    return None if text is None else date.fromisoformat(text)


def _moment(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)


def _from_record(record: Mapping[str, Any]) -> Answer:
    return Answer(
        **{
            **record,
            "as_of": datetime.fromisoformat(record["as_of"]),
            "parcels": tuple(_parcel(item) for item in record["parcels"]),
            "findings": tuple(_finding(item) for item in record["findings"]),
            "layers": tuple(_layer(item) for item in record["layers"]),
            "disclaimers": tuple(record["disclaimers"]),
            "unresolved": tuple(record["unresolved"]),
        }
    )


def _parcel(item: Mapping[str, Any]) -> Parcel:
    geometry = None if item["geometry"] is None else shapely.from_wkb(item["geometry"])
    changed = {"geometry": geometry, "data_date": _day(item["data_date"]), "notes": tuple(item["notes"])}
    return Parcel(**{**item, **changed})


def _finding(item: Mapping[str, Any]) -> Finding:
    changed = {
        "outcome": Outcome(item["outcome"]),
        "data_date": _day(item["data_date"]),
        "notes": tuple(item["notes"]),
    }
    return Finding(**{**item, **changed})


def _layer(item: Mapping[str, Any]) -> LayerState:
    changed = {"data_date": _day(item["data_date"]), "loaded_at": _moment(item["loaded_at"])}
    return LayerState(**{**item, **changed})
