"""What the tests of the public pages share: a public server over the sample town, which nobody signs in to."""

from typing import Any

import pytest

from tests.api.public.conftest import PublicTown, public_side_of_town, public_town
from tests.browser.conftest import Cookies, visit

__all__ = ["place", "public_side_of_town", "public_town", "session_cookies", "shelter", "site", "visit"]


@pytest.fixture(scope="module")
def site(public_town: PublicTown) -> str:
    """The address of the public server."""
    return str(public_town.http.base_url).rstrip("/") + "/"


@pytest.fixture(scope="module")
def session_cookies() -> Cookies:
    """Nobody signs in here."""
    return list


@pytest.fixture(scope="module")
def shelter(public_town: PublicTown) -> dict[str, Any]:
    """A shelter of the town, as the API has it."""
    feature: dict[str, Any] = public_town.get("/api/collections/shelters/items", limit="1").json()["features"][0]
    return feature


@pytest.fixture(scope="module")
def place(shelter: dict[str, Any]) -> str:
    """The query that links a place with an answer."""
    return here_of(shelter)


def here_of(feature: dict[str, Any]) -> str:
    """The query that links the place of a point."""
    lon, lat = feature["geometry"]["coordinates"]
    return f"?here={lat},{lon}"
