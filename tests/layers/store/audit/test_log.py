"""The audit log: append-only, one chain, and every tampering noticed."""

import random
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from hashlib import sha256

import psycopg
import pytest

from layers.store.audit.log import Entry, UnknownActionError, Who, record, seen
from layers.store.audit.registry import ACTIONS, PURPOSES
from layers.store.audit.retention import cut
from layers.store.audit.verifying import COLUMNS, Head, Verified, head, said, verify
from layers.store.database import Connection
from layers.store.errors import ForbiddenError
from layers.store.instance import Store

CLERK = Who("yamada", "山田", "税務課", ["viewer", "ledger_reader"], "10.0.0.7")
ENTRIES = 120


def fill(store: Store, entries: int = ENTRIES) -> None:
    with store.database.transaction() as connection:
        for number in range(entries):
            entry = Entry(
                "ledger.read",
                "land_owners",
                [f"小野新町/字舘廻/{number % 10}"],
                ["owner_name"],
                "tax",
                f"{number}: 補足",
                1,
            )
            record(connection, CLERK, entry)


def checked(store: Store, exported: Sequence[Head] = ()) -> Verified:
    with store.database.transaction() as connection:
        return verify(connection, exported)


def kept_head(store: Store) -> Head:
    with store.database.transaction() as connection:
        return head(connection)


def by_hand(store: Store, work: Callable[[Connection], object]) -> None:
    """What somebody with every right over the tables could do to them."""
    with store.database.transaction() as connection:
        for table in ("log", "anchors"):
            connection.execute(f"ALTER TABLE audit.{table} DISABLE TRIGGER USER".encode())
        work(connection)
        for table in ("log", "anchors"):
            connection.execute(f"ALTER TABLE audit.{table} ENABLE TRIGGER USER".encode())


def test_an_untouched_log_is_whole_and_leads_to_its_head(empty_store: Store) -> None:
    fill(empty_store)
    found = checked(empty_store, [kept_head(empty_store)])
    assert found.faults == ()
    assert (found.entries, found.head.seq) == (ENTRIES, ENTRIES)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE audit.log SET name = 'x' WHERE seq = 3",
        "DELETE FROM audit.log WHERE seq = 3",
        "DELETE FROM audit.log",
        "TRUNCATE audit.log",
        "TRUNCATE audit.anchors",
        "UPDATE audit.anchors SET seq = 1",
    ],
)
def test_not_even_the_owner_changes_an_entry(empty_store: Store, statement: str) -> None:
    fill(empty_store, 5)
    with empty_store.database.transaction() as connection:
        connection.execute("INSERT INTO audit.anchors (seq, hash, last_at, entries) VALUES (0, '', now(), 0)")
    with pytest.raises(ForbiddenError), empty_store.database.transaction() as connection:
        connection.execute(statement.encode())


def test_whoever_inserts_gets_the_next_link_of_the_chain(empty_store: Store) -> None:
    fill(empty_store, 3)
    with empty_store.database.transaction() as connection:
        connection.execute(
            "INSERT INTO audit.log (seq, at, action, db_role, prev, hash) VALUES (99, '2020-01-01', 'audit.cut', 'me', '', '')"
        )
    assert checked(empty_store).faults == ()
    assert kept_head(empty_store).seq == 4


def test_an_action_that_is_not_registered_is_refused(empty_store: Store) -> None:
    with pytest.raises(UnknownActionError, match=r"peek"), empty_store.database.transaction() as connection:
        record(connection, CLERK, Entry("peek", "land_owners"))
    with pytest.raises(psycopg.errors.ForeignKeyViolation), empty_store.database.transaction() as connection:
        connection.execute("SELECT audit.write('peek', 'a', 'b', NULL, NULL, NULL, 'x', NULL, NULL, NULL, NULL, 0)")
    assert kept_head(empty_store).seq == 0


def test_every_registered_action_and_purpose_is_known_to_the_database(empty_store: Store) -> None:
    with empty_store.database.transaction() as connection:
        actions = dict(connection.execute("SELECT id, label FROM audit.actions").fetchall())
        purposes = dict(connection.execute("SELECT id, label FROM ledgers.purposes").fetchall())
    assert (actions, purposes) == (ACTIONS, PURPOSES)


def _changed(connection: Connection, chance: random.Random) -> None:
    what = chance.choice(
        [
            "name = name || 'x'",
            "at = at + interval '1 microsecond'",
            "purpose = 'disaster'",
            "rows = rows || '{a}'",
            "rows = ARRAY[rows[1] || ',']",
            "count = count + 1",
            "note = NULL",
            "department = '総務課'",
            "columns = '{owner_name,share}'",
            "db_role = 'postgres'",
            "hash = sha256(hash)",
            "prev = sha256(prev)",
        ]
    )
    connection.execute(f"UPDATE audit.log SET {what} WHERE seq = {chance.randint(1, ENTRIES)}".encode())


def _deleted(connection: Connection, chance: random.Random) -> None:
    first = chance.randint(1, ENTRIES)
    connection.execute("DELETE FROM audit.log WHERE seq BETWEEN %s AND %s", [first, first + chance.choice([0, 0, 5])])


def _cut_off(connection: Connection, chance: random.Random) -> None:
    """The newest entries gone, and the head set to what is left."""
    connection.execute("DELETE FROM audit.log WHERE seq > %s", [chance.randint(1, ENTRIES - 1)])
    connection.execute(
        "UPDATE audit.head SET (seq, hash) = (SELECT seq, hash FROM audit.log ORDER BY seq DESC LIMIT 1)"
    )


def _inserted(connection: Connection, chance: random.Random) -> None:
    after = chance.randint(1, ENTRIES)
    connection.execute("UPDATE audit.log SET seq = -seq - 1 WHERE seq > %s", [after])
    connection.execute("UPDATE audit.log SET seq = -seq WHERE seq < 0")
    connection.execute(
        f"INSERT INTO audit.log ({COLUMNS}) SELECT {after + 1}, at, action, account, name, department, duties, origin, "
        f"subject, rows, columns, purpose, note, count, db_role, hash, sha256(hash) FROM audit.log WHERE seq = {after}".encode()
    )


def _reordered(connection: Connection, chance: random.Random) -> None:
    one, other = chance.sample(range(1, ENTRIES + 1), 2)
    connection.execute("UPDATE audit.log SET seq = -%s WHERE seq = %s", [one, one])
    connection.execute("UPDATE audit.log SET seq = %s WHERE seq = %s", [one, other])
    connection.execute("UPDATE audit.log SET seq = %s WHERE seq = -%s", [other, one])


def _anchored(connection: Connection, chance: random.Random) -> None:
    """The oldest entries gone, as if they had been cut."""
    last = chance.randint(1, ENTRIES - 1)
    connection.execute(
        "INSERT INTO audit.anchors (seq, hash, last_at, entries) SELECT seq, hash, at, seq FROM audit.log WHERE seq = %s",
        [last],
    )
    connection.execute("DELETE FROM audit.log WHERE seq <= %s", [last])


def _hashed_anew(connection: Connection, chance: random.Random) -> None:
    """An entry changed and every hash from there on made anew, with the head: a chain without a break."""
    first = chance.randint(1, ENTRIES)
    connection.execute("UPDATE audit.log SET name = '別人' WHERE seq = %s", [first])
    rows = connection.execute(f"SELECT {COLUMNS} FROM audit.log WHERE seq >= {first} ORDER BY seq".encode()).fetchall()
    before = rows[0][-2]
    for row in rows:
        digest = sha256(before + said(row[:-2])).digest()
        connection.execute("UPDATE audit.log SET prev = %s, hash = %s WHERE seq = %s", [before, digest, row[0]])
        before = digest
    connection.execute("UPDATE audit.head SET hash = %s", [before])


TAMPERINGS = (_changed, _deleted, _cut_off, _inserted, _reordered, _anchored, _hashed_anew)


def test_each_of_a_hundred_tamperings_is_noticed(empty_store: Store) -> None:
    fill(empty_store)
    exported = kept_head(empty_store)
    with empty_store.database.transaction() as connection:
        connection.execute("CREATE TABLE audit.as_it_was AS SELECT * FROM audit.log")
        connection.execute("CREATE TABLE audit.head_as_it_was AS SELECT * FROM audit.head")

    def restore(connection: Connection) -> None:
        connection.execute("TRUNCATE audit.log, audit.anchors, audit.head")
        connection.execute("INSERT INTO audit.log SELECT * FROM audit.as_it_was")
        connection.execute("INSERT INTO audit.head SELECT * FROM audit.head_as_it_was")

    unnoticed = []
    for number in range(100):
        chance = random.Random(number)
        tamper = TAMPERINGS[number % len(TAMPERINGS)]
        by_hand(empty_store, lambda connection, t=tamper, c=chance: t(connection, c))
        if not checked(empty_store, [exported]).faults:
            unnoticed.append((number, tamper.__name__))
        by_hand(empty_store, restore)
        assert checked(empty_store, [exported]).faults == ()
    assert unnoticed == []


def test_a_chain_made_anew_shows_only_against_a_head_that_was_kept_elsewhere(empty_store: Store) -> None:
    fill(empty_store)
    exported = kept_head(empty_store)
    by_hand(empty_store, lambda connection: _hashed_anew(connection, random.Random(1)))
    assert checked(empty_store).faults == ()
    assert "控え" in checked(empty_store, [exported]).faults[0]


def test_writers_at_once_make_one_chain(empty_store: Store) -> None:
    def write(writer: int) -> None:
        for number in range(25):
            with empty_store.database.transaction() as connection:
                record(connection, CLERK, Entry("ledger.read", "land_taxes", [f"{writer}/{number}"], purpose="tax"))
                if number % 5 == 4:
                    connection.rollback()

    with ThreadPoolExecutor(4) as threads:
        list(threads.map(write, range(4)))
    found = checked(empty_store)
    assert found.faults == ()
    assert found.entries == 4 * 20


def test_old_entries_are_cut_and_the_rest_still_verifies(empty_store: Store) -> None:
    fill(empty_store, 50)
    exported = kept_head(empty_store)
    later = datetime.now(UTC) + timedelta(days=366 * 5 + 30)
    with pytest.raises(psycopg.errors.CheckViolation), empty_store.database.transaction() as connection:
        cut(connection, 5, CLERK, now=later)
    _aged(empty_store, 30)
    assert checked(empty_store, [kept_head(empty_store)]).faults == ()
    with empty_store.database.transaction() as connection:
        assert cut(connection, 5, CLERK) == 30
    found = checked(empty_store, [kept_head(empty_store)])
    assert found.faults == ()
    assert found.entries == 21
    assert exported.seq == 50
    with empty_store.database.transaction() as connection:
        assert cut(connection, 5, CLERK) == 0


def _aged(store: Store, entries: int) -> None:
    """Make the first entries six years old, their chain with them."""

    def age(connection: Connection) -> None:
        connection.execute("UPDATE audit.log SET at = at - interval '6 years' WHERE seq <= %s", [entries])
        before = bytes(32)
        for row in connection.execute(f"SELECT {COLUMNS} FROM audit.log ORDER BY seq".encode()).fetchall():
            digest = sha256(before + said(row[:-2])).digest()
            connection.execute("UPDATE audit.log SET prev = %s, hash = %s WHERE seq = %s", [before, digest, row[0]])
            before = digest
        connection.execute("UPDATE audit.head SET hash = %s", [before])

    by_hand(store, age)


def test_who_has_seen_a_parcel_is_told_with_purpose_and_time(empty_store: Store) -> None:
    fill(empty_store, 40)
    with empty_store.database.transaction() as connection:
        entries = seen(connection, "小野新町/字舘廻/3")
    assert len(entries) == 4
    assert {(one["account"], one["origin"], one["purpose_label"]) for one in entries} == {
        ("yamada", "10.0.0.7", PURPOSES["tax"])
    }


def test_texts_that_look_alike_when_joined_say_different_things(empty_store: Store) -> None:
    with empty_store.database.transaction() as connection:
        for rows in (["a", "b"], ["a,b"], ["1:a,1:b"], ["", "ab"], [], ["地番"]):
            record(connection, CLERK, Entry("ledger.read", "x", rows, purpose="tax"))
        told = connection.execute(f"SELECT {COLUMNS} FROM audit.log ORDER BY seq".encode()).fetchall()
        by_database = connection.execute("SELECT audit.said(l) FROM audit.log l ORDER BY seq").fetchall()
    assert [said(row[:-2]).decode() for row in told] == [row[0] for row in by_database]
    assert checked(empty_store).faults == ()
