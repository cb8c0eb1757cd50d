"""The public page for everybody: with large text, in the dark, in another language, on a slow line, in a disaster, on paper."""

import gzip
import json
from collections.abc import Callable
from typing import Any

import httpx
import pytest
from playwright.sync_api import Page, Route, expect

from api.public.page import PARTS
from api.public.words import I18N, languages, offered
from tests.api.public.conftest import PublicTown
from tests.browser.conftest import DESKTOP, Visit
from tests.browser.public_site import place, public_side_of_town, public_town, session_cookies, shelter, site, visit
from tests.browser.test_reading_by_all import violations

__all__ = ["place", "public_side_of_town", "public_town", "session_cookies", "shelter", "site", "visit"]
SMALL = {"width": 360, "height": 740}
SCREENS: dict[str, dict[str, Any]] = {
    "desk": {"viewport": DESKTOP},
    "phone": {"viewport": SMALL, "has_touch": True, "is_mobile": True},
    "dark": {"viewport": DESKTOP, "color_scheme": "dark"},
    "large text": {"viewport": SMALL},
    "forced colours": {"viewport": DESKTOP, "forced_colors": "active"},
}
WRITTEN = list(offered(*PARTS))
BUDGET = 600_000
TEXT_PARTS = ("page", "here", "common")


def fits(page: Page) -> bool:
    """Whether nothing runs out of the page to the side."""
    return bool(page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth"))


@pytest.mark.parametrize("screen", SCREENS)
def test_nothing_runs_out_of_the_page_and_axe_finds_nothing(
    visit: Callable[..., Visit], place: str, screen: str
) -> None:
    one = visit(**SCREENS[screen], bypass_csp=True)
    page = one.open(place)
    if screen == "large text":
        page.add_style_tag(content="html { font-size: 200% }")
    assert fits(page)
    assert violations(page) == []
    page.locator("#layers summary").first.click()
    page.locator("#language summary").click()
    one.search("見本")
    page.wait_for_selector("#hits button")
    assert fits(page)
    assert violations(page) == []


def test_everything_to_be_pressed_is_large_enough_for_a_finger(visit: Callable[..., Visit], place: str) -> None:
    page = visit(**SCREENS["phone"]).open(place)
    page.locator("#language summary").click()
    small = page.evaluate(
        """() => [...document.querySelectorAll(
            "button, summary, input:not([type=checkbox]), .layer label, a:not(.skip)"
        )].filter((node) => {
            const { width, height } = node.getBoundingClientRect();
            return node.checkVisibility({ visibilityProperty: true }) && !node.closest(".maplibregl-ctrl-attrib")
                && (width < 43.5 || height < 43.5);
        }).map((node) => node.outerHTML.slice(0, 120))"""
    )
    assert small == []


def test_the_first_load_keeps_to_its_budget_and_the_words_come_before_the_map(
    visit: Callable[..., Visit], public_town: PublicTown, place: str
) -> None:
    one = visit()
    one.open(place)
    asked = list(dict.fromkeys(one.watch.requests))
    sizes = {url: _packed(public_town.http, url) for url in asked if url.startswith("http")}
    words = next(index for index, url in enumerate(asked) if "i18n" in url)
    drawing = next(index for index, url in enumerate(asked) if "maplibre-gl.mjs" in url)

    assert sum(sizes.values()) <= BUDGET, sorted(sizes.items(), key=lambda item: -item[1])[:8]
    assert words < drawing


def _packed(http: httpx.Client, url: str) -> int:
    """Bytes of an answer on its way, as a browser gets it."""
    with http.stream("GET", url, headers={"Accept-Encoding": "gzip"}) as response:
        return sum(len(part) for part in response.iter_raw())


def test_the_answer_is_readable_on_a_slow_line_before_the_map_is_there(visit: Callable[..., Visit], place: str) -> None:
    one = visit()
    one.page.route("**/vendor/**", lambda route: route.abort())
    one.watch.forgiven = ("ERR_FAILED", "Failed to fetch dynamically")
    one.page.goto(one.site + place)

    expect(one.page.locator("#found .headline")).to_be_visible()
    expect(one.page.locator("html[data-answered='1']")).to_have_count(1)
    expect(one.page.locator("#found button.to-map").first).to_be_visible()


@pytest.mark.parametrize("code", WRITTEN)
def test_each_language_says_the_same_and_fits_a_small_phone(
    visit: Callable[..., Visit], public_town: PublicTown, place: str, code: str
) -> None:
    page = visit(**SCREENS["phone"]).open(f"{place}&lang={code}")
    html = page.locator("html")

    expect(html).to_have_attribute("lang", languages()[code].html)
    assert fits(page)
    assert page.locator("#machine").count() == languages()[code].is_machine_made
    assert page.locator("#found .risk").count() > 0
    assert page.locator("#found button.to-map").count() > 0
    headings = page.locator("h2, h3").count()
    japanese = visit(**SCREENS["phone"]).open(f"{place}&lang=ja")
    assert headings == japanese.locator("h2, h3").count()


def test_another_language_opens_on_the_same_view(visit: Callable[..., Visit], place: str) -> None:
    page = visit().open(place)
    page.uncheck("#layer-roads")
    page.locator("#language summary").click()
    page.get_by_role("link", name="English").click()
    page.wait_for_selector("html[lang=en][data-ready='1']", state="attached")

    expect(page.locator("#layer-roads")).not_to_be_checked()
    assert "here=" in page.url
    expect(page.locator("#found .headline")).to_be_visible()


def test_words_that_are_much_longer_still_fit_a_small_phone(visit: Callable[..., Visit], place: str) -> None:
    """A language that is being written may need six tenths more room than Japanese."""

    def longer(route: Route) -> None:
        texts = {key: text + " ẋ" * (len(text) * 6 // 20 + 1) for key, text in route.fetch().json().items()}
        route.fulfill(json=texts)

    one = visit(**SCREENS["phone"])
    one.page.route("**/i18n/**/*.json", longer)
    page = one.open(place)
    expect(page.locator("#view")).to_contain_text("ẋ")
    one.search("見本")
    page.wait_for_selector("#hits button")
    assert fits(page)


def test_paper_has_the_words_the_map_without_colour_and_the_way_back(visit: Callable[..., Visit], place: str) -> None:
    page = visit().open(place)
    page.evaluate("window.dispatchEvent(new Event('beforeprint'))")
    page.emulate_media(media="print")

    expect(page.locator("#found .headline")).to_be_visible()
    expect(page.locator(".print-picture")).to_be_visible()
    assert "grayscale" in page.locator(".print-picture").evaluate("(one) => getComputedStyle(one).filter")
    assert page.locator(".print-picture").evaluate("(image) => image.naturalWidth") > 300
    expect(page.locator("#qr")).to_be_visible()
    expect(page.locator("#layers .legend").first).to_be_visible()
    assert page.locator("button:visible").count() == 0


def test_what_the_browser_prints_says_that_it_is_not_to_scale_and_where_a_sheet_is(
    visit: Callable[..., Visit], place: str
) -> None:
    one = visit()
    page = one.open(place)
    sheet = page.locator("#sheet")
    expect(sheet).to_be_visible()
    answer = page.request.get(str(sheet.get_attribute("href")))
    assert answer.headers["content-type"] == "application/pdf"
    page.emulate_media(media="print")
    expect(page.locator("#print-scale")).to_be_visible()
    expect(page.locator("#print-scale")).to_contain_text("縮尺は正確ではありません")
    expect(page.locator("#print-scale")).to_contain_text("/here.pdf?")

    without = visit().open()
    expect(without.locator("#sheet")).to_be_hidden()
    without.emulate_media(media="print")
    expect(without.locator("#print-scale")).to_be_visible()
    expect(without.locator("#print-scale")).not_to_contain_text("here.pdf")


def test_nothing_moves_for_those_who_asked_for_rest(visit: Callable[..., Visit], place: str) -> None:
    page = visit(reduced_motion="reduce").open(place)
    assert page.evaluate("document.getAnimations().filter((one) => one.playState === 'running').length") == 0


def test_a_finger_that_passes_over_the_map_goes_on_down_the_page(visit: Callable[..., Visit]) -> None:
    page = visit(viewport=SMALL).open()
    box = page.locator("#map").bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + 100, box["y"] + 40)
    before = page.evaluate("scrollY")
    page.mouse.wheel(0, 300)
    page.wait_for_timeout(400)
    assert page.evaluate("scrollY") > before


def test_texts_of_a_part_are_small_enough_to_be_read_twice() -> None:
    sizes = {
        code: sum(len(gzip.compress((I18N / code / f"{part}.json").read_bytes())) for part in TEXT_PARTS)
        for code in WRITTEN
    }
    assert max(sizes.values()) < 20_000, json.dumps(sizes)
