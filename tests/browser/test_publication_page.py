"""The publication desk in a browser: a clerk and an approver take a layer out and back without a manual."""

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import shapely
from playwright.sync_api import Browser, Page

from api.serve import free_port
from layers.publication.keys import public_half, signing_key
from layers.store.cluster import Cluster
from layers.store.instance import Store
from tests.browser.conftest import DESKTOP, PHONE, Visit
from tests.conftest import REPOSITORY, _wait_for
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
    command = [sys.executable, "-m", "tests.api.publication_door", str(home), str(port)]
    process = subprocess.Popen(command, cwd=REPOSITORY, env=environment)
    try:
        _wait_for(f"http://127.0.0.1:{port}/healthz", process)
        yield f"http://127.0.0.1:{port}/"
    finally:
        process.terminate()
        process.wait(20)
        test_cluster.drop_database("public_browser")


def opened(visit: Callable[..., Visit], site: str, account: str, **options: object) -> Page:
    one = visit(**options)
    one.page.context.add_cookies([{"name": "account", "value": account, "url": site}])
    return one.open("publication?layer=shelters")


def test_two_people_take_a_layer_out_and_one_button_brings_it_back(
    visit: Callable[..., Visit], site: str, browser: Browser
) -> None:
    began = time.monotonic()
    clerk = opened(visit, site, "sato", viewport=DESKTOP)
    clerk.click("button:has-text('いまの内容で下書きを作る')")
    clerk.wait_for_selector(".difference img")
    assert clerk.locator("button:has-text('承認する')").count() == 0

    chief = opened(visit, site, "suzuki", viewport=DESKTOP)
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
    visit: Callable[..., Visit], site: str, viewport: dict[str, int], scheme: str
) -> None:
    page = opened(visit, site, "sato", viewport=viewport, color_scheme=scheme, bypass_csp=True)
    page.click("button:has-text('いまの内容で下書きを作る')")
    page.wait_for_selector(".difference img")
    page.add_script_tag(content=Path(AXE).read_text(encoding="utf-8"))
    found = page.evaluate("async () => (await axe.run()).violations.map((one) => one.id)")

    assert found == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_without_a_login_the_page_says_so_and_shows_nothing(visit: Callable[..., Visit], site: str) -> None:
    one = visit()
    one.watch.forgiven = ("403",)
    one.page.goto(f"{site}publication")
    one.page.wait_for_selector("#trouble:has-text('ログイン')")

    assert one.page.locator(".layer").count() == 0
