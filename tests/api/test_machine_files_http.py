"""Machines' files over HTTP: a farmer takes own fields out and brings files in; nobody learns of another's field."""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from httpx import Response

from api.staff.app import create_app
from gis.formats import machine
from layers.accounts.keys import keep_key, new_key
from layers.accounts.persons import add_person
from layers.store.instance import Store, connect
from layers.store.rights.caller import EVERY_VERB, Post, Verb
from layers.store.settings import load_settings
from layers.surveys.sessions import LARGEST_FILE
from tests.gis.formats.machine.samples import BARE, PLAIN, ring, same_ring, same_rings

FARMER = Post("農業者", frozenset({"farmer"}))
PEOPLE = {
    "sato": FARMER,
    "suzuki": FARMER,
    "nosei": Post("産業振興課", frozenset({"viewer", "editor"})),
    "chomin": Post("町民生活課", frozenset({"viewer"})),
    "kanri": Post("総務課", frozenset({"administrator"})),
}
CLAIMED = {"keep": "true", "surveyed_on": "2026-07-02", "accuracy_m": "0.03"}
ZIP = {"Content-Type": "application/zip"}
FORMS = tuple(machine.FORMATS)


@dataclass
class Hall:
    """The application over a store, and a client for each person; `reader` is the clerk's key that only reads."""

    store: Store
    http: dict[str, TestClient] = field(default_factory=dict)


@pytest.fixture(scope="module")
def hall(
    make_database: Callable[..., str], migrated_template: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Hall]:
    folder: Path = tmp_path_factory.mktemp("hall")
    store = connect(load_settings(folder), make_database(template=migrated_template), staff_login=True)
    app, opened = create_app(store), Hall(store)
    for login, post in PEOPLE.items():
        add_person(store, login, f"{login} さん", post)
        opened.http[login] = _client(store, app, login, EVERY_VERB)
    opened.http["reader"] = _client(store, app, "nosei", frozenset({Verb.READ}))
    yield opened
    store.close()


def _client(store: Store, app: object, login: str, verbs: frozenset[Verb]) -> TestClient:
    key = new_key()
    keep_key(store, login, "試験", verbs, timedelta(days=1), key)
    return TestClient(
        app,  # type: ignore[arg-type]
        raise_server_exceptions=False,
        headers={"Authorization": f"Bearer {key}"},
        follow_redirects=False,
    )


def brought(hall: Hall, login: str, content: bytes, kind: str = "application/zip", **asked: str) -> Response:
    answer: Response = hall.http[login].post(
        "/surveys/machine", params=asked, content=content, headers={"Content-Type": kind}
    )
    return answer


def kept(hall: Hall, login: str, *items: machine.MachineField) -> list[str]:
    answer = brought(hall, login, machine.write("isoxml4", items).content, name="usb.zip", **CLAIMED)
    assert answer.status_code == 201, answer.text
    return [one["field_id"] for one in answer.json()["kept"]]


def test_a_file_is_looked_at_without_a_trace_and_kept_when_asked(hall: Hall) -> None:
    before = hall.http["sato"].get("/surveys/machine", params={"f": "kml"}).status_code
    content = machine.write("isoxml4", [PLAIN, BARE]).content
    look = brought(hall, "sato", content, name="usb.zip")
    assert look.status_code == 200, look.text
    assert look.headers["content-type"] == "application/geo+json"
    assert [one["inner_boundaries"] for one in look.json()["fields"]] == [2, 0]
    assert "筆界" in look.json()["note"]
    assert hall.http["sato"].get("/surveys/machine", params={"f": "kml"}).status_code == before == 422
    told = brought(hall, "sato", content, name="usb.zip", **CLAIMED, number="2").json()["kept"]
    assert [(one["field_name"], one["is_new"]) for one in told] == [(BARE.name, True)]


@pytest.mark.parametrize("form", FORMS)
def test_each_format_is_a_file_that_reads_back_as_the_field(hall: Hall, form: str) -> None:
    (field_id,) = kept(hall, "sato", replace(PLAIN, name=f"{form}の田"))
    answer = hall.http["sato"].get(
        f"/surveys/fields/{field_id}/machine", params={"f": form, "headland_m": 3, "width_m": 2.5}
    )
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == machine.FORMATS[form].media_type
    assert answer.headers["cache-control"] == "no-store"
    assert f'filename="onomap-{field_id}-{form}{machine.FORMATS[form].suffix}"' in answer.headers["content-disposition"]
    (found,) = machine.read(answer.content, "x")
    assert same_ring(found.outer, PLAIN.outer)
    assert same_rings(found.inners, PLAIN.inners)
    assert (found.headland is not None) == (form != "isoxml3")


def test_what_a_file_does_not_hold_can_be_asked_before_it_is_taken(hall: Hall) -> None:
    (field_id,) = kept(hall, "sato", replace(PLAIN, name="聞く田"))
    asked = {"f": "isoxml3", "headland_m": 3, "about": "true"}
    told = hall.http["sato"].get(f"/surveys/fields/{field_id}/machine", params=asked).json()
    assert told["file_name"].endswith("-isoxml3.zip")
    assert told["fields"] == [field_id]
    assert any("枕地は入れていません" in note for note in told["notes"])
    assert any("測り方の分からない点" in note for note in told["notes"])


def test_another_farmers_field_is_as_one_that_is_not_there(hall: Hall) -> None:
    (field_id,) = kept(hall, "sato", replace(BARE, name="佐藤の田"))
    (own,) = kept(hall, "suzuki", replace(BARE, name="鈴木の田"))
    answers = [
        hall.http["suzuki"].get(f"/surveys/fields/{one}/machine", params={"f": "kml"}) for one in (field_id, "F-none")
    ]
    assert [answer.status_code for answer in answers] == [404, 404]
    assert answers[0].json() == answers[1].json()
    mixed = hall.http["suzuki"].get("/surveys/machine", params={"f": "kml", "field_id": [own, field_id]})
    assert (mixed.status_code, mixed.json()) == (404, answers[0].json())
    every = machine.read(hall.http["suzuki"].get("/surveys/machine", params={"f": "geojson"}).content, "x.geojson")
    assert {item.name for item in every} == {"鈴木の田"}
    replacing = brought(
        hall, "suzuki", machine.write("kml", [BARE]).content, "application/vnd.google-earth.kml+xml",
        **CLAIMED, field_id=field_id,
    )  # fmt: skip
    assert replacing.status_code == 404


def test_a_field_becomes_a_new_version_only_on_the_one_it_was_made_from(hall: Hall) -> None:
    (field_id,) = kept(hall, "sato", replace(BARE, name="版の田"))
    newer = machine.write("geojson", [replace(BARE, outer=ring((200, 0), (262, 0), (230, 41)))]).content

    def again(**headers: str) -> Response:
        answer: Response = hall.http["sato"].post(
            "/surveys/machine",
            params={**CLAIMED, "field_id": field_id},
            content=newer,
            headers={"Content-Type": "application/geo+json", **headers},
        )
        return answer

    assert again().status_code == 428
    assert again(**{"If-Match": '"9.json"'}).status_code == 412
    answer = again(**{"If-Match": '"1.json"'})
    assert answer.status_code == 201, answer.text
    assert [(one["field_id"], one["version"], one["is_new"]) for one in answer.json()["kept"]] == [(field_id, 2, False)]


def test_staff_take_out_what_their_right_to_export_reaches(hall: Hall) -> None:
    (field_id,) = kept(hall, "nosei", replace(BARE, name="課の田"))
    address = f"/surveys/fields/{field_id}/machine"
    statuses = {
        login: hall.http[login].get(address, params={"f": "sima"}).status_code
        for login in ("nosei", "chomin", "reader", "kanri", "sato")
    }
    assert statuses == {"nosei": 200, "chomin": 200, "reader": 403, "kanri": 403, "sato": 404}
    for login in ("chomin", "kanri"):
        assert brought(hall, login, machine.write("isoxml4", [BARE]).content).status_code == 403


@pytest.mark.parametrize(
    ("content", "kind", "asked", "status", "said"),
    [
        (b"", "application/zip", {}, 400, "空です"),
        (b"PK\x03\x04cut", "application/zip", {}, 400, "壊れているか"),
        (b"%PDF-1.7", "application/octet-stream", {}, 400, "読める形式ではありません"),
        (b"x", "image/png", {}, 415, "Content-Type"),
        (b"<!DOCTYPE kml []><kml/>", "application/xml", {}, 400, "DOCTYPE"),
        (b" " * (LARGEST_FILE + 1), "application/zip", {}, 413, "MB"),
        (machine.write("kml", [BARE]).content, "application/xml", {"keep": "true"}, 422, "accuracy_m"),
        (machine.write("kml", [BARE]).content, "application/xml", {**CLAIMED, "number": "7"}, 422, "1から1の番号"),
        (machine.write("kml", [BARE]).content, "application/xml", {**CLAIMED, "accuracy_m": "nan"}, 422, "accuracy_m"),
    ],
)
def test_a_file_that_cannot_be_taken_is_one_sentence(
    hall: Hall, content: bytes, kind: str, asked: dict[str, str], status: int, said: str
) -> None:
    answer = brought(hall, "sato", content, kind, **asked)
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    assert said in answer.json()["detail"]


@pytest.mark.parametrize(
    ("asked", "status", "said"),
    [
        ({"f": "dxf"}, 422, "isoxml4"),
        ({}, 422, "f"),
        ({"f": "kml", "headland_m": "0"}, 422, "headland_m"),
        ({"f": "kml", "headland_m": "59"}, 400, "圃場が残りません"),
        ({"f": "kml", "width_m": "inf"}, 422, "width_m"),
    ],
)
def test_a_wish_that_cannot_be_met_is_one_sentence(hall: Hall, asked: dict[str, str], status: int, said: str) -> None:
    (field_id,) = kept(hall, "sato", replace(BARE, name="願いの田"))
    answer = hall.http["sato"].get(f"/surveys/fields/{field_id}/machine", params=asked)
    assert answer.status_code == status, answer.text
    assert said in answer.json()["detail"]


def test_a_page_of_another_site_brings_nothing_in(hall: Hall) -> None:
    answer = hall.http["sato"].post(
        "/surveys/machine",
        content=b"{}",
        headers={**ZIP, "Origin": "https://elsewhere.example", "Sec-Fetch-Site": "cross-site"},
    )
    assert answer.status_code == 403


def test_swapped_latitude_and_longitude_are_told(hall: Hall) -> None:
    document = json.loads(machine.write("geojson", [BARE]).content)
    (outer,) = document["features"][0]["geometry"]["coordinates"]
    document["features"][0]["geometry"]["coordinates"] = [[[lat, lon] for lon, lat in outer]]
    answer = brought(hall, "sato", json.dumps(document).encode(), "application/json")
    assert answer.status_code == 400
    assert "緯度と経度が入れ替わっています" in answer.json()["detail"]


def test_what_leaves_is_logged_and_a_question_about_it_is_not(hall: Hall) -> None:
    (field_id,) = kept(hall, "sato", replace(BARE, name="記録の田"))
    address = f"/surveys/fields/{field_id}/machine"
    hall.http["sato"].get(address, params={"f": "kml", "about": "true"}).raise_for_status()
    hall.http["sato"].get(address, params={"f": "isoxml4"}).raise_for_status()
    with hall.store.database.transaction() as connection:
        rows = connection.execute(
            "SELECT account, note, count FROM audit.log WHERE action = 'survey.export' AND rows = %s", [[field_id]]
        ).fetchall()
    assert rows == [("sato", "isoxml4", 1)]
