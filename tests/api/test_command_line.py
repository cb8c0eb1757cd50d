"""The `onomap` command as an operator and a script use it: exit codes, one sentence on stderr, JSON on stdout."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from rasterio.transform import Affine

from layers.store.instance import Store
from layers.store.parcel_search import an_interesting_parcel
from tests.layers.store import raster_samples as samples

Ran = subprocess.CompletedProcess[str]


def onomap(store: Store, *arguments: str) -> Ran:
    environment = {**os.environ, "DATABASE_URL": store.database.url}
    command = [sys.executable, "-m", "api.cli.run", *arguments, "--home", str(store.settings.home)]
    return subprocess.run(command, capture_output=True, text=True, env=environment, timeout=120, check=False)


def refused(ran: Ran) -> str:
    """The single sentence of a refusal with exit code 2 and nothing on stdout."""
    assert ran.returncode == 2, ran.stderr
    assert ran.stdout == ""
    assert len(ran.stderr.strip().splitlines()) == 1
    assert "Traceback" not in ran.stderr
    return ran.stderr.strip()


def test_load_prints_its_report_as_json_in_the_last_line(empty_store: Store, shared_data: Path) -> None:
    file = shared_data / "mojxml/14103-0200_extracted/14103-0200-31.zip"
    ran = onomap(empty_store, "load", "cadastral", str(file), "--json")
    assert ran.returncode == 0, ran.stderr
    report = json.loads(ran.stdout.splitlines()[-1])
    assert {"read", "loaded", "unplaced", "set_aside", "repaired", "rejected", "crs", "extent"} <= set(report)
    assert report["read"] == 29 == report["loaded"] + report["unplaced"] + report["set_aside"] + report["rejected"]
    assert len(report["extent"]) == 4


def test_bad_files_are_one_sentence_each_and_change_nothing(
    empty_store: Store, shared_data: Path, tmp_path: Path
) -> None:
    cut = tmp_path / "cut.zip"
    cut.write_bytes((shared_data / "mojxml/46505-3411-1.zip").read_bytes()[:3_000])
    assert "cut.zip" in refused(onomap(empty_store, "load", "cadastral", str(cut)))
    odd = tmp_path / "odd.csv"
    odd.write_bytes("名称,緯度,経度\n集会所".encode("cp932") + b"\x81\xff\xfe,37.2,140.6\n")
    assert "文字コード" in refused(onomap(empty_store, "load", "shelters", str(odd)))
    no_prj = shared_data / "ksj/P29-13_07/P29-13_07.shp"
    assert "--crs" in refused(onomap(empty_store, "load", "facilities", str(no_prj)))
    fude = shared_data / "fude/fude_tsukuba_1_asis_INVALID_JSON.json"
    assert "INVALID_JSON" in refused(onomap(empty_store, "load", "farmland", str(fude)))
    assert "ありません" in refused(onomap(empty_store, "load", "farmland", str(tmp_path / "nothing.zip")))
    assert "レイヤ" in refused(onomap(empty_store, "load", "no_such_layer", str(cut)))
    with empty_store.database.transaction() as connection:
        assert connection.execute("SELECT count(*) FROM onomap.loads").fetchone() == (0,)


def test_replace_and_add_together_are_refused(empty_store: Store, shared_data: Path) -> None:
    file = str(shared_data / "mojxml/46505-3411-1.zip")
    assert "--replace" in refused(onomap(empty_store, "load", "cadastral", file, "--replace", "--add"))


def test_an_old_datum_without_its_grid_names_the_grid(empty_store: Store, shared_data: Path) -> None:
    file = str(shared_data / "ksj/P29-13_07_075221.geojson")
    assert "TKY2JGD.par" in refused(onomap(empty_store, "load", "facilities", file, "--crs", "4301"))


def test_inquire_answers_in_json_and_writes_a_pdf(sample_store: Store, tmp_path: Path) -> None:
    key = an_interesting_parcel(sample_store)
    ran = onomap(sample_store, "inquire", key)
    assert ran.returncode == 0, ran.stderr
    answer = json.loads(ran.stdout)
    assert answer["parcels"][0]["key"] == key
    assert len(answer["findings"]) == 19
    target = tmp_path / "answer.pdf"
    assert onomap(sample_store, "inquire", key, "--format", "pdf", "-o", str(target)).returncode == 0
    assert target.read_bytes().startswith(b"%PDF-")


def test_inquire_reads_a_list_from_a_file(sample_store: Store, tmp_path: Path) -> None:
    key = an_interesting_parcel(sample_store)
    oaza, koaza, chiban = key.split("/")
    listing = tmp_path / "list.csv"
    listing.write_text(f"大字,字,地番\n{oaza},{koaza},{chiban}\n", encoding="cp932")
    ran = onomap(sample_store, "inquire", "--file", str(listing))
    assert json.loads(ran.stdout)["parcels"][0]["key"] == key


@pytest.mark.parametrize("asked", [["大字どこにもない字ない99999"], [], ["　"]])
def test_inquire_refuses_what_leads_nowhere_in_one_sentence(sample_store: Store, asked: list[str]) -> None:
    refused(onomap(sample_store, "inquire", *asked))


def test_layers_lists_every_layer_with_its_department(sample_store: Store) -> None:
    listing = json.loads(onomap(sample_store, "layers", "--json").stdout)
    assert len(listing["layers"]) == 22
    assert all(layer["department"] for layer in listing["layers"])
    assert {layer["id"] for layer in listing["layers"] if not layer["loaded"]} == {"flood_depth", "orthophoto"}


def test_doctor_says_what_is_wrong_without_failing_itself(sample_store: Store) -> None:
    ran = onomap(sample_store, "doctor")
    assert ran.returncode in (0, 1)
    assert "Traceback" not in ran.stderr
    assert "データベース" in ran.stdout


def test_a_raster_is_loaded_and_bad_ones_are_one_sentence_each(empty_store: Store, tmp_path: Path) -> None:
    good = samples.heights(tmp_path / "heights.tif")
    ran = onomap(empty_store, "load", "elevation", str(good), "--data-date", "2026-03-31", "--json")
    assert ran.returncode == 0, ran.stderr
    assert json.loads(ran.stdout.splitlines()[-1])["crs"] == "EPSG:6677"
    cut = tmp_path / "cut.tif"
    cut.write_bytes(good.read_bytes()[:400_000])
    assert "cut.tif" in refused(onomap(empty_store, "load", "elevation", str(cut)))
    nowhere = samples.heights(tmp_path / "nowhere.tif", transform=Affine.identity())
    assert "位置" in refused(onomap(empty_store, "load", "elevation", str(nowhere)))
    assert "8ビット" in refused(onomap(empty_store, "load", "orthophoto", str(good)))
