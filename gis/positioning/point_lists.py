"""Lists of points that field software writes, and positions typed by hand → fixes with names.

Degrees or metres of the plane. In Japanese surveying X is north and Y is east; on a computer's map it is the other way
round. Headings that say which (X座標, Northing, 東) are followed; a bare `X` and `Y` is refused, because a field turned
on its side looks like a field. A time without a zone is Japanese time.
"""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta, timezone
from io import BytesIO
from pathlib import PurePath

import numpy as np

from gis.crs import Grids, describe, geographic_epsg, plan
from gis.errors import UnreadableFileError
from gis.formats.archive import Member
from gis.formats.delimited import Row
from gis.formats.delimited import read as read_grids
from gis.positioning.model import Fix, FixQuality
from gis.typed_positions import typed_position

MAX_POINTS = 100_000
_JST = timezone(timedelta(hours=9))
_FURTHEST_M = 1_000_000.0
_DEGREE_M = 111_000.0
_SECOND_M = 31.0
_LATITUDES = range(20, 47)
_LONGITUDES = range(122, 155)

# Headings after NFKC, lower case, without spaces, units and marks.
_HEADINGS: dict[str, tuple[str, ...]] = {
    "name": ("点名", "点番号", "測点", "測点名", "点no", "番号", "no", "name", "point", "pointname", "pointid", "id", "pt"),
    "lat": ("緯度", "北緯", "latitude", "lat", "b"),
    "lon": ("経度", "東経", "longitude", "lon", "lng", "long", "l"),
    "north": ("x座標", "x座標北", "x北", "y座標北", "y北", "北", "北距", "北座標", "n座標", "northing", "north", "n"),
    "east": ("y座標", "y座標東", "y東", "x座標東", "x東", "東", "東距", "東座標", "e座標", "easting", "east", "e"),
    "bare_x": ("x",),
    "bare_y": ("y",),
    "height": ("標高", "高さ", "z座標", "z", "h", "elevation", "elev", "height", "altitude", "alt"),
    "geoid": ("ジオイド高", "geoid", "geoidseparation", "undulation"),
    "sigma": ("精度", "水平精度", "標準偏差", "水平標準偏差", "σ", "sigma", "hrms", "accuracy", "horizontalaccuracy",
              "haccuracy", "hacc", "std", "stddev", "rms", "誤差", "推定精度"),
    "fix": ("fix", "fixtype", "fix状態", "解", "解の種類", "解状態", "測位状態", "測位品質", "品質", "quality", "fixquality",
            "solution", "status", "状態"),
    "satellites": ("衛星数", "satellites", "numsv", "sats"),
    "hdop": ("hdop",),
    "at": ("日時", "測定日時", "観測日時", "測位日時", "datetime", "timestamp", "utc"),
    "day": ("日付", "観測日", "測定日", "年月日", "date"),
    "time": ("時刻", "観測時刻", "測定時刻", "時間", "time"),
    "zone": ("系", "系番号", "座標系番号", "zone"),
}  # fmt: skip
_COLUMN_OF = {heading: column for column, headings in _HEADINGS.items() for heading in headings}
_UNITS = {"mm": 0.001, "cm": 0.01, "m": 1.0, "ミリ": 0.001, "センチ": 0.01, "メートル": 1.0}
_FIX_WORDS = {
    FixQuality.RTK_FIXED: (
        "fix",
        "fixed",
        "rtkfix",
        "rtkfixed",
        "fix解",
        "固定",
        "固定解",
        "フィックス",
        "整数解",
        "4",
    ),
    FixQuality.RTK_FLOAT: ("float", "rtkfloat", "float解", "フロート", "フロート解", "浮動", "実数解", "5"),
    FixQuality.DIFFERENTIAL: ("dgps", "dgnss", "sbas", "ディファレンシャル", "2"),
    FixQuality.SINGLE: ("single", "spp", "単独", "単独測位", "gps", "autonomous", "standalone", "1"),
    FixQuality.PRECISE: ("pps", "3"),
    FixQuality.INVALID: ("none", "invalid", "無効", "なし", "nofix", "0"),
}
_FIXES = {word: quality for quality, words in _FIX_WORDS.items() for word in words}
_TIME_FORMS = ("%Y-%m-%d %H:%M:%S", "%Y/%m/%d %H:%M:%S", "%Y-%m-%d %H:%M", "%Y/%m/%d %H:%M", "%Y年%m月%d日 %H:%M:%S",
               "%Y年%m月%d日 %H:%M", "%Y-%m-%d %H:%M:%S.%f", "%Y/%m/%d %H:%M:%S.%f")  # fmt: skip


@dataclass(frozen=True)
class ListedPoint:
    """A point of a list: the line it stands on (1-based), its name ("" where it has none), its position."""

    line: int
    name: str
    fix: Fix


@dataclass(frozen=True)
class PointList:
    """The points in the list's order; `plane` says that they stood in metres there, `unread` are headings nobody took."""

    points: tuple[ListedPoint, ...]
    plane: bool
    unread: tuple[str, ...]

    @property
    def is_silent(self) -> bool:
        """Whether no point says how good it is: neither a standard error nor the kind of its fix."""
        return all(fix.sigma_m is None and fix.quality is None for fix in self.fixes)

    @property
    def fixes(self) -> tuple[Fix, ...]:
        """The positions alone."""
        return tuple(point.fix for point in self.points)


def read(raw: bytes, label: str, *, plane_epsg: int, x_is_north: bool | None = None) -> PointList:
    """The points of a CSV, TSV or XLSX, whole or not at all; `label` is the file's name.

    `plane_epsg` is the plane in whose metres X and Y stand, of the datum of the session's station; their fixes are then in
    that datum's degrees. `x_is_north` answers for a list with a bare X and Y. Raises UnreadableFileError with the line.
    """
    suffix = PurePath(label).suffix.lower()
    member = Member(label, label, len(raw), lambda: BytesIO(raw), None)
    if suffix not in (".csv", ".tsv", ".txt", ".xlsx"):
        member = Member(f"{label}.csv", label, len(raw), lambda: BytesIO(raw), None)
    grid = next(iter(read_grids(member)), None)
    rows = [row for row in grid.rows if any(row.cells)] if grid is not None else []
    if len(rows) < 2:
        raise UnreadableFileError(f"{label} に点がありません。1行目に見出し、2行目から点を書いてください。")
    if len(rows) - 1 > MAX_POINTS:
        raise UnreadableFileError(f"{label} の点が {MAX_POINTS:,} を超えています。分けてから指定してください。")
    table = _table(rows[0], label, x_is_north)
    found = [_point(row, table, label) for row in rows[1:]]
    texts = [table.cell(row, column) for row in rows[1:] for column in ("lat", "lon")]
    step = 10.0 ** -max(map(_decimals, texts)) if table.plane else _degree_step(texts)
    fixes = [replace(point.fix, resolution_m=step) for point in found]
    if table.plane:
        _check_metres(fixes, label)
        _check_zone(rows[1:], table, plane_epsg, label)
        fixes = _degrees(fixes, plane_epsg, label)
    points = tuple(ListedPoint(p.line, p.name, fix) for p, fix in zip(found, fixes, strict=True))
    return PointList(points, table.plane, table.unread)


def typed(text: str) -> tuple[ListedPoint, ...]:
    """The positions of a pasted text, one a line, degrees or 度分秒, in either order; empty lines say nothing.

    Raises UnreadableFileError naming the first line that is no position in Japan.
    """
    points: list[ListedPoint] = []
    for line, words in enumerate(text.splitlines(), start=1):
        if not words.strip():
            continue
        position = typed_position(words)
        if position is None:
            raise UnreadableFileError(
                f"{line} 行目「{words.strip()[:40]}」は位置として読めません。"
                "「37.2868, 140.6267」のように緯度と経度を書いてください。"
            )
        points.append(ListedPoint(line, "", Fix(*position, resolution_m=_degree_step([words]))))
    if not points:
        raise UnreadableFileError("位置が書かれていません。「37.2868, 140.6267」のように一行に一点ずつ書いてください。")
    return tuple(points)


@dataclass(frozen=True)
class _Table:
    """Which column is where, and the unit of those in metres. In the plane `lon` is east and `lat` is north."""

    at: Mapping[str, int]
    unit: Mapping[str, float]
    plane: bool
    utc: bool
    unread: tuple[str, ...]

    def cell(self, row: Row, column: str) -> str:
        index = self.at.get(column)
        return row.cells[index] if index is not None and index < len(row.cells) else ""


def _table(heading: Row, label: str, x_is_north: bool | None) -> _Table:
    at: dict[str, int] = {}
    unit: dict[str, float] = {}
    unread: list[str] = []
    for index, text in enumerate(heading.cells):
        name, factor = _tidy(text)
        column = _COLUMN_OF.get(name)
        if column is None:
            unread += [text] if text else []
            continue
        if column in at:
            raise UnreadableFileError(
                f"{label} に「{heading.cells[at[column]]}」と「{text}」があり、どちらを使うか分かりません。一つにしてください。"
            )
        at[column], unit[column] = index, factor
    utc = any("utc" in unicodedata.normalize("NFKC", text).casefold() for text in heading.cells)
    plane = _settle_axes(at, heading, label, x_is_north)
    return _Table(at, unit, plane, utc, tuple(unread))


def _settle_axes(at: dict[str, int], heading: Row, label: str, x_is_north: bool | None) -> bool:
    """Leaves `lat` and `lon` in the columns, and says whether they are metres of the plane."""
    if "lat" in at and "lon" in at:
        return False
    if "bare_x" in at and "bare_y" in at:
        if x_is_north is None:
            names = f"「{heading.cells[at['bare_x']]}」「{heading.cells[at['bare_y']]}」"
            raise UnreadableFileError(
                f"{label} の{names}は、どちらが北か分かりません。測量の座標（X が北）なら見出しを「X座標」「Y座標」に、"
                "そうでなければ「東」「北」に直すか、X がどちらかを指定してください。"
            )
        at["north"], at["east"] = (at["bare_x"], at["bare_y"]) if x_is_north else (at["bare_y"], at["bare_x"])
    if "north" in at and "east" in at:
        at["lat"], at["lon"] = at["north"], at["east"]
        return True
    raise UnreadableFileError(
        f"{label} に位置の列がそろっていません。「緯度」「経度」か「X座標」「Y座標」の見出しを1行目に書いてください。"
    )


def _tidy(text: str) -> tuple[str, float]:
    """A heading without its unit, spaces and marks, and the unit in metres (1 where none is said)."""
    plain = unicodedata.normalize("NFKC", text).casefold().replace("(", "[").replace(")", "]")
    unit = next((factor for name, factor in _UNITS.items() if f"[{name}]" in plain or plain.endswith(f"_{name}")), 1.0)
    for name in (*_UNITS, "度", "deg", "°", "utc", "jst", "1σ"):
        plain = plain.replace(f"[{name}]", "").removesuffix(f"_{name}")
    return re.sub(r"[\s\[\]_.:/・-]", "", plain), unit


def _point(row: Row, table: _Table, label: str) -> ListedPoint:
    where = f"{label} の {row.line} 行目"
    lon, lat = _plane_position(row, table, where) if table.plane else _degree_position(row, table, where)
    return ListedPoint(
        row.line,
        table.cell(row, "name"),
        Fix(
            lon=lon,
            lat=lat,
            at=_moment(row, table, where),
            quality=_quality(table.cell(row, "fix"), where),
            height_m=_metres(row, table, "height", where),
            geoid_separation_m=_metres(row, table, "geoid", where),
            hdop=_metres(row, table, "hdop", where),
            satellites=_whole(table.cell(row, "satellites"), where),
            sigma_m=_sigma(row, table, where),
        ),
    )


def _plane_position(row: Row, table: _Table, where: str) -> tuple[float, float]:
    east, north = (_number(table.cell(row, column), where) for column in ("lon", "lat"))
    if east is None or north is None:
        raise UnreadableFileError(f"{where}に座標がありません。座標を入れるか、行を消してください。")
    if max(abs(east), abs(north)) > _FURTHEST_M:
        raise UnreadableFileError(f"{where}の座標が平面直角座標系の範囲を超えています。単位と列を確かめてください。")
    return east, north


def _degree_position(row: Row, table: _Table, where: str) -> tuple[float, float]:
    lat, lon = table.cell(row, "lat"), table.cell(row, "lon")
    position = typed_position(f"{lat}, {lon}")
    if position is None or not (_begins_in(lat, _LATITUDES) and _begins_in(lon, _LONGITUDES)):
        raise UnreadableFileError(
            f"{where}の緯度「{lat}」経度「{lon}」は日本の位置として読めません。列の入れ違いと書き方を確かめてください。"
        )
    return position


def _begins_in(text: str, degrees: range) -> bool:
    found = re.search(r"\d+", unicodedata.normalize("NFKC", text))
    return found is not None and int(found[0]) in degrees


def _quality(text: str, where: str) -> FixQuality | None:
    word = re.sub(r"[\s_-]", "", unicodedata.normalize("NFKC", text).casefold())
    if not word:
        return None
    if word not in _FIXES:
        raise UnreadableFileError(
            f"{where}の測位の種類「{text}」が分かりません。FIX・FLOAT・DGPS・単独 のどれかにしてください。"
        )
    return _FIXES[word]


def _sigma(row: Row, table: _Table, where: str) -> float | None:
    sigma = _metres(row, table, "sigma", where)
    if sigma is not None and sigma < 0:
        raise UnreadableFileError(f"{where}の精度が負の数です。直してください。")
    return sigma


def _metres(row: Row, table: _Table, column: str, where: str) -> float | None:
    value = _number(table.cell(row, column), where)
    return None if value is None else value * table.unit[column]


def _number(text: str, where: str) -> float | None:
    plain = unicodedata.normalize("NFKC", text).replace(",", "").strip()
    if not plain:
        return None
    if not re.fullmatch(r"[-+]?\d{1,9}(\.\d*)?", plain):
        raise UnreadableFileError(f"{where}の「{text}」は数として読めません。直してください。")
    return float(plain)


def _whole(text: str, where: str) -> int | None:
    value = _number(text, where)
    return None if value is None else int(value)


def _moment(row: Row, table: _Table, where: str) -> datetime | None:
    text = table.cell(row, "at") or f"{table.cell(row, 'day')} {table.cell(row, 'time')}".strip()
    if not text or ("at" not in table.at and not ("day" in table.at and "time" in table.at)):
        return None
    moment = _parsed(unicodedata.normalize("NFKC", text).strip(), UTC if table.utc else _JST)
    if moment is None:
        raise UnreadableFileError(
            f"{where}の日時「{text}」が読めません。「2026-11-27 10:20:30」のように書いてください。"
        )
    return moment.astimezone(UTC)


def _parsed(text: str, zone: timezone) -> datetime | None:
    """The time that a text names, in `zone` where it names none itself."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        pass
    else:
        return moment if moment.tzinfo is not None else moment.replace(tzinfo=zone)
    for form in _TIME_FORMS:
        try:
            return datetime.strptime(text, form).replace(tzinfo=zone)
        except ValueError:
            continue
    return None


def _check_metres(fixes: Sequence[Fix], label: str) -> None:
    """Refuses a list whose every pair would be a position in Japan as degrees: no field lies there in metres."""
    if all(int(fix.lat) in _LATITUDES and int(fix.lon) in _LONGITUDES for fix in fixes):
        raise UnreadableFileError(
            f"{label} の値は緯度・経度の度のようですが、見出しはメートルの座標です。見出しを「緯度」「経度」に直してください。"
        )


def _check_zone(rows: Sequence[Row], table: _Table, plane_epsg: int, label: str) -> None:
    zone = describe(plane_epsg).zone
    for row in rows:
        said = re.search(r"\d+", unicodedata.normalize("NFKC", table.cell(row, "zone")))
        if said is not None and int(said[0]) != zone:
            raise UnreadableFileError(
                f"{label} の {row.line} 行目は第{said[0]}系です。町の第{zone}系に直したものを指定してください。"
            )


def _degrees(fixes: list[Fix], plane_epsg: int, label: str) -> list[Fix]:
    """Plane metres, kept in `lon` (east) and `lat` (north) till now, as degrees of the plane's own datum."""
    x, y = (np.array([getattr(fix, name) for fix in fixes], np.float64) for name in ("lon", "lat"))
    lon, lat, lost = plan(plane_epsg, geographic_epsg(describe(plane_epsg).datum), Grids()).move(x, y)
    if lost.any():
        raise UnreadableFileError(f"{label} の座標が平面直角座標系の範囲を超えています。単位と列を確かめてください。")
    return [replace(fix, lon=float(a), lat=float(b)) for fix, a, b in zip(fixes, lon, lat, strict=True)]


def _degree_step(texts: Sequence[str]) -> float:
    """The step of the last digit in metres, of the finest of the texts: spreadsheets drop the noughts at the end."""
    unit = (
        _SECOND_M if any(re.search("[\"″”秒]|''", unicodedata.normalize("NFKC", text)) for text in texts) else _DEGREE_M
    )
    return unit / 10.0 ** max(map(_decimals, texts))


def _decimals(text: str) -> int:
    return max((len(digits) for digits in re.findall(r"\.(\d+)", unicodedata.normalize("NFKC", text))), default=0)
