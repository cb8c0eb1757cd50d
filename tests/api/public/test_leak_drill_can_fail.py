"""The leak drill sees a leak in every form in which one can come: proved by a whitelist that is wrong on purpose."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from itertools import count
from pathlib import Path

import httpx
import pytest
import shapely

from layers.publication.importing import PublicSide
from layers.store.cluster import Cluster
from layers.store.definitions import ColumnClass, Layer
from layers.store.instance import Store
from scripts.drills.leak_parts.canaries import FOUND, MARK, NUMBERS, canaries_in
from scripts.drills.leak_parts.crawling import Findings, crawl, leaked
from scripts.drills.leak_parts.opening import canaries_of
from scripts.drills.leak_parts.planting import hidden_columns
from scripts.drills.leak_parts.questions import FILES, FORMS, Question
from tests.api.public.conftest import serving
from tests.layers.publication.publication_samples import bundle_of, make_public_side, publish
from tests.layers.store.tiles.tile_samples import EAST_M, NORTH_M, insert

TEXT, NUMBER, DAY = f"{MARK}c1r1", NUMBERS + 1, date(1871, 2, 3)
_numbers = count(1)


@pytest.fixture
def planted(empty_store: Store) -> Store:
    """A store with a canary of each type in columns that are not public."""
    insert(empty_store, "street_lights", [shapely.Point(EAST_M, NORTH_M)], watt=NUMBER, installed_on=DAY)
    square = shapely.MultiPolygon([shapely.box(EAST_M, NORTH_M, EAST_M + 400, NORTH_M + 400)])
    insert(empty_store, "cadastral", [square], chiban="1", parcel_key="平/平/1", land_category=TEXT)
    return empty_store


@pytest.fixture
def side(test_cluster: Cluster, empty_store: Store, tmp_path: Path) -> Iterator[PublicSide]:
    """An empty public side."""
    name = f"leaking_public_{next(_numbers)}"
    yield make_public_side(test_cluster, tmp_path, name, empty_store.settings.home)
    test_cluster.drop_database(name)


def broken(layer: Layer) -> Layer:
    """The layer as a careless hand might declare it: every column public, whitelisted, and one of them the label."""
    assert layer.publication is not None
    fields = tuple(replace(field, column_class=ColumnClass.PUBLIC) for field in layer.fields)
    whitelist = replace(layer.publication, columns=tuple(field.name for field in fields))
    label = "land_category" if layer.id == "cadastral" else "watt"
    merged = replace(layer.overview, by=(label,)) if layer.overview is not None else None
    return replace(layer, fields=fields, publication=whitelist, label_field=label, overview=merged)


def careless(store: Store) -> Store:
    """The store with such a whitelist."""
    changed = {name: broken(store.layer(name)) for name in ("street_lights", "cadastral")}
    return replace(store, catalogue={**store.catalogue, **changed})


def asked(http: httpx.Client, path: str) -> set[str]:
    """What the drill sees in the answer to a question."""
    answer = http.get(path)
    assert answer.status_code == 200, (path, answer.text[:200])
    return leaked(Question(path), answer)


def test_a_wrong_whitelist_is_seen_in_every_form(planted: Store, side: PublicSide) -> None:
    publish(careless(planted), side, 1, ["cadastral", "street_lights"])
    with serving(side) as url, httpx.Client(base_url=url, timeout=60) as http:
        for form in (*FORMS, *FILES):
            parcels = asked(http, f"/api/collections/cadastral/items?f={form}")
            lights = asked(http, f"/api/collections/street_lights/items?f={form}")
            assert TEXT in parcels, form
            assert {str(NUMBER), DAY.isoformat()} <= lights, form
        fid = http.get("/api/collections/cadastral/items").json()["features"][0]["id"]
        assert TEXT in asked(http, f"/api/collections/cadastral/items/{fid}")
        assert TEXT in asked(http, tile_address(http, "cadastral"))
        assert str(NUMBER) in asked(http, tile_address(http, "street_lights"))
    files = [path for path in (side.folder / "editions").rglob("*") if path.is_file()]
    seen = {path.suffix: canaries_of(path.read_bytes()) for path in files}
    assert {TEXT} <= canaries_of(bundle_of(careless(planted), 2, ["cadastral"]).read_bytes())
    assert seen[".pmtiles"] & {TEXT, str(NUMBER)}
    assert seen[".gpkg"] & {TEXT, str(NUMBER)}


def tile_address(http: httpx.Client, layer: str) -> str:
    """A tile in which the layer has something."""
    import morecantile

    described = http.get(f"/tiles/{layer}.json").json()
    west, south, _, north = described["bounds"]
    tile = morecantile.tms.get("WebMercatorQuad").tile(west + 1e-6, (south + north) / 2, described["maxzoom"])
    return f"/tiles/{layer}/{tile.z}/{tile.x}/{tile.y}"


def test_the_right_whitelist_lets_nothing_out(planted: Store, side: PublicSide) -> None:
    publish(planted, side, 1, ["cadastral", "street_lights"])
    findings = Findings()
    paths = [
        f"/api/collections/{layer}/items?f={form}"
        for layer in ("cadastral", "street_lights")
        for form in (*FORMS, *FILES)
    ]
    with serving(side) as url:
        crawl(url, [Question(path) for path in paths], findings)

    assert findings.requests == len(paths)
    assert dict(findings.statuses) == {200: len(paths)}
    assert findings.found == {}


def test_a_leak_of_one_answer_among_many_is_told_with_its_question() -> None:
    findings = Findings()
    findings.note(200, canaries_in(f"a {TEXT} b".encode()), "GET /here")

    assert findings.found == {TEXT: "GET /here"}


def test_a_number_is_known_by_itself_and_not_as_a_part_of_another() -> None:
    assert FOUND.findall(b"[864210001]") == [b"864210001"]
    assert FOUND.findall(b"864210001.97531,") == [b"864210001.97531"]
    assert FOUND.findall(b"140.6864210001 1864210001 8642100012") == []


def test_every_column_that_is_not_published_is_planted(empty_store: Store) -> None:
    assert hidden_columns(empty_store.layer("cadastral")) == ["land_category", "registered_area_m2", "moj_id"]
    assert len(hidden_columns(empty_store.layer("water"))) == len(empty_store.layer("water").fields)
