"""A square piece of a map drawn in pixels: areas, hatches, lines, marks and names over nothing, as the legend has them.

Coordinates are CSS pixels from the upper left. Shapes are drawn as masks twice as fine and then laid on in the colour of
the legend, so that the inside of an area has that colour exactly and only its edge is mixed.
"""

import math
from collections.abc import Iterable, Sequence
from functools import lru_cache
from io import BytesIO
from itertools import pairwise

from PIL import Image, ImageChops, ImageDraw, ImageFont

from gis.map_fonts import japanese_font
from gis.map_paths import outlines, pattern_mask
from gis.map_symbols import MARKERS

Ring = Sequence[tuple[float, float]]
Box = tuple[float, float, float, float]
_FINE = 2
MARKER_RADIUS_PX = 6.5
LABEL_SIZE_PX = 12
_HALO_PX = 1.5
_LABEL_INK = "#1A1A1A"
_COMPRESSION = 6


class MapCanvas:
    """A picture of `side` CSS pixels, drawn with `scale` pixels for each of them."""

    def __init__(self, side: int, scale: int) -> None:
        self.side, self.scale = side, scale
        self._pixels = side * scale
        self._image = Image.new("RGBA", (self._pixels, self._pixels))

    def area_mask(self, polygons: Iterable[Sequence[Ring]]) -> Image.Image:
        """Where the polygons lie, each an outer ring with its holes."""
        mask = self._blank()
        draw = ImageDraw.Draw(mask)
        for rings in polygons:
            if len(rings) == 1:
                draw.polygon(self._fine(rings[0]), fill=255)
            else:
                mask.paste(255, mask=self._with_holes(rings))
        return mask.reduce(_FINE)

    def fill(self, mask: Image.Image, colour: str, opacity: float) -> None:
        """Lay a colour on where the mask is."""
        ink = Image.new("RGBA", mask.size, colour)
        ink.putalpha(mask.point([round(value * opacity) for value in range(256)]))
        self._image.alpha_composite(ink)

    def hatch(self, mask: Image.Image, pattern: str, colour: str, opacity: float) -> None:
        """Lay a pattern on where the mask is; it goes on without a seam in the picture beside."""
        self.fill(ImageChops.multiply(mask, pattern_mask(pattern, self._pixels, self.scale)), colour, opacity)

    def lines(self, lines: Iterable[Ring], colour: str, width: float, dashes: Sequence[float] = ()) -> None:
        """Draw lines of a width in CSS pixels; `dashes` are multiples of it."""
        mask = self._blank()
        draw = ImageDraw.Draw(mask)
        pixels = max(1, round(width * self.scale * _FINE))
        for line in lines:
            for piece in _dashed(line, [length * width for length in dashes]) if dashes else (line,):
                if len(piece) > 1:
                    draw.line(self._fine(piece), fill=255, width=pixels, joint="curve")
        self.fill(mask.reduce(_FINE), colour, 1.0)

    def marker(self, at: tuple[float, float], icon: str, fill: str, line: str) -> None:
        """Set a mark with its middle at a place."""
        self._lay(_marker(icon, fill, line, self.scale), at, 0.5)

    def label(self, box: Box, text: str) -> None:
        """Write a name into the box that `label_box` gave for it."""
        sprite = _label(text, self.scale)
        if sprite is not None:
            self._lay(sprite, ((box[0] + box[2]) / 2, box[1]), 0.0)

    def png(self) -> bytes:
        """The picture; the same drawing gives the same bytes."""
        file = BytesIO()
        self._image.save(file, "PNG", compress_level=_COMPRESSION)
        return file.getvalue()

    def _blank(self) -> Image.Image:
        return Image.new("L", (self._pixels * _FINE, self._pixels * _FINE))

    def _fine(self, ring: Ring) -> list[tuple[float, float]]:
        factor = self.scale * _FINE
        return [(x * factor, y * factor) for x, y in ring]

    def _with_holes(self, rings: Sequence[Ring]) -> Image.Image:
        mask = self._blank()
        draw = ImageDraw.Draw(mask)
        for ring, value in zip(rings, (255, *(0 for _ in rings[1:])), strict=True):
            draw.polygon(self._fine(ring), fill=value)
        return mask

    def _lay(self, sprite: Image.Image, at: tuple[float, float], down: float) -> None:
        """Lay a small picture on, its middle at `at`, `down` of it above; what stands over the edge is left out."""
        left = math.floor(at[0] * self.scale + 0.5) - sprite.width // 2
        top = math.floor(at[1] * self.scale + 0.5) - int(sprite.height * down)
        seen = (max(-left, 0), max(-top, 0))
        if left < self._pixels and top < self._pixels and seen[0] < sprite.width and seen[1] < sprite.height:
            self._image.alpha_composite(sprite, (max(left, 0), max(top, 0)), seen)


def label_box(text: str, middle: float, top: float) -> Box | None:
    """The place a name takes, its upper edge at `top`; None where no font is there to write it."""
    sprite = _label(text, 1)
    if sprite is None:
        return None
    return middle - sprite.width / 2, top, middle + sprite.width / 2, top + sprite.height


def empty_png(pixels: int) -> bytes:
    """A picture of nothing."""
    return MapCanvas(pixels, 1).png()


@lru_cache(maxsize=256)
def _marker(icon: str, fill: str, line: str, scale: int) -> Image.Image:
    fine = 4
    radius = MARKER_RADIUS_PX * scale * fine
    side = 2 * math.ceil(MARKER_RADIUS_PX * 1.5) * scale * fine
    paths = [[(x * radius + side / 2, y * radius + side / 2) for x, y in path] for path in outlines(MARKERS[icon])]
    image = Image.new("RGBA", (side // fine, side // fine))
    for colour, is_edge in ((line, True), (fill, False)):
        mask = Image.new("L", (side, side))
        draw = ImageDraw.Draw(mask)
        for path in paths:
            draw.polygon(path, fill=255)
            if is_edge:
                draw.line([*path, path[1]], fill=255, width=round(_HALO_PX * 2 * scale * fine), joint="curve")
        ink = Image.new("RGBA", image.size, colour)
        ink.putalpha(mask.reduce(fine))
        image.alpha_composite(ink)
    return image


@lru_cache(maxsize=8)
def _font(size: int) -> ImageFont.FreeTypeFont | None:
    path = japanese_font()
    return ImageFont.truetype(str(path), size, layout_engine=ImageFont.Layout.BASIC) if path is not None else None


@lru_cache(maxsize=1024)
def _label(text: str, scale: int) -> Image.Image | None:
    font = _font(LABEL_SIZE_PX * scale)
    if font is None:
        return None
    halo = _HALO_PX * scale
    left, top, right, bottom = font.getbbox(text, stroke_width=halo)
    size = (max(1, math.ceil(right - left)), max(1, math.ceil(bottom - top)))
    image = Image.new("RGBA", size)
    ImageDraw.Draw(image).text(
        (-left, -top), text, fill=_LABEL_INK, font=font, stroke_width=halo, stroke_fill="#FFFFFF"
    )
    return image


def _dashed(line: Ring, lengths: Sequence[float]) -> list[list[tuple[float, float]]]:
    """The drawn pieces of a line; `lengths` are dash, gap, dash, gap … from its beginning."""
    pieces: list[list[tuple[float, float]]] = [[line[0]]]
    turn, left = 0, lengths[0]
    for (x0, y0), (x1, y1) in pairwise(line):
        length, done = math.hypot(x1 - x0, y1 - y0), 0.0
        while length - done > left:
            done += left
            point = (x0 + (x1 - x0) * done / length, y0 + (y1 - y0) * done / length)
            if turn % 2 == 0:
                pieces[-1].append(point)
            else:
                pieces.append([point])
            turn, left = turn + 1, lengths[(turn + 1) % len(lengths)]
        left -= length - done
        if turn % 2 == 0:
            pieces[-1].append((x1, y1))
    return pieces
