"""The elements of a 法務省 地図XML file, taken one by one as they pass, so that memory holds coordinates but never the tree."""

import datetime
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import IO

from lxml import etree

from gis.errors import UnreadableFileError, UnsupportedFileError
from gis.formats.archive import Member
from gis.formats.moj_geometry import ZMN, ShapeTable

NAMESPACE = "http://www.moj.go.jp/MINJI/tizuxml"
_T = f"{{{NAMESPACE}}}"
_PROLOG_BYTES = 65_536

HEADER_FIELDS = (
    "地図名", "市区町村コード", "市区町村名", "座標系",
    "測地系判別", "変換プログラム", "変換プログラムバージョン", "変換パラメータバージョン",
)  # fmt: skip
PARCEL_FIELDS = (
    "大字コード", "丁目コード", "小字コード", "予備コード", "大字名", "丁目名", "小字名", "予備名",
    "地番", "精度区分", "座標値種別", "筆界未定構成筆",
)  # fmt: skip


@dataclass(frozen=True)
class ControlPoint:
    """A 基準点: its name, 基準点種別, 埋標区分, and position in the sheet's own metres (x east, y north)."""

    name: str | None
    kind: str | None
    marker: str | None
    x: float
    y: float


@dataclass
class Reading:
    """What a sheet holds, as the stream gives it: header texts, shapes, parcels with their shape's id, 図郭."""

    header: dict[str, str | None] = field(default_factory=dict)
    shapes: ShapeTable = field(default_factory=ShapeTable)
    parcels: list[tuple[str, dict[str, str | None], str]] = field(default_factory=list)
    control: list[ControlPoint] = field(default_factory=list)
    lost_control: int = 0
    boundary_points: int = 0
    frames: list[dict[str, object]] = field(default_factory=list)
    frames_of: dict[str, list[int]] = field(default_factory=dict)

    def add_parcel(self, element: etree._Element) -> None:
        """Takes a 筆."""
        values: dict[str, str | None] = dict.fromkeys(PARCEL_FIELDS)
        members = []
        shape = ""
        for child in element.iterchildren(etree.Element):
            name = etree.QName(child).localname
            if name == "形状":
                shape = child.get("idref", "")
            elif name == "筆界未定構成筆":
                members.append(_member_parcel(child))
            elif name in values:
                values[name] = _text(child)
        values["筆界未定構成筆"] = "、".join(filter(None, members)) or None
        self.parcels.append((element.get("id", ""), values, shape))

    def add_control_point(self, element: etree._Element) -> None:
        """Takes a 基準点."""
        shape = element.find(f"{_T}形状")
        point = self.shapes.points.get("" if shape is None else shape.get("idref", ""))
        if point is None:
            self.lost_control += 1
            return
        name, kind, marker = (_text(element.find(_T + tag)) for tag in ("名称", "基準点種別", "埋標区分"))
        self.control.append(ControlPoint(name, kind, marker, *point))

    def add_boundary_point(self, _element: etree._Element) -> None:
        """Takes a 筆界点."""
        self.boundary_points += 1

    def add_frame(self, element: etree._Element) -> None:
        """Takes a 図郭 and notes which parcels it holds."""
        values: dict[str, object] = {
            name: _text(element.find(_T + name)) for name in ("地図番号", "地図分類", "地図種類")
        }
        scale = _text(element.find(f"{_T}縮尺分母"))
        values["縮尺分母"] = int(scale) if scale and scale.isdecimal() else None
        values["地図作成年月日"], values["作成年月"] = _made(element.find(f"{_T}地図作成年月日"))
        values["備付地図年月日"], _month = _made(element.find(f"{_T}備付地図年月日"))
        for reference in element.iterchildren(f"{_T}筆参照"):
            self.frames_of.setdefault(reference.get("idref", ""), []).append(len(self.frames))
        self.frames.append(values)

    def skip(self, _element: etree._Element) -> None:
        """Takes what is not kept, so that the stream forgets it."""


def is_map(member: Member) -> bool:
    """Whether an XML file's root element is the 地図 of 地図XML."""
    try:
        root = _root(member.head(_PROLOG_BYTES))
    except etree.XMLSyntaxError:
        return False
    return root is not None and root.tag == f"{_T}地図"


def _root(head: bytes) -> etree._Element | None:
    parser = etree.XMLPullParser(events=("start",), resolve_entities=False, no_network=True)
    parser.feed(head)
    first = next(iter(parser.read_events()), None)
    return first[1] if first else None


def check_prolog(member: Member, label: str) -> None:
    """Looks at the start only: the root must be 地図, without a document type (entities, outside files)."""
    try:
        root = _root(member.head(_PROLOG_BYTES))
    except etree.XMLSyntaxError as error:
        raise UnreadableFileError(f"{label} は XML として読めません。ファイルを確かめてください。") from error
    if root is not None and root.getroottree().docinfo.doctype:
        raise UnreadableFileError(f"{label} に DOCTYPE 宣言があるため読みません。地図XMLに DOCTYPE はありません。")
    if root is None or root.tag != f"{_T}地図":
        raise UnsupportedFileError(f"{label} は法務省の地図XMLではありません。")


def read_stream(stream: IO[bytes], reading: Reading) -> None:
    """Feeds each finished element to its taker and forgets it, so that memory holds coordinates but never the tree."""
    takers: dict[str, Callable[[etree._Element], None]] = {
        f"{ZMN}GM_Point": reading.shapes.add_point,
        f"{ZMN}GM_Curve": reading.shapes.add_curve,
        f"{ZMN}GM_Surface": reading.shapes.add_surface,
        f"{_T}筆": reading.add_parcel,
        f"{_T}基準点": reading.add_control_point,
        f"{_T}筆界点": reading.add_boundary_point,
        f"{_T}筆界線": reading.skip,
        f"{_T}仮行政界線": reading.skip,
        f"{_T}図郭": reading.add_frame,
    }
    header = {f"{_T}{name}": name for name in HEADER_FIELDS}
    events = etree.iterparse(
        stream, events=("end",), tag=[*takers, *header], resolve_entities=False, no_network=True, remove_comments=True
    )
    for _event, element in events:
        if element.tag in header:
            parent = element.getparent()
            if parent is not None and parent.getparent() is None:
                reading.header[header[str(element.tag)]] = _text(element)
            continue
        takers[str(element.tag)](element)
        _forget(element)


def _forget(element: etree._Element) -> None:
    element.clear()
    parent = element.getparent()
    while parent is not None and element.getprevious() is not None:
        del parent[0]


def _member_parcel(element: etree._Element) -> str | None:
    """One 筆界未定構成筆: its names and 地番 when it has parts, else its own words."""
    parts = [_text(element.find(_T + name)) for name in ("大字名", "丁目名", "小字名", "予備名", "地番")]
    return "".join(filter(None, parts)) or _text(element)


def _made(element: etree._Element | None) -> tuple[datetime.date | None, str | None]:
    """地図作成年月日 (備付地図年月日) as a date, or only YYYY-MM where the file leaves the day out, as many do."""
    if element is None:
        return None, None
    year, month, day = (
        int(text) if (text := _text(element.find(_T + tag)) or "").isdecimal() else 0 for tag in "年月日"
    )
    if not (year and 1 <= month <= 12):
        return None, f"{year:04d}" if year else None
    try:
        return datetime.date(year, month, day), f"{year:04d}-{month:02d}"
    except ValueError:
        return None, f"{year:04d}-{month:02d}"


def _text(element: etree._Element | None) -> str | None:
    text = (element.text or "").strip() if element is not None else ""
    return text or None
