"""A farmer reaches own fields and nothing else: every route, those to come too, is refused unless it is listed."""

import gzip
import json
import re
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

import pytest
from fastapi.routing import APIRoute
from fastapi.testclient import TestClient
from starlette.routing import BaseRoute, Mount, Route

from api.staff.people.confined import is_open
from layers.store.instance import connect
from layers.store.settings import load_settings
from tests.api.survey_samples import CORNERS, Farms, degrees, survey

CANARY = "KANARIA7f3a"
ORIGIN = (55_123.457, 143_217.683)
OPEN = re.compile(
    r"/fields?(/.*)?|/surveys(/.*)?|/me|/logout(/everywhere)?|/account(/password|/totp/.*|/sessions/end)?|/shared|/vendor/.*"
)
OUTSIDE_THE_GATE = re.compile(r"/healthz|/login(/.*)?")
BODIES: tuple[dict[str, object], ...] = ({}, {"login": "suzuki"}, {"device": str(uuid4()), "records": []})


@dataclass(frozen=True)
class Planted:
    """Two farmers' town: what is SATO's, and what must not be in an answer to anybody else."""

    farms: Farms
    session: str
    field_id: str
    canaries: tuple[bytes, ...]


@pytest.fixture(scope="module")
def planted(
    make_database: Callable[..., str], migrated_template: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Planted]:
    folder: Path = tmp_path_factory.mktemp("apart")
    store = connect(load_settings(folder), make_database(template=migrated_template), staff_login=True)
    farms = Farms.over(store)
    session, body = survey(ORIGIN, field_name=CANARY)
    assert farms.http["sato"].post("/surveys/records", json=body).json()["refused"] == []
    kept = farms.http["sato"].post(f"/surveys/{session}/field")
    assert kept.status_code == 201, kept.text
    lon, lat = degrees(CORNERS[:1], ORIGIN)[0]
    places = (repr(lon)[:8], repr(lat)[:7], repr(ORIGIN[0])[:7], repr(ORIGIN[1])[:8])
    field_id = kept.json()["id"]
    yield Planted(farms, session, field_id, tuple(one.encode() for one in (CANARY, field_id, session, *places)))
    store.close()


def routes_of(routes: list[BaseRoute], under: str = "") -> Iterator[tuple[str, str]]:
    """Every method and path of an application, those of mounted folders as their beginning."""
    for route in routes:
        if isinstance(route, Mount):
            yield "GET", under + route.path
        elif isinstance(route, APIRoute | Route):
            for method in sorted(route.methods or {"GET"}):
                yield method, under + route.path
        else:
            # included routers stay whole in newer versions of the framework
            inner = getattr(getattr(route, "original_router", route), "routes", None)
            assert inner is not None, f"a kind of route that this test does not know: {route!r}"
            yield from routes_of(inner, under)


def filled(path: str, planted: Planted) -> str:
    names = {"session": planted.session, "field_id": planted.field_id, "z": "15", "x": "29182", "y": "12763"}
    return re.sub(r"\{(\w+)(?::\w+)?\}", lambda found: names.get(found[1], "1"), path)


def every_route(planted: Planted) -> list[tuple[str, str]]:
    found = sorted(set(routes_of(list(planted.farms.app.routes))))
    assert len(found) > 100
    return found


def plain(body: bytes) -> bytes:
    """A body with what is packed in it unpacked, so that nothing hides."""
    try:
        return body + gzip.decompress(body)
    except (OSError, EOFError, zlib.error):
        return body


def test_every_route_but_the_listed_ones_is_refused_to_a_farmer(planted: Planted) -> None:
    http, refused = planted.farms.http["suzuki"], 0
    for method, path in every_route(planted):
        address = filled(path, planted)
        if OUTSIDE_THE_GATE.fullmatch(path):
            continue
        assert is_open(address) is bool(OPEN.fullmatch(path)) or path == "/shared", (method, path)
        if OPEN.fullmatch(path):
            continue
        answer = http.request(method, address)
        assert answer.status_code == 403, (method, address, answer.status_code)
        refused += 1
    assert refused > 80


def test_an_address_that_is_not_there_is_refused_as_one_that_is(planted: Planted) -> None:
    http = planted.farms.http["suzuki"]
    there, nowhere = http.get("/api/collections/rtk_fields/items"), http.get("/not/there")
    assert (there.status_code, there.text) == (nowhere.status_code, nowhere.text)


@pytest.mark.parametrize(
    "path",
    ["/field/../layers", "/surveys/..", "//layers", "/surveys//../people", "/field/./../layers", "/surveys/..\\people",
     "/fieldsx", "/surveysx", "/fields/..", "/staff/page.css/..", "/staff/main.js", "/field/..", "/", "/accounts",
     "/account/keys", "/people/add", "/shared/../staff/main.js"],
)  # fmt: skip
def test_no_roundabout_or_similar_address_is_on_the_list(path: str) -> None:
    assert not is_open(path)


def test_whoever_opens_the_map_is_led_to_the_field_page(planted: Planted) -> None:
    answer = planted.farms.http["suzuki"].get("/", headers={"Accept": "text/html"})
    assert (answer.status_code, answer.headers["location"]) == (303, "/field")


def asked(planted: Planted, http: TestClient) -> Iterator[tuple[str, int, bytes]]:
    """Every address with every method and some bodies and questions, with what was answered."""
    lon, lat = degrees(CORNERS[:1], ORIGIN)[0]
    questions = (
        "",
        f"?q={CANARY}",
        f"?f=json&lon={lon}&lat={lat}&radius_m=300",
        f"?bbox={lon},{lat},{lon + 1},{lat + 1}",
    )
    for method, path in every_route(planted):
        if path == "/events":  # it never ends for those who may listen
            continue
        address = filled(path, planted)
        for question in questions:
            for body in BODIES if method in ("POST", "PUT", "PATCH") else ({},):
                sent = {"content": json.dumps(body), "headers": {"Content-Type": "application/json"}} if body else {}
                answer = http.request(method, address + question, **sent)  # type: ignore[arg-type]
                told = plain(answer.content) + repr(answer.headers.items()).encode()
                yield f"{method} {address}{question}", answer.status_code, told


@pytest.mark.parametrize("who", ["suzuki", "nobody"])
def test_no_answer_to_another_farmer_or_without_a_login_holds_a_canary(planted: Planted, who: str) -> None:
    http = planted.farms.http["suzuki"] if who == "suzuki" else planted.farms.client()
    count = 0
    for address, _, told in asked(planted, http):
        # what the asker said themselves may come back in a sentence
        own = [canary for canary in planted.canaries if canary in address.encode()]
        found = [canary for canary in planted.canaries if canary in told and canary not in own]
        assert not found, (address, found)
        count += 1
    assert count > 500


def test_the_owner_does_see_the_canaries_so_that_the_search_can_find_them(planted: Planted) -> None:
    shown = planted.farms.http["sato"].get("/surveys/fields").content
    assert all(canary in shown for canary in planted.canaries)


def test_what_is_anothers_is_answered_as_what_does_not_exist(planted: Planted) -> None:
    http = planted.farms.http["suzuki"]
    nowhere = Planted(planted.farms, str(uuid4()), "F-0000000000", ())
    compared = 0
    for method, path in every_route(planted):
        if not re.search(r"\{(session|field_id)(:\w+)?\}", path):
            continue
        for body in BODIES if method in ("POST", "PUT", "PATCH") else ({},):
            answers = [
                http.request(
                    method, filled(path, one), content=json.dumps(body), headers={"Content-Type": "application/json"}
                )
                for one in (planted, nowhere)
            ]
            told = [
                (
                    answer.status_code,
                    re.sub(r"F-\w{10}|[0-9a-f-]{36}", "", answer.text),
                    sorted(set(answer.headers) - {"date"}),
                )
                for answer in answers
            ]
            assert told[0] == told[1], (method, path)
            assert told[0][0] >= 400, (method, path, told[0])
            compared += 1
    assert compared >= 7


def test_who_only_reads_the_layer_sees_the_field_but_nowhere_whose_it_is(planted: Planted) -> None:
    http = planted.farms.http["chomin"]
    shown = http.get("/surveys/fields").json()["features"]
    assert [one["properties"]["owner"] for one in shown if one["id"] == planted.field_id] == [None]
    items = "/api/collections/rtk_fields/items"
    (row,) = http.get(items, params={"field_id": planted.field_id}).json()["features"]
    answers = [
        http.get(path)
        for path in ("/surveys/fields", f"{items}/{row['id']}", f"{items}/{row['id']}/versions", "/loads")
    ]
    assert [answer.status_code for answer in answers[:3]] == [200, 200, 200]
    assert not [answer.url for answer in answers if "sato" in answer.text]
