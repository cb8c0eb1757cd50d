"""What a phone sends: one record of a survey each, told apart by `kind`, checked before anything of it is kept.

Positions are degrees of the datum that the session states, heights metres, times with their offset from UTC. Numbers that
are none, places outside of Japan and letters that no page can show are refused.
"""

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, TypeAdapter, ValidationError, model_validator

from gis.positioning.model import Epoch

MOST_RECORDS = 1_000
MOST_FIXES = 10_000
"""Of one record: a corner of three minutes at 10 Hz has 1,800, a piece of track that a phone sends some hundreds."""
LAST_YEAR = 2200
_UNSHOWN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff\u202a-\u202e\u2066-\u2069]")


def _plain(text: str) -> str:
    if _UNSHOWN.search(text):
        raise ValueError("表示できない文字があります")
    return text.strip()


def _moment(moment: datetime) -> datetime:
    if moment.tzinfo is None:
        raise ValueError("時刻に時差がありません")
    if not 1980 <= moment.year < LAST_YEAR:
        raise ValueError("時刻が正しくありません")
    return moment.astimezone(UTC)


Lon = Annotated[float, Field(ge=122, le=154)]
Lat = Annotated[float, Field(ge=20, le=46)]
"""Japan, from 与那国 to 南鳥島."""
Text = Annotated[str, Field(max_length=120), AfterValidator(_plain)]
Name = Annotated[str, Field(max_length=120, min_length=1), AfterValidator(_plain)]
Moment = Annotated[datetime, AfterValidator(_moment)]
Order = Annotated[int, Field(ge=0, le=1_000_000)]
Source = Literal["geolocation", "nmea", "typed"]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


class SentFix(_Strict):
    """One position; `quality` is NMEA's (GGA field 6) and is not there where the source does not say."""

    at: Moment
    lon: Lon
    lat: Lat
    height_m: float | None = Field(default=None, ge=-500, le=10_000)
    geoid_separation_m: float | None = Field(default=None, ge=-120, le=120)
    quality: int | None = Field(default=None, ge=0, le=8)
    accuracy_m: float | None = Field(default=None, ge=0, le=1e7)
    hdop: float | None = Field(default=None, ge=0, le=1_000)
    satellites: int | None = Field(default=None, ge=0, le=200)


class SentStation(_Strict):
    """What the fixes hang on; empty texts where nobody knows."""

    base_station: Text = ""
    mount_point: Text = ""
    datum: Literal["JGD2011"]
    epoch: Epoch
    receiver: Text = ""


class _Record(_Strict):
    id: UUID


class SentSession(_Record):
    """The beginning of a survey of one field; `field_id` is that of one that is there already."""

    kind: Literal["session"]
    started_at: Moment
    field_name: Name
    station: SentStation
    antenna_height_m: float = Field(ge=0, le=20)
    claimed_fix: bool
    field_id: Text | None = None


class _OfSession(_Record):
    session: UUID
    at: Moment


class SentCorner(_OfSession):
    """A corner that somebody stood on, or typed."""

    kind: Literal["corner"]
    ring: int = Field(ge=0, le=200)
    order: Order
    note: Text = ""
    source: Source
    fixes: tuple[SentFix, ...] = Field(min_length=1, max_length=MOST_FIXES)


class SentTrack(_OfSession):
    """A piece of an edge that was walked or driven."""

    kind: Literal["track"]
    ring: int = Field(ge=0, le=200)
    order: Order
    source: Source
    fixes: tuple[SentFix, ...] = Field(min_length=1, max_length=MOST_FIXES)


class SentUndo(_OfSession):
    """Takes another record of the same session back; to take back an undo is to do it again."""

    kind: Literal["undo"]
    takes_back: UUID

    @model_validator(mode="after")
    def _another(self) -> "SentUndo":
        if self.takes_back in (self.id, self.session):
            raise ValueError("自分自身や測位そのものは取り消せません")
        return self


Sent = SentSession | SentCorner | SentTrack | SentUndo
_RECORD: TypeAdapter[Sent] = TypeAdapter(Annotated[Sent, Field(discriminator="kind")])
_WHY = {
    "missing": "必要です",
    "extra_forbidden": "知らない項目です",
    "finite_number": "数で書いてください",
    "float_type": "数で書いてください",
    "float_parsing": "数で書いてください",
    "int_type": "整数で書いてください",
    "bool_type": "true か false にしてください",
    "string_too_long": "{max_length} 文字までです",
    "string_too_short": "書いてください",
    "greater_than_equal": "{ge} 以上にしてください",
    "less_than_equal": "{le} 以下にしてください",
    "too_long": "{max_length} 個までです",
    "too_short": "{min_length} 個以上必要です",
    "literal_error": "{expected} のどれかにしてください",
    "enum": "{expected} のどれかにしてください",
    "value_error": "{error}",
    "union_tag_not_found": "kind がありません",
    "union_tag_invalid": "知らない種類です",
    "uuid_parsing": "UUID で書いてください",
    "datetime_parsing": "日時で書いてください",
    "datetime_from_date_parsing": "日時で書いてください",
    "datetime_object_invalid": "日時で書いてください",
}
_NO_WORD = "値の種類が違います"


def read_record(sent: Mapping[str, object]) -> Sent:
    """One record. Raises ValueError with a sentence about the first thing that is wrong with it."""
    try:
        return _RECORD.validate_python(sent)
    except ValidationError as error:
        raise ValueError(_told(error)) from error


def _told(error: ValidationError) -> str:
    first = error.errors(include_url=False)[0]
    place = "・".join(str(part) for part in first["loc"][1:]) or "記録"
    if (
        first["loc"]
        and first["loc"][-1] in ("lon", "lat")
        and first["type"] in ("greater_than_equal", "less_than_equal")
    ):
        return f"位置が日本の範囲の外です（{place}）。緯度と経度の順を確かめてください。"
    reason = _WHY.get(first["type"], _NO_WORD).format(**first.get("ctx", {}))
    return f"{place} の値を受け取れません（{reason}）。"
