"""The static edition in a browser: served by a host that knows nothing of ours, it answers, draws and speaks as the server does."""

import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import uvicorn
from playwright.sync_api import Route, expect
from starlette.applications import Starlette
from starlette.routing import Mount
from starlette.staticfiles import StaticFiles

from api.public.editions import opened
from api.serve import free_port
from api.static_edition import write_static
from layers.publication.importing import PublicSide
from layers.publication.serving import open_public
from tests.browser.conftest import DESKTOP, Visit
from tests.browser.public_site import session_cookies, visit
from tests.guided_town import guided_side

__all__ = ["guided_side", "session_cookies", "visit"]
PLACE = "?here=37.2869,140.6263"
Visits = Callable[..., Visit]


@pytest.fixture(scope="module")
def folder(guided_side: PublicSide, tmp_path_factory: pytest.TempPathFactory) -> Path:
    published = open_public(guided_side.database.web_url, guided_side.folder)
    folder = tmp_path_factory.mktemp("static") / "site"
    write_static(published, opened(published), folder, lambda _what, _share: None)
    published.database.close()
    return folder


@pytest.fixture(scope="module")
def site(folder: Path) -> Iterator[str]:
    """The folder on a plain host of files, below a sub-path as a town's site may have it."""
    files = StaticFiles(directory=folder, html=True)
    port = free_port()
    host = uvicorn.Server(uvicorn.Config(Starlette(routes=[Mount("/bosai", files)]), port=port, log_level="error"))
    thread = threading.Thread(target=host.run, daemon=True)
    thread.start()
    while not host.started:
        time.sleep(0.05)
    yield f"http://127.0.0.1:{port}/bosai/"
    host.should_exit = True
    thread.join(10)


def test_a_linked_place_is_answered_and_its_zones_are_drawn_without_a_server(visit: Visits) -> None:
    one = visit(viewport=DESKTOP)
    page = one.page
    page.goto(f"{one.site}{PLACE}")
    expect(page.locator("#found")).to_contain_text("洪水")
    page.wait_for_selector("html[data-ready='1']", state="attached", timeout=60_000)
    expect(page.locator("#view button").first).to_be_visible()
    page.fill("#search-text", "しょうがっこう")
    page.press("#search-text", "Enter")
    expect(page.locator("#hits-list button").first).to_contain_text("小学校")
    assert any(request.endswith(".pmtiles") for request in one.watch.requests)
    assert page.locator("footer a[href='./land']").count() == 0


def test_a_read_of_a_tile_that_breaks_off_once_is_made_again(visit: Visits) -> None:
    one = visit(viewport=DESKTOP)
    broken: set[str] = set()

    def break_off(route: Route) -> None:
        part = f"{route.request.url} {route.request.headers.get('range')}"
        # the head of a file is read first and alone; what is broken here is the reading of tiles
        if part in broken or part.endswith("bytes=0-16383"):
            route.continue_()
            return
        broken.add(part)
        route.abort("connectionreset")

    one.page.route("**/*.pmtiles", break_off)
    one.watch.forgiven = ("net::ERR_CONNECTION_RESET",)
    page = one.open(PLACE)
    assert broken
    expect(page.locator("#trouble")).to_be_hidden()


def test_the_page_says_that_it_knows_nothing_of_the_moment(visit: Visits) -> None:
    page = visit(viewport=DESKTOP).open(PLACE)
    expect(page.locator("#situation")).to_be_visible()
    expect(page.locator("#situation")).to_contain_text("この版では分かりません")
    assert page.locator("#found .state").count() == 0


def test_another_language_is_another_file_that_opens_on_the_same_place(visit: Visits) -> None:
    one = visit(viewport=DESKTOP)
    page = one.page
    page.goto(f"{one.site}{PLACE}")
    page.wait_for_selector("html[data-answered='1']", state="attached", timeout=60_000)
    page.locator("#language summary").click()
    page.locator("#language a[lang='en']").click()
    page.wait_for_selector("html[data-answered='1']", state="attached", timeout=60_000)
    assert "index.en.html" in page.url
    assert "here=37.2869" in page.url
    expect(page.locator("#found")).to_contain_text("flood")
