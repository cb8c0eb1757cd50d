"""Heights as pictures: elevation encodings, relief and slope on true ground distance, and the colours of classes.

Arrays are (rows, columns) from the north-west, heights in metres, NaN where nothing is known. Pictures are
(4, rows, columns) of uint8: red, green, blue and alpha.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gis.errors import OnomapError

Floats = NDArray[np.float64]
Picture = NDArray[np.uint8]

# EPSG:3857 projects geodetic latitudes of the WGS 84 ellipsoid with the formulas of a sphere of its equatorial radius.
RADIUS_M = 6378137.0
FLATTENING = 1 / 298.257223563
HALF_WORLD_M = np.pi * RADIUS_M

TERRAIN_RGB_STEP_M = 0.1
TERRAIN_RGB_LOWEST_M = -10000.0
GSI_STEP_M = 0.01
GSI_NO_DATA = 2**23
_WHOLE = 2**24

NORTH_WEST_DEG = 315.0
ALTITUDE_DEG = 45.0


class ReliefError(OnomapError):
    """Heights cannot be put into the form that was asked for."""


@dataclass(frozen=True)
class ColourClass:
    """Values from `least` up to the next class's; `fill` is #RRGGBB."""

    least: float
    label: str
    fill: str

    @property
    def rgb(self) -> tuple[int, int, int]:
        """Red, green and blue, 0 to 255."""
        return int(self.fill[1:3], 16), int(self.fill[3:5], 16), int(self.fill[5:7], 16)


# The six ranks and their colours are those of 水害ハザードマップ作成の手引き (国土交通省). Ground that the computation
# covers and that stays dry has a depth of 0 and no colour, so the first rank begins just above it.
FLOOD_DEPTH_RANKS = (
    ColourClass(0.001, "0.5m未満", "#F7F5A9"),
    ColourClass(0.5, "0.5〜3m", "#FFD8C0"),
    ColourClass(3.0, "3〜5m", "#FFB7B7"),
    ColourClass(5.0, "5〜10m", "#FF9191"),
    ColourClass(10.0, "10〜20m", "#F285C9"),
    ColourClass(20.0, "20m以上", "#DC7ADC"),
)

# 30° is where 急傾斜地 begins (急傾斜地の崩壊による災害の防止に関する法律 第2条); 15° is a usual limit of machine work.
SLOPE_CLASSES = (
    ColourClass(0.0, "3°未満", "#F7FCF0"),
    ColourClass(3.0, "3〜8°", "#D9F0C9"),
    ColourClass(8.0, "8〜15°", "#A6D98A"),
    ColourClass(15.0, "15〜30°", "#FEC44F"),
    ColourClass(30.0, "30〜40°", "#EC7014"),
    ColourClass(40.0, "40°以上", "#993404"),
)

# Flat ground is nearly white, so that relief darkens a map only where there is a slope.
_SHADES = (0.0, float(np.sin(np.radians(ALTITUDE_DEG))), 1.0)
_GREYS = (50.0, 232.0, 255.0)
# Row and column of a neighbour, and what it weighs in the rise to the east and to the north.
_HORN = (
    (0, 0, -1.0, 1.0), (0, 1, 0.0, 2.0), (0, 2, 1.0, 1.0),
    (1, 0, -2.0, 0.0), (1, 2, 2.0, 0.0),
    (2, 0, -1.0, -1.0), (2, 1, 0.0, -2.0), (2, 2, 1.0, -1.0),
)  # fmt: skip


def to_terrain_rgb(heights: Floats) -> Picture:
    """Red, green and blue (3, rows, columns) of Mapbox terrain-RGB: −10000 m + 0.1 m × (R·2^16 + G·2^8 + B).

    The encoding has no value for "unknown". Raises ReliefError for NaN and for heights outside −10,000 to 1,667,721 m.
    """
    steps = np.rint((np.asarray(heights, np.float64) - TERRAIN_RGB_LOWEST_M) / TERRAIN_RGB_STEP_M)
    if not bool(np.all((steps >= 0) & (steps < _WHOLE))):
        raise ReliefError("terrain-RGB では表せない標高（または値のない画素）があります。")
    return _three_bytes(steps.astype(np.int64))


def from_terrain_rgb(picture: Picture) -> Floats:
    """Heights of terrain-RGB, exact to the 0.1 m of the encoding."""
    return np.asarray(_number(picture) / 10.0 + TERRAIN_RGB_LOWEST_M)


def to_gsi_png(heights: Floats) -> Picture:
    """Red, green and blue of 国土地理院's 標高タイル (PNG): x = R·2^16 + G·2^8 + B counts 0.01 m, negative above 2^23.

    NaN becomes x = 2^23, the no-data value (128, 0, 0). Raises ReliefError for heights beyond ±83,886 m.
    """
    known = np.isfinite(heights)
    steps = np.where(known, np.rint(np.where(known, heights, 0.0) / GSI_STEP_M), 0.0).astype(np.int64)
    if bool(np.any(np.abs(steps) >= GSI_NO_DATA)):
        raise ReliefError("標高タイル（PNG）では表せない標高があります。")
    return _three_bytes(np.where(known, steps % _WHOLE, GSI_NO_DATA))


def from_gsi_png(picture: Picture) -> Floats:
    """Heights of a 標高タイル, NaN where it has no data; exact to the 0.01 m of the encoding."""
    number = _number(picture)
    signed = np.where(number > GSI_NO_DATA, number - _WHOLE, number)
    return np.where(number == GSI_NO_DATA, np.nan, signed / 100.0)


def _three_bytes(number: NDArray[np.int64]) -> Picture:
    return np.stack([number >> 16, (number >> 8) & 255, number & 255]).astype(np.uint8)


def _number(picture: Picture) -> NDArray[np.int64]:
    red, green, blue = np.asarray(picture[:3], np.int64)
    return np.asarray((red << 16) | (green << 8) | blue)


@dataclass(frozen=True)
class GroundPixel:
    """Metres on the ground of one pixel, to the east and to the north, for each row (rows, 1)."""

    east_m: Floats
    north_m: Floats


def mercator_pixel(north: float, pixel_m: float, rows: int) -> GroundPixel:
    """Ground size of the pixels of a Web Mercator grid whose top edge lies at `north` (metres of EPSG:3857).

    Web Mercator stretches by about 1/cos(latitude), on the ellipsoid a little differently to the east (radius of the
    parallel) and to the north (radius of the meridian): 0.7 % apart at 37° N.
    """
    y = north - (np.arange(rows, dtype=np.float64) + 0.5) * pixel_m
    latitude = 2.0 * np.arctan(np.exp(y / RADIUS_M)) - np.pi / 2.0
    squeeze = FLATTENING * (2.0 - FLATTENING)
    w = 1.0 - squeeze * np.sin(latitude) ** 2
    east = pixel_m * np.cos(latitude) / np.sqrt(w)
    north_m = pixel_m * np.cos(latitude) * (1.0 - squeeze) / w**1.5
    return GroundPixel(east[:, None], north_m[:, None])


def gradients(heights: Floats, pixel: GroundPixel) -> tuple[Floats, Floats]:
    """Rise per metre to the east and to the north, by Horn's weights (1981), of the inner pixels.

    `heights` and `pixel` have a collar of one pixel, which the result has lost. A neighbour without a height counts as
    high as the middle, so that the edge of the data is no cliff; a middle without one gives NaN.
    """
    middle = heights[1:-1, 1:-1]
    rows, columns = middle.shape
    to_east, to_north = np.zeros(middle.shape), np.zeros(middle.shape)
    for row, column, east, north in _HORN:
        part = heights[row : row + rows, column : column + columns]
        part = np.where(np.isnan(part), middle, part)
        to_east += east * part
        to_north += north * part
    to_east /= 8.0 * pixel.east_m[1:-1]
    to_north /= 8.0 * pixel.north_m[1:-1]
    return to_east, to_north


def slope_degrees(heights: Floats, pixel: GroundPixel) -> Floats:
    """Steepness of the inner pixels in degrees, NaN where unknown; `heights` has a collar of one pixel."""
    east, north = gradients(heights, pixel)
    return np.asarray(np.degrees(np.arctan(np.hypot(east, north))))


def hillshade(
    heights: Floats, pixel: GroundPixel, *, azimuth_deg: float = NORTH_WEST_DEG, altitude_deg: float = ALTITUDE_DEG
) -> Floats:
    """Light on the inner pixels, 0 (none) to 1 (facing the sun), NaN where unknown; `heights` has a collar of one pixel.

    The sun stands at `azimuth_deg` clockwise from north and `altitude_deg` above the horizon; from the north-west, as
    on 国土地理院's 陰影起伏図, because relief lit from below reads inside out.
    """
    east, north = gradients(heights, pixel)
    azimuth, altitude = np.radians(azimuth_deg), np.radians(altitude_deg)
    towards = np.sin(azimuth) * np.cos(altitude), np.cos(azimuth) * np.cos(altitude), np.sin(altitude)
    light = (towards[2] - east * towards[0] - north * towards[1]) / np.sqrt(1.0 + east**2 + north**2)
    return np.asarray(np.clip(light, 0.0, 1.0))


def shaded(light: Floats) -> Picture:
    """Relief in greys, flat ground nearly white; transparent where the light is NaN."""
    known = np.isfinite(light)
    grey = np.rint(np.interp(np.where(known, light, 0.0), _SHADES, _GREYS))
    return with_alpha(np.stack([grey] * 3), known)


def coloured(values: Floats, classes: tuple[ColourClass, ...]) -> Picture:
    """Each value in the colour of its class; transparent where it is NaN or lies below the first class."""
    position = np.searchsorted([entry.least for entry in classes], values, side="right")
    known = np.isfinite(values) & (position > 0)
    table = np.array([(0, 0, 0), *(entry.rgb for entry in classes)], dtype=np.uint8)
    return with_alpha(np.moveaxis(table[np.where(known, position, 0)], -1, 0), known)


def with_alpha(picture: NDArray[np.generic], known: NDArray[np.bool_]) -> Picture:
    """Red, green and blue with an alpha band: opaque where known, and all of zero elsewhere."""
    alpha = np.where(known, 255, 0)
    return np.concatenate([np.where(known, picture, 0), alpha[None]]).astype(np.uint8)
