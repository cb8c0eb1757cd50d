"""What is asked of the public side: every address × form × filter × order × property × number, tiles, files, and what is wrong.

The questions are made of two descriptions: the public side's own, and that of the internal side, whose every address,
layer and column is tried as well.
"""

import itertools
import random
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlencode

import httpx
import morecantile

from gis.formats.open_data_sheets import Family, sheets
from layers.store.definitions import FieldType, Layer
from scripts.drills.leak_parts.canaries import DATES, MARK, NUMBERS
from scripts.drills.leak_parts.surveys import FIELD, SESSION, survey_addresses

FORMS = ("json", "jsonfg", "html")
FILES = ("geojson", "csv", "csv-labels", "geojsonl", "kml", "fgb", "parquet", "gpkg", "shp", "xlsx")
SYSTEMS = ("CRS84", *(f"http://www.opengis.net/def/crs/EPSG/0/{code}" for code in (4326, 3857, 6668, 6677)))
BOX = "140.60,37.25,140.66,37.32"
OPERATORS = (
    "{} IS NULL", "{} IS NOT NULL", "{} = '{c}'", "{} <> '{c}'", "{} LIKE '{c}%'", "CASEI({}) = CASEI('{c}')",
    "{} > '{c}'", "{} IN ('{c}')", "{} = {n}", "{} >= {n}", "{} BETWEEN {n} AND {n}9", "T_AFTER({}, DATE('{d}-01-01'))",
    "{} = DATE('{d}-02-02')", "S_INTERSECTS({}, POINT(140.62 37.27))", "NOT ({} = '{c}')", "{} = {}",
)  # fmt: skip
VENDOR = "/vendor/maplibre-gl/6.17.0/dist/maplibre-gl.css"
CANARY = {"c": f"{MARK}c1r1", "n": NUMBERS, "d": DATES}
_MOST_IDS = 3_000


@dataclass(frozen=True)
class Question:
    """One request. `says` when it names a canary itself, so that its echo is no leak; then no row may match."""

    path: str
    method: str = "GET"
    headers: tuple[tuple[str, str], ...] = ()
    says: bool = False


def questions(
    http: httpx.Client, catalogue: dict[str, Layer], internal_paths: list[str], seed: int = 1
) -> Iterator[Question]:
    """Everything, in an order that keeps every kind of work mixed."""
    published = {layer["id"]: layer for layer in http.get("/layers").json()["layers"]}
    every: list[Question] = [*_documents(published), *_wrong(internal_paths, catalogue), *_lists(http, published)]
    for name, layer in published.items():
        every += _of_items(http, name, layer, catalogue[name])
        every += _of_files(name)
        every += _of_tiles(http, name)
    every += _joined_tiles(http, list(published))
    random.Random(seed).shuffle(every)
    yield from every


def _get(path: str, says: bool = False, **parameters: object) -> Question:
    query = urlencode(
        {key.replace("_", "-") if key in _DASHED else key: str(value) for key, value in parameters.items()}
    )
    return Question(f"{path}?{query}" if query else path, says=says)


_DASHED = {"bbox_crs", "filter_lang", "filter_crs"}


def _documents(published: dict[str, Any]) -> Iterator[Question]:
    yield from map(
        Question, ("/", "/healthz", "/layers", "/styles/public.json", "/api/openapi.json", "/api/openapi-3.0.json")
    )
    yield from map(
        Question,
        ("/public/main.js", "/public/page.css", "/shared/dom.js", VENDOR),
    )
    places = ["/api", "/api/conformance", "/api/collections", "/api/tiles", "/api/tileMatrixSets"]
    for name in published:
        here = f"/api/collections/{name}"
        places += [here, f"{here}/queryables", f"{here}/schema", f"{here}/tiles", f"{here}/tiles/WebMercatorQuad"]
        yield from map(Question, (f"/styles/{name}.json", f"/tiles/{name}.json"))
    for place, form in itertools.product(places, ("json", "html", "xml", MARK)):
        yield _get(place, says=form == MARK, f=form)
    for text in ("小", "しょう", "あ", "a", MARK, f"{MARK}c1r1", "864210001", "%", "'", "避難所", "1", "x" * 200):
        yield _get("/search", says=text.startswith((MARK, "8642")), q=text)


def _lists(http: httpx.Client, published: dict[str, Any]) -> Iterator[Question]:
    """The pages for residents: parcels by their numbers, facilities, the catalogue, and every table of a standard."""
    yield from map(Question, ("/lists/page.css", "/open-data", "/open-data.jsonld"))
    for scale, place in itertools.product(("2500", "5000", MARK), ((140.62, 37.28), (140.6, 37.25), (0, 0))):
        yield _get("/here.pdf", says=scale == MARK, lon=place[0], lat=place[1], scale=scale)
    asked: list[str] = ["1", "1-1", MARK, f"{MARK}c1r1", "864210001", "%", "x" * 101, "小野新町"]
    if "cadastral" in published:
        rows = http.get("/api/collections/cadastral/items?limit=60&properties=parcel_key").json()["features"]
        asked += [str(row["properties"]["parcel_key"]) for row in rows]
    for number, form in itertools.product(asked, ("json", "html", "pdf", "xml")):
        # nothing but the first parcels as PDF: one takes a second
        if form != "pdf" or number in asked[-5:]:
            yield _get("/land", says=number.startswith((MARK, "8642")), number=number, f=form, lang="ja")
    for form, (name, value) in itertools.product(
        ("json", "html"),
        (("q", ""), ("q", "a"), ("q", f"{MARK}c1r1"), ("q", NUMBERS), ("sheet", "aed"), ("kind", MARK), ("need", "ostomate"),
         ("need", "name"), ("open", "now"), ("open", MARK)),
    ):  # fmt: skip
        yield _get("/facilities", says=str(value).startswith((MARK, "8642")), f=form, lang="ja", **{name: value})
    for sheet, family in sheets():
        name = sheet + ("_old" if family is Family.OLD else "")
        yield from map(Question, (f"/open-data/{name}.csv", f"/open-data/075221_{name}.csv"))
    yield from map(Question, (f"/open-data/{name}.csv" for name in ("..%2f..%2fetc%2fpasswd", "cadastral", "owner")))
    yield Question(f"/open-data/{MARK}.csv", says=True)


def _of_items(http: httpx.Client, name: str, layer: dict[str, Any], inside: Layer) -> Iterator[Question]:
    here = f"/api/collections/{name}/items"
    shown = [field["name"] for field in layer["fields"]]
    hidden = [field.name for field in inside.fields if field.name not in shown]
    hidden += ["load_id", "version", "content_hash", "geom_3857", "valid_to", "area_m2", "owner", "tax", "ctid", "xmin"]
    for column in (*shown, *hidden, "fid", "geom", "valid_from"):
        yield from _of_column(here, column)
    for column in [field for field in inside.fields if field.name in shown and field.type is FieldType.TEXT]:
        yield _get(here, says=True, **{column.name: f"{MARK}c1r1"})
    for form, system in itertools.product(FORMS, SYSTEMS):
        yield _get(here, f=form, crs=system, limit=50)
        yield _get(here, f=form, bbox=BOX, limit=50, sortby=shown[0])
    for moment in ("..", "2020-01-01/..", "../2026-01-01", "2026-11-26", f"{DATES}-01-01/{DATES}-12-31"):
        yield _get(here, says=str(DATES) in moment, datetime=moment)
        yield _get(here, says=str(DATES) in moment, as_of=moment)
    yield from _of_ids(http, here)


def _of_column(here: str, column: str) -> Iterator[Question]:
    for operator in OPERATORS:
        text = (
            operator.format(column, column, **CANARY)
            if operator.count("{}") == 2
            else operator.format(column, **CANARY)
        )
        yield _get(here, says=True, filter=text, limit=20)
        yield _get(here, says=True, filter=text, f="csv")
    for order in (column, f"-{column}", f"+{column},-fid"):
        for form in FORMS:
            yield _get(here, sortby=order, f=form, limit=200)
    for form in (*FORMS, *FILES):
        yield _get(here, properties=column, f=form, limit=200)
    for value in ("", "1", "true", CANARY["c"], NUMBERS):
        yield _get(here, says=True, **{column: value})
    tree = f'{{"op":"isNull","args":[{{"property":"{column}"}}]}}'
    yield _get(here, filter=tree, filter_lang="cql2-json")


def _of_ids(http: httpx.Client, here: str) -> Iterator[Question]:
    ids: list[int] = []
    address: str | None = f"{here}?limit=1000&properties="
    while address is not None and len(ids) < _MOST_IDS:
        page = http.get(address).json()
        ids += [feature["id"] for feature in page["features"]]
        address = next((link["href"] for link in page["links"] if link["rel"] == "next"), None)
        if address is not None:
            yield Question(address.removeprefix(str(http.base_url).rstrip("/")))
    for number in ids[:_MOST_IDS]:
        yield _get(f"{here}/{number}", f=FORMS[number % 3])
    for number in (0, -1, 10**18, 10**30, "1;", "1'", MARK, "%00", "1/versions", "1/versions/1/restore"):
        yield Question(f"{here}/{quote(str(number))}", says=number == MARK)


def _of_files(name: str) -> Iterator[Question]:
    for form, system in itertools.product(FILES, ("", "CRS84", "4326", "6668", "6677", "3857")):
        yield _get(f"/api/collections/{name}/export", f=form, **({"crs": system} if system else {}))


def _of_tiles(http: httpx.Client, name: str) -> Iterator[Question]:
    described = http.get(f"/tiles/{name}.json").json()
    for zoom in range(described["minzoom"], described["maxzoom"] + 1):
        tiles = list(morecantile.tms.get("WebMercatorQuad").tiles(*described["bounds"], zooms=[zoom]))
        for tile in random.Random(zoom).sample(tiles, min(len(tiles), 400)):
            yield Question(f"/tiles/{name}/{zoom}/{tile.x}/{tile.y}")
            if tile.x % 8 == 0:
                yield Question(f"/api/collections/{name}/tiles/WebMercatorQuad/{zoom}/{tile.y}/{tile.x}")


def _joined_tiles(http: httpx.Client, names: list[str]) -> Iterator[Question]:
    bounds = http.get(f"/tiles/{','.join(names)}.json").json()["bounds"]
    for zoom in (10, 11, 12):
        for tile in morecantile.tms.get("WebMercatorQuad").tiles(*bounds, zooms=[zoom]):
            yield Question(f"/tiles/{','.join(names)}/{zoom}/{tile.x}/{tile.y}")
            yield Question(f"/api/tiles/WebMercatorQuad/{zoom}/{tile.y}/{tile.x}")


def _wrong(internal_paths: list[str], catalogue: dict[str, Layer]) -> Iterator[Question]:
    for path, method in itertools.product(internal_paths, ("GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE")):
        for layer in ("shelters", "cadastral", "water"):
            yield Question(_filled(path, layer), method)
    for method, path, says in survey_addresses():
        yield Question(path, method, says=says)
    for name in catalogue:
        for part in ("", "/items", "/items/1", "/schema", "/queryables", "/export?f=csv", "/export?f=gpkg", "/tiles"):
            yield Question(f"/api/collections/{name}{part}")
        yield from map(
            Question,
            (
                f"/tiles/{name}.json",
                f"/tiles/{name}/12/3648/1590",
                f"/styles/{name}.json",
                f"/rasters/{name}/value?lon=140.6&lat=37.2",
            ),
        )
    for path in ("/../../etc/passwd", "/public/../../api/app.py", "/shared/%2e%2e/%2e%2e/pyproject.toml", "/vendor/../package.json",
                 "/editions/1/manifest.json", "/tiles/__proto__/0/0/0", "/docs", "/redoc", "/openapi.json", "/metrics", "/admin",
                 "/login", "/events", "/.onomap", "/tiles/roads/99/1/1", "/tiles/roads/a/b/c", "/api/" + "x" * 9_000):  # fmt: skip
        yield Question(path)
    odd = (("Range", "bytes=0-1"), ("X-Forwarded-For", "10.0.0.1"), ("Accept", "application/xml"), ("X-Onomap-After", "x"),
           ("Authorization", "Basic YTph"), ("Cookie", "session=1"), ("Host", "internal"), ("If-None-Match", "*"))  # fmt: skip
    for header, path in itertools.product(
        odd, ("/", "/api", "/layers", "/api/collections/shelters/items", "/tiles/roads.json")
    ):
        yield Question(path, headers=(header,))


def _filled(path: str, layer: str) -> str:
    """An address of the internal side with something in each of its places."""
    names = dict.fromkeys(("collection_id", "layer", "names", "collectionId"), layer) | {"format": "webp"}
    names |= {"session": SESSION, "field_id": FIELD}
    return re.sub(r"\{(\w+)\}", lambda place: names.get(place.group(1), "1"), path)
