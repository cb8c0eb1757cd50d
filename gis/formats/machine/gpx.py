"""GPX 1.1 of fields: a closed track a ring, a route a guidance line; type, description and extension say whose they are.

GPX has no areas. A file of another program holds tracks only: each is closed into a boundary, and how far its ends were
apart is told.
"""

from collections.abc import Sequence

from lxml import etree

from gis.formats.archive import Member
from gis.formats.machine.model import MachineField, Position
from gis.formats.machine.pieces import Piece, Pieces, Role
from gis.formats.machine.rings import DECIMALS, GEOD, check_writable, closed, is_ring, number, open_ring, position
from gis.formats.machine.safe_xml import children, root_of, text_of, writable

NAMESPACE = "http://www.topografix.com/GPX/1/1"
OURS = "urn:onomap:field:1"
_NAMES = {Role.BOUNDARY: "外周", Role.INNER: "内側の境界", Role.HEADLAND: "枕地", Role.GUIDANCE: "誘導線"}


def read(member: Member) -> list[MachineField]:
    """The fields of a GPX file. Raises UnreadableFileError."""
    root = root_of(member)
    pieces = Pieces(member.label)
    for track in children(root, "trk"):
        _take_track(track, pieces)
    for route in children(root, "rte"):
        _take_route(route, pieces)
    if waypoints := sum(1 for _ in children(root, "wpt")):
        pieces.note(f"地点（wpt）{waypoints}個は取り込みません。")
    return pieces.fields()


def _take_track(track: etree._Element, pieces: Pieces) -> None:
    segments = list(children(track, "trkseg"))
    places = [place for segment in segments for place in _places(segment, "trkpt", pieces.label)]
    name, ours = text_of(track, "name"), _ours(track)
    ring = open_ring(places)
    if ours is not None:
        pieces.found.append(_piece(ours, name, ring, pieces.label))
        return
    if not is_ring(ring):
        pieces.note(f"軌跡「{name}」は点が3つに満たないため取り込みません。")
        return
    if len(segments) > 1:
        pieces.note(f"軌跡「{name}」は{len(segments)}つに切れていたため、順につなぎました。")
    gap_m = GEOD.inv(*places[0], *places[-1])[2]
    pieces.note(f"軌跡「{name}」を閉じて境界にしました（最初と最後の点は {gap_m:.2f} m 離れていました）。")
    pieces.found.append(Piece(Role.BOUNDARY, ring, name))


def _take_route(route: etree._Element, pieces: Pieces) -> None:
    ours, name = _ours(route), text_of(route, "name")
    if ours is None:
        pieces.note(f"ルート「{name}」は圃場の境界ではないため取り込みません。")
        return
    pieces.found.append(_piece(ours, name, _places(route, "rtept", pieces.label), pieces.label))


def _places(parent: etree._Element, name: str, label: str) -> list[Position]:
    return [
        position(number(point.get("lon", ""), label), number(point.get("lat", ""), label), label)
        for point in children(parent, name)
    ]


def _ours(element: etree._Element) -> etree._Element | None:
    for extensions in children(element, "extensions"):
        for child in children(extensions, "field"):
            if etree.QName(child).namespace == OURS and child.get("role") in set(Role):
                return child
    return None


def _piece(ours: etree._Element, name: str, places: Sequence[Position], label: str) -> Piece:
    def metres(key: str) -> float | None:
        text = ours.get(key, "")
        value = number(text, label) if text else 0.0
        return value if value > 0 else None

    return Piece(
        Role(ours.get("role", "")),
        places,
        ours.get("name", name),
        ours.get("id", ""),
        width_m=metres("width_m"),
        farmer=ours.get("farmer", ""),
        area_m2=metres("area_m2"),
    )


def document(fields: Sequence[MachineField]) -> tuple[bytes, list[str]]:
    """The document, and what another program will make of it. Raises UnwritableError."""
    check_writable(fields)
    root = etree.Element("gpx", version="1.1", creator="onomap", nsmap={None: NAMESPACE, "onomap": OURS})
    # The schema wants all routes before the first track.
    for item in fields:
        for line in item.guidance:
            facts = {"width_m": None if line.width_m is None else repr(line.width_m)}
            route = _entry(root, "rte", line.name, Role.GUIDANCE, item, facts, name=line.name)
            _points(route, "rtept", line.positions)
    for item in fields:
        area = None if item.area_m2 is None else repr(item.area_m2)
        _track(root, item.name, Role.BOUNDARY, item, item.outer, {"farmer": item.farmer, "area_m2": area})
        for place, inner in enumerate(item.inners, start=1):
            _track(root, f"{item.name} 内側{place}", Role.INNER, item, inner, {})
        if item.headland is not None:
            _track(root, f"{item.name} 枕地", Role.HEADLAND, item, item.headland, {})
    notes = []
    if any(item.inners for item in fields):
        notes.append("GPX には面がありません。内側の境界は別の軌跡です。ほかのソフトでは穴として読まれません。")
    raw: bytes = etree.tostring(root, xml_declaration=True, encoding="UTF-8", pretty_print=True)
    return raw, notes


def _track(
    root: etree._Element,
    shown: str,
    role: Role,
    item: MachineField,
    ring: Sequence[Position],
    facts: dict[str, str | None],
) -> None:
    track = _entry(root, "trk", shown, role, item, facts, name=item.name)
    _points(etree.SubElement(track, "trkseg"), "trkpt", closed(ring))


def _entry(
    root: etree._Element,
    tag: str,
    shown: str,
    role: Role,
    item: MachineField,
    facts: dict[str, str | None],
    *,
    name: str,
) -> etree._Element:
    """A track or a route with its heading, in the order that the schema demands."""
    entry = etree.SubElement(root, tag)
    etree.SubElement(entry, "name").text = writable(shown)
    etree.SubElement(entry, "desc").text = writable(f"圃場「{item.name}」の{_NAMES[role]}")
    etree.SubElement(entry, "type").text = role.value
    own = etree.SubElement(etree.SubElement(entry, "extensions"), f"{{{OURS}}}field")
    for key, value in {"role": role.value, "id": item.id, "name": name, **facts}.items():
        if value:
            own.set(key, writable(value))
    return entry


def _points(parent: etree._Element, tag: str, places: Sequence[Position]) -> None:
    for lon, lat in places:
        etree.SubElement(parent, tag, lat=f"{lat:.{DECIMALS}f}", lon=f"{lon:.{DECIMALS}f}")
