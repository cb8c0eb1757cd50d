"""Puts the internal application together."""

from collections.abc import Collection

from fastapi import FastAPI, Response
from starlette.middleware.gzip import DEFAULT_EXCLUDED_CONTENT_TYPES, GZipMiddleware
from starlette.staticfiles import StaticFiles

from api import exports, problems
from api.bodies import LARGEST_BODY, BoundedBodies, too_large
from api.features.conformance import EDITING
from api.features.routes import router as features_router
from api.headers import OneHost, SafeHeaders
from api.hosts import OwnNames
from api.pages import WEBMAP, Page, mount_files, vendor_router
from api.problems import problem
from api.side import Side, install_side
from api.staff import (
    base_stations,
    edits,
    events,
    field,
    fields,
    inquiries,
    layers,
    ledgers,
    map_style,
    parcels,
    publications,
    rasters,
    sheets,
    situation,
    survey_machine,
    survey_truth,
    surveys,
)
from api.staff.context import file_part, open_store, tell_who_grants, view_of
from api.staff.people import routes as people
from api.staff.people.door import Door
from api.staff.people.gate import Gate
from api.staff.tile_front import GuardedFront
from api.staff.tile_protocol import TileProtocol, tile_protocol
from api.staff.views import Views
from api.tiles import ogc, routes
from layers.accounts.errors import DutyMissingError
from layers.store.instance import Store
from layers.store.tiles.freshness import HearingCache
from layers.store.tiles.source import TileSource

LOOPBACK_NAMES = ("localhost", "127.0.0.1", "[::1]", "testserver")
"""Names under which the staff side answers besides those of the setting `staff_hosts`: no name that a foreign page could
point at it."""

STAFF = Side(
    "庁内地図",
    readable=open_store,
    tiles=lambda request: view_of(request).tiles,
    conformance=EDITING,
    file_part=file_part,
)
"""The town hall's side: the layers, tiles and files that the asker's post has."""


ROUTERS = (
    # asked most of all, and routes are looked through in their order
    features_router,
    map_style.router,
    routes.router,
    ogc.router,
    layers.router,
    parcels.router,
    inquiries.router,
    sheets.router,
    edits.router,
    exports.router,
    ledgers.router,
    events.router,
    rasters.router,
    people.router,
    publications.router,
    situation.router,
    fields.router,
    base_stations.router,
    # before the surveys, whose addresses take any word for a session
    survey_machine.router,
    field.router,
    surveys.router,
    survey_truth.router,
    vendor_router(),
)
"""Everything that is answered, whoever asks."""


def create_app(store: Store) -> FastAPI:
    """The internal application over an open store."""
    app = FastAPI(
        title="onomap 庁内", version="0.1.0", docs_url=None, redoc_url=None, openapi_url=None, lifespan=events.listening
    )
    app.state.store = store
    events.install_events(app, store)
    app.state.tiles = TileSource(store, has_heard=app.state.changes.has_heard)
    app.state.changes.subscribe(HearingCache(app.state.tiles.cache, app.state.changes))
    app.state.door = Door(store, Views(store, app.state.tiles))
    app.state.rasters = rasters.RasterDesk(store)
    install_side(app, STAFF)
    problems.install(app)
    app.add_exception_handler(DutyMissingError, tell_who_grants)
    _wrap(app, own_names(store))
    for router in ROUTERS:
        app.include_router(router)
    if store.settings.oidc is not None:
        # the protocol's libraries are only for towns that have such a service
        from api.staff.people import oidc

        app.include_router(oidc.router)
    _add_pages(app)

    @app.get("/healthz", tags=["health"])
    def health() -> dict[str, object]:
        """Whether the store answers."""
        with store.database.transaction(timeout_s=5.0) as connection:
            connection.execute("SELECT 1")
        return {"status": "ok"}

    mount_files(app, "staff", "shared", "publication", "situation", "field")
    app.mount("/login/files", StaticFiles(directory=WEBMAP / "people"), name="people")
    return app


def _add_pages(app: FastAPI) -> None:
    """The pages that are files: the map, the publication desk and the disaster switch."""
    page = Page(WEBMAP / "staff" / "index.html")
    publication_page = Page(WEBMAP / "publication" / "index.html")
    situation_page = Page(WEBMAP / "situation" / "index.html")
    fields_page = Page(WEBMAP / "fields" / "index.html")

    # under the addresses that a farmer may open
    for folder in ("transfer", "shared"):
        app.mount(f"/surveys/{folder}", StaticFiles(directory=WEBMAP / folder), name=f"surveys_{folder}")
    for address, folder in {"/fields/page": "fields", "/fields/shared": "shared"}.items():
        app.mount(address, StaticFiles(directory=WEBMAP / folder), name=f"fields_{folder}")

    @app.get("/", include_in_schema=False)
    def staff_map() -> Response:
        return page.response()

    @app.get("/publication", include_in_schema=False)
    def publication_desk() -> Response:
        return publication_page.response()

    @app.get("/bosai", include_in_schema=False)
    def disaster_switch() -> Response:
        return situation_page.response()

    @app.get("/fields", include_in_schema=False)
    def fields_and_stations() -> Response:
        return fields_page.response()


def _wrap(app: FastAPI, hosts: Collection[str]) -> None:
    """The layers around the routes, the innermost first."""
    wider = {path: (limit, problem(413, str(too_large(limit)))) for path, limit in surveys.LARGEST.items()}
    app.add_middleware(
        BoundedBodies, limit=LARGEST_BODY, refusal=problem(413, str(too_large(LARGEST_BODY))), others=wider
    )
    app.add_middleware(SafeHeaders)
    packed = (*DEFAULT_EXCLUDED_CONTENT_TYPES, *exports.NOT_COMPRESSED, publications.PROGRESS)
    app.add_middleware(GZipMiddleware, minimum_size=1_000, compresslevel=5, exclude_content_types=packed)
    app.add_middleware(GuardedFront, source=app.state.tiles, hosts=hosts, door=app.state.door)
    app.add_middleware(Gate, door=app.state.door)
    app.add_middleware(OwnNames, hosts=hosts)
    app.add_middleware(OneHost, refusal=SafeHeaders(problem(400, "Host ヘッダーは一つだけ送ってください。")))


def own_names(store: Store) -> tuple[str, ...]:
    """The names under which the application may be asked."""
    return (*LOOPBACK_NAMES, *store.settings.staff_hosts)


def tile_http(app: FastAPI) -> type[TileProtocol]:
    """The HTTP by which the application is best served: tiles that are kept leave before a request is even made of them."""
    front = GuardedFront(app, app.state.tiles, own_names(app.state.store), app.state.door)
    return tile_protocol(front, app.state.tiles.cache)
