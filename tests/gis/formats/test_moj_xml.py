"""法務省 地図XML: the real sheets of shared/data/mojxml, and made ones with one thing wrong each."""

import re
import zipfile
from collections.abc import Iterator
from decimal import Decimal
from functools import cache
from io import BytesIO
from pathlib import Path
from typing import Any

import lxml.etree
import mojxml.parse as other_client
import numpy as np
import pytest
import shapely

from gis.errors import UnreadableFileError, UnsupportedFileError
from gis.formats import moj_xml
from gis.formats.moj_sheet import Sheet
from tests.gis.formats.map_samples import MapSample, line, parcel, same_as, surface

COUNTS = {  # parcels, control points, boundary points, frames, invalid shapes: PROVENANCE.md
    "12103-0400-76.zip": (1, 606, 4, 21, 0),
    "15222-1107-1553.xml.zip": (1051, 329, 5259, 104, 6),
    "46505-3411-1.zip": (8, 25, 139, 4, 0),
    "14103-0200_extracted/14103-0200-6.zip": (6, 0, 43, 1, 0),
    "14103-0200_extracted/14103-0200-7.zip": (43, 0, 275, 2, 0),
    "14103-0200_extracted/14103-0200-10.zip": (1, 0, 27, 6, 0),
    "14103-0200_extracted/14103-0200-31.zip": (29, 0, 258, 1, 2),
    "14103-0200_extracted/14103-0200-32.zip": (6, 0, 29, 5, 0),
    "14103-0200_extracted/14103-0200-33.zip": (7, 0, 55, 1, 0),
}


@cache
def only_sheet(path: Path) -> Sheet:
    (sheet,) = moj_xml.read_sheets(path)
    return sheet


def sample(tmp_path: Path, **changes: Any) -> Sheet:
    return only_sheet(MapSample(**changes).write(tmp_path / "sample.xml"))


def every_shape(sheet: Sheet) -> dict[str, shapely.Geometry]:
    """Shapes by 筆 id, pseudo-parcels included."""
    shapes = dict(zip(sheet.table.refs, sheet.table.geometry, strict=True))
    return shapes | {str(n.content["筆ID"]): shapely.from_wkt(str(n.content["形状"])) for n in sheet.table.set_aside}


@pytest.mark.parametrize("name", COUNTS)
def test_each_real_sheet_has_the_counts_that_its_provenance_states(shared_data: Path, name: str) -> None:
    sheet = only_sheet(shared_data / "mojxml" / name)
    invalid = sum(not shape.is_valid for shape in every_shape(sheet).values())
    found = (sheet.table.read, len(sheet.control_points), sheet.boundary_points, sheet.frames, invalid)
    assert found == COUNTS[name]
    assert not sheet.table.rejected


@pytest.mark.parametrize("name", COUNTS)
def test_every_shape_is_that_of_another_peoples_reader(shared_data: Path, name: str) -> None:
    theirs = _shapes_of_other_client(shared_data / "mojxml" / name)
    ours = every_shape(only_sheet(shared_data / "mojxml" / name))
    assert ours.keys() == theirs.keys()
    for identifier, shape in ours.items():
        assert shapely.equals_exact(shape, theirs[identifier], tolerance=1e-9), identifier


def _shapes_of_other_client(path: Path) -> dict[str, shapely.Geometry]:
    namespaces = {"": "http://www.moj.go.jp/MINJI/tizuxml", "zmn": "http://www.moj.go.jp/MINJI/tizuzumen"}
    with zipfile.ZipFile(path) as archive:
        root = lxml.etree.fromstring(archive.read(archive.namelist()[0]))
    space = root.find("./空間属性", namespaces)
    points = other_client._parse_points(space)
    surfaces = other_client._parse_surfaces(space, other_client._parse_curves(space, points))
    shapes = {}
    for element in root.iterfind("./主題属性/筆", namespaces):
        (rings,) = surfaces[element.find("./形状", namespaces).get("idref")]
        shapes[element.get("id")] = shapely.Polygon(rings[0], rings[1:])
    return shapes


@pytest.mark.parametrize("name", COUNTS)
def test_areas_agree_with_the_decimals_in_the_file_to_a_millionth(shared_data: Path, name: str) -> None:
    ours = every_shape(only_sheet(shared_data / "mojxml" / name))
    areas = dict(_areas_by_hand(shared_data / "mojxml" / name))
    assert ours.keys() == areas.keys()
    for identifier, shape in ours.items():
        if shape.is_valid:
            assert abs(Decimal(shape.area) - areas[identifier]) <= areas[identifier] * Decimal("1e-6"), identifier


def _areas_by_hand(path: Path) -> Iterator[tuple[str, Decimal]]:
    """Shoelace in decimals over the text of the file, with regular expressions instead of an XML reader."""
    with zipfile.ZipFile(path) as archive:
        text = archive.read(archive.namelist()[0]).decode("utf-8")
    xy = r"<zmn:X>([-\d.]+)</zmn:X>\s*<zmn:Y>([-\d.]+)</zmn:Y>"
    points = {
        name: (Decimal(x), Decimal(y)) for name, x, y in re.findall(rf'GM_Point id="(\w+)">.*?{xy}', text, re.DOTALL)
    }
    firsts: dict[str, tuple[Decimal, Decimal]] = {}
    for name, body in re.findall(r'GM_Curve id="(\w+)">(.*?)</zmn:GM_Curve>', text, re.DOTALL):
        found = re.search(rf'GM_PointRef.point idref="(\w+)"|{xy}', body)
        assert found
        firsts[name] = points[found[1]] if found[1] else (Decimal(found[2]), Decimal(found[3]))
    areas: dict[str, Decimal] = {}
    for name, body in re.findall(r'GM_Surface id="(\w+)">(.*?)</zmn:GM_Surface>', text, re.DOTALL):
        rings = re.findall(r"<zmn:GM_Ring>(.*?)</zmn:GM_Ring>", body, re.DOTALL)
        outer, *holes = [_shoelace([firsts[c] for c in re.findall(r'idref="(\w+)"', ring)]) for ring in rings]
        areas[name] = outer - sum(holes)
    for identifier, body in re.findall(r'<筆 id="(\w+)">(.*?)</筆>', text, re.DOTALL):
        shape = re.search(r'<形状 idref="(\w+)"', body)
        assert shape
        yield identifier, areas[shape[1]]


def _shoelace(ring: list[tuple[Decimal, Decimal]]) -> Decimal:
    following = [*ring[1:], ring[0]]
    return abs(sum((a[0] * b[1] - b[0] * a[1] for a, b in zip(ring, following, strict=True)), Decimal(0))) / 2


def test_the_file_s_x_is_north_and_becomes_our_y(tmp_path: Path) -> None:
    (first, _second) = sample(tmp_path).table.geometry
    assert first.bounds == (70000.0, 140000.0, 70015.0, 140020.0)


def test_a_hole_stays_a_hole(shared_data: Path) -> None:
    sheet = only_sheet(shared_data / "mojxml/14103-0200_extracted/14103-0200-7.zip")
    assert sorted(shapely.get_num_interior_rings(sheet.table.geometry))[-2:] == [0, 1]


def test_numbers_that_look_like_zone_9_in_an_arbitrary_sheet_are_still_arbitrary(shared_data: Path) -> None:
    table = only_sheet(shared_data / "mojxml/14103-0200_extracted/14103-0200-10.zip").table
    assert shapely.total_bounds(table.geometry)[1] < -60_000  # as if 67 km south of the origin of zone 9
    assert table.crs.arbitrary
    assert (table.crs.epsg, table.crs.zone, table.crs.datum) == (None, None, None)


def test_a_public_zone_is_stated_without_choosing_between_2000_and_2011(shared_data: Path) -> None:
    crs = only_sheet(shared_data / "mojxml/15222-1107-1553.xml.zip").table.crs
    assert (crs.zone, crs.datum, crs.epsg, crs.arbitrary) == (8, None, None, False)
    assert crs.stated == (
        "公共座標8系・測地系判別=変換・変換プログラム=1.3.79・変換プログラムバージョン=TKY2JGD.par・変換パラメータバージョン=2.1.1"
    )


@pytest.mark.parametrize(
    "system", ["", "<座標系></座標系>", "<座標系>公共座標20系</座標系>", "<座標系>緯度経度</座標系>"]
)
def test_an_unknown_system_of_coordinates_is_not_filled_in(tmp_path: Path, system: str) -> None:
    crs = sample(tmp_path, system=system).table.crs
    assert (crs.zone, crs.epsg, crs.arbitrary) == (None, None, False)


def test_a_public_sheet_without_its_kind_of_datum_says_so(tmp_path: Path) -> None:
    notes = sample(tmp_path, system="<座標系>公共座標9系</座標系>").table.notes
    assert any("旧測地系" in note for note in notes)


def test_parcels_outside_the_sheet_are_set_aside_with_all_they_say(shared_data: Path) -> None:
    table = only_sheet(shared_data / "mojxml/46505-3411-1.zip").table
    assert len(table.refs) == 2
    assert [note.reason for note in table.set_aside].count("地区外") == 5
    bezzu = next(note for note in table.set_aside if note.reason == "別図")
    assert bezzu.content["地番"] == "別図-5"
    assert str(bezzu.content["形状"]).startswith("POLYGON")


def test_roads_and_numberless_land_are_ordinary_rows(shared_data: Path) -> None:
    table = only_sheet(shared_data / "mojxml/14103-0200_extracted/14103-0200-6.zip").table
    assert table.columns["地番"] == ["無地番-3187-2", "長狭物不明-314", "無地番-401", "無地番-3187-1", "長狭物不明-313"]
    assert [note.content["地番"] for note in table.set_aside] == ["別図-1"]


def test_a_parcel_over_four_map_frames_names_them_all(shared_data: Path) -> None:
    columns = only_sheet(shared_data / "mojxml/46505-3411-1.zip").table.columns
    assert columns["地図番号"][0] == "L   35、L   45、M   31、M   41"
    assert columns["縮尺分母"][0] == 1000
    assert columns["地図作成年月日"][0] is None  # the file gives year and month only
    assert columns["作成年月"][0] == "1996-03"
    assert columns["図面の筆ID"][0] == "46505-3411-1/H000000001"


def test_every_column_has_a_value_for_every_row(shared_data: Path) -> None:
    table = only_sheet(shared_data / "mojxml/15222-1107-1553.xml.zip").table
    assert {len(values) for values in table.columns.values()} == {len(table.refs)} == {len(table.geometry)}


def test_control_points_come_with_name_kind_marker_and_place(shared_data: Path) -> None:
    points = moj_xml.read_control_points(shared_data / "mojxml/12103-0400-76.zip")
    assert len(points) == 606
    assert {point.kind for point in points} <= {"数値図根点（細部多角点）", "地籍図根多角点", "地籍図根三角点"}
    assert all(25_000 < point.x < 27_500 and -43_500 < point.y < -41_000 for point in points)
    assert all(point.name for point in points)


def test_undetermined_boundaries_name_their_members(tmp_path: Path) -> None:
    members = (
        "<筆界未定構成筆><大字名>小野新町</大字名><小字名>舘廻</小字名><地番>13</地番></筆界未定構成筆>"
        "<筆界未定構成筆>14-2</筆界未定構成筆>"
    )
    columns = sample(tmp_path, parcel_extra=members).table.columns
    assert columns["筆界未定構成筆"] == ["小野新町舘廻13、14-2", None]
    assert columns["筆界未定"] == [True, False]


@pytest.mark.parametrize(
    "curves",
    [
        {"C2": line("P5 P2", "-")},
        {"C2": line("P5 P2")},
        {"C1": line("P2 P1"), "C4": line("P1 P6")},
        {"C2": same_as("C9", "-"), "C9": line("P5 P2")},
        {"C2": same_as("C8", "-"), "C8": same_as("C9", "-"), "C9": line("P2 P5")},
        {"C2": line("0,15 P5")},
        {"C2": line("0,15 20,15")},
        {"C2": line("P2 10,15 P5")},
        {"C2": line("0.001,15 P5")},
    ],
    ids=[
        "minus",
        "turned",
        "first turned",
        "borrowed",
        "twice borrowed",
        "mixed",
        "direct",
        "three points",
        "1 mm off",
    ],
)
def test_a_curve_may_be_written_in_any_direction_and_by_any_reference(tmp_path: Path, curves: dict[str, str]) -> None:
    table = sample(tmp_path, curves=curves).table
    assert not table.rejected
    assert [shape.area for shape in table.geometry] == pytest.approx([300.0, 300.0], rel=1e-4)
    assert shapely.is_valid(table.geometry).all()


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"curves": {"C3": line("P5 P4")}}, "境界の線がつながらない"),
        ({"curves": {"C4": line("P6 P9")}}, "P9"),
        ({"curves": {"C4": line("P6")}}, "点が1つしかない"),
        ({"curves": {"C4": same_as("C4", "+")}}, "自分自身"),
        ({"surfaces": {"F1": surface("C1 C2 C3")}}, "境界が閉じない"),
        ({"surfaces": {"F1": surface("C1 C2 C3 C99")}}, "C99"),
        ({"surfaces": {"F1": surface("C1 C1")}}, "3つに満たない"),
        ({"surfaces": {"F1": surface("")}}, "境界の線がない"),
        ({"surfaces": {"F1": ""}}, "面 F1 がファイルにない"),
        ({"curves": {"C4": line("P6 P1").replace("GM_LineString>", "GM_Arc>")}}, "GM_Arc"),
        ({"curves": {"C4": line("P6 nan,0")}}, "数値でない"),
    ],
)
def test_a_broken_shape_costs_one_parcel_and_is_named(tmp_path: Path, changes: dict[str, Any], reason: str) -> None:
    table = sample(tmp_path, **changes).table
    assert table.refs == ["H2"]
    (note,) = table.rejected
    assert note.ref == "H1（地番 12-1）"
    assert reason in note.reason
    assert note.content["大字名"] == "小野新町"
    assert table.read == 2


def test_a_shape_that_crosses_itself_is_handed_on_as_it_is(tmp_path: Path) -> None:
    twisted = {"F1": surface("D1 D2 D3 D4")}
    curves = {"D1": line("P1 P5"), "D2": line("P5 P6"), "D3": line("P6 P2"), "D4": line("P2 P1")}
    table = sample(tmp_path, surfaces=twisted, curves=curves).table
    assert table.refs == ["H1", "H2"]
    assert list(shapely.is_valid(table.geometry)) == [False, True]


def test_a_parcel_whose_shape_is_absent_is_rejected_even_when_it_is_the_only_one_of_its_kind(tmp_path: Path) -> None:
    table = sample(tmp_path, parcels=parcel("H3", "15", "F9"), second_chiban="地区外-1").table
    assert (table.refs, len(table.set_aside), len(table.rejected)) == (["H1"], 1, 1)


@pytest.mark.parametrize(
    "doctype",
    [
        "<!DOCTYPE 地図>",
        '<!DOCTYPE 地図 [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]>',
        '<!DOCTYPE 地図 [<!ENTITY x SYSTEM "file:///etc/passwd">]>',
    ],
)
def test_a_document_type_is_refused(tmp_path: Path, doctype: str) -> None:
    with pytest.raises(UnreadableFileError, match="DOCTYPE"):
        sample(tmp_path, doctype=doctype)


def test_xml_of_another_kind_is_not_a_map(tmp_path: Path) -> None:
    path = tmp_path / "meta.xml"
    path.write_text("<?xml version='1.0'?><meta/>", encoding="utf-8")
    with pytest.raises(UnsupportedFileError, match=r"meta\.xml は法務省の地図XMLではありません。"):
        only_sheet(path)


@pytest.mark.parametrize("kept", [0.05, 0.5, 0.999])
def test_a_map_cut_short_is_refused_in_one_sentence(tmp_path: Path, kept: float) -> None:
    text = MapSample().text()
    path = tmp_path / "cut.xml"
    path.write_text(text[: int(len(text) * kept)], encoding="utf-8")
    with pytest.raises((UnreadableFileError, UnsupportedFileError)) as caught:
        only_sheet(path)
    assert str(caught.value).count("。") <= 2
    assert "\n" not in str(caught.value)


def test_a_municipality_s_zip_of_zips_agrees_with_its_index(shared_data: Path, tmp_path: Path) -> None:
    path = _municipality_zip(shared_data, tmp_path)
    sheets = list(moj_xml.read_sheets(path))
    assert {sheet.stem: sheet.table.read for sheet in sheets} == {
        f"14103-0200-{number}": count for number, count in {6: 6, 7: 43, 10: 1, 31: 29, 32: 6, 33: 7}.items()
    }
    assert not [note for sheet in sheets for note in sheet.table.notes if "索引" in note]


def test_what_the_index_and_the_sheets_disagree_on_is_noted(shared_data: Path, tmp_path: Path) -> None:
    def changed(index: str) -> str:
        added = "14103-0200-99.zip,202202011048,横浜市西区,1,,\n14103-0200-10.zip,202202011048,横浜市西区,65-9,,\n"
        return re.sub(r"14103-0200-33\.zip,[^\n]*\n", "", index) + added

    sheets = {
        sheet.stem: sheet.table.notes
        for sheet in moj_xml.read_sheets(_municipality_zip(shared_data, tmp_path, changed))
    }
    said = "\n".join(note for notes in sheets.values() for note in notes)
    assert re.search(r"索引 .* にある 14103-0200-99\.zip がない", said)
    assert any("65-9" in note for note in sheets["14103-0200-10"])
    assert any("14103-0200-33.zip の行がない" in note for note in sheets["14103-0200-33"])


def _municipality_zip(shared_data: Path, tmp_path: Path, change: Any = lambda index: index) -> Path:
    folder = shared_data / "mojxml/14103-0200_extracted"
    path = tmp_path / "14103-0200.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for inner in sorted(folder.glob("*.zip")):
            archive.write(inner, inner.name)
        (index,) = folder.glob("*.csv")
        text = index.read_bytes().decode("cp932").replace("\r\n", "\n")
        archive.writestr("14103-0200-search-list.csv", change(text).encode("cp932"))
    return path


def test_a_folder_reads_as_its_zip_does(shared_data: Path) -> None:
    tables = list(moj_xml.read(shared_data / "mojxml/14103-0200_extracted"))
    assert sum(table.read for table in tables) == 92


def test_a_truncated_inner_zip_is_named(shared_data: Path, tmp_path: Path) -> None:
    whole = (shared_data / "mojxml/14103-0200_extracted/14103-0200-7.zip").read_bytes()
    path = tmp_path / "town.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("14103-0200-7.zip", whole[: len(whole) // 2])
    with pytest.raises(UnreadableFileError, match=r"town\.zip/14103-0200-7\.zip は壊れているか途中で切れています"):
        list(moj_xml.read(path))


def test_the_tree_is_forgotten_while_it_is_read(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Memory is bounded: while the last parcels pass, the spatial part has been emptied."""
    from gis.formats import moj_stream

    left: list[int] = []
    original = moj_stream._forget

    def watching(element: lxml.etree._Element) -> None:
        original(element)
        parent = element.getparent()
        left.append(0 if parent is None else len(parent))

    monkeypatch.setattr(moj_stream, "_forget", watching)
    many = "".join(parcel(f"N{number}", str(number), "F1") for number in range(2000))
    table = sample(tmp_path, parcels=many).table
    assert len(table.refs) == 2002
    assert max(left) < 300  # what the parser has read ahead: one block of 32 KiB, however long the file


def test_geometry_is_an_array_of_objects_even_for_one_row(shared_data: Path) -> None:
    table = only_sheet(shared_data / "mojxml/12103-0400-76.zip").table
    assert table.geometry.dtype == np.object_
    assert table.geometry.shape == (1,)


def test_a_zip_without_any_map_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "empty.zip"
    buffer = BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("readme.txt", "")
    path.write_bytes(buffer.getvalue())
    with pytest.raises(UnsupportedFileError, match="地図XMLがありません"):
        list(moj_xml.read(path))
