"""Which representation a caller gets: `f` decides, then the Accept header (RFC 9110, 12.5.1), then JSON."""

from collections.abc import Mapping

from fastapi import Request

from api.errors import NotAcceptableError, QueryError

JSON = "application/json"
HTML = "text/html"
GEOJSON = "application/geo+json"
# OGC 21-045r1, clause 7.13
JSON_FG = "application/vnd.ogc.fg+json"
JSON_SCHEMA = "application/schema+json"
PROBLEM = "application/problem+json"
OPENAPI = "application/vnd.oai.openapi+json;version=3.1"
OPENAPI_3_0 = "application/vnd.oai.openapi+json;version=3.0"

DOCUMENT_TYPES: Mapping[str, str] = {"json": JSON, "html": HTML}
SCHEMA_TYPES: Mapping[str, str] = {"json": JSON_SCHEMA, "html": HTML}


def negotiated(request: Request, wanted: str | None, offered: Mapping[str, str]) -> str:
    """The name of the representation. Raises QueryError for an unknown `f`, NotAcceptableError when Accept takes none."""
    if wanted is not None:
        if wanted not in offered:
            raise QueryError(f"形式 f={wanted[:40]} はありません。{'・'.join(offered)} から選んでください。")
        return wanted
    accept = request.headers.get("accept", "").strip()
    if not accept:
        return next(iter(offered))
    weights = {name: _weight(media, accept) for name, media in offered.items()}
    best = max(weights, key=lambda name: weights[name])
    if weights[best] <= 0:
        raise NotAcceptableError(f"Accept の形式では返せません。返せるのは {'・'.join(offered.values())} です。")
    return best


def _weight(media: str, accept: str) -> float:
    """How much the header wants the media type: the weight of the most particular range that takes it."""
    found: dict[int, float] = {}
    for part in accept.split(","):
        name, *parameters = (piece.strip() for piece in part.split(";"))
        particular = _particular(name.lower(), media)
        if particular >= 0:
            found[particular] = max(_quality(parameters), found.get(particular, 0.0))
    return found[max(found)] if found else 0.0


def _particular(wanted: str, media: str) -> int:
    if wanted == media:
        return 3
    # whoever takes JSON takes GeoJSON, which is JSON
    if wanted == JSON and media in {GEOJSON, JSON_SCHEMA}:
        return 2
    if wanted == f"{media.split('/', 1)[0]}/*":
        return 1
    return 0 if wanted == "*/*" else -1


def _quality(parameters: list[str]) -> float:
    for parameter in parameters:
        key, _, value = parameter.partition("=")
        if key.strip().lower() == "q":
            try:
                return min(max(float(value), 0.0), 1.0)
            except ValueError:
                return 0.0
    return 1.0
