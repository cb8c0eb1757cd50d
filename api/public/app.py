"""Puts the public application together; until layers are published it says so, and holds no data at all."""

from fastapi import FastAPI, Response

from api import problems
from api.headers import SafeHeaders
from api.pages import WEBMAP, Page, mount_files


def create_app() -> FastAPI:
    """The public application: it has no store, so it cannot show what it does not hold."""
    app = FastAPI(title="onomap 公開", version="0.1.0", docs_url=None, redoc_url=None, openapi_url=None)
    problems.install(app)
    app.add_middleware(SafeHeaders)
    page = Page(WEBMAP / "public" / "index.html")

    @app.get("/", include_in_schema=False)
    def public_map() -> Response:
        return page.response()

    @app.get("/healthz")
    def health() -> dict[str, object]:
        """Whether the application answers."""
        return {"status": "ok"}

    mount_files(app, "public", "shared")
    return app
