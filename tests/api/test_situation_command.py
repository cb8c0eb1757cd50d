"""`onomap situation` as an operator uses it: the situation on a stick from one side of a gap to the other."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from layers.publication.importing import PublicSide
from layers.publication.keys import public_half, signing_key
from layers.situation.desk import SituationDesk
from layers.situation.wanted import PhaseWanted
from layers.store.cluster import Cluster
from layers.store.instance import Store
from tests.conftest import REPOSITORY
from tests.layers.publication.publication_samples import make_public_side
from tests.layers.situation.conftest import ON_DUTY

DATABASE = "public_situation_command"


@pytest.fixture
def side(test_cluster: Cluster, empty_store: Store, tmp_path: Path) -> Iterator[PublicSide]:
    """A public side on "another machine": a home of its own that was given the key."""
    made = make_public_side(test_cluster, tmp_path / "outside", DATABASE, empty_store.settings.home)
    key = public_half(signing_key(empty_store.settings.home / "publication"))
    (made.folder / "trusted.pub").write_text(key.pem(), encoding="utf-8")
    yield made
    test_cluster.drop_database(DATABASE)


def onomap(home: Path, *arguments: str, **environment: str) -> "subprocess.CompletedProcess[str]":
    clean = {name: value for name, value in os.environ.items() if name not in {"DATABASE_URL", "ONOMAP_HOME"}}
    return subprocess.run(
        [sys.executable, "-m", "api.cli.run", "situation", *arguments, "--home", str(home)],
        cwd=REPOSITORY,
        env={**clean, **environment, "COLUMNS": "200"},
        capture_output=True,
        text=True,
        check=False,
    )


def test_a_stick_carries_the_situation_across_a_gap_and_an_old_stick_is_refused(
    empty_store: Store, side: PublicSide, tmp_path: Path
) -> None:
    inside = {"DATABASE_URL": empty_store.database.url}
    outside = {
        "ONOMAP_PUBLIC_DATABASE_URL": side.database.owner_url,
        "ONOMAP_PUBLIC_WEB_DATABASE_URL": side.database.web_url,
    }
    home, away = empty_store.settings.home, side.folder.parent
    first, second = tmp_path / "first.json", tmp_path / "second.json"
    desk = SituationDesk(empty_store, ON_DUTY)

    nothing = onomap(home, "export", str(first), **inside)
    desk.set_phase(PhaseWanted(seen=0, phase="alert"))  # type: ignore[arg-type]
    assert onomap(home, "export", str(first), **inside).returncode == 0
    desk.set_phase(PhaseWanted(seen=1, phase="disaster", headline="大雨"))  # type: ignore[arg-type]
    told = onomap(home, "export", str(second), **inside)
    taken = onomap(away, "import", str(second), **outside)
    old = onomap(away, "import", str(first), **outside)
    forged = tmp_path / "forged.json"
    forged.write_text(second.read_text(encoding="utf-8").replace("大雨", "晴れ"), encoding="utf-8")
    wrong = onomap(away, "import", str(forged), **outside)
    shown = onomap(away, "show", **outside)
    raised = onomap(home, "export", str(first), "--above", "40", **inside)

    assert (nothing.returncode, "まだ何も切り替えていない" in nothing.stderr) == (2, True)
    assert told.returncode == 0, told.stderr
    assert "onomap situation import second.json" in told.stdout
    assert (taken.returncode, taken.stdout) == (0, "災害時の状態 2 番を公開しました。\n"), taken.stderr
    assert (old.returncode, "新しくありません" in old.stderr) == (2, True)
    assert (wrong.returncode, "署名が合いません" in wrong.stderr) == (2, True)
    assert "公開側: 2 番 disaster 大雨" in shown.stdout
    assert "41 番" in raised.stdout
    assert onomap(home, "show", **inside).stdout.startswith("庁内: 41 番 disaster 大雨")


def test_a_file_that_is_none_or_too_large_is_refused_in_a_sentence(side: PublicSide, tmp_path: Path) -> None:
    outside = {
        "ONOMAP_PUBLIC_DATABASE_URL": side.database.owner_url,
        "ONOMAP_PUBLIC_WEB_DATABASE_URL": side.database.web_url,
    }
    large = tmp_path / "large.json"
    large.write_text("x" * 2_000_000, encoding="utf-8")

    for path in (tmp_path / "none.json", large):
        done = onomap(side.folder.parent, "import", str(path), **outside)
        assert done.returncode == 2
        assert done.stderr.count("\n") == 1
        assert "Traceback" not in done.stderr
