"""The state of a survey: what was recorded, what of it was taken back, and the logs and lists of points that were brought in."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any
from uuid import UUID, uuid5

from gis.errors import UnreadableFileError
from gis.positioning import nmea
from gis.positioning.model import Epoch, Fix, FixQuality, Station
from layers.store.database import Connection
from layers.store.instance import Store
from layers.store.rights.caller import Caller
from layers.surveys.errors import SurveyRefusedError, UnknownSurveyError
from layers.surveys.reach import asking, reaching
from layers.surveys.records import ReadyRecord, write

MOST_LISTED = 500
MOST_LOG_FIXES = 100_000
"""Of one log: a day at 1 Hz, or nearly three hours at 10 Hz."""
LARGEST_FILE = 16 * 1024**2
"""Bytes of a log or a list of points."""
_JAPAN = (122.0, 20.0, 154.0, 46.0)
_SESSION = (
    "id, account, device, field_name, field_id, started_at, base_station, mount_point, datum, epoch, receiver, "
    "antenna_height_m, claimed_fix, received_at"
)


@dataclass(frozen=True)
class Session:
    """One survey of one field; `account` is the login of who made it, `field_id` that of a field that was there already."""

    id: UUID
    account: str
    device: UUID
    field_name: str
    field_id: str | None
    started_at: datetime
    station: Station
    antenna_height_m: float
    claimed_fix: bool
    received_at: datetime


@dataclass(frozen=True)
class Piece:
    """A corner (fixes of one stand) or a piece of track of a ring: 0 the outer one, from 1 on inner ones.

    `record` is the record's id; `source` is "geolocation", "nmea", "typed" or "points".
    """

    record: UUID
    kind: str
    ring: int
    order: int | None
    at: datetime | None
    source: str
    note: str
    fixes: tuple[Fix, ...]

    @property
    def qualities(self) -> dict[str, int]:
        """How many fixes of each quality, by NMEA's number; "unknown" where the source does not say."""
        return qualities_of(self.fixes)


@dataclass(frozen=True)
class State:
    """A session as it stands: what was taken back is left out, and only counted."""

    session: Session
    pieces: tuple[Piece, ...]
    taken_back: int


@dataclass(frozen=True)
class Added:
    """What was brought in from a file: the record's id, whether it was there already, and the counts by quality.

    `refused` counts a log's sentences that were not taken, by reason; `unread` are a list's columns that nobody read.
    """

    record: UUID
    already: bool
    fixes: int
    qualities: dict[str, int]
    refused: dict[str, int] = field(default_factory=dict)
    unread: tuple[str, ...] = ()

    def as_json(self) -> dict[str, object]:
        """The answer to who sent it."""
        return {
            "record": str(self.record),
            "already": self.already,
            "fixes": self.fixes,
            "qualities": self.qualities,
            "refused": self.refused,
            "unread": list(self.unread),
        }


def qualities_of(fixes: Iterable[Fix]) -> dict[str, int]:
    """How many fixes of each quality, by NMEA's number; "unknown" where the source does not say."""
    counted = Counter("unknown" if fix.quality is None else str(int(fix.quality)) for fix in fixes)
    return dict(sorted(counted.items()))


def sessions(store: Store, caller: Caller) -> list[tuple[Session, int]]:
    """The caller's own sessions, for who looks after all fields everybody's: the newest 500, each with how many records it has.

    Raises NotSurveyorError.
    """
    with reaching(store, asking(store, caller)) as connection:
        rows = connection.execute(
            f"SELECT {_SESSION}, (SELECT count(*) FROM surveys.records_seen(s.id)) FROM surveys.sessions_seen() s "
            f"ORDER BY started_at DESC, id LIMIT {MOST_LISTED}".encode()
        ).fetchall()
    return [(_session(row[:-1]), int(row[-1])) for row in rows]


def session(store: Store, caller: Caller, identifier: UUID) -> Session:
    """One session. Raises UnknownSurveyError whether it is not there or not the caller's to see, NotSurveyorError."""
    with reaching(store, asking(store, caller)) as connection:
        return _one(connection, identifier)


def state(store: Store, caller: Caller, identifier: UUID) -> State:
    """One session with what was recorded. Raises UnknownSurveyError, NotSurveyorError."""
    with reaching(store, asking(store, caller)) as connection:
        found = _one(connection, identifier)
        rows = connection.execute(
            "SELECT id, kind, content FROM surveys.records_seen(%s) WHERE kind <> 'session'", [identifier]
        ).fetchall()
    taken_back = _taken_back(rows)
    pieces = [piece for row in rows if row[0] not in taken_back for piece in _pieces(*row)]
    standing = {row[0] for row in rows}
    return State(found, tuple(sorted(pieces, key=_place)), len(taken_back & standing))


def _one(connection: Connection, identifier: UUID) -> Session:
    row = connection.execute(
        f"SELECT {_SESSION} FROM surveys.sessions_seen() WHERE id = %s".encode(), [identifier]
    ).fetchone()
    if row is None:
        raise UnknownSurveyError()
    return _session(row)


def _session(row: Sequence[Any]) -> Session:
    identifier, account, device, name, field_id, started, base, mount, datum, epoch, receiver, height, claimed, at = row
    station = Station(base, mount, datum, Epoch(epoch), receiver)
    return Session(identifier, account, device, name, field_id, started, station, height, claimed, at)


def _taken_back(rows: Sequence[Sequence[Any]]) -> set[UUID]:
    """The records that no longer count. From the latest undo backwards: one that was itself taken back takes nothing back."""
    undos = sorted(
        ((datetime.fromisoformat(content["at"]), identifier, UUID(content["takes_back"]))
         for identifier, kind, content in rows if kind == "undo"),
        reverse=True,
    )  # fmt: skip
    gone: set[UUID] = set()
    for _, identifier, target in undos:
        if identifier not in gone:
            gone.add(target)
    return gone


def _pieces(identifier: UUID, kind: str, content: Mapping[str, Any]) -> list[Piece]:
    if kind == "undo":
        return []
    fixes = tuple(read_fix(told) for told in content["fixes"])
    at = datetime.fromisoformat(content["at"]) if "at" in content else (fixes[0].at if fixes else None)
    order, source, note = content.get("order"), content["source"], content.get("note", "")
    if kind == "points":
        names = content["names"]
        return [
            Piece(identifier, "corner", content["ring"], place, fix.at, source, name, (fix,))
            for place, (name, fix) in enumerate(zip(names, fixes, strict=True))
        ]
    role = content["use"] if kind == "log" else kind
    return [Piece(identifier, role, content["ring"], order, at, source, note, fixes)]


_EPOCH_START = datetime(1970, 1, 1, tzinfo=UTC)


def _place(piece: Piece) -> tuple[int, bool, int, datetime, str]:
    """By ring and order; what has none (a log) comes after, by its time."""
    return (piece.ring, piece.order is None, piece.order or 0, piece.at or _EPOCH_START, str(piece.record))


def read_fix(told: Mapping[str, Any]) -> Fix:
    """A fix as a record keeps it."""
    quality = told.get("quality")
    return Fix(
        lon=told["lon"],
        lat=told["lat"],
        at=datetime.fromisoformat(told["at"]) if told.get("at") else None,
        quality=None if quality is None else FixQuality(quality),
        height_m=told.get("height_m"),
        geoid_separation_m=told.get("geoid_separation_m"),
        hdop=told.get("hdop"),
        satellites=told.get("satellites"),
        sigma_m=told.get("accuracy_m"),
        resolution_m=told.get("resolution_m", 0.0),
    )


def _written(fix: Fix) -> dict[str, object]:
    told = {
        "lon": fix.lon,
        "lat": fix.lat,
        "at": None if fix.at is None else fix.at.isoformat(),
        "quality": None if fix.quality is None else int(fix.quality),
        "height_m": fix.height_m,
        "geoid_separation_m": fix.geoid_separation_m,
        "hdop": fix.hdop,
        "satellites": fix.satellites,
        "accuracy_m": fix.sigma_m,
        "resolution_m": fix.resolution_m or None,
    }
    return {name: value for name, value in told.items() if value is not None}


def add_log(
    store: Store, caller: Caller, origin: str | None, identifier: UUID, data: bytes, *, ring: int, use: str
) -> Added:
    """Bring an NMEA log into a session, as a track or as one corner (`use`) of a ring; the same log again is `already`.

    Raises UnknownSurveyError, NotSurveyorError, UnreadableFileError, SurveyRefusedError for a log without a position in Japan.
    """
    found = session(store, caller, identifier)
    log = nmea.read(data)
    fixes = _in_japan([fix for fix in log.fixes if fix.quality is not FixQuality.INVALID])
    content = {"ring": ring, "use": use, "source": "nmea", "fixes": [_written(fix) for fix in fixes]}
    counts = log.counts
    refused = {reason.value: number for reason, number in sorted(counts.refused.items())}
    qualities = {str(int(quality)): number for quality, number in sorted(counts.qualities.items())}
    record = _record(found, "log", data, content)
    return Added(record.id, _keep(store, caller, origin, found, record), len(fixes), qualities, refused)


@dataclass(frozen=True)
class PointFile:
    """A list of points as it was sent; `label` is its name, `x_is_north` answers for one with a bare X and Y."""

    data: bytes
    label: str
    x_is_north: bool | None = None


def add_points(
    store: Store, caller: Caller, origin: str | None, identifier: UUID, file: PointFile, *, ring: int
) -> Added:
    """Bring a list of points into a session, each a corner of the ring in the list's order; the same list again is `already`.

    Raises UnknownSurveyError, NotSurveyorError, UnreadableFileError with the line, SurveyRefusedError.
    """
    # it brings what reads workbooks, which a server that is asked for none should not carry
    from gis.positioning import point_lists

    found = session(store, caller, identifier)
    listed = point_lists.read(file.data, file.label, plane_epsg=store.town.srid, x_is_north=file.x_is_north)
    fixes = _in_japan(listed.fixes)
    if len(fixes) != len(listed.points):
        raise SurveyRefusedError(f"{file.label} に日本の外の点があります。座標の列と順序を確かめてください。")
    names = [point.name[:120] for point in listed.points]
    content = {"ring": ring, "source": "points", "names": names, "fixes": [_written(fix) for fix in fixes]}
    record = _record(found, "points", file.data, content)
    return Added(
        record.id, _keep(store, caller, origin, found, record), len(fixes), qualities_of(fixes), unread=listed.unread
    )


def _in_japan(fixes: Sequence[Fix]) -> list[Fix]:
    west, south, east, north = _JAPAN
    inside = [fix for fix in fixes if west <= fix.lon <= east and south <= fix.lat <= north]
    if not inside:
        raise SurveyRefusedError("日本の中の測位が一つもありません。測位できている時間のログを選んでください。")
    if len(inside) > MOST_LOG_FIXES:
        raise SurveyRefusedError(f"測位が {MOST_LOG_FIXES:,} 点を超えています。区切って送ってください。")
    return inside


def _record(found: Session, kind: str, data: bytes, content: Mapping[str, object]) -> ReadyRecord:
    """A record whose id follows from the file, the session and what it is for: the same once more is the same record."""
    name = f"{kind}/{content['ring']}/{content.get('use', '')}/{sha256(data).hexdigest()}"
    return ReadyRecord(uuid5(found.id, name), kind, found.id, content)


def _keep(store: Store, caller: Caller, origin: str | None, found: Session, record: ReadyRecord) -> bool:
    """Whether it was there already. Raises UnreadableFileError where an older reader made something else of the file."""
    outcome = write(store, caller, origin, found.device, [record])[str(record.id)]
    if outcome == "no session":
        raise UnknownSurveyError()
    if outcome == "other":
        raise UnreadableFileError(
            "このファイルは、前に別の内容として取り込まれています。取り消してから、新しい測位に入れてください。"
        )
    return outcome == "already"
