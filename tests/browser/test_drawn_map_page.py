"""The public page in a browser without WebGL: the map of pictures, by mouse, by keyboard and for those who cannot see it."""

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import DESKTOP, Visit
from tests.browser.public_site import here_of, public_side_of_town, public_town, session_cookies, shelter, site, visit
from tests.browser.test_public_page_for_all import SMALL, fits
from tests.browser.test_reading_by_all import violations

__all__ = ["public_side_of_town", "public_town", "session_cookies", "shelter", "site", "visit"]


@pytest.fixture(scope="module")
def bare(launch: Callable[..., Browser]) -> Browser:
    """A browser without WebGL."""
    return launch(gl=False)


@pytest.fixture
def drawn(bare: Browser, visit: Callable[..., Visit]) -> Visit:
    """The page on a desk."""
    one = visit(on=bare)
    one.open()
    return one


def asked_of(one: Visit, since: int = 0) -> list[str]:
    """The pictures that were asked for."""
    return [url for url in one.watch.requests[since:] if "/drawn/" in url]


def shown(page: Page) -> None:
    """Wait until there are pictures in the frame."""
    page.wait_for_function("() => document.querySelectorAll('#map img.leaflet-tile-loaded').length > 3")


def test_the_pictures_are_those_of_this_edition_and_of_the_layers_that_are_switched_on(drawn: Visit) -> None:
    shown(drawn.page)
    assert asked_of(drawn)
    assert all("edition=1" in url and "roads" in url for url in asked_of(drawn) if "layers=" in url)

    before = len(drawn.watch.requests)
    drawn.page.uncheck("#layer-roads")
    shown(drawn.page)
    drawn.page.wait_for_function(
        "() => [...document.querySelectorAll('#map img')].every((one) => !one.src.includes('roads'))"
    )
    assert asked_of(drawn, before)
    assert all("roads" not in url for url in asked_of(drawn, before))


def test_the_buttons_of_the_map_are_named_and_large_enough(drawn: Visit) -> None:
    for name in ("拡大", "縮小"):
        box = drawn.page.get_by_role("button", name=name).bounding_box()
        assert box is not None
        assert min(box["width"], box["height"]) >= 43.5


def test_a_place_is_found_shown_and_asked_without_a_mouse(drawn: Visit, shelter: dict[str, Any]) -> None:
    page, name = drawn.page, str(shelter["properties"]["name"])
    drawn.search(name)
    expect(page.locator("#hits-title")).to_be_focused()
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.locator("#found")).to_be_focused()
    expect(page.locator("#found .headline")).to_be_visible()

    page.focus("#map")
    page.keyboard.press("Enter")
    expect(page.locator("#found .from-map dl").first).to_contain_text(name)


@pytest.mark.parametrize("viewport", [DESKTOP, SMALL], ids=["desk", "phone"])
def test_axe_finds_nothing_in_the_map_of_pictures(
    bare: Browser, visit: Callable[..., Visit], shelter: dict[str, Any], viewport: dict[str, int]
) -> None:
    page = visit(on=bare, viewport=viewport, bypass_csp=True).open(here_of(shelter))
    shown(page)
    page.locator(".fallback-sources summary").click()
    assert fits(page)
    assert violations(page) == []
