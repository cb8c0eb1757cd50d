"""Lists of points out of field software: degrees or metres, X north or east, and what cannot be told is refused."""

import csv
import io
import math
from datetime import UTC, datetime

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gis.crs import Grids
from gis.errors import UnreadableFileError
from gis.positioning.model import Epoch, FixQuality, Station
from gis.positioning.plane import to_plane
from gis.positioning.point_lists import PointList, read, typed
from tests.gis.positioning.walking import degrees_of_jgd2011

PLANE = 6677
NORTH, EAST = 139_876.543, 71_234.567
STATION = Station("役場", "ONO", "JGD2011", Epoch.REFERENCE, "")


def lon_lat() -> tuple[float, float]:
    ((lon, lat),) = degrees_of_jgd2011(np.array([(EAST, NORTH)]))
    return float(lon), float(lat)


def listed(text: str, encoding: str = "utf-8", **more: bool | None) -> PointList:
    return read(text.encode(encoding), "点.csv", plane_epsg=PLANE, **more)


def place(points: PointList) -> tuple[float, float]:
    (placed,) = to_plane(points.fixes, STATION, PLANE, Grids())
    return placed.x, placed.y


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp932", "utf-16"])
def test_the_usual_japanese_list_is_read_in_every_encoding(encoding: str) -> None:
    heading = "点番号,緯度,経度,標高,水平精度(mm),FIX状態,衛星数,測定日時"
    text = f"{heading}\nK-1,37.2868012,140.6267012,431.25,14,固定,22,2026/11/27 10:20:30\n"
    (point,) = listed(text, encoding).points

    assert (point.line, point.name) == (2, "K-1")
    assert (point.fix.lat, point.fix.lon) == (37.2868012, 140.6267012)
    assert point.fix.quality is FixQuality.RTK_FIXED
    assert point.fix.sigma_m == pytest.approx(0.014)
    assert (point.fix.height_m, point.fix.satellites) == (431.25, 22)
    assert point.fix.at == datetime(2026, 11, 27, 1, 20, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    "heading",
    [
        "点名,X座標,Y座標",
        "測点名,Ｘ座標（ｍ）,Ｙ座標（ｍ）",
        "点名,X座標(北),Y座標(東)",
        "name,Northing,Easting",
        "Name,N,E",
        "点名,北距[m],東距[m]",
    ],
)
def test_survey_x_is_north(heading: str) -> None:
    assert place(listed(f"{heading}\nK-1,{NORTH},{EAST}\n")) == (pytest.approx(EAST), pytest.approx(NORTH))


def test_eastings_may_stand_first() -> None:
    assert place(listed(f"id,easting,northing\n1,{EAST},{NORTH}\n")) == (pytest.approx(EAST), pytest.approx(NORTH))


def test_a_bare_x_and_y_is_refused_because_nobody_knows_which_is_north() -> None:
    with pytest.raises(UnreadableFileError, match="どちらが北か"):
        listed(f"点名,X,Y,Z\nK-1,{NORTH},{EAST},431.2\n")


def test_a_bare_x_and_y_is_taken_as_the_one_who_gives_it_says() -> None:
    survey = listed(f"点名,X,Y\nK-1,{NORTH},{EAST}\n", x_is_north=True)
    screen = listed(f"点名,X,Y\nK-1,{EAST},{NORTH}\n", x_is_north=False)

    assert place(survey) == place(screen) == (pytest.approx(EAST), pytest.approx(NORTH))


def test_x_marked_east_and_y_marked_north_is_taken_at_its_word() -> None:
    text = f"点名,X(東),Y(北)\nK-1,{EAST},{NORTH}\n"

    assert place(listed(text)) == (pytest.approx(EAST), pytest.approx(NORTH))


def test_a_list_in_another_zone_is_refused_with_its_line() -> None:
    with pytest.raises(UnreadableFileError, match="2 行目は第10系"):
        listed(f"点名,系,X座標,Y座標\nK-1,10系,{NORTH},{EAST}\n")


def test_degrees_minutes_and_seconds_are_read() -> None:
    (point,) = listed("点名\t緯度\t経度\nK-1\t37度17分12.4843秒\t140度37分36.1243秒\n").points

    assert point.fix.lat == pytest.approx(37 + 17 / 60 + 12.4843 / 3600)
    assert point.fix.resolution_m == pytest.approx(0.0031)


def test_latitude_and_longitude_in_each_other_s_columns_are_refused_with_the_line() -> None:
    with pytest.raises(UnreadableFileError, match=r"3 行目.*列の入れ違い"):
        listed("点名,緯度,経度\nK-1,37.2868,140.6267\nK-2,140.6267,37.2868\n")


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "点がありません"),
        ("点名,緯度,経度\n", "点がありません"),
        ("点名,緯度\nK-1,37.2868\n", "位置の列がそろっていません"),
        ("点名,X座標,東\nK-1,1,2\n点,1\n", "座標がありません"),
        ("点名,緯度,経度,経度\nK-1,37.2868,140.6267,140.6267\n", "どちらを使うか"),
        ("点名,緯度,経度\nK-1,,\n", "日本の位置として読めません"),
        ("点名,緯度,経度,標高\nK-1,37.2868,140.6267,約430\n", "数として読めません"),
        ("点名,緯度,経度,標高\nK-1,37.2868,140.6267,1e9\n", "数として読めません"),
        ("点名,緯度,経度,FIX\nK-1,37.2868,140.6267,たぶん\n", "測位の種類"),
        ("点名,緯度,経度,精度\nK-1,37.2868,140.6267,-1\n", "負の数"),
        ("点名,緯度,経度,日時\nK-1,37.2868,140.6267,きのう\n", "日時"),
        ("点名,X座標,Y座標\nK-1,9999999,1\n", "範囲を超えて"),
        ("点名,X座標,Y座標\nK-1,nan,1\n", "数として読めません"),
        ("name,N,E\n1,37.2868,140.6267\n", "度のようです"),
    ],
)
def test_what_cannot_be_read_is_refused_whole_with_a_sentence(text: str, sentence: str) -> None:
    with pytest.raises(UnreadableFileError, match=sentence):
        listed(text)


@pytest.mark.parametrize(
    ("word", "quality"),
    [
        ("FIX", FixQuality.RTK_FIXED),
        ("RTK Fixed", FixQuality.RTK_FIXED),
        ("4", FixQuality.RTK_FIXED),
        ("フロート", FixQuality.RTK_FLOAT),
        ("FLOAT", FixQuality.RTK_FLOAT),
        ("DGPS", FixQuality.DIFFERENTIAL),
        ("単独測位", FixQuality.SINGLE),
        ("", None),
    ],
)
def test_the_words_of_makers_for_a_fix_are_known(word: str, quality: FixQuality | None) -> None:
    assert listed(f"name,lat,lon,fix\n1,37.2868,140.6267,{word}\n").fixes[0].quality is quality


def test_a_time_of_day_beside_its_date_and_universal_time_are_read() -> None:
    beside = listed("name,lat,lon,日付,時刻\n1,37.2868,140.6267,2026-11-27,10:20:30\n").fixes[0].at
    universal = listed("name,lat,lon,日時(UTC)\n1,37.2868,140.6267,2026-11-27 01:20:30\n").fixes[0].at
    zoned = listed("name,lat,lon,datetime\n1,37.2868,140.6267,2026-11-27T10:20:30+09:00\n").fixes[0].at

    assert beside == universal == zoned == datetime(2026, 11, 27, 1, 20, 30, tzinfo=UTC)


def test_a_list_that_says_nothing_of_its_accuracy_is_known_as_such() -> None:
    assert listed("name,lat,lon\n1,37.2868,140.6267\n").is_silent
    assert not listed("name,lat,lon,精度\n1,37.2868,140.6267,0.02\n").is_silent


@settings(max_examples=300, deadline=None)
@given(
    st.lists(
        st.sampled_from(["点名", "緯度", "経度", "X座標", "Y座標", "X", "標高", "精度(mm)", "fix", "日時", "系"]),
        max_size=6,
    ),
    st.lists(
        st.lists(
            st.one_of(
                st.sampled_from(
                    ["37.2868", "140.6267", "37度17分", "139876.5", "FIX", "", "１２", "²", "2026-11-27", "9系"]
                ),
                st.text(max_size=12),
            ),
            max_size=6,
        ),
        max_size=4,
    ),
)
def test_whatever_a_list_says_it_is_read_or_refused_with_a_sentence(heading: list[str], rows: list[list[str]]) -> None:
    text = io.StringIO()
    csv.writer(text).writerows([heading, *rows])
    try:
        points = listed(text.getvalue().encode("utf-8", "replace").decode())
    except UnreadableFileError as refused:
        told = str(refused)
    else:
        told = "。"
        assert all(math.isfinite(fix.lon) and math.isfinite(fix.lat) for fix in points.fixes)

    assert told.endswith("。")


def test_headings_that_nobody_took_are_told() -> None:
    assert listed("点名,緯度,経度,備考,地目\nK-1,37.2868,140.6267,畦,田\n").unread == ("備考", "地目")


def test_a_list_is_as_fine_as_its_finest_digits() -> None:
    points = listed("name,lat,lon\n1,37.2868,140.62\n2,37.28681234,140.6267\n")

    assert {fix.resolution_m for fix in points.fixes} == {0.00111}


def test_pasted_positions_are_read_in_either_order_with_the_digits_they_have() -> None:
    one, two = typed("37.2868, 140.6267\n\n東経140度37分36秒 北緯37度17分12秒\n")

    assert (one.fix.lon, one.fix.lat) == (140.6267, 37.2868)
    assert (two.line, two.fix.lat) == (3, pytest.approx(37 + 17 / 60 + 12 / 3600))
    assert one.fix.resolution_m == pytest.approx(11.1)
    assert two.fix.resolution_m == pytest.approx(31)
    assert one.fix.quality is None


@pytest.mark.parametrize(
    ("text", "sentence"), [("", "書かれていません"), ("37.28, 140.62\n役場の前", "2 行目「役場の前」")]
)
def test_a_pasted_text_that_is_no_position_is_refused(text: str, sentence: str) -> None:
    with pytest.raises(UnreadableFileError, match=sentence):
        typed(text)


def test_plane_and_degrees_of_the_same_point_are_the_same_place() -> None:
    lon, lat = lon_lat()
    by_degrees = place(listed(f"name,lat,lon\n1,{lat:.9f},{lon:.9f}\n"))
    by_metres = place(listed(f"name,northing,easting\n1,{NORTH},{EAST}\n"))

    assert math.dist(by_degrees, by_metres) < 0.001
