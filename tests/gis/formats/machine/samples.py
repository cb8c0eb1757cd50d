"""Fields to write and read back: a plain one, and random ones with inner boundaries, headland and guidance."""

import math
from collections.abc import Iterable, Sequence

import shapely
from hypothesis import strategies as st
from pyproj import Geod

from gis.formats.machine import GuidanceLine, MachineField
from gis.formats.machine.model import Position, Ring

GEOD = Geod(ellps="GRS80")
LON, LAT = 140.6286, 37.2835
_M_LAT = 1 / 110_990
_M_LON = 1 / (111_320 * math.cos(math.radians(LAT)))
MILLIMETRE = 0.001


def at(x_m: float, y_m: float) -> Position:
    """A position so many metres east and north of the middle of the town, to a nanodegree as a survey would state it."""
    return (round(LON + x_m * _M_LON, 9), round(LAT + y_m * _M_LAT, 9))


def ring(*places: tuple[float, float]) -> Ring:
    return tuple(at(x, y) for x, y in places)


PLAIN = MachineField(
    id="f-1",
    name="前田の田んぼ",
    outer=ring((0, 0), (100, 5), (95, 80), (40, 90), (-5, 60)),
    inners=(ring((30, 30), (40, 30), (40, 40), (30, 40)), ring((60, 50), (64, 50), (62, 54))),
    headland=ring((6, 6), (93, 11), (89, 75), (40, 83), (2, 57)),
    guidance=(
        GuidanceLine("AB 1", (at(5, 3), at(95, 8)), 2.4),
        GuidanceLine("曲がり", (at(5, 20), at(50, 25), at(93, 20)), None),
    ),
    area_m2=7654.0,
    farmer="小野 太郎",
)
BARE = MachineField("f-2", "裏の畑", ring((200, 0), (260, 0), (230, 40)), area_m2=1200.0)


def metres_apart(one: Position, other: Position) -> float:
    return float(GEOD.inv(*one, *other)[2])


def same_line(one: Sequence[Position], other: Sequence[Position], within_m: float = MILLIMETRE) -> bool:
    return len(one) == len(other) and all(metres_apart(a, b) <= within_m for a, b in zip(one, other, strict=True))


def same_ring(one: Sequence[Position], other: Sequence[Position], within_m: float = MILLIMETRE) -> bool:
    """Whether two rings have the same corners in the same round, wherever they begin and whichever way they turn."""
    if len(one) != len(other):
        return False
    for round_ in (list(other), list(reversed(other))):
        for start in range(len(round_)):
            if metres_apart(one[0], round_[start]) <= within_m and same_line(
                one, round_[start:] + round_[:start], within_m
            ):
                return True
    return False


def same_rings(some: Iterable[Ring], others: Iterable[Ring], within_m: float = MILLIMETRE) -> bool:
    left = list(others)
    for one in some:
        match = next((other for other in left if same_ring(one, other, within_m)), None)
        if match is None:
            return False
        left.remove(match)
    return not left


@st.composite
def fields(draw: st.DrawFn, *, guided: bool = True) -> MachineField:
    """A field of 10 to 400 m with 0 to 3 inner boundaries, anywhere within 5 km of the middle of the town."""
    x0, y0 = draw(st.floats(-5000, 5000)), draw(st.floats(-5000, 5000))
    size = draw(st.floats(10, 400))
    corners = draw(st.integers(3, 24))
    turns = sorted(draw(st.lists(st.floats(0, 0.9), min_size=corners, max_size=corners)))
    angles = [2 * math.pi * (at_ + turn) / corners for at_, turn in enumerate(turns)]
    reach = [size * draw(st.floats(0.8, 1.0)) for _ in angles]
    outer = [(x0 + r * math.cos(a), y0 + r * math.sin(a)) for r, a in zip(reach, angles, strict=True)]
    shape = shapely.Polygon(outer)
    inners = []
    for place in range(draw(st.integers(0, 3))):
        cx, cy = x0 + size * 0.25 * (place - 1), y0
        hole = [(cx + size * 0.08 * math.cos(a), cy + size * 0.08 * math.sin(a)) for a in (0.1, 1.7, 3.2, 4.9)]
        if shape.is_valid and shape.contains(shapely.Polygon(hole).buffer(0.01)):
            inners.append(ring(*hole))
    name = (
        draw(st.text(st.sampled_from("田畑前上下0123456789 -ABCxyzあいうアイウ"), min_size=1, max_size=20)).strip()
        or "田"
    )
    guidance = (GuidanceLine("AB", (at(x0, y0), at(x0 + size, y0 + 1)), draw(st.sampled_from([None, 1.5, 2.8]))),)
    return MachineField(
        id=f"f-{draw(st.integers(1, 10**6))}",
        name=name,
        outer=ring(*outer),
        inners=tuple(inners),
        headland=ring(*((x0 + 0.5 * (x - x0), y0 + 0.5 * (y - y0)) for x, y in outer)) if draw(st.booleans()) else None,
        guidance=guidance if guided and draw(st.booleans()) else (),
        area_m2=float(draw(st.integers(1, 10**6))),
        farmer=draw(st.sampled_from(["", "小野 太郎", "A & B <農園>"])),
    )
