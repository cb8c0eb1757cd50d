"""The inbox: the public login puts lines in and can do nothing else with them; inside takes each once, and believes none."""

from collections.abc import Iterator

import psycopg
import pytest

from layers.publication import inbox
from layers.publication.errors import InboxError
from layers.publication.importing import PublicSide
from layers.store.database import Database
from layers.store.instance import Store

LINE = {"text": "街灯が切れています", "lon": 140.6, "lat": 37.28}


@pytest.fixture
def web(public_side: PublicSide) -> Iterator[Database]:
    database = Database.open(public_side.database.web_url, size=2)
    yield database
    database.close()


def kept(store: Store) -> list[tuple[object, ...]]:
    with store.database.transaction() as connection:
        return connection.execute(
            "SELECT kind, content, refusal FROM onomap.inbox_lines ORDER BY received_at"
        ).fetchall()


def test_a_line_goes_in_outside_and_comes_out_inside_once(
    small_store: Store, public_side: PublicSide, web: Database
) -> None:
    inbox.send(web, "report", LINE)

    first = inbox.pull(small_store.database, public_side.database)
    second = inbox.pull(small_store.database, public_side.database)

    assert (first, second) == (inbox.Pulled(1, 0), inbox.Pulled(0, 0))
    assert kept(small_store) == [("report", {**LINE, "category": ""}, None)]


@pytest.mark.parametrize(
    "statement",
    [
        "SELECT * FROM onomap.inbox",
        "SELECT count(*) FROM onomap.inbox",
        "INSERT INTO onomap.inbox (kind, content) VALUES ('report', '{}') RETURNING id",
        "INSERT INTO onomap.inbox (kind, content, received_at) VALUES ('report', '{}', '2000-01-01')",
        "UPDATE onomap.inbox SET content = '{}'",
        "DELETE FROM onomap.inbox",
        "TRUNCATE onomap.inbox",
        "SELECT * FROM onomap.inbox FOR UPDATE",
        "ALTER TABLE onomap.inbox DISABLE TRIGGER ALL",
        "SELECT onomap.bound_inbox()",
        "COPY onomap.inbox TO STDOUT",
        "LOCK TABLE onomap.inbox IN ACCESS EXCLUSIVE MODE",
    ],
)
def test_the_public_login_can_do_nothing_with_the_inbox_but_put_lines_in(
    public_side: PublicSide, statement: str
) -> None:
    with psycopg.connect(public_side.database.web_url) as connection:
        connection.execute("SET TRANSACTION READ WRITE")
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.execute(statement.encode())


def test_a_line_that_was_kept_but_not_deleted_when_something_died_is_not_kept_twice(
    small_store: Store, public_side: PublicSide, web: Database
) -> None:
    inbox.send(web, "report", LINE)
    with psycopg.connect(public_side.database.owner_url) as connection:
        row = connection.execute("SELECT token, kind, content::text FROM onomap.inbox").fetchone()
    assert row is not None
    with small_store.database.transaction() as connection:
        connection.execute(
            "INSERT INTO onomap.inbox_lines (token, received_at, kind, content) VALUES (%s, now(), %s, %s::jsonb)", row
        )

    assert inbox.pull(small_store.database, public_side.database) == inbox.Pulled(0, 0)
    assert len(kept(small_store)) == 1
    with psycopg.connect(public_side.database.owner_url) as connection:
        assert connection.execute("SELECT count(*) FROM onomap.inbox").fetchone() == (0,)


@pytest.mark.parametrize(
    ("kind", "content"),
    [
        ("report", {**LINE, "owner": "山田"}),
        ("report", {**LINE, "lon": 999}),
        ("report", {**LINE, "lon": "140.6"}),
        ("report", {"text": "場所がない"}),
        ("report", {**LINE, "text": "あ" * 2_001}),
        ("command", LINE),
    ],
)
def test_what_nobody_inside_would_read_is_not_sent(web: Database, kind: str, content: dict[str, object]) -> None:
    with pytest.raises(InboxError):
        inbox.send(web, kind, content)


def test_a_line_that_a_taken_over_public_side_forged_is_kept_apart_with_the_reason(
    small_store: Store, public_side: PublicSide
) -> None:
    with psycopg.connect(public_side.database.web_url) as connection:
        connection.execute("SET TRANSACTION READ WRITE")
        connection.execute("INSERT INTO onomap.inbox (kind, content) VALUES ('report', '{\"text\": 1}')")
        connection.execute("INSERT INTO onomap.inbox (kind, content) VALUES ('shell', '{}')")

    assert inbox.pull(small_store.database, public_side.database) == inbox.Pulled(2, 2)
    assert [row[2] is not None for row in kept(small_store)] == [True, True]


@pytest.mark.parametrize(
    ("kind", "content"),
    [("report", '{"text": "' + "x" * 70_000 + '"}'), ("report", "[]"), ("re port", "{}"), ("x" * 41, "{}")],
)
def test_the_table_itself_bounds_what_a_line_may_be(public_side: PublicSide, kind: str, content: str) -> None:
    with psycopg.connect(public_side.database.web_url) as connection:
        connection.execute("SET TRANSACTION READ WRITE")
        with pytest.raises(psycopg.errors.CheckViolation):
            connection.execute("INSERT INTO onomap.inbox (kind, content) VALUES (%s, %s::jsonb)", [kind, content])


def test_an_inbox_that_is_full_takes_no_more_until_it_is_emptied(public_side: PublicSide, web: Database) -> None:
    with psycopg.connect(public_side.database.owner_url) as connection:
        connection.execute(
            "INSERT INTO onomap.inbox (kind, content) SELECT 'report', '{}' FROM generate_series(1, 10000)"
        )

    with pytest.raises(InboxError, match="しばらくしてから"):
        inbox.send(web, "report", LINE)
