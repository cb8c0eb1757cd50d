"""Coordinate systems: what is supported, which steps are planned, and that nothing moves by a ballpark."""

import warnings
from pathlib import Path

import numpy as np
import pytest
import shapely
from pyproj import CRS, Geod, Transformer

from gis import crs
from gis.crs import Datum, Grids, describe, identify, plan, plane_epsg, undeclared_datum_error_m
from gis.errors import CrsError, MissingCrsError, MissingGridError, OnomapError

NO_GRIDS = Grids()
TOWN = (140.625, 37.285)
ROMAN = [
    "I",
    "II",
    "III",
    "IV",
    "V",
    "VI",
    "VII",
    "VIII",
    "IX",
    "X",
    "XI",
    "XII",
    "XIII",
    "XIV",
    "XV",
    "XVI",
    "XVII",
    "XVIII",
    "XIX",
]


@pytest.fixture(scope="module")
def grids(shared_data: Path) -> Grids:
    folder = shared_data / "gsi-par"
    return Grids(folder / "TKY2JGD.par.gz", folder / "touhokutaiheiyouoki2011_reconstructed.par.txt.gz")


@pytest.mark.parametrize("zone", range(1, 20))
@pytest.mark.parametrize("datum", list(Datum))
def test_each_zone_and_datum_has_the_code_that_the_registry_gives_it(zone: int, datum: Datum) -> None:
    epsg = plane_epsg(zone, datum)

    assert CRS.from_epsg(epsg).name == f"{datum.value} / Japan Plane Rectangular CS {ROMAN[zone - 1]}"
    assert (describe(epsg).zone, describe(epsg).datum) == (zone, datum)


@pytest.mark.parametrize("zone", [0, 20, -9])
def test_a_zone_that_does_not_exist_is_refused(zone: int) -> None:
    with pytest.raises(CrsError, match="1から19"):
        plane_epsg(zone, Datum.JGD2011)


@pytest.mark.parametrize(
    ("epsg", "datum", "geographic", "nominal"),
    [
        (4301, Datum.TOKYO, True, False),
        (4612, Datum.JGD2000, True, False),
        (6668, Datum.JGD2011, True, False),
        (6697, Datum.JGD2011, True, False),
        (4326, Datum.JGD2011, True, True),
        (3857, Datum.JGD2011, False, True),
        (6691, Datum.JGD2011, False, False),
        (32654, Datum.JGD2011, False, True),
    ],
)
def test_a_system_is_described_by_its_datum(epsg: int, datum: Datum, geographic: bool, nominal: bool) -> None:
    found = describe(epsg)

    assert (found.datum, found.geographic, found.nominal, found.zone) == (datum, geographic, nominal, None)


@pytest.mark.parametrize("epsg", [27700, 4322, 4978, 6695, 99999, -1])
def test_a_system_of_another_datum_or_none_is_refused_by_number(epsg: int) -> None:
    with pytest.raises(CrsError, match=str(epsg)):
        describe(epsg)


ESRI_2000 = (
    'GEOGCS["GCS_JGD_2000",DATUM["D_JGD_2000",SPHEROID["GRS_1980",6378137.0,298.257222101]],'
    'PRIMEM["Greenwich",0.0],UNIT["Degree",0.0174532925199433]]'
)
ESRI_ZONE_9 = (
    'PROJCS["JGD_2011_Japan_Zone_9",GEOGCS["GCS_JGD_2011",DATUM["D_JGD_2011",SPHEROID["GRS_1980",6378137.0,298.257222101]],'
    'PRIMEM["Greenwich",0.0],UNIT["Degree",0.0174532925199433]],PROJECTION["Transverse_Mercator"],'
    'PARAMETER["False_Easting",0.0],PARAMETER["False_Northing",0.0],PARAMETER["Central_Meridian",139.833333333333],'
    'PARAMETER["Scale_Factor",0.9999],PARAMETER["Latitude_Of_Origin",36.0],UNIT["Meter",1.0]]'
)


@pytest.mark.parametrize(
    ("text", "epsg"),
    [
        ("EPSG:6677", 6677),
        ("urn:ogc:def:crs:EPSG::6668", 6668),
        ("urn:ogc:def:crs:OGC:1.3:CRS84", 4326),
        ("http://www.opengis.net/def/crs/OGC/1.3/CRS84", 4326),
        ("http://www.opengis.net/def/crs/EPSG/0/6697", 6697),
        (ESRI_2000, 4612),
        (ESRI_2000.replace("2000", "2011"), 6668),
        (ESRI_ZONE_9, 6677),
        (ESRI_ZONE_9.replace("2011", "2000"), 2451),
        ("  EPSG:4301\n", 4301),
    ],
)
def test_what_files_write_of_their_system_is_recognised(text: str, epsg: int) -> None:
    assert identify(text) == epsg


@pytest.mark.parametrize("text", ["", "  \n"])
def test_an_empty_statement_is_a_missing_system(text: str) -> None:
    with pytest.raises(MissingCrsError):
        identify(text)


@pytest.mark.parametrize(
    "text",
    [
        "第9系",
        "EPSG:27700",
        "EPSG:123456",
        "+proj=tmerc +lat_0=36 +lon_0=139.8333333 +k=0.9999 +ellps=GRS80",
        "x" * 5000,
        'PROJCS["',
    ],
)
def test_a_statement_that_leaves_the_datum_open_is_refused_in_one_sentence(text: str) -> None:
    with pytest.raises(CrsError) as refused:
        identify(text)

    assert len(str(refused.value)) < 200
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize(
    ("source", "target", "file"),
    [
        (2451, 6677, "touhokutaiheiyouoki2011.par"),
        (6677, 2451, "touhokutaiheiyouoki2011.par"),
        (4612, 3857, "touhokutaiheiyouoki2011.par"),
        (30169, 2451, "TKY2JGD.par"),
        (4301, 6677, "TKY2JGD.par"),
        (4612, 4301, "TKY2JGD.par"),
    ],
)
def test_a_datum_step_without_its_grid_is_refused_and_the_file_is_named(source: int, target: int, file: str) -> None:
    with pytest.raises(MissingGridError, match=file.replace(".", r"\.")):
        plan(source, target, NO_GRIDS)


def test_a_grid_that_is_not_where_it_should_be_is_named(tmp_path: Path) -> None:
    with pytest.raises(MissingGridError, match=r"touhokutaiheiyouoki2011\.par"):
        plan(2451, 6677, Grids(patchjgd=tmp_path / "touhokutaiheiyouoki2011.par"))


def test_every_refusal_is_one_sentence_of_our_own_kind() -> None:
    with pytest.raises(OnomapError) as refused:
        plan(2451, 6677, NO_GRIDS)

    assert str(refused.value).endswith("。")
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize("datum", list(Datum))
@pytest.mark.parametrize("zone", [1, 9, 19])
def test_the_projection_of_a_datum_is_nothing_but_a_projection(zone: int, datum: Datum) -> None:
    pair = crs.geographic_epsg(datum), plane_epsg(zone, datum)

    definition = Transformer.from_crs(*pair, always_xy=True, allow_ballpark=False).definition

    assert "proj=tmerc" in definition
    assert not any(word in definition for word in ("helmert", "grid", "molodensky", "geocent", "noop"))


def test_a_projection_within_one_datum_needs_no_grid_and_loses_nothing() -> None:
    way = plan(6668, 6677, NO_GRIDS)
    expected = Transformer.from_crs(6668, 6677, always_xy=True).transform(*TOWN)

    x, y, lost = way.move(np.array([TOWN[0]]), np.array([TOWN[1]]))

    assert (x[0], y[0]) == pytest.approx(expected, abs=1e-9)
    assert (way.accuracy_m, lost.tolist()) == (0.0, [False])
    assert way.steps == ("経緯度から平面直角座標系 第9系（JGD2011）へ投影",)


def test_the_origin_of_zone_nine_is_at_zero() -> None:
    x, y, _ = plan(6668, 6677, NO_GRIDS).move(np.array([139 + 50 / 60]), np.array([36.0]))

    assert (x[0], y[0]) == pytest.approx((0.0, 0.0), abs=1e-6)


def test_the_same_system_is_left_as_it_is() -> None:
    way = plan(6677, 6677, NO_GRIDS)
    line = shapely.linestrings([[1.1, 2.2], [3.3, 4.4]])

    moved, lost = way.apply(np.array([line], dtype=object))

    assert shapely.to_wkb(moved[0]) == shapely.to_wkb(line)
    assert (way.steps, lost.tolist()) == ((), [False])


@pytest.mark.parametrize("epsg", [4326, 3857])
def test_positions_in_wgs84_are_taken_for_jgd2011_and_the_step_says_so(epsg: int) -> None:
    way = plan(epsg, 6677, NO_GRIDS)
    x, y = (TOWN[0], TOWN[1]) if epsg == 4326 else Transformer.from_crs(4326, 3857, always_xy=True).transform(*TOWN)
    expected = Transformer.from_crs(6668, 6677, always_xy=True).transform(*TOWN)

    moved = way.move(np.array([x]), np.array([y]))

    assert (moved[0][0], moved[1][0]) == pytest.approx(expected, abs=1e-6)
    assert any("WGS 84" in step and "みなす" in step for step in way.steps)
    assert way.accuracy_m == crs.WGS84_AS_JGD2011_M


def test_jgd2000_to_web_mercator_takes_the_grid_before_it_calls_the_result_wgs84(grids: Grids) -> None:
    steps = plan(2451, 3857, grids).steps

    assert [("PatchJGD" in step, "みなす" in step) for step in steps] == [
        (False, False),
        (True, False),
        (False, True),
        (False, False),
    ]


def test_the_step_of_the_town_is_034_m_south_and_193_m_east(grids: Grids) -> None:
    lon, lat, _ = plan(4612, 6668, grids).move(np.array([TOWN[0]]), np.array([TOWN[1]]))
    geod = Geod(ellps="GRS80")

    north = geod.inv(TOWN[0], TOWN[1], TOWN[0], lat[0])[2] * np.sign(lat[0] - TOWN[1])
    east = geod.inv(TOWN[0], TOWN[1], lon[0], TOWN[1])[2] * np.sign(lon[0] - TOWN[0])

    assert (round(north, 2), round(east, 2)) == (-0.34, 1.93)


def test_pyproj_alone_would_have_left_the_point_where_it_was(grids: Grids) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        x, y = Transformer.from_crs(2451, 6677, always_xy=True).transform(70_000.0, 142_000.0)
    moved = plan(2451, 6677, grids).move(np.array([70_000.0]), np.array([142_000.0]))

    assert np.hypot(x - 70_000.0, y - 142_000.0) < 0.001
    assert np.hypot(moved[0][0] - 70_000.0, moved[1][0] - 142_000.0) == pytest.approx(1.96, abs=0.05)


def test_tokyo_datum_goes_through_both_grids_and_moves_four_hundred_metres(grids: Grids) -> None:
    way = plan(30169, 6677, grids)
    x, y, lost = way.move(np.array([70_000.0]), np.array([142_000.0]))

    assert [("TKY2JGD" in step, "PatchJGD" in step) for step in way.steps[1:3]] == [(True, False), (False, True)]
    assert way.accuracy_m == pytest.approx(2 * crs.GRID_ACCURACY_M)
    assert 400 < np.hypot(x[0] - 70_000.0, y[0] - 142_000.0) < 500
    assert not lost[0]


@pytest.mark.parametrize("other", [4301, 30169, 4612, 2451, 4326, 3857, 6668])
def test_there_and_back_is_within_a_tenth_of_a_millimetre(grids: Grids, other: int) -> None:
    random = np.random.default_rng(9)
    x, y = random.uniform(62_500, 76_000, 500), random.uniform(134_000, 151_000, 500)

    x2, y2, lost = plan(other, 6677, grids).move(*plan(6677, other, grids).move(x, y)[:2])

    assert not lost.any()
    assert np.hypot(x2 - x, y2 - y).max() < 1e-4


def square(x: float, y: float, side: float) -> shapely.Polygon:
    return shapely.box(x, y, x + side, y + side)


def test_a_row_with_one_vertex_outside_the_grid_is_lost_and_the_others_move(grids: Grids) -> None:
    inside, across = square(140.6, 37.2, 0.01), square(140.82, 37.08, 0.03)
    rows = np.array([inside, across, None, shapely.Point(140.6, 37.2), shapely.Point(133.0, 34.0)], dtype=object)

    moved, lost = plan(4612, 6668, grids).apply(rows)

    assert lost.tolist() == [False, True, False, False, True]
    assert moved[1] is None
    assert moved[2] is None
    assert moved[4] is None
    # 1.96 m, spread over the corners of a square of one kilometre.
    assert 1e-5 < shapely.hausdorff_distance(moved[0], inside) < 3e-5
    assert rows[0] is inside


def test_heights_are_dropped_and_rings_stay_closed() -> None:
    ring = shapely.Polygon([(140.6, 37.2, 400.0), (140.61, 37.2, 401.0), (140.61, 37.21, 402.0), (140.6, 37.2, 400.0)])

    moved, _ = plan(6697, 6677, NO_GRIDS).apply(np.array([ring], dtype=object))

    assert not shapely.has_z(moved[0])
    assert shapely.is_valid(moved[0])
    assert shapely.get_num_coordinates(moved[0]) == 4


def test_a_vertex_that_is_not_a_number_loses_its_row() -> None:
    with np.errstate(invalid="ignore"):
        broken = shapely.linestrings([[140.6, np.nan], [140.7, 37.2]])
    rows = np.array([broken, shapely.Point(140.6, 37.2)], dtype=object)

    moved, lost = plan(6668, 6677, NO_GRIDS).apply(rows)

    assert (lost.tolist(), moved[0]) == ([True, False], None)


def test_a_position_that_cannot_be_projected_loses_its_row() -> None:
    _, lost = plan(6668, 6677, NO_GRIDS).apply(np.array([shapely.Point(140.6, 95.0)], dtype=object))

    assert lost.tolist() == [True]


def test_no_rows_are_no_trouble(grids: Grids) -> None:
    moved, lost = plan(4612, 6677, grids).apply(np.array([], dtype=object))

    assert (len(moved), len(lost)) == (0, 0)


def test_a_file_that_does_not_say_2000_or_2011_may_be_off_by_the_step_of_its_place(grids: Grids) -> None:
    assert undeclared_datum_error_m(*TOWN, grids, fallback_m=9.9) == pytest.approx(1.96, abs=0.005)


def test_without_the_grid_or_its_value_the_stated_difference_is_used(grids: Grids) -> None:
    assert undeclared_datum_error_m(*TOWN, NO_GRIDS, fallback_m=1.96) == 1.96
    assert undeclared_datum_error_m(133.0, 34.0, grids, fallback_m=1.96) == 1.96
