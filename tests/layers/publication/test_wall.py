"""The login of the public application: it reads one edition, and nothing leads from it into the store."""

import psycopg
import pytest
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from layers.publication.errors import PublicSideError
from layers.publication.importing import PublicSide
from layers.publication.opening import has_public_side
from layers.publication.public_database import PublicDatabase, ensure_public_database, prepare
from layers.store.cluster import Cluster
from layers.store.instance import Store
from layers.store.settings import Settings
from tests.layers.publication.publication_samples import publish


def test_neither_login_of_the_public_side_connects_to_the_store_or_to_any_other_database(
    test_cluster: Cluster, small_store: Store, public_side: PublicSide
) -> None:
    store = str(conninfo_to_dict(small_store.database.url)["dbname"])
    with psycopg.connect(test_cluster.superuser_url()) as connection:
        names = [row[0] for row in connection.execute("SELECT datname FROM pg_database").fetchall()]
    own = conninfo_to_dict(public_side.database.web_url)["dbname"]

    assert store in names
    for url in (public_side.database.web_url, public_side.database.owner_url):
        for name in (store, "postgres", "template1"):
            assert name != own
            with pytest.raises(psycopg.OperationalError, match="permission denied for database"):
                psycopg.connect(make_conninfo(url, dbname=name))


def test_the_web_login_is_nobody_else_and_can_become_nobody_else(public_side: PublicSide) -> None:
    with psycopg.connect(public_side.database.web_url) as connection:
        members = connection.execute(
            "SELECT rolname FROM pg_roles WHERE pg_has_role(oid, 'MEMBER') AND rolname <> current_user"
        ).fetchall()
        row = connection.execute(
            "SELECT rolsuper, rolcreatedb, rolcreaterole, rolreplication, rolbypassrls, rolinherit FROM pg_roles "
            "WHERE rolname = current_user"
        ).fetchone()

    assert members == []
    assert row == (False,) * 6


@pytest.mark.parametrize(
    ("setting", "value"),
    [
        ("default_transaction_read_only", "on"),
        ("statement_timeout", "5s"),
        ("lock_timeout", "1s"),
        ("idle_in_transaction_session_timeout", "10s"),
        ("search_path", "public"),
    ],
)
def test_the_web_login_starts_read_only_and_impatient(public_side: PublicSide, setting: str, value: str) -> None:
    with psycopg.connect(public_side.database.web_url) as connection:
        assert connection.execute(f"SHOW {setting}".encode()).fetchone() == (value,)


@pytest.mark.parametrize(
    "statement",
    [
        "CREATE TEMPORARY TABLE t (a int)",
        "CREATE TABLE public.t (a int)",
        "CREATE FUNCTION public.f() RETURNS int LANGUAGE sql AS 'SELECT 1'",
        "SELECT lo_from_bytea(0, 'x')",
        "SELECT * FROM pg_stat_activity",
        "SELECT * FROM onomap.editions",
        "UPDATE layers.shelters SET name = 'x'",
        "INSERT INTO onomap.current_edition (number, manifest) VALUES (9, '{}')",
        "UPDATE onomap.current_edition SET number = 9",
        "ALTER SCHEMA layers RENAME TO edition_9",
    ],
)
def test_the_web_login_writes_nothing_even_in_a_transaction_that_may(
    small_store: Store, public_side: PublicSide, statement: str
) -> None:
    publish(small_store, public_side, 1, ["shelters"])
    with psycopg.connect(public_side.database.web_url) as connection:
        connection.execute("SET TRANSACTION READ WRITE")
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.execute(statement.encode())


def test_a_store_elsewhere_without_a_public_database_has_no_public_side_instead_of_some_default(store_url: str) -> None:
    settings = Settings.model_construct(**{**vars(Settings.model_construct()), "database_url": store_url})

    assert not has_public_side(settings)
    with pytest.raises(PublicSideError, match="public_database_url"):
        ensure_public_database(settings)


def test_one_login_for_both_is_refused(public_side: PublicSide) -> None:
    same = public_side.database.owner_url

    with pytest.raises(PublicSideError, match="別のもの"):
        prepare(PublicDatabase(same, same))


@pytest.fixture
def store_url(small_store: Store) -> str:
    return small_store.database.url
