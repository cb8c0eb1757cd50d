"""The little SVG path data of `gis.map_symbols` as pixels: patterns as masks that repeat without a seam, marks as outlines."""

import math
import re
from functools import lru_cache

from PIL import Image, ImageDraw

from gis.map_symbols import PATTERNS

Point = tuple[float, float]
Path = list[Point]
UNITS, UNIT_PX = 4, 2
"""A pattern's tile has 4 by 4 units of 2 CSS pixels: 8 pixels, of which a map tile holds a whole number."""
STROKE_UNITS = 0.5
_FINE = 8
_ARC_STEPS = 12
_COMMAND = re.compile(r"([MLlhvaZ])([^MLlhvaZ]*)")
_NUMBER = re.compile(r"-?[0-9.]+")


def outlines(data: str) -> list[Path]:
    """The paths in SVG path data of M, L, l, h, v, Z, and half circles written with `a`."""
    paths: list[Path] = []
    for command, rest in _COMMAND.findall(data):
        numbers = [float(text) for text in _NUMBER.findall(rest)]
        if command == "M":
            paths.append([(numbers[0], numbers[1])])
        elif command == "Z":
            paths[-1].append(paths[-1][0])
        else:
            paths[-1].extend(_continued(paths[-1][-1], command, numbers))
    return paths


def _continued(start: Point, command: str, numbers: list[float]) -> Path:
    x, y = start
    if command == "h":
        return [(x + numbers[0], y)]
    if command == "v":
        return [(x, y + numbers[0])]
    if command == "a":
        return _half_circle(start, numbers[5], numbers[6])
    points = list(zip(numbers[::2], numbers[1::2], strict=True))
    return points if command == "L" else _added(start, points)


def _added(start: Point, steps: list[Point]) -> Path:
    x, y = start
    path = []
    for dx, dy in steps:
        x, y = x + dx, y + dy
        path.append((x, y))
    return path


def _half_circle(start: Point, dx: float, dy: float) -> Path:
    centre = (start[0] + dx / 2, start[1] + dy / 2)
    radius, begin = math.hypot(dx, dy) / 2, math.atan2(-dy, -dx)
    turns = (begin - math.pi * step / _ARC_STEPS for step in range(1, _ARC_STEPS + 1))
    return [(centre[0] + radius * math.cos(turn), centre[1] + radius * math.sin(turn)) for turn in turns]


@lru_cache(maxsize=128)
def pattern_mask(name: str, side: int, scale: int) -> Image.Image:
    """Where a square of `side` pixels, whose origin lies on the pattern's grid, is inked by a pattern: 0 to 255."""
    repeat = UNITS * UNIT_PX * scale
    tile = _tile(name, repeat)
    mask = Image.new("L", (side, side))
    for x in range(0, side, repeat):
        for y in range(0, side, repeat):
            mask.paste(tile, (x, y))
    return mask


def _tile(name: str, pixels: int) -> Image.Image:
    """One tile, drawn with its neighbours so that a stroke that ends at its edge goes on."""
    unit = pixels * _FINE / UNITS
    fine = Image.new("L", (pixels * _FINE, pixels * _FINE))
    draw = ImageDraw.Draw(fine)
    steps = (-UNITS, 0, UNITS)
    for path in (path for data in PATTERNS[name] for path in outlines(data)):
        for right, down in ((right, down) for right in steps for down in steps):
            placed = [((x + right) * unit, (y + down) * unit) for x, y in path]
            if "dots" in name:
                draw.polygon(placed, fill=255)
            else:
                draw.line(placed, fill=255, width=round(STROKE_UNITS * unit))
    return fine.reduce(_FINE)
