"""The parcels: a coverage without gap or overlap, over the real extent, numbered as a registry numbers them."""

from collections import Counter

import geopandas
import numpy as np
import shapely

from layers.sample_town import reference
from layers.sample_town.outline import EAST, MESH_MERIDIAN, NORTH, SOUTH, WEST
from tests.layers.sample_town.conftest import PARCELS, Made

MUNICIPAL_EXTENT = (WEST, SOUTH, EAST, NORTH)


def test_there_are_exactly_as_many_parcels_as_asked_for(parcels: geopandas.GeoDataFrame) -> None:
    assert len(parcels) == PARCELS


def test_parcels_are_a_valid_coverage(parcels: geopandas.GeoDataFrame) -> None:
    shapes = parcels.geometry.to_numpy()
    assert shapely.is_valid(shapes).all()
    assert shapely.coverage_is_valid(shapes)


def test_parcels_and_the_resurveyed_sheet_fill_the_municipality(made: Made, parcels: geopandas.GeoDataFrame) -> None:
    town = made.frame("municipality").geometry.iloc[0]
    missing = town.area - parcels.area.sum()
    assert 0.0 < missing < 0.05 * town.area
    assert shapely.difference(shapely.coverage_union_all(parcels.geometry.to_numpy()), town).area < 1e-6


def test_the_town_touches_the_real_limits_on_all_four_sides(made: Made) -> None:
    for layer in ("municipality", "cadastral"):
        bounds = made.frame(layer).to_crs(6668).total_bounds
        np.testing.assert_allclose(bounds, MUNICIPAL_EXTENT, atol=1e-7)


def test_the_town_has_about_the_real_area(made: Made) -> None:
    assert 115e6 < made.frame("municipality").area.sum() < 135e6


def test_parcels_lie_on_both_sides_of_the_tile_seam_and_in_six_meshes(parcels: geopandas.GeoDataFrame) -> None:
    points = shapely.get_coordinates(parcels.to_crs(6668).representative_point())
    meshes = {(int(lat * 12), int(lon * 8)) for lon, lat in points}  # second-order meshes are 5′ by 7′30″
    assert len(meshes) == 6
    bounds = parcels.to_crs(6668).bounds
    assert ((bounds.minx < MESH_MERIDIAN) & (bounds.maxx > MESH_MERIDIAN)).any()


def test_every_accuracy_class_and_its_absence_occur(parcels: geopandas.GeoDataFrame) -> None:
    classes = set(parcels["accuracy_class"].dropna())
    assert classes == {"甲一", "甲二", "甲三", "乙一", "乙二", "乙三"}
    assert parcels["accuracy_class"].isna().any()


def test_all_seventeen_oaza_occur(parcels: geopandas.GeoDataFrame) -> None:
    assert len(reference.oaza()) == 17
    assert set(parcels["oaza"]) == {oaza.name for oaza in reference.oaza()}


def test_some_koaza_begin_with_a_numeral(parcels: geopandas.GeoDataFrame) -> None:
    assert parcels["koaza"].str.match("[一二三四五六七八九十百千]").any()


def test_every_land_category_of_the_town_occurs(parcels: geopandas.GeoDataFrame) -> None:
    assert {"田", "畑", "宅地", "山林", "原野", "雑種地", "公衆用道路", "水路", "墓地"} <= set(parcels["land_category"])


def test_a_number_names_one_parcel_only(parcels: geopandas.GeoDataFrame) -> None:
    numbered = parcels[parcels["chiban"].str.match(r"\d")]
    keys = list(zip(numbered["oaza"], numbered["koaza"], numbered["chiban"], strict=True))
    assert [key for key, count in Counter(keys).items() if count > 1] == []


def test_numbers_show_splits_and_gaps(parcels: geopandas.GeoDataFrame) -> None:
    chiban = parcels["chiban"]
    assert chiban.str.fullmatch(r"\d+-\d+").sum() > 50
    assert chiban.str.fullmatch(r"\d+-\d+-\d+").any()
    assert {"道", "水"} <= set(chiban)
    assert chiban.str.fullmatch(r"無地番-\d+").any()
    whole = parcels.assign(base=chiban.str.extract(r"^(\d+)", expand=False).astype(float)).dropna(subset="base")
    missing = [int(group.base.max() - group.base.nunique()) for _, group in whole.groupby(["oaza", "koaza"])]
    assert sum(missing) > 20


def test_undetermined_parcels_name_their_members(parcels: geopandas.GeoDataFrame) -> None:
    undetermined = parcels[parcels["undetermined"]]
    assert len(undetermined) >= 4
    for chiban, members in zip(undetermined["chiban"], undetermined["undetermined_members"], strict=True):
        assert members.split(",")[0] == chiban
        assert len(members.split(",")) == 3
    assert parcels.loc[~parcels["undetermined"], "undetermined_members"].isna().all()


def test_no_member_of_an_undetermined_parcel_is_drawn_elsewhere(parcels: geopandas.GeoDataFrame) -> None:
    drawn = set(zip(parcels["oaza"], parcels["koaza"], parcels["chiban"], strict=True))
    undetermined = parcels[parcels["undetermined"]]
    others = [
        (row.oaza, row.koaza, member)
        for row in undetermined.itertuples()
        for member in row.undetermined_members.split(",")[1:]
    ]
    assert [other for other in others if other in drawn] == []


def test_some_parcels_have_holes_that_another_parcel_fills(parcels: geopandas.GeoDataFrame) -> None:
    polygons = shapely.get_parts(parcels.geometry.to_numpy())
    holed = polygons[shapely.get_num_interior_rings(polygons) > 0]
    assert len(holed) >= 3
    tree = shapely.STRtree(polygons)
    for polygon in holed:
        hole = shapely.polygons(polygon.interiors[0])
        assert any(polygons[index].equals(hole) for index in tree.query(hole))


def test_registered_area_is_near_the_map_where_surveyed_and_deviates_in_some_parcels(
    parcels: geopandas.GeoDataFrame,
) -> None:
    known = parcels[parcels["registered_area_m2"].notna() & (parcels.area > 50.0)]
    ratio = known["registered_area_m2"] / known.area
    surveyed = ratio[known["survey_status"] == "調査済"]
    assert abs(surveyed.median() - 1.0) < 0.01
    assert (abs(surveyed - 1.0) > 0.1).any()
    assert ratio[known["survey_status"] == "未了"].median() < 0.95


def test_unsurveyed_parcels_have_no_survey_date_and_rest_on_a_substitute_drawing(
    parcels: geopandas.GeoDataFrame,
) -> None:
    unsurveyed = parcels[parcels["survey_status"] == "未了"]
    assert len(unsurveyed) > 0
    assert unsurveyed["surveyed_on"].isna().all()
    assert set(unsurveyed["map_class"]) == {"地図に準ずる図面"}
