"""Parameter files of 国土地理院: reading them, and shifting points as GSI's programs and jgdtrans do."""

import csv
import gzip
from pathlib import Path

import jgdtrans
import numpy as np
import pytest

from gis.errors import MissingGridError, UnreadableFileError
from gis.grids import read_grid

MILLIMETRE_DEG = 0.001 / 111_000

# Four nodes around 36.1038 N, 140.0879 E, in TKY2JGD's layout.
NODES = [
    "54401027  11.00000 -12.00000",
    "54401028  11.00100 -12.00200",
    "54401037  11.00300 -12.00100",
    "54401038  11.00500 -12.00400",
]
HEADERS = {
    "two lines, as TKY2JGD has": ["JGD2000-TokyoDatum Ver.2.1.1", "MeshCode   dB(sec)   dL(sec)"],
    "sixteen lines, as PatchJGD has": [f"header {n}" for n in range(15)] + ["MeshCode   dB(sec)   dL(sec)"],
    "a note": ["# reconstructed", "MeshCode   dB(sec)   dL(sec)"],
    "none": [],
}


def written(folder: Path, lines: list[str], newline: str = "\n") -> Path:
    path = folder / "small.par"
    path.write_bytes((newline.join(lines) + newline).encode())
    return path


@pytest.mark.parametrize("header", HEADERS.values(), ids=HEADERS.keys())
@pytest.mark.parametrize("newline", ["\n", "\r\n"], ids=["LF", "CRLF"])
def test_any_header_and_line_end_is_read(tmp_path: Path, header: list[str], newline: str) -> None:
    grid = read_grid(written(tmp_path, [*header, *NODES], newline))

    assert len(grid) == 4


def test_notes_between_the_nodes_and_unsorted_nodes_change_nothing(tmp_path: Path) -> None:
    plain = read_grid(written(tmp_path, NODES))
    at = np.array([140.0905]), np.array([36.1050])
    expected = plain.forward(*at)
    other = tmp_path / "other.par"
    other.write_text("\n".join([NODES[3], "# a note", NODES[0], "", NODES[2], NODES[1]]))

    assert np.array_equal(read_grid(other).forward(*at), expected)


def test_a_point_on_a_node_takes_exactly_the_shift_of_the_node(tmp_path: Path) -> None:
    grid = read_grid(written(tmp_path, NODES))

    lon, lat, lost = grid.forward(np.array([140 + 7 / 80]), np.array([36 + 12 / 120]))

    assert not lost[0]
    assert lon[0] == pytest.approx(140 + 7 / 80 - 12 / 3600, abs=1e-12)
    assert lat[0] == pytest.approx(36 + 12 / 120 + 11 / 3600, abs=1e-12)


def test_a_cell_with_three_nodes_has_no_value(tmp_path: Path) -> None:
    grid = read_grid(written(tmp_path, NODES[:3]))

    lon, lat, lost = grid.forward(np.array([140.0905]), np.array([36.1050]))

    assert lost[0]
    assert np.isnan([lon[0], lat[0]]).all()


@pytest.mark.parametrize(("lon", "lat"), [(139.0, 36.1), (150.0, 36.1), (140.09, 20.0), (140.09, 60.0), (0.0, 0.0)])
def test_points_all_on_one_far_side_have_no_value(tmp_path: Path, lon: float, lat: float) -> None:
    grid = read_grid(written(tmp_path, NODES))

    assert grid.forward(np.array([lon]), np.array([lat]))[2].all()
    assert grid.backward(np.array([lon]), np.array([lat]))[2].all()


def test_a_point_that_is_not_a_number_has_no_value_and_spoils_no_other(tmp_path: Path) -> None:
    grid = read_grid(written(tmp_path, NODES))

    lost = grid.forward(np.array([np.nan, 140.0905, np.inf]), np.array([36.105, 36.105, 36.105]))[2]

    assert lost.tolist() == [True, False, True]


def test_no_points_at_all_are_no_trouble(tmp_path: Path) -> None:
    grid = read_grid(written(tmp_path, NODES))

    assert [len(part) for part in grid.forward(np.array([]), np.array([]))] == [0, 0, 0]


def test_a_changed_file_is_read_again(tmp_path: Path) -> None:
    read_grid(written(tmp_path, NODES[:3]))

    assert len(read_grid(written(tmp_path, NODES))) == 4


def test_an_absent_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(MissingGridError, match=r"TKY2JGD\.par"):
        read_grid(tmp_path / "TKY2JGD.par")


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"<html>not found</html>",
        b"MeshCode dB dL\n54401027 11.0 -12.0\n54401028 11.0\n",
        b"54409027 11.0 -12.0\n54402827 oops -12.0\n",
        b"54409927 11.0 -12.0\n",
        gzip.compress("\n".join(NODES * 500).encode())[:-20],
        b"\x1f\x8b\x08nonsense",
    ],
    ids=["empty", "a web page", "a short line", "a word", "not a mesh code", "gzip cut short", "not gzip"],
)
def test_a_file_that_is_no_parameter_file_is_refused_by_name(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "broken.par"
    path.write_bytes(content)

    with pytest.raises(UnreadableFileError, match=r"broken\.par"):
        read_grid(path)


def reference_rows(shared_data: Path) -> list[dict[str, str]]:
    with (shared_data / "gsi-par" / "reference_values.csv").open(encoding="utf-8") as file:
        return list(csv.DictReader(file))


def real(shared_data: Path, step: str) -> Path:
    name = "TKY2JGD.par.gz" if step == "tky2jgd" else "touhokutaiheiyouoki2011_reconstructed.par.txt.gz"
    return shared_data / "gsi-par" / name


def test_results_of_the_programs_of_gsi_are_reproduced_to_a_millimetre(shared_data: Path) -> None:
    with_value = [row for row in reference_rows(shared_data) if row["lat_to"]]
    assert len(with_value) == 6

    for row in with_value:
        grid = read_grid(real(shared_data, row["step"]))
        lon, lat, lost = grid.forward(np.array([float(row["lon_from"])]), np.array([float(row["lat_from"])]))
        assert not lost[0], row["place"]
        assert lon[0] == pytest.approx(float(row["lon_to"]), abs=MILLIMETRE_DEG), row["place"]
        assert lat[0] == pytest.approx(float(row["lat_to"]), abs=MILLIMETRE_DEG), row["place"]


def test_the_reference_point_without_a_grid_value_is_reported(shared_data: Path) -> None:
    (row,) = [row for row in reference_rows(shared_data) if not row["lat_to"]]
    grid = read_grid(real(shared_data, row["step"]))

    assert grid.forward(np.array([float(row["lon_from"])]), np.array([float(row["lat_from"])]))[2].tolist() == [True]


def test_the_whole_files_are_read(shared_data: Path) -> None:
    assert len(read_grid(real(shared_data, "tky2jgd"))) == 392_262
    assert len(read_grid(real(shared_data, "patchjgd"))) == 161_053


@pytest.mark.parametrize(
    ("step", "clip", "layout"),
    [
        ("tky2jgd", "TKY2JGD_ono_clip.par", "TKY2JGD"),
        ("patchjgd", "touhokutaiheiyouoki2011_ono_clip.txt", "TKY2JGD"),
    ],
)
def test_points_of_the_town_move_as_jgdtrans_moves_them_both_ways(
    shared_data: Path, step: str, clip: str, layout: str
) -> None:
    # Both clips have two lines of header, which is what jgdtrans expects of the TKY2JGD layout.
    referee = jgdtrans.loads((shared_data / "gsi-par" / clip).read_text(encoding="ascii"), format=layout)
    grid = read_grid(real(shared_data, step))
    random = np.random.default_rng(20110311)
    lon, lat = random.uniform(140.5377, 140.6939, 1000), random.uniform(37.2037, 37.3670, 1000)

    there, back = grid.forward(lon, lat), grid.backward(lon, lat)

    assert not there[2].any()
    assert not back[2].any()
    for n in range(len(lon)):
        forward, backward = referee.forward(lat[n], lon[n]), referee.backward(lat[n], lon[n])
        assert (there[0][n], there[1][n]) == pytest.approx((forward.longitude, forward.latitude), abs=1e-12)
        assert (back[0][n], back[1][n]) == pytest.approx((backward.longitude, backward.latitude), abs=1e-12)


def test_forth_and_back_leads_home(shared_data: Path) -> None:
    grid = read_grid(real(shared_data, "tky2jgd"))
    random = np.random.default_rng(1868)
    lon, lat = random.uniform(128.0, 146.0, 50_000), random.uniform(30.0, 45.6, 50_000)

    moved_lon, moved_lat, lost = grid.forward(lon, lat)
    home_lon, home_lat, lost_again = grid.backward(moved_lon[~lost], moved_lat[~lost])

    kept = ~lost_again
    assert kept.sum() > 5_000
    assert np.abs(home_lon[kept] - lon[~lost][kept]).max() < 1e-12
    assert np.abs(home_lat[kept] - lat[~lost][kept]).max() < 1e-12
    # Only points beside a hole of the grid may be lost on the way back.
    assert lost_again.mean() < 0.02
