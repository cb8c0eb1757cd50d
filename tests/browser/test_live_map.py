"""The open map follows edits: the tile that changed is drawn anew, without a reload, also where nobody was looking."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.api.conftest import Town, town
from tests.browser.conftest import PATIENCE_MS, Visit, cookie_for

__all__ = ["town"]
LON, LAT = 140.62, 37.27
PATCH = {"Content-Type": "application/merge-patch+json", "If-Match": "*"}
Screen = Callable[[str], Visit]


@pytest.fixture
def screen(town: Town, visit: Callable[..., Visit]) -> Screen:
    """Opens the staff map of the town that may be changed, and checks it as every page is checked."""

    def open_at(place: str) -> Visit:
        one = visit()
        one.page.context.add_cookies([cookie_for(town.store, town.url)])
        one.site = town.url + "/"
        one.open(f"#v=1&map={place}&l=shelters")
        return one

    return open_at


def picture(page: Page) -> bytes:
    """What the map shows, once it is still."""
    page.wait_for_function("document.documentElement.dataset.busy !== '1'")
    previous, now = b"", page.locator("#map canvas.maplibregl-canvas").screenshot()
    while previous != now:
        page.wait_for_timeout(400)
        previous, now = now, page.locator("#map canvas.maplibregl-canvas").screenshot()
    return now


def wait_for_another(page: Page, before: bytes) -> bytes:
    """The picture that comes in place of `before`."""
    for _ in range(PATIENCE_MS // 1_000):
        now = picture(page)
        if now != before:
            return now
    pytest.fail("the map did not change")


def tiles_asked_for(one: Visit) -> list[str]:
    return [url for url in one.watch.requests if "/tiles/" in url and "shelters" in url]


def drag(page: Page, across: int) -> None:
    box = page.locator("#map canvas.maplibregl-canvas").bounding_box()
    assert box is not None
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + across, y, steps=8)
    page.wait_for_timeout(200)
    page.mouse.up()


def test_an_edit_repaints_the_tile_it_lies_in_and_the_page_is_not_loaded_again(town: Town, screen: Screen) -> None:
    place = town.add_shelter("集会所", LON, LAT).headers["location"]
    one = screen(f"17/{LAT}/{LON}")
    before = picture(one.page)
    one.page.evaluate("window.stayed = true")
    asked = len(tiles_asked_for(one))

    moved = {"geometry": {"type": "Point", "coordinates": [LON + 0.001, LAT]}}
    town.http.patch(place, json=moved, headers=PATCH).raise_for_status()

    wait_for_another(one.page, before)
    assert one.page.evaluate("window.stayed")
    assert 1 <= len(tiles_asked_for(one)) - asked <= 4
    town.http.delete(place, headers={"If-Match": "*"}).raise_for_status()


def test_an_edit_elsewhere_asks_for_no_tile_and_undoing_one_brings_the_old_picture_back(
    town: Town, screen: Screen
) -> None:
    one = screen(f"17/{LAT}/{LON}")
    empty = picture(one.page)
    asked = len(tiles_asked_for(one))

    town.add_shelter("遠く", LON - 0.05, LAT + 0.02).raise_for_status()
    assert picture(one.page) == empty
    assert len(tiles_asked_for(one)) == asked

    place = town.add_shelter("集会所", LON, LAT).headers["location"]
    with_point = wait_for_another(one.page, empty)
    town.http.delete(place, headers={"If-Match": "*"}).raise_for_status()
    assert wait_for_another(one.page, with_point) == empty


def test_a_tile_that_was_out_of_sight_when_it_changed_is_right_when_it_comes_back(town: Town, screen: Screen) -> None:
    one = screen(f"17/{LAT}/{LON}")
    empty = picture(one.page)
    drag(one.page, 330)
    drag(one.page, 330)
    picture(one.page)
    place = town.add_shelter("集会所", LON, LAT).headers["location"]
    one.page.wait_for_timeout(1_000)

    drag(one.page, -330)
    drag(one.page, -330)

    shown = picture(one.page)
    assert shown != empty
    town.http.delete(place, headers={"If-Match": "*"}).raise_for_status()
    assert wait_for_another(one.page, shown) != shown


def test_a_lost_connection_is_told_and_what_was_missed_is_drawn_when_it_is_back(town: Town, browser: Browser) -> None:
    context = browser.new_context(locale="ja-JP", viewport={"width": 1280, "height": 800})
    context.add_cookies([cookie_for(town.store, town.url)])
    page = context.new_page()
    page.route("**/events*", lambda route: route.abort())
    page.goto(f"{town.url}/#v=1&map=17/{LAT}/{LON}&l=shelters")
    page.wait_for_selector("html[data-ready='1']", state="attached", timeout=PATIENCE_MS)
    before = picture(page)
    word = page.locator("#status .lost")
    expect(word).to_have_text("更新の受信が途切れています。つなぎ直しています…", timeout=PATIENCE_MS / 2)
    place = town.add_shelter("集会所", LON, LAT).headers["location"]

    page.unroute("**/events*")

    expect(word).to_be_empty(timeout=PATIENCE_MS / 2)
    wait_for_another(page, before)
    context.close()
    town.http.delete(place, headers={"If-Match": "*"}).raise_for_status()
