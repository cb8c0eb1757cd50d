"""Files that a browser gets: the pages of `webmap/`, and the third-party files that `webmap/vendor.json` allows."""

import base64
import gzip
import json
import mimetypes
import re
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from pathlib import Path

from fastapi import APIRouter, FastAPI, Request, Response
from starlette.exceptions import HTTPException
from starlette.responses import FileResponse
from starlette.staticfiles import StaticFiles

WEBMAP = Path(__file__).resolve().parent.parent / "webmap"
_TEXTS = frozenset({".js", ".mjs", ".css"})
_IMPORT_MAP = re.compile(r'<script type="importmap">(.*?)</script>', re.DOTALL)
_NOBODY = "'none'"
for _suffix, _kind in (
    (".mjs", "text/javascript"),
    (".js", "text/javascript"),
    (".webmanifest", "application/manifest+json"),
):
    mimetypes.add_type(_kind, _suffix)


def content_security_policy(page: str, embedders: tuple[str, ...] = ()) -> str:
    """The strict policy of a page: nothing from outside, scripts only from files and the page's own import map.

    `embedders` are the origins whose pages may show it in a frame; without one nobody may.
    """
    scripts = ["'self'"]
    scripts += [
        f"'sha256-{base64.b64encode(sha256(text.encode()).digest()).decode()}'" for text in _IMPORT_MAP.findall(page)
    ]
    return (
        f"default-src 'self'; script-src {' '.join(scripts)}; worker-src 'self'; img-src 'self' data: blob:; "
        "style-src 'self' 'unsafe-inline'; connect-src 'self'; object-src 'none'; base-uri 'none'; form-action 'self'; "
        f"frame-ancestors {' '.join(embedders) or _NOBODY}"
    )


@dataclass(frozen=True)
class Page:
    """One HTML page with the headers it is served under."""

    path: Path

    def response(self) -> Response:
        """The page as it stands on disk now, under the policy that fits its import map."""
        text = self.path.read_text(encoding="utf-8")
        headers = {"Content-Security-Policy": content_security_policy(text), "Cache-Control": "no-cache"}
        return Response(text, media_type="text/html; charset=utf-8", headers=headers)


def vendor_files() -> dict[str, Path]:
    """Address → file of every third-party file that a page may load."""
    listing = json.loads((WEBMAP / "vendor.json").read_text(encoding="utf-8"))
    return {
        f"{package}/{entry['version']}/{name}": WEBMAP / "node_modules" / package / name
        for package, entry in listing.items()
        for name in entry["files"]
    }


@cache
def _packed(file: Path) -> bytes:
    """The file compressed as far as it goes: done once, since the largest would cost every visitor a twentieth of a second."""
    return gzip.compress(file.read_bytes(), 9, mtime=0)


def vendor_router() -> APIRouter:
    """Serves the allowed third-party files under versioned addresses that never change."""
    router = APIRouter()
    files = vendor_files()

    @router.get("/vendor/{address:path}", include_in_schema=False)
    def vendor(request: Request, address: str) -> Response:
        file = files.get(address)
        if file is None or not file.is_file():
            raise HTTPException(404)
        headers = {"Cache-Control": "public, max-age=31536000, immutable", "Vary": "Accept-Encoding"}
        if file.suffix in _TEXTS and "gzip" in request.headers.get("accept-encoding", ""):
            kind = mimetypes.guess_type(file.name)[0]
            return Response(_packed(file), media_type=kind, headers=headers | {"Content-Encoding": "gzip"})
        return FileResponse(file, headers=headers)

    return router


def mount_files(app: FastAPI, *folders: str) -> None:
    """Serve folders of `webmap/` as they are, always asked anew so that an update is seen at once."""
    for folder in folders:
        app.mount(f"/{folder}", StaticFiles(directory=WEBMAP / folder), name=folder)
