"""My land, the facilities and the open data as residents meet them: on a phone, in large letters, in the dark, by keyboard."""

from collections.abc import Callable
from typing import Any

import httpx
import pytest
from playwright.sync_api import Page, expect

from tests.api.public.test_land_and_lists import http, keys, whole_side
from tests.browser.conftest import DESKTOP, PHONE, Visit
from tests.browser.public_site import session_cookies, visit
from tests.browser.test_reading_by_all import violations

__all__ = ["http", "keys", "session_cookies", "visit", "whole_side"]
SMALL = {"width": 360, "height": 740}
SCREENS: dict[str, dict[str, Any]] = {
    "desk": {"viewport": DESKTOP},
    "phone": {"viewport": PHONE, "has_touch": True},
    "dark": {"viewport": SMALL, "color_scheme": "dark"},
    "forced": {"viewport": SMALL, "forced_colors": "active"},
}


@pytest.fixture(scope="module")
def site(http: httpx.Client) -> str:
    """The address of the public server."""
    return str(http.base_url).rstrip("/") + "/"


def addresses(key: str) -> list[str]:
    """Every page of this part, each with an answer, with a choice and with nothing."""
    oaza = key.split("/", maxsplit=1)[0]
    return [
        "land", f"land?number={key}", f"land?number={oaza}", f"land?number={oaza}99999", f"land?number={key}&lang=en",
        "facilities", "facilities?sheet=public_toilet&need=ostomate&open=now", "facilities?q=zzz", "open-data",
    ]  # fmt: skip


@pytest.mark.parametrize("screen", SCREENS)
def test_axe_finds_nothing_and_nothing_runs_out_of_the_page(
    visit: Callable[..., Visit], keys: list[str], screen: str
) -> None:
    one = visit(**SCREENS[screen], bypass_csp=True)
    for address in addresses(keys[-1]):
        one.page.goto(one.site + address)
        assert violations(one.page) == [], address
        assert _fits(one.page), address


def test_in_letters_of_twice_the_size_everything_is_still_there(visit: Callable[..., Visit], keys: list[str]) -> None:
    one = visit(viewport=SMALL, bypass_csp=True)
    for address in addresses(keys[-1]):
        one.page.goto(one.site + address)
        one.page.add_style_tag(content="html { font-size: 200% }")
        assert violations(one.page) == [], address
        assert _fits(one.page), address


def test_under_the_pages_own_policy_a_parcel_is_looked_up_by_keyboard_alone(
    visit: Callable[..., Visit], keys: list[str]
) -> None:
    page = visit(java_script_enabled=True).page
    page.goto(visit().site + "land")
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="本文へ")).to_be_focused()
    page.focus("#number")
    page.keyboard.type(keys[-1])
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_contain_text("について")
    expect(page.get_by_role("heading", name="答えのまとめ")).to_be_visible()
    said = page.locator("main").aria_snapshot()
    assert "証明書ではありません" in said
    assert "担当：" in said


def test_controls_are_large_enough_for_a_thumb(visit: Callable[..., Visit]) -> None:
    page = visit(viewport=SMALL).page
    page.goto(visit().site + "facilities")
    heights = page.locator("form button, form select, form input[type=search], .checks label, nav a").evaluate_all(
        "(all) => all.map((one) => one.getBoundingClientRect().height)"
    )
    assert min(heights) >= 44


def _fits(page: Page) -> bool:
    return bool(page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth"))


def test_the_map_shows_what_the_list_shows(visit: Callable[..., Visit]) -> None:
    one = visit(viewport=DESKTOP)
    page = one.page
    page.goto(f"{one.site}facilities?sheet=public_toilet")
    listed = page.locator("main li strong, main li h3, main li a").count()
    link = page.locator("a[href*='facilities=']").first.get_attribute("href")
    assert listed
    assert link is not None
    page.goto(one.site + link.removeprefix("./"))
    page.wait_for_selector("html[data-ready='1']", state="attached", timeout=60_000)
    told = httpx.get(f"{one.site}facilities", params={"sheet": "public_toilet", "f": "json"}).json()["features"]
    expect(page.locator("#told")).to_contain_text(f"{len(told)}件")
    assert 0 < len(told) < len(httpx.get(f"{one.site}facilities", params={"f": "json"}).json()["features"])
