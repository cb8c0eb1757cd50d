"""The text-only page in a browser: axe, 360 px, text at 200 %, dark, and by keyboard; nothing but one small style is asked for."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import shapely
from playwright.sync_api import expect

from api.situation_sending import signed, take
from layers.situation.desk import SituationDesk
from layers.situation.wanted import ClosureWanted, NoticeWanted, PhaseWanted, SiteWanted
from layers.store.cluster import Cluster
from layers.store.instance import Store
from tests.api.public.conftest import serving
from tests.browser.conftest import DESKTOP, PHONE, Cookies, Visit
from tests.conftest import REPOSITORY
from tests.layers.publication.publication_samples import make_public_side, publish
from tests.layers.situation.conftest import ON_DUTY
from tests.layers.store.tiles.tile_samples import EAST_M, NORTH_M, insert

AXE = REPOSITORY / "webmap" / "node_modules" / "axe-core" / "axe.min.js"
DATABASE = "public_light_browser"


@pytest.fixture
def site(test_cluster: Cluster, empty_store: Store, tmp_path: Path) -> Iterator[str]:
    """A public server on the day of an exercise, with something of everything."""
    side = make_public_side(test_cluster, tmp_path, DATABASE, empty_store.settings.home)
    for number in range(3):
        insert(empty_store, "shelters", [shapely.Point(EAST_M + 9 * number, NORTH_M)], name=f"避難所{number}")
    insert(
        empty_store, "evacuation_sites", [shapely.Point(EAST_M, NORTH_M + 9)], name="高台", flood=True, landslide=True
    )
    publish(empty_store, side, 1, ["shelters", "evacuation_sites"])
    desk = SituationDesk(empty_store, ON_DUTY)
    desk.set_phase(PhaseWanted.model_validate({"seen": 9, "phase": "disaster", "headline": "大雨", "exercise": True}))
    for number, state in ((1, "open"), (2, "full")):
        desk.set_site(SiteWanted.model_validate({"seen": 9, "layer": "shelters", "id": number, "state": state}))
    for level in range(1, 6):
        desk.announce(NoticeWanted(seen=9, level=level, title=f"お知らせ{level}", text="本文"))
    shape = {"type": "Point", "coordinates": [140.6, 37.3]}
    desk.close_road(ClosureWanted.model_validate({"seen": 9, "name": "平橋", "reason": "冠水", "geometry": shape}))
    take(side, signed(empty_store, desk.current()))
    with serving(side) as url:
        yield f"{url}/"
    test_cluster.drop_database(DATABASE)


@pytest.fixture
def session_cookies() -> Cookies:
    """Nobody signs in here."""
    return list


@pytest.mark.parametrize(
    ("viewport", "scheme", "size"),
    [(DESKTOP, "light", 100), (PHONE, "dark", 100), ({"width": 360, "height": 740}, "light", 200)],
)
def test_the_light_page_passes_axe_and_fits_its_window(
    visit: Callable[..., Visit], viewport: dict[str, int], scheme: str, size: int
) -> None:
    one = visit(viewport=viewport, color_scheme=scheme, bypass_csp=True)
    for language in ("ja", "ja-easy", "en"):
        one.page.goto(f"{one.site}light?lang={language}")
        one.page.add_script_tag(content=AXE.read_text(encoding="utf-8"))
        one.page.evaluate(f"document.documentElement.style.fontSize = '{size}%'")
        found = one.page.evaluate("async () => (await axe.run()).violations.map((one) => [one.id, one.nodes[0].html])")
        assert found == []
        assert one.page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_the_light_page_asks_for_two_small_files_and_is_read_by_keyboard(visit: Callable[..., Visit]) -> None:
    one = visit(java_script_enabled=False)
    one.page.goto(f"{one.site}light?lang=ja")
    asked = [url.removeprefix(one.site) for url in one.watch.requests]
    one.page.keyboard.press("Tab")
    one.page.keyboard.press("Tab")
    one.page.keyboard.press("Enter")

    assert asked == ["light?lang=ja", "shared/light.css"]
    assert "part=" in one.page.url or "lang=ja" in one.page.url
    expect(one.page.locator("h1")).to_have_count(1)
