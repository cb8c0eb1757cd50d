"""OGC API – Features Part 2 (18-058r1), annex A: each abstract test by its id; axis order against pyproj."""

from itertools import pairwise

import httpx
import pytest
from pyproj import CRS, Transformer

from gis.reference_systems import offered_systems
from tests.api.features.answers import BLOCK, CRS84, EPSG, ITEMS, first_position, page, refusal

OFFERED = [system.uri for system in offered_systems(6677)]
CODES = [4326, 3857, 6668, 6677]


def test_every_collection_lists_the_systems_by_uri_with_crs84_first(http: httpx.Client) -> None:
    """/conf/crs/crs-uri /conf/crs/default-crs"""
    for collection in http.get("/api/collections").json()["collections"]:
        assert collection["crs"] == OFFERED
        assert collection["crs"][0] == CRS84


def test_the_storage_system_is_the_plane_zone_of_the_town_and_is_listed(http: httpx.Client) -> None:
    """/conf/crs/storageCrs"""
    for collection in http.get("/api/collections").json()["collections"]:
        assert collection["storageCrs"] == f"{EPSG}6677"
        assert collection["storageCrs"] in collection["crs"]


@pytest.mark.parametrize("uri", OFFERED)
def test_every_listed_system_is_given_and_named_in_a_header(http: httpx.Client, uri: str) -> None:
    """/conf/crs/crs-parameter"""
    for address in (ITEMS.format("roads"), ITEMS.format("roads") + "/1"):
        response = http.get(address, params={"crs": uri}).raise_for_status()
        assert response.headers["content-crs"] == f"<{uri}>"


def test_without_the_parameter_the_answer_is_in_crs84(http: httpx.Client) -> None:
    """/conf/crs/crs-parameter-default"""
    assert http.get(ITEMS.format("roads")).headers["content-crs"] == f"<{CRS84}>"
    assert page(http, "roads", limit=5)["features"] == page(http, "roads", limit=5, crs=CRS84)["features"]


@pytest.mark.parametrize(
    "uri", ["", "x", "EPSG:6677", f"{EPSG}2451", f"{EPSG}4612", "http://www.opengis.net/def/crs/OGC/0/CRS84h"]
)
def test_a_system_that_is_not_listed_is_refused(http: httpx.Client, uri: str) -> None:
    """/conf/crs/crs-parameter-invalid /conf/crs/bbox-crs-parameter-invalid"""
    for name in ("crs", "bbox-crs", "filter-crs"):
        query = {name: uri, "bbox": BLOCK, "filter": "valid_from IS NULL"}
        assert name in refusal(http.get(ITEMS.format("roads"), params=query), 400)


@pytest.mark.parametrize("code", CODES)
def test_positions_are_where_pyproj_puts_them_in_the_axis_order_of_the_registry(http: httpx.Client, code: int) -> None:
    """/conf/crs/crs-parameter-transform"""
    # JGD2011 and WGS 84 are taken as one: the way goes by JGD2011 for every system
    base = CRS.from_epsg(6668 if code in {4326, 6668} else code)
    as_registered = Transformer.from_crs(CRS.from_epsg(6677), base)
    stored = page(http, "water_fittings", limit=200, crs=f"{EPSG}6677")["features"]
    given = page(http, "water_fittings", limit=200, crs=f"{EPSG}{code}")["features"]
    tolerance = 2e-9 if base.is_geographic else 2e-4
    assert len(given) == len(stored) > 20
    for one, other in zip(stored, given, strict=True):
        expected = as_registered.transform(*first_position(one))
        assert first_position(other) == pytest.approx(expected, abs=tolerance)


def test_the_zone_has_its_northing_first(http: httpx.Client) -> None:
    """/conf/crs/crs-parameter-transform"""
    assert CRS.from_epsg(6677).axis_info[0].direction == "north"
    north, east = first_position(page(http, "facilities", limit=1, crs=f"{EPSG}6677")["features"][0])
    assert 130_000 < north < 155_000
    assert 60_000 < east < 80_000


@pytest.mark.parametrize("code", CODES)
def test_a_box_is_read_in_the_axis_order_of_its_system(http: httpx.Client, code: int) -> None:
    """/conf/crs/bbox-crs-parameter"""
    every = page(http, "water_fittings", limit=10_000, crs=f"{EPSG}{code}")["features"]
    positions = sorted((first_position(feature), feature["id"]) for feature in every)
    middle = positions[len(positions) // 2][0]
    span = 0.01 if code in {4326, 6668} else 1_000
    low, high = [value - span for value in middle], [value + span for value in middle]
    box = ",".join(map(repr, [*low, *high]))
    inside = {i for at, i in positions if all(a <= value <= b for a, value, b in zip(low, at, high, strict=True))}
    found = page(http, "water_fittings", limit=10_000, bbox=box, bbox_crs=f"{EPSG}{code}")["features"]
    assert len(inside) > 1
    assert {feature["id"] for feature in found} == inside


def test_a_box_without_a_system_is_in_longitude_and_latitude(http: httpx.Client) -> None:
    """/conf/crs/bbox-crs-parameter-default"""
    plain = page(http, "cadastral", bbox=BLOCK, properties="")
    assert page(http, "cadastral", bbox=BLOCK, bbox_crs=CRS84, properties="")["features"] == plain["features"]
    west, south, east, north = BLOCK.split(",")
    turned = page(http, "cadastral", bbox=f"{south},{west},{north},{east}", bbox_crs=f"{EPSG}4326", properties="")
    assert turned["features"] == plain["features"]


def test_rings_go_counter_clockwise_around_what_they_hold(http: httpx.Client) -> None:
    """RFC 7946, 3.1.6"""
    for feature in page(http, "farmland", limit=50)["features"]:
        for polygon in feature["geometry"]["coordinates"]:
            ring = polygon[0]
            area = sum(a[0] * b[1] - b[0] * a[1] for a, b in pairwise(ring))
            assert area > 0


def test_json_fg_has_its_place_in_the_zone_and_its_geometry_in_degrees(http: httpx.Client) -> None:
    response = http.get(ITEMS.format("roads"), params={"f": "jsonfg", "limit": 2}).raise_for_status()
    assert response.headers["content-type"] == "application/vnd.ogc.fg+json"
    assert response.headers["content-crs"] == f"<{EPSG}6677>"
    body = response.json()
    assert body["conformsTo"] == ["http://www.opengis.net/spec/json-fg-1/1.0/conf/core"]
    assert body["coordRefSys"] == f"{EPSG}6677"
    stored = page(http, "roads", limit=2, crs=f"{EPSG}6677")["features"]
    plain = page(http, "roads", limit=2)["features"]
    for feature, in_zone, in_degrees in zip(body["features"], stored, plain, strict=True):
        assert feature["place"] == in_zone["geometry"]
        assert feature["geometry"] == in_degrees["geometry"]
        assert feature["featureType"] == "roads"
        assert feature["time"]["interval"][1] == ".."


def test_json_fg_in_crs84_has_no_place(http: httpx.Client) -> None:
    body = http.get(ITEMS.format("roads") + "/1", params={"f": "jsonfg", "crs": CRS84}).json()
    assert body["place"] is None
    assert body["coordRefSys"] == CRS84
