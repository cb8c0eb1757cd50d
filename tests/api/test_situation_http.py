"""The disaster switch over HTTP: who may, what goes out at once, what is said when it cannot, and two clerks at one time."""

import json
from collections.abc import Iterator
from dataclasses import replace
from itertools import count
from typing import Any

import pytest
import shapely
from starlette.testclient import TestClient

from api.situation_sending import held, take
from api.staff.app import create_app
from layers.publication.desk import Desk
from layers.publication.importing import PublicSide
from layers.publication.public_database import PublicDatabase
from layers.store.cluster import Cluster
from layers.store.instance import Store
from tests.api.publication_door import WithKeys, let_in
from tests.layers.publication.publication_samples import make_public_side
from tests.layers.store.tiles.tile_samples import EAST_M, NORTH_M, insert

_numbers = count(1)


@pytest.fixture
def side(test_cluster: Cluster, empty_store: Store) -> Iterator[PublicSide]:
    """An empty public side."""
    name = f"public_bosai_{next(_numbers)}"
    yield make_public_side(test_cluster, empty_store.settings.home, name)
    test_cluster.drop_database(name)


@pytest.fixture
def http(empty_store: Store, side: PublicSide) -> Iterator[TestClient]:
    """A client of the internal application over two shelters and a road."""
    points = [shapely.Point(EAST_M + 50 * step, NORTH_M) for step in range(2)]
    insert(empty_store, "shelters", points, name="避難所")
    line = shapely.MultiLineString([[(EAST_M, NORTH_M), (EAST_M + 900, NORTH_M)]])
    insert(empty_store, "roads", [line], road_class="town", route_name="平谷津作線")
    let_in(empty_store)
    app = create_app(empty_store)
    app.state.desk = Desk(empty_store, side)
    yield TestClient(WithKeys(app), raise_server_exceptions=False)
    app.state.tiles.close()


def post(http: TestClient, path: str, account: str | None = "bosai", seen: int = 0, **body: object) -> Any:
    headers = {"account": account} if account else {}
    return http.post(f"/bosai/{path}", json={"seen": seen, **body}, headers=headers)


def test_a_step_is_outside_at_once_and_the_answer_says_so(http: TestClient, side: PublicSide) -> None:
    answers = [
        post(http, "phase", phase="disaster", headline="大雨", exercise=True),
        post(http, "sites", seen=1, layer="shelters", id=1, state="open", people=4),
        post(http, "closures", seen=2, road=1, reason="冠水"),
        post(http, "notices", seen=3, level=4, title="避難指示"),
        post(http, "closures/3/open", seen=4),
        post(http, "notices/4/withdraw", seen=5),
        post(http, "undo", seen=6),
    ]

    assert [answer.status_code for answer in answers] == [200] * 7, [answer.text for answer in answers]
    assert [answer.json()["sent"] for answer in answers] == list(range(1, 8))
    last = answers[-1].json()
    assert last["outside"]["number"] == 7
    assert [one["id"] for one in last["content"]["notices"]] == [4]
    found = held(side)
    assert found is not None
    assert found.content == last["content"]


def test_who_has_not_the_duty_sees_the_page_and_switches_nothing(http: TestClient, side: PublicSide) -> None:
    seen = http.get("/bosai/state", headers={"account": "sato"})
    refused = [
        post(http, "phase", "sato", phase="disaster"),
        post(http, "sites", "sato", layer="shelters", id=1, state="open"),
        post(http, "undo", "sato"),
        post(http, "send", "sato"),
        post(http, "file", "sato"),
    ]

    assert (seen.status_code, seen.json()["may_switch"]) == (200, False)
    assert {answer.status_code for answer in refused} == {403}
    assert "防災" in refused[0].json()["detail"]
    assert held(side) is None


def test_without_a_key_nothing_answers_and_no_foreign_page_switches(http: TestClient) -> None:
    headers = {"account": "bosai", "origin": "https://elsewhere.example"}

    assert http.get("/bosai/state").status_code == 401
    assert post(http, "phase", None, phase="disaster").status_code == 401
    assert http.post("/bosai/phase", json={"seen": 0, "phase": "alert"}, headers=headers).status_code == 403


def test_two_clerks_at_once_on_one_shelter_and_the_second_sees_what_the_first_did(http: TestClient) -> None:
    first = post(http, "sites", layer="shelters", id=1, state="full")
    second = post(http, "sites", layer="shelters", id=1, state="open")
    other = post(http, "sites", layer="shelters", id=2, state="open")

    assert (first.status_code, second.status_code, other.status_code) == (200, 412, 200)
    assert "先に変更しました" in second.json()["detail"]
    assert second.headers["etag"]


def test_a_public_side_that_is_away_does_not_stop_the_switch_and_the_file_goes_instead(
    http: TestClient, side: PublicSide, empty_store: Store
) -> None:
    nowhere = "postgresql://nobody@127.0.0.1:1/none"
    app = http.app.app  # type: ignore[attr-defined]
    app.state.desk = Desk(empty_store, replace(side, database=PublicDatabase(nowhere, nowhere)))
    answer = post(http, "phase", phase="disaster")
    file = post(http, "file")

    assert (answer.status_code, answer.json()["number"], answer.json()["sent"]) == (200, 1, None)
    assert "応じません" in answer.json()["trouble"]
    assert "attachment" in file.headers["content-disposition"]
    assert take(side, file.text) == 1
    app.state.desk = Desk(empty_store, side)
    again = post(http, "send")
    assert (again.json()["sent"], again.json()["outside"]["number"]) == (1, 1)


@pytest.mark.parametrize(
    ("path", "body", "status"),
    [
        ("phase", {"phase": "war"}, 422),
        ("phase", {"phase": "alert", "headline": "番号 123456789018"}, 422),
        ("phase", {"phase": "alert", "signed_by": "x"}, 422),
        ("sites", {"layer": "cadastral", "id": 1, "state": "open"}, 422),
        ("sites", {"layer": "shelters", "id": 99, "state": "open"}, 404),
        ("sites", {"layer": "shelters", "id": 1, "state": "open", "people": -1}, 422),
        ("closures", {"name": "橋"}, 422),
        ("closures", {"road": 99}, 404),
        ("closures/9/open", {}, 404),
        ("notices/9/withdraw", {}, 404),
        ("notices", {"level": 6, "title": "x"}, 422),
        ("undo", {}, 409),
        ("send", {}, 200),
        ("file", {}, 422),
    ],
)
def test_a_wrong_step_is_refused_with_its_own_status(
    http: TestClient, path: str, body: dict[str, object], status: int
) -> None:
    answer = post(http, path, **body)

    assert answer.status_code == status, answer.text
    assert status == 200 or json.loads(answer.text)["detail"].endswith("。")


def test_an_individual_number_is_named_as_the_reason(http: TestClient) -> None:
    answer = post(http, "notices", level=3, title="x", text="番号は 123456789018 です")

    assert "マイナンバー" in answer.json()["detail"]


def test_roads_are_found_by_name(http: TestClient) -> None:
    found = http.get("/bosai/roads", params={"q": "谷津"}, headers={"account": "sato"}).json()

    assert found["roads"] == [{"id": 1, "name": "平谷津作線", "kind": "町道"}]
