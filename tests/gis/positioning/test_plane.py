"""Degrees of the station's datum → metres of the plane: the epoch, the datum, the antenna."""

import math
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest

from gis.crs import Grids
from gis.errors import CrsError, MissingGridError, UnreadableFileError
from gis.positioning.model import Epoch, Fix, FixQuality, Station
from gis.positioning.plane import Antenna, to_plane
from tests.gis.positioning.walking import degrees_of_jgd2011

PLANE = 6677
# The four nodes round Tsukuba and the worked point of SemiDynaEXE2023.par, as jgdtrans's documentation gives them.
NODES = [
    "54401005  -0.00622   0.01516   0.09460",
    "54401055  -0.00620   0.01529   0.08972",
    "54401100  -0.00663   0.01492   0.10374",
    "54401150  -0.00664   0.01506   0.10087",
]
REFERENCE = (140.087855041, 36.10377479)
CURRENT = (140.08785924333452, 36.103773017086695)
MEASURED = datetime(2023, 11, 27, tzinfo=UTC)


def station(datum: str = "JGD2011", epoch: Epoch = Epoch.REFERENCE) -> Station:
    return Station("役場", "ONO", datum, epoch, "ZED-F9P")


def fix(lon: float, lat: float, at: datetime | None = MEASURED, height_m: float | None = None) -> Fix:
    return Fix(lon, lat, at, FixQuality.RTK_FIXED, height_m=height_m)


def semidyna(folder: Path, name: str = "SemiDyna2023.par", nodes: list[str] = NODES) -> Path:
    header = [f"header {n}" for n in range(15)] + ["MeshCode dB(sec)  dL(sec) dH(m)"]
    (folder / name).write_text("\n".join(header + nodes) + "\n")
    return folder


def test_a_fix_of_jgd2011_is_only_projected() -> None:
    truth = (71_234.5, 139_876.5)
    lon, lat = degrees_of_jgd2011(np.array([truth]))[0]
    (placed,) = to_plane([fix(lon, lat)], station(), PLANE, Grids())

    assert (placed.x, placed.y) == (pytest.approx(truth[0], abs=1e-4), pytest.approx(truth[1], abs=1e-4))
    assert placed.placing_m == 0.0


def test_a_station_in_wgs84_carries_the_metre_by_which_it_is_not_jgd2011() -> None:
    (placed,) = to_plane([fix(140.6, 37.3)], station("WGS 84"), PLANE, Grids())

    assert placed.placing_m >= 1.0


@pytest.mark.parametrize("datum", ["", "PZ-90", "ITRF2014", "世界測地系"])
def test_a_datum_nobody_knows_is_refused_with_a_sentence(datum: str) -> None:
    with pytest.raises(CrsError, match="測地系"):
        to_plane([fix(140.6, 37.3)], station(datum), PLANE, Grids())


def test_tokyo_datum_without_its_grid_is_refused_naming_the_file() -> None:
    with pytest.raises(MissingGridError, match=r"TKY2JGD\.par"):
        to_plane([fix(140.6, 37.3)], station("日本測地系"), PLANE, Grids())


def test_a_position_of_today_is_brought_to_the_day_of_the_datum(tmp_path: Path) -> None:
    grids = Grids(semidyna=semidyna(tmp_path))
    (moved,) = to_plane([fix(*CURRENT)], station(epoch=Epoch.CURRENT), PLANE, grids)
    (truth,) = to_plane([fix(*REFERENCE)], station(), PLANE, Grids())

    assert math.hypot(moved.x - truth.x, moved.y - truth.y) < 0.0002
    assert moved.placing_m > 0


@pytest.mark.parametrize("place", ["no folder", "an empty folder", "last year's"])
def test_without_the_year_s_semidyna_file_today_s_positions_are_refused_naming_it(tmp_path: Path, place: str) -> None:
    folder = None if place == "no folder" else tmp_path
    if place == "last year's":
        semidyna(tmp_path, "SemiDyna2022.par")

    with pytest.raises(MissingGridError, match=r"SemiDyna2023\.par"):
        to_plane([fix(*CURRENT)], station(epoch=Epoch.CURRENT), PLANE, Grids(semidyna=folder))


def test_march_still_belongs_to_the_file_of_the_year_before(tmp_path: Path) -> None:
    grids = Grids(semidyna=semidyna(tmp_path))
    march = datetime(2024, 3, 31, 14, 59, tzinfo=UTC)  # 23:59 in Japan

    assert to_plane([fix(*CURRENT, at=march)], station(epoch=Epoch.CURRENT), PLANE, grids)
    with pytest.raises(MissingGridError, match=r"SemiDyna2024\.par"):
        to_plane([fix(*CURRENT, at=march.replace(hour=15, minute=0))], station(epoch=Epoch.CURRENT), PLANE, grids)


def test_today_s_position_without_a_date_is_refused(tmp_path: Path) -> None:
    with pytest.raises(CrsError, match="日時"):
        to_plane([fix(*CURRENT, at=None)], station(epoch=Epoch.CURRENT), PLANE, Grids(semidyna=semidyna(tmp_path)))


def test_a_position_beyond_the_semidyna_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(CrsError, match="範囲の外"):
        to_plane([fix(140.6, 37.3)], station(epoch=Epoch.CURRENT), PLANE, Grids(semidyna=semidyna(tmp_path)))


@pytest.mark.parametrize("nodes", [["54401005 x y z"], ["not a node"], ["54401005"]])
def test_a_damaged_semidyna_file_is_refused_with_its_name(tmp_path: Path, nodes: list[str]) -> None:
    with pytest.raises(UnreadableFileError, match=r"SemiDyna2023\.par"):
        to_plane(
            [fix(*CURRENT)],
            station(epoch=Epoch.CURRENT),
            PLANE,
            Grids(semidyna=semidyna(tmp_path, nodes=nodes)),
        )


def test_a_semidyna_file_that_moves_the_town_away_is_refused(tmp_path: Path) -> None:
    wild = [node.replace(" -0.0", " -5.0") for node in NODES]

    with pytest.raises(UnreadableFileError, match="大きすぎます"):
        to_plane([fix(*CURRENT)], station(epoch=Epoch.CURRENT), PLANE, Grids(semidyna=semidyna(tmp_path, nodes=wild)))


def test_the_ground_is_below_the_antenna_by_the_upright_part_of_the_pole() -> None:
    (placed,) = to_plane([fix(140.6, 37.3, height_m=432.0)], station(), PLANE, Grids(), Antenna(2.0, 60.0))

    assert placed.height_m == pytest.approx(431.0)


def test_a_leaning_pole_makes_the_place_less_sure_by_how_far_it_leans() -> None:
    (placed,) = to_plane([fix(140.6, 37.3)], station(), PLANE, Grids(), Antenna(2.0, 5.0))

    assert placed.placing_m == pytest.approx(2.0 * math.sin(math.radians(5.0)) / math.sqrt(2))


def test_digits_that_were_not_written_make_the_place_less_sure() -> None:
    coarse = Fix(140.6, 37.3, MEASURED, FixQuality.RTK_FIXED, resolution_m=0.1852)

    assert to_plane([coarse], station(), PLANE, Grids())[0].placing_m == pytest.approx(0.1852 / math.sqrt(12))


def test_no_fixes_are_no_positions() -> None:
    assert to_plane([], station(), PLANE, Grids()) == []
