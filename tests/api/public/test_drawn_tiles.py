"""The map as pictures: the colours of the legend, no seam between tiles, and no work for what a browser has already."""

import math
from io import BytesIO
from typing import Any

import httpx
import pytest
from PIL import Image
from shapely import unary_union
from shapely.geometry import shape
from shapely.geometry.base import BaseGeometry

from api.public.settings import PublicSettings
from tests.api.public.conftest import PublicTown, detail, serving

ZOOM = 16
SEAM_LON = 140.625
"""The edge between two tiles at every zoom from 8 on (225/640 of the world), which runs through the town."""
Picture = Image.Image


def tile_of(lon: float, lat: float, zoom: int) -> tuple[float, float]:
    side = 1 << zoom
    return (lon + 180) / 360 * side, (0.5 - math.asinh(math.tan(math.radians(lat))) / (2 * math.pi)) * side


def picture(town: PublicTown, x: int, y: int, zoom: int = ZOOM, **asked: str) -> Picture:
    response = town.get(f"/drawn/{zoom}/{x}/{y}.png", **asked)
    assert response.status_code == 200
    assert response.headers["content-type"] == "image/png"
    return Image.open(BytesIO(response.content))


def rank_of(feature: dict[str, Any]) -> str:
    return str(feature["properties"]["depth_rank"])


def features(town: PublicTown, layer: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = town.get(f"/api/collections/{layer}/items", limit="1000").json()["features"]
    return found


@pytest.mark.parametrize(("zoom", "least"), [(15, 1), (16, 1), (18, 2)])
def test_the_inside_of_a_depth_class_has_its_official_colour(public_town: PublicTown, zoom: int, least: int) -> None:
    legend = {row.values["depth_rank"]: row.fill for row in public_town.store.layer("flood").legend}
    areas: dict[str, BaseGeometry] = {
        rank: unary_union([shape(one["geometry"]) for one in features(public_town, "flood") if rank_of(one) == rank])
        for rank in legend
    }
    seen = set()
    for rank, area in areas.items():
        others = unary_union([other for name, other in areas.items() if name != rank])
        # rivers overlap, and where two classes do so are their colours
        inside = area.difference(others).buffer(-6 * 360 / 256 / 2**zoom)
        if inside.is_empty:
            continue
        seen.add(rank)
        at = inside.representative_point()
        x, y = tile_of(at.x, at.y, zoom)
        left, top = int(x % 1 * 256), int(y % 1 * 256)
        around = picture(public_town, int(x), int(y), zoom, layers="flood").crop((left - 3, top - 3, left + 4, top + 4))
        colours = sorted(around.getcolors(), reverse=True)  # type: ignore[arg-type, type-var]
        red, green, blue, alpha = colours[0][1]  # type: ignore[misc]
        assert f"#{red:02X}{green:02X}{blue:02X}" == legend[rank], (rank, colours[:3])
        assert alpha == round(255 * 0.7)
        assert len(colours) > 1, "the pattern of the class is missing"
    assert len(seen) >= least


@pytest.fixture(scope="module")
def seam(public_town: PublicTown) -> tuple[int, int]:
    """The tile east of the seam through which most areas run."""
    x, _ = tile_of(SEAM_LON, 37.3, 14)
    west, south, east, north = public_town.get("/layers").json()["municipality"]["bbox"]
    assert west < SEAM_LON < east
    rows = range(int(tile_of(0, north, 14)[1]), int(tile_of(0, south, 14)[1]) + 1)
    sizes = {y: len(public_town.get(f"/drawn/14/{round(x)}/{y}.png", layers="flood,roads").content) for y in rows}
    return round(x), max(sizes, key=lambda y: sizes[y])


def test_neighbours_agree_at_the_seam(public_town: PublicTown, seam: tuple[int, int]) -> None:
    x, y = seam
    asked = {"layers": "city_planning,flood,shelters,evacuation_sites,facilities"}
    west = picture(public_town, x - 1, y, 14, **asked).crop((255, 0, 256, 256)).get_flattened_data()
    east = picture(public_town, x, y, 14, **asked).crop((0, 0, 1, 256)).get_flattened_data()
    drawn = [(one, other) for one, other in zip(west, east, strict=True) if one[3] or other[3]]

    assert len(drawn) > 20
    # one column lies beside the other, so a slanting edge may fall between them
    unlike = [pair for pair in drawn if (pair[0][3] == 0) != (pair[1][3] == 0)]
    assert len(unlike) <= len(drawn) * 0.1


def test_a_mark_that_stands_on_the_edge_is_whole_in_two_tiles(public_town: PublicTown) -> None:
    halves = 0
    for feature in features(public_town, "shelters"):
        lon, lat = feature["geometry"]["coordinates"]
        for zoom in range(10, 19):
            x, y = tile_of(lon, lat, zoom)
            if x % 1 * 256 > 4 or not 20 < y % 1 * 256 < 230:
                continue
            beside = picture(public_town, int(x) - 1, int(y), zoom, layers="shelters")
            top = int(y % 1 * 256)
            assert beside.crop((253, top - 3, 256, top + 3)).getextrema()[3][1] == 255, (zoom, x, y)  # type: ignore[index]
            halves += 1
    assert halves >= 1


def test_names_are_written_where_there_is_room_and_only_from_their_zoom_on(public_town: PublicTown) -> None:
    lon, lat = features(public_town, "shelters")[0]["geometry"]["coordinates"]
    ink = []
    for zoom in (10, 16):
        x, y = tile_of(lon, lat, zoom)
        image = picture(public_town, int(x), int(y), zoom, layers="shelters")
        ink.append(sum(count for count, colour in image.getcolors(70_000) or [] if colour[:3] == (0x1A, 0x1A, 0x1A)))  # type: ignore[index]
    assert ink[0] == 0
    assert ink[1] > 10


def test_beyond_the_file_the_parent_is_enlarged_and_below_it_nothing_is_drawn(public_town: PublicTown) -> None:
    feature = features(public_town, "flood")[0]
    at = shape(feature["geometry"]).representative_point()
    x, y = tile_of(at.x, at.y, 19)
    assert picture(public_town, int(x), int(y), 19, layers="flood").getextrema()[3][1] > 0  # type: ignore[index]
    x, y = tile_of(at.x, at.y, 4)
    assert picture(public_town, int(x), int(y), 4, layers="flood").getextrema() == ((0, 0),) * 4


def test_a_fine_screen_gets_twice_the_pixels(public_town: PublicTown, seam: tuple[int, int]) -> None:
    assert picture(public_town, *seam, 14, scale="2").size == (512, 512)
    assert "scale" in detail(public_town.get("/drawn/14/0/0.png", scale="3"), 422)


def test_the_same_tile_has_the_same_bytes_and_a_tag_that_names_edition_layers_and_place(
    public_side_of_town: Any, public_town: PublicTown, seam: tuple[int, int]
) -> None:
    x, y = seam
    path = f"/drawn/14/{x}/{y}.png"
    first = public_town.get(path, layers="roads,flood")
    again = public_town.get(path, layers="flood,roads")
    with serving(public_side_of_town) as url:
        elsewhere = httpx.get(url + path, params={"layers": "flood,roads"})

    assert first.content == again.content == elsewhere.content
    assert first.headers["etag"] == again.headers["etag"] == elsewhere.headers["etag"]
    assert first.headers["etag"].startswith('"1-')
    tags = {
        public_town.get(path, **asked).headers["etag"]
        for asked in ({"layers": "roads"}, {"layers": "flood"}, {}, {"scale": "2"})
    }
    assert len(tags) == 4
    known = public_town.http.get(
        path, params={"layers": "roads,flood"}, headers={"If-None-Match": first.headers["etag"]}
    )
    assert (known.status_code, known.content) == (304, b"")


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/drawn/14/x/0.png", 400),
        ("/drawn/14/99999/0.png", 400),
        ("/drawn/23/0/0.png", 400),
        ("/drawn/14/0/-1.png", 400),
        ("/drawn/14/0/0.png?layers=cadastral", 404),
        ("/drawn/14/0/0.png?layers=roads,nothing", 404),
        ("/drawn/14/0/0.gif", 404),
    ],
)
def test_impossible_addresses_are_refused_in_a_sentence(public_town: PublicTown, path: str, status: int) -> None:
    assert detail(public_town.http.get(path), status)


def test_pictures_have_a_share_of_their_own(public_side_of_town: Any) -> None:
    assert PublicSettings().drawn_rate != PublicSettings().tile_rate
    with serving(public_side_of_town, DRAWN_RATE="2/minute") as url, httpx.Client(base_url=url) as http:
        statuses = [http.get("/drawn/14/0/0.png").status_code for _ in range(3)]
        assert statuses == [200, 200, 429]
        assert http.get("/tiles/roads/14/0/0").status_code == 204
