"""The public process is told of its own database and folder, and of nothing inside; what it is not told it does not guess."""

import subprocess
import sys
from pathlib import Path

import pytest

from api.hosts import is_for_one_of, names_in_bytes
from api.public.settings import PublicSettings, load_public_settings
from api.serve import free_port, public_environment
from layers.store.settings import SettingsError
from tests.conftest import REPOSITORY


def start(**environment: str) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, "-P", "-m", "api.serving", "public", "--port", str(free_port())]
    path = {"PATH": "/usr/bin:/bin", "PYTHONPATH": str(REPOSITORY)}
    return subprocess.run(
        command, check=False, cwd=REPOSITORY, env=path | environment, capture_output=True, text=True, timeout=60
    )


def test_no_setting_of_the_internal_side_reaches_the_public_process(monkeypatch: pytest.MonkeyPatch) -> None:
    inside = {
        "DATABASE_URL",
        "PGPASSFILE",
        "ONOMAP_HOME",
        "ONOMAP_TKY2JGD",
        "ONOMAP_PUBLIC_DATABASE_URL",
        "ONOMAP_DATABASE_URL",
    }
    for name in inside:
        monkeypatch.setenv(name, "postgresql://owner:secret@127.0.0.1/onomap")
    monkeypatch.setenv("ONOMAP_PUBLIC_READ_RATE", "5/minute")
    told = public_environment("postgresql://web@127.0.0.1/onomap_public", Path("public"))

    assert inside & told.keys() == set()
    assert not any("secret" in value for value in told.values())
    assert told["ONOMAP_PUBLIC_READ_RATE"] == "5/minute"
    assert told["ONOMAP_PUBLIC_WEB_DATABASE_URL"] == "postgresql://web@127.0.0.1/onomap_public"


def test_without_its_database_it_refuses_to_start_in_one_sentence() -> None:
    done = start(DATABASE_URL="postgresql://owner@127.0.0.1:1/onomap")

    assert done.returncode == 2
    assert "ONOMAP_PUBLIC_WEB_DATABASE_URL" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("name", "value"),
    [("READ_RATE", "often"), ("TRUSTED_PROXIES", '["everybody"]'), ("CONNECTIONS", "0"), ("STATEMENT_S", "-1")],
)
def test_a_setting_that_cannot_be_meant_is_refused(monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    monkeypatch.setenv(f"ONOMAP_PUBLIC_{name}", value)

    with pytest.raises(SettingsError, match="ONOMAP_PUBLIC"):
        load_public_settings()


def test_an_empty_list_of_names_answers_to_nobody() -> None:
    settings = PublicSettings(hosts=())

    assert not is_for_one_of(names_in_bytes(settings.hosts), [(b"host", b"127.0.0.1")])
