"""Whether a base station still stands where it says: a known point measured through it, again and again, with limits.

The limit of a check is 3σ on each horizontal axis. σ joins, as roots of squares, the standard error of the mean that was
measured, that of the known point, and what RTK itself promises (8 mm and 1 ppm of the distance, as receivers' data sheets
state it). Heights are half as good: their limit is twice as wide.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Annotated, Literal

import numpy as np
from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field

from gis.crs import Grids, plan
from gis.positioning import nmea
from gis.positioning.corner import corner_of
from gis.positioning.model import Epoch, FixQuality, Station
from gis.positioning.plane import Antenna, to_plane
from gis.typed_positions import typed_position
from layers.store.audit.log import Entry, Who, record
from layers.store.database import Connection
from layers.store.errors import ForbiddenError
from layers.store.instance import Store
from layers.store.rights.caller import Verb
from layers.surveys.base_stations import LAYER, BaseStation, distances_m, read_stations, station_named
from layers.surveys.crop_desk import CropDesk
from layers.surveys.crop_errors import BaseStationError, UnknownStationError
from layers.surveys.crop_model import plain_text

RTK_M, RTK_PPM = 0.008, 1.0
LIMIT_SIGMAS = 3.0
HEIGHT_FACTOR = 2.0
FARTHEST_M = 5.0
"""Beyond this it is no drift: another point was measured, or another datum was meant."""
TREND_LEAST, TREND_SPAN = 3, timedelta(days=180)
EPOCHS = {"reference": "元期", "current": "今期"}
_GEOGRAPHIC = 6668
_COLUMNS = (
    "id, station_id, measured_at, known_point, epoch, known_x, known_y, known_h, known_sigma_m, dx, dy, dh, fixes, sigma_m, "
    "limit_m, receiver, note, made_name, withdrawn_at"
)
Text = Annotated[str, Field(max_length=120), AfterValidator(plain_text)]


class CheckWanted(BaseModel):
    """A check as it was made. `known` and `measured` are 「X（北）, Y（東）」 in metres, or latitude and longitude in degrees."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    measured_at: AwareDatetime
    known_point: Annotated[Text, Field(min_length=1)]
    epoch: Literal["reference", "current"]
    known: Annotated[Text, Field(min_length=3)]
    measured: Annotated[Text, Field(min_length=3)]
    known_h: float | None = Field(default=None, ge=-500, le=9_000, allow_inf_nan=False)
    measured_h: float | None = Field(default=None, ge=-500, le=9_000, allow_inf_nan=False)
    known_sigma_m: float = Field(default=0.01, ge=0, le=1, allow_inf_nan=False)
    sigma_m: float = Field(gt=0, le=1, allow_inf_nan=False)
    fixes: int = Field(ge=1, le=1_000_000)
    receiver: Annotated[Text, Field(min_length=1)]
    note: Text = ""


@dataclass(frozen=True)
class Check:
    """A kept check: differences are measured minus known, east, north and up, in metres; `limit_m` is 3σ of one axis."""

    id: int
    station_id: str
    measured_at: datetime
    known_point: str
    epoch: str
    known_x: float
    known_y: float
    known_h: float | None
    known_sigma_m: float
    dx: float
    dy: float
    dh: float | None
    fixes: int
    sigma_m: float
    limit_m: float
    receiver: str
    note: str
    made_name: str
    withdrawn_at: datetime | None

    @property
    def beyond(self) -> bool:
        """Whether an axis is past its limit."""
        high = self.dh is not None and abs(self.dh) > HEIGHT_FACTOR * self.limit_m
        return max(abs(self.dx), abs(self.dy)) > self.limit_m or high


@dataclass(frozen=True)
class Series:
    """The checks of one station on one known point in one epoch, oldest first, and what they say together.

    `trend_mm_a` is east and north in mm a year, None for fewer than three checks or less than half a year.
    """

    known_point: str
    epoch: str
    checks: list[Check]
    trend_mm_a: tuple[float, float] | None

    @property
    def alarm(self) -> str | None:
        """A sentence where the last check is past its limit."""
        last = self.checks[-1]
        return alarm_of(last) if last.beyond else None


def limit_m(sigma_m: float, known_sigma_m: float, distance_m: float) -> float:
    """3σ of one horizontal axis, in metres."""
    return LIMIT_SIGMAS * math.hypot(sigma_m, known_sigma_m, RTK_M, RTK_PPM * 1e-6 * distance_m)


def add_check(store: Store, desk: CropDesk, station_id: str, wanted: CheckWanted) -> Check:
    """Keep a check.

    Raises ForbiddenError without the right to edit stations, UnknownStationError, and BaseStationError for positions that
    cannot be read or compared.
    """
    _require_edit(store, desk)
    with store.database.transaction() as connection:
        station = station_named(read_stations(connection, store.layer(LAYER), staff=True), station_id)
        _require_same_epoch(station, wanted)
        known, measured = (_in_plane(store, text) for text in (wanted.known, wanted.measured))
        dx, dy = measured[0] - known[0], measured[1] - known[1]
        if math.hypot(dx, dy) > FARTHEST_M:
            raise BaseStationError(
                f"測った位置が既知点から {math.hypot(dx, dy):,.1f} m 離れています。座標の順（X が北、Y が東）、測地系、"
                "測った点を確かめてください。記録していません。"
            )
        dh = None if wanted.known_h is None or wanted.measured_h is None else wanted.measured_h - wanted.known_h
        limit = limit_m(wanted.sigma_m, wanted.known_sigma_m, _distance_m(store, station, known))
        row = connection.execute(
            "INSERT INTO onomap.base_checks (station_id, measured_at, known_point, epoch, known_x, known_y, known_h, "
            "known_sigma_m, dx, dy, dh, fixes, sigma_m, limit_m, receiver, note, made_by, made_name) "
            f"VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s) RETURNING {_COLUMNS}".encode(),
            [
                *(station_id, wanted.measured_at, wanted.known_point, wanted.epoch, *known, wanted.known_h),
                *(wanted.known_sigma_m, dx, dy, dh, wanted.fixes, wanted.sigma_m, limit, wanted.receiver, wanted.note),
                *(desk.caller.account, desk.caller.name),
            ],
        ).fetchone()
        assert row is not None  # noqa: S101 - RETURNING answers one row
        made = Check(*row)
        _log(connection, desk, "base.check", made)
    return made


def withdraw_check(store: Store, desk: CropDesk, station_id: str, identifier: int) -> Check:
    """Take a check back: it stays in the list, struck out, and counts no more. Raises UnknownStationError, ForbiddenError."""
    _require_edit(store, desk)
    with store.database.transaction() as connection:
        row = connection.execute(
            "UPDATE onomap.base_checks SET withdrawn_at = now(), withdrawn_by = %s "
            f"WHERE id = %s AND station_id = %s AND withdrawn_at IS NULL RETURNING {_COLUMNS}".encode(),
            [desk.caller.account, identifier, station_id],
        ).fetchone()
        if row is None:
            raise UnknownStationError("その点検はないか、もう取り消されています。画面を読み直してください。")
        taken = Check(*row)
        _log(connection, desk, "base.withdraw", taken)
    return taken


def checks_of(store: Store, desk: CropDesk, station_id: str) -> list[Check]:
    """Every check of a station, oldest first, the withdrawn ones too. Raises ForbiddenError for who may not read stations."""
    if not store.policy.allows(desk.caller, Verb.READ, store.layer(LAYER)):
        raise ForbiddenError("基準局の点検の記録は、庁内の職員が見られます。")
    with store.database.transaction() as connection:
        rows = connection.execute(
            f"SELECT {_COLUMNS} FROM onomap.base_checks WHERE station_id = %s ORDER BY measured_at, id".encode(),
            [station_id],
        ).fetchall()
    return [Check(*row) for row in rows]


def series_of(checks: Sequence[Check]) -> list[Series]:
    """The checks that count, by known point and epoch: 元期 and 今期 are never joined, crustal motion lies between them."""
    groups: dict[tuple[str, str], list[Check]] = {}
    for check in checks:
        if check.withdrawn_at is None:
            groups.setdefault((check.known_point, check.epoch), []).append(check)
    return [Series(point, epoch, found, trend(found)) for (point, epoch), found in sorted(groups.items())]


def trend(checks: Sequence[Check]) -> tuple[float, float] | None:
    """East and north in mm a year by least squares."""
    if len(checks) < TREND_LEAST or checks[-1].measured_at - checks[0].measured_at < TREND_SPAN:
        return None
    years = np.array([(one.measured_at - checks[0].measured_at).total_seconds() / 31_557_600 for one in checks])
    east, north = (np.polyfit(years, [getattr(one, axis) * 1000 for one in checks], 1)[0] for axis in ("dx", "dy"))
    return float(east), float(north)


def alarm_of(check: Check) -> str:
    """What to say of a check that is past its limit."""
    day: date = check.measured_at.date()
    told = [
        f"{words} {abs(value):.3f} m"
        for value, words in (
            (check.dx, "東へ" if check.dx > 0 else "西へ"),
            (check.dy, "北へ" if check.dy > 0 else "南へ"),
        )
        if abs(value) > check.limit_m
    ]
    if check.dh is not None and abs(check.dh) > HEIGHT_FACTOR * check.limit_m:
        told.append(f"{'上' if check.dh > 0 else '下'}へ {abs(check.dh):.3f} m")
    return (
        f"{day:%Y-%m-%d} の点検で、{check.known_point}が{'、'.join(told)}ずれました。限界（3σ＝水平 {check.limit_m:.3f} m）を"
        "超えています。アンテナと局の座標の設定、既知点を確かめるまで、この局を使った測位をセンチメートルの根拠にしないでください。"
    )


def _require_edit(store: Store, desk: CropDesk) -> None:
    if not store.policy.allows(desk.caller, Verb.EDIT, store.layer(LAYER)):
        raise ForbiddenError("基準局の点検を記録できるのは、産業振興課の職務「更新」を持つ人です。")


def _require_same_epoch(station: BaseStation, wanted: CheckWanted) -> None:
    if station.epoch is not None and station.epoch != wanted.epoch:
        raise BaseStationError(
            f"この局の座標は{EPOCHS[station.epoch]}で、既知点は{EPOCHS[wanted.epoch]}です。あいだに地殻変動の分の差があり、"
            f"比べられません。既知点の{EPOCHS[station.epoch]}の座標を使ってください。記録していません。"
        )


def _in_plane(store: Store, written: str) -> tuple[float, float]:
    """East and north in the plane, from degrees or from X (north) and Y (east)."""
    degrees = typed_position(written)
    if degrees is not None:
        x, y, _ = plan(_GEOGRAPHIC, store.town.srid, Grids(None, None)).move(
            np.array([degrees[0]]), np.array([degrees[1]])
        )
        return float(x[0]), float(y[0])
    parts = written.replace("，", ",").replace("、", ",").split(",")
    try:
        north, east = (float(part) for part in parts)
    except ValueError as error:
        raise BaseStationError(
            f"座標「{written[:40]}」を読めません。平面直角座標の X（北）と Y（東）、または緯度と経度を、コンマで区切って"
            "書いてください。記録していません。"
        ) from error
    if not (math.isfinite(north) and math.isfinite(east)):
        raise BaseStationError(f"座標「{written[:40]}」は数ではありません。記録していません。")
    return east, north


def _distance_m(store: Store, station: BaseStation, known: tuple[float, float]) -> float:
    lon, lat, _ = plan(store.town.srid, _GEOGRAPHIC, Grids(None, None)).move(np.array([known[0]]), np.array([known[1]]))
    return float(distances_m(station.lon, station.lat, np.column_stack([lon, lat]))[0])


def _log(connection: Connection, desk: CropDesk, action: str, check: Check) -> None:
    entry = Entry(action, f"base_checks/{check.station_id}/{check.id}", note=check.known_point)
    record(connection, Who.of(desk.caller, desk.origin), entry)


@dataclass(frozen=True)
class Measured:
    """What a log says of the point that a receiver stood on: north and east in the plane, and how sure the mean is."""

    north_m: float
    east_m: float
    height_m: float | None
    sigma_m: float
    fixes: int
    left_out: int
    measured_at: datetime | None


def mean_of_log(store: Store, log: bytes, antenna_m: float) -> Measured:
    """The mean of the fixed solutions of an NMEA log of one stand; nothing is kept.

    The positions stay in the epoch in which they were received, since the known point is of the same. Raises
    BoundaryRefused where they make no point, and BaseStationError without fixed solutions.
    """
    fixes = nmea.read(log).fixes
    fixed = [fix for fix in fixes if fix.quality is FixQuality.RTK_FIXED]
    if not fixed:
        raise BaseStationError(
            "このログに RTK の固定解（GGA の品質 4）がありません。固定解になってから、既知点で 1 分以上測ってください。"
        )
    station = Station("", "", "JGD2011", Epoch.REFERENCE, "")
    plane = to_plane(fixed, station, store.town.srid, store.settings.grids, Antenna(antenna_m))
    corner = corner_of(plane)
    vertex = corner.vertex
    left_out = len(fixes) - len(fixed) + corner.outliers
    last = max((fix.at for fix in fixed if fix.at is not None), default=None)
    return Measured(vertex.y, vertex.x, corner.height_m, vertex.sigma_m, vertex.fixes, left_out, last)
