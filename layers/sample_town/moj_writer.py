"""Writes 法務省 map XML: the elements of real files in their order, from polygons and what the registry says of them."""

import zipfile
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from xml.sax.saxutils import escape

import numpy as np
import shapely

from layers.sample_town.mesh import Floats

_HEAD = (
    '<?xml version="1.0" encoding="UTF-8"?>\n'
    '<地図 xmlns="http://www.moj.go.jp/MINJI/tizuxml" xmlns:zmn="http://www.moj.go.jp/MINJI/tizuzumen" '
    'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" '
    'xsi:schemaLocation="http://www.moj.go.jp/MINJI/tizuxml tizuxml.xsd">\n'
)
_ZIP_TIME = (2026, 1, 1, 0, 0, 0)  # a fixed time, so that the same seed gives the same bytes


@dataclass(frozen=True)
class MojParcel:
    """A 筆: its shape with x east and y north, in metres of the sheet's own system."""

    shape: shapely.Polygon
    chiban: str
    oaza: str = ""
    oaza_code: str = "000"
    koaza: str = ""
    accuracy: str = ""
    coordinate_kind: str = "図上測量"
    members: str = ""


@dataclass(frozen=True)
class MojSheet:
    """A 地図: `system` is 任意座標系 or 公共座標9系; `datum` is 測量 or 変換, empty for an arbitrary system."""

    name: str
    system: str
    parcels: tuple[MojParcel, ...]
    map_number: str
    scale: int = 500
    datum: str = ""
    map_type: str = "旧土地台帳附属地図"
    map_class: str = "地図に準ずる図面"
    material: str = "P-F"
    control_points: tuple[tuple[str, float, float], ...] = ()


@dataclass
class _Curves:
    """Boundary points, each written once, and two-point curves, one for each direction in which a ring runs along them."""

    points: dict[tuple[float, float], str] = field(default_factory=dict)
    curves: dict[tuple[tuple[float, float], tuple[float, float]], str] = field(default_factory=dict)

    def ring(self, coordinates: Floats) -> list[str]:
        """Ids of the curves round a ring (n, 2), closed."""
        corners = [(round(float(x), 3), round(float(y), 3)) for x, y in coordinates]
        return [self._curve(a, b) for a, b in pairwise(corners)]

    def _curve(self, a: tuple[float, float], b: tuple[float, float]) -> str:
        for corner in (a, b):
            self.points.setdefault(corner, f"P{len(self.points) + 1:09d}")
        return self.curves.setdefault((a, b), f"C{len(self.curves) + 1:09d}")


def write_sheet(sheet: MojSheet, folder: Path, stem: str) -> Path:
    """Writes `stem`.zip with `stem`.xml inside, as the registry hands them out; gives the zip's path."""
    path = folder / f"{stem}.zip"
    entry = zipfile.ZipInfo(f"{stem}.xml", _ZIP_TIME)
    entry.compress_type = zipfile.ZIP_DEFLATED
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(entry, to_xml(sheet))
    return path


def to_xml(sheet: MojSheet) -> str:
    """The text of one map XML file."""
    curves = _Curves()
    for _, x, y in sheet.control_points:
        curves.points.setdefault((round(x, 3), round(y, 3)), f"P{len(curves.points) + 1:09d}")
    surfaces = [_surface(parcel.shape, number + 1, curves) for number, parcel in enumerate(sheet.parcels)]
    parts = [_HEAD, "\t<version>ver1.0</version>\n", _tag("地図名", sheet.name, 1), _tag("市区町村コード", "07522", 1)]
    parts += [_tag("市区町村名", "田村郡小野町", 1), _tag("座標系", sheet.system, 1)]
    if sheet.datum:
        parts.append(_tag("測地系判別", sheet.datum, 1))
    parts.append("\t<空間属性>\n")
    parts += [_point(identifier, place) for place, identifier in curves.points.items()]
    parts += [_curve(identifier, ends, curves) for ends, identifier in curves.curves.items()]
    parts += [*surfaces, "\t</空間属性>\n", "\t<主題属性>\n"]
    parts += [_control_point(name, curves.points[round(x, 3), round(y, 3)]) for name, x, y in sheet.control_points]
    parts += [_boundary_point(number + 1, identifier) for number, identifier in enumerate(curves.points.values())]
    parts += [_boundary_line(identifier) for identifier in curves.curves.values()]
    parts += [_parcel(parcel, number + 1) for number, parcel in enumerate(sheet.parcels)]
    parts += ["\t</主題属性>\n", _frame(sheet), "</地図>\n"]
    return "".join(parts)


def _tag(name: str, text: str, depth: int) -> str:
    return "\t" * depth + f"<{name}>{escape(text)}</{name}>\n"


def _xy(place: tuple[float, float]) -> str:
    """X is north and Y is east in these files."""
    return f"<zmn:X>{place[1]:.3f}</zmn:X><zmn:Y>{place[0]:.3f}</zmn:Y>"


def _point(identifier: str, place: tuple[float, float]) -> str:
    return (
        f'\t\t<zmn:GM_Point id="{identifier}"><zmn:GM_Point.position><zmn:DirectPosition>{_xy(place)}'
        "</zmn:DirectPosition></zmn:GM_Point.position></zmn:GM_Point>\n"
    )


def _curve(identifier: str, ends: tuple[tuple[float, float], tuple[float, float]], curves: _Curves) -> str:
    """Every other end stands as a reference to its point, the rest as coordinates: real files mix both."""
    number = int(identifier[1:])
    columns = []
    for place, indirect in zip(ends, (number % 2 == 0, number % 3 == 0), strict=True):
        inner = (
            f'<zmn:GM_Position.indirect><zmn:GM_PointRef.point idref="{curves.points[place]}"/></zmn:GM_Position.indirect>'
            if indirect
            else f"<zmn:GM_Position.direct>{_xy(place)}</zmn:GM_Position.direct>"
        )
        columns.append(f"<zmn:GM_PointArray.column>{inner}</zmn:GM_PointArray.column>")
    return (
        f'\t\t<zmn:GM_Curve id="{identifier}"><zmn:GM_OrientablePrimitive.orientation>+'
        "</zmn:GM_OrientablePrimitive.orientation>"
        f'<zmn:GM_OrientablePrimitive.primitive idref="{identifier}"/><zmn:GM_Curve.segment><zmn:GM_LineString>'
        f"<zmn:GM_LineString.controlPoint>{''.join(columns)}</zmn:GM_LineString.controlPoint></zmn:GM_LineString>"
        "</zmn:GM_Curve.segment></zmn:GM_Curve>\n"
    )


def _surface(shape: shapely.Polygon, number: int, curves: _Curves) -> str:
    rings = []
    for kind, ring in [("exterior", shape.exterior), *(("interior", hole) for hole in shape.interiors)]:
        references = "".join(
            f'<zmn:GM_CompositeCurve.generator idref="{identifier}"/>'
            for identifier in curves.ring(np.asarray(ring.coords))
        )
        rings.append(
            f"<zmn:GM_SurfaceBoundary.{kind}><zmn:GM_Ring>{references}</zmn:GM_Ring></zmn:GM_SurfaceBoundary.{kind}>"
        )
    return (
        f'\t\t<zmn:GM_Surface id="F{number:09d}"><zmn:GM_Surface.patch><zmn:GM_Polygon><zmn:GM_Polygon.boundary>'
        f"<zmn:GM_SurfaceBoundary>{''.join(rings)}</zmn:GM_SurfaceBoundary></zmn:GM_Polygon.boundary></zmn:GM_Polygon>"
        "</zmn:GM_Surface.patch></zmn:GM_Surface>\n"
    )


def _control_point(name: str, identifier: str) -> str:
    return (
        f'\t\t<基準点><名称>{escape(name)}</名称><形状 idref="{identifier}"/><基準点種別>地籍図根多角点</基準点種別>'
        "<埋標区分>埋標（その他）</埋標区分></基準点>\n"
    )


def _boundary_point(number: int, identifier: str) -> str:
    return f'\t\t<筆界点><点番名>{number}</点番名><形状 idref="{identifier}"/></筆界点>\n'


def _boundary_line(identifier: str) -> str:
    return f'\t\t<筆界線><形状 idref="{identifier}"/><線種別>筆界線</線種別></筆界線>\n'


def _parcel(parcel: MojParcel, number: int) -> str:
    rows = [("大字コード", parcel.oaza_code), ("丁目コード", "000"), ("小字コード", "0000"), ("予備コード", "00")]
    rows += [("大字名", parcel.oaza), ("小字名", parcel.koaza), ("地番", parcel.chiban)]
    text = "".join(_tag(name, value, 3) for name, value in rows if value)
    text += f'\t\t\t<形状 idref="F{number:09d}"/>\n'
    last = (("精度区分", parcel.accuracy), ("座標値種別", parcel.coordinate_kind), ("筆界未定構成筆", parcel.members))
    text += "".join(_tag(name, value, 3) for name, value in last if value)
    return f'\t\t<筆 id="H{number:09d}">\n{text}\t\t</筆>\n'


def _frame(sheet: MojSheet) -> str:
    west, south, east, north = shapely.total_bounds(np.array([parcel.shape for parcel in sheet.parcels], dtype=object))
    corners = (
        ("左下座標", west, south),
        ("左上座標", west, north),
        ("右下座標", east, south),
        ("右上座標", east, north),
    )
    text = (
        _tag("地図番号", sheet.map_number, 2)
        + _tag("縮尺分母", str(sheet.scale), 2)
        + _tag("方位不明フラグ", "false", 2)
    )
    text += "".join(f"\t\t<{name}>{_xy((x, y))}</{name}>\n" for name, x, y in corners)
    text += (
        _tag("地図種類", sheet.map_type, 2) + _tag("地図分類", sheet.map_class, 2) + _tag("地図材質", sheet.material, 2)
    )
    text += "\t\t<地図作成年月日><年>1891</年><月>4</月></地図作成年月日>\n" if not sheet.datum else ""
    text += "".join(f'\t\t<筆参照 idref="H{number + 1:09d}"/>\n' for number in range(len(sheet.parcels)))
    return f"\t<図郭>\n{text}\t</図郭>\n"
