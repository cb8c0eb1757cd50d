"""`onomap base-stations geonet` as an operator uses it: a list in CP932 in, and a file that is none refused in a sentence."""

import os
import subprocess
import sys
from pathlib import Path

from layers.store.instance import Store
from tests.conftest import REPOSITORY

LIST = "950205,EL05540759203,滝根,福島県,田村市,滝根中学校\r\n000842,EL05238314901,岡部Ａ,静岡県,藤枝市,新舟会館\r\nx,y,z\r\n"


def geonet(store: Store, *arguments: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [
            sys.executable,
            "-m",
            "api.cli.run",
            "base-stations",
            "geonet",
            *arguments,
            "--home",
            str(store.settings.home),
        ],
        cwd=REPOSITORY,
        env={**os.environ, "DATABASE_URL": store.database.url, "COLUMNS": "200"},
        capture_output=True,
        text=True,
        check=False,
    )


def test_near_stations_are_taken_and_the_others_and_the_bad_rows_are_told(empty_store: Store, tmp_path: Path) -> None:
    file = tmp_path / "geonet.csv"
    file.write_bytes(LIST.encode("cp932"))
    near, all_of_them = geonet(empty_store, str(file)), geonet(empty_store, str(file), "--within-km", "600")

    assert near.returncode == 0, near.stderr
    assert "電子基準点 1 点" in near.stdout
    assert "±0.6 km" in near.stdout
    assert "読み飛ばし: 3 行目" in near.stdout
    assert "電子基準点 2 点" in all_of_them.stdout
    with empty_store.database.transaction() as connection:
        rows = connection.execute("SELECT name FROM layers.base_stations ORDER BY name").fetchall()
    assert rows == [("岡部Ａ",), ("滝根",)]


def test_a_file_that_is_none_or_is_not_there_is_a_sentence_and_exit_2(empty_store: Store, tmp_path: Path) -> None:
    file = tmp_path / "geonet.csv"
    file.write_text("a,b\n", encoding="utf-8")
    refused = [geonet(empty_store, str(file)), geonet(empty_store, str(tmp_path / "nowhere.csv"))]

    assert [one.returncode for one in refused] == [2, 2]
    assert all(len(one.stderr.strip().splitlines()) == 1 for one in refused)
