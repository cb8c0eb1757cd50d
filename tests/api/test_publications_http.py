"""The publication desk over HTTP: who may do which step, what answers in which state, and progress that ends with a result."""

import json
from collections.abc import Iterator
from itertools import count
from typing import Any

import pytest
import shapely
from starlette.testclient import TestClient

from api.staff.app import create_app
from layers.publication.desk import Desk
from layers.store.cluster import Cluster
from layers.store.instance import Store
from tests.api.publication_door import WithKeys, let_in
from tests.layers.publication.publication_samples import make_public_side
from tests.layers.store.tiles.tile_samples import EAST_M, NORTH_M, insert

_numbers = count(1)


@pytest.fixture
def http(test_cluster: Cluster, empty_store: Store) -> Iterator[TestClient]:
    """A client of the internal application over a store with two shelters and an empty public side."""
    name = f"public_http_{next(_numbers)}"
    side = make_public_side(test_cluster, empty_store.settings.home, name)
    points = [shapely.Point(EAST_M + 50 * step, NORTH_M) for step in range(2)]
    insert(empty_store, "shelters", points, name="避難所")
    let_in(empty_store)
    app = create_app(empty_store)
    app.state.desk = Desk(empty_store, side, max_zoom=11)
    yield TestClient(WithKeys(app), raise_server_exceptions=False)
    app.state.tiles.close()
    test_cluster.drop_database(name)


def post(http: TestClient, path: str, account: str | None, **body: object) -> Any:
    headers = {"account": account} if account else {}
    return http.post(path, json=body, headers=headers)


def result(response: Any) -> Any:
    """The last line of an answer with progress."""
    assert response.status_code == 200, response.text
    lines = [json.loads(line) for line in response.text.splitlines()]
    assert all(0 <= line["share"] <= 1 for line in lines[:-1])
    assert len(lines) > 1
    return lines[-1]["result"]


def test_a_layer_goes_out_and_back_over_http(http: TestClient) -> None:
    draft = result(post(http, "/publications", "sato", layer="shelters"))
    approved = post(http, f"/publications/{draft['id']}/approve", "suzuki")
    first = result(post(http, f"/publications/{draft['id']}/publish", "suzuki"))
    down = result(post(http, "/public-editions/withdraw", "sato", layer="shelters"))
    back = post(http, "/public-editions/rollback", "suzuki")
    seen = http.get("/publications", headers={"account": "sato"}).json()

    assert (draft["state"], draft["rows"], approved.json()["state"]) == ("checked", 2, "approved")
    assert (first, down, back.json()) == ({"edition": 1}, {"edition": 2}, {"edition": 1})
    assert seen["served"] == 1
    assert [one["id"] for one in seen["layers"] if one["published"]] == ["shelters"]


@pytest.mark.parametrize("account", [None, "nobody"])
def test_without_a_caller_nothing_of_the_desk_answers(http: TestClient, account: str | None) -> None:
    answers = [
        http.get("/publications", headers={"account": account} if account else {}),
        post(http, "/publications", account, layer="shelters"),
        post(http, "/publications/1/approve", account),
        post(http, "/public-editions/rollback", account),
    ]

    assert {answer.status_code for answer in answers} == {401}


def test_the_same_person_gets_403_and_a_wrong_state_409(http: TestClient) -> None:
    draft = result(post(http, "/publications", "tanaka", layer="shelters"))
    same = post(http, f"/publications/{draft['id']}/approve", "tanaka")
    early = post(http, f"/publications/{draft['id']}/publish", "suzuki")
    post(http, f"/publications/{draft['id']}/approve", "suzuki")
    twice = post(http, f"/publications/{draft['id']}/approve", "suzuki")

    assert (same.status_code, early.status_code, twice.status_code) == (403, 409, 409)
    assert "もう一人" in same.json()["detail"]


@pytest.mark.parametrize(("account", "status"), [("ito", 403), ("mori", 403), ("suzuki", 403), ("abe", 403)])
def test_a_draft_is_for_the_editors_of_the_owning_department(http: TestClient, account: str, status: int) -> None:
    assert post(http, "/publications", account, layer="shelters").status_code == status


def test_a_layer_that_is_not_for_the_public_is_422_and_one_that_is_not_there_404(http: TestClient) -> None:
    assert post(http, "/publications", "abe", layer="water_fittings").status_code == 422
    assert post(http, "/publications", "sato", layer="owners").status_code == 404
    assert http.get("/publications/77", headers={"account": "sato"}).status_code == 404
    assert post(http, "/public-editions/rollback", "suzuki", number=77).status_code == 404


def test_no_page_of_another_site_can_publish(http: TestClient) -> None:
    headers = {"account": "sato", "origin": "https://elsewhere.example"}

    assert http.post("/publications", json={"layer": "shelters"}, headers=headers).status_code == 403


@pytest.mark.parametrize(
    "body",
    [
        {"layer": "shelters", "database_url": "postgresql://elsewhere/"},
        {"layer": "shelters", "path": "/etc/passwd"},
        {"layer": ["shelters"]},
        {},
    ],
)
def test_no_request_can_name_a_database_or_a_file(http: TestClient, body: dict[str, object]) -> None:
    assert http.post("/publications", json=body, headers={"account": "sato"}).status_code == 422


def test_the_drawn_difference_is_a_picture_that_can_run_nothing(http: TestClient) -> None:
    draft = result(post(http, "/publications", "sato", layer="shelters"))
    drawn = http.get(f"/publications/{draft['id']}/difference.svg", headers={"account": "mori"})

    assert (drawn.status_code, drawn.headers["content-type"]) == (200, "image/svg+xml")
    assert "sandbox" in drawn.headers["content-security-policy"]
    assert "no-store" in drawn.headers["cache-control"]
    assert "<script" not in drawn.text


def test_a_step_that_fails_after_it_began_says_so_in_its_last_line(http: TestClient, empty_store: Store) -> None:
    draft = result(post(http, "/publications", "sato", layer="shelters"))
    post(http, f"/publications/{draft['id']}/approve", "suzuki")
    with empty_store.database.transaction() as connection:
        connection.execute("UPDATE layers.shelters SET name = '差し替え'")
    answer = post(http, f"/publications/{draft['id']}/publish", "suzuki")
    last = json.loads(answer.text.splitlines()[-1])

    assert last["problem"]["status"] == 409
    assert "変わりました" in last["problem"]["detail"]


def test_the_page_of_the_desk_is_served_under_the_strict_policy(http: TestClient) -> None:
    page = http.get("/publication", headers={"account": "sato"})

    assert page.status_code == 200
    assert "script-src 'self';" in page.headers["content-security-policy"]
    assert http.get("/publication/main.js", headers={"account": "sato"}).status_code == 200
