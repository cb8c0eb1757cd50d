"""The static edition: a folder without a server answers as `/here` does, and holds nothing but what was published."""

import html
import json
import shutil
import subprocess
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from api.pages import WEBMAP
from api.public.editions import OpenEdition, opened
from api.public.here_answer import answer
from api.public.site_states import SiteStates
from api.public.words import languages, words
from api.static_edition import MARK, StaticFolderError, write_static
from layers.guidance.guide import Guide
from layers.publication.importing import PublicSide
from layers.publication.serving import PublicEdition, open_public
from layers.store.place_search import found_among
from tests.guided_town import GUIDED, guided_side
from tests.layers.guidance.places import asked_places

__all__ = ["guided_side"]
TODAY = date(2026, 11, 26)
PLACES = 500
QUESTIONS = Path(__file__).with_name("static_questions.mjs")


@pytest.fixture(scope="module")
def published(guided_side: PublicSide) -> Iterator[PublicEdition]:
    found = open_public(guided_side.database.web_url, guided_side.folder)
    yield found
    found.database.close()


@pytest.fixture(scope="module")
def edition(published: PublicEdition) -> OpenEdition:
    return opened(published)


@pytest.fixture(scope="module")
def folder(published: PublicEdition, edition: OpenEdition, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("static") / "site"
    write_static(published, edition, folder, lambda _what, _share: None)
    return folder


def asked_without_server(
    folder: Path, places: list[tuple[float, float]], language: str, day: date
) -> list[dict[str, object]]:
    """What the browser's module answers from the files."""
    node = shutil.which("node")
    assert node is not None
    command = [node, str(QUESTIONS), str(WEBMAP / "public" / "static_here.js"), str(folder), language, day.isoformat()]
    lines = "\n".join(json.dumps(place) for place in places)
    done = subprocess.run(command, input=lines, capture_output=True, text=True, check=True, timeout=300)
    return [json.loads(line) for line in done.stdout.splitlines()]


@pytest.mark.parametrize(("language", "day"), [("ja", TODAY), ("en", date(2040, 1, 1))])
def test_without_a_server_the_same_is_said_of_500_places(
    folder: Path, edition: OpenEdition, published: PublicEdition, language: str, day: date
) -> None:
    guide, say = Guide.of(edition), words("here", language)
    places = [(round(lon, 7), round(lat, 7)) for lon, lat in asked_places(published)[:: 2_000 // PLACES]]
    answers = asked_without_server(folder, places, language, day)

    assert len(answers) == PLACES
    for place, found in zip(places, answers, strict=True):
        wanted = json.loads(json.dumps(answer(say, edition, guide.at(*place, day), SiteStates())))
        for key in ("lang", "edition", "place", "headline", "risks", "sources", "notes"):
            assert found[key] == wanted[key], (place, key)
        assert _ways(found["go"]) == _ways(wanted["go"]), place
        assert [site["id"] for site in found["shelters"]] == [site["id"] for site in wanted["shelters"]]
        _compare_lengths(found, wanted)


def _ways(go: list[dict[str, object]]) -> list[object]:
    return [(one["hazard"], one["title"], one["sentence"], [site["id"] for site in one["sites"]]) for one in go]


def _compare_lengths(found: dict[str, object], wanted: dict[str, object]) -> None:
    pairs = list(zip(found["shelters"], wanted["shelters"], strict=True))
    for one, other in zip(found["go"], wanted["go"], strict=True):
        pairs += zip(one["sites"], other["sites"], strict=True)
    for ours, theirs in pairs:
        assert ours["by_road"] == theirs["by_road"]
        assert ours["straight_m"] == pytest.approx(theirs["straight_m"], abs=1)
        assert (ours["walk_m"] or 0) == pytest.approx(theirs["walk_m"] or 0, abs=1)
        assert ours["dangers"] == theirs["dangers"]
        assert set(ours) == set(theirs)


def test_the_folder_has_the_page_the_tiles_and_the_words(folder: Path, edition: OpenEdition) -> None:
    told = json.loads((folder / "layers.json").read_text(encoding="utf-8"))

    assert {layer["id"] for layer in told["layers"]} == set(GUIDED)
    for name, path in told["tiles"].items():
        assert (folder / path).read_bytes()[:7] == b"PMTiles", name
        assert f"-{edition.number}." in path
    assert (folder / "i18n" / "ja" / "here.json").is_file()
    for name in ("index.html", "index.en.html"):
        page = (folder / name).read_text(encoding="utf-8")
        assert '<meta name="onomap-static" content="1">' in page
        assert "default-src 'self'" in page
        assert "frame-ancestors" not in page
    assert (folder / "public" / "static_here.js").is_file()
    assert max(path.stat().st_size for path in (folder / "here").glob("*.json")) < 600_000


def test_each_page_says_that_it_knows_nothing_of_the_moment_and_who_does(
    folder: Path, published: PublicEdition, edition: OpenEdition, tmp_path: Path
) -> None:
    for code in languages():
        name = "index.html" if code == "ja" else f"index.{code}.html"
        page, say = (folder / name).read_text(encoding="utf-8"), words("page", code)
        told = page.partition('<section id="situation" class="phase-unknown"')[2].partition("</section>")[0]
        assert html.escape(say("static_situation")) in told
        assert html.escape(say("static_ask")) in told
        assert "<a " not in told

    news = "https://www.town.example.jp/bosai?a=1&b=2"
    write_static(published, edition, tmp_path / "site", lambda _what, _share: None, news)
    page = (tmp_path / "site" / "index.en.html").read_text(encoding="utf-8")
    assert f'<a class="big" href="{html.escape(news)}">See the town' in page
    for bad in ("javascript:alert(1)", "www.town.example.jp", 'https://a b/"'):
        with pytest.raises(StaticFolderError, match="https://"):
            write_static(published, edition, tmp_path / "other", lambda _what, _share: None, bad)
    assert not (tmp_path / "other").exists()


def test_no_answer_says_that_a_site_is_open(folder: Path, published: PublicEdition) -> None:
    places = [(round(lon, 7), round(lat, 7)) for lon, lat in asked_places(published)[:20]]
    for found in asked_without_server(folder, places, "ja", TODAY):
        sites = [site for one in found["go"] for site in one["sites"]] + found["shelters"]
        assert {site["state"] for site in sites} <= {None}
        assert not sites or "開いているかは、町の情報で確かめてください" in found["shelters_sentence"]


def test_places_are_found_by_name_and_kana_without_a_server(folder: Path, edition: OpenEdition) -> None:
    asked = ["しょうがっこう", "ショウガッコウ", "ｼｮｳｶﾞｯｺｳ", "小学 校", "", "zzz"]
    script = (
        f"import {{ foundAmong }} from {json.dumps((WEBMAP / 'public' / 'static_server.js').as_uri())};"
        "import { readFileSync } from 'node:fs';"
        f"const {{ places }} = JSON.parse(readFileSync({json.dumps(str(folder / 'places.json'))}));"
        f"console.log(JSON.stringify({json.dumps(asked)}.map((q) => foundAmong(places, q))));"
    )
    node = shutil.which("node")
    assert node is not None
    done = subprocess.run([node, "--input-type=module", "-e", script], capture_output=True, text=True, check=True)
    found = json.loads(done.stdout)

    wanted = [found_among(edition.places, q) for q in asked]
    assert found == json.loads(json.dumps(wanted))
    assert found[0]


def test_a_folder_of_somebody_else_is_left_alone_and_one_of_ours_is_renewed(
    published: PublicEdition, edition: OpenEdition, folder: Path, tmp_path: Path
) -> None:
    other = tmp_path / "photos"
    other.mkdir()
    (other / "a.jpg").write_text("x")
    with pytest.raises(StaticFolderError, match="別のもの"):
        write_static(published, edition, other, lambda _what, _share: None)
    assert [path.name for path in other.iterdir()] == ["a.jpg"]

    (folder / "left-over.txt").write_text("x")
    write_static(published, edition, folder, lambda _what, _share: None)
    assert not (folder / "left-over.txt").exists()
    assert (folder / MARK).is_file()
    assert [path.name for path in folder.parent.iterdir()] == ["site"]
