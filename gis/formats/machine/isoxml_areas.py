"""Areas of ISOXML: the PLN of a field sorted into boundaries with their holes, headland, and what is left out."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from lxml import etree

from gis.formats.machine.isoxml_lines import positions
from gis.formats.machine.isoxml_words import OBSTACLES, POLYGON_NAMES, LineType, PolygonType
from gis.formats.machine.model import Ring
from gis.formats.machine.rings import covers, is_ring, open_ring, polygon
from gis.formats.machine.safe_xml import children

_WHOLE = 0.99
"""A headland area whose outside covers this much of the field is the strip along its edge; its hole is the line."""


@dataclass
class Area:
    """One part of a field: its outside and what lies inside it."""

    outer: Ring
    inners: list[Ring] = field(default_factory=list)


@dataclass
class Areas:
    """The areas of one field as they are gathered."""

    label: str
    parts: list[Area] = field(default_factory=list)
    headland: Ring | None = None
    notes: list[str] = field(default_factory=list)

    def note(self, sentence: str) -> None:
        """Says it once."""
        if sentence not in self.notes:
            self.notes.append(sentence)


def areas_of(partfield: etree._Element, label: str) -> Areas:
    """The areas of a PFD. Raises what `positions` raises."""
    areas = Areas(label)
    by_type: dict[str, list[etree._Element]] = {}
    for shape in children(partfield, "PLN"):
        by_type.setdefault(shape.get("A", "").strip(), []).append(shape)
    for shape in by_type.pop(PolygonType.BOUNDARY, []):
        areas.parts.extend(_parts(shape, areas))
    for kind in sorted(kind.value for kind in OBSTACLES if kind in by_type):
        for shape in by_type.pop(kind):
            _take_obstacle(shape, kind, areas)
    _take_headland(by_type, areas)
    for kind, shapes in by_type.items():
        name = POLYGON_NAMES.get(kind, f"種類{kind[:10]}の面")
        areas.note(f"{name} {len(shapes)}個は取り込みません。")
    return areas


def _parts(shape: etree._Element, areas: Areas) -> list[Area]:
    """The outsides of a PLN with their holes; version 3 allows several outsides in one."""
    by_type: dict[str, list[Ring]] = {}
    for line in children(shape, "LSG"):
        ring = open_ring(positions(line, areas.label))
        if not is_ring(ring):
            areas.note("点が3つに満たない境界線は除きました。")
            continue
        by_type.setdefault(line.get("A", "").strip(), []).append(ring)
    outers, inners = by_type.pop(LineType.EXTERIOR, []), by_type.pop(LineType.INTERIOR, [])
    others = [ring for rings in by_type.values() for ring in rings]
    if not outers and len(others) == 1:
        areas.note("境界の線に外周の印がないため、ただ1本の線を外周として読みました。")
        outers, others = others, []
    if others:
        areas.note(f"境界の面の中の、外周でも内周でもない線 {len(others)}本は取り込みません。")
    parts = [Area(outer) for outer in outers]
    for inner in inners:
        _put_inside(inner, parts, areas)
    return parts


def _put_inside(inner: Ring, parts: Sequence[Area], areas: Areas) -> None:
    around = parts if len(parts) == 1 else [part for part in parts if covers(part.outer, inner)]
    if around:
        around[0].inners.append(inner)
    else:
        areas.note("どの外周の中にもない内側の境界は除きました。")


def _take_obstacle(shape: etree._Element, kind: str, areas: Areas) -> None:
    name = POLYGON_NAMES[kind]
    for obstacle in _parts(shape, areas):
        around = [part for part in areas.parts if covers(part.outer, obstacle.outer)]
        if around:
            around[0].inners.append(obstacle.outer)
            areas.note(f"{name}を内側の境界として取り込みました。")
        else:
            areas.note(f"圃場の外にある{name}は取り込みません。")


def _take_headland(by_type: dict[str, list[etree._Element]], areas: Areas) -> None:
    """The line where the headland begins: the hole of the strip along the edge, or the outside of the main field."""
    found: list[Ring] = []
    for kind in (PolygonType.HEADLAND, PolygonType.MAIN_FIELD):
        for shape in by_type.pop(kind, []):
            found.extend(_headland_line(area, areas) for area in _parts(shape, areas))
    if len(found) > 1:
        areas.note("枕地の線が2本以上あるため、最初の1本だけを取り込みました。")
    areas.headland = found[0] if found else None


def _headland_line(area: Area, areas: Areas) -> Ring:
    outside = polygon(area.outer).area
    is_strip = len(area.inners) == 1 and any(
        outside >= _WHOLE * polygon(part.outer).area for part in areas.parts if covers(part.outer, area.outer)
    )
    return area.inners[0] if is_strip else area.outer
