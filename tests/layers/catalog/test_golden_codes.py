"""Codes, labels, colours and columns that others have fixed, held here apart from the catalogue so that a slip is seen.

`golden/codes.json` holds 国土数値情報 A31a and A33 with the colours of 水害ハザードマップ作成の手引き and of
重ねるハザードマップ (国土交通省). Of the public programs seen, one reversed A33_002 and one swapped A33_001.
"""

import json
from collections.abc import Mapping
from itertools import pairwise
from pathlib import Path

import pytest

from gis.relief import FLOOD_DEPTH_RANKS
from layers.store.catalogue import load_catalogue
from layers.store.definitions import GeometryKind, Layer, LegendEntry, Theme, ThemeTest
from layers.store.legend_style import FILL_OPACITY

GOLDEN = json.loads((Path(__file__).parent / "golden" / "codes.json").read_text(encoding="utf-8"))
CATALOGUE = load_catalogue()
USE_DISTRICTS = {
    "1": "第一種低層住居専用地域",
    "2": "第二種低層住居専用地域",
    "3": "第一種中高層住居専用地域",
    "4": "第二種中高層住居専用地域",
    "5": "第一種住居地域",
    "6": "第二種住居地域",
    "7": "準住居地域",
    "8": "近隣商業地域",
    "9": "商業地域",
    "10": "準工業地域",
    "11": "工業地域",
    "12": "工業専用地域",
    "21": "田園住居地域",
    "99": "不明",
}
EIGHT_HAZARDS = [
    "洪水",
    "崖崩れ、土石流及び地滑り",
    "高潮",
    "地震",
    "津波",
    "大規模な火事",
    "内水氾濫",
    "火山現象",
]
LAYERS = {
    "cadastral", "roads", "water", "water_fittings", "city_planning", "farmland", "agricultural_zone", "forest",
    "landslide", "flood", "evacuation_sites", "shelters", "facilities", "street_lights", "buried_heritage", "districts",
    "rtk_fields", "base_stations", "elevation", "flood_depth", "orthophoto", "municipality",
}  # fmt: skip
THEMES = {
    "city_planning_area", "use_district", "planned_road", "agricultural_zone", "farmland", "private_forest",
    "protection_forest", "buried_heritage", "landslide", "flood", "road_adjacency", "water_main", "hydrant",
    "street_lights", "evacuation_site", "shelter", "district", "rtk_field", "cadastral_status",
}  # fmt: skip


def codes(layer: str, field: str) -> dict[str, str]:
    return dict(CATALOGUE[layer].field(field).codes)


def sources(layer: str) -> dict[str, str]:
    return {source: field.name for field in CATALOGUE[layer].fields for source in field.sources}


def legend(layer: str, **values: str) -> LegendEntry:
    return next(entry for entry in CATALOGUE[layer].legend if dict(entry.values) == values)


def hexadecimal(rgb: list[int]) -> str:
    return "#" + "".join(f"{part:02X}" for part in rgb)


def test_flood_ranks_have_their_official_labels_and_colours() -> None:
    ranks = GOLDEN["flood"]["depth_rank"]
    assert codes("flood", "depth_rank") == {rank: label for rank, (label, _) in ranks.items()}
    assert {rank: legend("flood", depth_rank=rank).fill for rank in ranks} == {
        rank: colour for rank, (_, colour) in ranks.items()
    }


def test_the_deepest_water_outranks_the_shallowest() -> None:
    (theme,) = CATALOGUE["flood"].themes
    assert (theme.rank_by, theme.rank_order) == ("depth_rank", ("6", "5", "4", "3", "2", "1"))


@pytest.mark.parametrize("field", ["phenomenon", "zone_class", "special_zone_pending"])
def test_landslide_codes_are_those_of_a33(field: str) -> None:
    assert codes("landslide", field) == GOLDEN["landslide"][field]


@pytest.mark.parametrize(
    ("code", "zone", "designated"),
    [
        ("1", "警戒区域", True),
        ("2", "特別警戒区域", True),
        ("3", "警戒区域", False),
        ("4", "特別警戒区域", False),
    ],
)
def test_landslide_zones_have_their_official_colours_and_a_broken_line_before_designation(
    code: str, zone: str, designated: bool
) -> None:
    for phenomenon, kind in GOLDEN["landslide"]["phenomenon"].items():
        entry = legend("landslide", phenomenon=phenomenon, zone_class=code)
        assert entry.fill == hexadecimal(GOLDEN["landslide"]["colours"][kind][zone])
        assert entry.label == f"{kind} {zone}" + ("" if designated else "（指定前）")
        assert entry.dashed is not designated


def test_a_special_zone_outranks_a_warning_zone_and_a_designated_one_the_coming_one() -> None:
    (theme,) = CATALOGUE["landslide"].themes
    assert (theme.rank_by, theme.rank_order) == ("zone_class", ("2", "4", "1", "3"))


def test_a33_columns_go_where_the_ministry_says() -> None:
    assert sources("landslide") == {
        "A33_001": "phenomenon",
        "A33_002": "zone_class",
        "A33_003": "prefecture_code",
        "A33_004": "zone_number",
        "A33_005": "zone_name",
        "A33_006": "address",
        "A33_007": "designated_on",
        "A33_008": "special_zone_pending",
    }
    assert "9999/1/1" in CATALOGUE["landslide"].field("designated_on").null_values


def test_a31_columns_of_three_editions_are_known_and_say_which_scenario_they_are() -> None:
    known = sources("flood")
    for scenario in ("1", "2"):
        columns = ["river_id", "river_name", "manager_code", "manager_name", "depth_rank"]
        assert [known[f"A31a_{scenario}0{last}"] for last in range(1, 6)] == columns
        assert known[f"A31_{scenario}01"] == known[f"A31b_{scenario}01"] == "depth_rank"
    scenario_of = CATALOGUE["flood"].field("scenario").implied
    assert {scenario_of[f"{edition}01"] for edition in ("A31_2", "A31b_2")} == {scenario_of["A31a_205"]} == {"max"}
    assert {scenario_of[f"{edition}01"] for edition in ("A31_1", "A31b_1")} == {scenario_of["A31a_105"]} == {"plan"}


@pytest.mark.parametrize("trap", ["A31_001", "A31a_305", "A31a_405", "A31_301", "A31_401"])
def test_depth_is_never_read_from_a_column_of_another_scale(trap: str) -> None:
    assert trap not in sources("flood")


def test_use_districts_are_those_of_a29_and_the_rural_one_is_21() -> None:
    assert codes("city_planning", "use_code") == USE_DISTRICTS
    drawn = {
        entry.values["use_code"]: entry.label
        for entry in CATALOGUE["city_planning"].legend
        if "use_code" in entry.values
    }
    assert drawn == {code: name for code, name in USE_DISTRICTS.items() if code != "99"}
    known = sources("city_planning")
    assert [known[f"A29_00{last}"] for last in range(4, 9)] == [
        "use_code",
        "use_name",
        "coverage_ratio",
        "floor_ratio",
        "remarks",
    ]


def test_p20_facilities_are_not_taken_for_designated_shelters() -> None:
    assert {sources("shelters")[f"P20_0{last:02}"] for last in range(2, 13)} == {
        "name", "address", "facility_kind", "capacity", "floor_area_m2", "p20_earthquake", "p20_tsunami", "p20_flood",
        "p20_volcano", "p20_other", "p20_unspecified",
    }  # fmt: skip
    assert CATALOGUE["shelters"].field("designation").implied == {"P20_002": "unconfirmed", "*": "designated"}
    (theme,) = CATALOGUE["shelters"].themes
    assert theme.where == {"designation": ("designated",)}
    assert not any(source.startswith("P20") for source in sources("evacuation_sites"))
    assert codes("shelters", "position_level")["4"] == "国土数値情報と位置が異なりレベル3と位置が一致"
    assert "-1" in CATALOGUE["shelters"].field("capacity").null_values


def test_farmland_is_paddy_at_100_and_dry_at_200() -> None:
    assert codes("farmland", "land_type") == {"100": "田", "200": "畑"}


def test_the_expressway_of_n13_is_4_and_is_not_a_road_that_land_adjoins() -> None:
    recode = CATALOGUE["roads"].field("road_class").recode
    assert [recode[code] for code in "12345"] == ["national", "prefectural", "town", "other", "other"]
    (theme,) = CATALOGUE["roads"].themes
    assert theme.where == {"road_class": ("national", "prefectural", "town")}
    assert codes("roads", "width_class") == {
        "1": "3m未満",
        "2": "3m-5.5m未満",
        "3": "5.5m-13m未満",
        "4": "13m-19.5m未満",
        "5": "19.5m以上",
        "6": "不明",
    }


def test_the_eight_hazards_of_an_evacuation_site_stand_in_their_legal_order() -> None:
    fields = CATALOGUE["evacuation_sites"].fields
    hazards = [field for field in fields if any(source.startswith("災害種別_") for source in field.sources)]
    assert [field.label for field in hazards] == EIGHT_HAZARDS
    assert [field.sources for field in hazards] == [(f"災害種別_{name}",) for name in EIGHT_HAZARDS]


def test_evacuation_sites_and_shelters_are_two_layers_under_two_articles() -> None:
    (site,), (shelter,) = CATALOGUE["evacuation_sites"].themes, CATALOGUE["shelters"].themes
    assert "第49条の4" in site.legal_basis
    assert "第49条の7" in shelter.legal_basis
    assert legend("evacuation_sites").icon not in {entry.icon for entry in CATALOGUE["shelters"].legend}


def test_no_service_pipe_is_in_the_water_layer() -> None:
    assert set(codes("water", "kind")) == {"配水本管", "配水支管", "導水管", "送水管"}
    (theme,) = CATALOGUE["water"].themes
    assert theme.where == {"kind": ("配水本管", "配水支管")}


def test_the_catalogue_holds_the_layers_and_themes_that_the_town_asked_for() -> None:
    assert set(CATALOGUE) == LAYERS
    assert {theme.id for layer in CATALOGUE.values() for theme in layer.themes} == THEMES
    rasters = [layer.id for layer in CATALOGUE.values() if layer.geometry is GeometryKind.RASTER]
    assert rasters == ["flood_depth", "elevation", "orthophoto"]


def test_depths_of_the_raster_have_the_official_ranks_and_the_colours_of_the_flood_areas() -> None:
    raster = CATALOGUE["flood_depth"].raster
    assert raster is not None
    assert raster.classes == FLOOD_DEPTH_RANKS
    assert [(entry.label, entry.fill) for entry in CATALOGUE["flood"].legend] == [
        (entry.label, entry.fill) for entry in FLOOD_DEPTH_RANKS
    ]


@pytest.mark.parametrize("layer", CATALOGUE.values(), ids=list(CATALOGUE))
def test_a_layer_says_whose_it_is_and_how_far_it_can_be_trusted(layer: Layer) -> None:
    assert layer.department in {
        "税務課", "地域整備課", "地域整備課（水道）", "産業振興課", "農業委員会", "教育委員会", "総務課", "町民生活課",
        "健康福祉課",
    }  # fmt: skip
    assert all([layer.title, layer.description, layer.source_name, layer.source_licence, layer.attribution])
    assert layer.accuracy_m > 0
    assert layer.accuracy_basis
    assert layer.update_cycle_days >= 365
    if layer.geometry is not GeometryKind.RASTER:
        assert layer.legend
        assert layer.fields


@pytest.mark.parametrize(
    "theme", [theme for layer in CATALOGUE.values() for theme in layer.themes], ids=lambda theme: theme.id
)
def test_a_theme_names_its_law_by_number_and_article_or_says_there_is_none(theme: Theme) -> None:
    basis = theme.legal_basis
    assert ("年法律第" in basis and "条" in basis) or basis.startswith("法令の定めなし")
    assert theme.department


def monochrome(layer: Layer, entry: LegendEntry) -> tuple[object, ...]:
    """What is left of a legend row when all colour is taken away."""
    if layer.geometry is GeometryKind.POINT:
        return (entry.icon,)
    return (entry.pattern, entry.dashed, entry.fill is None, entry.width)


@pytest.mark.parametrize("layer", CATALOGUE.values(), ids=list(CATALOGUE))
def test_no_legend_row_is_told_apart_by_colour_alone(layer: Layer) -> None:
    assert len({monochrome(layer, entry) for entry in layer.legend}) == len(layer.legend)
    assert len({entry.label for entry in layer.legend}) == len(layer.legend)


@pytest.mark.parametrize("layer", CATALOGUE.values(), ids=list(CATALOGUE))
def test_the_hatch_of_a_legend_row_stands_out_from_its_fill(layer: Layer) -> None:
    for entry in layer.legend:
        if entry.fill and entry.line:
            assert contrast(on_paper(entry.fill), entry.line) >= 3.0, entry.label


def on_paper(colour: str) -> str:
    """A fill as it is seen: drawn at the map's opacity over white."""
    return hexadecimal([round(255 + (int(colour[i : i + 2], 16) - 255) * FILL_OPACITY) for i in (1, 3, 5)])


def contrast(one: str, other: str) -> float:
    """The contrast ratio of two colours; WCAG 2.1 success criterion 1.4.11 asks 3 of graphics."""
    lighter, darker = sorted((luminance(one), luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def luminance(colour: str) -> float:
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def test_no_two_layers_stand_at_the_same_place_in_the_list() -> None:
    orders = [layer.order for layer in CATALOGUE.values()]
    assert all(before < after for before, after in pairwise(orders))


def test_what_would_help_a_looter_or_shows_a_farm_a_pipe_or_a_yard_is_not_published() -> None:
    assert {layer.id for layer in CATALOGUE.values() if not layer.published} == {
        "water",
        "water_fittings",
        "buried_heritage",
        "rtk_fields",
        "base_stations",
        "orthophoto",
    }
    classes: Mapping[str, str] = {field.name: field.column_class for field in CATALOGUE["cadastral"].fields}
    assert classes["chiban"] == "public"
    assert classes["land_category"] == classes["registered_area_m2"] == "staff"


def test_beyond_the_surveyed_rivers_the_flood_layer_says_nothing() -> None:
    assert CATALOGUE["flood"].coverage == "given"
    assert CATALOGUE["landslide"].coverage == "municipality"


def test_the_agricultural_zone_is_decided_by_its_list_and_heritage_also_by_its_neighbourhood() -> None:
    (zone,), (heritage,) = CATALOGUE["agricultural_zone"].themes, CATALOGUE["buried_heritage"].themes
    assert zone.test is ThemeTest.PARCEL_LIST
    assert heritage.test is ThemeTest.OVERLAP
    assert heritage.distance_m == 50.0
