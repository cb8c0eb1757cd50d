"""The public map as a resident meets it: on a desk, on a phone, in the dark, and without a mouse."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.api.public.conftest import PublicTown, public_side_of_town, public_town
from tests.browser.conftest import DESKTOP, PHONE, Cookies, Visit, visit
from tests.browser.test_reading_by_all import violations

__all__ = ["public_side_of_town", "public_town", "visit"]


@pytest.fixture(scope="module")
def site(public_town: PublicTown) -> str:
    """The address of the public server."""
    return str(public_town.http.base_url).rstrip("/") + "/"


@pytest.fixture(scope="module")
def session_cookies() -> Cookies:
    """Nobody signs in here."""
    return list


@pytest.fixture
def opened(visit: Callable[..., Visit]) -> Iterator[Page]:
    """The page on a desk."""
    return visit().open()  # type: ignore[return-value]


def test_the_page_says_what_it_is_of_when_and_under_which_licence(opened: Page, public_town: PublicTown) -> None:
    expect(opened.locator("#fictitious")).to_contain_text("架空サンプル")
    expect(opened.locator("#edition")).to_contain_text("第1版")
    expect(opened.locator("#edition")).to_contain_text(f"{len(public_town.layers())}レイヤ")
    expect(opened).to_have_title("小野町の公開地図｜おのマップ")


def test_every_published_layer_has_its_switch_legend_source_and_date(opened: Page, public_town: PublicTown) -> None:
    for name, layer in public_town.layers().items():
        row = opened.locator("li.layer").filter(has=opened.locator(f"#layer-{name}"))
        expect(row).to_contain_text(str(layer["title"]))
        row.locator("summary").click()
        for fact in ("attribution", "licence", "department"):
            expect(row).to_contain_text(str(layer[fact]))
        expect(row.locator(".legend li")).to_have_count(len(layer["legend"]))  # type: ignore[arg-type]


def test_a_name_is_found_and_the_click_shows_what_is_there_as_text(opened: Page, public_town: PublicTown) -> None:
    shelter = public_town.get("/api/collections/shelters/items", limit="1").json()["features"][0]["properties"]
    opened.fill("#search-text", shelter["name"])
    opened.press("#search-text", "Enter")
    opened.locator("#found button").first.click()
    opened.wait_for_timeout(1_500)
    box = opened.locator("#map canvas.maplibregl-canvas").bounding_box()
    assert box is not None
    opened.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)

    expect(opened.locator("#found dl").first).to_contain_text(shelter["name"])


def test_it_can_be_used_with_the_keyboard_alone(opened: Page) -> None:
    opened.keyboard.press("Tab")
    expect(opened.locator(".skip").first).to_be_focused()
    opened.focus("#layer-districts")
    opened.keyboard.press("Space")
    expect(opened.locator("#layer-districts")).to_be_checked()
    opened.focus("canvas.maplibregl-canvas")
    opened.keyboard.press("Enter")
    expect(opened.locator("#found")).not_to_contain_text("地図を押すと")


@pytest.mark.parametrize(
    "options",
    [{"viewport": DESKTOP}, {"viewport": PHONE, "has_touch": True}, {"viewport": PHONE, "color_scheme": "dark"}],
    ids=["desk", "phone", "dark"],
)
def test_nothing_runs_out_of_the_page_and_axe_finds_nothing(
    visit: Callable[..., Visit], options: dict[str, Any]
) -> None:
    page = visit(**options, bypass_csp=True).open()
    page.locator("#layers summary").first.click()

    assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
    heights = page.locator("#search button, #search input, .layer label").evaluate_all(
        "(all) => all.map((one) => one.offsetHeight)"
    )
    assert min(heights) >= 44
    assert violations(page) == []


def test_without_webgl_the_server_draws_the_map_and_it_is_used_by_keyboard(
    launch: Callable[..., Browser], visit: Callable[..., Visit], public_town: PublicTown
) -> None:
    one = visit(on=launch(gl=False))
    page = one.open()

    assert page.locator("#map img.leaflet-tile-loaded").count() > 3
    drawn = [url for url in one.watch.requests if "/drawn/" in url]
    assert drawn
    assert all("edition=1" in url for url in drawn)
    for name in ("拡大", "縮小"):
        assert page.get_by_role("button", name=name).bounding_box()["height"] >= 44  # type: ignore[index]
    shelter = public_town.get("/api/collections/shelters/items", limit="1").json()["features"][0]["properties"]
    page.fill("#search-text", shelter["name"])
    page.press("#search-text", "Enter")
    page.locator("#found button").first.click()
    page.focus("#map")
    page.keyboard.press("Enter")
    expect(page.locator("#found dl").first).to_contain_text(shelter["name"])
    before = len(one.watch.requests)
    page.uncheck("#layer-roads")
    page.wait_for_function("document.querySelectorAll('#map img.leaflet-tile-loaded').length > 3")
    later = [url for url in one.watch.requests[before:] if "/drawn/" in url]
    assert later
    assert all("roads" not in url for url in later)


def test_axe_finds_nothing_in_the_map_of_pictures(launch: Callable[..., Browser], visit: Callable[..., Visit]) -> None:
    page = visit(on=launch(gl=False), bypass_csp=True).open()
    page.locator(".fallback-sources summary").click()

    assert violations(page) == []
