"""One sheet of 法務省 地図XML: its parcels as a table, its control points, and what it says of its coordinates."""

import datetime
import re
import unicodedata
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
from lxml import etree

from gis.errors import UnreadableFileError
from gis.formats.archive import Member
from gis.formats.moj_geometry import BrokenShapeError
from gis.formats.moj_stream import HEADER_FIELDS, PARCEL_FIELDS, ControlPoint, Reading, check_prolog, read_stream
from gis.formats.table import RowNote, SourceCrs, SourceTable

FRAME_FIELDS = ("地図番号", "縮尺分母", "地図分類", "地図種類", "地図作成年月日", "作成年月", "備付地図年月日")
COLUMNS = (
    "図面の筆ID",
    "筆ID",
    "図面",
    *PARCEL_FIELDS,
    "筆界未定",
    *FRAME_FIELDS,
    "地図名",
    "市区町村コード",
    "市区町村名",
    "座標系",
    "測地系判別",
)

PSEUDO_PARCELS = ("地区外", "別図")
"""地番 that say "outside this sheet" or "see another sheet": drawn to close the sheet, not land that anyone owns."""


@dataclass(frozen=True)
class Sheet:
    """What one 地図XML file holds; `frames` counts its 図郭, `boundary_points` its 筆界点."""

    stem: str
    table: SourceTable
    control_points: list[ControlPoint]
    boundary_points: int
    frames: int

    @property
    def chiban(self) -> Counter[str]:
        """Every 地番 found in the sheet, pseudo-parcels and rejected ones included."""
        rows = Counter(str(value) for value in self.table.columns["地番"])
        rows.update(str(note.content["地番"]) for note in self.table.set_aside + self.table.rejected)
        return rows


def parse_sheet(member: Member, label: str) -> Sheet:
    """The sheet in `member`; positions x east, y north in the sheet's metres, as written.

    Raises UnsupportedFileError for XML that is not a 地図XML, UnreadableFileError for damage or a DOCTYPE.
    """
    check_prolog(member, label)
    reading = Reading()
    try:
        with member.open() as stream:
            read_stream(stream, reading)
    except etree.XMLSyntaxError as error:
        raise UnreadableFileError(
            f"{label} は {error.lineno} 行目で壊れているか途切れています。もう一度取得してください。"
        ) from error
    return Sheet(
        member.stem, _table(member.stem, label, reading), reading.control, reading.boundary_points, len(reading.frames)
    )


def _table(stem: str, label: str, reading: Reading) -> SourceTable:
    columns: dict[str, list[object]] = {name: [] for name in COLUMNS}
    shapes: list[object] = []
    refs: list[str] = []
    set_aside: list[RowNote] = []
    rejected: list[RowNote] = []
    for identifier, values, shape in reading.parcels:
        row: dict[str, object] = {"図面の筆ID": f"{stem}/{identifier}", "筆ID": identifier, "図面": stem}
        row |= values | {"筆界未定": values["筆界未定構成筆"] is not None} | _frame_values(reading, identifier)
        row |= {name: reading.header.get(name) for name in COLUMNS[-5:]}
        pseudo = next((word for word in PSEUDO_PARCELS if word in (values["地番"] or "")), None)
        try:
            polygon = reading.shapes.polygon(shape)
        except BrokenShapeError as error:
            notes = set_aside if pseudo else rejected
            notes.append(
                RowNote(f"{identifier}（地番 {values['地番']}）", pseudo or f"形状を組み立てられない：{error}", row)
            )
            continue
        if pseudo:
            set_aside.append(RowNote(f"{identifier}（地番 {values['地番']}）", pseudo, row | {"形状": polygon.wkt}))
            continue
        for name in COLUMNS:
            columns[name].append(row[name])
        shapes.append(polygon)
        refs.append(identifier)
    geometry = np.empty(len(shapes), dtype=object)
    geometry[:] = shapes
    crs = _crs(reading.header)
    said = list(_notes(reading, crs))
    return SourceTable(label, columns, geometry, crs, refs, set_aside=set_aside, rejected=rejected, notes=said)


def _frame_values(reading: Reading, identifier: str) -> dict[str, object]:
    """What the parcel's 図郭 say; a parcel over several gets all names, the coarsest scale and the latest date."""
    frames = [reading.frames[index] for index in reading.frames_of.get(identifier, [])]
    values: dict[str, object] = dict.fromkeys(FRAME_FIELDS)
    for name in ("地図番号", "地図分類", "地図種類"):
        values[name] = "、".join(dict.fromkeys(str(frame[name]) for frame in frames if frame[name])) or None
    values["縮尺分母"] = max(
        (frame["縮尺分母"] for frame in frames if isinstance(frame["縮尺分母"], int)), default=None
    )
    for name in ("地図作成年月日", "備付地図年月日"):
        values[name] = max((day for frame in frames if isinstance(day := frame[name], datetime.date)), default=None)
    values["作成年月"] = max((str(frame["作成年月"]) for frame in frames if frame["作成年月"]), default=None)
    return values


def _crs(header: Mapping[str, str | None]) -> SourceCrs:
    """座標系 as the file words it; the zone is written there, the realisation (測地成果2000 or 2011) never is."""
    system = unicodedata.normalize("NFKC", header.get("座標系") or "")
    words = [header.get("座標系") or "座標系の記載なし"]
    words += [f"{name}={header[name]}" for name in HEADER_FIELDS[4:] if header.get(name)]
    stated = "・".join(words)
    if "任意" in system:
        return SourceCrs(stated, arbitrary=True)
    found = re.fullmatch(r"公共座標(\d{1,2})系", system)
    if found and 1 <= int(found[1]) <= 19:
        return SourceCrs(stated, zone=int(found[1]))
    return SourceCrs(stated)


def _notes(reading: Reading, crs: SourceCrs) -> Iterator[str]:
    yield (
        f"筆 {len(reading.parcels):,}、基準点 {len(reading.control):,}、"
        f"筆界点 {reading.boundary_points:,}、図郭 {len(reading.frames):,}"
    )
    if reading.lost_control:
        yield f"位置のない基準点 {reading.lost_control:,} 点を読み飛ばした"
    if crs.zone and not reading.header.get("測地系判別"):
        yield "測地系判別の記載がない（旧測地系のままのおそれがある）"
