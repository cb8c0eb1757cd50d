"""Points, curves and surfaces of a 法務省 地図XML sheet, put together into polygons.

The file gives shapes by reference: a surface names curves, a curve names points or writes coordinates out. `X` is north
and `Y` is east (測量座標系); everything returned here is (east, north) in metres.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field

import shapely
from lxml import etree

from gis.errors import OnomapError

Point = tuple[float, float]
Curve = tuple[Point, ...]
Patch = list[list[str]]
"""Curve ids ring by ring, the outer ring first."""

ZMN = "{http://www.moj.go.jp/MINJI/tizuzumen}"
_X, _Y = f"{ZMN}X", f"{ZMN}Y"
_POINT_REF = f"{ZMN}GM_PointRef.point"
_SEGMENT = f"{ZMN}GM_Curve.segment"
_LINE = f"{ZMN}GM_LineString"
_PRIMITIVE = f"{ZMN}GM_OrientablePrimitive.primitive"
_POLYGON = f"{ZMN}GM_Polygon"
_EXTERIOR = f"{ZMN}GM_SurfaceBoundary.exterior"
_INTERIOR = f"{ZMN}GM_SurfaceBoundary.interior"
_GENERATOR = f"{ZMN}GM_CompositeCurve.generator"

JOIN_TOLERANCE_M = 0.001
"""Coordinates are written to the millimetre; ends that differ by no more than that are the same end."""


class BrokenShapeError(OnomapError):
    """A shape cannot be put together; the message names the part that is wrong."""


@dataclass
class ShapeTable:
    """The shapes of one sheet by id; `faults` keeps why one could not be read until something asks for it."""

    points: dict[str, Point] = field(default_factory=dict)
    curves: dict[str, Curve] = field(default_factory=dict)
    same_as: dict[str, str] = field(default_factory=dict)
    surfaces: dict[str, list[Patch]] = field(default_factory=dict)
    faults: dict[str, str] = field(default_factory=dict)

    def add_point(self, element: etree._Element) -> None:
        """Takes a GM_Point."""
        try:
            (point,) = self._positions(element)
        except (BrokenShapeError, ValueError) as error:
            self.faults[element.get("id", "")] = f"点の座標が読めない（{error}）"
            return
        self.points[element.get("id", "")] = point

    def add_curve(self, element: etree._Element) -> None:
        """Takes a GM_Curve: its own segments, or (without any) another curve that it names.

        Its orientation (+ or -) is not needed: a ring is joined by the ends of its curves, whichever way each is written.
        """
        identifier = element.get("id", "")
        try:
            positions = self._segments(element)
        except (BrokenShapeError, ValueError) as error:
            self.faults[identifier] = str(error)
            return
        if positions:
            self.curves[identifier] = tuple(positions)
            return
        primitive = element.find(_PRIMITIVE)
        self.same_as[identifier] = "" if primitive is None else primitive.get("idref", "")

    def add_surface(self, element: etree._Element) -> None:
        """Takes a GM_Surface; its curves are looked up only when a parcel asks for it."""
        patches: list[Patch] = []
        for polygon in element.iter(_POLYGON):
            exteriors = [_generators(ring) for ring in polygon.iter(_EXTERIOR)]
            patches.append(exteriors + [_generators(ring) for ring in polygon.iter(_INTERIOR)])
            if len(exteriors) != 1:
                self.faults[element.get("id", "")] = f"外周が {len(exteriors)} 個ある"
        self.surfaces[element.get("id", "")] = patches

    def polygon(self, identifier: str) -> shapely.Polygon | shapely.MultiPolygon:
        """The surface as it stands in the file, valid or not; BrokenShapeError when it cannot be put together."""
        if identifier in self.faults:
            raise BrokenShapeError(f"面 {identifier}：{self.faults[identifier]}")
        if not self.surfaces.get(identifier):
            raise BrokenShapeError(f"面 {identifier} がファイルにない")
        patches = [shapely.Polygon(rings[0], rings[1:]) for rings in map(self._rings, self.surfaces[identifier])]
        return patches[0] if len(patches) == 1 else shapely.MultiPolygon(patches)

    def _rings(self, patch: Patch) -> list[list[Point]]:
        return [_joined([self._curve(identifier) for identifier in ring]) for ring in patch]

    def _curve(self, identifier: str) -> Curve:
        seen = {identifier}
        while identifier in self.same_as:
            identifier = self.same_as[identifier]
            if identifier in seen:
                raise BrokenShapeError(f"線 {identifier} が自分自身を参照している")
            seen.add(identifier)
        if identifier in self.faults:
            raise BrokenShapeError(f"線 {identifier}：{self.faults[identifier]}")
        if identifier not in self.curves:
            raise BrokenShapeError(f"線 {identifier} がファイルにない")
        return self.curves[identifier]

    def _segments(self, element: etree._Element) -> list[Point]:
        positions: list[Point] = []
        for segment in element.iterchildren(_SEGMENT):
            for part in segment:
                if part.tag != _LINE:
                    # Only straight segments are known from published files; an arc read as its chord moves a boundary.
                    raise BrokenShapeError(f"折れ線でない区間 {etree.QName(part).localname} は読めない")
                positions.extend(self._positions(part))
        if len(positions) == 1:
            raise BrokenShapeError("点が1つしかない")
        return positions

    def _positions(self, element: etree._Element) -> list[Point]:
        """Positions in file order, written out (direct) or by idref (indirect), mixed as they come."""
        positions: list[Point] = []
        north: float | None = None
        for item in element.iter(_POINT_REF, _X, _Y):
            if item.tag == _POINT_REF:
                positions.append(self._point(item.get("idref", "")))
            elif item.tag == _X:
                north = _metres(item.text)
            elif north is not None:
                positions.append((_metres(item.text), north))
                north = None
        return positions

    def _point(self, identifier: str) -> Point:
        if identifier not in self.points:
            raise BrokenShapeError(self.faults.get(identifier, f"点 {identifier} がファイルにない"))
        return self.points[identifier]


def _generators(ring: etree._Element) -> list[str]:
    return [generator.get("idref", "") for generator in ring.iter(_GENERATOR)]


def _metres(text: str | None) -> float:
    value = float(text or "")
    if not math.isfinite(value):
        raise BrokenShapeError(f"座標が数値でない（{text}）")
    return value


def _joined(curves: Sequence[Curve]) -> list[Point]:
    """One closed ring out of curves given in order; a curve written the other way round is turned."""
    if not curves:
        raise BrokenShapeError("境界の線がない")
    ring = list(curves[0])
    if len(curves) > 1 and not _same(ring[-1], curves[1][0]) and not _same(ring[-1], curves[1][-1]):
        ring.reverse()
    for curve in curves[1:]:
        if _same(ring[-1], curve[0]):
            ring.extend(curve[1:])
        elif _same(ring[-1], curve[-1]):
            ring.extend(curve[-2::-1])
        else:
            raise BrokenShapeError(f"境界の線がつながらない（X={ring[-1][1]:.3f}, Y={ring[-1][0]:.3f}）")
    if not _same(ring[0], ring[-1]):
        raise BrokenShapeError(f"境界が閉じない（X={ring[0][1]:.3f}, Y={ring[0][0]:.3f}）")
    ring[-1] = ring[0]
    if len(set(ring)) < 3:
        raise BrokenShapeError("境界の点が3つに満たない")
    return ring


def _same(one: Point, other: Point) -> bool:
    return abs(one[0] - other[0]) <= JOIN_TOLERANCE_M and abs(one[1] - other[1]) <= JOIN_TOLERANCE_M
