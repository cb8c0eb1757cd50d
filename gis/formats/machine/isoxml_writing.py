"""Fields into ISOXML 4.3 or 3.3, as a zip whose folder TASKDATA goes onto the machine's USB stick as it is.

The headland is a PLN 10 whose outside is the line where it begins, as terminals read it. Version 3 has no kind for
headlands and no guidance groups: there the headland is left out and guidance lines are LSG 5 of the field.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

from lxml import etree

from gis.formats.machine.isoxml_words import (
    MOST_LETTERS,
    ROOT,
    LineType,
    PatternType,
    PointType,
    PolygonType,
)
from gis.formats.machine.model import GuidanceLine, MachineField, Position, Ring
from gis.formats.machine.rings import DECIMALS, area_m2, check_writable, closed
from gis.formats.machine.safe_xml import writable

NAMES = {4: "ISOXML 4.3", 3: "ISOXML 3.3"}
_BOTH_DIRECTIONS = _BOTH_ENDS = "1"
_DESKTOP_DATA = "16"
_FROM_OFFICE = "1"
_MOST_AREA_M2 = 2**32 - 1


@dataclass
class _Writing:
    """A document on its way."""

    version: int
    root: etree._Element
    notes: list[str] = field(default_factory=list)
    customers: dict[str, str] = field(default_factory=dict)
    groups: int = 0
    patterns: int = 0

    def note(self, sentence: str) -> None:
        if sentence not in self.notes:
            self.notes.append(sentence)

    def short(self, text: str) -> str:
        """The text within 32 letters; a cut is noted."""
        plain = writable(text)
        if len(plain) <= MOST_LETTERS:
            return plain
        cut = plain[:MOST_LETTERS].rstrip()
        self.note(f"名前は{MOST_LETTERS}文字までのため、「{plain}」を「{cut}」に縮めました。")
        return cut


def document(fields: Sequence[MachineField], version: int) -> tuple[bytes, list[str]]:
    """TASKDATA.XML of version 4 or 3, and what it does not hold. Raises UnwritableError."""
    check_writable(fields)
    root = etree.Element(
        ROOT,
        {
            "VersionMajor": str(version),
            "VersionMinor": "3",
            "ManagementSoftwareManufacturer": "onomap",
            "ManagementSoftwareVersion": "1",
            "TaskControllerManufacturer": "",
            "TaskControllerVersion": "",
            "DataTransferOrigin": _FROM_OFFICE,
        },
    )
    writing = _Writing(version, root)
    for farmer in dict.fromkeys(item.farmer.strip() for item in fields if item.farmer.strip()):
        writing.customers[farmer] = f"CTR{len(writing.customers) + 1}"
        etree.SubElement(root, "CTR", A=writing.customers[farmer], B=writing.short(farmer))
    for place, item in enumerate(fields, start=1):
        _partfield(item, f"PFD{place}", writing)
    body: bytes = etree.tostring(root, xml_declaration=True, encoding="UTF-8", pretty_print=True)
    return body, writing.notes


def _partfield(item: MachineField, own_id: str, writing: _Writing) -> None:
    attributes = {"A": own_id}
    code = writable(item.id)
    if code and len(code) <= MOST_LETTERS:
        attributes["B"] = code
    elif code:
        writing.note(f"圃場の番号「{code}」は{MOST_LETTERS}文字を超えるため入れていません。")
    attributes |= {"C": writing.short(item.name or item.id), "D": str(min(round(area_m2(item)), _MOST_AREA_M2))}
    if item.farmer.strip():
        attributes["E"] = writing.customers[item.farmer.strip()]
    partfield = etree.SubElement(writing.root, "PFD", attributes)
    boundary = etree.SubElement(partfield, "PLN", A=PolygonType.BOUNDARY)
    _line(boundary, LineType.EXTERIOR, closed(item.outer))
    for inner in item.inners:
        _line(boundary, LineType.INTERIOR, closed(inner))
    if item.headland is not None:
        _headland(partfield, item.headland, item, writing)
    for line in item.guidance:
        if writing.version == 4:
            _group(partfield, line, writing)
        else:
            _path(partfield, line, writing)


def _headland(partfield: etree._Element, ring: Ring, item: MachineField, writing: _Writing) -> None:
    if writing.version < 4:
        writing.note(
            f"「{item.name}」の枕地は入れていません（3版には枕地の種類がありません）。"
            "4版で書き出すか、機械側で枕地を作ってください。"
        )
        return
    _line(etree.SubElement(partfield, "PLN", A=PolygonType.HEADLAND), LineType.EXTERIOR, closed(ring))


def _group(partfield: etree._Element, line: GuidanceLine, writing: _Writing) -> None:
    writing.groups += 1
    writing.patterns += 1
    name = writing.short(line.name)
    group = etree.SubElement(partfield, "GGP", A=f"GGP{writing.groups}", B=name)
    pattern = etree.SubElement(
        group,
        "GPN",
        A=f"GPN{writing.patterns}",
        B=name,
        C=PatternType.AB if len(line.positions) == 2 else PatternType.CURVE,
        E=_BOTH_DIRECTIONS,
        F=_BOTH_ENDS,
        I=_DESKTOP_DATA,
    )
    between = [PointType.GUIDANCE] * (len(line.positions) - 2)
    _line(pattern, LineType.GUIDANCE, line.positions, kinds=[PointType.A, *between, PointType.B], width_m=line.width_m)


def _path(partfield: etree._Element, line: GuidanceLine, writing: _Writing) -> None:
    element = _line(partfield, LineType.GUIDANCE, line.positions, width_m=line.width_m)
    element.set("B", writing.short(line.name))
    writing.note(
        "誘導線は3版の GuidancePath（LSG 5）で入れました。AB ラインの種類は書けないため、機械側で選んでください。"
    )


def _line(
    parent: etree._Element,
    kind: LineType,
    places: Sequence[Position],
    *,
    kinds: Sequence[PointType] = (),
    width_m: float | None = None,
) -> etree._Element:
    """An LSG: PNT C is the latitude, D the longitude."""
    line = etree.SubElement(parent, "LSG", A=kind)
    if width_m is not None:
        line.set("C", str(round(width_m * 1000)))
    for at, (lon, lat) in enumerate(places):
        point_kind = kinds[at] if kinds else PointType.OTHER
        etree.SubElement(line, "PNT", A=point_kind, C=f"{lat:.{DECIMALS}f}", D=f"{lon:.{DECIMALS}f}")
    return line
