"""The planting map: one look for each crop without colour, sheets at one scale that hold every field once, words for all."""

import json
from dataclasses import replace
from datetime import datetime
from io import BytesIO
from pathlib import Path
from zoneinfo import ZoneInfo

import pypdf
import pytest
import shapely
import shapely.affinity
from lxml import etree

from gis.map_frame import MapSheetError
from gis.sheet_fonts import UnprintableCharacterError
from layers.store.instance import Store
from layers.surveys.crop_desk import CropDesk, PlannedField
from layers.surveys.crop_errors import CropError, UnknownCropError
from layers.surveys.crops import crop_named, crops
from layers.surveys.planting_map import FRAME_HEIGHT_MM, FRAME_WIDTH_MM, SCALES, grouped, planting_sheets
from layers.surveys.planting_pdf import planting_pdf
from tests.layers.catalog.test_golden_codes import contrast, on_paper
from tests.layers.surveys.crop_samples import FARM_CLERK, FIELD_A, FIELD_C, FREE, put, seen, square, wanted

GOLDEN = Path(__file__).with_name("golden") / "crops.json"
NOW = datetime(2026, 11, 27, 9, 0, tzinfo=ZoneInfo("Asia/Tokyo"))
SVG = {"s": "http://www.w3.org/2000/svg"}


@pytest.fixture
def desk(fields_store: Store) -> CropDesk:
    desk = CropDesk(fields_store, FARM_CLERK)
    desk.keep(FIELD_A, 2026, seen(0), wanted({"crop": "rice", "area_m2": 500}, {"crop": "tobacco"}))
    desk.keep(FREE, 2026, seen(0), wanted({"crop": "buckwheat"}))
    desk.keep(FIELD_C, 2026, seen(0), wanted({"crop": "vegetables"}))
    return desk


def test_the_list_of_crops_is_the_one_that_was_agreed() -> None:
    told = [
        [crop.id, crop.label, crop.short, crop.fill, crop.line, crop.pattern, crop.width] for crop in crops().values()
    ]

    assert told == json.loads(GOLDEN.read_text(encoding="utf-8"))


def test_no_two_crops_are_told_apart_by_colour_alone() -> None:
    assert len({(crop.pattern, crop.width) for crop in crops().values()}) == len(crops())
    assert len({crop.short for crop in crops().values()}) == len(crops())


def test_the_pattern_of_a_crop_stands_out_from_its_fill() -> None:
    assert [crop.id for crop in crops().values() if contrast(on_paper(crop.fill), crop.line) < 3.0] == []


def test_no_name_means_two_crops() -> None:
    names = [name for crop in crops().values() for name in {*crop.aliases, crop.id, crop.label}]

    assert len(names) == len(set(names))
    assert [crop_named(name).id for name in ("水稲", "ＷＣＳ", "ダイズ", "葉タバコ", "休耕田")] == [
        "rice", "wcs_rice", "soybean", "tobacco", "fallow",
    ]  # fmt: skip
    with pytest.raises(UnknownCropError, match="次のどれか"):
        crop_named("バナナ")


@pytest.mark.parametrize("scale", SCALES)
def test_every_field_is_on_one_sheet_and_wholly_inside_it(desk: CropDesk, scale: int) -> None:
    fields = desk.year(2026).fields
    sheets = planting_sheets(desk.store, fields, scale, ())

    drawn = [one.ground.key for sheet in sheets for one in sheet.fields]
    assert sorted(map(str, drawn)) == sorted(str(one.ground.key) for one in fields)
    assert all(sheet.drawing.scale == scale for sheet in sheets if sheet.fields)
    assert [bool(sheet.fields) for sheet in sheets].count(False) == 1
    for group in grouped(fields, scale):
        west, south, east, north = group.bounds
        assert (east - west) * 1000 / scale <= FRAME_WIDTH_MM
        assert (north - south) * 1000 / scale <= FRAME_HEIGHT_MM


def test_a_field_is_as_large_on_paper_as_on_the_ground_over_the_scale(desk: CropDesk) -> None:
    sheets = planting_sheets(desk.store, desk.year(2026).fields, 1_000, ())
    far = next(sheet for sheet in sheets if [one.ground.key for one in sheet.fields] == [FIELD_C])
    found = etree.fromstring(far.drawing.svg.encode()).xpath(
        "//s:g[@clip-path]/s:path[contains(@fill, 'url')]", namespaces=SVG
    )
    assert isinstance(found, list)
    pairs = [pair.split(",") for pair in found[0].get("d").strip("MZ").split()]  # type: ignore[union-attr]
    east = [float(pair[0]) for pair in pairs]

    assert max(east) - min(east) == pytest.approx(20.0, abs=0.002)


def test_each_field_has_the_names_of_its_crops_written_on_it(desk: CropDesk) -> None:
    sheets = planting_sheets(desk.store, desk.year(2026).fields, 500, ())
    texts = {
        element.text for sheet in sheets for element in etree.fromstring(sheet.drawing.svg.encode()).iter("{*}text")
    }

    assert {"葉た・稲", "そば", "野菜"} <= texts


def test_a_field_larger_than_a_sheet_and_too_many_sheets_are_refused_in_words(
    desk: CropDesk, fields_store: Store
) -> None:
    fid = put(
        fields_store, "rtk_fields", square(5_000, 0, 100, 100), field_id="RTK-BIG", field_name="広い畑", fix_quality=4
    )
    try:
        fields = desk.year(2026).fields
        with pytest.raises(MapSheetError):
            planting_sheets(desk.store, fields, 500, ())
        with pytest.raises(CropError, match="枚になります"):
            planting_sheets(desk.store, _scattered(desk), 500, ())
    finally:
        with fields_store.database.transaction() as connection:
            connection.execute("DELETE FROM layers.rtk_fields WHERE fid = %s", [fid])


def _scattered(desk: CropDesk) -> list[PlannedField]:
    """One field 41 times, each a kilometre from the next."""
    one = next(field for field in desk.year(2026).fields if field.ground.key == FIELD_A)
    shapes = [shapely.affinity.translate(one.ground.geometry, number * 1_000) for number in range(41)]
    return [replace(one, ground=replace(one.ground, geometry=shape)) for shape in shapes]


def test_fields_of_two_oaza_never_share_a_sheet(desk: CropDesk) -> None:
    for group in grouped(desk.year(2026).fields, 10_000):
        assert len({one.ground.oaza for one in group.fields}) == 1


def test_the_sheet_says_areas_origins_and_what_it_is_not(desk: CropDesk) -> None:
    content = planting_pdf(desk.store, desk.year(2026), 1_000, "すべての圃場", NOW)
    pages = pypdf.PdfReader(BytesIO(content)).pages
    text = "".join(page.extract_text() for page in pages).replace("\n", "")

    assert "作付図 2026年産" in text
    assert "1,500" in text
    assert "固定解以外" in text
    assert "筆界（境界）を確定するものではありません" in text
    assert {(round(float(page.mediabox.width)), round(float(page.mediabox.height))) for page in pages} == {(595, 842)}
    assert content == planting_pdf(desk.store, desk.year(2026), 1_000, "すべての圃場", NOW)


def test_a_character_that_no_font_prints_stops_the_sheet_and_is_named(desk: CropDesk, fields_store: Store) -> None:
    with fields_store.database.transaction() as connection:
        connection.execute(
            "UPDATE layers.rtk_fields SET field_name = '外字\ue000' WHERE field_id = %s", [FIELD_A.field_id]
        )
    try:
        with pytest.raises(UnprintableCharacterError, match="U\\+E000"):
            planting_pdf(desk.store, desk.year(2026), 1_000, "すべて", NOW)
    finally:
        with fields_store.database.transaction() as connection:
            connection.execute(
                "UPDATE layers.rtk_fields SET field_name = '1の田' WHERE field_id = %s", [FIELD_A.field_id]
            )
