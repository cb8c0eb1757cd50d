"""The index of a FlatGeobuf: GDAL builds the same, finds by it what there is, and no row is held to make it."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pyarrow as pa
import pyogrio.raw
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from gis.formats.writing import flatgeobuf, through_gdal
from gis.formats.writing.errors import FailedWriteError
from gis.formats.writing.flatgeobuf_index import IndexingError, hilbert_distance, write_indexed
from gis.formats.writing.outgoing import Column, ColumnType, Outgoing

SHEET = Outgoing("sample", "筆", (Column("fid", ColumnType.INTEGER, "番号"),), "MultiPolygon", 6677)
Shapes = NDArray[np.object_]


def squares(corners: NDArray[np.float64], sides: NDArray[np.float64]) -> Shapes:
    """(n, 2) lower left corners and (n, 2) sides, in metres."""
    return np.array(
        [shapely.MultiPolygon([shapely.box(*a, *b)]) for a, b in zip(corners, corners + sides, strict=True)]
    )


def scattered(count: int, seed: int = 1) -> Shapes:
    generator = np.random.default_rng(seed)
    return squares(generator.random((count, 2)) * [9_000, 4_000], 1 + generator.random((count, 2)) * 80)


def batch(shapes: Shapes, first: int = 0) -> pa.RecordBatch:
    numbers = pa.array(range(first, first + len(shapes)))
    return pa.RecordBatch.from_arrays([numbers, pa.array(shapely.to_wkb(shapes), pa.binary())], schema=SHEET.schema)


def after_header(path: Path) -> bytes:
    content = path.read_bytes()
    return content[12 + int.from_bytes(content[8:12], "little") :]


def numbers_in(path: Path, box: tuple[float, float, float, float]) -> list[int]:
    """The rows whose boxes meet a box, as GDAL's reader finds them."""
    return sorted(pyogrio.raw.read(path, bbox=box)[3][0].tolist())


@pytest.mark.parametrize("count", [1, 2, 15, 16, 17, 255, 256, 257, 5_000])
def test_tree_and_rows_are_byte_for_byte_those_that_gdal_makes(count: int, tmp_path: Path) -> None:
    shapes = scattered(count)
    flatgeobuf.write(SHEET, [batch(shapes)], tmp_path / "ours.fgb")
    by_gdal = through_gdal.Driver("FlatGeobuf", layer_options={"TITLE": "筆", "SPATIAL_INDEX": "YES"})
    through_gdal.write(SHEET, [batch(shapes)], tmp_path / "gdal.fgb", by_gdal)

    assert after_header(tmp_path / "ours.fgb") == after_header(tmp_path / "gdal.fgb")


metres = st.one_of(st.integers(-5, 5).map(float), st.floats(-1e6, 1e6, width=32))
sides = st.one_of(st.just(0.5), st.floats(0.125, 1e5, width=32))
square = st.tuples(metres, metres, sides, sides)


@settings(max_examples=150, deadline=None)
@given(st.lists(square, min_size=1, max_size=80), st.lists(square, min_size=1, max_size=5))
def test_a_box_finds_exactly_the_rows_that_meet_it(
    rows: list[tuple[float, float, float, float]], boxes: list[tuple[float, float, float, float]]
) -> None:
    given_rows = np.array(rows)
    shapes = squares(given_rows[:, :2], given_rows[:, 2:])
    with TemporaryDirectory() as folder:
        path = Path(folder) / "sample.fgb"
        flatgeobuf.write(SHEET, [batch(shapes[:40]), batch(shapes[40:], 40)], path)
        assert pyogrio.read_info(path)["capabilities"]["fast_spatial_filter"]
        for west, south, width, height in boxes:
            box = (west, south, west + width, south + height)
            assert numbers_in(path, box) == np.nonzero(shapely.intersects(shapes, shapely.box(*box)))[0].tolist()


def test_rows_that_are_neighbours_in_the_file_are_neighbours_on_the_ground() -> None:
    x, y = (axis.ravel().astype(np.uint32) for axis in np.meshgrid(np.arange(64), np.arange(64)))
    along = np.argsort(hilbert_distance(x, y))
    steps = np.abs(np.diff(x[along].astype(int))) + np.abs(np.diff(y[along].astype(int)))

    assert (steps == 1).all()


def shown_by_debian(path: Path, *options: str) -> dict[str, str]:
    """What Debian's ogrinfo says of the one layer of a file."""
    command = ["ogrinfo", "-so", "-al", *options, str(path)]
    lines = subprocess.run(command, capture_output=True, text=True, check=True).stdout.splitlines()
    return dict(line.split(": ", 1) for line in lines if ": " in line)


def test_debians_gdal_finds_the_same_rows(tmp_path: Path) -> None:
    path = tmp_path / "sample.fgb"
    flatgeobuf.write(SHEET, [batch(scattered(3_000))], path)

    shown = shown_by_debian(path, "-spat", "0", "0", "4500", "4000")

    assert int(shown["Feature Count"]) == len(numbers_in(path, (0, 0, 4_500, 4_000)))


def test_no_rows_have_no_extent_rather_than_one_that_is_no_number(tmp_path: Path) -> None:
    flatgeobuf.write(SHEET, [], tmp_path / "empty.fgb")

    shown = shown_by_debian(tmp_path / "empty.fgb")

    assert shown["Feature Count"] == "0"
    assert "Extent" not in shown


def test_a_file_that_was_cut_short_is_not_indexed(tmp_path: Path) -> None:
    shapes = scattered(20)
    plain = tmp_path / "plain.fgb"
    without = through_gdal.Driver("FlatGeobuf", layer_options={"SPATIAL_INDEX": "NO"})
    through_gdal.write(SHEET, [batch(shapes)], plain, without)
    boxes = shapely.bounds(shapes)

    with pytest.raises(IndexingError, match="21"):
        write_indexed(plain, np.vstack([boxes, boxes[:1]]), tmp_path / "out.fgb")
    plain.write_bytes(plain.read_bytes()[:-700])
    with pytest.raises(IndexingError):
        write_indexed(plain, boxes, tmp_path / "out.fgb")
    plain.write_bytes(b"fgb\x02fgb\x00")
    with pytest.raises(IndexingError):
        write_indexed(plain, boxes, tmp_path / "out.fgb")


def test_a_full_disk_is_told_in_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "sample.fgb").symlink_to("/dev/full")

    with pytest.raises(FailedWriteError, match="空き容量"):
        flatgeobuf.write(SHEET, [batch(scattered(3))], tmp_path / "sample.fgb")


GROWTH = """
import sys
from pathlib import Path
from gis.formats.writing import flatgeobuf
from tests.gis.formats.writing.test_flatgeobuf_index import SHEET, many
def peak_mb():
    return next(int(line.split()[1]) for line in Path("/proc/self/status").open() if line.startswith("VmHWM")) / 1024
path = Path(sys.argv[1])
flatgeobuf.write(SHEET, many(2_000), path)
few = flatgeobuf.write(SHEET, many(10_000), path) or peak_mb()
print(flatgeobuf.write(SHEET, many(100_000), path) or peak_mb() - few)
"""


def many(count: int) -> Iterator[pa.RecordBatch]:
    """Rows as long as parcels, 2,000 at once, all made before the first is counted."""
    circles = shapely.buffer(shapely.points(np.random.default_rng(2).random((2_000, 2)) * 9_000), 10.0, quad_segs=8)
    once = np.array([shapely.MultiPolygon([circle]) for circle in circles])
    for first in range(0, count, 2_000):
        yield batch(once, first)


def test_memory_does_not_hold_the_rows(tmp_path: Path) -> None:
    ran = subprocess.run(
        [sys.executable, "-c", GROWTH, str(tmp_path / "many.fgb")],
        capture_output=True, text=True, check=True, cwd=Path(__file__).parents[4],
    )  # fmt: skip

    assert float(ran.stdout) < 25
