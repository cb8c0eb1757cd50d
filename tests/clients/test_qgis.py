"""QGIS itself, as Debian packages it, reads every layer of a running server and draws its vector tiles."""

import json
import os
import subprocess
from pathlib import Path
from typing import Any

import pytest

from layers.store.catalogue import load_catalogue
from layers.store.definitions import GeometryKind
from layers.store.instance import Store
from tests.signing import KEY, LOGIN

PYTHON = Path("/usr/bin/python3")
READER = Path(__file__).with_name("qgis_reader.py")
LAYERS = [layer.id for layer in load_catalogue().values() if layer.geometry is not GeometryKind.RASTER]
PATIENCE_S = 240


def has_qgis() -> bool:
    command = [str(PYTHON), "-c", "import qgis.core"]
    return PYTHON.is_file() and subprocess.run(command, capture_output=True, check=False, env={}).returncode == 0


@pytest.fixture(scope="module")
def report(staff_url: str, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What QGIS read, in one run of it."""
    if not has_qgis():
        pytest.skip(
            "QGIS is not installed for /usr/bin/python3 (Debian: apt-get install --no-install-recommends python3-qgis)"
        )
    home = tmp_path_factory.mktemp("qgis")
    environment = {
        "HOME": str(home), "XDG_RUNTIME_DIR": str(home), "QT_QPA_PLATFORM": "offscreen", "LANG": "C.UTF-8",
        "PATH": os.environ["PATH"],
    }  # fmt: skip
    command = [str(PYTHON), str(READER), staff_url.rstrip("/"), LOGIN, KEY, *LAYERS]
    done = subprocess.run(
        command, capture_output=True, text=True, check=False, env=environment, cwd=home, timeout=PATIENCE_S
    )
    assert done.returncode == 0, done.stderr[-2000:]
    answer: dict[str, Any] = json.loads(done.stdout.strip().splitlines()[-1])
    return answer


def count(store: Store, name: str) -> int:
    with store.database.transaction() as connection:
        row = connection.execute(f"SELECT count(*) FROM layers.{name}".encode()).fetchone()
    assert row is not None
    return int(row[0])


@pytest.mark.parametrize("name", LAYERS)
def test_qgis_reads_the_layer_its_fields_and_its_first_features(
    report: dict[str, Any], sample_store: Store, name: str
) -> None:
    layer, read = sample_store.layer(name), report["features"][name]
    rows = count(sample_store, name)

    assert read["valid"], read
    # the provider has no word for an estimate, so a whole layer must be counted
    assert read["count"] == rows
    assert len(read["first"]) == min(rows, 5)
    declared = {field.name for field in layer.fields}
    assert set(read["fields"]) <= declared | {"id", "fid"}
    for feature in read["first"]:
        if feature["corner"] is None:
            # a parcel of the 農振 list that has no shape
            assert name == "agricultural_zone"
            continue
        assert feature["kind"].removeprefix("Multi") == layer.geometry.value.removeprefix("Multi")
        west, south = feature["corner"]
        assert 140.4 < west < 140.8
        assert 37.1 < south < 37.5


@pytest.mark.parametrize("name", [name for name in LAYERS if name != "cadastral"])
def test_qgis_gets_every_feature_over_all_pages(report: dict[str, Any], sample_store: Store, name: str) -> None:
    assert report["all"][name] == count(sample_store, name)


def test_qgis_draws_the_parcels_from_vector_tiles(report: dict[str, Any]) -> None:
    assert report["tiles"]["valid"]
    assert report["tiles"]["errors"] == []
    assert report["tiles"]["painted"] > 512 * 512 // 2
