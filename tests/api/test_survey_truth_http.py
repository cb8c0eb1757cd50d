"""The truth sheet over HTTP: in the form that is asked for, to whom the field belongs, and to nobody else."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from io import BytesIO
from pathlib import Path

import pypdf
import pytest
from fastapi.testclient import TestClient

from api.staff.app import create_app
from gis.positioning.model import Epoch, Station
from layers.accounts.keys import keep_key, new_key
from layers.accounts.persons import add_person
from layers.store.instance import connect
from layers.store.rights.caller import EVERY_VERB, Caller, Post
from layers.store.settings import load_settings
from layers.surveys.fields import Keeping, Survey, keep_field
from tests.gis.boundary_comparison.shapes import PLOT, surveyed
from tests.layers.surveys.line_samples import load_lines

SHEET = "/surveys/fields/F-1/truth"
FARMER = Post("農業者", frozenset({"farmer"}))
PEOPLE = {
    "sato": FARMER,
    "suzuki": FARMER,
    "nosei": Post("産業振興課", frozenset({"viewer", "editor"})),
    "kanri": Post("総務課", frozenset({"administrator"})),
}
STATION = Station("見本基準局（架空）", "ONO1", "JGD2011", Epoch.REFERENCE, "試験受信機")


@dataclass(frozen=True)
class Farms:
    """A client for each person."""

    http: dict[str, TestClient]


@pytest.fixture(scope="module")
def farms(
    make_database: Callable[..., str], migrated_template: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Farms]:
    folder: Path = tmp_path_factory.mktemp("farms")
    store = connect(load_settings(folder), make_database(template=migrated_template), staff_login=True)
    load_lines(store, folder)
    over = surveyed([PLOT[0], PLOT[1], (40.84, 25.0), PLOT[3]])
    survey = Survey("前の田", date(2026, 7, 1), STATION)
    keep_field(store, Caller("sato", "佐藤", FARMER), None, Keeping(survey, over, "F-1", owner="sato"), None)
    app, http = create_app(store), {}
    for login, post in PEOPLE.items():
        add_person(store, login, f"{login} さん", post)
        key = new_key()
        keep_key(store, login, "試験", EVERY_VERB, timedelta(days=1), key)
        signed = {"Authorization": f"Bearer {key}"}
        http[login] = TestClient(app, raise_server_exceptions=False, headers=signed, follow_redirects=False)
    yield Farms(http)
    store.close()


def test_the_farmer_s_question_is_answered_with_a_number_and_its_uncertainty(farms: Farms) -> None:
    told = farms.http["sato"].get(SHEET, params={"f": "json"}).json()
    assert told["headline"].startswith("あぜ（測った線）は、地図の線より最大 0.84 m 外側です（不確かさ ±0.75 m）。")
    assert told["outcome"] == "beyond"
    assert told["cadastral"]["corners"][2]["uncertainty_m"] == pytest.approx(0.751, abs=0.001)


@pytest.mark.parametrize(
    ("asked", "kind"),
    [
        ({"accept": "text/html,application/xhtml+xml,*/*;q=0.8"}, "text/html; charset=utf-8"),
        ({"accept": "application/pdf"}, "application/pdf"),
        ({"accept": "application/json"}, "application/json"),
        ({}, "text/html; charset=utf-8"),
    ],
)
def test_the_form_is_the_one_that_is_accepted(farms: Farms, asked: dict[str, str], kind: str) -> None:
    answer = farms.http["sato"].get(SHEET, headers=asked)
    assert (answer.status_code, answer.headers["content-type"]) == (200, kind)
    assert "Accept" in answer.headers["vary"]


def test_the_form_in_the_address_goes_before_the_accepted_one(farms: Farms) -> None:
    answer = farms.http["sato"].get(SHEET, params={"f": "pdf"}, headers={"accept": "text/html"})
    assert answer.headers["content-type"] == "application/pdf"
    assert answer.headers["content-disposition"].startswith("attachment")
    assert "0.84" in pypdf.PdfReader(BytesIO(answer.content)).pages[0].extract_text()


@pytest.mark.parametrize(
    ("query", "accept", "status"), [("f=docx", "*/*", 422), ("", "image/png", 406), ("as_of=x", "*/*", 400)]
)
def test_what_cannot_be_given_is_told_in_a_sentence(farms: Farms, query: str, accept: str, status: int) -> None:
    answer = farms.http["nosei"].get(f"{SHEET}?{query}", headers={"accept": accept})
    assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json")
    assert answer.json()["detail"]


def test_the_ground_may_be_named_and_a_wrong_number_is_told_with_those_around(farms: Farms) -> None:
    told = farms.http["sato"].get(SHEET, params={"f": "json", "parcel": ["92-1", "92-2"]}).json()
    assert told["answer"] == "unsure"
    assert len(told["named_ground"]) == 2
    wrong = farms.http["sato"].get(SHEET, params={"parcel": "777"})
    assert wrong.status_code == 404
    assert "92-1" in wrong.json()["detail"]


def test_another_farmer_cannot_tell_the_field_from_one_that_is_not_there(farms: Farms) -> None:
    theirs = farms.http["suzuki"].get(SHEET)
    missing = farms.http["suzuki"].get("/surveys/fields/F-404/truth")
    assert theirs.status_code == missing.status_code == 404
    assert theirs.json() == missing.json()


def test_whoever_has_nothing_to_do_with_surveys_is_refused_whether_the_field_is_there_or_not(farms: Farms) -> None:
    answers = [farms.http["kanri"].get(f"/surveys/fields/{field}/truth") for field in ("F-1", "F-404")]
    assert [answer.status_code for answer in answers] == [403, 403]
    assert answers[0].json() == answers[1].json()


def test_the_registered_area_is_the_staff_s_and_the_past_is_too(farms: Farms) -> None:
    farmer, clerk = (farms.http[login].get(SHEET, params={"f": "json"}).json() for login in ("sato", "nosei"))
    assert farmer["cadastral"]["registered_area"] is None
    assert clerk["cadastral"]["registered_area"]["m2"] == 1000.0
    past = {"f": "json", "as_of": datetime.now(UTC).isoformat()}
    assert farms.http["sato"].get(SHEET, params=past).status_code == 403
    assert farms.http["suzuki"].get(SHEET, params=past).status_code == 404
    answer = farms.http["nosei"].get(SHEET, params=past).json()
    assert datetime.fromisoformat(answer["as_of"]) == datetime.fromisoformat(past["as_of"])


def test_the_sheet_stands_in_the_description_with_its_three_forms(farms: Farms) -> None:
    described = farms.http["nosei"].get("/api/openapi.json", headers={"accept": "*/*"}).json()
    operation = described["paths"]["/surveys/fields/{field_id}/truth"]["get"]
    assert set(operation["responses"]["200"]["content"]) == {"text/html", "application/pdf", "application/json"}
    assert {"403", "404", "406", "422"} <= set(operation["responses"])
