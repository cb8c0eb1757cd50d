"""Files become the store's own form, whatever way they mark their gaps, or are refused in one sentence with nothing changed."""

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import numpy as np
import psycopg
import pytest
import rasterio
from pyproj import Transformer
from rasterio.transform import Affine, from_origin

from gis.errors import CrsError, MissingCrsError, OnomapError, UnreadableFileError
from layers.store.errors import LoadRefusedError
from layers.store.instance import Store
from layers.store.load_register import loads
from layers.store.raster_values import about, value_at
from layers.store.rasters import FOLDER, keep_raster, kept_raster
from tests.layers.store import raster_samples as samples


@pytest.fixture(scope="module")
def store(
    make_database: Callable[..., str], migrated_template: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Store]:
    with samples.store_in(make_database(template=migrated_template), tmp_path_factory.mktemp("home")) as made:
        yield made


def load(store: Store, layer: str, path: Path) -> Path:
    """Load a file and return where the store keeps it."""
    keep_raster(store, store.layer(layer), path)
    return kept_raster(store, store.layer(layer)).path


def kept_files(store: Store) -> list[str]:
    """Everything under HOME/rasters, half-written files too."""
    folder = store.settings.home / FOLDER
    return sorted(item.name for item in folder.iterdir()) if folder.is_dir() else []


@pytest.mark.parametrize("way", ["", *samples.ORTHO_WAYS])
def test_a_real_picture_keeps_its_gaps_and_its_colours(
    store: Store, shared_data: Path, tmp_path: Path, way: str
) -> None:
    path = samples.ortho(shared_data, tmp_path, way)
    known = samples.known_pixels(path)
    with rasterio.open(path) as file:
        colours = file.read([1, 2, 3])

    kept = load(store, "orthophoto", path)

    with rasterio.open(kept) as file:
        assert file.count == 3
        assert file.tags(ns="IMAGE_STRUCTURE")["LAYOUT"] == "COG"
        assert (file.read()[:, known] == colours[:, known]).all()
    assert (samples.known_pixels(kept) == known).all()
    assert (~known).any() == (way != "")


@pytest.mark.parametrize("way", ["tag", "mask", "nan", "sentinel", "tagged nan"])
def test_heights_keep_their_gaps_in_whatever_way_the_file_marks_them(store: Store, tmp_path: Path, way: str) -> None:
    values = samples.height(*samples.cells()).astype(np.float32)
    gap = np.zeros(values.shape, dtype=bool)
    gap[100:300, 200:500] = True
    mark = {"tag": -1.5, "mask": 0.0, "nan": np.nan, "sentinel": -9999.0, "tagged nan": np.nan}[way]
    values[gap] = mark
    options = {"tag": {"nodata": -1.5}, "tagged nan": {"nodata": np.nan}}.get(way, {})
    path = samples.write(tmp_path / "heights.tif", values[None], **options)
    if way == "mask":
        with rasterio.Env(GDAL_TIFF_INTERNAL_MASK=True), rasterio.open(path, "r+") as file:
            file.write_mask(~gap)

    with rasterio.open(load(store, "elevation", path)) as file:
        kept = file.read(1)
        assert file.overviews(1)
        assert np.nanmin(file.read(1, out_shape=(150, 150))) > 300

    assert (np.isnan(kept) == gap).all()
    assert (kept[~gap] == values[~gap]).all()


def test_whole_numbers_with_a_scale_become_metres(store: Store, tmp_path: Path) -> None:
    decimetres = np.rint(samples.height(*samples.cells()) * 10).astype(np.int16)
    decimetres[:50] = -32768
    path = samples.write(tmp_path / "decimetres.tif", decimetres[None], nodata=-32768)
    with rasterio.open(path, "r+") as file:
        file.scales, file.offsets = (0.1,), (100.0,)

    with rasterio.open(load(store, "elevation", path)) as file:
        kept = file.read(1)

    assert np.isnan(kept[:50]).all()
    np.testing.assert_allclose(kept[50:], decimetres[50:] * 0.1 + 100, atol=1e-3)


def test_a_palette_and_a_grey_picture_become_colours(store: Store, tmp_path: Path) -> None:
    indexes = (np.arange(64 * 64) % 3).astype(np.uint8).reshape(1, 64, 64)
    path = samples.write(tmp_path / "palette.tif", indexes, photometric="PALETTE")
    with rasterio.open(path, "r+") as file:
        file.write_colormap(1, {0: (10, 20, 30, 255), 1: (40, 50, 60, 255), 2: (70, 80, 90, 255)})

    with rasterio.open(load(store, "orthophoto", path)) as file:
        assert file.read()[:, 0, :3].T.tolist() == [[10, 20, 30], [40, 50, 60], [70, 80, 90]]
    with rasterio.open(load(store, "orthophoto", samples.write(tmp_path / "grey.tif", indexes + 100))) as file:
        assert file.read()[:, 0, 1].tolist() == [101, 101, 101]


def test_a_file_that_says_what_its_heights_are_counted_from_is_believed(store: Store, tmp_path: Path) -> None:
    path = samples.heights(tmp_path / "heights.tif", crs="EPSG:6677+6695")
    load(store, "elevation", path)

    told = about(kept_raster(store, store.layer("elevation")))

    assert told["vertical_datum"] == "JGD2011 (vertical) height"
    assert told["notes"] == []


@pytest.mark.parametrize("crs", ["EPSG:6677", "EPSG:6668", "EPSG:3857", "EPSG:4326", "EPSG:6676"])
def test_a_height_stands_where_the_file_puts_it_in_each_system(store: Store, tmp_path: Path, crs: str) -> None:
    to_plane = Transformer.from_crs(crs, "EPSG:6677", always_xy=True)
    x, y = Transformer.from_crs(6677, crs, always_xy=True).transform(*samples.MIDDLE)
    cell = 5e-5 if crs in {"EPSG:6668", "EPSG:4326"} else 5.0
    steps = (np.arange(300) - 149.5) * cell
    plane_x, plane_y = to_plane.transform(*np.meshgrid(x + steps, y - steps))
    values = samples.height(plane_x, plane_y).astype(np.float32)
    transform = from_origin(x - 150 * cell, y + 150 * cell, cell, cell)
    load(store, "elevation", samples.write(tmp_path / "here.tif", values[None], crs=crs, transform=transform))

    raster = kept_raster(store, store.layer("elevation"))
    lon, lat = samples.TO_DEGREES.transform(samples.MIDDLE[0] + 111.0, samples.MIDDLE[1] - 77.0)
    truth = samples.height(samples.MIDDLE[0] + 111.0, samples.MIDDLE[1] - 77.0)

    assert value_at(raster, lon, lat)["value"] == pytest.approx(truth, abs=0.02)


def cut(path: Path, length: int) -> None:
    """Keep the beginning of a file."""
    path.write_bytes(path.read_bytes()[:length])


def noise(path: Path) -> None:
    """Replace everything behind the header by chance."""
    data = path.read_bytes()
    chance = np.random.default_rng(1).integers(0, 256, len(data) - 8, dtype=np.uint8)
    path.write_bytes(data[:8] + chance.tobytes())


def sparse(path: Path, side: int, **options: object) -> None:
    """Declare side × side pixels and write none of them."""
    with rasterio.open(
        path, "w", driver="GTiff", width=side, height=side, count=1, dtype="float32", crs="EPSG:6677",
        transform=from_origin(samples.WEST, samples.NORTH, 0.1, 0.1), SPARSE_OK=True, BIGTIFF="YES", **options,
    ):  # fmt: skip
        pass


def without_bands(path: Path) -> None:
    """SamplesPerPixel (tag 277, SHORT, count 1) from 1 to 0."""
    entry = b"\x15\x01\x03\x00\x01\x00\x00\x00"
    data = path.read_bytes()
    assert entry + b"\x01" in data
    path.write_bytes(data.replace(entry + b"\x01", entry + b"\x00"))


HOSTILE: Mapping[str, Callable[[Path], object]] = {
    "truncated": lambda path: cut(path, 400_000),
    "cut in the header": lambda path: cut(path, 20),
    "empty": lambda path: cut(path, 0),
    "not a TIFF": lambda path: path.write_bytes(b"<VRTDataset rasterXSize='1' rasterYSize='1'/>"),
    "noise": noise,
    "a mask that is no TIFF": lambda path: path.with_name(f"{path.name}.msk").write_text("<VRTDataset/>"),
    "nothing but gaps": lambda path: samples.write(path, np.full((1, 64, 64), -9999.0, np.float32)),
    "huge": lambda path: sparse(path, 300_000, tiled=True),
    "one huge strip": lambda path: sparse(path, 40_000, blockysize=40_000, compress="DEFLATE"),
    "no bands": without_bands,
    "a picture": lambda path: samples.write(path, np.zeros((3, 64, 64), np.uint8)),
    "complex numbers": lambda path: samples.write(path, np.zeros((1, 64, 64), np.complex64)),
}


@pytest.mark.parametrize("kind", HOSTILE)
def test_a_hostile_file_is_refused_in_one_sentence_and_nothing_is_changed(
    store: Store, tmp_path: Path, kind: str
) -> None:
    load(store, "elevation", samples.heights(tmp_path / "before.tif"))
    before, files = kept_raster(store, store.layer("elevation")), kept_files(store)
    register = loads(store, "elevation")

    path = samples.heights(tmp_path / "hostile.tif")
    HOSTILE[kind](path)

    with pytest.raises(UnreadableFileError) as refusal:
        keep_raster(store, store.layer("elevation"), path)

    assert str(refusal.value).endswith("。")
    assert "\n" not in str(refusal.value)
    assert kept_raster(store, store.layer("elevation")) == before
    assert kept_files(store) == files
    assert loads(store, "elevation") == register


@pytest.mark.parametrize(
    ("options", "error", "word"),
    [
        ({"crs": None}, MissingCrsError, "座標系"),
        ({"crs": "EPSG:2451"}, CrsError, "JGD2000"),
        ({"crs": "EPSG:30169"}, CrsError, "日本測地系"),
        ({"crs": "EPSG:26913"}, CrsError, "扱えません"),
        ({"transform": Affine.identity()}, UnreadableFileError, "位置"),
        (
            {"transform": from_origin(samples.WEST, samples.NORTH, 5, 5) @ Affine.rotation(20)},
            UnreadableFileError,
            "回転",
        ),
        ({"transform": Affine(5, 0, samples.WEST, 0, 5, samples.NORTH)}, UnreadableFileError, "裏返し"),
        ({"transform": from_origin(-5_000, -300_000, 5, 5)}, LoadRefusedError, "重なりません"),
    ],
    ids=["no CRS", "JGD2000", "Tokyo", "foreign", "no place", "rotated", "upside down", "elsewhere"],
)
def test_a_file_whose_place_cannot_be_trusted_is_refused(
    store: Store, tmp_path: Path, options: dict[str, object], error: type[OnomapError], word: str
) -> None:
    path = samples.write(tmp_path / "heights.tif", np.ones((1, 50, 50), np.float32), **options)
    files = kept_files(store)

    with pytest.raises(error, match=word):
        keep_raster(store, store.layer("elevation"), path)

    assert kept_files(store) == files


def test_real_foreign_files_are_refused_for_their_datum(store: Store, shared_data: Path) -> None:
    files = [shared_data / "raster" / "dem_titiler.tif", shared_data / "raster" / "hro_ortho" / "hro_co_CL_1.tif"]
    for layer, path in zip(("elevation", "orthophoto"), files, strict=True):
        if not path.is_file():
            pytest.skip(f"the real file is not here: {path}")
        with pytest.raises(CrsError, match="扱えません"):
            keep_raster(store, store.layer(layer), path)


def test_a_layer_without_pixels_takes_no_raster(store: Store, tmp_path: Path) -> None:
    with pytest.raises(OnomapError, match="格子や画像"):
        keep_raster(store, store.layer("roads"), samples.heights(tmp_path / "heights.tif"))


def test_a_load_that_the_database_does_not_take_leaves_no_file(empty_store: Store, tmp_path: Path) -> None:
    empty_store.database.close()

    with pytest.raises((OnomapError, psycopg.Error)):
        keep_raster(empty_store, empty_store.layer("elevation"), samples.heights(tmp_path / "heights.tif"))

    assert kept_files(empty_store) == []


def test_a_second_edition_takes_the_place_of_the_first_and_both_are_in_the_register(
    store: Store, tmp_path: Path
) -> None:
    first = load(store, "elevation", samples.heights(tmp_path / "first.tif"))
    values = samples.height(*samples.cells()).astype(np.float32) + 5
    second = load(store, "elevation", samples.write(tmp_path / "second.tif", values[None]))

    assert first != second
    newest, before = loads(store, "elevation")[:2]
    assert (newest["superseded_by"], before["superseded_by"]) == (None, newest["id"])
