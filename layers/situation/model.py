"""What the situation is made of: exactly what may stand on the public side, each text bounded, nothing about a person.

The words of states follow the data model of the disaster standard (避難所.開設状況: 未開設、開設、閉鎖、不明), with 満員 for
those that are full and 開設準備中 for those on their way.
"""

import re
from collections.abc import Iterable
from datetime import datetime
from enum import StrEnum
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from layers.store.individual_numbers import check_digits

MOST_SITES, MOST_CLOSURES, MOST_NOTICES = 500, 200, 50
MOST_VERTICES = 500
"""Of one closed road."""
_NOT_IN_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff\u202a-\u202e\u2066-\u2069]")


class Phase(StrEnum):
    """Where the town stands."""

    NORMAL = "normal"
    ALERT = "alert"
    DISASTER = "disaster"
    RECOVERY = "recovery"


class SiteState(StrEnum):
    """The state of a shelter or evacuation site."""

    PREPARING = "preparing"
    OPEN = "open"
    FULL = "full"
    CLOSED = "closed"
    UNKNOWN = "unknown"


PHASE_WORDS = {
    Phase.NORMAL: "平常時",
    Phase.ALERT: "警戒",
    Phase.DISASTER: "災害発生",
    Phase.RECOVERY: "復旧",
}
SITE_WORDS = {
    SiteState.PREPARING: "準備中",
    SiteState.OPEN: "開設",
    SiteState.FULL: "満員",
    SiteState.CLOSED: "閉鎖",
    SiteState.UNKNOWN: "不明",
}
"""As staff and the log are told of a step."""
SiteLayer = Literal["shelters", "evacuation_sites"]


def _plain(text: str) -> str:
    """Without what no page and no XML can show, and without a number that may be somebody's."""
    if _NOT_IN_XML.search(text):
        raise ValueError("表示できない文字があります")
    _, valid = check_digits([text])
    if valid:
        raise ValueError("マイナンバー（個人番号）と思われる12桁の番号があります")
    return text.strip()


def _in_zone(moment: datetime) -> datetime:
    if moment.tzinfo is None:
        raise ValueError("時刻に時差がありません")
    return moment.replace(microsecond=0)


Line = Annotated[str, Field(max_length=120), AfterValidator(_plain)]
Name = Annotated[str, Field(min_length=1, max_length=120), AfterValidator(_plain)]
Text = Annotated[str, Field(max_length=2_000), AfterValidator(_plain)]
Moment = Annotated[datetime, AfterValidator(_in_zone)]
Lon = Annotated[float, Field(ge=122, le=154)]
Lat = Annotated[float, Field(ge=20, le=46)]
Position = tuple[Lon, Lat]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class SiteSituation(_Strict):
    """A shelter or evacuation site as staff have set it; `people` is how many are there."""

    layer: SiteLayer
    id: int = Field(ge=1)
    name: Name
    lon: Lon
    lat: Lat
    state: SiteState
    people: int | None = Field(default=None, ge=0, le=100_000)
    pets: bool | None = None
    barrier_free: bool | None = None
    note: Line = ""
    told_at: Moment


class PointShape(_Strict):
    """A place on a road (GeoJSON, longitude and latitude, JGD2011)."""

    type: Literal["Point"]
    coordinates: Position


class LineShape(_Strict):
    """A piece of road."""

    type: Literal["LineString"]
    coordinates: tuple[Position, ...] = Field(min_length=2, max_length=MOST_VERTICES)


class LinesShape(_Strict):
    """A road in several pieces."""

    type: Literal["MultiLineString"]
    coordinates: tuple[Annotated[tuple[Position, ...], Field(min_length=2)], ...] = Field(min_length=1, max_length=100)


def _few_vertices(shape: Any) -> Any:
    if shape.type == "MultiLineString" and sum(map(len, shape.coordinates)) > MOST_VERTICES:
        raise ValueError(f"線の点は {MOST_VERTICES} 個までです")
    return shape


Shape = Annotated[PointShape | LineShape | LinesShape, Field(discriminator="type"), AfterValidator(_few_vertices)]


class Closure(_Strict):
    """A road that nobody may pass."""

    id: int = Field(ge=1)
    name: Name
    reason: Line
    since: Moment
    geometry: Shape


class Notice(_Strict):
    """Something announced; `level` is the 警戒レベル."""

    id: int = Field(ge=1)
    level: int = Field(ge=1, le=5)
    title: Name
    text: Text
    issued_at: Moment
    expires_at: Moment | None = None


class Content(_Strict):
    """The situation as a whole, as it goes to the public side."""

    phase: Phase = Phase.NORMAL
    headline: Line = ""
    exercise: bool = False
    shelters: tuple[SiteSituation, ...] = Field(default=(), max_length=MOST_SITES)
    closures: tuple[Closure, ...] = Field(default=(), max_length=MOST_CLOSURES)
    notices: tuple[Notice, ...] = Field(default=(), max_length=MOST_NOTICES)

    def site(self, layer: str, identifier: int) -> SiteSituation | None:
        """The state of that site, where staff have set one."""
        return next((one for one in self.shelters if (one.layer, one.id) == (layer, identifier)), None)


def grave_first(notices: Iterable[Notice]) -> list[Notice]:
    """Notices by their level, the newest of a level first."""
    return sorted(notices, key=lambda one: (one.level, one.issued_at, one.id), reverse=True)
