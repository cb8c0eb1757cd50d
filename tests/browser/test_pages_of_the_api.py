"""The API's pages for people, in a browser: axe in Japanese, on a desk and on a phone, with the keyboard alone."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import DESKTOP, PHONE, Visit
from tests.browser.test_reading_by_all import violations

PAGES = [
    "api",
    "api/conformance",
    "api/collections",
    "api/collections/cadastral",
    "api/collections/cadastral/items?limit=20",
    "api/collections/cadastral/items?filter=false",
    "api/collections/cadastral/items/1",
    "api/collections/cadastral/queryables",
    "api/collections/cadastral/schema",
]
SCREENS = {"desktop": {"viewport": DESKTOP}, "phone": {"viewport": PHONE, "has_touch": True}}
Visits = Callable[..., Visit]


def read(one: Visit, address: str) -> Page:
    response = one.page.goto(one.site + address)
    assert response is not None
    assert response.headers["content-type"].startswith("text/html")
    return one.page


@pytest.mark.parametrize("screen", SCREENS)
def test_axe_finds_nothing_on_any_page(visit: Visits, screen: str) -> None:
    # the pages run no script of their own, and let none in from outside: axe comes in by the developer's door
    one = visit(**SCREENS[screen], bypass_csp=True)
    for address in PAGES:
        assert violations(read(one, address)) == [], address


@pytest.mark.parametrize("screen", SCREENS)
def test_a_wide_table_scrolls_within_itself_and_its_words_are_not_broken(visit: Visits, screen: str) -> None:
    one = visit(**SCREENS[screen])
    for address in PAGES:
        page = read(one, address)
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), address
    page = read(one, "api/collections/cadastral/items?limit=20")
    assert page.locator(".wide").evaluate("(box) => box.scrollWidth > box.clientWidth")
    heights = page.locator("tbody tr").evaluate_all("(rows) => rows.map((row) => row.offsetHeight)")
    assert max(heights) < 45


def test_the_keyboard_reaches_the_table_the_next_page_and_the_files(visit: Visits) -> None:
    one = visit()
    page = read(one, "api/collections/roads/items?limit=5")
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="本文へ")).to_be_focused()
    reached = []
    for _ in range(60):
        page.keyboard.press("Tab")
        reached.append(page.evaluate("document.activeElement.ariaLabel ?? document.activeElement.textContent"))
    assert {"地物の表", "次のページ", "CSV", "GeoPackage", "Excel", "庁内地図"} <= set(reached)

    page.get_by_role("link", name="次のページ").first.press("Enter")
    expect(page.get_by_role("link", name="前のページ").first).to_be_visible()


def test_a_file_is_saved_under_the_layer_s_name(visit: Visits) -> None:
    one = visit()
    page = read(one, "api/collections/shelters/items")
    with page.expect_download() as saving:
        page.get_by_role("link", name="GeoPackage").click()
    assert saving.value.suggested_filename.endswith(".gpkg")
