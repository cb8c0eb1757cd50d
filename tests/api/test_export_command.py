"""`onomap export` as an operator uses it."""

from pathlib import Path

import pyogrio
import pytest

from layers.store.instance import Store
from tests.api.test_command_line import onomap, refused


def test_a_layer_is_written_by_the_suffix_of_the_file(sample_store: Store, tmp_path: Path) -> None:
    path = tmp_path / "洪水.gpkg"
    ran = onomap(sample_store, "export", "flood", "-o", str(path))
    assert ran.returncode == 0, ran.stderr
    assert ran.stdout == ""
    assert "22 行" in ran.stderr.replace("\n", "")
    assert pyogrio.read_info(path)["features"] == 22


def test_format_crs_and_moment_can_be_said(sample_store: Store, tmp_path: Path) -> None:
    path = tmp_path / "flood.txt"
    ran = onomap(sample_store, "export", "flood", "-o", str(path), "--format", "csv-labels", "--crs", "EPSG:6668")
    assert ran.returncode == 0, ran.stderr
    assert "浸水深ランク（表示名）" in path.read_text(encoding="utf-8-sig").splitlines()[0]
    long_ago = tmp_path / "before.geojsonl"
    assert onomap(sample_store, "export", "flood", "-o", str(long_ago), "--as-of", "2001-01-01").returncode == 0
    assert long_ago.read_bytes() == b""


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["nowhere", "-o", "a.gpkg"], "nowhere"),
        (["flood", "-o", "a.exe"], "--format"),
        (["flood", "-o", "a.gpkg", "--crs", "4301"], "JGD2011"),
        (["flood", "-o", "no/such/folder/a.csv"], "書き出せません"),
    ],
)
def test_bad_input_is_one_sentence_and_no_file(
    sample_store: Store, arguments: list[str], said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    arguments = [str(tmp_path / part) if "." in part else part for part in arguments]
    assert said in refused(onomap(sample_store, "export", *arguments))
    assert list(tmp_path.iterdir()) == []
