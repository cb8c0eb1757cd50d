"""Small 地図XML documents, made for tests: a 30 m × 20 m parcel in two halves, and what a test wants to break."""

from dataclasses import dataclass, field
from pathlib import Path

HEAD = (
    '<?xml version="1.0" encoding="UTF-8"?>\n{doctype}<地図 xmlns="http://www.moj.go.jp/MINJI/tizuxml" '
    'xmlns:zmn="http://www.moj.go.jp/MINJI/tizuzumen"><version>ver1.0</version><地図名>見本</地図名>'
    "<市区町村コード>07522</市区町村コード><市区町村名>田村郡小野町</市区町村名>{system}"
)

CORNERS = {"P1": (0, 0), "P2": (0, 15), "P3": (0, 30), "P4": (20, 30), "P5": (20, 15), "P6": (20, 0)}
"""North and east offsets in metres from X=140000, Y=70000."""

CURVES = {"C1": "P1 P2", "C2": "P2 P5", "C3": "P5 P6", "C4": "P6 P1", "C5": "P2 P3", "C6": "P3 P4", "C7": "P4 P5"}


@dataclass
class MapSample:
    """A document with two parcels, H1 (12-1) and H2 (12-2), that share curve C2."""

    system: str = "<座標系>公共座標9系</座標系><測地系判別>測量</測地系判別>"
    doctype: str = ""
    curves: dict[str, str] = field(default_factory=dict)
    surfaces: dict[str, str] = field(default_factory=dict)
    parcels: str = ""
    parcel_extra: str = ""
    second_chiban: str = "12-2"

    def text(self) -> str:
        curves = {name: line(ends) for name, ends in CURVES.items()} | self.curves
        surfaces = {"F1": surface("C1 C2 C3 C4"), "F2": surface("C5 C6 C7 C2")} | self.surfaces
        return "".join(
            [
                HEAD.format(doctype=self.doctype, system=self.system),
                "<空間属性>",
                *(point(name, *offset) for name, offset in CORNERS.items()),
                *(f'<zmn:GM_Curve id="{name}">{body}</zmn:GM_Curve>' for name, body in curves.items()),
                *(f'<zmn:GM_Surface id="{name}">{body}</zmn:GM_Surface>' for name, body in surfaces.items()),
                "</空間属性><主題属性>",
                parcel("H1", "12-1", "F1", self.parcel_extra),
                parcel("H2", self.second_chiban, "F2"),
                self.parcels,
                "</主題属性></地図>",
            ]
        )

    def write(self, path: Path) -> Path:
        path.write_text(self.text(), encoding="utf-8")
        return path


def point(name: str, north: float, east: float) -> str:
    return (
        f'<zmn:GM_Point id="{name}"><zmn:GM_Point.position><zmn:DirectPosition><zmn:X>{140000 + north:.3f}</zmn:X>'
        f"<zmn:Y>{70000 + east:.3f}</zmn:Y></zmn:DirectPosition></zmn:GM_Point.position></zmn:GM_Point>"
    )


def line(ends: str, orientation: str = "+") -> str:
    """A curve through points given by name, or written out as "north,east" offsets."""
    columns = "".join(f"<zmn:GM_PointArray.column>{_position(end)}</zmn:GM_PointArray.column>" for end in ends.split())
    return (
        f"<zmn:GM_OrientablePrimitive.orientation>{orientation}</zmn:GM_OrientablePrimitive.orientation>"
        "<zmn:GM_Curve.segment><zmn:GM_LineString><zmn:GM_LineString.controlPoint>"
        f"{columns}</zmn:GM_LineString.controlPoint></zmn:GM_LineString></zmn:GM_Curve.segment>"
    )


def same_as(curve: str, orientation: str) -> str:
    """A curve that is another one, forwards (+) or backwards (-)."""
    return (
        f"<zmn:GM_OrientablePrimitive.orientation>{orientation}</zmn:GM_OrientablePrimitive.orientation>"
        f'<zmn:GM_OrientablePrimitive.primitive idref="{curve}"/>'
    )


def _position(end: str) -> str:
    if end.startswith("P"):
        return f'<zmn:GM_Position.indirect><zmn:GM_PointRef.point idref="{end}"/></zmn:GM_Position.indirect>'
    north, east = (float(part) for part in end.split(","))
    return (
        f"<zmn:GM_Position.direct><zmn:X>{140000 + north:.3f}</zmn:X><zmn:Y>{70000 + east:.3f}</zmn:Y>"
        "</zmn:GM_Position.direct>"
    )


def surface(exterior: str, *interiors: str) -> str:
    inside = "".join(
        f"<zmn:GM_SurfaceBoundary.interior>{_ring(r)}</zmn:GM_SurfaceBoundary.interior>" for r in interiors
    )
    return (
        "<zmn:GM_Surface.patch><zmn:GM_Polygon><zmn:GM_Polygon.boundary><zmn:GM_SurfaceBoundary>"
        f"<zmn:GM_SurfaceBoundary.exterior>{_ring(exterior)}</zmn:GM_SurfaceBoundary.exterior>{inside}"
        "</zmn:GM_SurfaceBoundary></zmn:GM_Polygon.boundary></zmn:GM_Polygon></zmn:GM_Surface.patch>"
    )


def _ring(curves: str) -> str:
    generators = "".join(f'<zmn:GM_CompositeCurve.generator idref="{curve}"/>' for curve in curves.split())
    return f"<zmn:GM_Ring>{generators}</zmn:GM_Ring>"


def parcel(name: str, chiban: str, shape: str, extra: str = "") -> str:
    return (
        f'<筆 id="{name}"><大字コード>001</大字コード><大字名>小野新町</大字名><小字名>舘廻</小字名><地番>{chiban}</地番>'
        f'<形状 idref="{shape}"/><精度区分>乙一</精度区分><座標値種別>測量成果</座標値種別>{extra}</筆>'
    )
