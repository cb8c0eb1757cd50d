"""Records of surveys are kept once each, whoever sends them how often."""

from concurrent.futures import ThreadPoolExecutor
from uuid import uuid4

import pytest

from layers.store.rights.caller import Caller
from layers.surveys.errors import NotSurveyorError
from layers.surveys.records import Kept, store_records
from tests.layers.surveys.conftest import DEVICE, NOBODY, SATO, SUZUKI, VIEWER, Town, corner_record, session_record


def send(town: Town, caller: Caller, *records: dict[str, object]) -> Kept:
    return store_records(town.of(caller), caller, None, DEVICE, records)


def count(town: Town, session: object) -> int:
    with town.store.database.transaction() as connection:
        row = connection.execute("SELECT count(*) FROM surveys.records WHERE session = %s", [session]).fetchone()
    assert row is not None
    return int(row[0])


def test_the_same_record_again_is_already_there_and_never_a_second_row(town: Town) -> None:
    session = session_record()
    corner = corner_record(session["id"], 1)
    first = send(town, SATO, session, corner)
    assert first.stored == [session["id"], corner["id"]]
    again = send(town, SATO, corner, session, corner)
    assert sorted(again.already) == sorted([str(session["id"]), str(corner["id"])])
    assert not again.stored
    assert count(town, session["id"]) == 2


def test_another_content_under_the_same_id_is_refused_and_changes_nothing(town: Town) -> None:
    session = session_record()
    corner = corner_record(session["id"], 1)
    send(town, SATO, session, corner)
    other = send(town, SATO, {**corner, "note": "ちがう"})
    assert [one["id"] for one in other.refused] == [corner["id"]]
    assert "内容の違う" in other.refused[0]["why"]
    assert send(town, SATO, corner).already == [corner["id"]]


def test_a_record_may_come_before_its_session_in_the_same_batch_but_not_without_it(town: Town) -> None:
    session = session_record()
    corner = corner_record(session["id"], 1)
    alone = send(town, SATO, corner)
    assert "session" in alone.refused[0]["why"]
    assert sorted(send(town, SATO, corner, session).stored) == sorted([str(corner["id"]), str(session["id"])])


def test_two_phones_that_send_the_same_500_records_at_once_leave_500(town: Town) -> None:
    session = session_record()
    records = [session, *(corner_record(session["id"], order) for order in range(499))]
    with ThreadPoolExecutor(4) as pool:
        sent = list(pool.map(lambda some: send(town, SATO, *some), [records, records[::-1]] * 2))
    assert sum(len(kept.stored) for kept in sent) == 500
    assert sum(len(kept.already) for kept in sent) == 1_500
    assert count(town, session["id"]) == 500


def test_nobody_adds_to_or_learns_of_the_session_of_another(town: Town) -> None:
    session = session_record()
    send(town, SATO, session)
    theirs = send(town, SUZUKI, corner_record(session["id"], 1)).refused
    nowhere = send(town, SUZUKI, corner_record(uuid4(), 1)).refused
    assert theirs[0]["why"] == nowhere[0]["why"]
    assert count(town, session["id"]) == 1


@pytest.mark.parametrize("caller", [VIEWER, NOBODY])
def test_whoever_does_not_survey_keeps_no_record(town: Town, caller: Caller) -> None:
    with pytest.raises(NotSurveyorError):
        send(town, caller, session_record())


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"fixes": [{"at": "2026-07-01T00:00:00Z", "lon": 37.28, "lat": 140.62}]}, "日本の範囲の外"),
        ({"fixes": [{"at": "2026-07-01T00:00:00Z", "lon": float("nan"), "lat": 37.0}]}, "lon"),
        ({"fixes": []}, "1 個以上"),
        ({"at": "2026-07-01T09:00:00"}, "時差"),
        ({"note": "\x00"}, "表示できない"),
        ({"ring": -1}, "0 以上"),
        ({"kind": "corner", "extra": 1}, "知らない項目"),
        ({"kind": "photo"}, "知らない種類"),
    ],
)
def test_what_cannot_be_is_refused_with_its_reason_and_hinders_no_other(
    town: Town, change: dict[str, object], told: str
) -> None:
    session = session_record()
    wrong = corner_record(session["id"], 1, **change)
    kept = send(town, SATO, session, wrong, corner_record(session["id"], 2))
    assert [one["id"] for one in kept.refused] == [wrong["id"]]
    assert told in kept.refused[0]["why"]
    assert len(kept.stored) == 2


def test_a_clock_that_is_ahead_is_told_and_its_record_is_kept(town: Town) -> None:
    session = session_record()
    corner = corner_record(session["id"], 1, at="2199-01-01T00:00:00Z")
    kept = send(town, SATO, session, corner)
    assert corner["id"] in kept.stored
    assert [one["id"] for one in kept.notes] == [corner["id"]]
