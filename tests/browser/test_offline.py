"""A resident keeps the map, the network goes, and the map is still there; with the network it is never the old one."""

from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from layers.publication.importing import PublicSide
from layers.store.cluster import Cluster
from layers.store.instance import Store
from tests.api.public.conftest import PublicTown, serving
from tests.api.public.test_drawn_tiles import tile_of
from tests.browser.conftest import DESKTOP, PHONE, Visit
from tests.browser.public_site import public_side_of_town, public_town, session_cookies, site, visit
from tests.browser.test_reading_by_all import violations
from tests.layers.publication.publication_samples import make_public_side, publish

__all__ = ["public_side_of_town", "public_town", "session_cookies", "site", "visit"]

PLACES = ("roads", "shelters", "evacuation_sites")
CUT = "ERR_INTERNET_DISCONNECTED"
_numbers = count(1)


def looked(page: Page) -> Page:
    """Wait until the page knows whether there is a network and what is kept."""
    page.wait_for_selector("#keep[data-looked='1']", state="attached")
    return page


def keep(page: Page) -> None:
    """Press the button, and the one of the dialog."""
    looked(page).locator("#keep .offline-buttons > button").first.click()
    page.locator("dialog button.main").click()
    expect(page.locator("dialog")).to_have_count(0, timeout=60_000)
    page.wait_for_function("navigator.serviceWorker.controller !== null")


@pytest.fixture
def kept(visit: Callable[..., Visit]) -> Visit:
    """The page with its map kept."""
    one = visit()
    keep(one.open())
    one.watch.forgiven = (CUT, "503")
    return one


def test_the_size_is_said_before_and_is_the_true_one(visit: Callable[..., Visit], public_town: PublicTown) -> None:
    page = looked(visit().open())
    size = f"{public_town.get('/offline.json').json()['bytes'] / 1e6:.1f} MB"

    expect(page.locator("#keep button")).to_have_text(f"この地図を端末に保存（{size}）")
    page.locator("#keep button").click()
    expect(page.locator("dialog")).to_contain_text(size)
    for layer in public_town.layers().values():
        expect(page.locator("dialog")).to_contain_text(str(layer["title"]))
    assert page.evaluate("caches.keys()") == []
    assert page.evaluate("navigator.serviceWorker.getRegistrations().then((all) => all.length)") == 0


def test_with_the_network_cut_a_reload_draws_the_map_and_names_are_found(kept: Visit, public_town: PublicTown) -> None:
    page = kept.page
    page.context.set_offline(True)
    page.reload()
    looked(kept.settle())

    expect(page.locator("#offline-notice")).to_contain_text("通信できないため")
    expect(page.locator("#offline-notice")).to_contain_text("第1版")
    shelter = public_town.get("/api/collections/shelters/items", limit="1").json()["features"][0]["properties"]
    for text in (shelter["name"], shelter["name_kana"]):
        page.fill("#search-text", text)
        page.press("#search-text", "Enter")
        expect(page.locator("#hits-list button").first).to_contain_text(shelter["name"])
    expect(page.locator("#view button").first).to_be_visible()
    page.locator("#hits-list button").first.click()
    expect(page.locator("#found")).to_contain_text("通信できないため")
    # what lies at the middle is asked of what is drawn, and its columns of what is kept
    page.focus("canvas.maplibregl-canvas")
    for _ in range(40):
        page.keyboard.press("Enter")
        page.wait_for_timeout(500)
        if page.locator("#found dl").count():
            break
    expect(page.locator("#found")).to_contain_text(shelter["name_kana"])
    page.context.set_offline(False)


def test_an_answer_that_was_given_before_is_read_again_without_a_network(kept: Visit, public_town: PublicTown) -> None:
    lon, lat = public_town.get("/api/collections/shelters/items", limit="1").json()["features"][0]["geometry"][
        "coordinates"
    ]
    page = kept.open(f"?here={lat:.5f},{lon:.5f}")
    answer = page.locator("#found").inner_text()
    page.context.set_offline(True)
    page.reload()
    looked(kept.settle())

    assert len(answer) > 100
    assert page.locator("#found").inner_text() == answer
    expect(page.locator("#offline-notice")).to_contain_text("いまの避難所の開設状況や通行止めは含みません")
    page.context.set_offline(False)


def test_tiles_without_a_network_are_those_of_the_server(kept: Visit, public_town: PublicTown) -> None:
    page = kept.page
    fetched = """async (path) => {
        const response = await fetch(path, { cache: "no-store" });
        return [response.status, [...new Uint8Array(await response.arrayBuffer())], response.headers.get("x-onomap-kept") !== null];
    }"""
    lon, lat = public_town.get("/api/collections/shelters/items", limit="1").json()["features"][0]["geometry"][
        "coordinates"
    ]
    x, y = map(int, tile_of(lon, lat, 12))
    path = f"tiles/roads,shelters/12/{x}/{y}"
    with_network = page.evaluate(fetched, path)
    page.context.set_offline(True)
    without = page.evaluate(fetched, path)
    nowhere = page.evaluate(fetched, "tiles/roads/12/0/0")
    page.context.set_offline(False)

    assert with_network[0] == without[0] == 200
    assert with_network[1] == without[1]
    assert (with_network[2], without[2]) == (False, True)
    assert nowhere[:2] == [204, []]


def test_the_network_goes_first_while_it_is_there(kept: Visit) -> None:
    page = kept.page
    page.evaluate(
        """async () => {
            const [name] = (await caches.keys()).filter((one) => one.startsWith("onomap-edition-"));
            await (await caches.open(name)).put(new URL("layers", document.baseURI).href, new Response("{}"));
        }"""
    )
    assert "municipality" in page.evaluate("fetch('layers').then((response) => response.json())")


def test_what_is_kept_can_be_let_go_of_and_nothing_stays(kept: Visit) -> None:
    page = kept.page
    page.get_by_role("button", name="保存した地図を消す").click()

    expect(page.locator("#keep")).to_contain_text("この端末から消しました")
    assert page.evaluate("caches.keys()") == []
    page.reload()
    kept.settle()
    assert page.evaluate("navigator.serviceWorker.getRegistrations().then((all) => all.length)") == 0


def test_it_can_be_called_off_and_nothing_is_left(visit: Callable[..., Visit]) -> None:
    one = visit()
    page = looked(one.open())
    page.route("**/tiles/*.pmtiles", lambda _: None)
    page.locator("#keep button").click()
    page.locator("dialog button.main").click()
    expect(page.locator("dialog progress")).to_be_visible()
    page.get_by_role("button", name="やめる").click()

    expect(page.locator("#keep")).to_contain_text("保存をやめました")
    expect(page.locator("#keep button")).to_be_focused()
    assert page.evaluate("caches.keys()") == []


def test_a_damaged_file_is_not_kept(visit: Callable[..., Visit]) -> None:
    page = looked(visit().open())
    page.route("**/tiles/roads.pmtiles", lambda route: route.fulfill(status=200, body="damaged"))
    page.locator("#keep button").click()
    page.locator("dialog button.main").click()

    expect(page.locator("dialog")).to_contain_text("壊れていました")
    assert page.evaluate("caches.keys()") == []


@pytest.mark.parametrize(
    "options",
    [{"viewport": DESKTOP}, {"viewport": PHONE, "has_touch": True}, {"viewport": PHONE, "color_scheme": "dark"}],
    ids=["desk", "phone", "dark"],
)
def test_axe_finds_nothing_in_the_dialog(visit: Callable[..., Visit], options: dict[str, Any]) -> None:
    page = looked(visit(**options, bypass_csp=True).open())
    page.locator("#keep button").click()
    expect(page.locator("dialog button.main")).to_be_focused()

    assert violations(page) == []
    assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")


@pytest.fixture
def own_side(test_cluster: Cluster, sample_store: Store, tmp_path: Path) -> Iterator[PublicSide]:
    """A public side whose edition can be switched."""
    name = f"public_kept_{next(_numbers)}"
    side = make_public_side(test_cluster, tmp_path, name, sample_store.settings.home)
    publish(sample_store, side, 1, PLACES)
    yield side
    test_cluster.drop_database(name)


def test_a_new_edition_is_offered_and_takes_the_place_of_the_kept_one(
    own_side: PublicSide, sample_store: Store, visit: Callable[..., Visit]
) -> None:
    with serving(own_side) as url:
        one = visit()
        page, one.site = one.page, f"{url}/"
        keep(one.open())
        publish(sample_store, own_side, 2, (*PLACES, "districts"))
        page.wait_for_function("fetch('healthz').then((one) => one.json()).then(({edition}) => edition === 2)")
        page.reload()
        looked(one.settle())

        expect(page.locator("#layer-districts")).to_have_count(1)
        expect(page.locator("#keep")).to_contain_text("新しい版（第2版")
        keep(page)
        expect(page.locator("#keep")).to_contain_text("第2版")
        assert len(page.evaluate("caches.keys()")) == 2
        one.watch.forgiven = (CUT, "503")
        page.context.set_offline(True)
        page.reload()
        looked(one.settle())
        expect(page.locator("#layer-districts")).to_have_count(1)
        expect(page.locator("#offline-notice")).to_contain_text("第2版")
        page.context.set_offline(False)
