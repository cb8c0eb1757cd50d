"""The situation as the public is told it: JSON, GeoJSON, Atom, CAP, and the text-only page, on a real server."""

import json
import time
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any

import httpx
import psycopg
import pytest
import shapely
from lxml import etree

from api.public.light import LARGEST, light_page
from api.public.situation_words import PART
from api.public.words import offered, words
from api.situation_sending import signed, take
from layers.publication.importing import PublicSide
from layers.situation.desk import TOKYO, SituationDesk
from layers.situation.listed import HAZARDS, Listed, SiteList
from layers.situation.model import Content, SiteSituation
from layers.situation.published import Situation, state_of
from layers.situation.wanted import ClosureWanted, NoticeWanted, PhaseWanted, SiteWanted
from layers.store.cluster import Cluster
from layers.store.instance import Store
from layers.store.settings import Municipality
from tests.api.public.conftest import detail, serving
from tests.layers.publication.publication_samples import make_public_side, publish
from tests.layers.situation.cap_schema import CAP_SCHEMA
from tests.layers.situation.conftest import ON_DUTY
from tests.layers.store.tiles.tile_samples import EAST_M, NORTH_M, insert

_numbers = count(1)
ATOM = "{http://www.w3.org/2005/Atom}"
CAP = "{urn:oasis:names:tc:emergency:cap:1.2}"
HOSTILE = '<script>alert(1)</script> & "x" ]]>'


@pytest.fixture
def side(test_cluster: Cluster, empty_store: Store, tmp_path: Path) -> Iterator[PublicSide]:
    """A public side with three shelters and an evacuation site."""
    name = f"situation_public_{next(_numbers)}"
    made = make_public_side(test_cluster, tmp_path, name, empty_store.settings.home)
    for number in range(3):
        point = shapely.Point(EAST_M + 100 * number, NORTH_M)
        told = {"name": f"避難所{number}", "address": f"平{number}番地", "designation": "designated"}
        insert(empty_store, "shelters", [point], **told)
    insert(empty_store, "evacuation_sites", [shapely.Point(EAST_M, NORTH_M + 9)], name="高台", flood=True)
    publish(empty_store, made, 1, ["shelters", "evacuation_sites"])
    yield made
    test_cluster.drop_database(name)


@pytest.fixture
def http(side: PublicSide) -> Iterator[httpx.Client]:
    """A client of a server over it."""
    with serving(side) as url, httpx.Client(base_url=url, timeout=20) as client:
        yield client


@pytest.fixture
def switch(empty_store: Store, side: PublicSide) -> Callable[..., SituationDesk]:
    """Takes a step, and brings it to the public side."""
    desk = SituationDesk(empty_store, ON_DUTY)

    def stepped(*steps: object) -> SituationDesk:
        do: dict[type, Callable[[Any], object]] = {
            PhaseWanted: desk.set_phase,
            SiteWanted: desk.set_site,
            ClosureWanted: desk.close_road,
            NoticeWanted: desk.announce,
        }
        for step in steps:
            do[type(step)](step)
        take(side, signed(empty_store, desk.current()))
        return desk

    return stepped


def phase(name: str = "disaster", headline: str = "", exercise: bool = False) -> PhaseWanted:
    return PhaseWanted.model_validate({"seen": 99, "phase": name, "headline": headline, "exercise": exercise})


def shelter(number: int, state: str, **more: object) -> SiteWanted:
    return SiteWanted.model_validate({"seen": 99, "layer": "shelters", "id": number, "state": state, **more})


def notice(level: int, title: str, text: str = "", expires_at: datetime | None = None) -> NoticeWanted:
    return NoticeWanted(seen=99, level=level, title=title, text=text, expires_at=expires_at)


def bridge(name: str = "平橋") -> ClosureWanted:
    shape = {"type": "Point", "coordinates": [140.6, 37.3]}
    return ClosureWanted.model_validate({"seen": 99, "name": name, "reason": "冠水", "geometry": shape})


def told(http: httpx.Client, number: int) -> Any:
    """The situation once it has that number: it is heard, not asked for."""
    until = time.monotonic() + 5
    while time.monotonic() < until:
        found = http.get("/situation", params={"lang": "ja"}).json()
        if found["number"] == number:
            return found
        time.sleep(0.05)
    pytest.fail(f"situation {number} was not heard of")


def test_before_the_first_word_it_is_a_normal_day(http: httpx.Client) -> None:
    found = http.get("/situation").json()

    assert (found["number"], found["phase"], found["made_at"], found["exercise"]) == (0, "normal", None, False)
    assert found["shelters"] == found["closures"] == found["notices"] == []
    assert "町からの災害の情報は出ていません" in http.get("/light?lang=ja").text


def test_what_staff_switch_is_heard_within_a_second(http: httpx.Client, switch: Callable[..., SituationDesk]) -> None:
    switch(
        phase(headline="大雨"), shelter(1, "open", people=5, pets=True, note="2階へ"), bridge(), notice(4, "避難指示")
    )
    began = time.monotonic()
    found = told(http, 4)

    assert time.monotonic() - began < 1
    assert (found["phase"], found["headline"]) == ("disaster", "大雨")
    one = found["shelters"][0]
    assert {**one, "told_at": "", "lon": 0, "lat": 0} == {
        "layer": "shelters",
        "id": 1,
        "name": "避難所0",
        "state": "open",
        "label": "開設",
        "people": 5,
        "pets": True,
        "barrier_free": None,
        "note": "2階へ",
        "told_at": "",
        "lon": 0,
        "lat": 0,
    }
    assert found["closures"][0]["geometry"] == {"type": "Point", "coordinates": [140.6, 37.3]}
    assert (found["notices"][0]["level"], found["notices"][0]["title"]) == (4, "避難指示")
    assert http.get("/situation?lang=en").json()["shelters"][0]["label"] == "open"


def test_an_answer_may_be_kept_for_half_a_minute_at_most_and_is_not_sent_twice(
    http: httpx.Client, switch: Callable[..., SituationDesk]
) -> None:
    switch(phase())
    told(http, 1)
    for path in ("/situation", "/situation.geojson", "/situation.atom", "/light"):
        first = http.get(path)
        again = http.get(path, headers={"If-None-Match": first.headers["etag"]})
        other = http.get(path, headers={"If-None-Match": '"other"'})

        assert int(first.headers["cache-control"].split("max-age=")[1]) <= 30
        assert (first.status_code, again.status_code, again.content, other.status_code) == (200, 304, b"", 200)
    before = http.get("/situation").headers["etag"]
    switch(phase("recovery"))
    told(http, 2)
    assert http.get("/situation", headers={"If-None-Match": before}).status_code == 200


def test_a_notice_that_has_expired_is_told_no_more(http: httpx.Client, switch: Callable[..., SituationDesk]) -> None:
    soon = datetime.now(TOKYO) + timedelta(seconds=3)
    switch(notice(3, "高齢者等避難", expires_at=soon), notice(2, "注意報"))

    assert [one["level"] for one in told(http, 2)["notices"]] == [3, 2]
    time.sleep(4)
    assert [one["level"] for one in http.get("/situation").json()["notices"]] == [2]
    assert "高齢者等避難" not in http.get("/light?lang=ja").text.split('id="notices"')[1].split("</section>")[0]


def test_the_map_form_has_a_point_for_each_site_and_the_shape_of_each_closure(
    http: httpx.Client, switch: Callable[..., SituationDesk]
) -> None:
    switch(shelter(1, "full"), bridge(), notice(5, "緊急安全確保"))
    told(http, 3)
    found = http.get("/situation.geojson").json()

    kinds = {one["properties"]["kind"]: (one["geometry"] or {}).get("type") for one in found["features"]}
    assert kinds == {"site": "Point", "closure": "Point", "notice": None}
    assert http.get("/situation.geojson").headers["content-type"] == "application/geo+json"


def test_the_feed_is_atom_and_leads_to_each_alert(http: httpx.Client, switch: Callable[..., SituationDesk]) -> None:
    switch(phase(headline=HOSTILE), notice(4, "避難指示", HOSTILE), shelter(1, "open"), bridge(HOSTILE))
    told(http, 4)
    answer = http.get("/situation.atom?lang=ja")
    feed = etree.fromstring(answer.content)

    assert answer.headers["content-type"].startswith("application/atom+xml")
    assert feed.tag == f"{ATOM}feed"
    assert all(feed.find(f"{ATOM}{name}") is not None for name in ("id", "title", "updated", "author"))
    entries = feed.findall(f"{ATOM}entry")
    assert len(entries) == 4
    assert len({entry.findtext(f"{ATOM}id") for entry in entries}) == 4
    assert all(datetime.fromisoformat(entry.findtext(f"{ATOM}updated") or "").tzinfo for entry in entries)
    assert HOSTILE in {entry.findtext(f"{ATOM}content") for entry in entries}
    alert = next(link for link in feed.iter(f"{ATOM}link") if link.get("rel") == "enclosure")
    assert http.get(str(alert.get("href"))).status_code == 200


@pytest.mark.parametrize("level", [1, 2, 3, 4, 5])
def test_an_alert_is_valid_cap_and_says_that_a_made_up_town_exercises(
    http: httpx.Client, switch: Callable[..., SituationDesk], level: int
) -> None:
    switch(notice(level, "お知らせ", HOSTILE, datetime.now(TOKYO) + timedelta(hours=3)))
    told(http, 1)
    answer = http.get("/situation.cap")
    alert = etree.fromstring(answer.content)

    CAP_SCHEMA.assertValid(alert)
    assert answer.headers["content-type"] == "application/cap+xml"
    assert alert.findtext(f"{CAP}status") == "Exercise"
    assert alert.findtext(f"{CAP}info/{CAP}language") == "ja-JP"
    assert alert.findtext(f"{CAP}info/{CAP}description") == HOSTILE
    assert alert.find(f".//{CAP}eventCode") is None
    assert alert.find(f".//{CAP}geocode") is None


def test_the_gravest_notice_is_the_alert_unless_another_is_named(
    http: httpx.Client, switch: Callable[..., SituationDesk]
) -> None:
    detail(http.get("/situation.cap"), 404)
    switch(notice(2, "注意報"), notice(5, "緊急安全確保"), notice(3, "警報"))
    told(http, 3)

    def headline(path: str) -> str | None:
        return etree.fromstring(http.get(path).content).findtext(f"{CAP}info/{CAP}headline")

    assert headline("/situation.cap") == "緊急安全確保"
    assert headline("/situation.cap?notice=1") == "注意報"
    detail(http.get("/situation.cap?notice=77"), 404)


def test_an_exercise_says_so_on_the_page_and_in_every_feed(
    http: httpx.Client, switch: Callable[..., SituationDesk]
) -> None:
    switch(phase(exercise=True), notice(4, "避難指示"), shelter(1, "open"), bridge())
    assert told(http, 4)["exercise"] is True

    feed = etree.fromstring(http.get("/situation.atom?lang=ja").content)
    assert all("訓練" in (title.text or "") for title in feed.iter(f"{ATOM}title"))
    alert = etree.fromstring(http.get("/situation.cap").content)
    assert all(
        "訓練" in (alert.findtext(f"{CAP}info/{CAP}{name}") or "") for name in ("event", "headline", "description")
    )
    assert "訓練" in (alert.findtext(f"{CAP}note") or "")
    features = http.get("/situation.geojson?lang=ja").json()["features"]
    assert {one["properties"]["exercise_label"] for one in features} == {"訓練"}
    assert "これは訓練です" in http.get("/light?lang=ja").text


def test_the_light_page_has_no_script_no_picture_and_no_style_in_it(
    http: httpx.Client, switch: Callable[..., SituationDesk]
) -> None:
    switch(phase(headline=HOSTILE), shelter(1, "open", note=HOSTILE), notice(4, HOSTILE, HOSTILE), bridge(HOSTILE))
    told(http, 4)
    answer = http.get("/light?lang=ja")
    page = etree.HTML(answer.text)

    assert not page.xpath(
        "//script | //img | //svg | //style | //iframe | //*[@style] | //*[starts-with(name(@*), 'on')]"
    )
    assert "default-src 'none'" in answer.headers["content-security-policy"]
    assert [link.get("href") for link in page.iter("link")] == ["data:,", "./shared/light.css"]
    assert len(http.get("/shared/light.css").content) < 4_000
    assert answer.text.count("&lt;script&gt;") >= 4
    assert "./here?lang=ja" in answer.text


def test_the_light_page_tells_each_shelter_once_and_each_site_under_its_hazard(
    http: httpx.Client, switch: Callable[..., SituationDesk]
) -> None:
    switch(phase(), shelter(1, "full", people=120))
    told(http, 2)
    page = http.get("/light?lang=ja").text
    shelters = page.split('id="shelters"')[1].split("</section>")[0]

    assert [shelters.count(f"避難所{number}") for number in range(3)] == [1, 1, 1]
    assert "満員" in shelters
    assert "避難者120人" in shelters
    assert "高台" in page.split('id="sites"')[1]
    assert "高台" in http.get("/light?lang=ja&part=flood").text
    assert "登録されていません" in http.get("/light?lang=ja&part=landslide").text
    assert http.get("/light?part=nothing").status_code == 422


def test_a_dead_database_leaves_the_last_situation_standing(
    test_cluster: Cluster, side: PublicSide, switch: Callable[..., SituationDesk]
) -> None:
    switch(phase(headline="最後の知らせ"), shelter(1, "open"))
    with serving(side) as url, httpx.Client(base_url=url, timeout=20) as http:
        told(http, 2)
        name = psycopg.conninfo.conninfo_to_dict(side.database.owner_url)["dbname"]
        with psycopg.connect(test_cluster.superuser_url(), autocommit=True) as connection:
            connection.execute(f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS false'.encode())
            connection.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", [name])
            time.sleep(1.5)
            answers = [http.get(path) for path in ("/situation?lang=ja", "/light?lang=ja", "/situation.atom?lang=ja")]
            connection.execute(f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS true'.encode())
        assert [answer.status_code for answer in answers] == [200] * 3
        assert all("最後の知らせ" in answer.text for answer in answers)
        assert "高台" in answers[1].text
        # and what is told next is heard again
        switch(phase("recovery"))
        assert told(http, 3)["phase"] == "recovery"


@pytest.mark.parametrize("language", sorted(offered(PART)))
def test_sixty_sites_with_everything_told_stay_under_thirty_kilobytes(language: str) -> None:
    now = datetime(2026, 9, 1, 18, 30, tzinfo=TOKYO)
    long = "小野町立小野新町小学校体育館および多目的ホール"
    sites = [
        *(
            Listed("shelters", number, f"{long}{number}", "福島県田村郡小野町大字小野新町字舘廻92番地")
            for number in range(30)
        ),
        *(
            Listed("evacuation_sites", number, f"{long}{number}", "福島県田村郡小野町大字飯豊", frozenset(HAZARDS))
            for number in range(30)
        ),
    ]
    shelters = [
        SiteSituation.model_validate(
            {"layer": one.layer, "id": one.id + 1, "name": one.name, "lon": 140.6, "lat": 37.3, "state": "open"}
            | {"people": 123, "pets": True, "barrier_free": True, "note": "入口は北側です" * 10, "told_at": now}
        )
        for one in sites
    ]
    notices = [
        {"id": n, "level": 4, "title": "避難指示" * 10, "text": "逃げてください。" * 200, "issued_at": now}
        for n in range(1, 51)
    ]
    closures = [
        {"id": n, "name": "県道" * 20, "reason": "土砂崩れ" * 20, "since": now}
        | {"geometry": {"type": "Point", "coordinates": [140.6, 37.3]}}
        for n in range(1, 201)
    ]
    content = {"phase": "disaster", "headline": "大雨" * 60, "shelters": shelters}
    listed = SiteList(1, tuple(sites))
    usual = Situation(9, Content.model_validate(content), now)
    worst = Situation(9, Content.model_validate({**content, "notices": notices, "closures": closures}), now)
    quiet = Situation(0, Content(), None)

    say = words("situation", language)
    for found in (quiet, usual, worst):
        page = light_page(say, found, listed, Municipality())  # type: ignore[call-arg]
        assert len(page.encode()) < LARGEST
        assert "part=notices" in page or not found.content.notices


def test_a_site_is_known_by_number_and_name_or_by_a_name_that_only_one_has() -> None:
    now = datetime(2026, 9, 1, tzinfo=TOKYO)

    def one(number: int, name: str) -> SiteSituation:
        return SiteSituation.model_validate(
            {
                "layer": "shelters",
                "id": number,
                "name": name,
                "lon": 140.6,
                "lat": 37.3,
                "state": "open",
                "told_at": now,
            }
        )

    found = Situation(1, Content(shelters=(one(1, "甲"), one(2, "乙"), one(3, "乙"))), now)
    assert state_of(found, "shelters", "1", "甲") == found.content.shelters[0]
    assert state_of(found, "shelters", 3, "乙") == found.content.shelters[2]
    assert state_of(found, "shelters", 9, "甲") == found.content.shelters[0]
    assert state_of(found, "shelters", 9, "乙") is None
    assert state_of(found, "shelters", 1, "丙") is None
    assert state_of(found, "evacuation_sites", 1, "甲") is None


def test_the_answer_is_one_json_document(http: httpx.Client) -> None:
    assert json.loads(http.get("/situation").text).get("phase") == "normal", http.get("/situation").text


def test_the_answer_for_a_place_says_beside_a_shelter_what_is_told_of_it(
    http: httpx.Client, switch: Callable[..., SituationDesk]
) -> None:
    switch(shelter(1, "full"))
    told(http, 1)
    place = http.get("/situation?lang=ja").json()["shelters"][0]
    asked = {"lon": place["lon"], "lat": place["lat"], "f": "json"}
    shelters = {
        language: http.get("/here", params={**asked, "lang": language}).json()["shelters"] for language in ("ja", "en")
    }

    states = [{one["name"]: one["state"] for one in found} for found in shelters.values()]
    assert [(found["避難所0"]["state"], found["避難所0"]["label"]) for found in states] == [
        ("full", "満員"),
        ("full", "full"),
    ]
    assert {found.get("避難所1") for found in states} == {None}
