"""One small sample town for all tests of this folder."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import geopandas
import pytest

from layers.sample_town import SampleFile, generate

TODAY = date(2026, 11, 1)
PARCELS = 1500


@dataclass(frozen=True)
class Made:
    """The files of a generated town."""

    folder: Path
    files: tuple[SampleFile, ...]

    def path(self, layer: str) -> Path:
        """The first file of a layer."""
        return next(file.path for file in self.files if file.layer == layer)

    def frame(self, layer: str) -> geopandas.GeoDataFrame:
        """The first file of a layer as a table."""
        return geopandas.read_file(self.path(layer))

    def options(self, layer: str) -> Mapping[str, object]:
        """The load options of a layer's first file."""
        return next(file.options for file in self.files if file.layer == layer)


@pytest.fixture(scope="session")
def made(tmp_path_factory: pytest.TempPathFactory) -> Made:
    folder = tmp_path_factory.mktemp("sample_town")
    return Made(folder, tuple(generate(folder, parcels=PARCELS, today=TODAY)))


@pytest.fixture(scope="session")
def parcels(made: Made) -> geopandas.GeoDataFrame:
    return made.frame("cadastral")
