"""Roles in the database: made, kept to the policy, one database's apart from another's."""

import time
from collections.abc import Callable
from pathlib import Path

import psycopg
import pytest
from psycopg import sql

from layers.store.cluster import Cluster
from layers.store.database import Database
from layers.store.errors import ForbiddenError, RightsChangedError
from layers.store.instance import Store, connect
from layers.store.rights.caller import Post
from layers.store.rights.keeper import NoKeeperError
from layers.store.rights.policy import SHIPPED
from layers.store.settings import load_settings
from tests.layers.store.rights.conftest import CLERK

VIEWER = Post("税務課", frozenset({"viewer"}))
COUNT = "SELECT count(*) FROM layers.cadastral"
WITHOUT_VIEWER = SHIPPED.read_text(encoding="utf-8").replace('layers = "all"', 'layers = ["roads"]')


def test_a_right_taken_out_of_the_policy_is_gone_at_the_next_opening(open_again: Callable[..., Store]) -> None:
    before = open_again()
    with before.seen_by(VIEWER).database.transaction() as connection:
        connection.execute(COUNT)
    after = open_again(WITHOUT_VIEWER)
    with pytest.raises(ForbiddenError), after.seen_by(VIEWER).database.transaction() as connection:
        connection.execute(COUNT)
    with after.seen_by(VIEWER).database.transaction() as connection:
        connection.execute("SELECT count(*) FROM layers.roads")


def test_a_server_that_runs_under_the_old_policy_loses_what_was_taken_at_once(open_again: Callable[..., Store]) -> None:
    running = open_again()
    with running.seen_by(VIEWER).database.transaction() as connection:
        connection.execute(COUNT)
    open_again(WITHOUT_VIEWER)
    with pytest.raises(RightsChangedError), running.seen_by(VIEWER).database.transaction() as connection:
        connection.execute(COUNT)
    with pytest.raises(RightsChangedError):
        running.seen_by(Post(running.layer("cadastral").department, frozenset({"viewer", "approver"})))


def test_a_change_of_rights_is_in_the_log_and_an_opening_that_changes_nothing_is_not(
    open_again: Callable[..., Store],
) -> None:
    def changes(store: Store) -> int:
        with store.database.transaction() as connection:
            row = connection.execute("SELECT count(*) FROM audit.log WHERE action = 'rights.change'").fetchone()
        return int(row[0]) if row is not None else 0

    assert changes(open_again()) == 1
    assert changes(open_again()) == 1
    assert changes(open_again(WITHOUT_VIEWER)) == 2


def test_a_right_given_by_hand_is_taken_back(open_again: Callable[..., Store]) -> None:
    store = open_again()
    seen = store.seen_by(VIEWER)
    with store.database.transaction() as connection:
        connection.execute(f"GRANT DELETE ON layers.cadastral TO {seen.database.role}")
    open_again()
    with pytest.raises(ForbiddenError), seen.database.transaction() as connection:
        connection.execute("DELETE FROM layers.cadastral")


def test_what_a_restored_dump_leaves_open_to_everybody_is_closed_again(open_again: Callable[..., Store]) -> None:
    store = open_again()
    with store.database.transaction() as connection:
        connection.execute("GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA audit, ledgers TO PUBLIC")
    open_again()
    with store.database.transaction() as connection:
        row = connection.execute(
            "SELECT bool_or(has_function_privilege('public', p.oid, 'EXECUTE')) FROM pg_proc p "
            "WHERE p.prosecdef AND p.pronamespace IN ('audit'::regnamespace, 'ledgers'::regnamespace) "
            "AND p.prorettype <> 'trigger'::regtype"
        ).fetchone()
    assert row == (False,)


def test_the_login_can_do_nothing_by_itself(staff_store: Store) -> None:
    assert staff_store.staff is not None
    for statement in (
        COUNT,
        "SELECT * FROM ledgers.land_owners",
        "SELECT * FROM audit.log",
        "SELECT * FROM onomap.loads",
        "CREATE TABLE public.mine (a int)",
        "CREATE TEMPORARY TABLE mine (a int)",
        "CREATE SCHEMA mine",
        "SELECT audit.write('ledger.read', 'a', 'b', NULL, NULL, NULL, 'x', NULL, NULL, NULL, NULL, 0)",
        "SELECT onomap_roles.make_role('onomap_00000000_x')",
        "CREATE ROLE mine",
        "COPY (SELECT 1) TO PROGRAM 'true'",
        "SELECT pg_read_file('/etc/passwd')",
    ):
        with pytest.raises(ForbiddenError), staff_store.staff.web.transaction() as connection:
            connection.execute(statement.encode())


def test_a_post_left_by_reset_is_left_for_nothing(staff_store: Store) -> None:
    seen = staff_store.seen_by(CLERK)
    for way in ("RESET ROLE", "SET ROLE NONE", "SET SESSION AUTHORIZATION DEFAULT"):
        with pytest.raises(ForbiddenError):
            _after(seen.database, way, COUNT)
    with pytest.raises(ForbiddenError), seen.database.transaction() as connection:
        connection.execute("SET SESSION AUTHORIZATION onomap")


def _after(database: Database, first: str, then: str) -> None:
    with database.transaction() as connection:
        connection.execute(first.encode())
        connection.execute(then.encode())


def test_no_post_is_left_on_a_connection_that_goes_back(staff_store: Store) -> None:
    seen = staff_store.seen_by(CLERK)
    assert staff_store.staff is not None
    for _ in range(20):
        with seen.database.transaction() as connection:
            connection.execute(COUNT)
        with staff_store.staff.web.transaction() as connection:
            assert connection.execute("SELECT current_user = session_user").fetchone() == (True,)


def test_posts_of_one_town_are_nobody_in_the_database_of_another(
    staff_store: Store, make_database: Callable[..., str], migrated_template: str, tmp_path: Path
) -> None:
    other = connect(load_settings(tmp_path / "other"), make_database(template=migrated_template), staff_login=True)
    try:
        mine, theirs = staff_store.seen_by(VIEWER), other.seen_by(VIEWER)
        assert mine.database.role != theirs.database.role
        with pytest.raises(ForbiddenError), theirs.database.transaction() as connection:
            connection.execute(f"SET ROLE {mine.database.role}".encode())
    finally:
        other.close()


def test_a_copied_database_gives_nothing_to_the_roles_of_the_one_it_was_copied_from(
    make_database: Callable[..., str], migrated_template: str, test_cluster: Cluster, tmp_path: Path
) -> None:
    first_url = make_database(template=migrated_template)
    first = connect(load_settings(tmp_path / "first"), first_url, staff_login=True)
    role = first.seen_by(VIEWER).database.role
    first.close()
    copied = connect(load_settings(tmp_path / "second"), make_database(template=first_url.rsplit("/", 1)[1]))
    with copied.database.transaction() as connection:
        row = connection.execute("SELECT has_table_privilege(%s, 'onomap.loads', 'SELECT')", [role]).fetchone()
    copied.close()
    assert row == (False,)


def test_an_owner_who_may_make_no_roles_is_told_how_to_mend_it(test_cluster: Cluster, tmp_path: Path) -> None:
    url = test_cluster.create_database("without_keeper")
    with psycopg.connect(test_cluster.superuser_url("without_keeper"), autocommit=True) as connection:
        connection.execute("DROP SCHEMA onomap_roles CASCADE")
    with pytest.raises(NoKeeperError, match="onomap rights keeper"):
        connect(load_settings(tmp_path / "home"), url)
    with psycopg.connect(test_cluster.superuser_url("without_keeper"), autocommit=True) as connection:
        connection.execute("CREATE ROLE maker LOGIN CREATEROLE PASSWORD 'made'")
        others = connection.execute(
            "SELECT datname FROM pg_database WHERE datdba = 'onomap'::regrole AND datname <> 'without_keeper'"
        ).fetchall()
        connection.execute("REASSIGN OWNED BY onomap TO maker")
        # it takes every database of the cluster along
        for (name,) in others:
            connection.execute(sql.SQL("ALTER DATABASE {} OWNER TO onomap").format(sql.Identifier(name)))
    address = url.rsplit("@", 1)[1]
    store = connect(load_settings(tmp_path / "home"), f"postgresql://maker:made@{address}", staff_login=True)
    try:
        with store.seen_by(VIEWER).database.transaction() as connection:
            connection.execute(COUNT)
    finally:
        store.close()


def test_the_keeper_of_roles_touches_no_role_but_this_databases_own(staff_store: Store) -> None:
    for statement in (
        "SELECT onomap_roles.make_role('postgres')",
        "SELECT onomap_roles.make_role('onomap_00000000_p_1')",
        "SELECT onomap_roles.drop_role('onomap')",
        "SELECT onomap_roles.join_role('pg_execute_server_program', onomap_roles.prefix() || 'staff_web')",
        "SELECT onomap_roles.join_role('postgres', onomap_roles.prefix() || 'staff_web')",
        "SELECT onomap_roles.make_login('postgres', 'SCRAM-SHA-256$4096:a$b:c')",
    ):
        with pytest.raises(ForbiddenError), staff_store.database.transaction() as connection:
            connection.execute(statement.encode())


def test_becoming_a_post_costs_less_than_a_millisecond(staff_store: Store) -> None:
    def median_ms(database: Database) -> float:
        times = []
        for _ in range(200):
            begun = time.perf_counter()
            with database.transaction(timeout_s=5.0) as connection:
                connection.execute("SELECT 1")
            times.append((time.perf_counter() - begun) * 1000)
        return sorted(times)[len(times) // 2]

    seen = staff_store.seen_by(CLERK)
    median_ms(seen.database)
    assert median_ms(seen.database) - median_ms(staff_store.database) < 1.0


def test_migrating_alone_gives_nobody_anything(make_database: Callable[..., str], migrated_template: str) -> None:
    with psycopg.connect(make_database(template=migrated_template)) as connection:
        rows = connection.execute(
            "SELECT p.oid::regprocedure::text FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace "
            "WHERE p.prosecdef AND has_function_privilege('public', p.oid, 'EXECUTE') "
            "AND n.nspname IN ('onomap', 'audit', 'ledgers', 'onomap_roles') AND p.prorettype <> 'trigger'::regtype"
        ).fetchall()
    assert rows == []
