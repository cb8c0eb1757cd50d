"""The clerk's day on the staff map: find, choose, read, issue."""

import re
import urllib.request
from collections.abc import Callable
from typing import Any

from playwright.sync_api import Browser, expect

from tests.browser.conftest import PHONE, Server, Visit

Parcel = dict[str, Any]


def draw(visit: Visit, tool: str, corners: list[tuple[int, int]]) -> None:
    """Click the corners one after another with a tool; the last click is on the first or last corner."""
    page = visit.page
    box = page.locator("#map canvas.maplibregl-canvas").bounding_box()
    assert box is not None
    page.click(f"[data-tool={tool}]")
    page.wait_for_selector(f"html[data-tool={tool}]", state="attached")
    for x, y in corners:
        page.mouse.move(box["x"] + x, box["y"] + y, steps=3)
        page.wait_for_timeout(150)
        page.mouse.click(box["x"] + x, box["y"] + y)
        page.wait_for_timeout(350)


def test_a_number_that_is_typed_shows_the_parcel_and_its_findings(
    desk: Visit, server: Server, parcels: list[Parcel]
) -> None:
    desk.choose(parcels[0])

    answer = server.post("inquiries", {"parcels": [parcels[0]["key"]], "asker": "", "purpose": "", "issue": False})
    cards = desk.page.locator("#answer .finding")
    expect(cards).to_have_count(len(answer["findings"]))
    expect(desk.page.locator("#selection .chip")).to_contain_text(parcels[0]["number"])
    for finding in answer["findings"]:
        card = desk.page.locator(f"#answer [data-theme='{finding['theme']}']")
        expect(card).to_contain_text(finding["theme_title"])
        expect(card).to_contain_text(finding["label"])
        expect(card).to_contain_text(finding["department"])


def test_an_outcome_is_told_by_words_and_by_a_mark_beside_its_colour(desk: Visit, parcels: list[Parcel]) -> None:
    desk.choose(parcels[0])

    for badge in desk.page.locator("#answer .outcome").all():
        assert re.match(r"[●▲－？◆]", badge.inner_text().strip())
        assert re.search(r"該当|要確認|データなし|要更新", badge.inner_text())


def test_the_sample_is_called_made_up_on_every_screen(desk: Visit) -> None:
    expect(desk.page.locator("#fictitious")).to_be_visible()
    expect(desk.page.locator("#fictitious")).to_contain_text("架空サンプル")


def test_only_what_needs_care_is_left_when_asked_for(desk: Visit, parcels: list[Parcel]) -> None:
    desk.choose(parcels[0])
    everything = desk.page.locator("#answer .finding").count()
    plain = desk.page.locator("#answer .finding.does_not_apply").count()

    desk.page.get_by_label("該当・要確認のみ").check()

    expect(desk.page.locator("#answer .finding.does_not_apply")).to_have_count(0)
    expect(desk.page.locator("#answer .finding")).to_have_count(everything - plain)


def test_a_click_on_the_map_chooses_the_parcel_below_it(visit: Callable[..., Visit], parcels: list[Parcel]) -> None:
    one = visit()
    lon, lat = parcels[1]["center"]
    page = one.open(f"#v=1&map=19/{lat}/{lon}&l=cadastral")

    page.locator("#map canvas.maplibregl-canvas").click()

    expect(page.locator("#selection .chip")).to_contain_text(parcels[1]["number"])


def test_the_print_button_prints(desk: Visit) -> None:
    desk.page.evaluate("window.print = () => { window.printed = true; }")
    desk.page.get_by_role("button", name="印刷").click()

    assert desk.page.evaluate("window.printed")


def test_with_several_on_a_second_click_adds_and_a_third_takes_away(desk: Visit, parcels: list[Parcel]) -> None:
    desk.choose(parcels[0])
    desk.page.click("#several")
    desk.search(parcels[1]["number"])
    expect(desk.page.locator("#selection .chip")).to_have_count(2)

    desk.page.get_by_role("button", name=f"{parcels[0]['number']}を選択から外す").click()

    expect(desk.page.locator("#selection .chip")).to_have_count(1)
    expect(desk.page.locator("#selection .chip")).to_contain_text(parcels[1]["number"])


def test_a_drawn_area_chooses_every_parcel_it_meets(desk: Visit, parcels: list[Parcel]) -> None:
    desk.choose(parcels[0])

    with desk.page.expect_response("**/parcels/in") as answered:
        draw(desk, "polygon", [(120, 120), (450, 130), (430, 380), (120, 120)])

    matches = answered.value.json()["matches"]
    assert len(matches) > 1
    expect(desk.page.locator("#selection h2")).to_contain_text(f"{len(matches)}筆")
    expect(desk.page.locator("button[data-tool=select]")).to_have_attribute("aria-pressed", "true")


def test_a_drawn_line_chooses_every_parcel_it_crosses(desk: Visit, parcels: list[Parcel]) -> None:
    desk.choose(parcels[0])

    with desk.page.expect_response("**/parcels/in") as answered:
        draw(desk, "line", [(120, 120), (450, 380), (450, 380)])

    assert answered.value.request.post_data_json["type"] == "LineString"
    expect(desk.page.locator("#selection h2")).to_contain_text(f"{len(answered.value.json()['matches'])}筆")


def test_several_parcels_are_summed_up_by_theme_and_open_to_each_parcel(desk: Visit, parcels: list[Parcel]) -> None:
    desk.search("\n".join(parcel["number"] for parcel in parcels[:3]))
    desk.page.get_by_role("button", name="すべてを選択").click()
    rows = desk.page.locator("#answer .matrix-row")
    rows.first.wait_for()

    rows.first.locator("summary").first.click()

    expect(rows.first.locator(".finding")).to_have_count(3)
    desk.page.get_by_label("筆ごとに表示").check()
    expect(desk.page.locator("#answer .matrix-row")).to_have_count(3)


def test_a_pasted_column_keeps_its_lines_and_names_what_is_not_found(desk: Visit, parcels: list[Parcel]) -> None:
    desk.search(f"{parcels[0]['number']}\n{parcels[1]['number']}\n大字小野新町字舘廻99999番")

    expect(desk.page.locator("#hits .unmatched")).to_contain_text("99999")
    expect(desk.page.locator("#hits .hit-group").first).to_contain_text(parcels[1]["number"])


def test_the_kana_of_a_place_find_it_without_a_word_of_missing_parcels(desk: Visit) -> None:
    desk.search("しょうがっこう")
    expect(desk.page.locator("#hits .hit-title").first).to_have_text("見本小学校")
    expect(desk.page.locator("#hits .unmatched")).to_have_count(0)

    desk.search("小野新町字舘廻99999")
    expect(desk.page.locator("#hits .unmatched")).to_contain_text("99999")

    desk.search("どこにもないところ")
    expect(desk.page.locator("#hits .empty")).to_contain_text("見つかりませんでした。")
    expect(desk.page.locator("#hits .unmatched")).to_have_count(0)


def test_a_number_of_rows_that_is_an_estimate_is_said_to_be_one(desk: Visit) -> None:
    rows = {layer["id"]: layer for layer in Server(desk.site).get("layers")["layers"]}
    assert rows["cadastral"]["rows_estimated"]
    assert not rows["shelters"]["rows_estimated"]
    facts = desk.page.locator(".layer", has_text="地番図（登記所備付地図）").locator(".layer-facts").first
    expect(facts).to_contain_text(f"約{rows['cadastral']['rows']:,}件")


def test_the_last_change_of_the_selection_can_be_taken_back(desk: Visit, parcels: list[Parcel]) -> None:
    desk.choose(parcels[0])
    desk.page.get_by_role("button", name="すべて解除").click()
    expect(desk.page.locator("#selection .chip")).to_have_count(0)

    desk.page.locator("#map canvas.maplibregl-canvas").focus()
    desk.page.keyboard.press("Control+z")

    expect(desk.page.locator("#selection .chip")).to_contain_text(parcels[0]["number"])


def test_an_issued_answer_gets_a_number_and_sheets_that_open(desk: Visit, parcels: list[Parcel]) -> None:
    desk.choose(parcels[0])
    desk.page.get_by_role("button", name="回答書を発行").click()
    desk.page.get_by_label("照会者").fill("地域整備課")
    desk.page.get_by_role("button", name="発行する").click()

    number = desk.page.locator(".issued-number strong")
    number.wait_for()
    assert number.inner_text()
    kinds = []
    for link in desk.page.locator(".issued a").all():
        with urllib.request.urlopen(str(link.get_attribute("href"))) as response:  # noqa: S310
            kinds.append(response.headers.get_content_type())
    assert {"text/html", "application/pdf"} <= set(kinds)
    assert any("spreadsheet" in kind for kind in kinds)


def test_the_whole_way_goes_without_a_mouse(desk: Visit, parcels: list[Parcel]) -> None:
    page = desk.page
    page.keyboard.press("/")
    expect(page.locator("#search-text")).to_be_focused()
    page.keyboard.type(f"{parcels[0]['number']}、{parcels[1]['number']}")
    page.keyboard.press("Enter")
    page.locator("#hits button.hit").nth(1).wait_for()
    page.keyboard.press("ArrowDown")
    expect(page.locator("#hits button.hit").first).to_be_focused()
    page.keyboard.press("ArrowDown")
    expect(page.locator("#hits button.hit").nth(1)).to_be_focused()
    page.keyboard.press("Enter")

    page.wait_for_selector("#answer .finding")
    expect(page.locator("#selection .chip")).to_contain_text(parcels[1]["number"])
    page.locator("#map canvas.maplibregl-canvas").focus()
    page.wait_for_timeout(800)
    page.keyboard.press("Enter")
    expect(page.locator("#selection .chip")).to_have_count(1)
    page.keyboard.press("/")
    page.keyboard.press("Escape")
    expect(page.locator("#search-text")).to_have_value("")


def _url_at_rest(desk: Visit) -> str:
    """The address once the map has flown where it was sent."""
    url = ""
    while url != desk.page.url:
        url = desk.page.url
        desk.page.wait_for_timeout(1_000)
    return url


def test_the_skip_link_leads_to_the_findings_and_leaves_the_permalink_alone(desk: Visit, parcels: list[Parcel]) -> None:
    desk.choose(parcels[0])
    before = _url_at_rest(desk)
    desk.page.locator(".skip").last.focus()
    desk.page.keyboard.press("Enter")

    expect(desk.page.locator("#findings")).to_be_focused()
    assert desk.page.url == before


def test_a_link_brings_back_the_map_the_layers_and_the_parcels(
    visit: Callable[..., Visit], parcels: list[Parcel]
) -> None:
    first = visit()
    first.open()
    first.choose(parcels[0])
    first.page.click("#several")
    first.search(parcels[1]["number"])
    expect(first.page.locator("#selection .chip")).to_have_count(2)
    first.page.click("#tab-layers")
    first.page.locator("#layer-roads").uncheck()
    first.page.get_by_label("地番図（登記所備付地図）の濃さ").fill("50")
    first.page.wait_for_timeout(1500)
    link = first.page.url
    assert "#v=1&map=" in link

    second = visit()
    second.page.goto(link)
    page = second.settle()

    expect(page.locator("#selection .chip")).to_have_count(2)
    for parcel in parcels[:2]:
        expect(page.locator("#selection .chips")).to_contain_text(parcel["number"])
    assert not page.locator("#layer-roads").is_checked()
    assert page.locator("#layer-cadastral").is_checked()
    expect(page.get_by_label("地番図（登記所備付地図）の濃さ")).to_have_value("50")
    page.wait_for_timeout(500)
    assert page.url.split("&p=")[0] == link.split("&p=")[0]


def test_a_link_to_a_parcel_that_is_no_more_says_so(visit: Callable[..., Visit]) -> None:
    one = visit()
    one.open("#v=1&p=%E5%B0%8F%E9%87%8E%E6%96%B0%E7%94%BA//99999")

    expect(one.page.locator("#trouble")).to_contain_text("見つかりませんでした")


def test_without_webgl_the_text_still_answers(
    launch: Callable[..., Browser], visit: Callable[..., Visit], parcels: list[Parcel]
) -> None:
    one = visit(on=launch(gl=False))
    one.open()
    assert one.page.evaluate("document.createElement('canvas').getContext('webgl2')") is None

    one.choose(parcels[0])

    expect(one.page.locator(".no-map")).to_contain_text("地図を表示できません")
    expect(one.page.locator("#map svg path.outline-shape")).to_have_count(1)
    assert not [url for url in one.watch.requests if "/vendor/maplibre-gl/" in url and url.endswith(".mjs")]


def test_a_server_that_falls_silent_is_named_and_tried_again(desk: Visit, parcels: list[Parcel]) -> None:
    desk.watch.forgiven = ("Failed to load resource",)
    desk.page.route("**/search?*", lambda route: route.abort())
    desk.search(parcels[0]["number"])
    expect(desk.page.locator("#trouble")).to_contain_text("サーバーに接続できません")

    desk.page.unroute("**/search?*")
    desk.page.get_by_role("button", name="再試行").click()

    desk.page.wait_for_selector("#answer .finding")
    expect(desk.page.locator("#trouble")).to_be_hidden()


def test_a_refusal_is_shown_in_the_words_of_the_server(desk: Visit) -> None:
    desk.watch.forgiven = ("Failed to load resource",)
    problem = '{"type":"about:blank","title":"x","status":413,"detail":"一度に照会できるのは1万筆までです。"}'
    desk.page.route(
        "**/search?*",
        lambda route: route.fulfill(status=413, content_type="application/problem+json", body=problem),
    )
    desk.search("小野新町")

    expect(desk.page.locator("#trouble")).to_contain_text("一度に照会できるのは1万筆までです。")


def test_on_a_phone_the_findings_take_the_screen_and_the_map_waits_behind_its_button(
    visit: Callable[..., Visit], parcels: list[Parcel]
) -> None:
    one = visit(viewport=PHONE, has_touch=True)
    one.open()
    one.choose(parcels[0])

    expect(one.page.locator("#answer")).to_be_visible()
    expect(one.page.locator("#map")).not_to_be_visible()
    one.page.get_by_role("button", name="地図", exact=True).click()
    expect(one.page.locator("#map canvas.maplibregl-canvas")).to_be_visible()
    assert one.page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]


def test_map_and_findings_stand_side_by_side_on_a_small_desk(
    visit: Callable[..., Visit], parcels: list[Parcel]
) -> None:
    one = visit(viewport={"width": 1024, "height": 768})
    one.open()
    one.choose(parcels[0])

    canvas = one.page.locator("#map canvas.maplibregl-canvas").bounding_box()
    finding = one.page.locator("#answer .finding").first.bounding_box()
    assert canvas is not None
    assert finding is not None
    assert canvas["width"] > 380
    assert canvas["x"] + canvas["width"] <= finding["x"]
    assert finding["y"] + 60 < 768
