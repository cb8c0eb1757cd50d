"""SIMA 測量データ共通フォーマット（座標と区画）: plane metres, X north and Y east, text in CP932, one record a line.

Lines as the survey programs of several makers write them: G00 (version, site), Z00 (heading), A00, A01 (number, point name,
X, Y, Z), A99, then for each plot D00 (number, name, 1), B01 (point number, point name), D99. The standard of 日本測量機器
工業会 is sold on paper only. It has no place for the plane zone: here the site's name says it, and a file that does not is
read in the zone of the asker. A plot has no holes: inner boundaries and headlands are plots of their own, and their
names say whose.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np

from gis.crs import Datum, Grids, describe, geographic_epsg, plan, plane_epsg
from gis.errors import CrsError, MissingCrsError, UnreadableFileError
from gis.formats.archive import Member
from gis.formats.encodings import strict
from gis.formats.machine.model import MachineField, Position, Ring
from gis.formats.machine.pieces import Piece, Pieces, Role
from gis.formats.machine.rings import check_writable, covers, number, open_ring, position
from gis.formats.machine.safe_xml import writable

MOST_BYTES = 32 * 1024**2
DECIMALS = 3
"""Survey programs keep millimetres."""
MOST_POINTS = 98
"""Beyond this many corners some programs divide a plot (seen in GioLine)."""
RECORD = re.compile(r"[A-Z]\d\d\s*(,|$)")
_SITE = re.compile(r"第(\d{1,2})系(?:.*?(JGD2011|JGD2000|日本測地系))?")
_DATUMS = {"JGD2011": Datum.JGD2011, "JGD2000": Datum.JGD2000, "日本測地系": Datum.TOKYO}
_PART = re.compile(r"(?P<base>.+)_(?P<role>内側|枕地)(?P<number>\d*)")
_LEAST_FIELDS = {"A01": 5, "D00": 3, "B01": 2}
_TAKEN = ("G00", "Z00", "Z01", "A00", "A99", "D99")


@dataclass
class _Site:
    """A file as it is read: points by number and by name, plots as lists of positions in plane metres (x east)."""

    label: str
    zone_epsg: int | None = None
    by_number: dict[str, Position] = field(default_factory=dict)
    by_name: dict[str, Position] = field(default_factory=dict)
    plots: list[tuple[str, str, list[Position]]] = field(default_factory=list)
    left: dict[str, int] = field(default_factory=dict)
    heights: bool = False
    is_open: bool = False


def read(member: Member, *, zone_epsg: int | None, grids: Grids) -> list[MachineField]:
    """The plots of a file as fields; `zone_epsg` is the plane zone for a file that does not name its own.

    Raises MissingCrsError without either, MissingGridError for an older datum without its grid, UnreadableFileError.
    """
    site = _site(member)
    pieces = Pieces(member.label)
    epsg = site.zone_epsg or zone_epsg
    if epsg is None:
        raise MissingCrsError(f"{member.label} には平面直角座標系の系番号がありません。系を指定してください。")
    if site.zone_epsg is None:
        pieces.note(f"SIMA には座標系が書かれていないため、{describe(epsg).name}として読みました。")
    if site.heights:
        pieces.note("標高は取り込みません。")
    for record, count in site.left.items():
        pieces.note(f"{record} の行 {count}件は、座標でも区画でもないため取り込みません。")
    _check_place(site, epsg)
    _take_plots(site, epsg, grids, pieces)
    return pieces.fields()


def _site(member: Member) -> _Site:
    if member.size > MOST_BYTES:
        raise UnreadableFileError(
            f"{member.label} は大きすぎます（{member.size:,} バイト、上限 {MOST_BYTES:,} バイト）。圃場だけにしてください。"
        )
    site = _Site(member.label)
    for at, line in enumerate(_text(member).splitlines(), start=1):
        if line.strip() in ("", "\x1a"):
            continue
        values = [value.strip() for value in line.split(",")]
        if len(values) < _LEAST_FIELDS.get(values[0], 1):
            raise UnreadableFileError(
                f"{member.label} の {at} 行目は項目が足りません。途中で切れていないか確かめてください。"
            )
        _take(values, site, f"{member.label} の {at} 行目")
    if site.is_open:
        raise UnreadableFileError(f"{member.label} は最後の区画の終わり（D99）がありません。途中で切れています。")
    return site


def _text(member: Member) -> str:
    raw = member.read()
    for encoding in ("utf-8-sig", "cp932"):
        try:
            return strict(raw, encoding)
        except UnicodeDecodeError:
            continue
    raise UnreadableFileError(f"{member.label} は CP932（シフトJIS）としても UTF-8 としても読めません。")


def _take(values: Sequence[str], site: _Site, label: str) -> None:
    record = values[0]
    if record == "G00" and len(values) > 2:
        site.zone_epsg = _zone_of(values[2], label)
    elif record == "A01":
        # X is north: the plane's y.
        place = (number(values[4], label), number(values[3], label))
        site.by_number[values[1]] = site.by_name[values[2]] = place
        site.heights = site.heights or (len(values) > 5 and values[5].strip("0.") != "")
    elif record == "D00":
        site.plots.append((values[1], values[2], []))
        site.is_open = True
    elif record == "B01":
        _take_corner(values, site, label)
    elif record == "D99":
        site.is_open = False
    elif record not in _TAKEN:
        site.left[record] = site.left.get(record, 0) + 1


def _zone_of(site_name: str, label: str) -> int | None:
    found = _SITE.search(site_name)
    if found is None:
        return None
    try:
        return plane_epsg(int(found[1]), _DATUMS[found[2] or "JGD2011"])
    except CrsError as error:
        raise UnreadableFileError(f"{label} の系番号「第{found[1]}系」はありません。") from error


def _take_corner(values: Sequence[str], site: _Site, label: str) -> None:
    if not site.is_open:
        raise UnreadableFileError(f"{label} に、どの区画にも入らない点（B01）があります。ファイルを確かめてください。")
    named = values[2] if len(values) > 2 else ""
    place = site.by_number.get(values[1]) or site.by_name.get(named)
    if place is None:
        raise UnreadableFileError(
            f"{label} の点「{named or values[1]}」の座標（A01）がありません。ファイルを確かめてください。"
        )
    site.plots[-1][2].append(place)


def _check_place(site: _Site, epsg: int) -> None:
    """Refuses coordinates that no zone holds: it reaches some 300 km north and south, and 200 km east and west."""
    for x, y in site.by_number.values():
        if abs(x) > 1_000_000 or abs(y) > 1_500_000:
            raise UnreadableFileError(
                f"{site.label} の座標（X={y:g}、Y={x:g}）は{describe(epsg).name}のものではありません。"
                "単位（m）と系を確かめてください。"
            )


def _take_plots(site: _Site, epsg: int, grids: Grids, pieces: Pieces) -> None:
    to_degrees = plan(epsg, geographic_epsg(Datum.JGD2011), grids)
    rings = []
    for _number, _name, places in site.plots:
        xy = np.asarray(places, dtype=np.float64).reshape(-1, 2)
        lon, lat, lost = to_degrees.move(xy[:, 0], xy[:, 1])
        if lost.any():
            raise UnreadableFileError(
                f"{site.label} に{describe(epsg).name}で表せない位置があります。系を確かめてください。"
            )
        rings.append(open_ring(position(a, b, site.label) for a, b in zip(lon.tolist(), lat.tolist(), strict=True)))
    names = [name for _number, name, _places in site.plots]
    for at, (own_number, name, _places) in enumerate(site.plots):
        home, role = _home(at, names, rings)
        if home is None:
            pieces.found.append(Piece(Role.BOUNDARY, rings[at], name, _id(own_number, at, site)))
        else:
            pieces.found.append(Piece(role, rings[at], name, _id(site.plots[home][0], home, site)))
            pieces.note("名前に「_内側」「_枕地」の付く区画は、元の圃場の内側の境界・枕地として読みました。")


def _id(own_number: str, at: int, site: _Site) -> str:
    """The plot's number where it is its own."""
    numbers = [plot[0] for plot in site.plots]
    return own_number if own_number and numbers.count(own_number) == 1 else f"{at + 1}番目"


def _home(at: int, names: Sequence[str], rings: Sequence[Ring]) -> tuple[int | None, Role]:
    """The plot that this one is a part of by its name and its place, if any."""
    part = _PART.fullmatch(names[at])
    role = Role.HEADLAND if part and part["role"] == "枕地" else Role.INNER
    if part is None or len(rings[at]) < 3:
        return None, role
    for other, name in enumerate(names):
        if other != at and name == part["base"] and len(rings[other]) > 2 and covers(rings[other], rings[at]):
            return other, role
    return None, role


def document(fields: Sequence[MachineField], epsg: int) -> tuple[bytes, list[str]]:
    """The text of one file in a plane zone of JGD2011, and what it does not hold. Raises UnwritableError, CrsError."""
    check_writable(fields)
    zone = describe(epsg)
    if zone.zone is None or zone.datum is not Datum.JGD2011:
        raise CrsError("SIMA は JGD2011 の平面直角座標系で書き出します。系を指定してください。")
    notes: list[str] = []
    points: dict[tuple[str, str], int] = {}
    plots = []
    for name, ring in _plots(fields, notes):
        plots.append((_plain(name, notes), [points.setdefault(xy, len(points) + 1) for xy in _plane(ring, epsg)]))
        if len(ring) > MOST_POINTS:
            notes.append(
                f"「{name}」は{len(ring)}点あります。1区画{MOST_POINTS}点までの測量ソフトでは分かれることがあります。"
            )
    lines = [f"G00,01,onomap 第{zone.zone}系 JGD2011,", "Z00,座標ﾃﾞｰﾀ,,", "A00,"]
    lines += [f"A01,{at},P{at},{north},{east},," for (north, east), at in points.items()]
    lines += ["A99,", "Z00,区画ﾃﾞｰﾀ,"]
    for place, (name, corners) in enumerate(plots, start=1):
        lines += [f"D00,{place},{name},1,", *(f"B01,{corner},P{corner}," for corner in corners), "D99,"]
    return ("\r\n".join(lines) + "\r\n").encode("cp932"), notes


def _plots(fields: Sequence[MachineField], notes: list[str]) -> Iterator[tuple[str, Ring]]:
    for item in fields:
        name = item.name or item.id
        yield name, item.outer
        for place, inner in enumerate(item.inners, start=1):
            yield f"{name}_内側{place}", inner
        if item.headland is not None:
            yield f"{name}_枕地", item.headland
        if item.inners or item.headland is not None:
            notes.append(
                f"「{name}」の内側の境界と枕地は、別の区画（_内側1、_枕地など）にしました。面積は足さず、引いてください。"
            )
        if item.guidance:
            notes.append(f"「{name}」の誘導線 {len(item.guidance)}本は入れていません（SIMA の区画は面だけです）。")


def _plain(name: str, notes: list[str]) -> str:
    """The name without what would end its place in the record, in letters that CP932 has."""
    from gis.formats.writing.dbase import encoded

    one = writable(name).replace(",", "、")
    raw, reason = encoded(one)
    written = raw.decode("cp932")
    if reason is not None:
        notes.append(f"名前「{one}」は {reason} のため「{written}」にしました。")
    return written


def _plane(ring: Ring, epsg: int) -> Iterator[tuple[str, str]]:
    """Texts of X (north) and Y (east) in metres."""
    lon_lat = np.asarray(ring, dtype=np.float64)
    to_plane = plan(geographic_epsg(Datum.JGD2011), epsg, Grids())
    east, north, lost = to_plane.move(lon_lat[:, 0], lon_lat[:, 1])
    if lost.any():
        raise CrsError(f"{describe(epsg).name}で表せない位置があります。系を確かめてください。")
    for x, y in zip(east.tolist(), north.tolist(), strict=True):
        yield f"{y:.{DECIMALS}f}", f"{x:.{DECIMALS}f}"
