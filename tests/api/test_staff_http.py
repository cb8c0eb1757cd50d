"""The internal application over HTTP, as a program uses it: a real server, real PostGIS, the sample town."""

import httpx
import mapbox_vector_tile
import morecantile
import pytest

from layers.store.instance import Store
from layers.store.parcel_search import an_interesting_parcel
from tests.signing import SIGNED


@pytest.fixture(scope="module")
def http(staff_url: str) -> httpx.Client:
    return httpx.Client(headers=SIGNED, base_url=staff_url, timeout=60)


@pytest.fixture(scope="module")
def key(sample_store: Store) -> str:
    return an_interesting_parcel(sample_store)


def problem(response: httpx.Response, status: int) -> str:
    """The one sentence of a problem+json answer."""
    assert response.status_code == status
    assert response.headers["content-type"] == "application/problem+json"
    body = response.json()
    assert body["status"] == status
    assert "\n" not in body["detail"]
    return str(body["detail"])


def test_one_parcel_is_answered_for_every_theme(http: httpx.Client, sample_store: Store, key: str) -> None:
    answer = http.post("/inquiries", json={"parcels": [key]}).raise_for_status().json()
    themes = {theme.id for layer in sample_store.catalogue.values() for theme in layer.themes}
    assert {finding["theme"] for finding in answer["findings"]} == themes
    assert answer["parcels"][0]["key"] == key
    assert {finding["parcel"] for finding in answer["findings"]} == {answer["parcels"][0]["number"]}
    for finding in answer["findings"]:
        assert finding["outcome"] in {"applies", "does_not_apply", "near_boundary", "no_data", "stale"}
        assert finding["basis"]
        assert finding["department"]


def test_the_same_question_by_address_gets_the_same_findings(http: httpx.Client, key: str) -> None:
    posted = http.post("/inquiries", json={"parcels": [key]}).json()["findings"]
    assert http.get("/inquiries", params={"parcel": key}).json()["findings"] == posted


def test_an_issued_answer_comes_back_under_its_number(http: httpx.Client, key: str) -> None:
    body = {"parcels": [key], "asker": "税務課", "purpose": "評価替え", "issue": True}
    issued = http.post("/inquiries", json=body).json()
    again = http.get(f"/inquiries/{issued['id']}").json()
    assert again == issued
    assert issued["permalink"].endswith(f"/inquiries/{issued['id']}")
    assert http.get("/inquiries").json()["issued"][0]["id"] == issued["id"]


@pytest.mark.parametrize(
    ("form", "kind", "start"),
    [
        ("pdf", "application/pdf", b"%PDF-"),
        ("xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", b"PK"),
        ("html", "text/html; charset=utf-8", b"<!DOCTYPE html>"),
    ],
)
def test_an_answer_comes_as_a_sheet(http: httpx.Client, key: str, form: str, kind: str, start: bytes) -> None:
    response = http.get("/inquiries", params={"parcel": key, "format": form})
    assert response.status_code == 200
    assert response.headers["content-type"] == kind
    assert response.content.lstrip()[: len(start)].lower() == start.lower()


def test_an_unknown_parcel_is_one_sentence_with_the_nearest_numbers(http: httpx.Client, key: str) -> None:
    place = key.rsplit("/", 1)[0]
    sentence = problem(http.post("/inquiries", json={"parcels": [f"{place}/99999"]}), 404)
    assert "近い地番" in sentence


def test_an_empty_list_is_one_sentence(http: httpx.Client) -> None:
    assert "地番" in problem(http.post("/inquiries", json={"parcels": []}), 400)
    assert "地番" in problem(http.post("/inquiries", json={"parcels": ["  "]}), 400)


def test_ten_thousand_parcels_are_told_to_come_in_parts(http: httpx.Client, sample_store: Store) -> None:
    with sample_store.database.transaction() as connection:
        keys = [row[0] for row in connection.execute("SELECT DISTINCT parcel_key FROM layers.cadastral LIMIT 10000")]
    assert "2,000" in problem(http.post("/inquiries", json={"parcels": keys}), 413)


def test_a_body_that_is_no_inquiry_is_a_problem_in_one_sentence(http: httpx.Client) -> None:
    problem(http.post("/inquiries", json={"parcels": 7}), 422)
    problem(http.post("/inquiries", content=b"{"), 422)


def test_unknown_things_are_problems(http: httpx.Client) -> None:
    problem(http.get("/inquiries/20200101-AAAAAA"), 404)
    problem(http.get("/nothing/here"), 404)
    problem(http.get("/tiles/no_such_layer/14/1/1"), 404)
    problem(http.get("/tiles/cadastral/30/0/0"), 400)
    problem(http.get("/tiles/cadastral/3/9/0"), 400)
    problem(http.delete("/inquiries"), 405)


def test_a_tile_holds_the_layers_asked_for_with_their_feature_ids(http: httpx.Client, key: str) -> None:
    lon, lat = http.get("/parcels", params={"q": key}).json()["matches"][0]["center"]
    tile = morecantile.tms.get("WebMercatorQuad").tile(lon, lat, 15)
    response = http.get(f"/tiles/cadastral,roads/{tile.z}/{tile.x}/{tile.y}").raise_for_status()
    decoded = mapbox_vector_tile.decode(response.content)
    assert "cadastral" in decoded
    assert set(decoded) <= {"cadastral", "roads"}
    features = decoded["cadastral"]["features"]
    assert key in {feature["properties"]["parcel_key"] for feature in features}
    assert all(feature["id"] > 0 for feature in features)


def test_a_parcel_is_found_under_its_own_point(http: httpx.Client, key: str) -> None:
    hit = http.get("/parcels", params={"q": key}).json()["matches"][0]
    lon, lat = hit["center"]
    under = http.get("/parcels/at", params={"lon": lon, "lat": lat}).json()["matches"]
    assert key in {found["key"] for found in under}
    west, south, east, north = hit["bbox"]
    ring = [[west, south], [east, south], [east, north], [west, north], [west, south]]
    drawn = http.post("/parcels/in", json={"type": "Polygon", "coordinates": [ring]}).json()
    assert key in {found["key"] for found in drawn["matches"]}


def test_a_drawing_that_crosses_itself_is_refused_kindly(http: httpx.Client) -> None:
    ring = [[140.6, 37.2], [140.7, 37.3], [140.7, 37.2], [140.6, 37.3], [140.6, 37.2]]
    assert "描" in problem(http.post("/parcels/in", json={"type": "Polygon", "coordinates": [ring]}), 400)


def test_kana_finds_a_named_place(http: httpx.Client, sample_store: Store) -> None:
    with sample_store.database.transaction() as connection:
        row = connection.execute(
            "SELECT name, name_kana FROM layers.facilities WHERE name_kana IS NOT NULL ORDER BY fid LIMIT 1"
        ).fetchone()
    assert row is not None
    places = http.get("/search", params={"q": row[1]}).json()["places"]
    assert row[0] in {place["name"] for place in places}


def test_a_page_that_points_a_foreign_name_at_this_machine_is_refused(http: httpx.Client) -> None:
    assert http.get("/layers", headers={"Host": "evil.example"}).status_code == 400


def test_the_page_is_served_under_a_strict_policy(http: httpx.Client) -> None:
    page = http.get("/")
    policy = page.headers["content-security-policy"]
    assert "default-src 'self'" in policy
    assert "'unsafe-inline'" not in policy.split("style-src")[0]
    assert page.headers["x-content-type-options"] == "nosniff"


def test_sheets_without_a_place_are_listed_and_drawn_on_their_own(http: httpx.Client) -> None:
    sheets = http.get("/sheets").json()["sheets"]
    assert len(sheets) >= 3
    drawing = http.get(f"/sheets/{sheets[0]['id']}.svg")
    assert drawing.headers["content-type"].startswith("image/svg+xml")
    assert drawing.text.count("<path") == sheets[0]["parcels"]
    problem(http.get("/sheets/999999.svg"), 404)


def test_the_rows_that_a_load_did_not_simply_take_can_be_downloaded(http: httpx.Client) -> None:
    loads = http.get("/loads").json()["loads"]
    with_rows = next(load for load in loads if load["report"]["set_aside"])
    csv = http.get(f"/loads/{with_rows['id']}/rows.csv")
    assert csv.text.startswith("\ufeff区分,")
    assert len(csv.text.splitlines()) > with_rows["report"]["set_aside"]
