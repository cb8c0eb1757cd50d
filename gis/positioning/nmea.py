"""NMEA 0183 sentences → fixes: GGA with the date of RMC, the standard error of GST and the HDOP of GSA.

A sentence counts only with its checksum; one that is cut short, corrupt or out of range changes nothing and is counted by
reason. The reader takes bytes as they come, in any pieces, keeps less than two kilobytes of them, and gives the same fixes
as from the whole. Times, dates and angles are decoded by pynmeagps, after every field was found to hold what belongs there:
Python would take `1_0` and `nan` for numbers.
"""

import re
from collections import Counter, deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from functools import lru_cache, reduce
from operator import xor

from pynmeagps.nmeahelpers import date2utc, dmm2ddd, time2utc

from gis.errors import UnreadableFileError
from gis.positioning.model import Fix, FixQuality

TALKERS = frozenset({"GN", "GP", "GA", "GB", "GQ", "GL"})
MAX_SENTENCE = 1024
"""Bytes of one sentence; the standard allows 82, makers' own ones are longer."""
MAX_FIXES = 2_000_000
"""Fixes of one log: more than two days at 10 Hz."""
_EPOCH_FIXES = 8
_FIRST_PROBLEMS = 50
_MOST_KINDS = 100
_HALF_DAY = timedelta(hours=12)
_MINUTE_M = 1852.0

_BREAK = re.compile(rb"[$\r\n]")
_CHECKSUM = re.compile(rb"\$([^*]*)\*([0-9A-Fa-f]{2})[ \t]*")
_TIME = re.compile(r"([01]\d|2[0-3])[0-5]\d[0-5]\d(\.\d{1,6})?")
_DATE = re.compile(r"(0[1-9]|[12]\d|3[01])(0[1-9]|1[0-2])\d\d")
_LAT = re.compile(r"[0-8]\d[0-5]\d\.\d+|9000\.0+")
_LON = re.compile(r"(0\d\d|1[0-7]\d)[0-5]\d\.\d+|18000\.0+")
_NUMBER = re.compile(r"-?\d{1,6}(\.\d*)?")
_POSITIVE = re.compile(r"\d{1,6}(\.\d*)?")
_COUNT = re.compile(r"\d{1,3}")
_NORTH_SOUTH, _EAST_WEST, _METRES = re.compile("[NS]"), re.compile("[EW]"), re.compile("M")

# What a field may hold when it is not empty; what stands beyond the last one is not read.
_FIELDS: dict[str, dict[str, re.Pattern[str] | None]] = {
    "GGA": {
        "time": _TIME, "lat": _LAT, "NS": _NORTH_SOUTH, "lon": _LON, "EW": _EAST_WEST, "quality": re.compile("[0-8]"),
        "satellites": _COUNT, "hdop": _POSITIVE, "height": _NUMBER, "height unit": _METRES, "separation": _NUMBER,
        "separation unit": _METRES,
    },
    "GST": {
        "time": _TIME, "rms": _POSITIVE, "major": _POSITIVE, "minor": _POSITIVE, "orientation": _NUMBER,
        "lat sigma": _POSITIVE, "lon sigma": _POSITIVE, "height sigma": _POSITIVE,
    },
    "RMC": {
        "time": _TIME, "status": re.compile("[AV]"), "lat": _LAT, "NS": _NORTH_SOUTH, "lon": _LON, "EW": _EAST_WEST,
        "speed": _POSITIVE, "course": _POSITIVE, "date": _DATE,
    },
    "GSA": {
        "mode": re.compile("[AM]"), "dimensions": re.compile("[123]"), **{f"satellite {n}": None for n in range(12)},
        "pdop": _POSITIVE, "hdop": _POSITIVE, "vdop": _POSITIVE,
    },
}  # fmt: skip
_Sentence = dict[str, str]


class Refused(StrEnum):
    """Why a sentence was not taken."""

    CUT_SHORT = "cut_short"
    BAD_CHECKSUM = "bad_checksum"
    TOO_LONG = "too_long"
    NOT_TEXT = "not_text"
    MALFORMED = "malformed"
    NO_POSITION = "no_position"


WHY = {
    Refused.CUT_SHORT: "途中で切れています",
    Refused.BAD_CHECKSUM: "チェックサムが合いません",
    Refused.TOO_LONG: "長すぎます",
    Refused.NOT_TEXT: "文字でない値があります",
    Refused.MALFORMED: "書き方が NMEA と違います",
    Refused.NO_POSITION: "位置がありません",
}


@dataclass(frozen=True)
class Problem:
    """A sentence that was not taken: the line it ends on (1-based), why, and its beginning."""

    line: int
    why: Refused
    text: str


@dataclass
class Counts:
    """What was met in a log. `qualities` counts GGA sentences by field 6, whether they had a position or not.

    `skipped_bytes` is what stood outside of sentences: comments, other protocols. `stray_gst` had no GGA of its time.
    """

    sentences: int = 0
    kinds: Counter[str] = field(default_factory=Counter)
    qualities: Counter[FixQuality] = field(default_factory=Counter)
    proprietary: int = 0
    others: Counter[str] = field(default_factory=Counter)
    refused: Counter[Refused] = field(default_factory=Counter)
    stray_gst: int = 0
    undated: int = 0
    skipped_bytes: int = 0
    problems: list[Problem] = field(default_factory=list)

    @property
    def accepted(self) -> int:
        """Sentences whose checksum and form were right, read or not."""
        return self.kinds.total() + self.proprietary + self.others.total()


@dataclass(frozen=True)
class NmeaLog:
    """A whole log: its fixes in order, and what was met in it."""

    fixes: tuple[Fix, ...]
    counts: Counts


@dataclass
class _Epoch:
    """The sentences of one moment, until another moment speaks; `gga` are those with a position."""

    at: time
    gga: list[_Sentence] = field(default_factory=list)
    sigma_m: float | None = None
    sigma_is_joint: bool = False
    gst: int = 0
    day: date | None = None


class NmeaReader:
    """Takes bytes, gives fixes. A fix is given when its moment has passed, so that its GST may come before or after it."""

    def __init__(self, day: date | None = None) -> None:
        """`day` is the UTC date to go by until the first RMC."""
        self.counts = Counts()
        self._sentence: bytearray | None = None
        self._overlong = False
        self._line = 1
        self._epoch: _Epoch | None = None
        self._hdop: float | None = None
        self._last = datetime.combine(day, time(12), UTC) if day is not None else None
        self._given: deque[Fix] = deque()

    def feed(self, data: bytes) -> list[Fix]:
        """The fixes that these bytes complete."""
        start = 0
        for found in _BREAK.finditer(data):
            self._take(data[start : found.start()])
            start = found.end()
            mark = found.group()
            self._finish()
            if mark == b"$":
                self._sentence = bytearray(mark)
            elif mark == b"\n":
                self._line += 1
        self._take(data[start:])
        return self._out()

    def settle(self) -> list[Fix]:
        """The fixes that wait for the end of their moment: for a stream that has fallen silent for a while."""
        self._close_epoch()
        return self._out()

    def close(self) -> list[Fix]:
        """The last fixes, at the end of the bytes; a sentence without its end is counted as cut short."""
        self._finish()
        return self.settle()

    def interrupted(self) -> list[Fix]:
        """The stream broke off: what was half said is cut short, and what follows begins anew."""
        return self.close()

    def _out(self) -> list[Fix]:
        given = list(self._given)
        self._given.clear()
        return given

    def _take(self, piece: bytes) -> None:
        if self._sentence is None:
            self.counts.skipped_bytes += len(piece)
            return
        room = MAX_SENTENCE - len(self._sentence)
        self._sentence += piece[:room]
        self._overlong |= len(piece) > room

    def _finish(self) -> None:
        if self._sentence is None:
            return
        sentence, overlong = bytes(self._sentence), self._overlong
        self._sentence, self._overlong = None, False
        self.counts.sentences += 1
        why = Refused.TOO_LONG if overlong else self._read(sentence)
        if why is not None:
            self.counts.refused[why] += 1
            if len(self.counts.problems) < _FIRST_PROBLEMS:
                shown = sentence[:80].decode("ascii", "backslashreplace")
                self.counts.problems.append(Problem(self._line, why, shown))

    def _read(self, sentence: bytes) -> Refused | None:
        """Takes one sentence, or says why not; nothing is changed then."""
        parts = _CHECKSUM.fullmatch(sentence)
        if parts is None:
            return Refused.BAD_CHECKSUM if b"*" in sentence[:-2] else Refused.CUT_SHORT
        content = parts[1]
        if reduce(xor, content, 0) != int(parts[2], 16):
            return Refused.BAD_CHECKSUM
        if not content.isascii() or not content.decode("ascii").isprintable():
            return Refused.NOT_TEXT
        return self._sort(content.decode("ascii"))

    def _sort(self, content: str) -> Refused | None:
        address, *fields = content.split(",")
        if address.startswith("P"):
            self.counts.proprietary += 1
            return None
        talker, kind = address[:2], address[2:]
        if len(address) != 5 or not address.isalnum() or not fields:
            return Refused.MALFORMED
        if kind not in _FIELDS or talker not in TALKERS:
            known = address in self.counts.others or len(self.counts.others) < _MOST_KINDS
            self.counts.others[address if known else "…"] += 1
            return None
        sentence = _checked(kind, fields)
        why = Refused.MALFORMED if sentence is None else _TAKERS[kind](self, sentence, talker)
        if why is None:
            self.counts.kinds[kind] += 1
        return why

    def _gga(self, said: _Sentence, _talker: str) -> Refused | None:
        if not said["quality"]:
            return Refused.MALFORMED
        quality = FixQuality(int(said["quality"]))
        placed = all(said[name] for name in ("lat", "NS", "lon", "EW"))
        if not placed and quality is not FixQuality.INVALID:
            return Refused.NO_POSITION
        self.counts.qualities[quality] += 1
        if not placed:
            return None
        if not said["time"]:
            self._close_epoch()
            self.counts.undated += 1
            self._given.append(self._fix(said, None, None))
            return None
        moment = _time(said["time"])
        if len(self._at(moment).gga) == _EPOCH_FIXES:
            self._close_epoch()
        self._at(moment).gga.append(said)
        return None

    def _gst(self, said: _Sentence, talker: str) -> Refused | None:
        if not said["lat sigma"] or not said["lon sigma"]:
            return None
        if not said["time"]:
            return Refused.MALFORMED
        epoch = self._at(_time(said["time"]))
        sigma, joint = max(float(said["lat sigma"]), float(said["lon sigma"])), talker == "GN"
        if epoch.sigma_m is None or joint > epoch.sigma_is_joint:
            epoch.sigma_m, epoch.sigma_is_joint = sigma, joint
        elif joint == epoch.sigma_is_joint:
            epoch.sigma_m = max(epoch.sigma_m, sigma)
        epoch.gst += 1
        return None

    def _rmc(self, said: _Sentence, _talker: str) -> Refused | None:
        if said["status"] != "A" or not said["time"] or not said["date"]:
            return None
        day = _day(said["date"])
        if day is None:
            return Refused.MALFORMED
        self._at(_time(said["time"])).day = day
        return None

    def _gsa(self, said: _Sentence, _talker: str) -> Refused | None:
        self._hdop = _number(said["hdop"])
        return None

    def _at(self, moment: time) -> _Epoch:
        if self._epoch is not None and self._epoch.at != moment:
            self._close_epoch()
        if self._epoch is None:
            self._epoch = _Epoch(moment)
        return self._epoch

    def _close_epoch(self) -> None:
        epoch, self._epoch = self._epoch, None
        if epoch is None:
            return
        if not epoch.gga:
            self.counts.stray_gst += epoch.gst
        if epoch.gga or epoch.day is not None:
            at = self._dated(epoch)
            self.counts.undated += len(epoch.gga) if at is None else 0
            self._given.extend(self._fix(said, at, epoch.sigma_m) for said in epoch.gga)
        self._hdop = None

    def _dated(self, epoch: _Epoch) -> datetime | None:
        """The moment with its date: that of its own RMC, else the day on which it is nearest to the moment before."""
        if epoch.day is not None:
            self._last = datetime.combine(epoch.day, epoch.at, UTC)
        elif self._last is not None:
            at = datetime.combine(self._last.date(), epoch.at, UTC)
            if at - self._last > _HALF_DAY:
                at -= timedelta(days=1)
            elif self._last - at > _HALF_DAY:
                at += timedelta(days=1)
            self._last = at
        return self._last

    def _fix(self, said: _Sentence, at: datetime | None, sigma_m: float | None) -> Fix:
        hdop = _number(said["hdop"])
        return Fix(
            lon=_degrees(said["lon"], negative=said["EW"] == "W"),
            lat=_degrees(said["lat"], negative=said["NS"] == "S"),
            at=at,
            quality=FixQuality(int(said["quality"])),
            height_m=_number(said["height"]),
            geoid_separation_m=_number(said["separation"]),
            hdop=self._hdop if hdop is None else hdop,
            satellites=int(said["satellites"]) if said["satellites"] else None,
            sigma_m=sigma_m,
            resolution_m=_MINUTE_M / 10 ** len(said["lat"].partition(".")[2]),
        )


_TAKERS = {"GGA": NmeaReader._gga, "GST": NmeaReader._gst, "RMC": NmeaReader._rmc, "GSA": NmeaReader._gsa}


def read(source: bytes | Iterable[bytes], day: date | None = None) -> NmeaLog:
    """The fixes of a whole log, given at once or in pieces. `day` is its UTC date where it has no RMC.

    Raises UnreadableFileError for one with no NMEA sentence in it, or with more than two million fixes.
    """
    reader = NmeaReader(day)
    fixes: list[Fix] = []
    for some in _fed(reader, [source] if isinstance(source, bytes) else source):
        fixes += some
        if len(fixes) > MAX_FIXES:
            raise UnreadableFileError(
                f"測位が {MAX_FIXES:,} 点を超えています。ログを日ごとに分けてから指定してください。"
            )
    if not reader.counts.accepted:
        raise UnreadableFileError("NMEA の文が一つもありません。受信機の NMEA ログ（$GNGGA など）を指定してください。")
    return NmeaLog(tuple(fixes), reader.counts)


def _fed(reader: NmeaReader, pieces: Iterable[bytes]) -> Iterator[list[Fix]]:
    for piece in pieces:
        yield reader.feed(piece)
    yield reader.close()


def _checked(kind: str, fields: list[str]) -> _Sentence | None:
    """The fields by name, "" where empty; None when one is missing or does not hold what belongs there."""
    wanted = _FIELDS[kind]
    if len(fields) < len(wanted):
        return None
    for text, pattern in zip(fields, wanted.values(), strict=False):
        if text and pattern is not None and not pattern.fullmatch(text):
            return None
    return dict(zip(wanted, fields, strict=False))


@lru_cache(maxsize=16)
def _time(text: str) -> time:
    moment = time2utc(text)
    if not isinstance(moment, time):
        raise TypeError(f"{text} passed as a time and is none")
    return moment


@lru_cache(maxsize=16)
def _day(text: str) -> date | None:
    """The date of ddmmyy, None for a 31 February."""
    day = date2utc(text)
    return day if isinstance(day, date) else None


def _degrees(minutes: str, *, negative: bool) -> float:
    degrees = float(dmm2ddd(minutes))
    return -degrees if negative else degrees


def _number(text: str) -> float | None:
    return float(text) if text else None
