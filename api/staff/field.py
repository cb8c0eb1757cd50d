"""The page with which a farmer measures a field: its shell, which is kept on the phone, and the lines round a position."""

import json
from collections.abc import Iterator
from hashlib import sha256
from typing import Annotated

import orjson
from fastapi import APIRouter, Depends, Query, Request, Response

from api.pages import WEBMAP, Page
from api.problems_described import Described, problems_told
from api.staff.context import Asking, Calling, OpenStore, WholeStore
from api.staff.people.forms import session_secret, token_for
from layers.surveys.ground import LARGEST_RADIUS_M, Around, ground
from layers.surveys.reach import may_survey

router = APIRouter(prefix="/field", tags=["field"])
SHARED = ("coordinates.js", "dom.js", "plane.js", "server.js", "units.js")
"""What the page takes from the shared modules; a test compares it with what a browser asks for."""
_PAGE = WEBMAP / "field" / "index.html"
_WORKER = WEBMAP / "field" / "service_worker.js"
_WORKER_POLICY = "default-src 'none'; script-src 'self'; connect-src 'self'"
_NO_CACHE = {"Cache-Control": "no-cache"}
_NO_STORE = {"Cache-Control": "no-store"}
_REFUSALS = problems_told(403, 413, 422)


_GEOJSON = "application/geo+json"
_GROUND = {
    "schema": {"type": "object", "required": ["type", "center", "radius_m", "epsg", "zone", "layers", "features"]}
}
_GROUND_ANSWERS: Described = {200: {"description": "GeoJSON", "content": {_GEOJSON: _GROUND}}, **_REFUSALS}

Longitude = Annotated[float, Query(ge=-180, le=180, description="経度（度、JGD2011）")]
Latitude = Annotated[float, Query(ge=-90, le=90, description="緯度（度、JGD2011）")]
Radius = Annotated[float, Query(ge=10, le=LARGEST_RADIUS_M, description="半径（m）")]


@router.get("", include_in_schema=False)
def field_page() -> Response:
    """The page; it holds nothing of anybody, so that a phone may keep it."""
    return Page(_PAGE).response()


@router.get("/worker.js", include_in_schema=False)
def service_worker(request: Request) -> Response:
    """The worker that gives the page where there is no network; its scope is the page beside its folder."""
    scope = f"{request.scope.get('root_path', '')}/field"
    headers = {**_NO_CACHE, "Content-Security-Policy": _WORKER_POLICY, "Service-Worker-Allowed": scope}
    return Response(_WORKER.read_bytes(), media_type="text/javascript", headers=headers)


@router.get("/manifest.webmanifest", include_in_schema=False)
def manifest(store: OpenStore) -> Response:
    """What a phone shows of the page when it stands on its first screen as an app."""
    card = {
        "id": "../field",
        "name": f"{store.town.name} 圃場を測る",
        "short_name": "圃場を測る",
        "lang": "ja",
        "start_url": "../field",
        "scope": "../field",
        "display": "standalone",
        "background_color": "#ffffff",
        "theme_color": "#ffffff",
        "icons": [{"src": "./icon.svg", "sizes": "any", "type": "image/svg+xml"}],
    }
    return Response(orjson.dumps(card), media_type="application/manifest+json", headers=_NO_CACHE)


@router.get("/shell.json", include_in_schema=False)
def shell() -> Response:
    """The files that make the page, with their hashes; `version` changes with any of them."""
    files = [{"url": url, "sha256": sha256(content).hexdigest(), "bytes": len(content)} for url, content in _files()]
    version = sha256(json.dumps(files).encode()).hexdigest()[:16]
    return Response(
        orjson.dumps({"version": version, "files": files}), media_type="application/json", headers=_NO_CACHE
    )


def _files() -> Iterator[tuple[str, bytes]]:
    """Addresses beside the page, and what is there."""
    yield "field", _PAGE.read_text(encoding="utf-8").encode()
    for path in sorted((WEBMAP / "field").iterdir()):
        if path.suffix in {".js", ".css", ".svg"} and path != _WORKER:
            yield f"field/{path.name}", path.read_bytes()
    for name in SHARED:
        yield f"shared/{name}", (WEBMAP / "shared" / name).read_bytes()


@router.get("/about")
def about(whole: WholeStore, request: Request, asker: Asking) -> dict[str, object]:
    """Who is signed in, whether they may survey, and where the town is; a session also gets the token with which it may
    be ended."""
    secret = session_secret(request) if asker.session_id is not None else None
    town = whole.town
    return {
        "account": asker.caller.account,
        "name": asker.caller.name,
        "surveys": may_survey(whole, asker.caller),
        "token": token_for(secret) if secret else None,
        "town": {"name": town.name, "zone": town.plane_zone, "bbox": list(town.bbox), "fictitious": town.fictitious},
    }


def _around(lon: Longitude, lat: Latitude, radius_m: Radius = 500.0) -> Around:
    return Around(lon, lat, radius_m)


def _ground(whole: WholeStore, store: OpenStore, caller: Calling, around: Annotated[Around, Depends(_around)]) -> bytes:
    return orjson.dumps(ground(whole, store, caller, around))


Ground = Annotated[bytes, Depends(_ground)]


@router.get("/ground", response_class=Response, responses=_GROUND_ANSWERS)
def ground_around(content: Ground) -> Response:
    """The lines round a position: parcels, farmland and the measured fields that the caller may see, each with its
    accuracy in metres; `geometry` in degrees, `plane` in metres (x east, y north) of `epsg`."""
    return Response(content, media_type=_GEOJSON, headers=_NO_STORE)


@router.get("/ground/size", responses=_REFUSALS)
def ground_size(content: Ground) -> dict[str, int]:
    """How large that answer is in bytes, to be said before it is taken along."""
    return {"bytes": len(content), "features": len(orjson.loads(content)["features"])}
