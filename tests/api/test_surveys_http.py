"""Surveys over HTTP: what a phone sends, what it is told, and a field measured again on the version it was made from."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from uuid import uuid4

import pytest
from httpx import Response

from layers.store.instance import connect
from layers.store.settings import load_settings
from tests.api.survey_samples import CORNERS, Farms, survey


@pytest.fixture(scope="module")
def farms(
    make_database: Callable[..., str], migrated_template: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Farms]:
    folder: Path = tmp_path_factory.mktemp("farms")
    store = connect(load_settings(folder), make_database(template=migrated_template), staff_login=True)
    yield Farms.over(store)
    store.close()


def sent(farms: Farms, login: str = "sato", **more: object) -> str:
    session, body = survey(**more)  # type: ignore[arg-type]
    answer = farms.http[login].post("/surveys/records", json=body)
    assert answer.status_code == 200, answer.text
    assert not answer.json()["refused"]
    return session


def kept(farms: Farms, session: str, login: str = "sato", **headers: str) -> Response:
    answer: Response = farms.http[login].post(f"/surveys/{session}/field", headers=headers)
    return answer


def test_a_batch_is_stored_once_and_the_same_again_is_already_there(farms: Farms) -> None:
    session, body = survey()
    first = farms.http["sato"].post("/surveys/records", json=body).json()
    again = farms.http["sato"].post("/surveys/records", json=body).json()
    assert first["stored"] == again["already"]
    assert (len(first["stored"]), again["stored"], again["refused"]) == (5, [], [])
    shown = farms.http["sato"].get(f"/surveys/{session}").json()
    assert [piece["kind"] for piece in shown["pieces"]] == ["corner"] * 4
    assert shown["qualities"] == {"4": 20}


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"{", 422),
        (b"[]", 422),
        (b'{"device": "x", "records": []}', 422),
        (b'{"device": "00000000-0000-4000-8000-00000000d0d0", "records": [], "more": 1}', 422),
        (json.dumps({"device": str(uuid4()), "records": [{}] * 1_001}).encode(), 422),
        (b" " * (5 * 1024**2 + 1), 413),
    ],
)
def test_a_body_that_is_no_batch_is_a_problem(farms: Farms, body: bytes, status: int) -> None:
    answer = farms.http["sato"].post("/surveys/records", content=body, headers={"Content-Type": "application/json"})
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"


def test_a_boundary_is_tried_without_a_trace_and_tells_every_corner(farms: Farms) -> None:
    session = sent(farms)
    tried = farms.http["sato"].post(f"/surveys/{session}/boundary").json()
    assert tried["properties"]["area_m2"] == pytest.approx(1_200, abs=0.01)
    assert len(tried["vertices"]) == 4
    assert all(0 < vertex["sigma_m"] < 0.1 for vertex in tried["vertices"])
    assert "筆界" in tried["properties"]["note"]
    fields = farms.http["sato"].get("/surveys/fields").json()["features"]
    assert session not in {one["properties"]["session"] for one in fields}


def test_a_boundary_that_crosses_itself_is_422_with_its_reason_and_a_picture(farms: Farms) -> None:
    session = sent(farms, places=(CORNERS[0], CORNERS[2], CORNERS[1], CORNERS[3]))
    refused = farms.http["sato"].post(f"/surveys/{session}/boundary")
    assert refused.status_code == 422
    assert refused.json()["reason"] == "crosses_itself"
    assert refused.json()["picture"].startswith("<svg")


def test_a_field_is_kept_then_measured_again_on_its_version(farms: Farms) -> None:
    first = kept(farms, sent(farms))
    assert first.status_code == 201, first.text
    field_id = first.json()["id"]
    session = sent(farms, field_id=field_id, origin=(55_000.2, 143_000.0))
    assert kept(farms, session).status_code == 428
    assert kept(farms, session, **{"If-Match": '"9.json"'}).status_code == 412
    second = kept(farms, session, **{"If-Match": first.headers["etag"]})
    assert second.status_code == 200, second.text
    assert (second.json()["id"], second.json()["properties"]["version"]) == (field_id, 2)
    assert kept(farms, session, **{"If-Match": first.headers["etag"]}).status_code == 412
    shown = farms.http["sato"].get(f"/surveys/fields/{field_id}")
    assert shown.headers["etag"] == second.headers["etag"]
    versions = farms.http["nosei"].get(f"/api/collections/rtk_fields/items/{fid_of(farms, field_id)}/versions").json()
    assert [one["version"] for one in versions["versions"]] == [2, 1]


def fid_of(farms: Farms, field_id: str) -> int:
    with farms.store.database.transaction() as connection:
        row = connection.execute("SELECT fid FROM layers.rtk_fields WHERE field_id = %s", [field_id]).fetchone()
    assert row is not None
    return int(row[0])


def test_a_retry_after_a_lost_answer_finds_the_field_and_makes_no_second(farms: Farms) -> None:
    session = sent(farms)
    first, again = kept(farms, session), kept(farms, session)
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json() == again.json()


def test_a_field_goes_to_another_farmer_by_the_clerk_only_and_is_logged(farms: Farms) -> None:
    field_id = kept(farms, sent(farms)).json()["id"]
    address = f"/surveys/fields/{field_id}/owner"
    assert farms.http["suzuki"].put(address, json={"login": "suzuki"}).status_code == 403
    assert farms.http["nosei"].put(address, json={"login": "chomin"}).status_code == 422
    assert farms.http["nosei"].put(address, json={"login": "nobody"}).status_code == 404
    assert farms.http["nosei"].put(address, json={"login": "suzuki"}).json()["properties"]["owner"] == "suzuki"
    assert farms.http["suzuki"].get(f"/surveys/fields/{field_id}").status_code == 200
    assert farms.http["sato"].get(f"/surveys/fields/{field_id}").status_code == 404
    with farms.store.database.transaction() as connection:
        row = connection.execute(
            "SELECT account, note FROM audit.log WHERE action = 'survey.owner' AND rows = %s", [[field_id]]
        ).fetchone()
    assert row == ("nosei", "sato → suzuki")


@pytest.mark.parametrize("login", ["chomin", "kanri"])
def test_who_does_not_survey_is_told_so(farms: Farms, login: str) -> None:
    _, body = survey()
    assert farms.http[login].post("/surveys/records", json=body).status_code == 403


def test_files_are_taken_raw_counted_and_bounded(farms: Farms) -> None:
    session = sent(farms)
    text = {"Content-Type": "text/plain"}
    address = f"/surveys/{session}/nmea"
    none = farms.http["sato"].post(address, content=b"no log at all", headers=text)
    assert (none.status_code, none.headers["content-type"]) == (400, "application/problem+json")
    assert (
        farms.http["sato"].post(address, content=b"{}", headers={"Content-Type": "application/json"}).status_code == 415
    )
    points = "点名,緯度,経度\n杭1,37.28,140.62\n".encode()
    added = farms.http["sato"].post(
        f"/surveys/{session}/points?ring=1", content=points, headers={"Content-Type": "text/csv"}
    )
    assert added.json()["qualities"] == {"unknown": 1}
    swapped = "点名,緯度,経度\n杭1,140.62,37.28\n".encode()
    refused = farms.http["sato"].post(
        f"/surveys/{session}/points", content=swapped, headers={"Content-Type": "text/csv"}
    )
    assert refused.status_code == 400
