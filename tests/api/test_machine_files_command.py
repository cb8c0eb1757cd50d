"""`onomap fields export` and `import` as an operator uses them."""

import json
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from gis.formats import machine
from layers.store.instance import Store, connect
from layers.store.settings import load_settings
from tests.api.test_command_line import onomap, refused
from tests.gis.formats.machine.samples import BARE, PLAIN, same_ring, same_rings

CLAIMED = ("--keep", "--surveyed-on", "2026-07-02", "--accuracy", "0.03")


@pytest.fixture(scope="module")
def farm(
    make_database: Callable[..., str], migrated_template: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Store]:
    folder: Path = tmp_path_factory.mktemp("farm")
    store = connect(load_settings(folder), make_database(template=migrated_template))
    yield store
    store.close()


def kept_id(farm: Store, path: Path) -> str:
    ran = onomap(farm, "fields", "import", str(path), *CLAIMED)
    assert ran.returncode == 0, ran.stderr
    return ran.stdout.split("\t")[0]


def test_a_file_is_shown_then_kept_then_taken_out_again_the_same(farm: Store, tmp_path: Path) -> None:
    source = tmp_path / "fields.zip"
    source.write_bytes(machine.write("isoxml4", [PLAIN, BARE]).content)
    look = onomap(farm, "fields", "import", str(source))
    assert look.returncode == 0, look.stderr
    assert "内側の境界 2、枕地 あり、誘導線 2" in look.stdout
    dxf = refused(onomap(farm, "fields", "export", "-o", str(tmp_path / "x.dxf"), "--format", "dxf"))
    assert "使えるのは" in dxf
    assert "書き出せる圃場がありません" in refused(onomap(farm, "fields", "export", "-o", str(tmp_path / "no.kml")))
    field_id = kept_id(farm, source)
    target = tmp_path / "out.gpx"
    ran = onomap(farm, "fields", "export", field_id, "-o", str(target), "--headland", "3", "--width", "2")
    assert ran.returncode == 0, ran.stderr
    assert "JGD2011" in ran.stderr.replace("\n", "")
    (found,) = machine.read(target)
    assert same_ring(found.outer, PLAIN.outer)
    assert same_rings(found.inners, PLAIN.inners)
    assert found.headland is not None
    assert len(found.guidance) > 10
    everything = tmp_path / "all.zip"
    assert onomap(farm, "fields", "export", "-o", str(everything), "--format", "shp").returncode == 0
    assert {item.name for item in machine.read(everything)} == {PLAIN.name, BARE.name}


def test_a_folder_from_a_usb_stick_and_a_shp_with_its_companions_are_taken_whole(
    farm: Store, shared_data: Path, tmp_path: Path
) -> None:
    ran = onomap(farm, "fields", "import", str(shared_data / "isoxml/v4/cnh_export"), "--json")
    assert ran.returncode == 0, ran.stderr
    assert json.loads(ran.stdout)["fields"][0]["guidance_lines"] == 7
    archive = tmp_path / "a.zip"
    archive.write_bytes(machine.write("shp", [PLAIN]).content)
    shutil.unpack_archive(archive, tmp_path / "shp")
    ran = onomap(farm, "fields", "import", str(tmp_path / "shp" / "fields.shp"))
    assert ran.returncode == 0, ran.stderr
    assert PLAIN.name in ran.stdout


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["import", "FILE", "--keep"], "--surveyed-on"),
        (["export", "F-nowhere", "-o", "OUT.kml"], "その圃場はありません"),
        (["import", "FILE", "--number", "9", *CLAIMED], "1から1の番号"),
    ],
)
def test_bad_input_is_one_sentence_and_no_file(farm: Store, tmp_path: Path, arguments: list[str], said: str) -> None:
    source = tmp_path / "b.zip"
    source.write_bytes(machine.write("isoxml3", [BARE]).content)
    named = [str(source) if part == "FILE" else part.replace("OUT", str(tmp_path / "OUT")) for part in arguments]
    assert said in refused(onomap(farm, "fields", *named))
    assert [path.name for path in tmp_path.iterdir()] == ["b.zip"]
