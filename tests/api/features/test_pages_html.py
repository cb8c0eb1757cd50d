"""The pages for people: every format of a file is offered, with the conditions of the page and all its rows."""

import csv
import io
from html.parser import HTMLParser
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from gis.formats.writing.formats import FORMATS
from tests.api.features.answers import BLOCK, EPSG, ITEMS, page


class Links(HTMLParser):
    """The links of a page: address by text."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.found: dict[str, str] = {}
        self._open: str | None = None
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "a":
            self._open = dict(attrs)["href"]

    def handle_data(self, data: str) -> None:
        if self._open is not None:
            self.found[data] = self._open
            self._open = None


def read(http: httpx.Client, address: str, **parameters: str) -> httpx.Response:
    response = http.get(address, params={"f": "html", **parameters})
    assert response.status_code == 200, response.text[:300]
    return response


def test_a_page_of_features_offers_all_that_match_in_every_format(http: httpx.Client) -> None:
    asked = {"bbox": BLOCK, "filter": "land_category = '宅地'", "sortby": "-registered_area_m2", "limit": "5"}
    first = Links(read(http, ITEMS.format("cadastral"), **asked, count="exact").text).found
    second = Links(http.get(first["次のページ"]).text).found

    assert {form.title for form in FORMATS.values()} <= set(first)
    for form in FORMATS.values():
        query = parse_qs(urlsplit(first[form.title]).query)
        assert query == {"f": [form.name]} | {name: [asked[name]] for name in ("bbox", "filter", "sortby")}
        assert second[form.title] == first[form.title]


def test_the_file_holds_the_rows_of_all_pages_in_the_order_of_the_page(http: httpx.Client) -> None:
    asked = {"bbox": BLOCK, "filter": "land_category = '宅地'", "sortby": "-registered_area_m2"}
    offered = Links(read(http, ITEMS.format("cadastral"), **asked, limit="5").text).found
    response = http.get(offered["CSV"])
    rows = list(csv.DictReader(io.StringIO(response.content.decode("utf-8-sig"))))

    expected = page(http, "cadastral", **asked, limit=10_000)["features"]
    assert len(expected) > 5
    assert [row["parcel_key"] for row in rows] == [feature["properties"]["parcel_key"] for feature in expected]
    assert "attachment" in response.headers["content-disposition"]


@pytest.mark.parametrize("crs", [f"{EPSG}6677", f"{EPSG}4326"])
def test_every_offered_file_can_be_had_whatever_system_the_page_was_asked_in(http: httpx.Client, crs: str) -> None:
    offered = Links(read(http, ITEMS.format("shelters"), crs=crs).text).found
    for form in FORMATS.values():
        response = http.get(offered[form.title])
        assert response.status_code == 200, form.name
        assert response.headers["content-type"] == form.media_type
        assert response.content
        assert ("crs=" in offered[form.title]) == (not form.only_crs84)


def test_the_page_of_a_layer_offers_the_whole_layer_in_every_format(http: httpx.Client) -> None:
    offered = Links(read(http, "/api/collections/shelters").text).found
    for form in FORMATS.values():
        assert http.head(offered[form.title]).headers["content-type"] == form.media_type
    whole = http.get(offered["GeoJSON"]).json()
    assert len(whole["features"]) == page(http, "shelters", count="exact")["numberMatched"]


def test_pages_of_a_layer_s_properties_say_which_they_are_and_lead_to_the_json(http: httpx.Client) -> None:
    for part, word in (("queryables", "条件に使える項目"), ("schema", "項目の定義")):
        text = read(http, f"/api/collections/cadastral/{part}").text
        assert f"<h1>地番図（登記所備付地図）の{word}</h1>" in text
        schema = http.get(Links(text).found["この表を JSON Schema で読む"])
        assert schema.headers["content-type"] == "application/schema+json"
        assert "甲一、甲二" in text
        assert "甲一=甲一" not in text


def test_a_whole_measure_is_written_without_a_fraction(http: httpx.Client) -> None:
    (feature,) = page(http, "cadastral", filter="registered_area_m2 = 3176", limit=1)["features"]
    text = read(http, f"{ITEMS.format('cadastral')}/{feature['id']}").text
    assert "3176 ㎡" in text
    assert "3176.0" not in text


def test_the_landing_page_leads_to_the_map_the_tiles_and_names_every_form(http: httpx.Client) -> None:
    text = read(http, "/api").text
    for name in ("庁内地図", "ベクトルタイル", "コレクション（レイヤ）の一覧", "準拠する規格"):
        assert http.get(Links(text).found[name]).status_code == 200
    assert all(name in text for name in FORMATS)
