"""A small town with two farmers for the field page: parcels, farmland, a server that can be away, and what it has stored."""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import shapely
from playwright.sync_api import BrowserContext, Page, expect

from api.serve import free_port
from gis.crs import Datum, Grids, geographic_epsg, plan
from layers.accounts.persons import add_person
from layers.store.instance import Store, connect
from layers.store.rights.caller import Caller, Post
from layers.store.settings import load_settings
from tests.conftest import REPOSITORY, _wait_for
from tests.layers.store.tiles.tile_samples import insert
from tests.signing import write_policy

FARMER = Post("農業者", frozenset({"farmer"}))
SATO = Caller("sato", "佐藤 架空", FARMER)
SUZUKI = Caller("suzuki", "鈴木 架空", FARMER)
EAST_M, NORTH_M = 70_500.0, 143_100.0
"""The corner of a parcel, in metres of the town's plane."""
SIDE_M = 40.0
EVERY_MS = 3_000


def at(east: float, north: float) -> dict[str, float]:
    """A position so many metres from that corner, as a browser is told it, to 2 cm."""
    there = plan(6677, geographic_epsg(Datum.JGD2011), Grids())
    lon, lat, _ = there.move([EAST_M + east], [NORTH_M + north])  # type: ignore[arg-type]
    return {"longitude": float(lon[0]), "latitude": float(lat[0]), "accuracy": 0.02}


@dataclass
class FieldTown:
    """The store, and where its server is."""

    store: Store
    port: int
    process: "subprocess.Popen[bytes] | None" = None

    @property
    def site(self) -> str:
        """The server's address."""
        return f"http://127.0.0.1:{self.port}/"

    def start(self) -> None:
        """Let the server run."""
        home = str(self.store.settings.home)
        command = [sys.executable, "-P", "-m", "api.serving", "staff", "--home", home, "--port", str(self.port)]
        environment = {**os.environ, "DATABASE_URL": self.store.database.url}
        self.process = subprocess.Popen(command, cwd=REPOSITORY, env=environment)
        _wait_for(f"{self.site}healthz", self.process)

    def stop(self) -> None:
        """Take it away."""
        if self.process is not None:
            self.process.terminate()
            self.process.wait(20)
            self.process = None

    def stored(self, kind: str = "corner", account: str = "sato") -> list[tuple[str, str, int, int, int]]:
        """Records that the database holds: id, session, ring, order, number of fixes."""
        with self.store.database.transaction() as connection:
            rows = connection.execute(
                "SELECT id::text, session::text, (content->>'ring')::int, (content->>'order')::int, "
                "jsonb_array_length(content->'fixes') FROM surveys.records WHERE kind = %s AND account = %s "
                "ORDER BY session, (content->>'ring')::int, (content->>'order')::int",
                [kind, account],
            ).fetchall()
        return [tuple(row) for row in rows]

    def count(self) -> int:
        """How many records of any kind."""
        with self.store.database.transaction() as connection:
            row = connection.execute("SELECT count(*) FROM surveys.records").fetchone()
        assert row is not None
        return int(row[0])


@contextmanager
def field_town(make_database: Callable[..., str], template: str, home: Path) -> Iterator[FieldTown]:
    """The town with its server running, until the block ends."""
    write_policy(home)
    store = connect(load_settings(home), make_database(template=template), staff_login=True)
    for caller in (SATO, SUZUKI):
        add_person(store, caller.account, caller.name, caller.post)
    squares = [
        shapely.MultiPolygon([shapely.box(x, y, x + SIDE_M, y + SIDE_M)])
        for x in (EAST_M, EAST_M + SIDE_M)
        for y in (NORTH_M, NORTH_M + SIDE_M)
    ]
    for number, square in enumerate(squares, 1):
        about = {"parcel_key": f"小野新町/中通/{number}", "oaza": "小野新町", "koaza": "中通", "chiban": str(number)}
        insert(store, "cadastral", [square], srid=6677, accuracy_class="乙一", registered_area_m2=1_600.0, **about)
    insert(
        store,
        "farmland",
        [shapely.MultiPolygon([squares[0].geoms[0].buffer(1.0, join_style="mitre")])],
        srid=6677,
        polygon_uuid="u1",
        land_type=100,
    )
    town = FieldTown(store, free_port())
    try:
        town.start()
        yield town
    finally:
        town.stop()
        store.close()


def go(page: Page, east: float, north: float) -> None:
    """Stand somewhere."""
    page.context.set_geolocation(at(east, north))


def begin(page: Page, name: str = "裏の田") -> None:
    """Fill in the settings and begin a survey."""
    page.click("#begin" if page.locator("#begin").is_visible() else "#open-more")
    if page.locator("#new-survey").is_visible():
        page.click("#new-survey")
    page.fill("[name=field_name]", name)
    page.fill("[name=base_station]", "見本基準局（架空）")
    page.click("#settings button[value=yes]")
    expect(page.locator("body")).to_have_attribute("data-state", "idle")


def stand(page: Page, east: float, north: float) -> None:
    """Go to a place and record it as a corner, as the page does it: until it is sure."""
    go(page, east, north)
    page.click("#corner")
    for step in range(200):
        if page.get_attribute("body", "data-state") == "idle":
            return
        go(page, east + 0.001 * (step % 3), north)
        page.wait_for_timeout(20)
    raise AssertionError(page.inner_text("#doing"))


def walk_square(page: Page, side: float = SIDE_M, east: float = 0.0, north: float = 0.0) -> None:
    """Record the four corners of a square."""
    for x, y in ((0, 0), (side, 0), (side, side), (0, side)):
        stand(page, east + x, north + y)


def sent(page: Page) -> None:
    """Wait until nothing waits."""
    expect(page.locator("html")).to_have_attribute("data-unsent", "0", timeout=60_000)


def permitted(context: BrowserContext) -> None:
    """Let the page know where it is."""
    context.grant_permissions(["geolocation"])
