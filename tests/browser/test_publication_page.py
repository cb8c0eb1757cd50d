"""The publication desk in a browser: a clerk and an approver take a layer out and back without a manual."""

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import shapely
from playwright.sync_api import Page

from api.serve import free_port
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


@pytest.fixture
def site(test_cluster: Cluster, empty_store: Store) -> Iterator[str]:
    """A staff server that knows who asks by a cookie, over three shelters and an empty public side."""
    home = empty_store.settings.home
    side = make_public_side(test_cluster, home, "public_browser")
    (side.folder / "trusted.pub").write_text(public_half(signing_key(home / "publication")).pem(), encoding="utf-8")
    points = [shapely.Point(EAST_M + 200 * step, NORTH_M) for step in range(3)]
    insert(empty_store, "shelters", points, name="避難所")
    port = free_port()
    environment = {
        **os.environ,
        "DATABASE_URL": empty_store.database.url,
        "ONOMAP_PUBLIC_DATABASE_URL": side.database.owner_url,
        "ONOMAP_PUBLIC_WEB_DATABASE_URL": side.database.web_url,
    }
    let_in(empty_store)
    command = [sys.executable, "-P", "-m", "api.serving", "staff", "--home", str(home), "--port", str(port)]
    process = subprocess.Popen(command, cwd=REPOSITORY, env=environment)
    try:
        _wait_for(f"http://127.0.0.1:{port}/healthz", process)
        yield f"http://127.0.0.1:{port}/"
    finally:
        process.terminate()
        process.wait(20)
        test_cluster.drop_database("public_browser")


@pytest.fixture
def session_cookies(empty_store: Store, site: str) -> Cookies:
    """Whoever opens a page without more is a clerk of another 課."""
    return lambda: [cookie_for(empty_store, site, OUTSIDER.account)]


@pytest.fixture
def opened(visit: Callable[..., Visit], site: str, empty_store: Store) -> Callable[..., Page]:
    """Opens the desk as somebody."""

    def open_as(account: str, **options: object) -> Page:
        one = visit(**options)
        one.page.context.clear_cookies()
        one.page.context.add_cookies([cookie_for(empty_store, site, account)])
        return one.open("publication?layer=shelters")

    return open_as


def test_two_people_take_a_layer_out_and_one_button_brings_it_back(opened: Callable[..., Page]) -> None:
    began = time.monotonic()
    clerk = opened("sato", viewport=DESKTOP)
    clerk.click("button:has-text('いまの内容で下書きを作る')")
    clerk.wait_for_selector(".difference img")
    assert clerk.locator("button:has-text('承認する')").count() == 0

    chief = opened("suzuki", viewport=DESKTOP)
    chief.click("button:has-text('承認する')")
    chief.click("button:text-is('公開する')")
    chief.wait_for_selector(".done-note:has-text('公開しました')")
    chief.click("button:has-text('このレイヤの公開を終える')")
    chief.wait_for_selector(".done-note:has-text('公開を終えました')")
    chief.click("button:has-text('元に戻す')")
    chief.wait_for_selector(".edition:has-text('第1版') .badge")

    assert chief.locator(".layer[data-layer='shelters'] .badge").inner_text() == "公開中"
    assert time.monotonic() - began < 120


@pytest.mark.parametrize("viewport", [DESKTOP, PHONE])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_desk_passes_axe_and_fits_its_window(
    opened: Callable[..., Page], viewport: dict[str, int], scheme: str
) -> None:
    page = opened("sato", viewport=viewport, color_scheme=scheme, bypass_csp=True)
    page.click("button:has-text('いまの内容で下書きを作る')")
    page.wait_for_selector(".difference img")
    page.add_script_tag(content=Path(AXE).read_text(encoding="utf-8"))
    found = page.evaluate("async () => (await axe.run()).violations.map((one) => one.id)")

    assert found == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_without_a_login_the_page_is_not_shown(visit: Callable[..., Visit], site: str) -> None:
    one = visit()
    one.page.context.clear_cookies()
    one.page.goto(f"{site}publication")
    one.page.wait_for_selector("#username")

    assert one.page.locator(".layer").count() == 0
