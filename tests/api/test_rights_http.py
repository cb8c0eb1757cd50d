"""Posts over HTTP: each request works as the caller's post; ledgers ask for a purpose and are logged."""

import json
import sys
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from api.staff.app import create_app
from layers.accounts.keys import keep_key, new_key
from layers.accounts.persons import add_person
from layers.ledgers.loading import ledger_named, load_ledger
from layers.store.definitions import GeometryKind
from layers.store.instance import Store, connect
from layers.store.rights.caller import EVERY_VERB, Post, Verb
from layers.store.rights.policy import division
from layers.store.settings import load_settings

PARCEL = "小野新町/字舘廻/1"
POINT = {"type": "Point", "coordinates": [140.62, 37.27]}
GEOJSON = {"Content-Type": "application/geo+json"}
SHELTERS = "/api/collections/shelters/items"


class Hall:
    """The application, and who asks it."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.app = create_app(store)
        self.nobody = self._client()
        self.http: dict[Post, TestClient] = {}

    def as_post(self, department: str, *duties: str) -> TestClient:
        post = Post(department, frozenset(duties))
        if post not in self.http:
            login, key = f"person-{len(self.http)}", new_key()
            add_person(self.store, login, "山田", post)
            keep_key(self.store, login, "試験", EVERY_VERB, timedelta(days=1), key)
            self.http[post] = self._client(Authorization=f"Bearer {key}")
        return self.http[post]

    def _client(self, **headers: str) -> TestClient:
        return TestClient(self.app, raise_server_exceptions=False, headers=headers)

    def reads(self) -> int:
        with self.store.database.transaction() as connection:
            row = connection.execute("SELECT count(*) FROM audit.log WHERE action = 'ledger.read'").fetchone()
        return int(row[0]) if row is not None else -1


@pytest.fixture(scope="module")
def hall(
    make_database: Callable[..., str], migrated_template: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Hall]:
    folder: Path = tmp_path_factory.mktemp("hall")
    store = connect(load_settings(folder), make_database(template=migrated_template), staff_login=True)
    file = folder / "owners.csv"
    file.write_text(f"地番キー,所有者,住所\n{PARCEL},架空 太郎,大字架空1\n", encoding="utf-8")
    load_ledger(store, ledger_named("land_owners"), file)
    yield Hall(store)
    store.close()


def add(http: TestClient, **properties: object) -> int:
    feature = {"type": "Feature", "geometry": POINT, "properties": properties}
    answer = http.post(SHELTERS, content=json.dumps(feature), headers=GEOJSON)
    return answer.status_code if answer.status_code != 201 else int(answer.json()["id"])


def test_the_owning_department_edits_and_its_history_is_kept(hall: Hall) -> None:
    http = hall.as_post("総務課", "viewer", "editor")
    place = f"{SHELTERS}/{add(http, name='集会所')}"
    tag = http.get(place).headers["etag"]
    patch = {"Content-Type": "application/merge-patch+json"}
    changed = http.patch(place, content='{"properties": {"name": "公民館"}}', headers={**patch, "If-Match": tag})
    assert changed.status_code == 200, changed.text
    moved = {"geometry": {"type": "Point", "coordinates": [140.63, 37.28]}}
    tag = changed.headers["etag"]
    changed = http.patch(place, content=json.dumps(moved), headers={**patch, "If-Match": tag})
    assert changed.status_code == 200, changed.text
    assert http.delete(place, headers={"If-Match": changed.headers["etag"]}).status_code == 204
    versions = http.get(f"{place}/versions").json()["versions"]
    assert [one["version"] for one in versions] == [3, 2, 1]
    assert http.post(f"{place}/versions/1/restore").status_code == 200
    assert http.get(place).json()["properties"]["name"] == "集会所"


@pytest.mark.parametrize(
    "post", [("総務課", "viewer"), ("地域整備課", "viewer", "editor"), ("総務課", "administrator")]
)
def test_another_department_or_duty_is_told_403_and_changes_nothing(hall: Hall, post: tuple[str, ...]) -> None:
    fid = add(hall.as_post("総務課", "viewer", "editor"), name="守られる")
    http = hall.as_post(*post)
    assert add(http, name="入らない") in (403, 404)
    for method, body in (("PATCH", '{"properties": {"name": "x"}}'), ("DELETE", None)):
        headers = {"If-Match": "*", "Content-Type": "application/merge-patch+json"}
        answer = http.request(method, f"{SHELTERS}/{fid}", content=body, headers=headers)
        assert answer.status_code in (403, 404)
        assert answer.headers["content-type"] == "application/problem+json"
    kept = hall.as_post("総務課", "viewer").get(f"{SHELTERS}/{fid}").json()
    assert kept["properties"]["name"] == "守られる"


def test_http_agrees_with_the_policy_on_every_post_layer_column_and_edit(
    hall: Hall, capsys: pytest.CaptureFixture[str]
) -> None:
    policy, checked = hall.store.policy, 0
    departments = sorted({division(layer.department) for layer in hall.store.catalogue.values()} | {"税務課"})
    vectors = [layer for layer in hall.store.catalogue.values() if layer.geometry is not GeometryKind.RASTER]
    for department in departments:
        for duties in ({"viewer"}, {"editor"}, {"approver", "ledger_reader"}, {"administrator"}):
            http, post = hall.as_post(department, *duties), Post(department, frozenset(duties))
            listed = {one["id"] for one in http.get("/api/collections?f=json").json()["collections"]}
            for layer in vectors:
                seen = policy.seen(layer, post)
                assert (layer.id in listed) is (seen is not None), (post, layer.id)
                answer = http.get(f"/api/collections/{layer.id}/schema?f=json")
                assert (answer.status_code == 200) is (seen is not None), (post, layer.id)
                shown = set(answer.json().get("properties", {})) if seen is not None else set()
                fields = {one.name for one in layer.fields}
                assert shown & fields == ({one.name for one in seen.fields} if seen is not None else set())
                headers = {"If-Match": "*", "Content-Type": "application/merge-patch+json"}
                patched = http.patch(f"/api/collections/{layer.id}/items/999999999", content="{}", headers=headers)
                # whoever may edit is told that there is no such feature, and whoever may not, nothing of it
                may = bool(policy.classes(post, Verb.EDIT, layer))
                assert patched.status_code == (404 if may or seen is None else 403), (post, layer.id, patched.text)
                checked += len(fields) + 3
            ledgers = http.get("/ledgers", params={"parcel": PARCEL, "purpose": "tax"})
            assert (ledgers.status_code == 200) is ("ledger_reader" in duties)
            checked += 1
    with capsys.disabled():
        sys.stdout.write(f"\nrole matrix over HTTP: {checked:,} of post × layer × column × verb agree\n")
    assert checked > 5_000


def test_a_ledger_without_a_purpose_is_400_and_without_the_duty_403_and_neither_is_a_reading(hall: Hall) -> None:
    before = hall.reads()
    http = hall.as_post("税務課", "viewer", "ledger_reader")
    for parameters in (
        {"parcel": PARCEL},
        {"parcel": PARCEL, "purpose": "curiosity"},
        {"parcel": PARCEL, "purpose": ""},
    ):
        refused = http.get("/ledgers", params=parameters)
        assert refused.status_code == 400
        assert "目的" in refused.json()["detail"]
    refused = hall.as_post("税務課", "viewer", "editor", "administrator").get(
        "/ledgers", params={"parcel": PARCEL, "purpose": "tax"}
    )
    assert refused.status_code == 403
    assert refused.headers["content-type"] == "application/problem+json"
    assert hall.nobody.get("/ledgers", params={"parcel": PARCEL, "purpose": "tax"}).status_code == 401
    assert hall.reads() == before


def test_owners_are_shown_uncached_and_every_reading_is_logged(hall: Hall) -> None:
    http = hall.as_post("税務課", "viewer", "ledger_reader")
    before, made = hall.reads(), 0
    for _ in range(10):
        answer = http.get("/ledgers", params={"parcel": PARCEL, "purpose": "tax", "note": "評価替え"})
        assert "no-store" in answer.headers["cache-control"]
        made += len(answer.json()["ledgers"])
        assert answer.json()["ledgers"][0]["rows"][0]["owner_name"] == "架空 太郎"
    assert (hall.reads() - before) / made == 1


def test_an_administrator_learns_who_has_seen_a_parcel_and_nobody_else_does(hall: Hall) -> None:
    hall.as_post("税務課", "viewer", "ledger_reader").get("/ledgers", params={"parcel": PARCEL, "purpose": "tax"})
    told = hall.as_post("総務課", "administrator").get("/audit/seen", params={"parcel": PARCEL})
    assert told.status_code == 200, told.text
    newest = told.json()["entries"][0]
    told = [newest[name] for name in ("name", "department", "purpose", "origin")]
    assert told == ["山田", "税務課", "tax", "testclient"]
    assert (
        hall.as_post("税務課", "viewer", "ledger_reader").get("/audit/seen", params={"parcel": PARCEL}).status_code
        == 403
    )


def test_the_panel_is_told_which_ledgers_and_purposes_there_are_for_the_post(hall: Hall) -> None:
    reader = hall.as_post("税務課", "ledger_reader").get("/ledgers/purposes").json()
    assert [one["id"] for one in reader["ledgers"]] == ["land_owners", "land_taxes"]
    assert {"id": "tax", "label": "固定資産税の事務"} in reader["purposes"]
    assert hall.as_post("税務課", "viewer").get("/ledgers/purposes").json() == {"ledgers": [], "purposes": []}


def test_reading_searching_and_exporting_work_as_the_post(hall: Hall) -> None:
    http = hall.as_post("産業振興課", "viewer")
    for address in (
        "/layers",
        "/api/collections?f=json",
        f"{SHELTERS}?bbox=140.5,37.2,140.7,37.4&limit=5",
        f"{SHELTERS}?sortby=-name&count=exact",
        "/api/collections/shelters/export?f=csv",
        "/api/collections/shelters/export?f=gpkg",
        "/search?q=集会",
        "/parcels/at?lon=140.62&lat=37.27",
        "/loads",
        "/inquiries",
        "/sheets",
    ):
        answer = http.get(address)
        assert answer.status_code == 200, (address, answer.text[:300])
