"""The other layers: true codes, and the cases in which an answer is not simply yes or no."""

import json
from csv import DictReader

import geopandas
import numpy as np
import pytest
import rasterio
import shapely

from gis.formats.open_data_columns import SHEETS
from tests.layers.sample_town.conftest import Made


def joined(made: Made, layer: str) -> shapely.Geometry:
    return shapely.union_all(made.frame(layer).geometry.to_numpy())


def coverage(made: Made, layer: str) -> shapely.Geometry:
    return shapely.union_all(geopandas.read_file(str(made.options(layer)["coverage"])).geometry.to_numpy())


def test_all_codes_of_landslide_zones_occur(made: Made) -> None:
    zones = made.frame("landslide")
    assert set(zones["A33_001"]) == {1, 2, 3}
    assert set(zones["A33_002"]) == {1, 2, 3, 4}
    assert set(zones["A33_008"]) == {0, 1}


def test_zones_not_yet_designated_carry_the_unknown_date(made: Made) -> None:
    zones = made.frame("landslide")
    to_come = zones["A33_002"].isin([3, 4])
    assert set(zones.loc[to_come, "A33_007"]) == {"9999/1/1"}
    assert "9999/1/1" not in set(zones.loc[~to_come, "A33_007"])


def test_a_special_zone_lies_within_its_warning_zone(made: Made) -> None:
    zones = made.frame("landslide")
    steep = zones[(zones["A33_001"] == 1)]
    for number, group in steep.groupby("A33_004"):
        special = group[group["A33_002"].isin([2, 4])].union_all()
        warning = group[group["A33_002"].isin([1, 3])].union_all()
        assert special.difference(warning.buffer(1.0)).area == pytest.approx(0.0, abs=1.0), number


def test_all_six_depth_ranks_occur_and_do_not_overlap_in_a_scenario(made: Made) -> None:
    flood = made.frame("flood")
    assert set(flood["depth_rank"]) == {1, 2, 3, 4, 5, 6}
    assert set(flood["scenario"]) == {"max", "plan"}
    for _, group in flood.groupby(["river_id", "scenario"]):
        assert group.area.sum() == pytest.approx(group.union_all().area, rel=1e-3)


def test_flood_depths_were_worked_out_for_a_part_of_the_town_only(made: Made) -> None:
    worked = coverage(made, "flood")
    assert joined(made, "flood").difference(worked.buffer(1.0)).area < 10.0
    assert worked.area < 0.2 * joined(made, "municipality").area


def test_buried_heritage_has_a_hole_in_its_coverage_where_one_oaza_was_not_searched(made: Made) -> None:
    searched = coverage(made, "buried_heritage")
    shapely.prepare(searched)
    parcels = made.frame("cadastral")
    inside = shapely.contains(searched, parcels.representative_point().to_numpy())
    assert set(parcels.loc[~inside, "oaza"]) == {"湯沢"}
    assert "湯沢" not in set(parcels.loc[inside, "oaza"])


def test_the_agricultural_zone_lists_parcels_with_and_without_a_drawing(made: Made) -> None:
    zone = made.frame("agricultural_zone")
    with (made.folder / "agricultural_zone_sample.csv").open(encoding="utf-8-sig", newline="") as file:
        listed = [(row["大字"], row["字"], row["地番"]) for row in DictReader(file)]
    assert listed == list(zip(zone["oaza"], zone["koaza"], zone["chiban"], strict=True))
    assert 0.02 < zone.geometry.isna().mean() < 0.3


def test_a_few_drawings_of_the_agricultural_zone_contradict_the_list(made: Made) -> None:
    zone = made.frame("agricultural_zone").dropna(subset="geometry")
    parcels = made.frame("cadastral")
    own = zone.merge(
        parcels[["oaza", "koaza", "chiban", "geometry"]], on=["oaza", "koaza", "chiban"], suffixes=("", "_own")
    )
    drawn, true = own["geometry"].to_numpy(), own["geometry_own"].to_numpy()
    apart = shapely.area(shapely.symmetric_difference(drawn, true)) / shapely.area(true)
    assert 0 < (apart > 0.01).sum() < 0.05 * len(own)


def test_planning_has_all_use_zones_and_one_road(made: Made) -> None:
    planning = made.frame("city_planning")
    assert set(planning["use_code"].dropna()) == {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 21}
    assert list(planning["zone_kind"]).count("road") == 1
    area = planning[planning["zone_kind"] == "area"].union_all()
    assert planning[planning["zone_kind"] == "use"].union_all().difference(area).area < 1.0


def test_farmland_lies_beside_the_registered_lines_but_not_far(made: Made) -> None:
    farmland, parcels = made.frame("farmland"), made.frame("cadastral")
    assert set(farmland["land_type"]) == {100, 200}
    shapes = parcels.geometry.to_numpy()
    at, other = shapely.STRtree(shapes).query(farmland.representative_point().to_numpy(), predicate="intersects")
    share = (
        shapely.area(shapely.intersection(farmland.geometry.to_numpy()[at], shapes[other]))
        / farmland.area.to_numpy()[at]
    )
    assert 0.85 < np.median(share) < 0.9999


def test_mains_run_under_roads(made: Made) -> None:
    roads, mains = joined(made, "roads"), made.frame("water")
    assert set(mains["kind"]) <= {"配水本管", "配水支管", "導水管", "送水管"}
    assert mains["diameter_mm"].between(50, 200).all()
    assert (mains.distance(roads) < 2.0).all()


def test_fittings_stand_on_mains(made: Made) -> None:
    assert (made.frame("water_fittings").distance(joined(made, "water")) < 0.1).all()


def test_roads_of_every_class_have_a_width(made: Made) -> None:
    roads = made.frame("roads")
    assert set(roads["road_class"]) == {"national", "prefectural", "town", "forest_road", "other"}
    assert roads["width_m"].between(2.0, 12.0).all()


def test_evacuation_sites_follow_the_standard_and_know_no_sea(made: Made) -> None:
    with made.path("evacuation_sites").open(encoding="utf-8-sig", newline="") as file:
        reader = DictReader(file)
        rows = list(reader)
    assert tuple(reader.fieldnames or ()) == SHEETS["evacuation_space"]
    assert {row["災害種別_高潮"] + row["災害種別_津波"] for row in rows} == {""}
    assert all(row["名称_カナ"] for row in rows)


def test_a_shelter_that_is_also_an_evacuation_site_has_its_id_and_another_position(made: Made) -> None:
    shelters = json.loads(made.path("shelters").read_text(encoding="utf-8"))["features"]
    with made.path("evacuation_sites").open(encoding="utf-8-sig", newline="") as file:
        sites = {row["ID"]: (float(row["経度"]), float(row["緯度"])) for row in DictReader(file)}
    both = [shelter for shelter in shelters if shelter["properties"]["指定緊急避難場所との住所同一"] == "1"]
    assert 0 < len(both) < len(shelters)
    for shelter in both:
        assert tuple(shelter["geometry"]["coordinates"]) != sites[shelter["properties"]["共通ID"]]


def test_elevation_is_a_tiled_file_with_overviews_and_nothing_outside_the_town(made: Made) -> None:
    town = made.frame("municipality").geometry.iloc[0]
    with rasterio.open(made.path("elevation")) as file:
        assert (file.crs.to_epsg(), file.dtypes[0], file.nodata, file.res) == (6677, "float32", -9999.0, (10.0, 10.0))
        assert file.profile["tiled"]
        assert len(file.overviews(1)) >= 2
        data = file.read(1)
    known = data[data != -9999.0]
    assert known.size * 100.0 == pytest.approx(town.area, rel=0.01)
    assert 350.0 < known.min() < known.max() < 1400.0


def test_a_river_flows_downhill(made: Made) -> None:
    parcels = made.frame("cadastral")
    water = shapely.get_coordinates(parcels[parcels["land_category"] == "水路"].representative_point())
    woods = shapely.get_coordinates(parcels[parcels["land_category"] == "山林"].representative_point())
    with rasterio.open(made.path("elevation")) as file:
        low, high = (np.array([value[0] for value in file.sample(points)]) for points in (water, woods))
    assert np.median(low) < np.median(high)


def test_rtk_fields_say_how_well_they_were_measured(made: Made) -> None:
    fields = made.frame("rtk_fields")
    assert set(fields["fix_quality"]) <= {4, 5}
    assert (fields.loc[fields["fix_quality"] == 4, "std_error_m"] < 0.05).all()


def test_districts_tile_the_town(made: Made) -> None:
    districts = made.frame("districts")
    assert 17 <= len(districts) <= 40
    assert districts["name"].is_unique
    assert shapely.coverage_is_valid(districts.geometry.to_numpy())
    assert districts.area.sum() == pytest.approx(made.frame("municipality").area.sum(), abs=1.0)
