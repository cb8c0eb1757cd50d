"""Shapefile, KML, GeoJSON and GPX of fields: read back whole here, and by GDAL and gpxpy as far as those look."""

import json
import zipfile
from dataclasses import replace
from io import BytesIO
from pathlib import Path

import gpxpy
import pyogrio
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from pyproj import CRS

from gis.crs import Grids
from gis.errors import MissingCrsError, UnreadableFileError
from gis.formats import machine
from gis.formats.machine import Asked, MachineField
from gis.formats.writing.errors import UnwritableError
from tests.gis.formats.machine.samples import BARE, PLAIN, at, fields, ring, same_line, same_ring, same_rings

WHOLE = ("geojson", "kml", "gpx", "shp")


@pytest.mark.parametrize("wanted", WHOLE)
@given(items=st.lists(fields(), min_size=1, max_size=3, unique_by=lambda item: item.id))
@settings(max_examples=25, deadline=None)
def test_all_of_a_field_reads_back_to_a_millimetre(wanted: str, items: list[MachineField]) -> None:
    file = machine.write(wanted, items)
    again = machine.read(file.content, file.name)
    for one, other in zip(items, again, strict=True):
        assert same_ring(one.outer, other.outer)
        assert same_rings(one.inners, other.inners)
        assert (one.headland is None) == (other.headland is None)
        assert one.headland is None or same_ring(one.headland, other.headland or ())
        assert [(a.name, a.width_m) for a in one.guidance] == [(b.name, b.width_m) for b in other.guidance]
        assert all(same_line(a.positions, b.positions) for a, b in zip(one.guidance, other.guidance, strict=True))
        assert (one.id, one.name, one.farmer, one.area_m2) == (other.id, other.name, other.farmer, other.area_m2)
        assert other.notes == ()


def by_gdal(file: machine.MachineFile, folder: Path, layer: str | None = None) -> list[dict[str, object]]:
    path = folder / file.name
    path.write_bytes(file.content)
    source = f"/vsizip/{path}/{layer}.shp" if file.name.endswith(".zip") else str(path)
    meta, _fids, wkb, values = pyogrio.raw.read(source, layer=layer)
    assert CRS.from_user_input(meta["crs"]).to_epsg() == 4326
    columns = dict(zip(meta["fields"].tolist(), (column.tolist() for column in values), strict=True))
    shapes = shapely.from_wkb(wkb)
    return [{key: columns[key][at_] for key in columns} | {"shape": shapes[at_]} for at_ in range(len(shapes))]


@pytest.mark.parametrize("wanted", ["geojson", "shp", "kml"])
def test_gdal_reads_the_same_boundary_with_its_holes(wanted: str, tmp_path: Path) -> None:
    layer = {"shp": "fields", "kml": PLAIN.name}.get(wanted)
    rows = by_gdal(machine.write(wanted, [PLAIN, BARE]), tmp_path, layer)
    row = next(row for row in rows if isinstance(row["shape"], (shapely.Polygon, shapely.MultiPolygon)))
    shape = shapely.force_2d(row["shape"])
    shape = shape.geoms[0] if isinstance(shape, shapely.MultiPolygon) else shape
    assert (row.get("name") or row.get("Name")) == PLAIN.name
    assert same_ring(PLAIN.outer, list(shape.exterior.coords)[:-1])
    assert same_rings(PLAIN.inners, [tuple(hole.coords)[:-1] for hole in shape.interiors])


def test_gdal_reads_the_guidance_lines_of_a_shapefile_beside_the_fields(tmp_path: Path) -> None:
    rows = by_gdal(machine.write("shp", [PLAIN]), tmp_path, "guidance")
    assert [(row["name"], row["field_id"], row["width_m"]) for row in rows] == [
        ("AB 1", "f-1", 2.4),
        ("曲がり", "f-1", pytest.approx(float("nan"), nan_ok=True)),
    ]
    assert same_line(PLAIN.guidance[0].positions, list(rows[0]["shape"].coords))  # type: ignore[attr-defined]


def test_gpxpy_reads_a_track_a_ring_and_a_route_a_line() -> None:
    other = gpxpy.parse(machine.write("gpx", [PLAIN]).content.decode())
    assert [track.type for track in other.tracks] == ["boundary", "inner", "inner", "headland"]
    outer = [(point.longitude, point.latitude) for point in other.tracks[0].segments[0].points]
    assert outer[0] == outer[-1]
    assert same_line(PLAIN.outer, outer[:-1])
    assert [route.name for route in other.routes] == ["AB 1", "曲がり"]
    assert same_line(PLAIN.guidance[0].positions, [(p.longitude, p.latitude) for p in other.routes[0].points])


def test_geojson_follows_the_right_hand_rule_and_names_no_crs() -> None:
    document = json.loads(machine.write("geojson", [PLAIN]).content)
    outer, *holes = document["features"][0]["geometry"]["coordinates"]
    assert shapely.LinearRing(outer).is_ccw
    assert not any(shapely.LinearRing(hole).is_ccw for hole in holes)
    assert "crs" not in document


def test_a_shapefile_carries_cp932_names_its_code_page_and_its_crs() -> None:
    file = machine.write("shp", [PLAIN])
    with zipfile.ZipFile(BytesIO(file.content)) as archive:
        assert archive.read("fields.cpg") == b"932"
        assert b"WGS_1984" in archive.read("fields.prj")
        assert PLAIN.name.encode("cp932") in archive.read("fields.dbf")


def test_a_shapefile_in_plane_metres_is_taken_to_degrees(tmp_path: Path) -> None:
    to_plane = shapely.transform(shapely.Polygon(PLAIN.outer, PLAIN.inners), _into_plane, interleaved=False)
    path = tmp_path / "plane.shp"
    pyogrio.raw.write(
        path, shapely.to_wkb([to_plane]), [], [], geometry_type="Polygon", crs="EPSG:6677", driver="ESRI Shapefile"
    )
    (found,) = machine.read(path)
    assert same_ring(PLAIN.outer, found.outer)
    path.with_suffix(".prj").unlink()
    (in_zone,) = machine.read(path, asked=Asked(6677, Grids()))
    assert same_ring(PLAIN.outer, in_zone.outer)
    assert any("EPSG:6677" in note for note in in_zone.notes)
    with pytest.raises(MissingCrsError):
        machine.read(path)


def _into_plane(x: object, y: object) -> object:
    from pyproj import Transformer

    return Transformer.from_crs(6668, 6677, always_xy=True).transform(x, y)


def test_a_lone_shp_asks_for_its_companions() -> None:
    with zipfile.ZipFile(BytesIO(machine.write("shp", [PLAIN]).content)) as archive:
        shp = archive.read("fields.shp")
    with pytest.raises(UnreadableFileError, match=r"1つの zip"):
        machine.read(shp, "fields.shp")


def test_areas_of_others_become_boundaries_and_their_lines_are_told() -> None:
    collection = {
        "type": "FeatureCollection",
        "features": [
            {
                "type": "Feature",
                "properties": {"圃場名": "北の田"},
                "geometry": {
                    "type": "MultiPolygon",
                    "coordinates": [[[*BARE.outer, BARE.outer[0]]], [[*PLAIN.outer, PLAIN.outer[0]]]],
                },
            },
            {"type": "Feature", "properties": {}, "geometry": {"type": "LineString", "coordinates": BARE.outer}},
            {"type": "Feature", "properties": {}, "geometry": {"type": "Point", "coordinates": BARE.outer[0]}},
        ],
    }
    first, second = machine.read(json.dumps(collection).encode(), "x.geojson")
    assert (first.name, second.name) == ("北の田（1/2）", "北の田（2/2）")
    assert any("誘導線でもない線" in note for note in first.notes)
    assert any("図形 1個" in note for note in first.notes)


def test_a_track_of_another_program_is_closed_and_the_gap_is_told() -> None:
    walked = "".join(f'<trkpt lat="{lat}" lon="{lon}"/>' for lon, lat in ring((0, 0), (50, 0), (50, 40), (0, 3)))
    raw = f'<gpx version="1.1"><wpt lat="37" lon="140"/><trk><name>朝</name><trkseg>{walked}</trkseg></trk></gpx>'
    (found,) = machine.read(raw.encode(), "walk.gpx")
    assert (found.name, len(found.outer)) == ("朝", 4)
    assert any("3.00 m 離れて" in note for note in found.notes)
    assert any("地点" in note for note in found.notes)


def test_kml_of_another_program_reads_areas_with_holes_and_heights() -> None:
    def shown(places: object) -> str:
        return " ".join(f"{lon},{lat},431.2" for lon, lat in places)  # type: ignore[attr-defined]

    raw = (
        '<kml xmlns="http://earth.google.com/kml/2.1"><Document><Placemark><name>畑</name><MultiGeometry><Polygon>'
        f"<outerBoundaryIs><LinearRing><coordinates>\n {shown(PLAIN.outer)} </coordinates></LinearRing></outerBoundaryIs>"
        f"<innerBoundaryIs><LinearRing><coordinates>{shown(PLAIN.inners[0])}</coordinates></LinearRing></innerBoundaryIs>"
        "</Polygon></MultiGeometry></Placemark></Document></kml>"
    )
    (found,) = machine.read(raw.encode(), "x.kml")
    assert same_ring(found.outer, PLAIN.outer)
    assert same_rings(found.inners, PLAIN.inners[:1])
    buffer = BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("doc.kml", raw)
    assert machine.read(buffer.getvalue(), "x.kmz")[0].name == "畑"


@pytest.mark.parametrize("wanted", ["geojson", "kml", "gpx"])
def test_swapped_positions_are_refused_whatever_the_format(wanted: str) -> None:
    text = machine.write(wanted, [BARE]).content.decode()
    for lon, lat in BARE.outer:
        text = {
            "geojson": text.replace(f"[{lon},{lat}]", f"[{lat},{lon}]"),
            "kml": text.replace(f"{lon:.9f},{lat:.9f}", f"{lat:.9f},{lon:.9f}"),
            "gpx": text.replace(f'lat="{lat:.9f}" lon="{lon:.9f}"', f'lat="{lon:.9f}" lon="{lat:.9f}"'),
        }[wanted]
    with pytest.raises(UnreadableFileError, match="緯度と経度が入れ替わっています"):
        machine.read(text.encode(), f"x.{wanted}")


@pytest.mark.parametrize("wanted", list(machine.FORMATS))
def test_what_is_no_field_is_not_written(wanted: str) -> None:
    swapped = tuple((lat, lon) for lon, lat in BARE.outer)
    for outer in ((), (at(0, 0), at(1, 1)), swapped, (*BARE.outer, (float("nan"), 37.0))):
        with pytest.raises(UnwritableError):
            machine.write(wanted, [replace(BARE, outer=outer)])
    with pytest.raises(UnwritableError, match="書き出す圃場がありません"):
        machine.write(wanted, [])


@pytest.mark.parametrize("wanted", list(machine.FORMATS))
def test_the_same_fields_make_the_same_bytes_and_say_which_datum(wanted: str) -> None:
    file = machine.write(wanted, [PLAIN])
    assert file.content == machine.write(wanted, [PLAIN]).content
    assert any("JGD2011" in note for note in file.notes)


def test_an_unknown_format_is_told_the_ones_there_are() -> None:
    with pytest.raises(UnwritableError, match=r"isoxml4、isoxml3、sima"):
        machine.write("dxf", [PLAIN])
