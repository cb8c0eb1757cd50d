"""What a phone keeps to show the map without a network: the list of files, the names, the worker, and the card of the app."""

import asyncio
import json
from collections.abc import Iterator, MutableMapping
from hashlib import sha256
from pathlib import Path
from typing import Annotated, Any

import orjson
from fastapi import APIRouter, Query, Request, Response
from starlette.concurrency import run_in_threadpool

from api.pages import WEBMAP
from api.public.editions import OpenEdition
from api.public.side import OpenPublished
from api.public.words import FIRST, chosen_language, words
from gis.geojson_objects import written
from gis.reference_systems import offered_systems
from layers.store.definitions import GeometryKind, Layer
from layers.store.features.columns import columns_of
from layers.store.features.feature_json import FeatureForm
from layers.store.features.ordering import ordering_of
from layers.store.features.pages import PageWish, read_page
from layers.store.selection import whole

router = APIRouter(tags=["offline"])
FORMAT = 1
PLACES = "offline/places.json"
_MODULES = ("public/*.js", "public/*.css", "shared/*.js", "offline/*.js", "offline/*.css")
_VENDOR = "maplibre-gl"
_ANSWERS = ("layers", "styles/public.json")
"""Addresses of the server whose answers the page needs, as they are at the moment of keeping."""
_WORKER_POLICY = "default-src 'none'; script-src 'self'; connect-src 'self'"
_ICONS = (192, 512)
MOST_SITES = 1_000
"""Rows of a layer of points up to which it is kept as a list with all its columns."""
Language = Annotated[str | None, Query(max_length=20, description="言語")]


@router.get("/service-worker.js", include_in_schema=False)
def service_worker() -> Response:
    """The worker that answers for the server where there is no network; it stands at the root, so that it may."""
    headers = {"Cache-Control": "no-cache", "Content-Security-Policy": _WORKER_POLICY}
    return Response(_read(WEBMAP / "offline" / "service_worker.js"), media_type="text/javascript", headers=headers)


@router.get("/manifest.webmanifest", include_in_schema=False)
def manifest(edition: OpenPublished, request: Request, lang: Language = None) -> Response:
    """What a phone shows of the page when it stands on its first screen as an app."""
    said = words("offline", chosen_language(lang, request.headers.get("accept-language", "")).code)
    icons = [
        {"src": f"./offline/icons/{kind}{size}.png", "sizes": f"{size}x{size}", "type": "image/png", "purpose": purpose}
        for size in _ICONS
        for kind, purpose in (("icon-", "any"), ("maskable-", "maskable"))
    ]
    card = {
        "id": "./",
        "name": said("offline_app_name", town=edition.town.name),
        "short_name": said("offline_app_short", town=edition.town.name),
        "description": said("offline_app_description", town=edition.town.name),
        "lang": said.language.html,
        "start_url": f"./?lang={said.language.code}",
        "scope": "./",
        "display": "standalone",
        "background_color": "#f3f4f6",
        "theme_color": "#0b3fa8",
        "icons": [{"src": "./offline/icons/icon.svg", "sizes": "any", "type": "image/svg+xml"}, *icons],
    }
    headers = {"Cache-Control": "no-cache"}
    return Response(orjson.dumps(card), media_type="application/manifest+json", headers=headers)


@router.get("/offline/places.json", include_in_schema=False)
def places(edition: OpenPublished) -> Response:
    """What can be found and read without the server: every place with a name, and the sites of layers that hold few."""
    return Response(_places(edition), media_type="application/json", headers={"Cache-Control": "no-cache"})


@router.get("/offline.json")
async def offline(edition: OpenPublished, request: Request, lang: Language = None) -> dict[str, object]:
    """The files that show this edition without a network, with their true sizes in bytes as they are before compression."""
    language = chosen_language(lang, request.headers.get("accept-language", "")).code
    kept = await run_in_threadpool(lambda: [*_files(language), *_data(edition)])
    page, *answers = await asyncio.gather(*(_answer(request, path) for path in (f"?lang={language}", *_ANSWERS)))
    told = [_told("page", f"./?lang={language}", page)]
    told += [_told("answer", path, body) for path, body in zip(_ANSWERS, answers, strict=True)]
    files = [*told, *kept]
    return {
        "format": FORMAT,
        "edition": {"number": edition.number, "made_at": edition.made_at.isoformat() if edition.made_at else None},
        "language": language,
        "bytes": sum(int(str(file["bytes"])) for file in files),
        "files": files,
    }


def _files(language: str) -> Iterator[dict[str, object]]:
    """What is in files of the page, which change only with the program."""
    for pattern in _MODULES:
        for path in sorted(WEBMAP.glob(pattern)):
            if path.name != "service_worker.js":
                yield _told("page", path.relative_to(WEBMAP).as_posix(), _read(path), is_fixed=True)
    for code in dict.fromkeys((language, FIRST)):
        for path in sorted((WEBMAP / "i18n" / code).glob("*.json")):
            yield _told("words", path.relative_to(WEBMAP).as_posix(), _read(path), is_fixed=True)
    entry = json.loads(_read(WEBMAP / "vendor.json"))[_VENDOR]
    for name in entry["files"]:
        content = _read(WEBMAP / "node_modules" / _VENDOR / name)
        yield _told("vendor", f"vendor/{_VENDOR}/{entry['version']}/{name}", content, is_fixed=True)


def _data(edition: OpenEdition) -> Iterator[dict[str, object]]:
    """What is in the edition, whose files are known by their hashes since the bundle was made."""
    yield _told("names", PLACES, _places(edition), is_fixed=True)
    for name, file in edition.files.items():
        layer = edition.layer(name)
        yield {
            "kind": "tiles",
            "url": f"tiles/{name}.pmtiles",
            "bytes": file.bytes,
            "sha256": file.sha256,
            "layer": name,
            "title": layer.title,
        }


def _places(edition: OpenEdition) -> bytes:
    known = [{**place.as_json(), "folded": list(place.folded)} for place in edition.places]
    layers = [layer for layer in edition.catalogue.values() if _holds_sites(edition, layer)]
    sites = b",".join(b'"%s":%s' % (layer.id.encode(), _features(edition, layer)) for layer in layers)
    return b'{"edition":%d,"places":%s,"sites":{%s}}' % (edition.number, orjson.dumps(known), sites)


def _holds_sites(edition: OpenEdition, layer: Layer) -> bool:
    return layer.geometry is GeometryKind.POINT and 0 < edition.rows.get(layer.id, 0) <= MOST_SITES


def _features(edition: OpenEdition, layer: Layer) -> bytes:
    """As `/api/collections/{layer}/items` has them, without what is around."""
    selection = whole(layer)
    wish = PageWish(ordering_of((), columns_of(layer)), MOST_SITES)
    page = read_page(edition, selection, FeatureForm(offered_systems(edition.town.srid)[0]), wish)
    return written(page.features)


def _told(kind: str, url: str, content: bytes, *, is_fixed: bool = False) -> dict[str, object]:
    """A file of the list; only of what stays the same within an edition is the hash told."""
    told: dict[str, object] = {"kind": kind, "url": url, "bytes": len(content)}
    return told | {"sha256": sha256(content).hexdigest()} if is_fixed else told


def _read(path: Path) -> bytes:
    return path.read_bytes()


async def _answer(request: Request, path: str) -> bytes:
    """What this application answers at an address of its own, asked within the same request's edition."""
    path, _, query = path.partition("?")
    # the state of this request must not be that of the other, but for the edition that both read
    scope = {
        name: value
        for name, value in request.scope.items()
        if name not in {"route", "endpoint", "path_params", "router"}
    }
    root = scope.get("root_path", "")
    asked = {"path": f"{root}/{path}", "raw_path": f"{root}/{path}".encode(), "query_string": query.encode()}
    body = bytearray()

    async def receive() -> MutableMapping[str, Any]:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: MutableMapping[str, Any]) -> None:
        body.extend(message.get("body", b""))

    await request.app.router({**scope, **asked}, receive, send)
    return bytes(body)
