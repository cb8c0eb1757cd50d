"""A GeoTIFF looked at and brought into the one form that the store keeps.

Files mark what they do not know in many ways: a no-data tag, an alpha band, a mask inside the file or beside it, NaN,
or a sentinel that nothing announces. What is kept knows one way only, so that nothing that reads it can miss one:
measures are float32 in metres with NaN, pictures are red, green and blue of 8 bits with a mask. Both are
cloud-optimised GeoTIFFs in the file's own coordinate system, with overviews.
"""

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import rasterio
import rasterio.shutil
from numpy.typing import NDArray
from pyproj import CRS
from pyproj.exceptions import CRSError as PyprojError
from rasterio.errors import NotGeoreferencedWarning, RasterioError
from rasterio.windows import Window

from gis.crs import Datum, Grids, Transformation, describe, plan
from gis.errors import CrsError, MissingCrsError, OnomapError, UnreadableFileError
from layers.store.definitions import RasterContent, RasterValues

MOST_PIXELS = 4_000_000_000
MOST_BLOCK_BYTES = 1_000_000_000
"""A strip or tile is decoded whole; a file that declares a larger one is refused before anything is read."""
CHUNK_PIXELS = 4_000_000
JGD2011_DEGREES = 6668
VERTICAL_DATUM_TAG = "ONOMAP_VERTICAL_DATUM"
_TIFF_STARTS = (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+")
_OPAQUE_FROM = 128
_COG = {"driver": "COG", "COMPRESS": "DEFLATE", "PREDICTOR": "YES", "BLOCKSIZE": 512, "BIGTIFF": "IF_SAFER"}

Dataset = Any
"""A dataset of rasterio, which has no types."""


@dataclass(frozen=True)
class RasterFacts:
    """What a file says of itself: its plane or geographic CRS, how that leads to JGD2011, its extent there in degrees."""

    epsg: int
    steps: tuple[str, ...]
    extent: tuple[float, float, float, float]
    vertical_datum: str | None


def examine(path: Path, content: RasterContent) -> RasterFacts:
    """Look at a file without reading its pixels. Raises OnomapError in one sentence for what cannot become a layer."""
    for part in (path, *(path.with_name(path.name + end) for end in (".msk", ".ovr"))):
        _require_tiff(part)
    with _opened(path) as raster:
        _require_size(raster, path.name)
        _require_bands(raster, content, path.name)
        _require_upright(raster, path.name)
        epsg, vertical = _crs(raster, path.name)
        way = _way(epsg, path.name)
        return RasterFacts(epsg, way.steps, _extent(raster, way, path.name), vertical)


def normalise(path: Path, target: Path, content: RasterContent, facts: RasterFacts) -> None:
    """Write the kept form of an examined file to `target`, whole or not at all.

    Raises UnreadableFileError when a part of the file is missing or damaged, or when it holds no value at all.
    """
    with TemporaryDirectory(dir=target.parent, prefix=".raster-") as folder:
        plain, cog = Path(folder) / "plain.tif", Path(folder) / "cog.tif"
        with _opened(path) as source:
            if not _write_plain(source, plain, content, facts):
                raise UnreadableFileError(f"{path.name} には値のある画素が一つもありません。")
        resampling = "AVERAGE" if content.values is not RasterValues.DEPTH else "NEAREST"
        rasterio.shutil.copy(plain, cog, OVERVIEW_RESAMPLING=resampling, **_COG)
        cog.replace(target)


def _require_tiff(path: Path) -> None:
    """GDAL takes any format for a file beside the raster; only TIFF may come in."""
    if path.is_file():
        with path.open("rb") as file:
            if file.read(4) not in _TIFF_STARTS:
                raise UnreadableFileError(f"{path.name} は GeoTIFF ではありません。GeoTIFF で用意してください。")


@contextmanager
def _opened(path: Path) -> Iterator[Dataset]:
    try:
        with warnings.catch_warnings():
            # A file without a place is refused in a sentence of our own.
            warnings.simplefilter("ignore", NotGeoreferencedWarning)
            with rasterio.Env(GDAL_TIFF_INTERNAL_MASK=True), rasterio.open(path, driver="GTiff") as raster:
                yield raster
    except OnomapError:
        raise
    except (RasterioError, ValueError, MemoryError) as error:
        raise UnreadableFileError(
            f"{path.name} を GeoTIFF として最後まで読めません。途中で切れているか壊れています。"
        ) from error


def _require_size(raster: Dataset, name: str) -> None:
    if raster.count < 1:
        raise UnreadableFileError(f"{name} にはバンドがありません。")
    if raster.width * raster.height * raster.count > MOST_PIXELS:
        raise UnreadableFileError(f"{name} は大きすぎます（{raster.width}×{raster.height}画素）。分割してください。")
    rows, columns = raster.block_shapes[0]
    if rows * columns * raster.count * np.dtype(raster.dtypes[0]).itemsize > MOST_BLOCK_BYTES:
        raise UnreadableFileError(f"{name} は一続きの区画が大きすぎます。タイル形式の GeoTIFF にしてください。")


def _require_bands(raster: Dataset, content: RasterContent, name: str) -> None:
    kinds = [kind.name for kind in raster.colorinterp]
    values = [dtype for dtype, kind in zip(raster.dtypes, kinds, strict=True) if kind != "alpha"]
    if any(np.dtype(dtype).kind == "c" for dtype in values):
        raise UnreadableFileError(f"{name} の画素は複素数なので、地図にできません。")
    if content.values is RasterValues.PICTURE:
        if len(values) not in (1, 3) or any(dtype != "uint8" for dtype in values):
            found = f"{len(values)}バンド（{'・'.join(sorted(set(values)))}）"
            raise UnreadableFileError(f"{name} は {found} です。8ビットの1バンドか3バンドの画像にしてください。")
    elif len(values) != 1 or kinds[0] == "palette":
        raise UnreadableFileError(
            f"{name} は {len(values)}バンドの画像です。値（m）が1バンドに入ったものにしてください。"
        )


def _require_upright(raster: Dataset, name: str) -> None:
    transform = raster.transform
    if transform.is_identity:
        raise UnreadableFileError(f"{name} に位置が書かれていません。位置の付いた GeoTIFF を用意してください。")
    numbers = tuple(transform)[:6]
    if not np.isfinite(numbers).all() or transform.b or transform.d or transform.a <= 0 or transform.e >= 0:
        raise UnreadableFileError(f"{name} は回転または裏返しになっています。北を上にして書き出してください。")


def _crs(raster: Dataset, name: str) -> tuple[int, str | None]:
    """The horizontal system's EPSG code, and what heights are counted from where the file says so."""
    if raster.crs is None:
        raise MissingCrsError(f"{name} に座標系がありません。座標系を付けた GeoTIFF を用意してください。")
    try:
        crs = CRS.from_wkt(raster.crs.to_wkt())
    except (PyprojError, RasterioError) as error:
        raise CrsError(f"{name} の座標系を読めません。座標系を付け直してください。") from error
    horizontal, vertical = (crs.sub_crs_list[0], crs.sub_crs_list[1].name) if crs.is_compound else (crs, None)
    epsg = horizontal.to_epsg()
    if epsg is None:
        raise MissingCrsError(f"{name} の座標系がEPSGコードで分かりません。座標系を付け直してください。")
    return epsg, vertical


def _way(epsg: int, name: str) -> Transformation:
    """The way to JGD2011 longitude and latitude; a raster of an older datum is refused, because tiles are drawn by PROJ,
    which has no grids for that step and would leave it out without a word."""
    described = describe(epsg)
    if described.datum is not Datum.JGD2011:
        raise CrsError(f"{name} は {described.name} の座標系です。JGD2011 に変換したものを用意してください。")
    return plan(epsg, JGD2011_DEGREES, Grids(None, None))


def _extent(raster: Dataset, way: Transformation, name: str) -> tuple[float, float, float, float]:
    west, south, east, north = raster.bounds
    along = np.linspace(0.0, 1.0, 21)
    x, y = west + (east - west) * along, south + (north - south) * along
    rim_x = np.concatenate([x, x, np.full(21, west), np.full(21, east)])
    rim_y = np.concatenate([np.full(21, south), np.full(21, north), y, y])
    lon, lat, lost = way.move(rim_x, rim_y)
    if lost.any():
        raise CrsError(f"{name} の範囲がその座標系の外に出ています。座標系を確かめてください。")
    return float(lon.min()), float(lat.min()), float(lon.max()), float(lat.max())


def _write_plain(source: Dataset, target: Path, content: RasterContent, facts: RasterFacts) -> bool:
    """Write the pixels, chunk by chunk, in the kept form; whether any of them holds a value."""
    is_picture = content.values is RasterValues.PICTURE
    form: dict[str, object] = {"count": 3, "dtype": "uint8"} if is_picture else {"count": 1, "dtype": "float32"}
    if is_picture:
        form |= {"photometric": "RGB"}
    else:
        form |= {"nodata": float("nan")}
    place = {"width": source.width, "height": source.height, "transform": source.transform}
    tiling = {"tiled": True, "blockxsize": 512, "blockysize": 512, "compress": "DEFLATE", "BIGTIFF": "IF_SAFER"}
    any_known = False
    with rasterio.open(target, "w", driver="GTiff", crs=f"EPSG:{facts.epsg}", **place, **form, **tiling) as plain:
        if facts.vertical_datum is not None:
            plain.update_tags(**{VERTICAL_DATUM_TAG: facts.vertical_datum})
        for window in _chunks(source):
            if is_picture:
                picture, known = _picture(source, window, content)
                plain.write(picture, window=window)
                plain.write_mask(known, window=window)
            else:
                measure, known = _measure(source, window, content)
                plain.write(measure, 1, window=window)
            any_known = any_known or bool(known.any())
    return any_known


def _chunks(source: Dataset) -> Iterator[Window]:
    """Windows that decode each strip or tile of the file once or twice and fit into memory."""
    width, height = source.width, source.height
    is_tiled = source.block_shapes[0][1] < width
    columns = min(width, 2048) if is_tiled else width
    rows = max(1, min(height, CHUNK_PIXELS // columns))
    for top in range(0, height, rows):
        for left in range(0, width, columns):
            yield Window(left, top, min(columns, width - left), min(rows, height - top))


def _known(source: Dataset, window: Window, bands: NDArray[Any], content: RasterContent) -> NDArray[np.bool_]:
    """Where the file knows its value, by all the ways in which it may say that it does not."""
    known = np.asarray(source.dataset_mask(window=window) >= _OPAQUE_FROM)
    tagged = [] if source.nodata is None or np.isnan(source.nodata) else [source.nodata]
    for sentinel in (*tagged, *content.no_data):
        known &= ~(bands == np.asarray(sentinel, bands.dtype if bands.dtype.kind == "f" else None)).all(axis=0)
    if bands.dtype.kind == "f":
        known &= np.isfinite(bands).all(axis=0)
    return known


def _measure(source: Dataset, window: Window, content: RasterContent) -> tuple[NDArray[np.float32], NDArray[np.bool_]]:
    stored = source.read([1], window=window)
    known = _known(source, window, stored, content)
    scaled = stored[0].astype(np.float64) * source.scales[0] + source.offsets[0]
    return np.where(known, scaled, np.nan).astype(np.float32), known


def _picture(source: Dataset, window: Window, content: RasterContent) -> tuple[NDArray[np.uint8], NDArray[np.bool_]]:
    kinds = [kind.name for kind in source.colorinterp]
    bands = [band for band, kind in enumerate(kinds, start=1) if kind != "alpha"]
    stored = source.read(bands, window=window)
    known = _known(source, window, stored, content)
    if kinds[0] == "palette":
        table = np.zeros((256, 4), dtype=np.uint8)
        for index, colour in source.colormap(1).items():
            table[index] = colour
        known &= table[stored[0], 3] >= _OPAQUE_FROM
        stored = np.moveaxis(table[stored[0], :3], -1, 0)
    picture = stored if len(stored) == 3 else np.repeat(stored, 3, axis=0)
    return np.where(known, picture, 0).astype(np.uint8), known
