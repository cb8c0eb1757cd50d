"""Places and times in CQL2 text: WKT, BBOX, DATE, TIMESTAMP and INTERVAL."""

from datetime import date, datetime

from gis.errors import FilterError
from gis.filters import literals
from gis.filters.boxes import box_of
from gis.filters.tokens import Kind
from gis.filters.tree import Interval, Place, Property, Shape, Time
from gis.filters.words import Words

WELL_KNOWN = frozenset(
    {"point", "linestring", "polygon", "multipoint", "multilinestring", "multipolygon", "geometrycollection"}
)
BOX = "bbox"


def place_at(words: Words) -> Place:
    """The geometry, box or property that comes next."""
    token = words.here
    if words.function == BOX:
        words.step()
        return box_of(_numbers(words), token.place)
    if token.kind is Kind.NAME and token.value.lower() in WELL_KNOWN:
        # POINT Z (…) and POINT EMPTY do not look like a function
        return Shape(literals.well_known_text(_written(words), token.place))
    if words.function is not None:
        raise FilterError(f"{token.place}の「{token.value}」は図形として読めません。")
    return words.property()


def _written(words: Words) -> str:
    if words.function is not None:
        return words.enclosed()
    name = words.step()
    if words.here.is_sign("(") or not words.here.value.isalpha():
        raise FilterError(f"{name.place}の図形「{name.value}」の後に「(」がありません。")
    return f"{name.value} {words.enclosed()}"


def _numbers(words: Words) -> list[float]:
    words.expect_sign("(")
    numbers = [float(words.signed_number())]
    while words.take_sign(","):
        numbers.append(float(words.signed_number()))
    words.expect_sign(")")
    return numbers


def time_at(words: Words) -> Time:
    """The instant, interval or property that comes next."""
    if words.function == "interval":
        words.step()
        words.expect_sign("(")
        place = words.here.place
        start = _end(words)
        words.expect_sign(",")
        end = _end(words)
        words.expect_sign(")")
        return checked_interval(Interval(start, end), place)
    if words.function in {"date", "timestamp"}:
        return words.instant()
    if words.function is not None:
        raise FilterError(f"{words.here.place}の「{words.here.value}」は時として読めません。")
    return words.property()


def _end(words: Words) -> Property | date | datetime | None:
    token = words.here
    if token.kind is Kind.TEXT:
        words.step()
        return None if token.value in {"..", ""} else literals.instant(token.value, token.place)
    if words.function in {"date", "timestamp"}:
        return words.instant()
    return words.property()


def checked_interval(interval: Interval, place: str) -> Interval:
    """The interval itself; FilterError when its ends are of two kinds or the wrong way round."""
    start, end = interval.start, interval.end
    if isinstance(start, date) and isinstance(end, date):
        if isinstance(start, datetime) is not isinstance(end, datetime):
            raise FilterError(f"{place}の期間の両端は、どちらも日付かどちらも日時にしてください。")
        if start > end:
            raise FilterError(f"{place}の期間の始まりが終わりより後になっています。")
    return interval
