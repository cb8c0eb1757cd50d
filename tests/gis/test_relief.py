"""Encodings go round, and a hill is as steep at every zoom and latitude."""

import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest
import rasterio
from hypothesis import given
from hypothesis import strategies as st
from pyproj import Geod, Transformer

from gis.relief import (
    FLOOD_DEPTH_RANKS,
    HALF_WORLD_M,
    SLOPE_CLASSES,
    GroundPixel,
    ReliefError,
    coloured,
    from_gsi_png,
    from_terrain_rgb,
    hillshade,
    mercator_pixel,
    shaded,
    slope_degrees,
    to_gsi_png,
    to_terrain_rgb,
)


def column(*values: float) -> np.ndarray:
    return np.array([values], dtype=np.float64)


def plane(zoom: int, latitude: float, east: float, north: float) -> tuple[np.ndarray, GroundPixel]:
    """Heights of a plane that rises by `east` and `north` metres a ground metre, on a tile's grid with a collar.

    Ground metres are those of the ellipsoid, integrated row by row from the pixel sizes that pyproj's geodesics give.
    """
    pixel_m = 2 * HALF_WORLD_M / 2**zoom / 256
    to_mercator = Transformer.from_crs(4326, 3857, always_xy=True)
    x0, y0 = to_mercator.transform(140.6, latitude)
    rows = 34
    lon, lat = to_mercator.transform(
        x0 + (np.arange(rows) + 0.5) * pixel_m, y0 - (np.arange(rows) + 0.5) * pixel_m, direction="INVERSE"
    )
    geod = Geod(ellps="WGS84")
    southward = np.concatenate(
        [[0.0], np.cumsum(geod.inv([lon[0]] * (rows - 1), lat[:-1], [lon[0]] * (rows - 1), lat[1:])[2])]
    )
    eastward = np.array([geod.inv(lon[0], each, lon[1], each)[2] for each in lat])[:, None] * np.arange(rows)[None, :]
    return 1000.0 + eastward * east - southward[:, None] * north, mercator_pixel(y0, pixel_m, rows)


@given(st.integers(0, 2**24 - 1))
def test_every_terrain_rgb_number_goes_round(number: int) -> None:
    picture = np.array([number >> 16, (number >> 8) & 255, number & 255], np.uint8).reshape(3, 1, 1)

    assert (to_terrain_rgb(from_terrain_rgb(picture)) == picture).all()


@given(st.integers(0, 2**24 - 1))
def test_every_gsi_number_goes_round(number: int) -> None:
    picture = np.array([number >> 16, (number >> 8) & 255, number & 255], np.uint8).reshape(3, 1, 1)

    assert (to_gsi_png(from_gsi_png(picture)) == picture).all()


def test_the_documented_numbers_of_both_encodings() -> None:
    assert to_terrain_rgb(column(-10000.0, 0.0, 3776.2)).T.tolist() == [[[0, 0, 0]], [[1, 134, 160]], [[2, 26, 34]]]
    assert to_gsi_png(column(0.01, -0.01, float("nan"), 3776.24)).T.tolist() == [
        [[0, 0, 1]], [[255, 255, 255]], [[128, 0, 0]], [[5, 195, 24]],
    ]  # fmt: skip


@pytest.mark.parametrize("height", [float("nan"), -10000.1, 1_700_000.0])
def test_terrain_rgb_refuses_what_it_cannot_say(height: float) -> None:
    with pytest.raises(ReliefError):
        to_terrain_rgb(column(height))


def test_a_height_beyond_the_gsi_range_is_refused() -> None:
    with pytest.raises(ReliefError):
        to_gsi_png(column(83_886.08))


def test_a_real_gsi_tile_reads_as_its_own_text_and_encodes_to_its_own_bytes(shared_data: Path) -> None:
    folder = shared_data / "dem"
    if not folder.is_dir():
        pytest.skip(f"the real elevation tile is not here: {folder}")
    with rasterio.open(folder / "gsi-dem-z8-x229-y94.png") as file:
        picture = file.read()
    lines = (folder / "gsi-dem-z8-x229-y94.txt").read_text().split()
    told = np.array([[np.nan if cell == "e" else float(cell) for cell in line.split(",")] for line in lines])

    heights = from_gsi_png(picture)

    assert np.isnan(heights).sum() == np.isnan(told).sum() == 12_527
    # 国土地理院 cut the PNG's hundredths where the text was rounded: 8 % of this tile's cells are 0.01 m apart.
    np.testing.assert_allclose(heights, told, atol=0.0101)
    assert (to_gsi_png(heights) == picture).all()


@pytest.mark.parametrize("latitude", [37.28, 25.0])
@pytest.mark.parametrize("zoom", [10, 13, 16])
def test_a_plane_of_known_slope_is_as_steep_at_every_zoom_and_latitude(zoom: int, latitude: float) -> None:
    heights, pixel = plane(zoom, latitude, east=0.3, north=-0.4)

    slope = slope_degrees(heights, pixel)

    # Rows further north are narrower, which tilts the plane's own contours by up to 0.01° over a tile of z10.
    np.testing.assert_allclose(slope, np.degrees(np.arctan(0.5)), atol=0.02)


def test_a_plane_gives_the_same_relief_at_z10_and_z16_and_at_37_and_25_degrees() -> None:
    lights = [
        hillshade(*plane(zoom, latitude, east=0.2, north=-0.35)) for zoom in (10, 16) for latitude in (37.28, 25.0)
    ]

    assert np.ptp([light.mean() for light in lights]) < 1e-3
    assert {int(grey) for light in lights for grey in np.unique(shaded(light)[0])} <= set(
        range(int(shaded(lights[0])[0].min()) - 1, int(shaded(lights[0])[0].max()) + 2)
    )


def test_light_comes_from_the_north_west() -> None:
    north_west_slope, pixel = plane(14, 37.28, east=0.5, north=-0.5)
    south_east_slope, _ = plane(14, 37.28, east=-0.5, north=0.5)
    flat, _ = plane(14, 37.28, east=0.0, north=0.0)

    assert hillshade(north_west_slope, pixel).min() > hillshade(flat, pixel).max()
    assert hillshade(south_east_slope, pixel).max() < hillshade(flat, pixel).min()


def test_the_edge_of_the_data_is_no_cliff() -> None:
    flat, pixel = plane(14, 37.28, east=0.0, north=0.0)
    flat[:, :10] = np.nan

    slope, light = slope_degrees(flat, pixel), hillshade(flat, pixel)

    assert np.isnan(slope[:, :9]).all()
    assert np.nanmax(slope) == 0.0
    assert shaded(light)[3, :, :9].max() == 0
    assert (shaded(light)[:3, :, 9:] == 232).all()


def test_relief_as_gdal_makes_it_on_a_plane_grid(tmp_path: Path) -> None:
    if shutil.which("gdaldem") is None:
        pytest.skip("gdaldem is not installed")
    rng = np.random.default_rng(3)
    heights = np.cumsum(np.cumsum(rng.normal(0, 0.3, (60, 60)), axis=0), axis=1)
    source, made = tmp_path / "heights.tif", tmp_path / "shade.tif"
    transform = rasterio.transform.from_origin(50_000, 150_000, 10, 10)
    with rasterio.open(
        source, "w", driver="GTiff", width=60, height=60, count=1, dtype="float64", crs="EPSG:6677", transform=transform
    ) as file:
        file.write(heights, 1)
    subprocess.run(["gdaldem", "hillshade", str(source), str(made), "-q"], check=True)
    with rasterio.open(made) as file:
        theirs = file.read(1)[1:-1, 1:-1]

    cell = np.full((60, 1), 10.0)
    ours = hillshade(heights, GroundPixel(cell, cell))

    np.testing.assert_allclose(1 + 254 * ours, theirs, atol=1.0)


def test_depth_has_the_six_official_colours_and_dry_ground_none() -> None:
    depths = column(0.0, 0.2, 0.5, 2.9, 3.0, 5.0, 10.0, 20.0, float("nan"))

    picture = coloured(depths, FLOOD_DEPTH_RANKS)

    assert [tuple(int(band) for band in pixel) for pixel in picture[:, 0, :].T] == [
        (0, 0, 0, 0), (247, 245, 169, 255), (255, 216, 192, 255), (255, 216, 192, 255), (255, 183, 183, 255),
        (255, 145, 145, 255), (242, 133, 201, 255), (220, 122, 220, 255), (0, 0, 0, 0),
    ]  # fmt: skip


def test_a_slope_of_thirty_degrees_is_in_the_class_of_steep_land() -> None:
    assert coloured(column(29.99, 30.0), SLOPE_CLASSES)[:3, 0, 1].tolist() == [236, 112, 20]
