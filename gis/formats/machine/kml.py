"""KML 2.3 (OGC 12-007r2) of fields: a folder a field, the boundary an area with holes, headland and guidance as lines."""

from collections.abc import Sequence

from lxml import etree

from gis.errors import UnreadableFileError
from gis.formats.archive import Member
from gis.formats.machine.model import MachineField, Position, Ring
from gis.formats.machine.pieces import Piece, Pieces, Role
from gis.formats.machine.rings import DECIMALS, check_writable, closed, number, open_ring, position
from gis.formats.machine.safe_xml import children, descendants, local_name, root_of, text_of, writable

NAMESPACE = "http://www.opengis.net/kml/2.2"
_DATA = ("role", "field_id", "farmer", "area_m2", "width_m")


def read(member: Member) -> list[MachineField]:
    """The fields of a KML document; its positions are WGS 84, longitude first. Raises UnreadableFileError."""
    root = root_of(member)
    pieces = Pieces(member.label)
    if any(True for _ in descendants(root, "NetworkLink")):
        pieces.note("ネットワークの先（NetworkLink）は読みません。")
    for at, placemark in enumerate(descendants(root, "Placemark"), start=1):
        _take(placemark, at, pieces)
    return pieces.fields()


def _take(placemark: etree._Element, at: int, pieces: Pieces) -> None:
    data = _data(placemark)
    role = Role(data["role"]) if data.get("role") in set(Role) else None
    areas = list(descendants(placemark, "Polygon"))
    own_id = data.get("field_id", "") or (f"{at}番目" if len(areas) > 1 else "")
    name = text_of(placemark, "name")
    for area in areas:
        outer, inners = _rings(area, pieces.label)
        pieces.found.append(
            Piece(
                role or Role.BOUNDARY, outer, name, own_id, inners, farmer=data.get("farmer", ""),
                area_m2=_metres(data, "area_m2", pieces.label),
            )
        )  # fmt: skip
    for line in descendants(placemark, "LineString"):
        if role is None or role is Role.BOUNDARY:
            pieces.note("圃場の境界（面）でも、おのマップの誘導線でもない線は取り込みません。")
            continue
        places = _positions(text_of(line, "coordinates"), pieces.label)
        pieces.found.append(
            Piece(
                role, places if role is Role.GUIDANCE else open_ring(places), name, own_id,
                width_m=_metres(data, "width_m", pieces.label),
            )
        )  # fmt: skip
    if not areas and any(True for _ in descendants(placemark, "Point", "Track", "MultiTrack", "Model")):
        pieces.note("点や軌跡などの目印は取り込みません。")


def _data(placemark: etree._Element) -> dict[str, str]:
    found = {}
    for item in descendants(placemark, "Data", "SimpleData"):
        name = item.get("name", "")
        if name in _DATA:
            found[name] = text_of(item, "value") if local_name(item) == "Data" else (item.text or "").strip()
    return found


def _metres(data: dict[str, str], name: str, label: str) -> float | None:
    text = data.get(name, "")
    value = number(text, label) if text else 0.0
    return value if value > 0 else None


def _rings(area: etree._Element, label: str) -> tuple[Ring, list[Ring]]:
    outer: Ring = ()
    inners = []
    for side in children(area, "outerBoundaryIs", "innerBoundaryIs"):
        for ring in children(side, "LinearRing"):
            places = open_ring(_positions(text_of(ring, "coordinates"), label))
            if local_name(side) == "outerBoundaryIs":
                outer = places
            else:
                inners.append(places)
    return outer, inners


def _positions(text: str, label: str) -> list[Position]:
    """Tuples of longitude, latitude and perhaps height, apart by blanks."""
    places = []
    for item in text.split():
        values = item.split(",")
        if len(values) not in (2, 3):
            raise UnreadableFileError(f"{label} の座標「{item[:40]}」を読めません。ファイルを確かめてください。")
        places.append(position(number(values[0], label), number(values[1], label), label))
    return places


def document(fields: Sequence[MachineField]) -> tuple[bytes, list[str]]:
    """The document; KML holds all of a field. Raises UnwritableError."""
    check_writable(fields)
    root = etree.Element("kml", nsmap={None: NAMESPACE})
    body = etree.SubElement(root, "Document")
    etree.SubElement(body, "name").text = "圃場"
    for item in fields:
        _folder(body, item)
    raw: bytes = etree.tostring(root, xml_declaration=True, encoding="UTF-8", pretty_print=True)
    return raw, []


def _folder(body: etree._Element, item: MachineField) -> None:
    folder = etree.SubElement(body, "Folder")
    etree.SubElement(folder, "name").text = writable(item.name)
    area = None if item.area_m2 is None else repr(item.area_m2)
    boundary = _placemark(folder, item.name, Role.BOUNDARY, item, {"farmer": item.farmer, "area_m2": area})
    shape = etree.SubElement(boundary, "Polygon")
    for side, rings in (("outerBoundaryIs", [item.outer]), ("innerBoundaryIs", item.inners)):
        for ring in rings:
            inside = etree.SubElement(etree.SubElement(shape, side), "LinearRing")
            etree.SubElement(inside, "coordinates").text = _text(closed(ring))
    if item.headland is not None:
        headland = _placemark(folder, f"{item.name} 枕地", Role.HEADLAND, item, {})
        etree.SubElement(etree.SubElement(headland, "LineString"), "coordinates").text = _text(closed(item.headland))
    for line in item.guidance:
        width = None if line.width_m is None else repr(line.width_m)
        guidance = _placemark(folder, line.name, Role.GUIDANCE, item, {"width_m": width})
        etree.SubElement(etree.SubElement(guidance, "LineString"), "coordinates").text = _text(line.positions)


def _placemark(
    folder: etree._Element, name: str, role: Role, item: MachineField, facts: dict[str, str | None]
) -> etree._Element:
    placemark = etree.SubElement(folder, "Placemark")
    etree.SubElement(placemark, "name").text = writable(name)
    extended = etree.SubElement(placemark, "ExtendedData")
    for key, value in {"role": role.value, "field_id": item.id, **facts}.items():
        if value:
            etree.SubElement(etree.SubElement(extended, "Data", name=key), "value").text = writable(value)
    return placemark


def _text(places: Sequence[Position]) -> str:
    return " ".join(f"{lon:.{DECIMALS}f},{lat:.{DECIMALS}f}" for lon, lat in places)
