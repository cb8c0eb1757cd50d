"""The public page while something happens: it opens on what the town says, on a real server that heard it."""

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import expect

from layers.publication.importing import PublicSide
from layers.situation.desk import SituationDesk
from tests.api.public.conftest import serving
from tests.api.public.test_situation import bridge, notice, phase, shelter, side, switch
from tests.browser.conftest import DESKTOP, Visit
from tests.browser.public_site import session_cookies, visit
from tests.browser.test_reading_by_all import violations

__all__ = ["session_cookies", "side", "switch", "visit"]
SMALL = {"width": 360, "height": 740}


@pytest.fixture
def site(side: PublicSide) -> Iterator[str]:
    """The address of a public server with three shelters."""
    with serving(side) as url:
        yield f"{url}/"


@pytest.mark.parametrize("viewport", [DESKTOP, SMALL], ids=["desk", "phone"])
def test_the_page_opens_on_shelters_closures_and_notices(
    visit: Callable[..., Visit], switch: Callable[..., SituationDesk], viewport: dict[str, int]
) -> None:
    switch(
        phase("disaster", "町内全域に避難指示"),
        shelter(1, "open", pets=True, barrier_free=True),
        shelter(2, "full"),
        bridge("平橋"),
        notice(4, "避難指示", "小野新町"),
    )
    page = visit(viewport=viewport, bypass_csp=True).open()
    told = page.locator("#situation")

    expect(told).to_be_visible()
    expect(told.locator(".phase")).to_have_text("災害発生")
    expect(told).to_contain_text("町内全域に避難指示")
    expect(told.locator(".state.open")).to_have_text("開設")
    expect(told.locator(".state.full")).to_have_text("満員")
    expect(told).to_contain_text("平橋")
    assert told.locator(".level-4").evaluate("(one) => getComputedStyle(one).backgroundColor") == "rgb(170, 0, 170)"
    expect(told.get_by_role("link", name="文字だけ")).to_have_attribute("href", "./light")
    assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
    assert violations(page) == []
    told.locator("button.to-map").first.click()
    expect(page.locator("#told")).to_contain_text("避難所")


def test_on_a_day_like_any_other_nothing_is_told(visit: Callable[..., Visit]) -> None:
    page = visit().open()
    expect(page.locator("#situation")).to_be_hidden()
