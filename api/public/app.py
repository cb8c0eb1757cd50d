"""Puts the public application together: the shared routes over the edition that was published last."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI, Request, Response
from starlette.middleware.gzip import DEFAULT_EXCLUDED_CONTENT_TYPES, GZipMiddleware

from api import exports, problems
from api.bodies import BoundedBodies, too_large
from api.features.routes import router as features_router
from api.headers import OneHost
from api.hosts import OwnNames
from api.pages import mount_files, vendor_router
from api.problems import problem
from api.public import (
    drawn,
    errors,
    facilities,
    here,
    here_pdf,
    land,
    map_routes,
    offline,
    open_data,
    qr,
    search,
    situation,
    tile_files,
)
from api.public.doorway import Doorway
from api.public.editions import EditionChangedError, Editions
from api.public.guides import Guides
from api.public.here_front import HereFront
from api.public.page import language_of, page_response
from api.public.rates import RateLimited, Rates
from api.public.settings import PublicSettings
from api.public.side import CACHE_CONTROL, ask_again, public_side
from api.public.site_states import install_states
from api.public.situations import Situations
from api.public.tiles import PublishedTiles
from api.side import install_side
from api.tiles import ogc, routes
from api.tiles.front import TileFront

LARGEST_BODY = 4_096
"""Bytes of a body that is read to its end and thrown away: no address here takes one."""


@asynccontextmanager
async def _watching(app: FastAPI) -> AsyncIterator[None]:
    """Look for a new edition and listen for the situation from the application's start to its end."""
    app.state.editions.start()
    app.state.guides.start()
    app.state.situations.start()
    try:
        yield
    finally:
        app.state.drawings.close()
        app.state.situations.close()
        app.state.editions.close()


def create_app(editions: Editions, settings: PublicSettings) -> FastAPI:
    """The public application over the public database; it is given no store, so it cannot show what it does not hold."""
    app = FastAPI(
        title="onomap 公開", version="0.1.0", docs_url=None, redoc_url=None, openapi_url=None, lifespan=_watching
    )
    rates = Rates(settings)
    app.state.editions = editions
    app.state.guides = Guides(editions)
    app.state.drawings = drawn.Drawings()
    app.state.situations = Situations(editions)
    app.state.rates = rates
    install_states(app, situation.told_states)
    install_side(app, public_side(settings, rates))
    problems.install(app)
    errors.install(app)
    app.add_exception_handler(EditionChangedError, ask_again)
    _wrap(app, editions, settings, rates)
    for router in (
        map_routes.router,
        search.router,
        qr.router,
        here.router,
        drawn.router,
        tile_files.router,
        offline.router,
        situation.router,
        land.router,
        here_pdf.router,
        facilities.router,
        open_data.router,
        routes.router,
        ogc.router,
        features_router,
        exports.router,
        vendor_router(),
    ):
        app.include_router(router)

    @app.get("/", include_in_schema=False)
    def public_map(request: Request) -> Response:
        linked = here.linked_fragment(request, language_of(request).code)
        return page_response(request, settings.embedders, linked)

    @app.get("/healthz", tags=["health"])
    def health() -> dict[str, object]:
        """Whether the application answers, and which edition it serves."""
        return {"status": "ok", "edition": editions.current.number}

    mount_files(app, "public", "shared", "i18n", "lists", "offline")
    return app


def _wrap(app: FastAPI, editions: Editions, settings: PublicSettings, rates: Rates) -> None:
    """The layers around the routes, the innermost first."""
    app.add_middleware(HereFront)
    app.add_middleware(BoundedBodies, limit=LARGEST_BODY, refusal=problem(413, str(too_large(LARGEST_BODY))))
    packed = (*DEFAULT_EXCLUDED_CONTENT_TYPES, *exports.NOT_COMPRESSED, tile_files.PMTILES)
    app.add_middleware(GZipMiddleware, minimum_size=1_000, compresslevel=5, exclude_content_types=packed)
    app.add_middleware(OwnNames, hosts=settings.hosts)
    tiles = PublishedTiles(lambda: editions.current)
    app.add_middleware(TileFront, source=tiles, hosts=settings.hosts, cache_control=CACHE_CONTROL)
    app.add_middleware(OneHost, refusal=problem(400, "Host ヘッダーは一つだけ送ってください。"))
    app.add_middleware(RateLimited, rates=rates)
    app.add_middleware(Doorway)
