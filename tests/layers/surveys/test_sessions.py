"""What a session says: its corners and tracks, what was taken back, logs and lists brought in, and the field made of it."""

from collections.abc import Sequence
from itertools import pairwise
from uuid import UUID, uuid4

import numpy as np
import pytest

from gis.crs import Grids, plan
from layers.store.editing.precondition import Precondition
from layers.store.errors import UnconditionalEditError
from layers.surveys.errors import SurveyBoundaryRefusedError, SurveyRefusedError, UnknownSurveyError
from layers.surveys.making import boundary_of_session, keep_session
from layers.surveys.records import store_records
from layers.surveys.sessions import PointFile, add_log, add_points, sessions, state
from tests.layers.surveys.conftest import CLERK, DEVICE, SATO, SUZUKI, Town, corner_record, session_record

ORIGIN = (55_000.0, 143_000.0)
CORNERS = ((0.0, 0.0), (40.0, 0.0), (40.0, 30.0), (0.0, 30.0))


def degrees(places: Sequence[tuple[float, float]]) -> list[tuple[float, float]]:
    x, y = (np.array([place[axis] + ORIGIN[axis] for place in places]) for axis in (0, 1))
    lon, lat, _ = plan(6677, 6668, Grids()).move(x, y)
    return list(zip(lon.tolist(), lat.tolist(), strict=True))


def standing(lon: float, lat: float, minute: int, count: int = 5) -> list[dict[str, object]]:
    return [
        {"at": f"2026-07-01T00:{minute:02}:{second:02}Z", "lon": lon, "lat": lat, "quality": 4, "accuracy_m": 0.014}
        for second in range(count)
    ]


def surveyed(
    town: Town,
    places: Sequence[tuple[float, float]] = CORNERS,
    ring: int = 0,
    session: UUID | None = None,
    **more: object,
) -> UUID:
    """A session of SATO with one corner for each place."""
    new = session_record(**more)
    identifier = session or UUID(str(new["id"]))
    corners = [
        corner_record(identifier, order, ring=ring, fixes=standing(lon, lat, order), at=f"2026-07-01T00:{order:02}:10Z")
        for order, (lon, lat) in enumerate(degrees(places))
    ]
    kept = store_records(town.of(SATO), SATO, None, DEVICE, [*([] if session else [new]), *corners])
    assert not kept.refused
    return identifier


def test_four_corners_make_a_field_of_their_size_that_is_kept_once(town: Town) -> None:
    session = surveyed(town)
    surveyed(town, ((10, 10), (20, 10), (20, 20), (10, 20)), ring=1, session=session)
    _, boundary = boundary_of_session(town.of(SATO), SATO, session)
    assert len(boundary.outer) == 4
    kept, is_new = keep_session(town.store, SATO, None, session, None)
    assert is_new
    assert kept.area_m2 == pytest.approx(1_200 - 100, abs=0.01)
    assert (kept.owner, kept.session, kept.field_name) == ("sato", session, "前の田")
    again, is_new = keep_session(town.store, SATO, None, session, None)
    assert (again, is_new) == (kept, False)


def test_a_corner_more_in_a_kept_session_needs_the_version_it_was_made_from(town: Town) -> None:
    session = surveyed(town)
    kept, _ = keep_session(town.store, SATO, None, session, None)
    (place,) = degrees([(20.0, 50.0)])
    more = corner_record(session, 2, at="2026-07-01T00:09:00Z", fixes=standing(*place, 9))
    store_records(town.of(SATO), SATO, None, DEVICE, [more])
    with pytest.raises(UnconditionalEditError):
        keep_session(town.store, SATO, None, session, None)
    newer, is_new = keep_session(town.store, SATO, None, session, Precondition(frozenset({kept.version})))
    assert (newer.field_id, newer.version, is_new) == (kept.field_id, kept.version + 1, False)


def test_what_was_taken_back_does_not_count_and_taking_that_back_brings_it_again(town: Town) -> None:
    session = surveyed(town)
    fifth = corner_record(session, 9, at="2026-07-01T00:20:00Z", fixes=standing(140.6, 37.28, 20))

    def undo(target: object, minute: int) -> dict[str, object]:
        at = f"2026-07-01T00:{minute}:00Z"
        return {"id": str(uuid4()), "kind": "undo", "session": str(session), "at": at, "takes_back": str(target)}

    first = undo(fifth["id"], 21)
    store_records(town.of(SATO), SATO, None, DEVICE, [first, fifth])
    found = state(town.of(SATO), SATO, session)
    assert (len(found.pieces), found.taken_back) == (4, 1)
    store_records(town.of(SATO), SATO, None, DEVICE, [undo(first["id"], 22)])
    found = state(town.of(SATO), SATO, session)
    assert (len(found.pieces), found.taken_back) == (5, 1)


def test_corners_in_a_crossing_order_are_refused_with_the_reason_and_a_picture(town: Town) -> None:
    session = surveyed(town, (CORNERS[0], CORNERS[2], CORNERS[1], CORNERS[3]))
    with pytest.raises(SurveyBoundaryRefusedError) as refused:
        boundary_of_session(town.of(SATO), SATO, session)
    assert refused.value.reason == "crosses_itself"
    assert refused.value.picture is not None
    assert refused.value.picture.startswith("<svg")


def test_a_session_of_the_present_epoch_is_refused_by_naming_the_file_that_is_missing(town: Town) -> None:
    station = {"base_station": "", "mount_point": "", "datum": "JGD2011", "epoch": "current", "receiver": ""}
    session = surveyed(town, station=station)
    with pytest.raises(SurveyRefusedError, match="SemiDyna"):
        boundary_of_session(town.of(SATO), SATO, session)


def test_a_session_is_its_makers_and_the_clerks_and_for_others_it_is_not_there(town: Town) -> None:
    session = surveyed(town)
    told = []
    for asked in (session, uuid4()):
        with pytest.raises(UnknownSurveyError) as refused:
            state(town.of(SUZUKI), SUZUKI, asked)
        told.append(str(refused.value))
    assert told[0] == told[1]
    with pytest.raises(UnknownSurveyError):
        keep_session(town.store, SUZUKI, None, session, None)
    assert session not in {one.id for one, _ in sessions(town.of(SUZUKI), SUZUKI)}
    counts = {one.id: count for one, count in sessions(town.of(CLERK), CLERK)}
    assert counts[session] == 5
    kept, _ = keep_session(town.store, CLERK, None, session, None)
    assert kept.owner == "sato"


def test_a_session_for_a_field_of_another_is_told_as_one_for_a_field_that_is_not_there(town: Town) -> None:
    theirs, _ = keep_session(town.store, SATO, None, surveyed(town), None)
    told = []
    for field_id in (theirs.field_id, "F-0000000000"):
        session = session_record(field_id=field_id)
        corners = [
            corner_record(session["id"], order, fixes=standing(lon, lat, order))
            for order, (lon, lat) in enumerate(degrees(CORNERS))
        ]
        store_records(town.of(SUZUKI), SUZUKI, None, DEVICE, [session, *corners])
        with pytest.raises(Exception, match="その圃場はありません") as refused:
            keep_session(town.store, SUZUKI, None, UUID(str(session["id"])), Precondition(anything=True))
        told.append(str(refused.value))
    assert told[0] == told[1]


def nmea(places: Sequence[tuple[float, float]], quality: int = 4) -> bytes:
    lines = []
    for second, (lon, lat) in enumerate(places):
        east, north = (f"{int(value):0{width}}{value % 1 * 60:011.8f}" for value, width in ((lon, 3), (lat, 2)))
        body = (
            f"GNGGA,00{second // 60:02}{second % 60:02}.00,{north},N,{east},E,{quality},20,0.6,450.0,M,40.0,M,1.0,0001"
        )
        checksum = 0
        for letter in body.encode():
            checksum ^= letter
        lines.append(f"${body}*{checksum:02X}")
    return ("\r\n".join(lines) + "\r\n").encode()


def driven() -> list[tuple[float, float]]:
    """Round the field, two metres a second."""
    ring = [*CORNERS, CORNERS[0]]
    places: list[tuple[float, float]] = []
    for (x, y), (to_x, to_y) in pairwise(ring):
        steps = int(max(abs(to_x - x), abs(to_y - y)) / 2)
        places += [(x + (to_x - x) * step / steps, y + (to_y - y) * step / steps) for step in range(steps)]
    return degrees([*places, CORNERS[0]])


def test_a_log_of_a_drive_becomes_a_boundary_and_is_brought_in_once(town: Town) -> None:
    session = UUID(str((new := session_record())["id"]))
    store_records(town.of(SATO), SATO, None, DEVICE, [new])
    log = nmea(driven()) + b"$GNGGA,cut"
    added = add_log(town.of(SATO), SATO, None, session, log, ring=0, use="track")
    assert added.qualities == {"4": added.fixes}
    assert added.refused == {"cut_short": 1}
    assert add_log(town.of(SATO), SATO, None, session, log, ring=0, use="track").already
    _, boundary = boundary_of_session(town.of(SATO), SATO, session)
    kept, _ = keep_session(town.store, SATO, None, session, None)
    assert kept.area_m2 == pytest.approx(1_200, abs=10)
    assert boundary == kept.boundary


def test_a_list_of_points_in_cp932_becomes_corners_in_its_order(town: Town) -> None:
    session = UUID(str((new := session_record())["id"]))
    store_records(town.of(SATO), SATO, None, DEVICE, [new])
    lines = [f"杭{n},{y + ORIGIN[1]:.3f},{x + ORIGIN[0]:.3f},FIX,晴" for n, (x, y) in enumerate(CORNERS)]
    file = PointFile("\r\n".join(["点名,X座標,Y座標,測位状態,天気", *lines]).encode("cp932"), "点.csv")
    added = add_points(town.of(SATO), SATO, None, session, file, ring=0)
    assert (added.fixes, added.qualities, added.unread) == (4, {"4": 4}, ("天気",))
    assert [piece.note for piece in state(town.of(SATO), SATO, session).pieces] == ["杭0", "杭1", "杭2", "杭3"]
    kept, _ = keep_session(town.store, SATO, None, session, None)
    assert kept.area_m2 == pytest.approx(1_200, abs=0.1)


def test_points_written_to_whole_metres_are_no_surer_than_that(town: Town) -> None:
    session = UUID(str((new := session_record())["id"]))
    store_records(town.of(SATO), SATO, None, DEVICE, [new])
    lines = [f"{y + ORIGIN[1]:.0f},{x + ORIGIN[0]:.0f},FIX" for x, y in CORNERS]
    file = PointFile("\r\n".join(["X座標,Y座標,測位状態", *lines]).encode(), "点.csv")
    add_points(town.of(SATO), SATO, None, session, file, ring=0)
    kept, _ = keep_session(town.store, SATO, None, session, None)
    assert kept.std_error_m > 0.28


def test_positions_of_a_browser_are_never_centimetres_whatever_was_claimed(town: Town) -> None:
    new = session_record(claimed_fix=True)
    session = UUID(str(new["id"]))
    corners = [
        corner_record(
            session,
            order,
            source="geolocation",
            fixes=[{"at": "2026-07-01T00:00:00Z", "lon": lon, "lat": lat, "accuracy_m": 4.0}],
        )
        for order, (lon, lat) in enumerate(degrees(CORNERS))
    ]
    store_records(town.of(SATO), SATO, None, DEVICE, [new, *corners])
    kept, _ = keep_session(town.store, SATO, None, session, None)
    assert kept.claimed_fix
    assert kept.std_error_m >= 4.0
    assert not any(vertex.is_centimetre for vertex in kept.boundary.outer)
