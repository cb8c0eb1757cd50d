"""`onomap audit`, `onomap ledgers` and `onomap rights` as an administrator runs them."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import psycopg
import pytest

from layers.store.cluster import Cluster
from layers.store.doctor import diagnose
from tests.conftest import REPOSITORY

Run = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture
def url(make_database: Callable[..., str], migrated_template: str) -> str:
    """A database of the test's own."""
    return make_database(template=migrated_template)


@pytest.fixture
def onomap(url: str, tmp_path: Path) -> Run:
    """Runs a command over that database."""

    def run(*arguments: str) -> "subprocess.CompletedProcess[str]":
        command = [sys.executable, "-m", "api.cli.run", *arguments, "--home", str(tmp_path / "home")]
        environment = {**os.environ, "DATABASE_URL": url}
        return subprocess.run(command, cwd=REPOSITORY, env=environment, capture_output=True, text=True, check=False)

    return run


def test_a_ledger_is_loaded_the_log_verifies_and_a_change_by_hand_is_told(
    onomap: Run, url: str, tmp_path: Path
) -> None:
    file = tmp_path / "owners.csv"
    file.write_text("地番キー,所有者\n小野新町//1,架空 太郎\n,住所不明\n", encoding="utf-8")
    loaded = onomap("ledgers", "load", "land_owners", str(file))
    assert loaded.returncode == 0, loaded.stderr
    assert "取り込み 1" in loaded.stderr
    assert "不採用 1" in loaded.stderr
    head = tmp_path / "head.txt"
    head.write_text(onomap("audit", "head").stdout, encoding="utf-8")
    verified = onomap("audit", "verify", "--head", str(head))
    assert verified.returncode == 0, verified.stdout + verified.stderr
    assert verified.stdout.startswith("○")
    with psycopg.connect(url) as connection:
        connection.execute("ALTER TABLE audit.log DISABLE TRIGGER USER")
        connection.execute("UPDATE audit.log SET name = '別人' WHERE action = 'ledger.load'")
        connection.execute("ALTER TABLE audit.log ENABLE TRIGGER USER")
    broken = onomap("audit", "verify")
    assert broken.returncode == 1
    assert "書き換えられて" in broken.stdout


def test_who_has_seen_is_answered_and_itself_logged(onomap: Run, url: str) -> None:
    onomap("audit", "head")
    with psycopg.connect(url) as connection:
        connection.execute(
            "SELECT audit.write('ledger.read', 'yamada', '山田', '税務課', '{}', 'x', 'land_owners', "
            "ARRAY['小野新町//1'], '{owner_name}', 'tax', NULL, 1)"
        )
    told = onomap("audit", "seen", "小野新町//1", "--json")
    assert [one["account"] for one in json.loads(told.stdout)] == ["yamada"]
    with psycopg.connect(url) as connection:
        logged = connection.execute("SELECT rows FROM audit.log ORDER BY seq DESC LIMIT 1").fetchone()
    assert logged == (["小野新町//1"],)
    assert onomap("audit", "cut").stdout.startswith("0 件")


def test_bad_input_is_one_sentence_and_exit_2(onomap: Run, tmp_path: Path) -> None:
    bad = tmp_path / "head.txt"
    bad.write_text("nonsense\n", encoding="utf-8")
    for arguments in (
        ("audit", "verify", "--head", str(bad)),
        ("audit", "verify", "--head", str(tmp_path / "absent")),
        ("ledgers", "load", "cadastral", str(bad)),
        ("ledgers", "load", "land_owners", str(tmp_path / "absent")),
    ):
        ran = onomap(*arguments)
        assert ran.returncode == 2
        assert len(ran.stderr.strip().splitlines()) == 1, ran.stderr


def test_the_keepers_sql_names_the_owner_and_mends_what_doctor_finds(
    onomap: Run, url: str, tmp_path: Path, test_cluster: Cluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    script = onomap("rights", "keeper").stdout
    assert 'TO "onomap"' in script
    superuser = test_cluster.superuser_url(url.rsplit("/", 1)[1])
    with psycopg.connect(superuser, autocommit=True) as connection:
        connection.execute("DROP SCHEMA onomap_roles CASCADE")
    monkeypatch.setenv("DATABASE_URL", url)
    told = {check.name: check for check in diagnose(tmp_path / "home", ())}
    assert not told["職務の権限"].ok
    assert "onomap rights keeper" in str(told["職務の権限"].remedy)
    assert onomap("layers").returncode == 2
    with psycopg.connect(superuser, autocommit=True) as connection:
        connection.execute(script.encode())
    assert {check.name: check.ok for check in diagnose(tmp_path / "home", ())}["職務の権限"]
    assert onomap("layers").returncode == 0
