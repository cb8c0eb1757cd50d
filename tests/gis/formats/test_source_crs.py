"""Coordinate systems as files word them."""

import pyproj
import pytest

from gis.formats.source_crs import from_epsg, from_gdal, from_wkt

FLAVOURS = ("WKT1_ESRI", "WKT1_GDAL", "WKT2_2019")


@pytest.mark.parametrize("flavour", FLAVOURS)
@pytest.mark.parametrize(("datum", "before"), [("JGD2011", 6668), ("JGD2000", 2442), ("Tokyo", 30160)])
def test_each_zone_of_each_datum_is_known_in_every_dialect(datum: str, before: int, flavour: str) -> None:
    for zone in range(1, 20):
        crs = from_wkt(pyproj.CRS(before + zone).to_wkt(flavour))
        assert (crs.epsg, crs.zone, crs.datum) == (before + zone, zone, datum)


@pytest.mark.parametrize("flavour", FLAVOURS)
@pytest.mark.parametrize("code", [6668, 4612, 4301, 4326, 3857, 6691, 3100, 32654])
def test_other_systems_come_back_as_the_codes_they_are(code: int, flavour: str) -> None:
    assert from_wkt(pyproj.CRS(code).to_wkt(flavour)).epsg == code


@pytest.mark.parametrize(
    ("name", "datum", "code"),
    [
        ("GCS_JGD_2000", "D_JGD_2000", 4612),
        ("GCS_JGD_2011", "D_JGD_2011", 6668),
        ("GCS_Tokyo", "D_Tokyo", 4301),
        ("JGD2011", "Japanese_Geodetic_Datum_2011", 6668),
        ("WGS 84", "WGS_1984", 4326),
    ],
)
def test_degrees_are_told_apart_by_the_name_of_their_datum(name: str, datum: str, code: int) -> None:
    wkt = (
        f'GEOGCS["{name}",DATUM["{datum}",SPHEROID["x",6378137.0,298.257222101]],PRIMEM["Greenwich",0.0],'
        'UNIT["Degree",0.0174532925199433]]'
    )
    assert from_wkt(wkt).epsg == code


def test_a_zone_is_known_by_its_numbers_whatever_it_is_called() -> None:
    wkt = pyproj.CRS(6677).to_wkt("WKT1_ESRI").replace("JGD_2011_Japan_Zone_9", "町の図面")
    assert from_wkt(wkt).epsg == 6677


def test_a_zone_with_other_numbers_is_not_taken_for_it() -> None:
    wkt = pyproj.CRS(6677).to_wkt("WKT1_ESRI")
    for old, new in (('"Scale_Factor",0.9999', '"Scale_Factor",1.0'), ('"False_Easting",0.0', '"False_Easting",500.0')):
        assert old in wkt
        assert from_wkt(wkt.replace("JGD_2011_Japan_Zone_9", "x").replace(old, new)).epsg is None


def test_an_undefined_system_of_a_geopackage_is_none_at_all() -> None:
    wkt = (
        'ENGCRS["Undefined Cartesian SRS",EDATUM["Unknown"],CS[Cartesian,2],AXIS["x",east],AXIS["y",north],UNIT["m",1]]'
    )
    assert from_wkt(wkt).epsg is None
    assert from_gdal(None).stated == "座標系の記載なし"


def test_a_code_by_itself_tells_zone_and_datum() -> None:
    crs = from_epsg(2451, "EPSG:2451")
    assert (crs.zone, crs.datum, crs.stated) == (9, "JGD2000", "EPSG:2451")
    assert (from_epsg(4326, "x").datum, from_epsg(6668, "x").datum) == (None, "JGD2011")


@pytest.mark.parametrize("text", ["EPSG:6677", "+proj=longlat", "http://www.opengis.net/def/crs/EPSG/0/6677", "", "{}"])
def test_text_that_is_no_wkt_is_not_looked_up(text: str) -> None:
    crs = from_wkt(text)
    assert (crs.epsg, crs.stated) == (None, "座標系の記述を読めない")
