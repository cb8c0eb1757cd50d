"""What a browser must have got before the answer for a linked place can be read: counted, since clocks differ each time."""

import re
from collections.abc import Callable

import pytest

from tests.api.public.conftest import PublicTown
from tests.browser.conftest import Visit
from tests.browser.public_site import place, public_side_of_town, public_town, session_cookies, shelter, site, visit
from tests.browser.test_public_page_for_all import SCREENS, WRITTEN, _packed

__all__ = ["place", "public_side_of_town", "public_town", "session_cookies", "shelter", "site", "visit"]
FIRST_FLIGHT = 14_600
"""Ten packets, which a server sends without waiting for an answer (RFC 6928): more would cost another round trip."""
_HOLDING = """() => performance.getEntriesByType("resource")
    .filter((one) => one.renderBlockingStatus === "blocking").map((one) => new URL(one.name).pathname)"""


def test_one_style_sheet_is_all_that_the_first_paint_waits_for(visit: Callable[..., Visit], place: str) -> None:
    page = visit(**SCREENS["phone"]).open(place)
    assert page.evaluate(_HOLDING) == ["/public/page.css"]


def test_the_words_are_laid_out_when_no_script_and_nothing_else_came(visit: Callable[..., Visit], place: str) -> None:
    one = visit(**SCREENS["phone"])
    needed = re.compile(r"/(\?.*)?$|/public/page\.css$")
    one.page.route(lambda url: needed.search(url) is None, lambda route: route.abort())
    one.watch.forgiven = ("ERR_FAILED",)
    one.page.goto(one.site + place)
    box = one.page.locator("#found .headline").bounding_box()

    assert box is not None
    assert box["width"] > 250
    assert one.page.locator("#found .sites li").count() > 0


@pytest.mark.parametrize("code", WRITTEN)
def test_page_and_style_sheet_each_come_in_one_flight(public_town: PublicTown, place: str, code: str) -> None:
    assert _packed(public_town.http, f"/{place}&lang={code}") <= FIRST_FLIGHT
    assert _packed(public_town.http, "/public/page.css") <= FIRST_FLIGHT


def test_the_style_sheet_asks_for_nothing_more(public_town: PublicTown) -> None:
    assert re.findall(r"@import|url\(|@font-face", public_town.get("/public/page.css").text) == []
