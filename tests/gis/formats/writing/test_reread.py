"""Every writer's file, read again by GDAL, says what went in."""

from pathlib import Path

import numpy as np
import pytest
import shapely
from openpyxl import load_workbook

from gis.formats.writing.errors import UnwritableError
from gis.formats.writing.formats import FORMATS, FileFormat
from gis.formats.writing.outgoing import Batches, Outgoing
from tests.gis.formats.writing.outgoing_samples import HOSTILE, SHAPES, batches, outgoing, rows
from tests.gis.formats.writing.rereading import (
    NULL_IS_EMPTY,
    TOLERANCES,
    Reread,
    as_multi,
    count_by_debian,
    plain,
    reread,
)

EVERY = list(FORMATS)
PLACED = [name for name in EVERY if name != "xlsx"]


def written(name: str, sheet: Outgoing, source: Batches, folder: Path) -> Path:
    """The file that a writer makes of the batches."""
    form: FileFormat = FORMATS[name]
    path = folder / f"sample{form.suffix}"
    if form.write is not None:
        form.write(sheet, source, path)
    else:
        assert form.pieces is not None
        path.write_bytes(b"".join(form.pieces(sheet, source)))
    return path


def layer_of(name: str, sheet: Outgoing) -> str:
    return {"kml": sheet.title, "xlsx": "データ"}.get(name, sheet.name)


def expected(name: str, sheet: Outgoing, values: list[tuple[object, ...]]) -> dict[int, tuple[object, ...]]:
    """The rows as they went in, an empty text as none where the format cannot tell them apart."""
    result = {}
    for row in values:
        told = tuple(plain(value, column) for value, column in zip(row, sheet.columns, strict=True))
        if name == "xlsx":
            # openpyxl writes 16 digits of a number; the other formats hold every bit.
            told = tuple(float(f"{v:.16g}") if isinstance(v, float) else v for v in told)
        result[int(str(row[0]))] = tuple(None if v == "" and name in NULL_IS_EMPTY else v for v in told)
    return result


@pytest.mark.parametrize("name", EVERY)
@pytest.mark.parametrize("shape", [*SHAPES, None])
def test_what_went_in_comes_out(name: str, shape: str | None, tmp_path: Path) -> None:
    if name == "fgb" and shape is None:
        pytest.skip("FlatGeobuf refuses a list without places; that has its own test")
    sheet, values = outgoing(shape), rows(["小野公民館", None, "", "体育館", "003"])
    source = batches(sheet, values)
    path = written(name, sheet, source, tmp_path)
    found: Reread = reread(name, path, sheet.columns, places=shape is not None)
    assert dict(found.rows) == expected(name, sheet, values)
    if shape is not None and name != "xlsx":
        assert found.shapes is not None
        given = as_multi(np.array([SHAPES[shape][number % 2] for number in range(len(values))], dtype=object))
        assert shapely.equals_exact(found.shapes, given, tolerance=TOLERANCES.get(name, 0.0)).all()
    if name != "parquet":
        assert count_by_debian(path, layer_of(name, sheet)) == len(values)


@pytest.mark.parametrize("name", [name for name in EVERY if name not in ("csv", "csv-labels")])
def test_the_crs_is_told_in_the_file(name: str, tmp_path: Path) -> None:
    epsg = 6677 if FORMATS[name].plane else 4326
    sheet = outgoing("Point", epsg)
    path = written(name, sheet, batches(sheet, rows()), tmp_path)
    if name != "xlsx":
        assert reread(name, path, sheet.columns, places=True).epsg == epsg


def as_gdal_gives_it(name: str, text: str) -> str:
    """What GDAL's reader, or the format itself, makes of a text; all else must come out as it went in."""
    if name in ("csv", "csv-labels"):
        return text.replace("\r\n", "\n").replace("\r", "\n")
    if name == "kml":
        return text.strip(" ")
    if name == "shp":
        return text.translate(str.maketrans("𠮷🏯〜−", "〓〓～－")).strip(" ")
    return text


@pytest.mark.parametrize("name", EVERY)
def test_hostile_texts_come_out_as_they_went_in(name: str, tmp_path: Path) -> None:
    sheet = outgoing("Point")
    path = written(name, sheet, batches(sheet, rows(HOSTILE)), tmp_path)
    found = [row[2] for row in reread(name, path, sheet.columns, places=True).rows.values()]
    assert found == [as_gdal_gives_it(name, text) for text in HOSTILE]
    if name != "parquet":
        assert count_by_debian(path, layer_of(name, sheet)) == len(HOSTILE)


@pytest.mark.parametrize("name", EVERY)
@pytest.mark.parametrize("shape", ["MultiPolygon", None])
def test_no_rows_make_a_valid_empty_file(name: str, shape: str | None, tmp_path: Path) -> None:
    if name == "fgb" and shape is None:
        pytest.skip("FlatGeobuf refuses a list without places; that has its own test")
    sheet = outgoing(shape)
    path = written(name, sheet, [], tmp_path)
    if name == "geojsonl":
        assert path.read_bytes() == b""
        return
    if name == "xlsx":
        # GDAL takes a lone heading for a row.
        assert load_workbook(path)["データ"].max_row == 1
        return
    assert dict(reread(name, path, sheet.columns, places=shape is not None).rows) == {}
    if name != "parquet":
        assert count_by_debian(path, layer_of(name, sheet)) == 0


@pytest.mark.parametrize("name", PLACED)
def test_a_row_without_a_place_in_a_layer_with_places_goes_out_too(name: str, tmp_path: Path) -> None:
    sheet = outgoing("MultiPolygon")
    source = batches(sheet, rows(["a", "b", "c"]), [SHAPES["MultiPolygon"][0], None, SHAPES["MultiPolygon"][1]])
    path = written(name, sheet, source, tmp_path)
    found = reread(name, path, sheet.columns, places=True)
    assert [row[2] for row in found.rows.values()] == ["a", "b", "c"]
    assert found.shapes is not None
    assert [shape is None or shape.is_empty for shape in found.shapes] == [False, True, False]


def test_a_list_without_places_is_no_flatgeobuf(tmp_path: Path) -> None:
    sheet = outgoing(None)
    with pytest.raises(UnwritableError, match="位置がない"):
        written("fgb", sheet, batches(sheet, rows()), tmp_path)


@pytest.mark.parametrize("name", EVERY)
def test_what_ends_the_rows_is_told_as_it_was(name: str, tmp_path: Path) -> None:
    class LostError(Exception):
        pass

    def torn(sheet: Outgoing) -> Batches:
        yield batches(sheet, rows())[0]
        raise LostError("the rows ended")

    sheet = outgoing("Point")
    with pytest.raises(LostError, match="the rows ended"):
        written(name, sheet, torn(sheet), tmp_path)
