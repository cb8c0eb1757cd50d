"""Facilities as a resident asks for them: by kind, by what is barrier-free, by what is open now, by a word."""

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time
from enum import StrEnum
from zoneinfo import ZoneInfo

from psycopg import sql

from layers.open_data.tables import FACILITIES
from layers.store.database import Connection
from layers.store.readable import Readable

JST = ZoneInfo("Asia/Tokyo")
NEEDS = ("wheelchair", "wheelchair_toilet", "ostomate", "infant", "nursing_room", "guide_dogs", "child_pads")
"""Columns that say what somebody can rely on; each can be asked for."""
_DAYS = "月火水木金土日"
_TIME = re.compile(r"(\d{1,2}):(\d{2})")
_SEARCHED = ("name", "name_kana", "name_en", "kind", "address", "building", "placed_at", "description", "departments")


class Opening(StrEnum):
    """Whether a facility is open at a moment, by its days and hours alone: holidays are not known."""

    OPEN = "open"
    CLOSED = "closed"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class Facility:
    """One row: its place in degrees (JGD2011), and its published values by column."""

    fid: int
    lon: float
    lat: float
    values: Mapping[str, object]

    def text(self, name: str) -> str:
        """A value as text; nothing for no value."""
        value = self.values.get(name)
        return "" if value is None else str(value)

    def has(self, name: str) -> bool:
        """Whether it is said to have this; nobody having said so is no."""
        return self.values.get(name) is True or (
            name == "wheelchair_toilet" and _some(self.values.get("toilets_accessible"))
        )


def _some(value: object) -> bool:
    return isinstance(value, int) and value > 0


@dataclass(frozen=True)
class Wanted:
    """What is asked for: all of it must hold. `at` asks for what is open at that moment."""

    sheet: str = ""
    kind: str = ""
    needs: tuple[str, ...] = ()
    at: datetime | None = None
    text: str = ""

    def takes(self, facility: Facility) -> bool:
        """Whether the facility is among what is asked for."""
        if self.sheet and facility.values.get("sheet") != self.sheet:
            return False
        if self.kind and facility.values.get("kind") != self.kind:
            return False
        if not all(facility.has(need) for need in self.needs):
            return False
        if self.at is not None and opening(facility, self.at) is not Opening.OPEN:
            return False
        words = _folded(self.text).split()
        return all(word in _haystack(facility) for word in words)


def facilities(connection: Connection, store: Readable) -> list[Facility]:
    """Every placed facility, by name; none where the layer is not published."""
    layer = store.catalogue.get(FACILITIES)
    if layer is None:
        return []
    names = [field.name for field in layer.fields]
    statement = sql.SQL(
        "SELECT l.fid, ST_X(p.g), ST_Y(p.g), {} FROM layers.facilities l, "
        "LATERAL (SELECT ST_Transform(l.geom, 6668) AS g) p WHERE l.geom IS NOT NULL ORDER BY l.name, l.fid"
    ).format(sql.SQL(", ").join(sql.Identifier("l", name) for name in names))
    return [
        Facility(fid, round(lon, 7), round(lat, 7), dict(zip(names, values, strict=True)))
        for fid, lon, lat, *values in connection.execute(statement)
    ]


def kinds_of(found: Iterable[Facility]) -> dict[str, list[str]]:
    """By sheet, the kinds that occur in it."""
    kinds: dict[str, set[str]] = {}
    for facility in found:
        kinds.setdefault(facility.text("sheet"), set()).add(facility.text("kind"))
    return {sheet: sorted(names - {""}) for sheet, names in kinds.items()}


def opening(facility: Facility, moment: datetime) -> Opening:
    """Whether it is open by its days and hours; UNKNOWN when its hours are not said. Past midnight belongs to the day before."""
    opens, closes = _time(facility.text("opens")), _time(facility.text("closes"))
    if opens is None or closes is None:
        return Opening.UNKNOWN
    local = moment.astimezone(JST)
    days = facility.text("open_days")
    now = local.time().replace(tzinfo=None)
    if opens <= closes:
        # a place that closes at 23:59 is one that does not close
        within = opens <= now < closes or (closes >= time(23, 59) and now >= opens)
        return Opening.OPEN if within and _opens_on(days, local.weekday()) else Opening.CLOSED
    tonight = now >= opens and _opens_on(days, local.weekday())
    since_yesterday = now < closes and _opens_on(days, (local.weekday() - 1) % 7)
    return Opening.OPEN if tonight or since_yesterday else Opening.CLOSED


def _opens_on(days: str, weekday: int) -> bool:
    """Whether a day is among those named; no days named, or in words we cannot read, are all days."""
    named = [day for day in _DAYS if day in days]
    return not named or _DAYS[weekday] in named


def _time(text: str) -> time | None:
    found = _TIME.fullmatch(unicodedata.normalize("NFKC", text).strip())
    if found is None or int(found[2]) > 59:
        return None
    hour = int(found[1])
    return time(hour, int(found[2])) if hour < 24 else time(23, 59) if hour == 24 else None


def _haystack(facility: Facility) -> str:
    return _folded(" ".join(facility.text(name) for name in _SEARCHED))


def _folded(text: str) -> str:
    """Without what differs by accident: width, case, and hiragana against katakana."""
    plain = unicodedata.normalize("NFKC", text).casefold()
    return "".join(chr(ord(letter) + 0x60) if "ぁ" <= letter <= "ゖ" else letter for letter in plain)


def chosen(found: Sequence[Facility], wanted: Wanted) -> list[Facility]:
    """Those that are asked for, in their order."""
    return [facility for facility in found if wanted.takes(facility)]
