"""What a resident is told of a parcel, of the town's facilities and of its data: the public part, and never more."""

import csv
import json
import re
from collections.abc import Iterator
from datetime import datetime
from io import BytesIO, StringIO

import httpx
import pypdf
import pytest

from api.public.land_view import NOTES
from api.public.words import words
from gis.map_furniture import bar_metres
from layers.inquiries.inquire import InquiryRequest, inquire
from layers.inquiries.public_part import land_answer
from layers.open_data.facilities import JST, Facility, Opening, Wanted, chosen, opening
from layers.publication.importing import PublicSide
from layers.publication.published_layer import as_published, is_publishable
from layers.publication.serving import open_public
from layers.store.cluster import Cluster
from layers.store.instance import Store
from tests.api.public.conftest import detail, serving
from tests.layers.inquiries.test_sheets_pdf import boxes_filled, operations
from tests.layers.publication.publication_samples import make_public_side, publish

PARCELS = 200


@pytest.fixture(scope="module")
def whole_side(
    test_cluster: Cluster, sample_store: Store, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[PublicSide]:
    """Every layer of the sample town that may be published."""
    side = make_public_side(test_cluster, tmp_path_factory.mktemp("land"), "public_land", sample_store.settings.home)
    publish(sample_store, side, 7, [name for name, layer in sample_store.catalogue.items() if is_publishable(layer)])
    yield side
    test_cluster.drop_database("public_land")


@pytest.fixture(scope="module")
def http(whole_side: PublicSide) -> Iterator[httpx.Client]:
    """A client of a server over it."""
    with serving(whole_side) as url, httpx.Client(base_url=url, timeout=60) as client:
        yield client


@pytest.fixture(scope="module")
def keys(sample_store: Store) -> list[str]:
    """Parcels from all over the town, those of the map XML sheets and with an undetermined boundary among them."""
    with sample_store.database.transaction() as connection:
        rows = connection.execute(
            "(SELECT parcel_key FROM layers.cadastral WHERE undetermined ORDER BY fid LIMIT 10) UNION ALL "
            "(SELECT parcel_key FROM layers.cadastral WHERE load_id > 3 ORDER BY fid LIMIT 10) UNION ALL "
            "(SELECT parcel_key FROM layers.cadastral WHERE parcel_key NOT LIKE '%%道' AND parcel_key NOT LIKE '%%水' "
            "ORDER BY md5(fid::text) LIMIT %s)",
            [PARCELS],
        ).fetchall()
    return list(dict.fromkeys(row[0] for row in rows))


def test_the_public_answer_is_what_staff_see_of_the_public_themes(
    whole_side: PublicSide, sample_store: Store, keys: list[str]
) -> None:
    edition = open_public(whole_side.database.web_url, whole_side.folder, size=2)
    public = edition.as_store()
    shared = {theme.id for layer in public.catalogue.values() for theme in layer.themes}
    assert len(shared) >= 12
    compared = 0
    for key in keys:
        told = land_answer(public, key).answer
        assert told is not None, key
        inside = inquire(sample_store, InquiryRequest((key,)))
        # a 道 stands on many rows, which come in no order
        staff = sorted((one.theme, one.outcome, one.label) for one in inside.findings if one.theme in shared)
        assert sorted((one.theme, one.outcome, one.label) for one in told.findings) == staff, key
        compared += 1
    edition.database.close()
    assert compared >= PARCELS


def test_no_public_theme_reads_a_column_that_is_not_public(sample_store: Store) -> None:
    for layer in sample_store.catalogue.values():
        if is_publishable(layer):
            names = {field.name for field in as_published(layer).fields}
            for theme in as_published(layer).themes:
                assert {*theme.show, *theme.group_by, *theme.where} <= names


def test_a_parcel_is_found_in_any_spelling_and_told_as_a_page(http: httpx.Client, keys: list[str]) -> None:
    oaza, koaza, chiban = keys[-1].split("/")
    spelt = f"{oaza}字{koaza}{chiban.replace('-', 'の')}番地"
    page = http.get("/land", params={"number": spelt, "lang": "ja", "f": "html"})
    assert page.status_code == 200
    assert page.headers["content-type"].startswith("text/html")
    assert "script" not in page.text
    answer = http.get("/land", params={"number": spelt, "f": "json"}).json()["answer"]
    assert answer["key"] == keys[-1]
    for finding in answer["findings"]:
        assert finding["title"] in page.text
        assert finding["basis"].split("、")[0] in page.text
        assert finding["department"]
    say = words("land")
    assert all(say(f"note.{name}") in page.text for name in NOTES)


def test_nothing_of_people_or_of_what_stays_inside_is_told(http: httpx.Client, keys: list[str]) -> None:
    text = json.dumps([http.get("/land", params={"number": key, "f": "json"}).json() for key in keys[:30]])
    for inner in (
        "registered_area",
        "land_category",
        "asker",
        "purpose",
        "owner",
        "water",
        "buried",
        "file_name",
        "sha256",
    ):
        assert inner not in text


def test_a_text_that_names_several_parcels_or_none_is_answered_with_a_list(http: httpx.Client, keys: list[str]) -> None:
    oaza, koaza, _ = keys[-1].split("/")
    several = http.get("/land", params={"number": f"{oaza}字{koaza}", "f": "json"}).json()
    assert several["answer"] is None
    assert len(several["several"]) == 30
    assert several["truncated"]
    none = http.get("/land", params={"number": f"{oaza}字{koaza}98765", "f": "json"}).json()
    assert none["answer"] is None
    assert none["nearest"]
    page = http.get("/land", params={"number": f"{oaza}字{koaza}98765", "f": "html", "lang": "ja"}).text
    assert "見つかりませんでした" in page
    assert none["nearest"][0]["number"] in page
    assert "地番が一つに決まりません" in detail(http.get("/land", params={"number": oaza, "f": "pdf"}), 404)
    assert detail(http.get("/land", params={"number": "1", "lang": "xx"}), 400)


def test_the_sheet_is_black_and_white_at_exact_scale_with_the_way_back(http: httpx.Client, keys: list[str]) -> None:
    answer = http.get("/land", params={"number": keys[-1], "f": "pdf"})
    assert answer.headers["content-type"] == "application/pdf"
    book = pypdf.PdfReader(BytesIO(answer.content))
    first = book.pages[0]
    assert (round(first.mediabox.width), round(first.mediabox.height)) == (595, 842)
    text = "".join(page.extract_text() for page in book.pages).replace(" ", "")
    assert "第7版" in text
    assert "証明書ではありません" in text
    inks = [args for op, args, _ in operations(first) if op in {b"SCN", b"scn", b"RG", b"rg"}]
    coloured = [[float(part) for part in ink] for ink in inks if len(ink) == 3]
    assert inks
    assert all(max(ink) - min(ink) <= 0.01 for ink in coloured), coloured
    scale = int(re.search(r"縮尺1/([\d,]+)", text)[1].replace(",", ""))  # type: ignore[index]
    cells = sorted(boxes_filled(first, 1.2))
    assert len(cells) == 4
    assert cells[-1][1] - cells[0][0] == pytest.approx(bar_metres(scale) * 1000 / scale, abs=0.05)


@pytest.mark.parametrize("scale", [2500, 5000])
def test_the_hazard_map_of_a_place_is_printed_at_exact_scale_with_the_sentences_of_here(
    http: httpx.Client, scale: int
) -> None:
    place = {"lon": "140.6263", "lat": "37.2869"}
    told = http.get("/here", params={**place, "f": "json", "lang": "ja"}).json()
    answer = http.get("/here.pdf", params={**place, "scale": str(scale)})
    assert answer.status_code == 200, answer.text[:300]
    book = pypdf.PdfReader(BytesIO(answer.content))
    text = re.sub(r"\s", "", "".join(page.extract_text() for page in book.pages))
    for risk in told["risks"]:
        assert re.sub(r"\s", "", risk["sentence"]) in text
    assert f"縮尺1/{scale:,}" in text
    cells = sorted(boxes_filled(book.pages[0], 1.2))
    assert cells[-1][1] - cells[0][0] == pytest.approx(bar_metres(scale) * 1000 / scale, abs=0.05)


def test_a_place_outside_of_the_town_has_no_sheet(http: httpx.Client) -> None:
    assert "外です" in detail(http.get("/here.pdf", params={"lon": "139.7", "lat": "35.7"}), 404)
    assert http.get("/here.pdf", params={"lon": "140.6263", "lat": "37.2869", "scale": "1000"}).status_code == 422


def test_the_list_and_what_the_map_asks_for_are_the_same(http: httpx.Client) -> None:
    for asked in (
        {},
        {"sheet": "aed"},
        {"need": "ostomate"},
        {"q": "としょかん"},
        {"kind": "集会施設", "need": "wheelchair"},
    ):
        found = http.get("/facilities", params={**asked, "f": "json"}).json()["features"]
        page = http.get("/facilities", params={**asked, "lang": "ja", "f": "html"}).text
        assert page.count("<article") == len(found), asked
        assert all(f'id="f{one["id"]}"' in page for one in found)
        assert found, asked
    narrow = http.get("/facilities", params={"sheet": "public_toilet", "need": "ostomate", "f": "json"}).json()[
        "features"
    ]
    assert all(one["properties"]["ostomate"] for one in narrow)
    link = http.get("/facilities", params={"sheet": "aed", "need": "child_pads", "lang": "ja", "f": "html"}).text
    assert "facilities=sheet%3Daed%26need%3Dchild_pads" in link
    assert "need=nonsense" in detail(http.get("/facilities", params={"need": "nonsense"}), 400)


def test_open_now_is_judged_by_day_and_hour(http: httpx.Client) -> None:
    def place(days: str, opens: str, closes: str) -> Facility:
        return Facility(1, 140.6, 37.2, {"open_days": days, "opens": opens, "closes": closes, "name": "館"})

    thursday = datetime(2026, 11, 26, 12, 0, tzinfo=JST)
    assert opening(place("月火水木金", "08:30", "17:15"), thursday) is Opening.OPEN
    assert opening(place("月火水木金", "08:30", "12:00"), thursday) is Opening.CLOSED
    assert opening(place("土日", "08:30", "17:15"), thursday) is Opening.CLOSED
    assert opening(place("", "", ""), thursday) is Opening.UNKNOWN
    late = datetime(2026, 11, 27, 1, 0, tzinfo=JST)
    assert opening(place("木", "18:00", "02:00"), late) is Opening.OPEN
    assert opening(place("金", "18:00", "02:00"), late) is Opening.CLOSED
    assert (
        opening(place("月火水木金土日", "00:00", "23:59"), datetime(2026, 11, 26, 23, 59, 30, tzinfo=JST))
        is Opening.OPEN
    )
    assert chosen([place("土日", "08:30", "17:15")], Wanted(at=thursday)) == []
    states = {
        one["properties"]["open"]
        for one in http.get("/facilities", params={"open": "now", "f": "json"}).json()["features"]
    }
    assert states <= {"open"}


def test_the_catalogue_names_licence_department_freshness_and_every_format(http: httpx.Client) -> None:
    page = http.get("/open-data", params={"lang": "ja"}).text
    for layer in http.get("/layers").json()["layers"]:
        for part in (layer["title"], layer["department"], layer["licence"], layer["attribution"]):
            assert part.replace("&", "&amp;") in page
        assert f"/api/collections/{layer['id']}/export?f=gpkg" in page
    assert "更新の時期" in page
    assert "列名は未確認です" in page
    assert "075221_public_facility.csv" in page


def test_the_json_ld_has_the_shape_of_dcat(http: httpx.Client) -> None:
    answer = http.get("/open-data.jsonld")
    assert answer.headers["content-type"] == "application/ld+json"
    catalogue = answer.json()
    assert catalogue["@type"] == "dcat:Catalog"
    prefixes = set(catalogue["@context"])
    assert len(catalogue["dcat:dataset"]) == len(http.get("/layers").json()["layers"])

    def walk(node: object) -> Iterator[str]:
        if isinstance(node, dict):
            for name, value in node.items():
                yield name
                yield from walk(value)
        elif isinstance(node, list):
            for one in node:
                yield from walk(one)

    assert all(name.startswith("@") or name.split(":")[0] in prefixes for name in walk({**catalogue, "@context": None}))
    for dataset in catalogue["dcat:dataset"]:
        assert dataset["@type"] == "dcat:Dataset"
        assert {"dct:title", "dct:description", "dct:license", "dct:publisher", "dcat:distribution"} <= set(dataset)
        for one in dataset["dcat:distribution"]:
            assert one["@type"] == "dcat:Distribution"
            assert one["dcat:accessURL"]["@id"].startswith("http")
            if "dct:description" in one:
                assert "dct:conformsTo" not in one


def test_every_table_of_the_catalogue_downloads_with_the_town_and_its_rows(http: httpx.Client) -> None:
    catalogue = http.get("/open-data.jsonld").json()
    tables = [
        one["dcat:downloadURL"]["@id"]
        for dataset in catalogue["dcat:dataset"]
        for one in dataset["dcat:distribution"]
        if one.get("dcat:downloadURL", {}).get("@id", "").endswith(".csv")
    ]
    assert len(tables) >= 10
    for address in tables:
        answer = http.get(address)
        assert answer.status_code == 200
        assert answer.content.startswith(b"\xef\xbb\xbf")
        rows = list(csv.reader(StringIO(answer.content.decode("utf-8-sig"), newline="")))
        assert len(rows) > 1
        assert all(len(row) == len(rows[0]) for row in rows)
        assert f'filename="{address.rsplit("/", 1)[1]}"' in answer.headers["content-disposition"]
    assert "一覧があります" in detail(http.get("/open-data/075221_fire_hydrant.csv"), 404)


def test_a_sheet_costs_as_much_as_a_file(whole_side: PublicSide, keys: list[str]) -> None:
    with serving(whole_side, FILE_RATE="2/minute") as url, httpx.Client(base_url=url, timeout=60) as client:
        asked = [client.get("/land", params={"number": keys[-1], "f": "pdf"}).status_code for _ in range(3)]
        assert asked == [200, 200, 429]
        assert client.get("/land", params={"number": keys[-1], "f": "json"}).status_code == 200
