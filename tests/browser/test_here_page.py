"""The page of `/here` in a browser: without a script, on a phone, in the dark, with large letters, by keyboard and by axe."""

from collections.abc import Callable, Iterator
from itertools import product

import pytest
from playwright.sync_api import Page, expect

from layers.publication.importing import PublicSide
from tests.api.public.conftest import serving
from tests.browser.conftest import DESKTOP, Visit
from tests.browser.public_site import session_cookies, visit
from tests.browser.test_reading_by_all import violations
from tests.guided_town import guided_side

__all__ = ["guided_side", "session_cookies", "visit"]
SMALL = {"width": 360, "height": 780}
SCREENS = {
    "desktop": {"viewport": DESKTOP},
    "phone": {"viewport": SMALL, "has_touch": True},
    "dark": {"viewport": SMALL, "color_scheme": "dark"},
    "forced": {"viewport": SMALL, "forced_colors": "active"},
}
PLACES = (
    "here?lon=140.6263&lat=37.2869",
    "here?lon=140.6&lat=37.3",
    "here?lon=139&lat=35",
    "here?q=小学校",
    "here?q=zzz",
)
Visits = Callable[..., Visit]


@pytest.fixture(scope="module")
def site(guided_side: PublicSide) -> Iterator[str]:
    """The address of the public server."""
    with serving(guided_side) as url:
        yield f"{url}/"


def read(one: Visit, address: str, language: str = "ja") -> Page:
    joint = "&" if "?" in address else "?"
    response = one.page.goto(f"{one.site}{address}{joint}f=html&lang={language}")
    assert response is not None
    assert response.status == 200
    return one.page


@pytest.mark.parametrize("screen", SCREENS)
def test_axe_finds_nothing_and_nothing_is_wider_than_the_screen(visit: Visits, screen: str) -> None:
    one = visit(**SCREENS[screen], bypass_csp=True)
    languages = ("ja", "ja-easy", "en") if screen == "phone" else ("ja",)
    for address, language in product(PLACES if screen == "phone" else PLACES[:1], languages):
        page = read(one, address, language)
        assert violations(page) == [], (address, language)
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), (address, language)
        page.evaluate("document.documentElement.style.fontSize = '200%'")
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), (address, language)


def test_a_resident_asks_by_name_without_a_script_and_is_told_first_what_and_where(visit: Visits) -> None:
    one = visit(viewport=SMALL, java_script_enabled=False)
    page = read(one, "here")
    page.get_by_label("施設や避難場所の名前").fill("しょうがっこう")
    page.keyboard.press("Enter")
    page.get_by_role("link", name="見本小学校").first.click()

    expect(page.locator(".headline")).to_contain_text("洪水のおそれがある場所です")
    expect(page.locator(".headline")).to_contain_text("洪水のおそれがあるときは、早めに")
    expect(page.get_by_role("heading", name="逃げる場所（指定緊急避難場所）")).to_be_visible()
    page.get_by_role("link", name="English").click()
    expect(page.locator("html")).to_have_attribute("lang", "en")
    expect(page.locator(".headline")).to_contain_text("flood")


def test_what_can_be_pressed_is_large_enough_for_a_thumb(visit: Visits) -> None:
    page = read(visit(viewport=SMALL), PLACES[0])
    heights = page.locator("a, button, input[type=search]").evaluate_all(
        "(all) => all.map((one) => one.getBoundingClientRect().height)"
    )

    assert heights
    assert min(heights) >= 44
