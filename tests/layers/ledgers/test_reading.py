"""Owners and taxes are read for a purpose, by whom the policy lets, and never without an entry of the log."""

import psycopg
import pytest

from layers.ledgers.errors import LedgerRequestError, PurposeError
from layers.ledgers.reading import Reason, read_panels
from layers.store.audit.log import seen
from layers.store.audit.verifying import verify
from layers.store.database import Connection
from layers.store.errors import ForbiddenError
from layers.store.instance import Store
from layers.store.rights.caller import Caller, Post, Verb

PARCEL = "小野新町/字舘廻/1"
READER = Caller("yamada", "山田", Post("税務課", frozenset({"viewer", "ledger_reader"})))
VIEWER = Caller("sato", "佐藤", Post("税務課", frozenset({"viewer"})))
ASK = "SELECT ledgers.ask('land_owners', ARRAY[%s], %s, %s, NULL, 'yamada', '山田', '税務課', '{ledger_reader}', 'x')"


def reads(store: Store) -> int:
    with store.database.transaction() as connection:
        row = connection.execute("SELECT count(*) FROM audit.log WHERE action = 'ledger.read'").fetchone()
    return int(row[0]) if row is not None else -1


def test_a_reader_sees_owners_and_taxes_and_both_readings_are_logged(ledger_store: Store) -> None:
    panels = read_panels(ledger_store.seen_by(READER.post), READER, "10.0.0.7", PARCEL, Reason("tax", "評価替え"))
    owners, taxes = panels
    assert [row["owner_name"] for row in owners.rows] == ["架空 太郎", "架空 花子"]
    assert taxes.rows[0]["assessed_value"] == 4_500_000
    with ledger_store.database.transaction() as connection:
        entries = seen(connection, PARCEL)
    assert [one["entry"] for one in entries] == [taxes.entry, owners.entry]
    assert {(one["account"], one["origin"], one["purpose"], one["note"]) for one in entries} == {
        ("yamada", "10.0.0.7", "tax", "評価替え")
    }
    assert entries[1]["count"] == 2
    assert entries[1]["columns"] == [field.name for field in owners.fields]
    with ledger_store.database.transaction() as connection:
        assert verify(connection).faults == ()


@pytest.mark.parametrize("purpose", ["", "curiosity", "TAX"])
def test_nothing_is_shown_without_a_purpose_of_the_register(ledger_store: Store, purpose: str) -> None:
    with pytest.raises(PurposeError, match="目的"):
        Reason(purpose)
    seen_by = ledger_store.seen_by(READER.post)
    with pytest.raises(psycopg.errors.CheckViolation), seen_by.database.transaction() as connection:
        connection.execute(ASK, [PARCEL, ["owner_name"], purpose])
    assert reads(ledger_store) == 0


def test_who_has_not_the_duty_sees_nothing_by_any_way(ledger_store: Store) -> None:
    store = ledger_store.seen_by(VIEWER.post)
    with pytest.raises(ForbiddenError, match="職務"):
        read_panels(store, VIEWER, None, PARCEL, Reason("tax"))
    for statement in (
        "SELECT * FROM ledgers.land_owners",
        "SELECT count(*) FROM ledgers.land_owners",
        "SELECT ledgers.answer(1)",
        "SELECT ledgers.ask('land_owners', '{a}', '{owner_name}', 'tax', NULL, 'a', 'b', NULL, NULL, NULL)",
    ):
        with pytest.raises(ForbiddenError), store.database.transaction() as connection:
            connection.execute(statement.encode())


def test_a_key_that_may_not_read_opens_no_ledger(ledger_store: Store) -> None:
    narrow = Caller(READER.account, READER.name, READER.post, frozenset({Verb.EXPORT}))
    with pytest.raises(ForbiddenError):
        read_panels(ledger_store.seen_by(READER.post), narrow, None, PARCEL, Reason("tax"))


def test_even_a_reader_has_no_way_past_the_log(ledger_store: Store) -> None:
    store = ledger_store.seen_by(READER.post)
    for statement in (
        "SELECT * FROM ledgers.land_owners",
        "SELECT owner_name FROM ledgers.land_owners",
        "COPY ledgers.land_owners TO STDOUT",
        "UPDATE ledgers.land_owners SET owner_name = ''",
        "CREATE TABLE public.mine (a text REFERENCES ledgers.land_owners (owner_name))",
        "SELECT * FROM audit.log",
    ):
        with pytest.raises(ForbiddenError), store.database.transaction() as connection:
            connection.execute(statement.encode())


def _asked(connection: Connection, columns: list[str], parcel: str = PARCEL) -> int:
    row = connection.execute(ASK, [parcel, columns, "tax"]).fetchone()
    assert row is not None
    return int(row[0])


def _asked_in_a_savepoint(connection: Connection) -> int:
    with connection.transaction():
        return _asked(connection, ["owner_name"])


def test_rows_are_given_for_a_committed_entry_only(ledger_store: Store) -> None:
    store = ledger_store.seen_by(READER.post)
    with pytest.raises(ForbiddenError), store.database.transaction() as connection:
        connection.execute("SELECT ledgers.answer(%s)", [_asked(connection, ["owner_name"])])
    with pytest.raises(ForbiddenError), store.database.transaction() as connection:
        connection.execute("SELECT ledgers.answer(%s)", [_asked_in_a_savepoint(connection)])
    assert reads(ledger_store) == 0


def test_an_entry_gives_what_it_says_and_to_nobody_else(ledger_store: Store) -> None:
    store = ledger_store.seen_by(READER.post)
    with store.database.transaction() as connection:
        entry = _asked(connection, ["share"])
    with store.database.transaction() as connection:
        rows = connection.execute("SELECT ledgers.answer(%s)", [entry]).fetchall()
    assert [row[0] for row in rows] == [{"share": "2分の1"}, {"share": "2分の1"}]
    other = ledger_store.seen_by(Post("産業振興課", frozenset({"editor", "ledger_reader"})))
    assert other.database.role != store.database.role
    with pytest.raises(ForbiddenError), other.database.transaction() as connection:
        connection.execute("SELECT ledgers.answer(%s)", [entry])


@pytest.mark.parametrize("columns", [["owner_name", "id"], ["ctid"], ["nothing"], [], ["owner_name) FROM pg_authid--"]])
def test_columns_beyond_the_declared_ones_cannot_be_asked_for(ledger_store: Store, columns: list[str]) -> None:
    store = ledger_store.seen_by(READER.post)
    with pytest.raises((ForbiddenError, psycopg.DatabaseError)), store.database.transaction() as connection:
        _asked(connection, columns)
    assert reads(ledger_store) == 0


def test_as_many_readings_are_logged_as_were_made(ledger_store: Store) -> None:
    store = ledger_store.seen_by(READER.post)
    made = 0
    for number in range(60):
        parcel = [PARCEL, "飯豊//2", "どこにも/ない/9"][number % 3]
        panels = read_panels(store, READER, None, parcel, Reason("boundary"))
        made += len(panels)
        if number % 4 == 0:
            with pytest.raises(RuntimeError, match="gone"), store.database.transaction() as connection:
                _given_and_gone(connection, panels[0].entry)
    assert reads(ledger_store) / made == 1


def _given_and_gone(connection: Connection, entry: int) -> None:
    """Rows taken once more and the transaction then rolled back: the entry stays."""
    connection.execute("SELECT ledgers.answer(%s)", [entry]).fetchall()
    raise RuntimeError("gone")


def test_a_parcel_must_be_named(ledger_store: Store) -> None:
    for parcel in ("", "a" * 201, "a\0"):
        with pytest.raises(LedgerRequestError):
            read_panels(ledger_store.seen_by(READER.post), READER, None, parcel, Reason("tax"))
