"""Tiles of rasters agree with the file, with their neighbours and with the value route; gaps are never cliffs."""

import shutil
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
import rasterio
from pyproj import Transformer

from gis.relief import from_gsi_png, from_terrain_rgb
from layers.store.byte_cache import ByteCache
from layers.store.definitions import Render
from layers.store.instance import Store
from layers.store.raster_reading import TileGrid, read_measure, shape_of
from layers.store.raster_tiles import ImageFormat, RasterTile, RasterTiles, RenderError, tile_json, wanted_render
from layers.store.raster_values import LineError, profile, value_at
from layers.store.rasters import KeptRaster, RasterFileError, keep_raster
from layers.store.tiles.address import Tile
from tests.layers.store import raster_samples as samples

TO_PLANE = Transformer.from_crs(3857, 6677, always_xy=True)
FORMATS = tuple(ImageFormat)


@pytest.fixture(scope="module")
def other_store(
    make_database: Callable[..., str], migrated_template: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Store]:
    with samples.store_in(make_database(template=migrated_template), tmp_path_factory.mktemp("home")) as made:
        yield made


@pytest.fixture(scope="module")
def tiles(
    make_database: Callable[..., str], migrated_template: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[RasterTiles]:
    """The made-up heights, loaded once and left alone."""
    path = samples.heights(tmp_path_factory.mktemp("files") / "heights.tif")
    with samples.store_in(make_database(template=migrated_template), tmp_path_factory.mktemp("home")) as store:
        keep_raster(store, store.layer("elevation"), path)
        yield RasterTiles(store)


@pytest.fixture(scope="module")
def elevation(tiles: RasterTiles) -> KeptRaster:
    return tiles.raster("elevation")


def drawn(
    tiles: RasterTiles, layer: str, render: Render, tile: Tile, *, size: int = 256, form: ImageFormat = ImageFormat.PNG
) -> np.ndarray:
    """The bands of a tile."""
    return samples.decode(tiles.tile(tiles.raster(layer), RasterTile(tile, render, size, form)))


def truth(tile: Tile, size: int = 256, collar: int = 0) -> np.ndarray:
    """The made-up heights at the middles of a tile's pixels."""
    grid = TileGrid.of(tile, size, collar)
    steps = (np.arange(grid.size) + 0.5) * grid.pixel_m
    return samples.height(*TO_PLANE.transform(*np.meshgrid(grid.west + steps, grid.north - steps)))


def alpha(picture: np.ndarray) -> np.ndarray:
    """The alpha band; an image without one is opaque."""
    return picture[3] if len(picture) == 4 else np.full(picture.shape[1:], 255)


@pytest.mark.parametrize("form", FORMATS)
@pytest.mark.parametrize("zoom", [14, 15, 17])
def test_a_decoded_tile_the_file_and_the_value_route_agree(
    tiles: RasterTiles, elevation: KeptRaster, zoom: int, form: ImageFormat
) -> None:
    tile = samples.tile_at(*samples.MIDDLE, zoom)
    fine = from_gsi_png(drawn(tiles, "elevation", Render.GSI_PNG, tile, form=form))
    coarse = from_terrain_rgb(drawn(tiles, "elevation", Render.TERRAIN_RGB, tile, form=form))

    assert np.abs(fine - truth(tile)).max() < 0.1
    assert np.abs(fine - coarse).max() <= 0.056
    grid = TileGrid.of(tile, 256, 0)
    for row, column in ((0, 0), (100, 37), (255, 255)):
        x, y = grid.west + (column + 0.5) * grid.pixel_m, grid.north - (row + 0.5) * grid.pixel_m
        lon, lat = samples.TO_DEGREES.transform(*TO_PLANE.transform(x, y))
        told = value_at(elevation, lon, lat)["value"]
        # At z14 a pixel is wider than a cell and holds a mean of several.
        assert fine[row, column] == pytest.approx(told, abs=0.02 if zoom > 14 else 0.1)


@pytest.mark.parametrize("zoom", [10, 12, 13, 14, 15, 16, 18])
@pytest.mark.parametrize("resampling", ["bilinear", "cubic"])
def test_neighbouring_tiles_read_the_same_heights_where_they_meet(
    elevation: KeptRaster, zoom: int, resampling: str
) -> None:
    tile = samples.tile_at(*samples.MIDDLE, zoom)
    here = read_measure(elevation, TileGrid.of(tile, 256, 1), resampling)
    east = read_measure(elevation, TileGrid.of(Tile(zoom, tile.x + 1, tile.y), 256, 1), resampling)
    south = read_measure(elevation, TileGrid.of(Tile(zoom, tile.x, tile.y + 1), 256, 1), resampling)

    for ours, theirs in ((here[:, -2:], east[:, :2]), (here[-2:], south[:2])):
        assert (np.isnan(ours) == np.isnan(theirs)).all()
        # Beside the rim of the data the kernel is cut, and what is left of it decides more.
        assert np.nanmax(np.abs(ours - theirs), initial=0.0) < (0.002 if zoom >= 13 else 0.02)


@pytest.mark.parametrize("zoom", [13, 14, 16])
def test_relief_has_no_seam_between_tiles(tiles: RasterTiles, zoom: int) -> None:
    tile = samples.tile_at(*samples.MIDDLE, zoom)
    west = drawn(tiles, "elevation", Render.RELIEF, tile)[0].astype(int)
    east = drawn(tiles, "elevation", Render.RELIEF, Tile(zoom, tile.x + 1, tile.y))[0].astype(int)

    across = np.abs(west[:, -1] - east[:, 0]).max()
    inside = max(np.abs(np.diff(west, axis=1)).max(), np.abs(np.diff(east, axis=1)).max())

    assert across <= inside + 1


def test_relief_of_one_tile_is_that_of_its_four_children(tiles: RasterTiles) -> None:
    tile = samples.tile_at(*samples.MIDDLE, 15)
    large = drawn(tiles, "elevation", Render.RELIEF, tile, size=512)[0].astype(int)
    parts = [
        [drawn(tiles, "elevation", Render.RELIEF, Tile(16, 2 * tile.x + i, 2 * tile.y + j))[0] for i in (0, 1)]
        for j in (0, 1)
    ]

    assert np.abs(large - np.block(parts).astype(int)).max() <= 1


@pytest.mark.parametrize("zoom", [12, 16])
def test_a_plane_of_known_slope_in_a_file_is_as_steep_in_its_tiles(
    other_store: Store, tmp_path: Path, zoom: int
) -> None:
    x, y = samples.cells()
    plane = (2_000 + 0.3 * (x - samples.WEST) - 0.4 * (samples.NORTH - y)).astype(np.float32)
    keep_raster(other_store, other_store.layer("elevation"), samples.write(tmp_path / "plane.tif", plane[None]))
    tiles = RasterTiles(other_store)

    from gis.relief import mercator_pixel, slope_degrees

    tile = samples.tile_at(*samples.MIDDLE, zoom)
    grid = TileGrid.of(tile, 256, 1)
    heights = read_measure(tiles.raster("elevation"), grid, "cubic")
    slope = slope_degrees(heights, mercator_pixel(grid.north, grid.pixel_m, grid.size))
    whole = ~np.isnan(heights)
    inner = np.logical_and.reduce([np.roll(whole, (i, j), (0, 1)) for i in (-3, 0, 3) for j in (-3, 0, 3)])[1:-1, 1:-1]

    # Single precision holds heights of 2 km to 0.1 mm.
    assert np.percentile(np.abs(slope[inner] - np.degrees(np.arctan(0.5))), 99) < 0.05


def test_relief_is_right_side_up(other_store: Store, tmp_path: Path) -> None:
    x, y = samples.cells()
    away = np.hypot(x - samples.MIDDLE[0], y - samples.MIDDLE[1])
    cone = np.maximum(0, 1_000 - 0.5 * away).astype(np.float32)
    keep_raster(other_store, other_store.layer("elevation"), samples.write(tmp_path / "cone.tif", cone[None]))
    tiles = RasterTiles(other_store)

    def grey(east_m: float, north_m: float) -> float:
        place = samples.MIDDLE[0] + east_m, samples.MIDDLE[1] + north_m
        return float(drawn(tiles, "elevation", Render.RELIEF, samples.tile_at(*place, 17))[0].mean())

    assert grey(-700, 700) > grey(700, 700) > grey(700, -700)
    assert grey(-700, 700) > grey(-700, -700) > grey(700, -700)


@pytest.mark.parametrize("form", FORMATS)
@pytest.mark.parametrize("way", samples.ORTHO_WAYS)
def test_gaps_of_a_real_picture_are_transparent_and_never_black(
    other_store: Store, shared_data: Path, tmp_path: Path, way: str, form: ImageFormat
) -> None:
    path = samples.ortho(shared_data, tmp_path, way)
    keep_raster(other_store, other_store.layer("orthophoto"), path)
    tiles = RasterTiles(other_store)
    with rasterio.open(path) as file:
        east, south = file.bounds.right, file.bounds.bottom
        known = file.dataset_mask() > 0
        colours = file.read([1, 2, 3])
    middle = (samples.MIDDLE[0] + east) / 2, (samples.MIDDLE[1] + south) / 2

    tile = samples.tile_at(*middle, 19)
    picture = drawn(tiles, "orthophoto", Render.COLOR, tile, size=512, form=form)
    grid = TileGrid.of(tile, 512, 0)
    steps = (np.arange(512) + 0.5) * grid.pixel_m
    x, y = TO_PLANE.transform(*np.meshgrid(grid.west + steps, grid.north - steps))
    column, row = (
        np.floor((x - samples.MIDDLE[0]) / 0.15).astype(int),
        np.floor((samples.MIDDLE[1] - y) / 0.15).astype(int),
    )
    inside = (column >= 0) & (row >= 0) & (column < known.shape[1]) & (row < known.shape[0])
    expected = np.zeros(inside.shape, dtype=bool)
    expected[inside] = known[row[inside], column[inside]]

    opaque = alpha(picture) == 255
    assert set(np.unique(alpha(picture))) == {0, 255}
    assert (opaque != expected).mean() < 0.01
    dark = (picture[:3].max(axis=0) < 8) & opaque
    assert dark.sum() <= 60
    both = opaque & expected
    mean = colours[:, row[both], column[both]].mean(axis=1)
    np.testing.assert_allclose(picture[:3, both].mean(axis=1), mean, atol=4)


@pytest.mark.parametrize("mark", [-9999.0, float("nan")])
def test_a_gap_in_heights_is_transparent_in_relief_and_no_cliff_in_any_encoding(
    other_store: Store, tmp_path: Path, mark: float
) -> None:
    values = samples.height(*samples.cells()).astype(np.float32)
    values[:, samples.CELLS // 2 :] = mark
    keep_raster(other_store, other_store.layer("elevation"), samples.write(tmp_path / "half.tif", values[None]))
    tiles = RasterTiles(other_store)
    tile = samples.tile_at(*samples.MIDDLE, 14)

    for render in (Render.RELIEF, Render.SLOPE):
        picture = drawn(tiles, "elevation", render, tile)
        assert 0.1 < (alpha(picture) == 0).mean() < 0.9
        assert picture[:3, alpha(picture) == 255].min() > 150
    heights = from_gsi_png(drawn(tiles, "elevation", Render.GSI_PNG, tile))
    continued = from_terrain_rgb(drawn(tiles, "elevation", Render.TERRAIN_RGB, tile))
    gap = np.isnan(heights)
    assert 0.1 < gap.mean() < 0.9
    assert np.abs(continued[~gap] - heights[~gap]).max() <= 0.056
    assert np.abs(np.diff(continued, axis=1)).max() < 20
    assert np.abs(np.diff(continued, axis=0)).max() < 20


@pytest.mark.parametrize("render", [Render.RELIEF, Render.SLOPE])
@pytest.mark.parametrize("form", FORMATS)
def test_outside_the_raster_a_tile_is_transparent(tiles: RasterTiles, render: Render, form: ImageFormat) -> None:
    for tile in (Tile(0, 0, 0), Tile(14, 0, 0), samples.tile_at(samples.WEST - 9_000, samples.NORTH, 14)):
        assert alpha(drawn(tiles, "elevation", render, tile, form=form)).max() == 0


def test_outside_the_raster_an_encoding_says_no_data_or_goes_on_at_the_nearest_height(tiles: RasterTiles) -> None:
    beside = samples.tile_at(samples.WEST - 9_000, samples.MIDDLE[1], 14)

    assert np.isnan(from_gsi_png(drawn(tiles, "elevation", Render.GSI_PNG, beside))).all()
    level = from_terrain_rgb(drawn(tiles, "elevation", Render.TERRAIN_RGB, beside))
    assert np.ptp(level) == 0
    assert level.mean() == pytest.approx(float(samples.height(samples.WEST + 20, samples.MIDDLE[1])), abs=15)


def test_depths_are_drawn_by_rank_and_dry_ground_stays_clear(other_store: Store, tmp_path: Path) -> None:
    depth = np.full((1, 600, 600), 0.0, np.float32)
    depth[0, :, 300:] = 4.0
    depth[0, :100] = -9999.0
    keep_raster(other_store, other_store.layer("flood_depth"), samples.write(tmp_path / "depth.tif", depth))
    tiles = RasterTiles(other_store)
    edge = samples.WEST + 300 * samples.CELL_M

    picture = drawn(tiles, "flood_depth", Render.COLOR, samples.tile_at(edge, samples.NORTH - 1_500, 14))

    # Between dry ground and 4 m there is no strip of the ranks in between.
    assert {tuple(pixel) for pixel in picture.reshape(4, -1).T.tolist()} == {(0, 0, 0, 0), (255, 183, 183, 255)}
    raster = tiles.raster("flood_depth")
    wet = value_at(raster, *samples.TO_DEGREES.transform(edge + 100, samples.NORTH - 1_500))
    dry = value_at(raster, *samples.TO_DEGREES.transform(edge - 100, samples.NORTH - 1_500))
    unknown = value_at(raster, *samples.TO_DEGREES.transform(edge, samples.NORTH - 100))
    assert (wet["outcome"], wet["value"], wet["class"]) == ("value", 4.0, "3〜5m")
    assert (dry["outcome"], dry["value"], dry["class"]) == ("value", 0.0, None)
    assert (unknown["outcome"], unknown["value"]) == ("no_data", None)


def test_a_value_comes_with_what_is_needed_to_judge_it(elevation: KeptRaster) -> None:
    told = value_at(elevation, *samples.TO_DEGREES.transform(*samples.MIDDLE))

    assert told["unit"] == "m"
    assert told["accuracy_m"] == elevation.layer.accuracy_m
    assert told["source"] == elevation.layer.source_name
    assert told["load"] == elevation.load
    assert told["vertical_datum"] is None
    assert "測地成果2024" in str(told["notes"])
    assert value_at(elevation, 139.0, 36.0)["outcome"] == "outside"


def test_a_file_that_an_earlier_version_kept_as_it_came_has_no_cliffs_either(
    other_store: Store, tmp_path: Path
) -> None:
    values = samples.height(*samples.cells()).astype(np.float32)
    values[:, samples.CELLS // 2 :] = -9999.0
    path = samples.write(tmp_path / "half.tif", values[None], nodata=-9999.0)
    keep_raster(other_store, other_store.layer("elevation"), path)
    raster = RasterTiles(other_store).raster("elevation")
    shutil.copyfile(path, raster.path)

    beyond = samples.TO_DEGREES.transform(samples.MIDDLE[0] + 40, samples.MIDDLE[1])
    rim = samples.TO_DEGREES.transform(samples.MIDDLE[0] - 1, samples.MIDDLE[1])
    heights = read_measure(raster, TileGrid.of(samples.tile_at(*samples.MIDDLE, 15), 256, 1), "cubic")

    assert value_at(raster, *beyond)["outcome"] == "no_data"
    assert value_at(raster, *rim)["value"] == pytest.approx(float(samples.height(*samples.MIDDLE)), abs=1)
    assert np.nanmin(heights) > 300


def test_a_profile_follows_the_ground(elevation: KeptRaster) -> None:
    start, end = samples.MIDDLE, (samples.MIDDLE[0] + 1_000, samples.MIDDLE[1] + 500)
    found = profile(elevation, [samples.TO_DEGREES.transform(*start), samples.TO_DEGREES.transform(*end)])
    points = found["points"]
    assert isinstance(points, list)

    # The plane's scale is 0.9999 at the zone's meridian.
    assert found["length_m"] == pytest.approx(np.hypot(1_000, 500), rel=2e-4)
    assert len(points) == 500
    share = np.linspace(0, 1, 500)
    line = samples.height(start[0] + share * 1_000, start[1] + share * 500)
    np.testing.assert_allclose([point["value"] for point in points], line, atol=0.1)


@pytest.mark.parametrize(
    "corners", [[(140.6, 37.3)], [(140.6, 37.3), (140.6, 37.3)], [(140.6, float("nan")), (140.6, 37.2)]]
)
def test_a_profile_needs_a_line(elevation: KeptRaster, corners: list[tuple[float, float]]) -> None:
    with pytest.raises(LineError):
        profile(elevation, corners)


def test_eight_threads_draw_the_same_tiles_as_one(tiles: RasterTiles, elevation: KeptRaster) -> None:
    middle = samples.tile_at(*samples.MIDDLE, 15)
    wanted = [
        RasterTile(Tile(15, middle.x + i, middle.y + j), render, 256, ImageFormat.PNG)
        for i in (0, 1)
        for j in (0, 1)
        for render in (Render.RELIEF, Render.GSI_PNG)
    ]
    alone = [tiles.tile(elevation, each) for each in wanted]
    forgetful = RasterTiles(tiles.store, cache_bytes=0)

    with ThreadPoolExecutor(8) as pool:
        together = list(pool.map(lambda each: forgetful.tile(elevation, each), wanted * 6))

    assert together == alone * 6
    assert len(forgetful.drawn) == 0


def test_low_zooms_are_read_from_overviews(elevation: KeptRaster) -> None:
    shape = shape_of(elevation)

    assert shape.reductions[:2] == (1, 2)
    assert [shape.level(shape.cell_x * factor) for factor in (0.5, 1.1, 1.9, 2.1, 1_000.0)] == [
        0, 0, 0, 1, len(shape.reductions) - 1,
    ]  # fmt: skip
    assert shape.native_zoom == 15


def test_a_new_edition_changes_every_etag_and_is_drawn_from_the_new_file(
    other_store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("layers.store.raster_tiles.REGISTER_AGE_S", 0.0)
    wanted = RasterTile(samples.tile_at(*samples.MIDDLE, 15), Render.GSI_PNG, 256, ImageFormat.PNG)
    tiles = RasterTiles(other_store)
    keep_raster(other_store, other_store.layer("elevation"), samples.heights(tmp_path / "heights.tif"))
    before = tiles.raster("elevation")
    old = from_gsi_png(samples.decode(tiles.tile(before, wanted)))
    higher = (samples.height(*samples.cells()) + 7).astype(np.float32)
    keep_raster(other_store, other_store.layer("elevation"), samples.write(tmp_path / "higher.tif", higher[None]))

    after = tiles.raster("elevation")

    assert tiles.etag(after, wanted) != tiles.etag(before, wanted)
    np.testing.assert_allclose(from_gsi_png(samples.decode(tiles.tile(after, wanted))) - old, 7, atol=0.021)


def test_a_kept_file_that_is_gone_is_one_sentence(other_store: Store, tmp_path: Path) -> None:
    keep_raster(other_store, other_store.layer("elevation"), samples.heights(tmp_path / "heights.tif"))
    tiles = RasterTiles(other_store)
    raster = tiles.raster("elevation")
    raster.path.unlink()

    with pytest.raises(RasterFileError, match="読み込み直して"):
        tiles.tile(raster, RasterTile(samples.tile_at(*samples.MIDDLE, 15), Render.SLOPE, 256, ImageFormat.PNG))


def test_a_layer_is_drawn_only_in_the_ways_that_fit_it(other_store: Store) -> None:
    with pytest.raises(RenderError, match="color"):
        wanted_render(other_store.layer("orthophoto"), "relief")
    assert wanted_render(other_store.layer("elevation"), "terrain-rgb") is Render.TERRAIN_RGB


def test_the_description_says_where_there_is_something_to_see(elevation: KeptRaster) -> None:
    told = tile_json(elevation, "terrain-rgb", "http://x/{z}/{x}/{y}.png")

    assert told["encoding"] == "mapbox"
    assert (told["minzoom"], told["maxzoom"]) == (elevation.layer.min_zoom, 15)
    west, south, east, north = told["bounds"]  # type: ignore[misc]
    lon, lat = samples.TO_DEGREES.transform(*samples.MIDDLE)
    assert west < lon < east
    assert south < lat < north


def test_the_memory_of_tiles_is_bounded_in_bytes_and_forgets_the_oldest() -> None:
    cache = ByteCache(10)
    for key in "abc":
        cache.put(key, b"1234")
    assert (cache.get("a"), cache.get("b"), cache.size) == (None, b"1234", 8)
    cache.put("b", b"12")
    cache.put("d", b"1234")
    assert (cache.get("c"), cache.size, len(cache)) == (b"1234", 10, 3)
    cache.put("e", b"12345678901")
    assert cache.get("e") is None
