"""The HTML file: opens alone, asks the network for nothing, and runs nothing that stands in the data."""

import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from lxml import html
from playwright.sync_api import Browser, Page, sync_playwright
from shapely import Point

from gis.map_symbols import FeatureStyle
from layers.inquiries.model import Answer
from layers.inquiries.sheets.as_html import to_html
from layers.inquiries.sheets.context import MapContext, MapLayer
from layers.inquiries.sheets.leaflet_map import LEAFLET, MissingLeafletError
from tests.layers.inquiries.sheet_samples import (
    EAST,
    NORTH,
    PERMALINK,
    answer_about,
    one_parcel,
    parcel,
    plot,
    three_parcels,
    village,
)

CHROMIUM = shutil.which("chromium")
HOSTILE = '</script><img src=x onerror="document.title=1"><script>document.title=2</script>'
ARGUMENTS = ["--no-sandbox", "--disable-quic", "--no-first-run", "--disable-background-networking"]

pytestmark = pytest.mark.skipif(
    not LEAFLET.is_dir(), reason="Leaflet is not installed: run npm ci --ignore-scripts in webmap"
)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    if CHROMIUM is None:
        pytest.skip("chromium is not installed: apt-get install chromium")
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield started
        started.close()


def opened(browser: Browser, folder: Path, text: str, width: int = 1280) -> tuple[Page, list[str], list[str]]:
    """The page from a file, with every request that was made and every complaint of the browser."""
    file = folder / "answer.html"
    file.write_text(text, encoding="utf-8")
    page = browser.new_page(viewport={"width": width, "height": 900})
    requests: list[str] = []
    complaints: list[str] = []
    page.on("request", lambda request: requests.append(request.url) if request.url[:5] != "data:" else None)
    page.on("console", lambda message: complaints.append(message.text))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.goto(file.as_uri())
    page.wait_for_load_state("load")
    return page, requests, complaints


def hostile_answer() -> tuple[Answer, MapContext]:
    answer = one_parcel()
    finding = answer.findings[0]._replace(label=HOSTILE, notes=(HOSTILE,), department=HOSTILE)
    context = village()
    named = replace(context.layers[0], title=HOSTILE, labels=(HOSTILE, HOSTILE), attribution=HOSTILE)
    point = MapLayer("shelters", HOSTILE, np.array([Point(EAST + 5, NORTH + 5)]), (FeatureStyle(HOSTILE),), (HOSTILE,))
    asked = replace(answer.parcels[0], number=HOSTILE, chiban=HOSTILE)
    return replace(answer, parcels=(asked,), findings=(finding,), asker=HOSTILE), MapContext(layers=(named, point))


@pytest.mark.parametrize("width", [1280, 390])
def test_the_file_opens_alone_and_asks_the_network_for_nothing(browser: Browser, tmp_path: Path, width: int) -> None:
    page, requests, complaints = opened(browser, tmp_path, to_html(three_parcels(), village(), PERMALINK), width)
    assert requests == [(tmp_path / "answer.html").as_uri()]
    assert complaints == []
    assert page.locator(".leaflet-interactive").count() > 20
    assert page.locator(".leaflet-tooltip.parcel").all_inner_texts() == ["92-1", "92-2"]
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_text_of_the_data_cannot_run(browser: Browser, tmp_path: Path) -> None:
    page, requests, complaints = opened(browser, tmp_path, to_html(*hostile_answer(), PERMALINK))
    for tooltipped in page.locator(".leaflet-interactive, .marker").all()[:6]:
        tooltipped.dispatch_event("mouseover")
    assert HOSTILE in (page.locator(".leaflet-control-layers-overlays").text_content() or "")
    assert HOSTILE in (page.locator(".leaflet-tooltip.parcel").text_content() or "")
    assert page.title() == "土地に関する庁内照会 回答書 20260401-7KQ2MX"
    assert page.locator("img[src='x']").count() == 0
    assert len(requests) == 1
    assert complaints == []


def test_the_pages_own_policy_allows_no_address_and_only_its_own_scripts() -> None:
    page = html.fromstring(to_html(one_parcel(), village(), PERMALINK))
    policy = page.xpath("string(//meta[@http-equiv='Content-Security-Policy']/@content)")
    assert "default-src 'none'" in policy
    assert "unsafe-eval" not in policy
    assert "script-src 'nonce-" in policy
    nonce = policy.split("'nonce-")[1].split("'")[0]
    assert {script.get("nonce") for script in page.xpath("//script")} == {nonce}
    assert page.xpath("//script/@src | //link/@href") == []


def test_none_of_the_addresses_that_folium_brings_are_left() -> None:
    written = to_html(one_parcel(), village(), PERMALINK)
    for address in ("cdn.jsdelivr.net", "code.jquery.com", "cdnjs.cloudflare.com", "netdna.bootstrapcdn.com"):
        assert address not in written
    assert "sourceMappingURL" not in written
    assert "url(images/" not in written


def test_tables_tell_a_screen_reader_what_their_cells_are() -> None:
    page = html.fromstring(to_html(three_parcels(), village(), PERMALINK))
    assert page.get("lang") == "ja"
    for table in page.xpath("//table"):
        assert table.xpath(".//th[@scope='row' or @scope='col']")
        assert not table.xpath(".//th[not(@scope)]")
        for row in table.xpath("./tbody/tr"):
            assert len(row.xpath("./th[@scope='row']")) == 1
    assert page.xpath("//img[not(@alt)]") == []
    assert len(page.xpath("//h1")) == 1


def test_every_finding_is_told_with_its_basis_department_date_and_load() -> None:
    answer = three_parcels()
    page = html.fromstring(to_html(answer, village(), PERMALINK))
    rows = ["".join(row.text_content().split()) for row in page.xpath("//table[contains(@class,'findings')]/tbody/tr")]
    assert len(rows) == len(answer.findings)
    for finding in answer.findings[:9]:
        wanted = (finding.theme_title, finding.label, finding.basis, finding.department)
        assert any(all("".join(part.split()) in row for part in wanted) for row in rows)
    assert sum("読込7" in row for row in rows) == 8 * 3


def test_a_made_up_town_says_so_at_the_top() -> None:
    assert "架空の見本データです" in to_html(one_parcel(), village(), PERMALINK).split("<h1>")[0]


def test_an_answer_without_a_place_has_no_map_and_no_script() -> None:
    written = to_html(answer_about([parcel("無地番-3", None)]), MapContext(), PERMALINK)
    assert "任意座標系のため位置を図示できません" in written
    assert "<script" not in written


def test_patterns_of_areas_are_in_the_page() -> None:
    page = html.fromstring(to_html(one_parcel(), village(), PERMALINK))
    tiles = set(page.xpath("//pattern/@id"))
    used = {fill[5:-1] for fill in page.xpath("//*[starts-with(@fill,'url(#')]/@fill")}
    assert used
    assert used <= tiles


def test_leaflet_that_is_not_there_is_told_with_the_command_that_gets_it(tmp_path: Path) -> None:
    with pytest.raises(MissingLeafletError, match="npm ci --ignore-scripts"):
        to_html(answer_about([parcel("1", plot(0, 0))]), MapContext(), PERMALINK, leaflet=tmp_path)
