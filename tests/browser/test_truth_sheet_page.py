"""The truth sheet as a file in a browser: by axe, on a phone, in the dark, on paper, and without a network."""

from pathlib import Path

import pytest
from playwright.sync_api import Browser

from layers.surveys.sheets.as_html import to_html
from tests.browser.conftest import DESKTOP, PHONE
from tests.conftest import REPOSITORY
from tests.layers.surveys.truth_samples import over_the_line

AXE = REPOSITORY / "webmap" / "node_modules" / "axe-core" / "axe.min.js"
NARROW = {"width": 360, "height": 740}


@pytest.fixture(scope="module")
def sheet(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The address of the saved page."""
    path: Path = tmp_path_factory.mktemp("sheet") / "sheet.html"
    path.write_text(to_html(over_the_line()), encoding="utf-8")
    return path.as_uri()


@pytest.mark.parametrize(
    ("viewport", "scheme", "size"),
    [
        (DESKTOP, "light", 100),
        (DESKTOP, "dark", 100),
        (PHONE, "dark", 100),
        (NARROW, "light", 100),
        (NARROW, "light", 150),
    ],
)
def test_axe_finds_nothing_and_nothing_is_wider_than_the_screen(
    browser: Browser, sheet: str, viewport: dict[str, int], scheme: str, size: int
) -> None:
    context = browser.new_context(viewport=viewport, color_scheme=scheme, offline=True, bypass_csp=True)  # type: ignore[arg-type]
    page = context.new_page()
    page.goto(sheet)
    page.add_script_tag(content=AXE.read_text(encoding="utf-8"))
    page.evaluate(f"document.documentElement.style.fontSize = '{size}%'")
    found = page.evaluate("async () => (await axe.run()).violations.map((one) => [one.id, one.nodes[0].html])")
    assert found == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    context.close()


def test_the_page_keeps_its_own_policy_and_asks_for_nothing(browser: Browser, sheet: str) -> None:
    context = browser.new_context(viewport=DESKTOP)  # type: ignore[arg-type]
    page = context.new_page()
    said, asked = [], []
    page.on("console", lambda message: said.append(message.text))
    page.on("request", lambda request: asked.append(request.url))
    page.goto(sheet)
    assert page.locator("h1").evaluate("(one) => getComputedStyle(one).lineHeight !== 'normal'")
    assert said == []
    assert asked == [sheet]
    context.close()


def test_a_map_on_a_phone_is_moved_by_keyboard(browser: Browser, sheet: str) -> None:
    context = browser.new_context(viewport=NARROW)  # type: ignore[arg-type]
    page = context.new_page()
    page.goto(sheet)
    first = page.locator(".map").first
    first.focus()
    assert first.evaluate("(one) => one.scrollWidth > one.clientWidth")
    page.keyboard.press("ArrowRight")
    page.wait_for_function("() => document.querySelector('.map').scrollLeft > 0")
    context.close()
