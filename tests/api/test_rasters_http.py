"""Raster layers over HTTP, as a map and a program ask for them: a real server over the sample town."""

import asyncio
import subprocess
import sys
from pathlib import Path

import httpx
import numpy as np
import pytest
import rasterio
from fastapi.testclient import TestClient
from pyproj import Transformer

from api.staff.app import create_app
from gis.relief import from_gsi_png, from_terrain_rgb
from layers.store.instance import Store
from layers.store.raster_reading import TileGrid
from layers.store.raster_tiles import ImageFormat, RasterTile, draw
from layers.store.rasters import KeptRaster, keep_raster, kept_raster
from layers.store.tiles.address import Tile
from tests.layers.store import raster_samples as samples
from tests.signing import SIGNED


@pytest.fixture(scope="module")
def http(staff_url: str) -> httpx.Client:
    return httpx.Client(headers=SIGNED, base_url=staff_url, timeout=60)


@pytest.fixture(scope="module")
def middle(sample_store: Store) -> tuple[float, float]:
    """A place (EPSG:6677) in the sample town with a height."""
    with rasterio.open(kept_raster(sample_store, sample_store.layer("elevation")).path) as file:
        rows, columns = np.nonzero(np.isfinite(file.read(1)))
        nearest = np.argmin((rows - file.height / 2) ** 2 + (columns - file.width / 2) ** 2)
        x, y = file.xy(rows[nearest], columns[nearest])
        return float(x), float(y)


def address(place: tuple[float, float], zoom: int, layer: str = "elevation", render: str = "relief") -> str:
    tile = samples.tile_at(*place, zoom)
    return f"/rasters/{layer}/{render}/{tile.z}/{tile.x}/{tile.y}"


def problem(response: httpx.Response, status: int) -> str:
    """The one sentence of a problem+json answer."""
    assert response.status_code == status, response.text
    assert response.headers["content-type"] == "application/problem+json"
    sentence = str(response.json()["detail"])
    assert "\n" not in sentence
    return sentence


def test_the_sample_file_the_decoded_tiles_and_the_value_route_agree(
    http: httpx.Client, sample_store: Store, middle: tuple[float, float]
) -> None:
    tile = samples.tile_at(*middle, 16)
    grid = TileGrid.of(tile, 256, 0)
    fine = from_gsi_png(samples.decode(http.get(f"{address(middle, 16, render='gsi-png')}.png").content))
    coarse = from_terrain_rgb(samples.decode(http.get(f"{address(middle, 16, render='terrain-rgb')}.webp").content))
    source = sample_store.settings.home / "sample" / "elevation_sample.tif"
    to_plane = Transformer.from_crs(3857, 6677, always_xy=True)

    with rasterio.open(source) as file:
        heights, known = file.read(1), file.dataset_mask() > 0
        for row, column in ((10, 10), (128, 128), (250, 77)):
            x, y = to_plane.transform(
                grid.west + (column + 0.5) * grid.pixel_m, grid.north - (row + 0.5) * grid.pixel_m
            )
            lon, lat = samples.TO_DEGREES.transform(x, y)
            told = http.get("/rasters/elevation/value", params={"lon": lon, "lat": lat}).json()
            i, j = file.index(x, y)
            assert known[i, j]
            around = heights[i - 1 : i + 2, j - 1 : j + 2][known[i - 1 : i + 2, j - 1 : j + 2]]
            assert around.min() - 0.01 <= told["value"] <= around.max() + 0.01
            assert fine[row, column] == pytest.approx(told["value"], abs=0.03)
            assert coarse[row, column] == pytest.approx(told["value"], abs=0.08)


@pytest.mark.parametrize("form", ["png", "webp"])
@pytest.mark.parametrize("size", [256, 512])
@pytest.mark.parametrize("render", ["relief", "slope", "terrain-rgb", "gsi-png"])
def test_every_render_comes_in_both_formats_and_sizes(
    http: httpx.Client, middle: tuple[float, float], render: str, size: int, form: str
) -> None:
    response = http.get(f"{address(middle, 14, render=render)}.{form}", params={"size": size}).raise_for_status()

    assert response.headers["content-type"] == f"image/{form}"
    assert samples.decode(response.content).shape[1:] == (size, size)


def test_a_tile_that_is_known_is_not_sent_again(http: httpx.Client, middle: tuple[float, float]) -> None:
    first = http.get(f"{address(middle, 14)}.png")
    tag = first.headers["etag"]

    again = http.get(f"{address(middle, 14)}.png", headers={"If-None-Match": f'"other", W/{tag}'})

    assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", tag)
    assert http.get(f"{address(middle, 14)}.webp").headers["etag"] != tag
    assert http.get(f"{address(middle, 15)}.png").headers["etag"] != tag
    assert http.get(f"{address(middle, 14)}.png", headers={"If-None-Match": '"other"'}).content == first.content


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/rasters/elevation/relief/14/16384/0.png", 400),
        ("/rasters/elevation/relief/23/0/0.png", 400),
        ("/rasters/elevation/relief/-1/0/0.png", 400),
        ("/rasters/elevation/rainbow/14/0/0.png", 404),
        ("/rasters/elevation/color/14/0/0.png", 404),
        ("/rasters/elevation/rainbow.json", 404),
        ("/rasters/roads/relief/14/0/0.png", 404),
        ("/rasters/nowhere/relief/14/0/0.png", 404),
        ("/rasters/orthophoto/color/14/0/0.png", 404),
        ("/rasters/orthophoto/value?lon=140.6&lat=37.3", 404),
        ("/rasters/elevation/relief/14/0/0.gif", 422),
        ("/rasters/elevation/relief/14/0/0.png?size=1024", 422),
        ("/rasters/elevation/relief/a/0/0.png", 422),
        ("/rasters/elevation/value?lon=nan&lat=37.3", 422),
        ("/rasters/elevation/value?lon=400&lat=37.3", 422),
    ],
)
def test_what_cannot_be_answered_is_one_sentence(http: httpx.Client, path: str, status: int) -> None:
    assert problem(http.get(path), status)


def test_the_description_leads_to_tiles(http: httpx.Client, middle: tuple[float, float]) -> None:
    told = http.get("/rasters/elevation/terrain-rgb.json", params={"size": 512, "format": "webp"}).json()
    tile = samples.tile_at(*middle, told["maxzoom"])

    response = httpx.get(
        told["tiles"][0].format(z=tile.z, x=tile.x, y=tile.y), timeout=60, headers=SIGNED
    ).raise_for_status()

    assert told["tilejson"] == "3.0.0"
    assert samples.decode(response.content).shape == (3, 512, 512)


def test_a_profile_runs_between_its_ends(http: httpx.Client, middle: tuple[float, float]) -> None:
    lon, lat = samples.TO_DEGREES.transform(*middle)
    line = {"type": "LineString", "coordinates": [[lon, lat], [lon + 0.01, lat + 0.01]]}
    found = http.post("/rasters/elevation/profile", json=line).raise_for_status().json()

    first = http.get("/rasters/elevation/value", params={"lon": lon, "lat": lat}).json()
    assert found["points"][0]["value"] == first["value"]
    assert found["points"][-1]["distance_m"] == found["length_m"]
    assert problem(http.post("/rasters/elevation/profile", json={**line, "coordinates": [[lon, lat]] * 2}), 400)


def test_the_style_of_the_map_draws_only_rasters_that_hold_a_file(http: httpx.Client) -> None:
    style = http.get("/styles/staff.json").json()
    rasters = [layer for layer in style["layers"] if layer["type"] == "raster"]

    assert [layer["source"] for layer in rasters] == ["elevation"]
    assert style["layers"][0] == rasters[0]
    assert {"orthophoto", "flood_depth"} & set(style["sources"]) == set()


def test_the_event_loop_answers_while_tiles_are_drawn(empty_store: Store, tmp_path: Path) -> None:
    keep_raster(empty_store, empty_store.layer("elevation"), samples.heights(tmp_path / "heights.tif"))
    tile = samples.tile_at(*samples.MIDDLE, 15)
    wanted = [Tile(15, tile.x + i, tile.y + j) for i in range(3) for j in range(3)]

    async def storm() -> list[str]:
        order: list[str] = []
        transport = httpx.ASGITransport(app=create_app(empty_store))
        async with httpx.AsyncClient(headers=SIGNED, transport=transport, base_url="http://testserver") as client:

            async def ask(name: str, path: str) -> None:
                (await client.get(path)).raise_for_status()
                order.append(name)

            tiles = [ask("tile", f"/rasters/elevation/slope/15/{t.x}/{t.y}.png?size=512") for t in wanted]
            await asyncio.gather(*tiles, ask("vendor", "/staff/main.js"))
        return order

    assert asyncio.run(storm()).index("vendor") < len(wanted) - 1


def test_a_tile_that_several_ask_for_at_once_is_drawn_once(
    empty_store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    keep_raster(empty_store, empty_store.layer("elevation"), samples.heights(tmp_path / "heights.tif"))
    drawn: list[RasterTile] = []

    def counted(raster: KeptRaster, wanted: RasterTile) -> bytes:
        drawn.append(wanted)
        return draw(raster, wanted)

    monkeypatch.setattr("layers.store.raster_tiles.draw", counted)
    place = address(samples.MIDDLE, 15)

    async def crowd() -> tuple[list[httpx.Response], bool]:
        transport = httpx.ASGITransport(app=create_app(empty_store))
        async with httpx.AsyncClient(headers=SIGNED, transport=transport, base_url="http://testserver") as client:
            leaves = asyncio.create_task(client.get(f"{place}.png"))
            stay = [asyncio.create_task(client.get(f"{place}.png")) for _ in range(8)]
            other = asyncio.create_task(client.get(f"{place}.webp"))
            while not drawn:
                await asyncio.sleep(0.001)
            leaves.cancel()
            answers = await asyncio.gather(*stay, other)
            await asyncio.gather(leaves, return_exceptions=True)
            return list(answers), leaves.cancelled()

    answers, has_left = asyncio.run(crowd())

    assert has_left
    assert {answer.status_code for answer in answers} == {200}
    assert len({answer.content for answer in answers[:8]}) == 1
    assert sorted(wanted.format for wanted in drawn) == [ImageFormat.PNG, ImageFormat.WEBP]


def test_a_raster_that_lost_its_file_is_told_as_our_fault(empty_store: Store, tmp_path: Path) -> None:
    keep_raster(empty_store, empty_store.layer("elevation"), samples.heights(tmp_path / "heights.tif"))
    kept_raster(empty_store, empty_store.layer("elevation")).path.unlink()

    response = TestClient(create_app(empty_store), headers=dict(SIGNED)).get(f"{address(samples.MIDDLE, 15)}.png")

    assert "読み込み直して" in problem(response, 500)


def test_the_server_starts_without_the_libraries_that_only_drawing_needs() -> None:
    program = "import sys, api.staff.app; print({'rasterio', 'rio_tiler', 'pystac'} & set(sys.modules))"
    ran = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)

    assert ran.stdout.strip() == "set()"
