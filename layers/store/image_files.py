"""Pictures as PNG or WebP files, by GDAL through rio-tiler; loaded with the first tile that is drawn."""

import warnings

from rasterio.errors import NotGeoreferencedWarning
from rio_tiler.utils import render

from gis.relief import Picture

# A tile has no place in its file. rio-tiler silences the warning around each file, which does not hold when two threads
# do it at once; said here, before any thread can get to `render`, it holds.
warnings.filterwarnings("ignore", category=NotGeoreferencedWarning)

PHOTOGRAPH_QUALITY = 85


def png_file(picture: Picture) -> bytes:
    """A picture (3 or 4, rows, columns) as a PNG."""
    return bytes(render(picture[:3], _alpha(picture), img_format="PNG"))


def webp_file(picture: Picture, *, is_photograph: bool) -> bytes:
    """The same as a WebP; only a photograph may lose: an encoding would become other heights, and flat colours look worse
    for more bytes."""
    if is_photograph:
        return bytes(render(picture[:3], _alpha(picture), img_format="WEBP", QUALITY=PHOTOGRAPH_QUALITY))
    return bytes(render(picture[:3], _alpha(picture), img_format="WEBP", LOSSLESS="YES"))


def _alpha(picture: Picture) -> Picture | None:
    return picture[3] if len(picture) == 4 else None
