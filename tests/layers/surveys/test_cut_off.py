"""The database is killed while a phone sends: nothing is half kept, and the phone that sends again gets everything in."""

import threading
import time
from pathlib import Path

import psycopg

from layers.store.cluster import temporary_cluster
from layers.store.errors import StoreUnavailableError
from layers.store.instance import Store, connect
from layers.store.settings import load_settings
from layers.surveys.records import Kept, store_records
from tests.hostile.test_database_dies import kill
from tests.layers.surveys.conftest import DEVICE, SATO, corner_record, session_record

RECORDS = 500


def count(url: str) -> int:
    with psycopg.connect(url) as connection:
        row = connection.execute("SELECT count(*) FROM surveys.records").fetchone()
    return int(row[0]) if row is not None else -1


def waits_for_another(url: str) -> bool:
    with psycopg.connect(url) as connection:
        row = connection.execute("SELECT count(*) FROM pg_locks WHERE NOT granted").fetchone()
    return row is not None and row[0] > 0


def written_through(url: str) -> None:
    """What was committed is in the log before the kill: the tests' cluster does not wait for that by itself."""
    with psycopg.connect(url) as connection:
        connection.execute("SET LOCAL synchronous_commit = on")
        connection.execute("SELECT pg_logical_emit_message(true, 'tests', 'written')")


def hold_back(url: str, record: dict[str, object]) -> "psycopg.Connection[tuple[object, ...]]":
    """Somebody else who is storing one of the same records and has not ended: the batch waits for it in its middle."""
    connection = psycopg.connect(url)
    connection.execute(
        "INSERT INTO surveys.records (id, kind, session, account, device, content, content_hash) "
        "VALUES (%s, 'corner', %s, 'other', %s, '{}', '')",
        [record["id"], record["session"], DEVICE],
    )
    return connection


def test_a_batch_that_is_killed_in_its_middle_leaves_nothing_and_goes_in_whole_when_sent_again(tmp_path: Path) -> None:
    with temporary_cluster() as cluster:
        url = cluster.create_database("cut_off", template="onomap")
        store = connect(load_settings(tmp_path), url, staff_login=True)
        # makes the post's role
        store.seen_by(SATO.post)
        written_through(url)
        session = session_record()
        records = [session, *(corner_record(session["id"], order) for order in range(RECORDS - 1))]
        last = max(records[1:], key=lambda one: str(one["id"]))
        outcome: list[Kept | StoreUnavailableError] = []
        other = hold_back(url, last)
        sending = threading.Thread(target=lambda: outcome.append(sent(store, records)))
        sending.start()
        while not waits_for_another(url):
            time.sleep(0.05)
        kill(cluster)
        sending.join()
        other.close()
        cluster.start()
        assert isinstance(outcome[0], StoreUnavailableError)
        assert count(url) == 0
        again = sent_until_answered(store, records)
        assert (len(again.stored), count(url)) == (RECORDS, RECORDS)
        store.close()


def sent_until_answered(store: Store, records: list[dict[str, object]]) -> Kept:
    """As a phone does: a pool that lost all its connections makes new ones a little later."""
    for _ in range(30):
        again = sent(store, records)
        if isinstance(again, Kept):
            return again
        time.sleep(1)
    raise AssertionError("the database did not come back")


def sent(store: Store, records: list[dict[str, object]]) -> Kept | StoreUnavailableError:
    try:
        return store_records(store.seen_by(SATO.post), SATO, None, DEVICE, records)
    except StoreUnavailableError as error:
        return error
