"""The whole sample town: which files there are, and that they come out the same twice."""

import hashlib
import zipfile
from datetime import timedelta
from pathlib import Path

import pytest

from gis.formats.reader import open_source
from layers.sample_town import generate
from layers.store.catalogue import load_catalogue
from tests.layers.sample_town.conftest import PARCELS, TODAY, Made


def digests(folder: Path) -> dict[str, str]:
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in sorted(folder.iterdir())}


def test_the_same_seed_gives_the_same_bytes(made: Made, tmp_path: Path) -> None:
    generate(tmp_path, parcels=PARCELS, today=TODAY)
    assert digests(tmp_path) == digests(made.folder)


def test_another_seed_gives_other_parcels(made: Made, tmp_path: Path) -> None:
    generate(tmp_path, seed=1, parcels=PARCELS, today=TODAY)
    other = digests(tmp_path)
    assert other["cadastral_sample.fgb"] != digests(made.folder)["cadastral_sample.fgb"]


def test_every_layer_of_the_catalogue_that_holds_data_of_the_town_gets_a_file(made: Made) -> None:
    without = {"flood_depth", "orthophoto"}
    assert {file.layer for file in made.files} == set(load_catalogue()) - without


def test_the_municipality_is_loaded_first(made: Made) -> None:
    assert made.files[0].layer == "municipality"


def test_only_the_street_lights_are_past_their_update_cycle(made: Made) -> None:
    catalogue = load_catalogue()
    stale = {
        file.layer
        for file in made.files
        if TODAY - file.data_date > timedelta(days=catalogue[file.layer].update_cycle_days)
    }
    assert stale == {"street_lights"}


def test_every_file_says_that_it_is_made_up(made: Made) -> None:
    assert "架空" in (made.folder / "README.txt").read_text(encoding="utf-8")
    unmarked = [path for path in made.folder.iterdir() if "sample" not in path.name and path.name != "README.txt"]
    assert len(unmarked) == 4  # map XML has names of its own; it says so inside
    for path in unmarked:
        with zipfile.ZipFile(path) as archive:
            assert "<地図名>見本" in archive.read(f"{path.stem}.xml").decode()


def test_every_file_reads_without_a_rejected_or_invalid_row(made: Made) -> None:
    for file in made.files:
        if file.path.suffix == ".tif":
            continue
        for table in open_source(file.path):
            assert table.rejected == []
            assert [shape for shape in table.geometry if shape is not None and not shape.is_valid] == []


def test_every_code_is_one_that_the_layer_knows(made: Made) -> None:
    catalogue = load_catalogue()
    checked = 0
    for file in made.files:
        if file.path.suffix == ".tif":
            continue
        for table in open_source(file.path):
            for field in catalogue[file.layer].fields:
                for name in {field.name, *field.sources} & set(table.columns):
                    if field.codes:
                        unknown = {str(value) for value in table.columns[name] if value is not None} - set(field.codes)
                        assert (file.layer, name, unknown) == (file.layer, name, set())
                        checked += 1
    assert checked >= 15


def test_progress_rises_from_nothing_to_all(tmp_path: Path) -> None:
    heard: list[float] = []
    generate(tmp_path, parcels=PARCELS, today=TODAY, progress=lambda _what, share: heard.append(share))
    assert heard == sorted(heard)
    assert (heard[0], heard[-1]) == (0.0, 1.0)


def test_fewer_parcels_than_the_town_can_be_drawn_with_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="at least 1400"):
        generate(tmp_path, parcels=100, today=TODAY)
