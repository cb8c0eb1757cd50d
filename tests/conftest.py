"""What every test may ask for."""

import os
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of real files that are never committed; tests that need them are skipped where it is absent."""
    folder = Path(os.environ.get("ONOMAP_SHARED", REPOSITORY.parent / "shared")) / "data"
    if not folder.is_dir():
        pytest.skip(f"the real files are not here: {folder} (set ONOMAP_SHARED to their folder)")
    return folder
