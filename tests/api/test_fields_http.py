"""Crop plans and base stations over HTTP: who reaches what, If-Match, the ledger both ways, the map, the sheet, the checks."""

import io
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import openpyxl
import pypdf
import pytest
import shapely
from starlette.testclient import TestClient

from api.staff.app import create_app
from layers.accounts.keys import keep_key, new_key
from layers.accounts.persons import add_person
from layers.store.instance import Store, connect
from layers.store.rights.caller import EVERY_VERB, Caller
from layers.store.settings import load_settings
from tests.layers.surveys.crop_samples import (
    EAST_M,
    FARM_CLERK,
    FIELD_A,
    FIELD_B,
    FREE,
    GROWER,
    NORTH_M,
    VIEWER,
    fill,
    put,
)
from tests.signing import write_policy

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
Ask = Callable[..., httpx.Response]
KEYS: dict[str, str] = {}


@pytest.fixture(scope="module")
def store(
    make_database: Callable[..., str], migrated_template: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Store]:
    """Fields and two stations, and B is the grower's."""
    home: Path = tmp_path_factory.mktemp("fields_http")
    write_policy(home)
    opened = connect(load_settings(home), make_database(template=migrated_template), staff_login=True)
    fill(opened)
    put(
        opened, "base_stations", shapely.Point(EAST_M, NORTH_M - 300), station_id="T1", name="役場基準局", kind="town",
        epoch="reference", coverage_km=0.5, mount_point="ONO1", health="ok",
    )  # fmt: skip
    put(opened, "base_stations", shapely.Point(EAST_M, NORTH_M), station_id="950205", name="滝根", kind="geonet",
        position_error_m=600.0)  # fmt: skip
    with opened.database.transaction() as connection:
        connection.execute(
            "INSERT INTO surveys.owners (field_id, account, given_by) VALUES (%s, %s, 'test')",
            [FIELD_B.field_id, GROWER.account],
        )
    for one in (FARM_CLERK, GROWER, VIEWER):
        add_person(opened, one.account, one.name, one.post)
        KEYS[one.account] = new_key()
        keep_key(opened, one.account, "試験", EVERY_VERB, timedelta(days=1), KEYS[one.account])
    yield opened
    opened.close()


@pytest.fixture(scope="module")
def application(store: Store) -> Iterator[TestClient]:
    app = create_app(store)
    with TestClient(app, raise_server_exceptions=False) as client:
        yield client
    app.state.tiles.close()


@pytest.fixture
def ask(application: TestClient, store: Store) -> Ask:
    """Asks as somebody; no plan and no check is kept yet."""
    with store.database.transaction() as connection:
        connection.execute("TRUNCATE onomap.crop_plans, onomap.base_checks")

    def as_somebody(method: str, path: str, who: Caller = FARM_CLERK, **more: Any) -> httpx.Response:
        headers = {"Authorization": f"Bearer {KEYS[who.account]}", **more.pop("headers", {})}
        return application.request(method, f"/fields/{path}", headers=headers, **more)

    return as_somebody


def plan(
    ask: Ask, *parts: dict[str, object], field: str = FIELD_A.field_id, version: int = 0, **more: Any
) -> httpx.Response:
    layer = "farmland" if field == FREE.field_id else "rtk_fields"
    parameters = {"layer": layer, "field_id": field, "year": 2026}
    headers = {"If-Match": f'"{version}.json"'}
    return ask("PUT", "plan", params=parameters, json={"parts": parts}, headers=headers, **more)


def test_a_plan_is_kept_on_the_version_it_was_made_from_and_taken_back(ask: Ask) -> None:
    kept = plan(ask, {"crop": "rice"})
    assert (kept.status_code, kept.headers["etag"]) == (200, '"1.json"')
    assert kept.json()["parts"][0]["resolved_m2"] == 2_000
    assert plan(ask, {"crop": "wheat"}).status_code == 412
    where = {"layer": "rtk_fields", "field_id": FIELD_A.field_id, "year": 2026}
    assert ask("PUT", "plan", params=where, json={"parts": []}).status_code == 428
    too_large = plan(ask, {"crop": "rice", "area_m2": 3_000}, version=1)
    assert (too_large.status_code, "1,000㎡ 超えています" in too_large.json()["detail"]) == (422, True)
    undone = ask("POST", "plan/restore", params=where, json={"version": 0}, headers={"If-Match": '"1.json"'})
    assert undone.json()["parts"] == []
    assert [one["action"] for one in undone.json()["versions"]] == ["元に戻した", "計画を変えた"]


def test_the_list_has_fields_sums_and_what_the_caller_may_do(ask: Ask) -> None:
    plan(ask, {"crop": "rice", "area_m2": 1_500}, {"crop": "tobacco"})
    plan(ask, {"crop": "rice"}, field=FREE.field_id)
    shown = ask("GET", "list", params={"year": 2026}).json()

    assert (shown["may_edit"], shown["everything"], shown["all"], shown["years"]) == (True, True, 4, [2026])
    assert [row["m2"] for row in shown["sums"]["by_crop"]] == [2_500, 500]
    assert shown["sums"]["by_crop"][0]["polygon_m2"] == 1_000
    assert shown["oazas"] == ["夏井", "平舘"]
    only = ask("GET", "list", params={"year": 2026, "oaza": "夏井"}).json()
    assert ([one["field_id"] for one in only["fields"]], only["sums"]["by_crop"]) == (["RTK-003"], [])
    tobacco = ask("GET", "list", params={"year": 2026, "crop": "tobacco"}).json()
    assert [one["field_id"] for one in tobacco["fields"]] == [FIELD_A.field_id]
    unplanned = ask("GET", "list", params={"year": 2026, "crop": "none"}).json()
    assert {one["field_id"] for one in unplanned["fields"]} == {FIELD_B.field_id, "RTK-003"}


def test_a_grower_has_the_own_field_by_every_way_and_no_sign_of_another(ask: Ask) -> None:
    plan(ask, {"crop": "rice"})
    assert plan(ask, {"crop": "wheat"}, field=FIELD_B.field_id, who=GROWER).status_code == 200
    answers = [
        ask("GET", path, GROWER, params={"year": 2026}).text
        for path in ("list", "map.geojson", "stations", "stations/map.geojson")
    ]
    assert all(FIELD_A.field_id not in text and FREE.field_id not in text for text in answers)
    assert "ONO1" not in "".join(answers)
    assert FIELD_B.field_id in answers[0]
    book = ask("GET", "ledger.xlsx", GROWER, params={"year": 2026})
    cells = str([list(sheet.values) for sheet in openpyxl.load_workbook(io.BytesIO(book.content))])
    assert (FIELD_B.field_id in cells, FIELD_A.field_id in cells) == (True, False)
    refused = [
        plan(ask, {"crop": "rice"}, field=field, who=GROWER) for field in (FIELD_A.field_id, "RTK-999", FREE.field_id)
    ]
    assert {(one.status_code, one.text) for one in refused} == {(404, refused[0].text)}
    assert ask("GET", "stations/checks", GROWER, params={"station_id": "T1"}).status_code == 403


def test_who_only_looks_changes_nothing(ask: Ask) -> None:
    assert plan(ask, {"crop": "rice"}, who=VIEWER).status_code == 403
    assert ask("POST", "copy", VIEWER, json={"from_year": 2025, "to_year": 2026}).status_code == 403
    assert ask("GET", "list", VIEWER, params={"year": 2026}).json()["may_edit"] is False


def test_the_map_has_every_field_in_the_look_of_its_crop(ask: Ask) -> None:
    plan(ask, {"crop": "rice", "area_m2": 500}, {"crop": "tobacco"})
    features = ask("GET", "map.geojson", params={"year": 2026}).json()["features"]
    by_id = {one["properties"]["field_id"]: one for one in features}

    planned, bare = by_id[FIELD_A.field_id], by_id[FIELD_B.field_id]
    assert planned["properties"]["label"] == "葉た・稲"
    assert planned["properties"]["pattern"] == "pattern-cross_diagonal-63390f"
    assert (bare["properties"]["planned"], bare["properties"]["pattern"]) == (False, None)
    assert shapely.geometry.shape(planned["geometry"]).is_valid


def test_farmland_is_found_by_a_press_on_the_map(ask: Ask) -> None:
    from pyproj import Transformer

    lon, lat = Transformer.from_crs(6677, 6668, always_xy=True).transform(EAST_M + 220, NORTH_M + 10)
    assert ask("GET", "at", params={"year": 2026, "lon": lon, "lat": lat}).json()["field_id"] == FREE.field_id
    assert ask("GET", "at", params={"year": 2026, "lon": lon + 0.5, "lat": lat}).status_code == 404


def test_a_ledger_goes_out_is_shown_and_comes_back(ask: Ask) -> None:
    plan(ask, {"crop": "rice"})
    content = ask("GET", "ledger.xlsx", params={"year": 2026}).content
    book = openpyxl.load_workbook(io.BytesIO(content))
    sheet = book["作付台帳"]
    head = [cell.value for cell in sheet[1]]
    row = next(row for row in sheet.iter_rows(min_row=2) if row[head.index("圃場ID")].value == FIELD_B.field_id)
    row[head.index("作物")].value = "そば"
    buffer = io.BytesIO()
    book.save(buffer)
    headers = {"Content-Type": XLSX}

    shown = ask("POST", "ledger/preview", content=buffer.getvalue(), headers=headers).json()
    assert [(one["name"], one["before"], one["after"]) for one in shown["differences"]] == [
        ("2の田", "計画なし", "そば 900㎡")
    ]
    stale = ask("POST", "ledger/take", params={"digest": "0" * 64}, content=buffer.getvalue(), headers=headers)
    assert stale.status_code == 412
    done = ask("POST", "ledger/take", params={"digest": shown["digest"]}, content=buffer.getvalue(), headers=headers)
    assert done.status_code == 200
    assert ask("GET", "ledger.xlsx", params={"year": 2026}).status_code == 200
    assert ask("POST", "ledger/preview", content=b"junk", headers=headers).status_code == 400
    assert ask("POST", "ledger/preview", content=b"junk", headers={"Content-Type": "text/csv"}).status_code == 415


def test_the_planting_map_is_a_sheet_at_the_scale_that_it_says(ask: Ask) -> None:
    plan(ask, {"crop": "rice", "area_m2": 1_500}, {"crop": "tobacco"})
    plan(ask, {"crop": "buckwheat"}, field=FREE.field_id)
    made = ask("GET", "planting.pdf", params={"year": 2026, "scale": 1_000})

    assert made.headers["content-type"] == "application/pdf"
    text = "".join(page.extract_text() for page in pypdf.PdfReader(io.BytesIO(made.content)).pages)
    assert "縮尺 1/1,000" in text
    assert "水稲（主食用米）" in text
    assert "筆界（境界）を確定するものではありません" in text
    assert ask("GET", "planting.pdf", params={"year": 2026, "scale": 1_234}).status_code == 400
    nothing = ask("GET", "planting.pdf", params={"year": 2025})
    assert (nothing.status_code, "作付計画のある圃場がない" in nothing.json()["detail"]) == (422, True)


def test_stations_tell_reach_nearest_reference_and_fields_outside(ask: Ask) -> None:
    shown = ask("GET", "stations").json()

    (station,) = shown["stations"]
    assert (station["name"], station["mount_point"], station["fields"]) == ("役場基準局", "ONO1", 2)
    assert station["nearest"] == [{"station_id": "950205", "name": "滝根", "km": 0.3, "error_km": 0.6}]
    assert [one["field_id"] for one in shown["outside"]] == ["RTK-003"]
    assert shown["outside"][0]["growth_mm"] == pytest.approx(shown["outside"][0]["km"], abs=0.1)


def test_a_check_is_kept_alarms_and_is_taken_back(ask: Ask) -> None:
    told = {
        "measured_at": "2026-11-20T09:00:00+09:00", "known_point": "2級基準点 7", "epoch": "reference",
        "known": f"{NORTH_M}, {EAST_M}", "measured": f"{NORTH_M + 0.2}, {EAST_M}", "sigma_m": 0.004, "fixes": 60, "receiver": "F9P",
    }  # fmt: skip
    station = {"station_id": "T1"}
    kept = ask("POST", "stations/checks", params=station, json=told)

    assert "北へ 0.200 m" in kept.json()["series"][0]["alarm"]
    identifier = kept.json()["checks"][0]["id"]
    assert ask("POST", f"stations/checks/{identifier}/withdraw", params=station).json()["series"] == []
    assert ask("POST", f"stations/checks/{identifier}/withdraw", params=station).status_code == 404
    assert ask("POST", "stations/checks", VIEWER, params=station, json=told).status_code == 403
    assert ask("POST", "stations/checks", params={"station_id": "X"}, json=told).status_code == 404
    other = {**told, "epoch": "current"}
    assert ask("POST", "stations/checks", params=station, json=other).status_code == 422


def test_a_log_gives_the_point_only_from_fixed_solutions(ask: Ask, shared_data: Path) -> None:
    log = (shared_data / "gnss" / "gpsd_skytraq-PX1172RH_DS.log").read_bytes()
    refused = ask("POST", "stations/measured", content=log, headers={"Content-Type": "text/plain"})

    assert (refused.status_code, "固定解" in refused.json()["detail"]) == (422, True)


def test_the_health_is_a_column_that_the_department_edits_with_its_history(ask: Ask, application: TestClient) -> None:
    station = ask("GET", "stations").json()["stations"][0]
    headers = {
        "Authorization": f"Bearer {KEYS[FARM_CLERK.account]}",
        "Content-Type": "application/merge-patch+json",
        "If-Match": f'"{station["version"]}.json"',
    }
    done = application.patch(
        f"/api/collections/base_stations/items/{station['fid']}",
        json={"properties": {"health": "stopped", "health_note": "アンテナの交換"}},
        headers=headers,
    )

    assert done.status_code == 200, done.text
    shown = ask("GET", "stations").json()
    assert (shown["stations"][0]["health"], len(shown["outside"])) == ("stopped", 3)


def test_nobody_gets_in_without_signing_in(application: TestClient) -> None:
    for path in ("list", "stations", "map.geojson", "planting.pdf", "ledger.xlsx"):
        assert application.get(f"/fields/{path}").status_code == 401
