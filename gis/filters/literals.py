"""The values of a filter, checked: numbers, texts, dates, moments, patterns and geometries, and how much may be asked."""

import math
import re
from datetime import date, datetime
from decimal import Decimal, InvalidOperation

import shapely
from shapely.errors import GEOSException
from shapely.geometry.base import BaseGeometry

from gis.errors import FilterError

MAX_LENGTH = 100_000
"""Letters of a filter; an address holds less than that."""
MAX_DEPTH = 60
"""How deep parentheses or JSON may nest: a program that writes one pair for each AND stays below."""
MAX_PARTS = 2_000
"""Predicates and values of one filter."""
MAX_VERTICES = 20_000
MAX_DIGITS = 40
MAX_COORDINATE = 1e9

_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")
# RFC 3339, section 5.6; CQL2 asks for UTC, other offsets are understood
_MOMENT = re.compile(r"\d{4}-\d{2}-\d{2}[Tt]\d{2}:\d{2}:\d{2}(\.\d{1,9})?([Zz]|[+-]\d{2}:\d{2})")
_SHAPES = frozenset(
    {"Point", "LineString", "Polygon", "MultiPoint", "MultiLineString", "MultiPolygon", "GeometryCollection"}
)


def number(text: str, place: str) -> int | Decimal:
    """The number that a text writes, exactly; FilterError for one that no column could hold."""
    if len(text) > MAX_DIGITS:
        raise FilterError(f"{place}の数が長すぎます（{MAX_DIGITS}文字まで）。")
    try:
        value = Decimal(text)
    except InvalidOperation as error:
        raise FilterError(f"{place}の「{text}」は数ではありません。") from error
    if not value.is_finite() or abs(value.adjusted()) > 300:
        raise FilterError(f"{place}の数は大きさが扱える範囲を超えています。")
    if value == value.to_integral_value() and value.adjusted() < MAX_DIGITS:
        return int(value)
    return value.normalize()


def text(value: str, place: str) -> str:
    """The text itself; FilterError for a NUL or half a letter, which no column holds."""
    if "\x00" in value or any("\ud800" <= letter <= "\udfff" for letter in value):
        raise FilterError(f"{place}の文字列に使えない文字があります。")
    return value


def pattern(value: str, place: str) -> str:
    """The pattern itself; FilterError for one that ends in a lone backslash."""
    if (len(value) - len(value.rstrip("\\"))) % 2:
        raise FilterError(
            f"{place}の LIKE の型は「\\」で終われません。「\\」そのものを探すには「\\\\」と書いてください。"
        )
    return text(value, place)


def day(value: str, place: str) -> date:
    """The date that a text writes as YYYY-MM-DD."""
    if not _DATE.fullmatch(value):
        raise FilterError(f"{place}の日付「{_short(value)}」は YYYY-MM-DD の形で書いてください。")
    try:
        return date.fromisoformat(value)
    except ValueError as error:
        raise FilterError(f"{place}の日付「{value}」は暦にありません。") from error


def moment(value: str, place: str) -> datetime:
    """The moment that a text writes as RFC 3339, with its offset."""
    if not _MOMENT.fullmatch(value):
        raise FilterError(
            f"{place}の日時「{_short(value)}」は 2024-01-01T00:00:00Z か 2024-01-01T09:00:00+09:00 の形で書いてください。"
        )
    try:
        return datetime.fromisoformat(value.upper())
    except ValueError as error:
        raise FilterError(f"{place}の日時「{value}」は暦にありません。") from error


def instant(value: str, place: str) -> date | datetime:
    """A date or a moment."""
    return day(value, place) if _DATE.fullmatch(value) else moment(value, place)


def well_known_text(value: str, place: str) -> BaseGeometry:
    """The geometry that a WKT writes."""
    try:
        shape = shapely.from_wkt(value)
    except GEOSException as error:
        raise FilterError(f"{place}の図形「{_short(value)}」を WKT として読めません。") from error
    return geometry(shape, place)


def geojson(value: str, kind: object, place: str) -> BaseGeometry:
    """The geometry that a GeoJSON geometry object writes; `kind` is its `type`."""
    if kind not in _SHAPES:
        raise FilterError(f"{place}の図形の type は {'・'.join(sorted(_SHAPES))} のどれかにしてください。")
    try:
        shape = shapely.from_geojson(value)
    except GEOSException as error:
        raise FilterError(f"{place}の図形を GeoJSON として読めません。") from error
    return geometry(shape, place)


def geometry(shape: BaseGeometry, place: str) -> BaseGeometry:
    """The shape in two dimensions; FilterError for an empty, endless, broken or enormous one."""
    flat = shapely.force_2d(shape)
    coordinates = shapely.get_coordinates(flat)
    if not len(coordinates):
        raise FilterError(f"{place}の図形が空です。")
    if len(coordinates) > MAX_VERTICES:
        raise FilterError(f"{place}の図形の頂点が多すぎます（{MAX_VERTICES:,}点まで）。")
    if not all(math.isfinite(value) and abs(value) <= MAX_COORDINATE for value in coordinates.ravel().tolist()):
        raise FilterError(f"{place}の図形に座標として扱えない数があります。")
    if not shapely.is_valid(flat):
        raise FilterError(f"{place}の図形の線が交わっているか、点が足りません。")
    # a Python geometry keeps no SRID, and -0.0 compares equal but writes otherwise
    return shapely.set_coordinates(flat, coordinates + 0.0)


def _short(value: str) -> str:
    return value if len(value) <= 40 else value[:40] + "…"
