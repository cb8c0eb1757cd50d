"""Puts the internal application together."""

from fastapi import FastAPI, Response
from starlette.middleware.gzip import DEFAULT_EXCLUDED_CONTENT_TYPES, GZipMiddleware
from starlette.middleware.trustedhost import TrustedHostMiddleware

from api import problems
from api.headers import SafeHeaders
from api.pages import WEBMAP, Page, mount_files, vendor_router
from api.staff import exports, inquiries, layers, parcels, sheets
from layers.store.instance import Store

LOOPBACK_NAMES = ["localhost", "127.0.0.1", "[::1]", "testserver"]
"""Names under which the staff side answers while there are no accounts: this machine only, and no name that a foreign
page could point at it."""


def create_app(store: Store) -> FastAPI:
    """The internal application over an open store."""
    app = FastAPI(title="onomap 庁内", version="0.1.0", docs_url=None, redoc_url=None, openapi_url="/api/openapi.json")
    app.state.store = store
    problems.install(app)
    app.add_middleware(SafeHeaders)
    packed = (*DEFAULT_EXCLUDED_CONTENT_TYPES, *exports.NOT_COMPRESSED)
    app.add_middleware(GZipMiddleware, minimum_size=1_000, compresslevel=5, exclude_content_types=packed)
    app.add_middleware(TrustedHostMiddleware, allowed_hosts=LOOPBACK_NAMES)
    for router in (layers.router, parcels.router, inquiries.router, sheets.router, exports.router, vendor_router()):
        app.include_router(router)
    page = Page(WEBMAP / "staff" / "index.html")

    @app.get("/", include_in_schema=False)
    def staff_map() -> Response:
        return page.response()

    @app.get("/healthz", tags=["health"])
    def health() -> dict[str, object]:
        """Whether the store answers."""
        with store.database.transaction(timeout_s=5.0) as connection:
            connection.execute("SELECT 1")
        return {"status": "ok"}

    mount_files(app, "staff", "shared")
    return app
