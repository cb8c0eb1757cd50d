"""The public page as a resident meets it: words first, then the map; found by name, by 地番 of a link, by position, by a press."""

import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.api.public.conftest import PublicTown
from tests.browser.conftest import PHONE, Visit
from tests.browser.public_site import here_of, public_side_of_town, public_town, session_cookies, shelter, site, visit

__all__ = ["public_side_of_town", "public_town", "session_cookies", "shelter", "site", "visit"]


@pytest.fixture
def opened(visit: Callable[..., Visit]) -> Iterator[Page]:
    """The page on a desk."""
    return visit().open()  # type: ignore[return-value]


def test_the_page_says_what_it_is_of_when_and_how_to_begin(opened: Page) -> None:
    expect(opened.locator("#fictitious")).to_contain_text("架空サンプル")
    expect(opened.locator("#edition")).to_contain_text("第1版")
    expect(opened).to_have_title(re.compile("^小野町｜"))
    expect(opened.locator("#found")).to_contain_text("いまいる場所で調べる")


def test_every_published_layer_has_its_switch_legend_source_and_date(opened: Page, public_town: PublicTown) -> None:
    for name, layer in public_town.layers().items():
        row = opened.locator("li.layer").filter(has=opened.locator(f"#layer-{name}"))
        row.locator("summary").click()
        for fact in ("attribution", "licence", "department"):
            expect(row).to_contain_text(str(layer[fact]))
        expect(row.locator(".legend li")).to_have_count(len(layer["legend"]))  # type: ignore[arg-type]


def test_a_name_in_kana_leads_to_the_answer_in_words_and_a_button_shows_each_site_on_the_map(
    visit: Callable[..., Visit], shelter: dict[str, Any]
) -> None:
    one = visit()
    page = one.open()
    one.search(str(shelter["properties"]["name_kana"]))
    page.locator("#hits button").filter(has_text=str(shelter["properties"]["name"])).first.click()

    expect(page.locator("#found .headline")).to_be_visible()
    expect(page.locator("#found .place")).to_contain_text(str(shelter["properties"]["name"]))
    expect(page.locator("#found .risk .fresh").first).to_contain_text("出典")
    page.locator("#found button.to-map").first.click()
    expect(page.locator("#told")).to_contain_text("地図に")
    expect(page.locator(".maplibregl-marker")).to_have_count(2)


def test_a_school_that_is_a_site_and_a_shelter_too_is_found_once(visit: Callable[..., Visit]) -> None:
    one = visit()
    page = one.open()
    one.search("見本小学校")
    found = page.locator("#hits button").filter(has_text="見本小学校")

    expect(found).to_have_count(1)
    expect(found).to_contain_text("指定緊急避難場所・指定避難所・公共施設")


def test_an_address_whose_last_part_nobody_knows_leads_to_its_district(public_town: PublicTown) -> None:
    found = public_town.get("/search", q="小野町大字小野新町字ありません12").json()
    assert [one["name"] for one in found["oaza"]] == (["小野新町"] if "cadastral" in public_town.layers() else [])


def begins_in_sight(page: Page, selector: str) -> bool:
    """Whether the top of an element stands in the upper half of the screen."""
    return bool(
        page.locator(selector).evaluate(
            "(one) => { const { top } = one.getBoundingClientRect(); return top >= 0 && top < innerHeight / 2; }"
        )
    )


@pytest.mark.parametrize("text", ["100%", "200%"])
def test_the_answer_begins_on_the_screen_whichever_way_it_was_asked_for(
    visit: Callable[..., Visit], shelter: dict[str, Any], text: str
) -> None:
    lon, lat = shelter["geometry"]["coordinates"]
    position = {"longitude": lon, "latitude": lat, "accuracy": 20}
    one = visit(geolocation=position, permissions=["geolocation"], viewport={"width": 360, "height": 740})
    larger = f"() => document.documentElement.style.setProperty('font-size', '{text}')"
    one.page.context.add_init_script(f"addEventListener('DOMContentLoaded', {larger})")
    page = one.open()
    page.click("#locate")
    expect(page.locator("#found .headline")).to_be_visible()
    page.wait_for_function("() => document.activeElement.id === 'found'")
    assert begins_in_sight(page, "#found .headline")

    page.locator("#map").scroll_into_view_if_needed()
    page.locator("#map").evaluate("(map) => map.scrollIntoView({ block: 'start' })")
    page.locator("canvas.maplibregl-canvas").click(position={"x": 120, "y": 300})
    page.wait_for_selector("#found > .from-map, #found > .about")
    assert begins_in_sight(page, "#found .headline")


def test_a_rough_position_is_told_before_the_answer(visit: Callable[..., Visit], shelter: dict[str, Any]) -> None:
    lon, lat = shelter["geometry"]["coordinates"]
    position = {"longitude": lon, "latitude": lat, "accuracy": 400}
    page = visit(geolocation=position, permissions=["geolocation"], viewport={"width": 360, "height": 740}).open()
    page.click("#locate")
    page.wait_for_function("() => document.activeElement.id === 'found'")
    assert begins_in_sight(page, "#told.warning")


def test_a_linked_place_is_answered_in_the_first_bytes_and_taken_over_where_it_stands(
    visit: Callable[..., Visit], public_town: PublicTown, shelter: dict[str, Any]
) -> None:
    served = public_town.http.get("/" + here_of(shelter)).text
    headline = re.search(r'<p class="headline"><strong>(.*?)</strong>', served)
    assert headline is not None
    assert len(served.encode()) <= 30_000

    one = visit()
    page = one.open(here_of(shelter))
    expect(page.locator("#found .headline strong")).to_have_text(headline[1])
    assert not [url for url in one.watch.requests if "/here?" in url]
    assert page.locator("#found a.to-map").count() == 0
    assert page.locator("#found button.to-map").count() > 0


def test_what_the_browser_builds_reads_as_what_the_server_sent(
    visit: Callable[..., Visit], shelter: dict[str, Any]
) -> None:
    one = visit()
    page = one.open(here_of(shelter))
    sent = page.locator("#found .here").inner_text()
    lon, lat = shelter["geometry"]["coordinates"]
    with page.expect_response(lambda response: "/here?" in response.url):
        one.search(f"{lat}, {lon}")

    expect(page.locator("#found .here")).to_have_text(re.compile(re.escape(sent.split("\n")[0])))
    assert page.locator("#found .here").inner_text() == sent


def test_the_way_from_the_search_to_a_site_on_the_map_needs_no_mouse(opened: Page, shelter: dict[str, Any]) -> None:
    opened.keyboard.press("Tab")
    expect(opened.locator(".skip").first).to_be_focused()
    opened.keyboard.press("Enter")
    expect(opened.locator("#search-text")).to_be_focused()
    opened.keyboard.type(str(shelter["properties"]["name"]))
    opened.keyboard.press("Enter")
    expect(opened.locator("#hits-title")).to_be_focused()
    opened.keyboard.press("Tab")
    opened.keyboard.press("Enter")
    expect(opened.locator("#found")).to_be_focused()
    opened.keyboard.press("Tab")
    expect(opened.locator("#found button.to-map").first).to_be_focused()
    opened.keyboard.press("Enter")
    expect(opened.locator("#told")).to_contain_text("地図に")


def test_escape_closes_what_was_found_and_goes_back_to_the_search(visit: Callable[..., Visit]) -> None:
    one = visit()
    page = one.open()
    one.search("見本")
    expect(page.locator("#hits-title")).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.locator("#hits")).to_be_hidden()
    expect(page.locator("#search-text")).to_be_focused()


def test_the_middle_of_the_map_is_asked_with_enter_and_the_map_tells_what_it_has_there(opened: Page) -> None:
    opened.focus("canvas.maplibregl-canvas")
    opened.keyboard.press("Enter")
    expect(opened.locator("#found .headline")).to_be_visible()
    expect(opened.locator("#found .from-map, #found > .about")).to_have_count(1)
    assert "here=" in opened.url


@pytest.mark.parametrize(("accuracy", "word"), [(18, "±18 m"), (240, "±240 m と大きい")])
def test_the_own_position_is_told_with_its_accuracy_and_with_a_warning_where_it_is_rough(
    visit: Callable[..., Visit], shelter: dict[str, Any], accuracy: int, word: str
) -> None:
    lon, lat = shelter["geometry"]["coordinates"]
    position = {"longitude": lon, "latitude": lat, "accuracy": accuracy}
    page = visit(geolocation=position, permissions=["geolocation"], viewport=PHONE).open()
    page.click("#locate")

    expect(page.locator("#told")).to_contain_text(word)
    assert page.locator("#told.warning").count() == (accuracy > 100)
    expect(page.locator("#found .place")).to_contain_text("いまいる場所")


def test_a_position_that_is_not_allowed_is_refused_kindly(visit: Callable[..., Visit]) -> None:
    page = visit(permissions=[]).open()
    page.click("#locate")
    expect(page.locator("#told.warning")).to_contain_text("住所や地番で探してください")


def test_layers_are_switched_faded_and_moved_and_the_address_keeps_it(visit: Callable[..., Visit]) -> None:
    page = visit().open()
    page.uncheck("#layer-roads")
    flood = page.locator("li.layer").filter(has=page.locator("#layer-flood"))
    flood.locator("input[type=range]").fill("40")
    before = page.locator("li.layer input[type=checkbox]").evaluate_all("(all) => all.map((one) => one.id)")
    flood.get_by_role("button", name="上へ").click()
    expect(flood.get_by_role("button", name="上へ")).to_be_focused()
    address = page.url
    assert "#v=1" in address
    assert "flood:0.4" in address

    again = visit().open(address.split("/", 3)[3])
    expect(again.locator("#layer-roads")).not_to_be_checked()
    expect(again.locator("li.layer").filter(has=again.locator("#layer-flood")).locator("output")).to_have_text("40 %")
    after = again.locator("li.layer input[type=checkbox]").evaluate_all("(all) => all.map((one) => one.id)")
    assert after.index("layer-flood") == before.index("layer-flood") - 1


def test_what_is_in_the_frame_of_the_map_is_a_list_of_buttons(opened: Page, public_town: PublicTown) -> None:
    names = {
        feature["properties"]["name"]
        for layer in ("shelters", "evacuation_sites", "facilities")
        for feature in public_town.get(f"/api/collections/{layer}/items", limit="500").json()["features"]
    }
    opened.locator("#view .more").click()
    listed = opened.locator(
        "#view .hits button > span:not(.about) > span:first-child, #view .hits button > span:first-of-type"
    )
    written = " ".join(listed.all_inner_texts())
    assert [name for name in names if name not in written] == []


def test_the_view_is_shared_by_copy_and_by_a_code_of_this_server(visit: Callable[..., Visit]) -> None:
    one = visit(permissions=["clipboard-read", "clipboard-write"])
    page = one.open()
    page.get_by_role("button", name="アドレスをコピー").click()
    expect(page.locator("#share [role=status]")).to_contain_text("コピーしました")
    assert page.evaluate("navigator.clipboard.readText()").startswith(one.site)
    page.get_by_role("button", name="QRコードを表示").click()
    expect(page.locator("#qr")).to_be_visible()
    page.wait_for_timeout(500)
    assert page.locator("#qr").evaluate("(image) => image.naturalWidth") > 100


def test_the_embedded_page_has_no_header_and_leads_to_the_whole_one(
    visit: Callable[..., Visit], shelter: dict[str, Any]
) -> None:
    page = visit(viewport={"width": 480, "height": 600}).open(here_of(shelter) + "&embed=1")
    expect(page.locator("header")).to_be_hidden()
    expect(page.locator("#map canvas.maplibregl-canvas")).to_be_visible()
    expect(page.locator("#found .headline")).to_be_visible()
    with page.expect_popup() as popup:
        page.click("#whole")
    assert "embed" not in popup.value.url
    assert "here=" in popup.value.url


def test_without_a_way_to_draw_every_word_and_list_is_there(
    launch: Callable[..., Browser], visit: Callable[..., Visit], shelter: dict[str, Any]
) -> None:
    one = visit(on=launch(gl=False))
    page = one.open(here_of(shelter))

    assert page.locator("#map img.leaflet-tile-loaded").count() > 1
    page.locator("#found button.to-map").first.click()
    expect(page.locator("#told")).to_contain_text("地図に")
    expect(page.locator("#found .headline")).to_be_visible()
    expect(page.locator("#view .hits button").first).to_be_visible()
    one.search("小")
    expect(page.locator("#hits button").first).to_be_visible()
