"""The page read by people who cannot see, point or read small print: axe in Japanese, paper, large text."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import DESKTOP, NARROW, PHONE, Visit

AXE = Path(__file__).resolve().parents[2] / "webmap" / "node_modules" / "axe-core"
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
SCREENS = {
    "desktop": {"viewport": DESKTOP},
    "small desktop": {"viewport": NARROW},
    "phone": {"viewport": PHONE, "has_touch": True},
    "dark": {"viewport": DESKTOP, "color_scheme": "dark"},
}


def violations(page: Page) -> list[str]:
    """What axe finds, in Japanese, each with the elements it means."""
    page.evaluate((AXE / "axe.min.js").read_text(encoding="utf-8"))
    locale = json.loads((AXE / "locales" / "ja.json").read_text(encoding="utf-8"))
    found = page.evaluate(
        """async ([locale, rules]) => {
            axe.configure({ locale });
            return (await axe.run(document, { runOnly: rules })).violations;
        }""",
        [locale, RULES],
    )
    return [f"{one['id']} {one['help']}: {[node['html'][:160] for node in one['nodes']]}" for one in found]


@pytest.mark.parametrize("screen", SCREENS)
def test_axe_finds_nothing_on_the_way_from_the_empty_page_to_the_findings(
    visit: Callable[..., Visit], parcels: list[dict[str, Any]], screen: str
) -> None:
    one = visit(**SCREENS[screen])
    page = one.open()
    assert violations(page) == []
    one.choose(parcels[0])
    assert violations(page) == []
    for pane in page.locator(".pane-switch button:visible").all():
        pane.click()
        assert violations(page) == []
    one.search("\n".join(parcel["number"] for parcel in parcels[:3]))
    page.get_by_role("button", name="すべてを選択").click()
    page.wait_for_selector("#answer .matrix-row", state="attached")
    for pane in page.locator(".pane-switch button:visible").all():
        pane.click()
    page.locator("#answer .matrix-row summary").first.click()
    page.get_by_role("button", name="回答書を発行").click()
    assert violations(page) == []


@pytest.mark.parametrize("screen", ["desktop", "phone"])
def test_every_button_is_large_enough_for_a_finger(
    visit: Callable[..., Visit], parcels: list[dict[str, Any]], screen: str
) -> None:
    one = visit(**SCREENS[screen])
    one.open()
    one.choose(parcels[0])
    small = one.page.evaluate(
        """() => [...document.querySelectorAll("button, select, a.button")].filter((node) => {
            const { width, height } = node.getBoundingClientRect();
            return node.checkVisibility({ visibilityProperty: true }) && !node.closest(".maplibregl-ctrl-attrib")
                && (width < 43.5 || height < 43.5);
        }).map((node) => node.outerHTML.slice(0, 120))"""
    )
    assert small == []


def test_with_text_twice_as_large_nothing_is_cut_off(
    visit: Callable[..., Visit], parcels: list[dict[str, Any]]
) -> None:
    one = visit(viewport={"width": 640, "height": 800})
    page = one.open()
    one.choose(parcels[0])

    assert page.evaluate("document.documentElement.scrollWidth") <= 640
    expect(page.locator("#answer .finding").first).to_be_visible()


def test_paper_carries_the_findings_the_map_and_the_warning_but_no_buttons(
    visit: Callable[..., Visit], parcels: list[dict[str, Any]], tmp_path: Path
) -> None:
    one = visit()
    page = one.open()
    one.choose(parcels[0])
    page.wait_for_timeout(1500)
    page.emulate_media(media="print")

    expect(page.locator(".print-picture")).to_be_visible()
    assert page.locator(".print-picture").evaluate("(image) => image.naturalWidth") > 300
    expect(page.locator("#fictitious")).to_be_visible()
    expect(page.locator("#answer .reference")).to_contain_text("筆界を確定するものではありません")
    expect(page.locator("#answer .finding").last).to_be_visible()
    notes = page.locator("#answer .disclaimers li").evaluate_all(
        "(all) => all.map((one) => one.getBoundingClientRect().height)"
    )
    assert len(notes) >= 3
    assert min(notes) > 10
    assert page.locator("button:visible").count() == 0
    shot = tmp_path / "paper.png"
    page.screenshot(path=shot, full_page=True)
    assert shot.stat().st_size > 50_000


def test_nothing_moves_for_those_who_asked_for_rest(visit: Callable[..., Visit]) -> None:
    one = visit(reduced_motion="reduce")
    page = one.open()

    moving = page.evaluate("document.getAnimations().filter((one) => one.playState === 'running').length")
    assert moving == 0
