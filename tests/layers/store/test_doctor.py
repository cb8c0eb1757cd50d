"""The doctor names what is wrong and what to do, and never falls ill itself."""

import http.server
import socket
import tempfile
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from layers.store import doctor
from layers.store.catalogue import load_catalogue
from layers.store.cluster import Cluster
from layers.store.doctor import Check, diagnose
from layers.store.migrate import migrate


@pytest.fixture(autouse=True)
def _no_database_url(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DATABASE_URL", raising=False)


@pytest.fixture
def home() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="onomap-test-", ignore_cleanup_errors=True) as folder:
        Path(folder).chmod(0o711)
        yield Path(folder)


def _check(checks: list[Check], name: str) -> Check:
    return next(check for check in checks if check.name == name)


def _look(home: Path) -> list[Check]:
    return diagnose(home, services=())


def test_a_home_that_does_not_exist_yet_is_told_how_to_start_and_stays_absent(tmp_path: Path) -> None:
    check = _check(_look(tmp_path / "new"), "データベース")

    assert not check.ok
    assert check.remedy == "scripts/start を実行してください。"
    assert not (tmp_path / "new").exists()


def test_every_failed_check_says_what_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor, "REPOSITORY", tmp_path)
    monkeypatch.setattr(doctor, "FONT_FOLDERS", (tmp_path / "fonts",))
    monkeypatch.setattr(doctor, "SCARCE_BYTES", 2**62)
    failed = [check for check in _look(tmp_path) if not check.ok]

    assert {check.name for check in failed} == {"データベース", "字体", "地図画面", "ディスク"}
    assert all(check.remedy for check in failed)


def test_a_stopped_cluster_is_not_started_by_looking_at_it(home: Path) -> None:
    cluster = Cluster(home, durable=False)
    try:
        cluster.start()
        cluster.stop()

        assert "止まっています" in _check(_look(home), "データベース").message
        assert not cluster.is_running()
    finally:
        cluster.remove()


def test_a_running_but_empty_database_is_said_to_need_its_tables(
    make_database: Callable[..., str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_URL", make_database())
    check = _check(_look(tmp_path), "データベースの形")

    assert not check.ok
    assert "なし" in check.message


def test_layers_without_data_are_named_and_so_is_what_that_means_for_answers(
    make_database: Callable[..., str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = make_database()
    catalogue = load_catalogue()
    migrate(url, catalogue, 6677)
    monkeypatch.setenv("DATABASE_URL", url)
    checks = _look(tmp_path)

    assert _check(checks, "データベースの形").ok
    assert catalogue["cadastral"].title in _check(checks, "読み込み").message
    assert "データなし" in (_check(checks, "読み込み").remedy or "")


def test_an_unreachable_database_url_is_one_failed_check(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://nobody@127.0.0.1:1/none")
    check = _check(_look(tmp_path), "データベース")

    assert not check.ok
    assert "DATABASE_URL" in check.message


def test_a_broken_setting_and_a_broken_layer_are_named(tmp_path: Path) -> None:
    layer = tmp_path / "layers" / "mine"
    layer.mkdir(parents=True)
    (layer / "layer.toml").write_text("title = ", encoding="utf-8")
    assert not _check(_look(tmp_path), "レイヤ定義").ok

    (tmp_path / "onomap.toml").write_text("[municipality]\nplane_zone = 20\n", encoding="utf-8")
    assert "municipality.plane_zone" in _check(_look(tmp_path), "設定").message


def test_a_missing_grid_is_a_limit_but_a_wrong_path_is_a_mistake(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    absent = [check for check in _look(tmp_path) if check.name == "座標変換"]
    monkeypatch.setenv("ONOMAP_PATCHJGD", "nowhere.par")
    wrong = [check for check in _look(tmp_path) if check.name == "座標変換"]

    assert [check.ok for check in absent] == [True, True]
    assert all(check.remedy for check in absent)
    assert [check.ok for check in wrong] == [True, False]
    assert str(tmp_path / "nowhere.par") in (wrong[1].remedy or "")


def test_a_damaged_cluster_record_does_not_stop_the_other_checks(tmp_path: Path) -> None:
    (tmp_path / "cluster.json").write_text("{", encoding="utf-8")
    checks = _look(tmp_path)

    assert not _check(checks, "PostgreSQL").ok
    assert _check(checks, "ディスク")


def test_a_port_taken_by_a_stranger_is_told_from_one_that_answers_as_ours(tmp_path: Path) -> None:
    class Healthy(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200 if self.path == "/healthz" else 404)
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name is the base class's
            """Stays quiet."""

    with (
        http.server.HTTPServer(("127.0.0.1", 0), Healthy) as ours,
        socket.create_server(("127.0.0.1", 0)) as stranger,
    ):
        threading.Thread(target=ours.serve_forever, daemon=True).start()
        checks = diagnose(tmp_path, (("ours", ours.server_port), ("stranger", stranger.getsockname()[1])))
        ours.shutdown()

    assert _check(checks, "ours").ok
    assert not _check(checks, "stranger").ok
    assert "--port" in (_check(checks, "stranger").remedy or "")
