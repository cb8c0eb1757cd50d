"""`/here` over HTTP: what a resident is told, in which form and language, and what becomes of odd questions."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass

import httpx
import pytest
from fastapi import FastAPI, Request

from api.pages import WEBMAP
from api.public.here_risks import headline, risks_told
from api.public.here_sites import go_told, shelters_sentence, written_distance
from api.public.site_states import CLOSED, SiteStates, install_states, site_states
from api.public.words import languages, words
from layers.guidance.guide import Guide
from layers.guidance.model import Guidance, Hazard, Part, Risk
from layers.publication.importing import PublicSide
from layers.publication.serving import open_public
from layers.store.catalogue import load_catalogue
from layers.store.outcomes import Outcome
from tests.api.public.conftest import PublicTown, detail, serving
from tests.guided_town import SEAM_LON, guided_side

__all__ = ["guided_side"]
LANGUAGES = ("ja", "ja-easy", "en")
LARGEST_PAGE = 30_000


@dataclass(frozen=True)
class GuidedTown:
    """A server over the guided town, and its guide by another way."""

    http: httpx.Client
    guide: Guide

    def here(self, lon: float, lat: float, **more: str) -> httpx.Response:
        """The answer for a place."""
        return self.http.get("/here", params={"lon": lon, "lat": lat, **more})

    def place(self, wanted: dict[Hazard, Outcome]) -> tuple[float, float]:
        """A place with these outcomes."""
        for step in range(40_000):
            lon, lat = 140.5377 + (step % 200) * 0.00078, 37.2037 + (step // 200) * 0.00081
            found = self.guide.at(lon, lat)
            if found.in_town and {risk.hazard: risk.outcome for risk in found.risks}.items() >= wanted.items():
                return lon, lat
        raise AssertionError(f"nowhere in town: {wanted}")


@pytest.fixture(scope="module")
def town(guided_side: PublicSide) -> Iterator[GuidedTown]:
    edition = open_public(guided_side.database.web_url, guided_side.folder)
    guide = Guide.of(edition.as_store())
    edition.database.close()
    with serving(guided_side) as url, httpx.Client(base_url=url, timeout=60) as http:
        yield GuidedTown(http, guide)


@pytest.fixture(scope="module")
def flooded(town: GuidedTown) -> tuple[float, float]:
    return town.place({Hazard.FLOOD: Outcome.APPLIES})


def test_the_answer_has_the_agreed_members_and_names_its_sources(
    town: GuidedTown, flooded: tuple[float, float]
) -> None:
    answer = town.here(*flooded).json()

    assert {"lang", "edition", "place", "risks", "go", "shelters", "notes"} <= set(answer)
    assert answer["lang"] == "ja"
    assert answer["edition"]["number"] == 1
    assert answer["place"]["in_town"] is True
    for risk in answer["risks"]:
        assert {"hazard", "outcome", "title", "sentence", "advice", "details", "source", "data_date"} <= set(risk)
        assert risk["source"]
        assert re.fullmatch(r"\d{4}-\d\d-\d\d", risk["data_date"])
    for one in answer["go"]:
        assert {"hazard", "title", "sentence", "sites", "source", "data_date"} <= set(one)
        assert one["source"]
    site = answer["go"][0]["sites"][0]
    assert {"layer", "id", "name", "name_kana", "address", "lon", "lat", "walk_m", "straight_m", "by_road"} <= set(site)
    assert site["state"] is None


def test_the_same_facts_come_over_http_as_from_the_guide(town: GuidedTown) -> None:
    places = [(SEAM_LON, 37.2037 + 0.0021 * step) for step in range(60)] + [
        (140.545 + 0.0024 * step, 37.25) for step in range(60)
    ]
    for lon, lat in places:
        answer, found = town.here(lon, lat).json(), town.guide.at(round(lon, 7), round(lat, 7))
        assert answer["place"]["in_town"] == found.in_town
        assert {risk["hazard"]: risk["outcome"] for risk in answer["risks"]} == {
            str(risk.hazard): str(risk.outcome) for risk in found.risks
        }
        assert {one["hazard"]: [site["id"] for site in one["sites"]] for one in answer["go"]} == {
            str(hazard): [way.to.fid for way in ways] for hazard, ways in found.go.items()
        }
        assert [site["id"] for site in answer["shelters"]] == [way.to.fid for way in found.shelters]


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_sentences_hold_the_depth_the_advice_and_the_way(
    town: GuidedTown, flooded: tuple[float, float], language: str
) -> None:
    say = words("here", language)
    answer = town.here(*flooded, lang=language).json()
    flood = next(risk for risk in answer["risks"] if risk["hazard"] == "flood")
    found = next(risk for risk in town.guide.at(*flooded).risks if risk.hazard is Hazard.FLOOD)
    here = max(part.inside for part in found.parts if part.inside is not None)

    assert say(f"depth.{here}") in flood["sentence"]
    assert flood["advice"] == say(f"flood.advice.{found.grade}")
    assert answer["risks"][0]["hazard"] == "flood"
    assert any(found.parts[0].group[0] in row["label"] for row in flood["details"])
    assert all(re.fullmatch("#[0-9A-F]{6}", row["colour"]) for row in flood["details"])
    for one in (*[site for part in answer["go"] for site in part["sites"]], *answer["shelters"]):
        metres = one["walk_m"] if one["by_road"] else one["straight_m"]
        assert one["name"] in one["sentence"]
        assert written_distance(say, metres) in one["sentence"]


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_outcome_grade_and_kind_has_its_sentence_in_every_language(language: str) -> None:
    say, catalogue, made = words("here", language), load_catalogue(), []
    for hazard, layer, groups, grades in (
        (Hazard.FLOOD, "flood", (("見本川", "max"), (None, "plan"), ("見本川", None)), range(1, 7)),
        (Hazard.LANDSLIDE, "landslide", (("1",), ("2",), ("3",)), range(1, 5)),
    ):
        for outcome in Outcome:
            for group in groups:
                for grade in grades:
                    parts = (Part(group, grade, grade),)
                    found = Outcome.APPLIES if outcome is Outcome.STALE else outcome
                    if outcome in {Outcome.NO_DATA, Outcome.DOES_NOT_APPLY}:
                        reason = "not_covered" if outcome is Outcome.NO_DATA else None
                        made.append(Risk(hazard, outcome, outcome, reason=reason, layer=layer))
                    else:
                        made.append(Risk(hazard, outcome, found, parts, grade, 10.0, layer))
    sentences = set()
    for risk in made:
        (told,) = risks_told(say, Guidance(0, 0, in_town=True, risks=(risk,)), catalogue)
        assert told["sentence"]
        assert told["advice"]
        assert "{" not in f"{told['sentence']}{told['advice']}"
        sentences.add((told["hazard"], told["outcome"], told["sentence"]))
    assert len(sentences) > 40


def test_no_zone_and_no_data_are_told_apart(town: GuidedTown) -> None:
    none = town.here(*town.place({Hazard.FLOOD: Outcome.DOES_NOT_APPLY})).json()
    gap = town.here(*town.place({Hazard.FLOOD: Outcome.NO_DATA})).json()
    near = town.here(*town.place({Hazard.FLOOD: Outcome.NEAR_BOUNDARY})).json()
    flood = [next(risk for risk in one["risks"] if risk["hazard"] == "flood") for one in (none, gap, near)]

    assert "水につからない想定" in flood[0]["sentence"]
    assert "安全という意味ではありません" in flood[1]["sentence"]
    assert "境のすぐ近く" in flood[2]["sentence"]
    assert "13 m" in flood[2]["sentence"]
    assert "洪水" in gap["headline"]
    assert "データがありません" in gap["headline"]


def test_a_layer_that_is_not_published_is_a_gap_and_not_a_no(public_town: PublicTown) -> None:
    answer = public_town.get("/here", lon="140.6263", lat="37.2869").json()
    landslide = next(risk for risk in answer["risks"] if risk["hazard"] == "landslide")

    assert landslide["outcome"] == "no_data"
    assert "公開されていません" in landslide["sentence"]
    assert landslide["source"] is None


def test_outside_of_the_town_nothing_is_answered_but_that(town: GuidedTown) -> None:
    for lon, lat in ((139.7, 35.7), (140.53, 37.21), (0.0, 0.0), (180.0, -90.0), (-180.0, 90.0)):
        answer = town.here(lon, lat).json()
        assert answer["place"]["in_town"] is False
        assert answer["risks"] == answer["go"] == answer["shelters"] == []
        assert "小野町の外" in answer["headline"]
        assert "小野町の外" in town.here(lon, lat, f="html").text


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ("", 400),
        ("lon=140.6", 400),
        ("lon=&lat=37.2", 422),
        ("lon=abc&lat=37.2", 422),
        ("lon=nan&lat=37.2", 422),
        ("lon=inf&lat=37.2", 422),
        ("lon=1e400&lat=37.2", 422),
        ("lon=181&lat=37.2", 422),
        ("lon=140.6&lat=-91", 422),
        ("lon=140.6&lat=37.2&lang=xx", 400),
        ("lon=140.6&lat=37.2&lang=../../etc/passwd", 400),
        ("lon=140.6&lat=37.2&f=pdf", 400),
        ("lon=140.6;DROP%20TABLE&lat=37.2", 422),
        ("lon=140.6%00&lat=37.2", 422),
        ("f=html&q=" + "a" * 101, 422),
        ("f=html&q=%00", 422),
    ],
)
def test_a_question_that_cannot_be_read_is_refused_in_one_japanese_sentence(
    town: GuidedTown, query: str, status: int
) -> None:
    sentence = detail(town.http.get(f"/here?{query}"), status)

    assert re.search("[ぁ-ん]", sentence)
    assert not re.search("should be|Input", sentence)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_page_is_small_whole_and_runs_nothing(
    town: GuidedTown, flooded: tuple[float, float], language: str
) -> None:
    response = town.here(*flooded, f="html", lang=language)
    answer = town.here(*flooded, lang=language).json()
    # a name may be a link
    plain = re.sub("<[^>]*>", "", response.text).replace("&#39;", "'")

    assert len(response.content) < LARGEST_PAGE
    assert response.headers["content-type"] == "text/html; charset=utf-8"
    assert "default-src 'none'" in response.headers["content-security-policy"]
    assert "unsafe" not in response.headers["content-security-policy"]
    assert not re.search(r"<script|<style|style=|\son\w+=|https?:", response.text)
    assert f'<html lang="{words("here", language).language.html}">' in response.text
    for risk in answer["risks"]:
        assert risk["sentence"] in response.text.replace("&#39;", "'")
        assert risk["advice"] in response.text.replace("&#39;", "'")
    for one in answer["go"]:
        assert all(site["sentence"] in plain for site in one["sites"])
    for other in LANGUAGES:
        assert f"lang={other}" in response.text


def test_html_comes_to_a_browser_and_json_to_a_program(town: GuidedTown, flooded: tuple[float, float]) -> None:
    def kind(accept: str) -> str:
        parameters = {"lon": flooded[0], "lat": flooded[1]}
        return town.http.get("/here", params=parameters, headers={"Accept": accept}).headers["content-type"]

    assert kind("text/html,application/xhtml+xml,*/*;q=0.8").startswith("text/html")
    assert kind("application/json") == kind("*/*") == "application/json"


def test_the_language_is_the_asked_one_else_the_browsers(town: GuidedTown, flooded: tuple[float, float]) -> None:
    parameters = {"lon": flooded[0], "lat": flooded[1]}
    english = town.http.get("/here", params=parameters, headers={"Accept-Language": "en-US,en;q=0.9"}).json()

    assert english["lang"] == "en"
    assert town.here(*flooded, lang="ja-easy").json()["lang"] == "ja-easy"
    assert town.here(*flooded).json()["lang"] == "ja"


def test_who_has_the_answer_is_told_that_it_holds(town: GuidedTown, flooded: tuple[float, float]) -> None:
    first = town.here(*flooded)
    tag = first.headers["etag"]
    again = town.http.get(first.request.url, headers={"If-None-Match": tag})

    assert tag.startswith('W/"1-')
    assert "max-age=60" in first.headers["cache-control"]
    assert "Accept-Language" in first.headers["vary"]
    assert (again.status_code, again.content) == (304, b"")
    assert town.http.get(first.request.url, headers={"If-None-Match": '"x"'}).status_code == 200
    assert town.here(*flooded, lang="en").headers["etag"] != tag


def test_a_place_is_found_by_name_or_by_position_without_a_script(town: GuidedTown) -> None:
    form = town.http.get("/here", params={"f": "html"})
    by_name = town.http.get("/here", params={"f": "html", "q": "ショウガッコウ"})
    link = re.search(r'href="(here\?lon=[^"]+)"', by_name.text)

    assert '<form action="here"' in form.text
    assert link is not None
    assert "小野町" in town.http.get("/" + link[1].replace("&amp;", "&")).text
    assert "緯度 37.28690" in town.http.get("/here", params={"f": "html", "q": "37.2869, 140.6263"}).text
    hostile = town.http.get("/here", params={"f": "html", "q": "<script>alert(1)</script>"})
    assert "見つかりません" in hostile.text
    assert "<script" not in hostile.text


def test_the_main_page_has_the_answer_in_its_first_response(town: GuidedTown, flooded: tuple[float, float]) -> None:
    for language in LANGUAGES:
        sentence = town.here(*flooded, lang=language).json()["risks"][0]["sentence"]
        linked = town.http.get("/", params={"here": f"{flooded[1]},{flooded[0]}", "lang": language})
        assert sentence in linked.text
    for odd in ("", "x", "1,2,3", "nan,nan", "999,999", "<script>,1", "37.2869"):
        response = town.http.get("/", params={"here": odd})
        assert response.status_code == 200
        assert 'class="here"' not in response.text


def test_what_is_known_of_a_site_goes_with_it() -> None:
    def known(_: Request, language: str) -> SiteStates:
        return SiteStates("7", {("shelters", 3): {"state": "open", "label": language, "told_at": None}})

    app = FastAPI()
    request = Request({"type": "http", "app": app, "headers": []})
    assert site_states(request, "ja").of("shelters", 3) is None
    install_states(app, known)
    assert site_states(request, "ja").of("shelters", 3) == {"state": "open", "label": "ja", "told_at": None}
    assert site_states(request, "ja").of("evacuation_sites", 3) is None


@pytest.mark.parametrize("language", list(languages()))
def test_a_closed_place_is_named_and_left_out(town: GuidedTown, flooded: tuple[float, float], language: str) -> None:
    say, guidance = words("here", language), town.guide.at(*flooded)
    first, shelter = guidance.go[Hazard.FLOOD][0].to, guidance.shelters[0].to
    closed = {(one.layer, one.fid): {"state": CLOSED, "label": "", "told_at": None} for one in (first, shelter)}
    states = SiteStates("1", closed)
    shut = town.guide.at(*flooded, shut=states.shut)

    told = next(one for one in go_told(say, shut, states) if one["hazard"] == "flood")
    assert first.name in str(told["sentence"])
    assert first.name not in str(told["sites"])
    assert shelter.name in shelters_sentence(say, shut)


def test_the_headline_tells_danger_gap_and_no_apart() -> None:
    risks = [
        Risk(Hazard.FLOOD, Outcome.STALE, Outcome.APPLIES),
        Risk(Hazard.LANDSLIDE, Outcome.NO_DATA, Outcome.NO_DATA),
    ]

    assert headline(words("here"), risks) == (
        "ここは、洪水のおそれがある場所です。土砂災害については、ここのデータがありません。安全という意味ではありません。"
    )


def test_no_sentence_of_the_three_languages_has_a_key_the_others_lack() -> None:
    keys = [set(json.loads((WEBMAP / "i18n" / one / "here.json").read_text(encoding="utf-8"))) for one in LANGUAGES]
    assert keys[0] == keys[1] == keys[2]


@pytest.mark.parametrize("more", ["", "&lang=en", "&f=html", "&lang=zh-Hans&f=json"])
def test_a_question_written_otherwise_goes_another_way_and_is_answered_alike(town: GuidedTown, more: str) -> None:
    lon, lat = town.place({Hazard.FLOOD: Outcome.APPLIES})
    plain = town.http.get(f"/here?lon={lon}&lat={lat}{more}")
    turned = town.http.get(f"/here?lat={lat}&lon={lon}{more}")
    assert plain.status_code == turned.status_code == 200
    # a page names its own address
    assert plain.text == turned.text.replace(f"lat={lat}&amp;lon={lon}", f"lon={lon}&amp;lat={lat}")
    left_out = {"date", "etag", "content-length"} if "html" in more else {"date"}
    assert {key: value for key, value in plain.headers.items() if key not in left_out} == {
        key: value for key, value in turned.headers.items() if key not in left_out
    }
    held = {"If-None-Match": plain.headers["etag"]}
    assert town.http.get(f"/here?lon={lon}&lat={lat}{more}", headers=held).status_code == 304


@pytest.mark.parametrize(
    ("asked", "status"),
    [
        ("lon=140.6&lat=91", 422),
        ("lon=181&lat=37", 422),
        ("lon=140.6&lat=37.2&lang=xx", 400),
        ("lon=140.6&lat=37.2&f=pdf", 400),
        ("lon=140.6&lat=37.2&lat=37.3", 200),
    ],
)
def test_a_plainly_written_question_that_cannot_be_answered_is_told_why(
    town: GuidedTown, asked: str, status: int
) -> None:
    answer = town.http.get(f"/here?{asked}")
    assert answer.status_code == status
    if status != 200:
        assert detail(answer, status)
