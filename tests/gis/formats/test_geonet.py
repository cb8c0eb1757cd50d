"""Lists of 電子基準点: what every row says, in CP932 and in UTF-8, and where the middle of a mesh lies."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gis.errors import UnreadableFileError
from gis.formats.geonet import mesh_middle, read

PLAIN = "950205,EL05540759203,滝根,福島県,田村市,田村市立滝根中学校\r\n020944,EL05540651702,いわき３,福島県,いわき市,差塩\r\n"
TITLED = (
    "approx_km_from_town_hall,station_code,name,municipality,site,raw_el_code,mesh3,approx_lat,approx_lon\n"
    "5.4,950205,滝根,田村市,田村市立滝根中学校,EL05540759203,55407592,37.32917,140.65625\n"
)


@pytest.mark.parametrize("raw", [PLAIN.encode("cp932"), PLAIN.encode(), b"\xef\xbb\xbf" + PLAIN.encode()])
def test_a_list_without_a_heading_is_read_in_the_encoding_that_it_has(raw: bytes) -> None:
    first, second = read(raw, "list.csv").stations

    assert (first.code, first.name, first.municipality, first.mesh) == ("950205", "滝根", "田村市", "55407592")
    assert (first.lon, first.lat) == (pytest.approx(140.65625), pytest.approx(37.329167, abs=1e-6))
    assert second.code == "020944"


def test_a_list_with_a_heading_says_the_same() -> None:
    (only,) = read(TITLED.encode(), "list.csv").stations

    assert only == read(PLAIN.encode(), "list.csv").stations[0]


def test_a_row_that_is_no_station_is_told_by_its_line_and_the_others_stay() -> None:
    listed = read((PLAIN + "000000,EL0none,無い,県,市,所\r\n").encode("cp932"), "list.csv")

    assert len(listed.stations) == 2
    assert listed.rejected == ("3 行目に電子基準点の番号（EL…）がありません",)


@pytest.mark.parametrize("raw", [b"", b"a,b,c\n", "番号,名前\n1,あ\n".encode("cp932"), b"\xff\xff\x00"])
def test_a_file_without_a_station_is_refused(raw: bytes) -> None:
    with pytest.raises(UnreadableFileError):
        read(raw, "list.csv")


@given(st.integers(20, 45), st.integers(22, 53), *(st.integers(0, 7),) * 2, *(st.integers(0, 9),) * 2)
def test_the_middle_of_a_mesh_lies_inside_it(p: int, u: int, q: int, v: int, r: int, w: int) -> None:
    middle = mesh_middle(f"{p * 3 // 2:02d}{u}{q}{v}{r}{w}")
    assert middle is not None
    south, west = (p * 3 // 2) / 1.5 + q / 12 + r / 120, u + 100 + v / 8 + w / 80
    assert south < middle[1] < south + 1 / 120
    assert west < middle[0] < west + 1 / 80


def test_the_real_lists_agree_with_each_other(shared_data: Path) -> None:
    japan = read((shared_data / "gnss" / "geonet_station_list_rtklib.cp932.csv").read_bytes(), "japan")
    near = read((shared_data / "gnss" / "geonet_fukushima_by_distance_from_ono.csv").read_bytes(), "near")

    assert (len(japan.stations), len(near.stations)) == (1_244, 37)  # 1,247 rows, of which three stand twice
    by_code = {one.code: one for one in japan.stations}
    assert all(by_code[one.code] == one for one in near.stations)
    assert near.stations[0].name == "滝根"
