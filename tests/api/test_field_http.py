"""The lines round a position, by whose they are: exact in degrees and metres, and never another farmer's field."""

import json
from collections.abc import Callable, Iterator
from datetime import date
from typing import Any

import httpx
import pytest
import shapely

from gis.accuracy import point_error_m
from gis.positioning.model import Epoch, FixQuality, Station, SurveyedBoundary, Vertex
from layers.surveys.fields import Keeping, Survey, keep_field
from tests.browser.conftest import cookie_for
from tests.browser.field_town import EAST_M, NORTH_M, SATO, SIDE_M, SUZUKI, FieldTown, at, field_town
from tests.signing import SIGNED

HERE = at(20.0, 20.0)
AROUND = {"lon": HERE["longitude"], "lat": HERE["latitude"], "radius_m": 100}
STATION = Station("見本基準局（架空）", "ONO1", "JGD2011", Epoch.REFERENCE, "試験受信機")


@pytest.fixture(scope="module")
def town(
    make_database: Callable[..., str], migrated_template: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[FieldTown]:
    """A town in which each of two farmers has a field."""
    with field_town(make_database, migrated_template, tmp_path_factory.mktemp("ground") / "home") as made:
        for caller, name, east in ((SATO, "佐藤の田", 5.0), (SUZUKI, "鈴木の田", 45.0)):
            corners = ((east, 5.0), (east + 20, 5.0), (east + 20, 25.0))
            ring = tuple(Vertex(EAST_M + x, NORTH_M + y, 0.015, FixQuality.RTK_FIXED, 30) for x, y in corners)
            survey = Survey(name, date(2026, 7, 1), STATION)
            keeping = Keeping(survey, SurveyedBoundary(ring, (), 6677), f"F-{caller.account}", owner=caller.account)
            keep_field(made.store, caller, None, keeping, None)
        yield made


@pytest.fixture
def asked(town: FieldTown) -> Iterator[Callable[..., httpx.Response]]:
    """Asks as somebody: a farmer's login, or the tests' key, which may read everything."""
    with httpx.Client(base_url=town.site, timeout=30) as http:

        def ask(login: str | None, path: str = "field/ground", **parameters: Any) -> httpx.Response:
            cookie = cookie_for(town.store, town.site, login) if login else None
            headers = {"Cookie": f"{cookie['name']}={cookie['value']}"} if cookie else SIGNED
            return http.get(path, params={**AROUND, **parameters}, headers=headers)

        yield ask


def by_layer(answer: httpx.Response) -> dict[str, list[dict[str, Any]]]:
    """The features of an answer by layer."""
    assert answer.status_code == 200, answer.text
    found: dict[str, list[dict[str, Any]]] = {}
    for feature in answer.json()["features"]:
        found.setdefault(feature["properties"]["layer"], []).append(feature)
    return found


def test_a_farmer_gets_the_public_lines_and_own_fields_and_nothing_of_another(
    asked: Callable[..., httpx.Response],
) -> None:
    answer = asked("sato")
    found = by_layer(answer)

    assert [one["properties"]["label"] for one in found["cadastral"]] == [f"小野新町中通{n}" for n in (1, 2, 3, 4)]
    assert [one["properties"]["label"] for one in found["farmland"]] == ["田"]
    assert [one["properties"]["label"] for one in found["rtk_fields"]] == ["佐藤の田"]
    assert "鈴木" not in answer.text
    assert "registered_area" not in answer.text
    assert [one["properties"]["label"] for one in by_layer(asked("suzuki"))["rtk_fields"]] == ["鈴木の田"]


def test_staff_who_may_see_the_fields_get_all_of_them(asked: Callable[..., httpx.Response]) -> None:
    labels = {one["properties"]["label"] for one in by_layer(asked(None))["rtk_fields"]}

    assert labels == {"佐藤の田", "鈴木の田"}


def test_positions_are_exact_in_metres_and_in_degrees_and_say_how_exact_the_line_is(
    asked: Callable[..., httpx.Response],
) -> None:
    found = by_layer(asked("sato"))
    first = found["cadastral"][0]

    ring = first["plane"][0][0]
    assert shapely.Polygon(ring).equals(shapely.box(EAST_M, NORTH_M, EAST_M + SIDE_M, NORTH_M + SIDE_M))
    corner = at(0.0, 0.0)
    nearest = min(first["geometry"]["coordinates"][0][0], key=lambda place: abs(place[0] - corner["longitude"]))
    assert nearest[0] == pytest.approx(corner["longitude"], abs=2e-9)
    assert first["properties"]["accuracy_m"] == point_error_m("乙一")
    assert found["rtk_fields"][0]["properties"]["accuracy_m"] == 0.015


def test_the_size_is_said_before_and_is_the_true_one(asked: Callable[..., httpx.Response]) -> None:
    told = asked("sato", "field/ground/size").json()
    answer = asked("sato")

    assert told == {"bytes": len(answer.content), "features": len(answer.json()["features"])}


def test_only_what_lies_within_the_radius_comes(asked: Callable[..., httpx.Response]) -> None:
    found = by_layer(asked("sato", radius_m=10))

    assert [one["properties"]["label"] for one in found["cadastral"]] == ["小野新町中通1"]


@pytest.mark.parametrize("place", [{"lon": 139.0, "lat": 35.0}, {"lon": -70.0}, {"lat": 90.0}])
def test_far_from_the_town_there_are_no_lines(asked: Callable[..., httpx.Response], place: dict[str, Any]) -> None:
    assert by_layer(asked("sato", **place)) == {}


@pytest.mark.parametrize("wrong", [{"lon": 200}, {"radius_m": 10_000}, {"lat": "nan"}])
def test_a_place_that_makes_no_sense_is_refused_in_a_sentence(
    asked: Callable[..., httpx.Response], wrong: dict[str, Any]
) -> None:
    answer = asked("sato", **wrong)

    assert answer.status_code == 422
    assert answer.headers["content-type"].startswith("application/problem+json")
    assert answer.json()["detail"]


def test_nobody_gets_lines_or_the_page_without_a_login(town: FieldTown) -> None:
    with httpx.Client(base_url=town.site) as http:
        assert http.get("field/ground", params=AROUND).status_code == 401
        page = http.get("field", headers={"Accept": "text/html"})
        assert page.status_code == 303
        assert page.headers["location"] == "/login?next=%2Ffield"


def test_the_page_that_a_phone_keeps_holds_nothing_of_anybody(town: FieldTown) -> None:
    with httpx.Client(base_url=town.site) as http:
        pages = []
        for login in ("sato", "suzuki"):
            cookie = cookie_for(town.store, town.site, login)
            http.cookies.clear()
            headers = {"Cookie": f"{cookie['name']}={cookie['value']}"}
            shell = http.get("field/shell.json", headers=headers).json()
            files = [http.get(file["url"], headers=headers).content for file in shell["files"]]
            pages.append((json.dumps(shell), files))
        worker = http.get("field/worker.js", headers=headers)
    assert pages[0] == pages[1]
    assert worker.headers["service-worker-allowed"] == "/field"
