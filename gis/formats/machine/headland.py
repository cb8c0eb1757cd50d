"""Headland and guidance lines made from a boundary, in the metres of a plane; the caller takes them into degrees.

The headland is the strip along the edge where a machine turns: `passes` working widths wide. The first swath lies half a
width inside what remains, along the longest edge of the field, and the others lie beside it a width apart.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import shapely
from shapely import affinity

from gis.errors import OnomapError

Metres = tuple[float, float]
"""x (east) and y (north) in the plane."""
MITRE_LIMIT = 5.0
"""A corner sharper than 23° is cut off, as shapely does: the mitre would reach beyond five times the width."""
MOST_SWATHS = 2_000
LEAST_SWATH_M = 1.0
"""A piece of a swath shorter than this is no line to drive."""


class HeadlandError(OnomapError):
    """No headland or guidance line can be made with these widths."""


@dataclass(frozen=True)
class Swath:
    """One straight line to drive, from A to B."""

    start: Metres
    end: Metres


def headland(
    outer: Sequence[Metres], inners: Sequence[Sequence[Metres]], width_m: float, passes: int = 1
) -> list[Metres]:
    """The line where the headland begins: the boundary moved inward by `width_m` × `passes`, with mitred corners.

    Inner boundaries keep the same distance where it meets them; where it does not, no line is drawn around them. Raises
    HeadlandError when nothing remains or the rest falls apart.
    """
    _check_width(width_m, "枕地の幅")
    if not 1 <= passes <= 20:
        raise HeadlandError("枕地の回数は1から20で指定してください。")
    rest = inside(outer, inners, width_m * passes)
    return [(x, y) for x, y in list(rest.exterior.coords)[:-1]]


def inside(outer: Sequence[Metres], inners: Sequence[Sequence[Metres]], distance_m: float) -> shapely.Polygon:
    """What remains of a field at that distance from all its edges. Raises HeadlandError."""
    field = _field(outer, inners)
    rest = field.buffer(-distance_m, join_style="mitre", mitre_limit=MITRE_LIMIT)
    if rest.is_empty or rest.area < 1:
        raise HeadlandError(f"枕地を {distance_m:g} m 取ると圃場が残りません。幅か回数を小さくしてください。")
    if isinstance(rest, shapely.MultiPolygon):
        raise HeadlandError(
            f"枕地を {distance_m:g} m 取ると圃場が{len(rest.geoms)}つに分かれます。幅か回数を小さくするか、圃場を分けてください。"
        )
    return rest


def guidance_lines(
    outer: Sequence[Metres], inners: Sequence[Sequence[Metres]], width_m: float, headland_m: float = 0.0
) -> list[Swath]:
    """Swaths parallel to the longest edge, `width_m` apart, cut to the field within its headland and inner boundaries.

    They come in order from that edge; the first is the A–B line that a machine repeats by itself. Raises HeadlandError.
    """
    _check_width(width_m, "作業幅")
    area = inside(outer, inners, headland_m) if headland_m > 0 else _field(outer, inners)
    (ax, ay), (bx, by) = _longest_edge(outer)
    bearing = math.degrees(math.atan2(by - ay, bx - ax))
    flat = affinity.rotate(area, -bearing, origin=(ax, ay))
    west, south, east, north = flat.bounds
    count = math.floor((north - south) / width_m + 1e-9)
    if count > MOST_SWATHS:
        raise HeadlandError(f"誘導線が{count:,}本になります。作業幅を確かめてください（{MOST_SWATHS:,}本まで）。")
    # The edge lies on y = ay; the field may be on either side of it.
    from_south = abs(south - ay) <= abs(north - ay)
    swaths = []
    for at in range(count):
        offset = width_m * (at + 0.5)
        y = south + offset if from_south else north - offset
        across = shapely.LineString([(west - 1, y), (east + 1, y)])
        for piece in _pieces(flat.intersection(across)):
            turned = affinity.rotate(piece, bearing, origin=(ax, ay))
            start, end = turned.coords[0], turned.coords[-1]
            swaths.append(Swath((start[0], start[1]), (end[0], end[1])))
    if not swaths:
        raise HeadlandError(f"作業幅 {width_m:g} m の誘導線は圃場に1本も入りません。作業幅を小さくしてください。")
    return swaths


def _pieces(cut: shapely.Geometry) -> list[shapely.LineString]:
    parts = [part for part in getattr(cut, "geoms", [cut]) if isinstance(part, shapely.LineString)]
    return sorted((part for part in parts if part.length >= LEAST_SWATH_M), key=lambda part: part.bounds[0])


def _longest_edge(outer: Sequence[Metres]) -> tuple[Metres, Metres]:
    edges = zip(outer, [*outer[1:], outer[0]], strict=True)
    return max(edges, key=lambda edge: math.dist(*edge))


def _field(outer: Sequence[Metres], inners: Sequence[Sequence[Metres]]) -> shapely.Polygon:
    if len(outer) < 3:
        raise HeadlandError("境界の点が足りません。3点以上で囲んでください。")
    field = shapely.Polygon(outer, inners)
    if not field.is_valid:
        raise HeadlandError("境界線が自分と交わっているため、枕地と誘導線を作れません。境界を直してください。")
    return field


def _check_width(width_m: float, what: str) -> None:
    if not (math.isfinite(width_m) and 0.3 <= width_m <= 60):
        raise HeadlandError(f"{what}は 0.3 m から 60 m で指定してください。")
