"""From the commit of an edit to the new tile in an open browser map, over 200 edits; and what else the edits made it fetch."""

import asyncio
import json
import os
import random
import re
import statistics
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import morecantile
from playwright.async_api import Page, Request, async_playwright

from api.serve import free_port
from layers.store.instance import Store
from scripts.benches.ground import HOME, REPOSITORY, ground
from scripts.benches.signed_in import HEADER
from scripts.benches.tile_parts.peers import wait_for

EDITS = 200
LIMIT_MS = 300
LON, LAT, ZOOM = 140.6263, 37.2868, 16
VIEW = {"width": 1280, "height": 800}
PATIENCE_S = 5.0
_TILE = re.compile(r"/tiles/([\w,]+)/(\d+)/(\d+)/(\d+)")
_FLAGS = [
    "--no-sandbox",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--use-angle=swiftshader",
    "--enable-unsafe-swiftshader",
]
_CHROMIUM = Path(os.environ.get("ONOMAP_CHROMIUM", "/usr/bin/chromium"))


@dataclass
class Watch:
    """Every tile of the parcels that the page has received, with the moment."""

    arrived: list[tuple[float, tuple[int, int, int]]] = field(default_factory=list)

    async def note(self, request: Request) -> None:
        """Called when an answer is whole."""
        found = _TILE.search(request.url)
        if found is not None and "cadastral" in found[1].split(","):
            self.arrived.append((time.perf_counter(), (int(found[2]), int(found[3]), int(found[4]))))


@dataclass(frozen=True)
class Parcel:
    """A parcel to edit: its number among the features and its box in degrees."""

    fid: int
    box: tuple[float, float, float, float]


def _parcels(store: Store) -> list[Parcel]:
    """Parcels well inside what the page shows, at random."""
    with store.database.transaction() as connection:
        rows = connection.execute(
            "SELECT fid, ST_XMin(g), ST_YMin(g), ST_XMax(g), ST_YMax(g) FROM (SELECT fid, ST_Transform(geom, 4326) AS g "
            "FROM layers.cadastral WHERE geom && ST_Expand(ST_Transform(ST_SetSRID(ST_Point(%s, %s), 4326), 6677), 400)) p "
            "ORDER BY fid",
            [LON, LAT],
        ).fetchall()
    return [Parcel(row[0], (row[1], row[2], row[3], row[4])) for row in random.Random(75221).choices(rows, k=EDITS)]


def _touched(parcel: Parcel, zoom: int) -> set[tuple[int, int, int]]:
    """The tiles that an edit of the parcel may change, their buffers included."""
    grid = morecantile.tms.get("WebMercatorQuad")
    west, south, east, north = parcel.box
    margin = 360 / 2**zoom / 60
    tiles = grid.tiles(west - margin, south - margin, east + margin, north + margin, [zoom])
    return {(tile.z, tile.x, tile.y) for tile in tiles}


async def _edit(client: httpx.AsyncClient, parcel: Parcel, number: int) -> float:
    """Give the parcel's sheet a number that it never had; gives the moment when the commit was told."""
    answer = await client.patch(
        f"/api/collections/cadastral/items/{parcel.fid}",
        content=json.dumps({"properties": {"map_number": f"試{time.time_ns()}-{number}"}}),
        headers={"Content-Type": "application/merge-patch+json", "If-Match": "*"},
    )
    answer.raise_for_status()
    return time.perf_counter()


async def _measure(page: Page, client: httpx.AsyncClient, parcels: list[Parcel]) -> tuple[list[float], int, int]:
    """Milliseconds from each commit to the last tile it touches; tiles fetched though untouched; edits whose tile never came."""
    watch = Watch()
    page.on("requestfinished", watch.note)
    waited, beside, lost = [], 0, 0
    for number, parcel in enumerate(parcels):
        watch.arrived.clear()
        started = time.perf_counter()
        committed = await _edit(client, parcel, number)
        while not watch.arrived and time.perf_counter() - committed < PATIENCE_S:
            await asyncio.sleep(0.002)
        await asyncio.sleep(0.25)
        if not watch.arrived:
            lost += 1
            continue
        touched = _touched(parcel, watch.arrived[0][1][0])
        beside += sum(tile not in touched for _, tile in watch.arrived)
        last = max(moment for moment, _ in watch.arrived)
        # the answer to the edit may come after the tile: then from when it was sent
        waited.append((last - (committed if last > committed else started)) * 1000)
    return waited, beside, lost


async def _run(port: int, store: Store) -> None:
    async with (
        async_playwright() as playwright,
        httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", headers=HEADER) as client,
    ):
        browser = await playwright.chromium.launch(executable_path=_CHROMIUM, args=_FLAGS)
        page = await browser.new_page(viewport=VIEW, extra_http_headers=HEADER)  # type: ignore[arg-type]
        await page.goto(f"http://127.0.0.1:{port}/#v=1&map={ZOOM}/{LAT}/{LON}&l=cadastral")
        await page.wait_for_selector("html[data-ready='1']", state="attached", timeout=60_000)
        await page.wait_for_timeout(3_000)
        waited, beside, lost = await _measure(page, client, _parcels(store))
        await browser.close()
    waited.sort()
    p95 = waited[int(len(waited) * 0.95) - 1] if waited else float("inf")
    line = {
        "bench": "edit.commit_to_new_tile_ms",
        "ours": round(p95, 1),
        "other": LIMIT_MS,
        "ratio": round(LIMIT_MS / p95, 2),
        "n": len(waited),
        "unit": "milliseconds, 95th percentile, against the limit",
        "median_ms": round(statistics.median(waited), 1) if waited else None,
        "tiles_fetched_though_untouched": beside,
        "edits_whose_tile_never_came": lost,
        "wanted_ratio": 1.0,
    }
    print(json.dumps(line, ensure_ascii=False), flush=True)


def main() -> None:
    """Serve the benches' ground, open the map in Chromium, edit."""
    with ground() as stage:
        port = free_port()
        command = [sys.executable, "-P", "-m", "api.serving", "staff", "--port", str(port), "--home", str(HOME)]
        process = subprocess.Popen(command, cwd=REPOSITORY)
        try:
            wait_for(process, port, "/healthz")
            asyncio.run(_run(port, stage.store))
        finally:
            process.terminate()
            process.wait(20)


if __name__ == "__main__":
    main()
