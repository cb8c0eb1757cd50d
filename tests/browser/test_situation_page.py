"""The disaster switch in a browser: one clerk with a keyboard takes the town from 平常時 to open shelters, and back."""

import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import shapely
from playwright.sync_api import Page, expect

from api.serve import free_port
from api.situation_sending import held
from layers.publication.importing import PublicSide
from layers.publication.keys import public_half, signing_key
from layers.store.cluster import Cluster
from layers.store.instance import Store
from tests.api.publication_door import let_in
from tests.browser.conftest import DESKTOP, PHONE, Cookies, Visit, cookie_for
from tests.conftest import REPOSITORY, _wait_for
from tests.layers.publication.people_samples import OUTSIDER
from tests.layers.publication.publication_samples import make_public_side
from tests.layers.store.tiles.tile_samples import EAST_M, NORTH_M, insert

AXE = REPOSITORY / "webmap" / "node_modules" / "axe-core" / "axe.min.js"
DATABASE = "public_situation_browser"


@pytest.fixture
def side(test_cluster: Cluster, empty_store: Store) -> Iterator[PublicSide]:
    """An empty public side."""
    home = empty_store.settings.home
    made = make_public_side(test_cluster, home, DATABASE)
    (made.folder / "trusted.pub").write_text(public_half(signing_key(home / "publication")).pem(), encoding="utf-8")
    yield made
    test_cluster.drop_database(DATABASE)


@pytest.fixture
def site(empty_store: Store, side: PublicSide) -> Iterator[str]:
    """A staff server over three shelters, an evacuation site and a road."""
    for step in range(3):
        insert(empty_store, "shelters", [shapely.Point(EAST_M + 200 * step, NORTH_M)], name=f"避難所{step}")
    insert(empty_store, "evacuation_sites", [shapely.Point(EAST_M, NORTH_M + 50)], name="高台", flood=True)
    line = shapely.MultiLineString([[(EAST_M, NORTH_M), (EAST_M + 900, NORTH_M)]])
    insert(empty_store, "roads", [line], road_class="town", route_name="平谷津作線")
    let_in(empty_store)
    port = free_port()
    environment = {
        **os.environ,
        "DATABASE_URL": empty_store.database.url,
        "ONOMAP_PUBLIC_DATABASE_URL": side.database.owner_url,
        "ONOMAP_PUBLIC_WEB_DATABASE_URL": side.database.web_url,
    }
    home = str(empty_store.settings.home)
    command = [sys.executable, "-P", "-m", "api.serving", "staff", "--home", home, "--port", str(port)]
    process = subprocess.Popen(command, cwd=REPOSITORY, env=environment)
    try:
        _wait_for(f"http://127.0.0.1:{port}/healthz", process)
        yield f"http://127.0.0.1:{port}/"
    finally:
        process.terminate()
        process.wait(20)


@pytest.fixture
def session_cookies(empty_store: Store, site: str) -> Cookies:
    """Whoever opens a page without more is a clerk of another 課."""
    return lambda: [cookie_for(empty_store, site, OUTSIDER.account)]


@pytest.fixture
def opened(visit: Callable[..., Visit], site: str, empty_store: Store) -> Callable[..., Page]:
    """Opens the switch as somebody."""

    def open_as(account: str = "bosai", **options: object) -> Page:
        one = visit(**options)
        one.page.context.clear_cookies()
        one.page.context.add_cookies([cookie_for(empty_store, site, account)])
        # the browser itself tells of a refusal that the page then says in words
        one.watch.forgiven = ("412",)
        return one.open("bosai")

    return open_as


def public(side: PublicSide) -> dict[str, object]:
    """What the public side has."""
    found = held(side)
    assert found is not None
    return found.content


def test_a_clerk_switches_with_the_keyboard_alone_and_takes_the_last_step_back(
    opened: Callable[..., Page], side: PublicSide
) -> None:
    page = opened(viewport=DESKTOP)
    page.focus("input[name='phase'][value='normal']")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Tab")
    page.keyboard.type("大雨のため避難所を開きます")
    page.keyboard.press("Enter")
    expect(page.locator("#confirm")).to_be_visible()
    expect(page.locator("#confirm-no")).to_be_focused()
    page.keyboard.press("Shift+Tab")
    page.keyboard.press("Enter")
    expect(page.locator("#outside .sent")).to_contain_text("1番が出ています")
    assert public(side)["phase"] == "disaster"

    page.focus("[data-key='shelters-1-open']")
    page.keyboard.press("Enter")
    expect(page.locator("[data-key='shelters-1-open']")).to_have_attribute("aria-pressed", "true")
    expect(page.locator("[data-key='shelters-1-open']")).to_be_focused()
    expect(page.locator("#announce")).to_contain_text("避難所0を「開設」にしました")

    page.focus("#undo")
    page.keyboard.press("Enter")
    page.keyboard.press("Shift+Tab")
    page.keyboard.press("Enter")
    expect(page.locator("#outside .sent")).to_contain_text("3番が出ています")
    assert public(side)["shelters"] == []
    assert public(side)["phase"] == "disaster"


def test_nothing_is_switched_where_the_clerk_says_no(opened: Callable[..., Page], side: PublicSide) -> None:
    page = opened(viewport=DESKTOP)
    page.check("input[name='phase'][value='alert']")
    page.click("#phase-form button[type='submit']")
    page.keyboard.press("Enter")
    expect(page.locator("#confirm")).not_to_be_visible()

    assert held(side) is None


def test_numbers_roads_and_notices_go_out_from_a_phone(opened: Callable[..., Page], side: PublicSide) -> None:
    page = opened(viewport=PHONE)
    page.click("[data-key='shelters-2-more']")
    page.select_option("#site-state", "full")
    page.fill("#site-people", "85")
    page.select_option("#site-pets", "yes")
    page.click("#site-dialog button[value='yes']")
    expect(page.locator("#sites")).to_contain_text("85人・ペット可")
    page.fill("#road-search", "谷津作")
    page.press("#road-search", "Enter")
    expect(page.locator("#roads")).to_contain_text("平谷津作線（町道）")
    page.fill("#closure-reason", "冠水")
    page.click("#closure-form button[type='submit']")
    expect(page.locator("#closures")).to_contain_text("平谷津作線")
    page.click("#by-place summary")
    page.fill("#positions", "37.28，140.62\n37.281、140.621")
    page.click("#closure-form button[type='submit']")
    expect(page.locator("#trouble")).to_contain_text("呼び名")
    page.fill("#closure-name", "平橋")
    page.click("#closure-form button[type='submit']")
    expect(page.locator("#closures")).to_contain_text("平橋")
    page.check("input[name='level'][value='4']")
    page.fill("#notice-title", "避難指示")
    page.click("#notice-form button[type='submit']")
    page.click("#confirm-yes")
    expect(page.locator("#notices")).to_contain_text("避難指示")

    content = public(side)
    assert [(one["state"], one["people"], one["pets"]) for one in content["shelters"]] == [("full", 85, True)]  # type: ignore[attr-defined]
    assert [one["geometry"]["type"] for one in content["closures"]] == ["MultiLineString", "LineString"]  # type: ignore[attr-defined]
    page.click("button[aria-label='平橋の通行止めを解く']")
    expect(page.locator("#closures")).not_to_contain_text("平橋")


def test_a_press_on_the_map_gives_the_place(opened: Callable[..., Page]) -> None:
    page = opened(viewport=DESKTOP)
    page.click("#by-place summary")
    page.wait_for_selector("#map canvas")
    page.click("#map canvas", position={"x": 200, "y": 150})

    expect(page.locator("#positions")).to_have_value(re.compile(r"^37\.\d+,140\.\d+$"))


def test_an_exercise_is_said_on_top_and_others_only_look(opened: Callable[..., Page]) -> None:
    page = opened(viewport=DESKTOP)
    page.check("#exercise")
    page.click("#phase-form button[type='submit']")
    expect(page.locator("#confirm-text")).to_contain_text("（訓練）")
    page.click("#confirm-yes")
    expect(page.locator("#exercise-banner")).to_be_visible()

    other = opened("sato", viewport=DESKTOP)
    expect(other.locator("#exercise-banner")).to_be_visible()
    expect(other.locator("#who")).to_contain_text("見るだけ")
    assert other.locator(".switchboard button:enabled").count() == 0


def test_two_clerks_and_the_second_is_told_who_was_first(opened: Callable[..., Page]) -> None:
    first, second = opened(viewport=DESKTOP), opened(viewport=DESKTOP)
    first.click("[data-key='shelters-1-full']")
    expect(first.locator("[data-key='shelters-1-full']")).to_have_attribute("aria-pressed", "true")
    second.click("[data-key='shelters-1-open']")

    expect(second.locator("#trouble")).to_contain_text("先に変更しました")
    expect(second.locator("[data-key='shelters-1-full']")).to_have_attribute("aria-pressed", "true")


def test_a_public_side_that_is_away_is_said_and_the_file_is_saved(
    opened: Callable[..., Page], side: PublicSide, test_cluster: Cluster
) -> None:
    import psycopg

    page = opened(viewport=DESKTOP)
    with psycopg.connect(test_cluster.superuser_url(), autocommit=True) as connection:
        connection.execute(f"ALTER DATABASE {DATABASE} ALLOW_CONNECTIONS false".encode())
        connection.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", [DATABASE])
        page.click("[data-key='shelters-1-open']")
        expect(page.locator("#trouble")).to_contain_text("保存しましたが、公開側には届いていません")
        with page.expect_download() as saved:
            page.click("#file")
        connection.execute(f"ALTER DATABASE {DATABASE} ALLOW_CONNECTIONS true".encode())
    page.click("#send")

    expect(page.locator("#outside .sent")).to_contain_text("1番が出ています")
    assert saved.value.suggested_filename == "situation-1.json"


@pytest.mark.parametrize("viewport", [DESKTOP, PHONE, {"width": 360, "height": 740}])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_switch_passes_axe_and_fits_its_window(
    opened: Callable[..., Page], viewport: dict[str, int], scheme: str
) -> None:
    page = opened(viewport=viewport, color_scheme=scheme, bypass_csp=True)
    page.check("input[name='level'][value='3']")
    page.fill("#notice-title", "高齢者等避難")
    page.click("#notice-form button[type='submit']")
    page.click("#confirm-yes")
    expect(page.locator("#notices")).to_contain_text("高齢者等避難")
    page.click("[data-key='shelters-1-open']")
    expect(page.locator("#outside .sent")).to_contain_text("2番")
    page.add_script_tag(content=Path(AXE).read_text(encoding="utf-8"))
    for shown in (None, "[data-key='shelters-1-more']"):
        if shown:
            page.click(shown)
        found = page.evaluate("async () => (await axe.run()).violations.map((one) => [one.id, one.nodes[0].html])")
        assert found == []
    page.keyboard.press("Escape")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
