"""Layers, legends, measuring, coordinates: what the map draws and what it counts."""

import json
import math
import random
from collections.abc import Callable
from typing import Any

import pyproj
import pytest
import shapely
from playwright.sync_api import Page, Route, expect

from gis.map_symbols import PATTERNS
from tests.browser.conftest import DESKTOP, PHONE, Cookies, Server, Visit

Parcel = dict[str, Any]
MARKUP = "<img src=x onerror=alert(1)><b>太字</b>"


def in_page(page: Page, module: str, expression: str, argument: object = None) -> Any:
    """The value of an expression over a module of the page (`m`) and an argument (`a`)."""
    return page.evaluate(
        f"async (a) => {{ const m = await import(new URL('shared/{module}', document.baseURI)); return {expression}; }}",
        argument,
    )


def plane_of(zone: int) -> pyproj.Transformer:
    return pyproj.Transformer.from_crs(6668, 6668 + zone, always_xy=True)


def test_plane_coordinates_agree_with_proj_to_a_tenth_of_a_millimetre_in_the_town(desk: Visit) -> None:
    rng = random.Random(20260401)
    points = [(rng.uniform(140.53, 140.70), rng.uniform(37.20, 37.37)) for _ in range(300)]
    ours = in_page(desk.page, "plane.js", "a.map(([lon, lat]) => m.toPlane(lon, lat, 9))", points)
    project = plane_of(9)

    for (lon, lat), plane in zip(points, ours, strict=True):
        east, north = project.transform(lon, lat)
        assert math.hypot(plane["x"] - north, plane["y"] - east) < 1e-4


@pytest.mark.parametrize("zone", range(1, 20))
def test_every_zone_agrees_with_proj_to_a_millimetre_and_comes_back(desk_once: Visit, zone: int) -> None:
    project = plane_of(zone)
    lon0, lat0 = project.transform(0, 0, direction="INVERSE")
    points = [(lon0 + east, lat0 + north) for east in (-1.2, 0, 0.9) for north in (-1.0, 0, 2.5)]
    planes = in_page(desk_once.page, "plane.js", f"a.map(([lon, lat]) => m.toPlane(lon, lat, {zone}))", points)
    back = in_page(desk_once.page, "plane.js", f"a.map(({{x, y}}) => m.fromPlane(x, y, {zone}))", planes)

    for (lon, lat), plane, (lon_back, lat_back) in zip(points, planes, back, strict=True):
        east, north = project.transform(lon, lat)
        assert math.hypot(plane["x"] - north, plane["y"] - east) < 1e-3
        assert (lon_back, lat_back) == pytest.approx((lon, lat), abs=1e-11)


@pytest.fixture(scope="module")
def desk_once(site: str, browser: Any, session_cookies: Cookies) -> Any:
    """One page for many sums."""
    context = browser.new_context(locale="ja-JP")
    context.add_cookies(session_cookies())
    page = context.new_page()
    page.goto(site)
    yield Visit(site, page, None)  # type: ignore[arg-type]
    context.close()


def test_a_measured_area_is_the_area_on_the_plane_in_every_unit_of_the_counter(
    desk: Visit, parcels: list[Parcel]
) -> None:
    ring = [(140.62, 37.285), (140.6213, 37.2851), (140.6211, 37.2862), (140.6199, 37.2859)]
    truth = shapely.Polygon([plane_of(9).transform(*point) for point in ring])
    desk.page.click("[data-tool=area]")
    desk.page.locator("#measure summary").click()
    desk.page.fill("#typed-points", "\n".join(f"{lat}, {lon}" for lon, lat in ring))

    values = desk.page.locator("#measure .measure-result .value").all_inner_texts()
    assert values[0] == f"{truth.area:,.2f}㎡"
    tsubo = truth.area * 121 / 400
    assert values[1] == f"{truth.area / 100:,.2f}a・{tsubo / 300:,.3f}反・{tsubo / 30:,.2f}畝・{tsubo:,.2f}坪"
    bu = round(tsubo)
    assert values[2] == "".join(
        f"{count}{unit}"
        for count, unit in ((bu // 3000, "町"), (bu // 300 % 10, "反"), (bu // 30 % 10, "畝"), (bu % 30, "歩"))
        if count
    )


def test_a_drawn_area_is_measured_while_it_is_drawn(desk: Visit, parcels: list[Parcel]) -> None:
    desk.choose(parcels[0])
    box = desk.page.locator("#map canvas.maplibregl-canvas").bounding_box()
    assert box is not None
    desk.page.click("[data-tool=area]")
    desk.page.wait_for_selector("html[data-tool=area]", state="attached")
    for x, y in ((100, 60), (300, 80), (280, 260)):
        desk.page.mouse.move(box["x"] + x, box["y"] + y, steps=3)
        desk.page.wait_for_timeout(150)
        desk.page.mouse.click(box["x"] + x, box["y"] + y)
        desk.page.wait_for_timeout(350)

    expect(desk.page.locator("#measure .measure-result .value").first).to_contain_text("㎡")
    desk.page.keyboard.press("Escape")
    expect(desk.page.locator("#measure")).to_be_hidden()


def test_the_status_line_gives_plane_coordinates_and_scale_of_the_centre(visit: Callable[..., Visit]) -> None:
    one = visit()
    page = one.open("#v=1&map=17/37.285/140.62&l=cadastral")
    east, north = plane_of(9).transform(140.62, 37.285)

    expect(page.locator("#status")).to_contain_text(f"X {north:,.2f} Y {east:,.2f}（9系）")
    expect(page.locator("#status")).to_contain_text("37.285000, 140.620000")
    page.select_option("#scale", "2500")
    expect(page.locator("#scale option").first).to_have_text("約1:2,500")


@pytest.mark.parametrize(
    "text",
    ["X={x:.2f} Y={y:.2f}", "37.285000, 140.620000", "140.620000 37.285000", "北緯37度17分6.0秒 東経140度37分12.0秒"],
)
def test_a_position_may_be_typed_in_the_ways_people_write_it(desk_once: Visit, text: str) -> None:
    east, north = plane_of(9).transform(140.62, 37.285)
    typed = text.format(x=north, y=east)

    assert in_page(desk_once.page, "coordinates.js", "m.readPosition(a, 9)", typed) == pytest.approx(
        [140.62, 37.285], abs=1e-7
    )


def test_a_typed_position_is_gone_to_and_marked(desk: Visit) -> None:
    desk.search("37.285, 140.62")

    desk.page.wait_for_url("**/37.285/140.62**")
    expect(desk.page.get_by_label("入力した座標")).to_be_visible()


@pytest.mark.parametrize("text", ["92-1", "小野新町 120〜125", "12 34", "X=1", "飯豊120, 121"])
def test_a_parcel_number_is_not_taken_for_a_position(desk_once: Visit, text: str) -> None:
    assert in_page(desk_once.page, "coordinates.js", "m.readPosition(a, 9)", text) is None


def test_a_view_is_the_same_after_it_was_written_in_an_address_and_read(desk_once: Visit) -> None:
    view = {
        "map": {"zoom": 14.25, "latitude": 37.285, "longitude": 140.62},
        "layers": ["cadastral", "flood"],
        "opacities": {"flood": 0.4},
        "parcels": ["小野新町/舘廻/92-1", "小野新町/舘廻/93", "飯豊//無地番-3", "飯豊//道;1,2&3=#%"],
    }
    assert in_page(desk_once.page, "permalink.js", "m.readView(m.writeView(a))", view) == view


@pytest.mark.parametrize("hash_", ["#v=1&map=x/y/z", "#map=14/999/140", "#p=%E0%A4%A", "#o=flood:7,a", "#", "#l="])
def test_a_mangled_address_is_read_as_far_as_it_goes(desk_once: Visit, hash_: str) -> None:
    view = in_page(desk_once.page, "permalink.js", "m.readView(a)", hash_)
    assert view["map"] is None
    assert view["opacities"] == {}


def test_layers_are_fetched_and_drawn_when_they_are_turned_on(
    visit: Callable[..., Visit], parcels: list[Parcel]
) -> None:
    one = visit()
    lon, lat = parcels[0]["center"]
    page = one.open(f"#v=1&map=15/{lat}/{lon}&l=cadastral")
    before = page.locator("#map").screenshot()
    assert not [url for url in one.watch.requests if "/tiles/landslide/" in url or "/tiles/roads/" in url]

    for layer in ("roads", "landslide"):
        with page.expect_response(f"**/tiles/{layer}/**"):
            page.locator(f"#layer-{layer}").check()
    page.wait_for_timeout(1500)

    assert page.locator("#map").screenshot() != before
    assert "cadastral" in page.url
    assert "roads" in page.url
    assert "landslide" in page.url
    page.locator("#layer-roads").uncheck()
    page.wait_for_timeout(500)
    assert "roads" not in page.url


def test_a_layer_row_shows_legend_owner_day_and_whether_it_is_old(desk: Visit, server: Server) -> None:
    for layer in server.get("layers")["layers"]:
        row = desk.page.locator(".layer", has=desk.page.locator(f"#layer-{layer['id']}"))
        expect(row).to_contain_text(layer["title"])
        expect(row).to_contain_text(layer["department"])
        if layer["stale"]:
            expect(row.locator(".badge.stale")).to_be_visible()
        for entry in layer["legend"]:
            expect(row.locator(".legend")).to_contain_text(entry["label"])


@pytest.mark.parametrize("name", PATTERNS)
def test_every_pattern_of_the_sheets_can_be_drawn_on_the_map(desk_once: Visit, name: str) -> None:
    marked = in_page(
        desk_once.page,
        "patterns.js",
        "m.patternImage(a)?.image.data.filter((v, i) => i % 4 === 3 && v > 0).length",
        f"pattern-{name}-a50021",
    )
    assert marked > 0


def test_text_of_the_data_never_becomes_markup_in_a_popup_or_a_hit(
    visit: Callable[..., Visit], parcels: list[Parcel]
) -> None:
    one = visit()

    def poison(route: Route) -> None:
        answer = route.fetch()
        body = answer.json()
        for layer in body["layers"]:
            layer["title"] = MARKUP
            layer["attribution"] = MARKUP
        route.fulfill(response=answer, body=json.dumps(body))

    place = {
        "layer": "shelters",
        "title": MARKUP,
        "name": MARKUP,
        "kana": None,
        "address": MARKUP,
        "center": [140.62, 37.285],
    }
    found = {"parcels": {"matches": [], "near": [], "unmatched": [MARKUP]}, "places": [place], "oaza": []}
    one.page.route("**/layers", poison)
    one.page.route("**/search?*", lambda route: route.fulfill(json=found))
    lon, lat = parcels[0]["center"]
    page = one.open(f"#v=1&map=17/{lat}/{lon}&l=cadastral,city_planning,forest,farmland,agricultural_zone,flood")
    one.search("何か")
    expect(page.locator("#hits .hit")).to_contain_text(MARKUP)
    page.click("[data-tool=info]")
    page.locator("#map canvas.maplibregl-canvas").click()

    popup = page.locator(".maplibregl-popup-content")
    expect(popup.locator("h3").first).to_have_text(MARKUP)
    assert page.locator("#hits img, .maplibregl-popup-content img, #layers img, #hits b").count() == 0


def test_a_sheet_without_a_place_is_shown_on_its_own_and_never_on_the_map(desk: Visit, server: Server) -> None:
    sheets = server.get("sheets")["sheets"]
    desk.page.click("#tab-sheets")
    if not sheets:
        expect(desk.page.locator("#sheets")).to_contain_text("任意座標系の図面はありません")
        return
    expect(desk.page.locator("#sheets .hit")).to_have_count(len(sheets))
    tiles = len([url for url in desk.watch.requests if "/tiles/" in url])

    desk.page.locator("#sheets .hit").first.click()

    picture = desk.page.locator("dialog.sheet img")
    expect(picture).to_be_visible()
    assert picture.evaluate("(image) => image.decode().then(() => image.naturalWidth)") > 0
    assert len([url for url in desk.watch.requests if "/tiles/" in url]) == tiles


@pytest.mark.parametrize("viewport", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_the_page_opens_on_the_whole_town(
    visit: Callable[..., Visit], server: Server, viewport: dict[str, int]
) -> None:
    page = visit(viewport=viewport).open()
    west, south, east, north = server.get("layers")["municipality"]["bbox"]
    page.locator("#copy-link").click()
    zoom, latitude, longitude = map(float, page.evaluate("location.hash.match(/map=([^&]*)/)[1]").split("/"))
    box = page.locator("#map").bounding_box()
    assert box is not None
    across = box["width"] / 512 / 2**zoom * 360
    down = box["height"] / 512 / 2**zoom * 360 * math.cos(math.radians(latitude))

    assert longitude - across / 2 < west < east < longitude + across / 2
    assert latitude - down / 2 < south < north < latitude + down / 2


def test_a_map_of_merged_parcels_says_so_and_one_of_parcels_says_nothing(desk: Visit) -> None:
    note = desk.page.locator("#zoom-hint")
    expect(note).to_have_text("まとめて表示しています（拡大すると1件ずつ）：地番図（登記所備付地図）")
    desk.page.locator("#layer-street_lights").check()
    expect(note).to_contain_text("拡大すると表示されます：街路灯・防犯灯")

    desk.page.locator("#scale").select_option("2500")

    expect(note).to_be_hidden()
