"""A client of the internal application over the sample town."""

import httpx
import pytest

from tests.signing import SIGNED


@pytest.fixture(scope="package")
def http(staff_url: str) -> httpx.Client:
    return httpx.Client(headers=SIGNED, base_url=staff_url, timeout=60)
