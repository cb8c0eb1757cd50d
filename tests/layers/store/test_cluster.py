"""The private cluster: made once, found again, stopped cleanly, and mended after a crash."""

import json
import os
import signal
import socket
import stat
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest

from layers.store import server_files
from layers.store.cluster import (
    Cluster,
    ClusterAddress,
    ClusterError,
    checked_external,
    database_in_use,
    ensure,
)
from layers.store.postgres import find_installation, server_user, version_numbers
from layers.store.server_configuration import PORTS, server_configuration


@pytest.fixture
def home() -> Iterator[Path]:
    """A home that the server's user can enter; pytest's own temporary folders are closed to it."""
    with tempfile.TemporaryDirectory(prefix="onomap-test-", ignore_cleanup_errors=True) as folder:
        Path(folder).chmod(0o711)
        yield Path(folder)


@pytest.fixture
def cluster(home: Path) -> Iterator[Cluster]:
    cluster = Cluster(home, durable=False)
    yield cluster
    cluster.remove()


def _ask(url: str, query: str) -> object:
    with psycopg.connect(url) as connection:
        row = connection.execute(query).fetchone()
    assert row is not None
    return row[0]


def _server_pid(cluster: Cluster) -> int:
    assert cluster.record is not None
    return int(Path(cluster.record.folder, "data", "postmaster.pid").read_text(encoding="utf-8").split("\n", 1)[0])


def test_a_first_start_gives_an_empty_database_with_postgis_and_utf8(cluster: Cluster) -> None:
    address = cluster.start()

    assert address.started
    assert address.port in PORTS
    assert version_numbers(str(_ask(address.url, "SELECT postgis_lib_version()"))) >= (3, 3)
    assert _ask(address.url, "SHOW server_encoding") == "UTF8"
    assert _ask(address.url, "SHOW data_checksums") == "on"
    assert _ask(address.url, "SELECT count(*) FROM pg_tables WHERE tableowner = 'onomap'") == 0


def test_the_application_is_no_superuser_and_owns_its_database(cluster: Cluster) -> None:
    url = cluster.start().url

    assert _ask(url, "SELECT current_user") == "onomap"
    assert _ask(url, "SELECT rolsuper OR rolcreaterole OR rolcreatedb FROM pg_roles WHERE rolname = 'onomap'") is False
    with psycopg.connect(url) as connection:
        connection.execute("CREATE TABLE public.t (geom geometry(Point, 6677))")
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.execute("COPY public.t FROM PROGRAM 'true'")


def test_a_second_start_reuses_the_running_server_and_a_third_brings_the_data_back(cluster: Cluster) -> None:
    first = cluster.start()
    with psycopg.connect(first.url) as connection:
        connection.execute("CREATE TABLE kept AS SELECT 42 AS answer")
    second = Cluster(cluster.home, durable=False).start()
    cluster.stop()
    assert not cluster.is_running()
    third = cluster.start()

    assert second == ClusterAddress(first.url, first.port, started=False)
    assert third == first
    assert _ask(third.url, "SELECT answer FROM kept") == 42


def test_passwords_are_in_one_file_that_nobody_else_may_read_and_are_needed(cluster: Cluster) -> None:
    address = cluster.start()

    assert stat.S_IMODE((cluster.home / "pgpass").stat().st_mode) == 0o600
    assert "pgpass" not in (cluster.home / "cluster.json").read_text(encoding="utf-8")
    assert _ask(f"host=127.0.0.1 port={address.port} user=onomap passfile={cluster.home / 'pgpass'}", "SELECT 1") == 1
    with pytest.raises(psycopg.OperationalError, match="password"):
        psycopg.connect(f"host=127.0.0.1 port={address.port} user=postgres password=wrong dbname=onomap")
    assert not list((cluster.home / "pg").glob("password*"))


def test_the_server_listens_on_the_loopback_only(cluster: Cluster) -> None:
    cluster.start()

    assert _ask(cluster.superuser_url(), "SHOW listen_addresses") == "127.0.0.1"
    assert _ask(cluster.superuser_url(), "SHOW unix_socket_directories") == ""


@pytest.mark.skipif(os.geteuid() != 0, reason="only root has to hand the server to another user")
def test_the_server_of_root_runs_as_another_user(cluster: Cluster) -> None:
    cluster.start()

    assert Path(f"/proc/{_server_pid(cluster)}").stat().st_uid == server_user().uid != 0


@pytest.mark.skipif(os.geteuid() != 0, reason="only root has to hand the server to another user")
def test_a_home_that_the_server_cannot_enter_gets_its_data_elsewhere_and_says_so(
    home: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(server_files, "FALLBACK_ROOT", home / "elsewhere")
    closed = home / "closed"
    closed.mkdir(mode=0o700)
    cluster = Cluster(closed / "home", durable=False)
    try:
        address = cluster.start()
        said = capfd.readouterr().err
        record = json.loads((closed / "home" / "cluster.json").read_text(encoding="utf-8"))

        assert Path(record["folder"]).parent == home / "elsewhere"
        assert record["folder"] in said
        assert len(said.splitlines()) == 1
        assert Cluster(closed / "home").start() == ClusterAddress(address.url, address.port, started=False)
    finally:
        cluster.remove()


def test_a_server_that_was_killed_is_started_again_with_what_was_committed(home: Path) -> None:
    cluster = Cluster(home)
    address = cluster.start()
    with psycopg.connect(address.url) as connection:
        connection.execute("CREATE TABLE kept AS SELECT 42 AS answer")
    os.kill(_server_pid(cluster), signal.SIGKILL)

    try:
        again = cluster.start()

        assert again.started
        assert _ask(again.url, "SELECT answer FROM kept") == 42
    finally:
        cluster.remove()


def test_a_process_number_left_by_a_power_cut_and_since_reused_is_not_taken_for_the_server(cluster: Cluster) -> None:
    cluster.start()
    cluster.stop()
    assert cluster.record is not None
    data = Path(cluster.record.folder) / "data"
    (data / "postmaster.pid").write_text(f"{os.getpid()}\n{data}\n1\n", encoding="utf-8")

    assert not cluster.is_running()
    assert cluster.start().started


def test_an_interrupted_first_start_is_finished_by_the_next(cluster: Cluster) -> None:
    cluster.start()
    cluster.stop()
    assert cluster.record is not None
    data = Path(cluster.record.folder) / "data"
    data.rename(data.with_name("data.new"))

    assert _ask(cluster.start().url, "SELECT 1") == 1


def test_an_interrupted_initdb_is_swept_away_by_the_next_start(cluster: Cluster) -> None:
    unfinished = cluster.home / "pg" / "data.new"
    unfinished.mkdir(parents=True)
    (unfinished / "half").write_text("", encoding="utf-8")

    assert _ask(cluster.start().url, "SELECT 1") == 1
    assert cluster.record is not None
    assert not Path(cluster.record.folder, "data", "half").exists()


def test_a_port_that_somebody_else_took_is_given_up_for_another(cluster: Cluster) -> None:
    first = cluster.start()
    cluster.stop()
    with socket.create_server(("127.0.0.1", first.port)):
        second = cluster.start()

    assert second.port != first.port
    assert _ask(second.url, "SELECT 1") == 1


def test_two_starts_at_once_make_one_cluster(home: Path) -> None:
    program = (
        "import sys; from pathlib import Path; from layers.store.cluster import Cluster;"
        "print(Cluster(Path(sys.argv[1]), durable=False).start().started)"
    )
    starts = [
        subprocess.Popen([sys.executable, "-c", program, str(home)], stdout=subprocess.PIPE, text=True)
        for _ in range(2)
    ]
    try:
        said = sorted(start.communicate(timeout=90)[0].strip() for start in starts)
        assert said == ["False", "True"]
    finally:
        Cluster(home).remove()


def test_the_last_user_to_leave_stops_the_server(cluster: Cluster) -> None:
    first_may_leave, second_came = threading.Event(), threading.Event()

    def short_visit() -> None:
        with Cluster(cluster.home, durable=False).in_use():
            second_came.wait(30)
        first_may_leave.set()

    visitor = threading.Thread(target=short_visit)
    visitor.start()
    with cluster.in_use() as address:
        second_came.set()
        assert first_may_leave.wait(30)
        assert _ask(address.url, "SELECT 1") == 1
    visitor.join(30)

    assert not cluster.is_running()


def test_a_user_that_was_killed_does_not_keep_the_server_running_for_ever(cluster: Cluster) -> None:
    program = (
        "import sys, time; from pathlib import Path; from layers.store.cluster import Cluster\n"
        "with Cluster(Path(sys.argv[1]), durable=False).in_use(): print('in', flush=True); time.sleep(60)"
    )
    with subprocess.Popen(
        [sys.executable, "-c", program, str(cluster.home)], stdout=subprocess.PIPE, text=True
    ) as killed:
        assert killed.stdout is not None
        assert killed.stdout.readline() == "in\n"
        killed.kill()
    assert cluster.is_running()
    with cluster.in_use() as address:
        assert not address.started

    assert not cluster.is_running()


def test_data_without_its_record_is_neither_used_nor_overwritten(cluster: Cluster) -> None:
    cluster.start()
    cluster.stop()
    record = (cluster.home / "cluster.json").read_text(encoding="utf-8")
    (cluster.home / "cluster.json").unlink()

    with pytest.raises(ClusterError, match=r"cluster\.json がありません"):
        cluster.start()
    (cluster.home / "cluster.json").write_text(record, encoding="utf-8")
    assert cluster.start().started


def test_a_damaged_record_is_named(home: Path) -> None:
    (home / "cluster.json").write_text("{", encoding="utf-8")

    with pytest.raises(ClusterError, match=r"cluster\.json が壊れています"):
        Cluster(home).start()


def test_a_home_under_a_file_is_refused_in_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")

    with pytest.raises(ClusterError, match="を作れません"):
        Cluster(tmp_path / "file" / "home").start()


def test_a_home_whose_files_cannot_be_written_is_refused_in_a_sentence(home: Path) -> None:
    (home / "cluster.lock").mkdir()

    with pytest.raises(ClusterError, match=r"用意できません（.+）。空き容量と権限を確認してください。$"):
        Cluster(home).start()


def test_a_version_that_is_not_installed_is_named_with_its_package() -> None:
    with pytest.raises(ClusterError, match="apt-get install postgresql-9 postgresql-9-postgis-3"):
        find_installation(major=9)


def test_a_given_database_is_used_and_no_cluster_is_made(
    home: Path, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_URL", database_url.replace("postgresql://", "postgresql+psycopg://"))

    assert ensure(home).url == database_url
    with database_in_use(home) as address:
        assert not address.started
    assert list(home.iterdir()) == []


def test_a_given_database_without_postgis_is_refused_with_what_it_needs(
    test_cluster: Cluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("layers.store.address.MINIMUM_POSTGIS", (99,))

    with pytest.raises(ClusterError, match=r"PostGIS 3\.3 以上が必要です"):
        checked_external(test_cluster.url())


def test_a_given_database_that_does_not_answer_is_refused_in_one_sentence() -> None:
    with pytest.raises(ClusterError, match=r"^DATABASE_URL のデータベースに接続できません（.*）。$"):
        checked_external("postgresql://nobody:secret@127.0.0.1:1/none")


def test_a_made_database_is_empty_and_apart_from_the_others(make_database: Callable[..., str]) -> None:
    first, second = make_database(), make_database()
    with psycopg.connect(first) as connection:
        connection.execute("CREATE TABLE mine (id int)")

    assert _ask(second, "SELECT to_regclass('mine') IS NULL") is True
    assert _ask(second, "SELECT count(*) > 0 FROM pg_extension WHERE extname = 'postgis'") is True


def test_a_durable_server_gives_up_no_safety() -> None:
    text = server_configuration(15432, durable=True)

    assert "fsync = on" in text
    assert "synchronous_commit = on" in text
    assert "full_page_writes = on" in text


def test_a_stopped_cluster_starts_again_within_ten_seconds(cluster: Cluster) -> None:
    cluster.start()
    cluster.stop()
    began = time.monotonic()
    cluster.start()

    assert time.monotonic() - began < 10
