"""Tiles and values of raster layers: what to read, how to draw it, and a bounded memory of what was drawn."""

import hashlib
import time
from dataclasses import dataclass
from enum import StrEnum
from threading import Lock
from typing import Literal

import numpy as np

from gis.relief import (
    HALF_WORLD_M,
    SLOPE_CLASSES,
    Floats,
    Picture,
    coloured,
    hillshade,
    mercator_pixel,
    shaded,
    slope_degrees,
    to_gsi_png,
    to_terrain_rgb,
    with_alpha,
)
from layers.store.byte_cache import ByteCache
from layers.store.definitions import Layer, RasterValues, Render
from layers.store.errors import StoreError
from layers.store.instance import Store
from layers.store.rasters import KeptRaster, kept_raster, raster_content
from layers.store.tiles.address import Tile

# rio-tiler and GDAL (28 MB) are loaded with the first tile that is drawn, not when the server starts.

CACHE_BYTES = 16 * 2**20
REGISTER_AGE_S = 1.0
"""How old the answer to "which file is the layer's edition?" may be; a new edition is drawn after at most this time."""
DRAWING = 1
"""Part of every ETag: a change of what is drawn from the same file must change it."""
Resampling = Literal["nearest", "bilinear", "cubic"]
_ENCODINGS = frozenset({Render.TERRAIN_RGB, Render.GSI_PNG})


class RenderError(StoreError):
    """A layer cannot be drawn in the way that was asked for."""


class ImageFormat(StrEnum):
    """The image formats of tiles."""

    PNG = "png"
    WEBP = "webp"

    @property
    def media_type(self) -> str:
        """The content type."""
        return f"image/{self.value}"


@dataclass(frozen=True)
class RasterTile:
    """One tile as it is asked for."""

    tile: Tile
    render: Render
    size: int
    format: ImageFormat


def wanted_render(layer: Layer, name: str) -> Render:
    """The render of that name. Raises RenderError with those that the layer has."""
    renders = raster_content(layer).renders
    for render in renders:
        if render.value == name:
            return render
    raise RenderError(f"{layer.title} の描き方に「{name}」はありません。あるのは {'、'.join(renders)} です。")


def tile_json(raster: KeptRaster, render: str, address: str) -> dict[str, object]:
    """TileJSON 3.0.0 of a raster drawn in one way, its tiles at `address`; beyond `maxzoom` there is nothing more to see."""
    from layers.store.raster_reading import shape_of

    wanted = wanted_render(raster.layer, render)
    layer = raster.layer
    finest = max(layer.min_zoom, min(layer.max_zoom, shape_of(raster).native_zoom + 1))
    encoding = {Render.TERRAIN_RGB: {"encoding": "mapbox"}, Render.GSI_PNG: {"encoding": "gsi"}}
    return {
        "tilejson": "3.0.0",
        "name": f"{layer.title}（{wanted.label}）",
        "description": layer.description,
        "version": f"1.0.{raster.load}",
        "scheme": "xyz",
        "tiles": [address],
        "minzoom": layer.min_zoom,
        "maxzoom": finest,
        "bounds": [round(edge, 7) for edge in raster.extent],
        "attribution": layer.attribution,
        **encoding.get(wanted, {}),
    }


class RasterTiles:
    """The raster layers of a store as tiles; safe to use from several threads."""

    def __init__(self, store: Store, cache_bytes: int = CACHE_BYTES) -> None:
        self.store = store
        self.drawn = ByteCache(cache_bytes)
        self._register: dict[str, tuple[float, KeptRaster]] = {}
        self._lock = Lock()

    def raster(self, name: str) -> KeptRaster:
        """The present edition of a raster layer. Raises UnknownLayerError, NotRasterError, NoRasterError."""
        now = time.monotonic()
        with self._lock:
            asked, held = self._register.get(name, (0.0, None))
        if held is not None and now - asked < REGISTER_AGE_S:
            return held
        found = kept_raster(self.store, self.store.layer(name))
        with self._lock:
            self._register[name] = (now, found)
        return found

    def etag(self, raster: KeptRaster, wanted: RasterTile) -> str:
        """A strong ETag, known without drawing: everything that the picture depends on."""
        depends = (DRAWING, raster.layer.id, raster.load, raster.sha256, raster.content, raster.layer.min_zoom, wanted)
        return f'"{hashlib.sha256(repr(depends).encode()).hexdigest()[:32]}"'

    def tile(self, raster: KeptRaster, wanted: RasterTile) -> bytes:
        """The tile as an image file, from memory or drawn. Raises RasterFileError when the file cannot be read."""
        key = self.etag(raster, wanted)
        held = self.drawn.get(key)
        if held is None:
            held = draw(raster, wanted)
            self.drawn.put(key, held)
        return held


def draw(raster: KeptRaster, wanted: RasterTile) -> bytes:
    """The tile as an image file, drawn anew. Raises RasterFileError when the file cannot be read."""
    return _encoded(_picture(raster, wanted), raster, wanted)


def _picture(raster: KeptRaster, wanted: RasterTile) -> Picture:
    """The tile as (3 or 4, size, size); outside the raster it is transparent or says "no data"."""
    nothing = np.full((wanted.size, wanted.size), np.nan)
    if wanted.render in _ENCODINGS:
        heights = _measure(raster, wanted, "bilinear", 0) if _meets(raster, wanted.tile) else nothing
        return _encoded_heights(raster, wanted, heights)
    if wanted.tile.z < raster.layer.min_zoom or not _meets(raster, wanted.tile):
        return shaded(nothing)
    if wanted.render is Render.COLOR:
        return _coloured(raster, wanted)
    heights = _measure(raster, wanted, "cubic", 1)
    pixel_m = 2.0 * HALF_WORLD_M / 2**wanted.tile.z / wanted.size
    pixel = mercator_pixel(HALF_WORLD_M - (wanted.tile.y * wanted.size - 1) * pixel_m, pixel_m, wanted.size + 2)
    if wanted.render is Render.SLOPE:
        return coloured(slope_degrees(heights, pixel), SLOPE_CLASSES)
    return shaded(hillshade(heights, pixel))


def _meets(raster: KeptRaster, tile: Tile) -> bool:
    """Whether a tile meets the raster's extent; its file is not opened for one that does not."""
    west, south, east, north = raster.extent
    span = 360.0 / 2**tile.z
    latitudes = [
        float(np.degrees(np.arctan(np.sinh(np.pi * (1.0 - 2.0 * edge / 2**tile.z))))) for edge in (tile.y + 1, tile.y)
    ]
    left = -180.0 + tile.x * span
    return left <= east and left + span >= west and latitudes[0] <= north and latitudes[1] >= south


def _measure(raster: KeptRaster, wanted: RasterTile, resampling: Resampling, collar: int) -> Floats:
    from layers.store.raster_reading import TileGrid, read_measure

    return read_measure(raster, TileGrid.of(wanted.tile, wanted.size, collar), resampling)


def _coloured(raster: KeptRaster, wanted: RasterTile) -> Picture:
    from layers.store.raster_reading import TileGrid, read_picture

    if raster.content.values is RasterValues.PICTURE:
        return with_alpha(*read_picture(raster, TileGrid.of(wanted.tile, wanted.size, 0)))
    # A depth between two cells would be one that nobody has computed.
    resampling: Resampling = "nearest" if raster.content.values is RasterValues.DEPTH else "bilinear"
    return coloured(_measure(raster, wanted, resampling, 0), raster.content.classes)


def _encoded_heights(raster: KeptRaster, wanted: RasterTile, heights: Floats) -> Picture:
    """Heights as colours; always opaque, because a browser loses the colours of transparent pixels."""
    if wanted.render is Render.GSI_PNG:
        return to_gsi_png(heights)
    return to_terrain_rgb(_filled(raster, wanted.tile, heights))


def _filled(raster: KeptRaster, tile: Tile, heights: Floats) -> Floats:
    """Heights without gaps, for an encoding that cannot say "unknown": continued from the known ones, so that a map in
    three dimensions has no cliff where the data end."""
    from rasterio.fill import fillnodata

    from layers.store.raster_reading import coarse_measure

    known = np.isfinite(heights)
    if known.all():
        return heights
    if not known.any():
        return np.full(heights.shape, coarse_measure(raster, tile))
    guess = np.where(known, heights, 0.0).astype(np.float32)
    filled = fillnodata(guess, known.astype(np.uint8), max_search_distance=2.0 * heights.shape[0])
    return np.asarray(np.where(known, heights, filled))


def _encoded(picture: Picture, raster: KeptRaster, wanted: RasterTile) -> bytes:
    from layers.store.image_files import png_file, webp_file

    if wanted.format is ImageFormat.PNG:
        return png_file(picture)
    return webp_file(picture, is_photograph=raster.content.values is RasterValues.PICTURE)
