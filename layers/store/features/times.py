"""Times of a filter as SQL: each is a period with a start and an end, an instant one whose ends are the same."""

from dataclasses import dataclass
from datetime import date, datetime, time
from zoneinfo import ZoneInfo

from psycopg import sql

from gis.filters.tree import Interval, Property, Temporal, TemporalRelation, Time
from layers.store.features.columns import SQL_TYPES, Column, Columns, ValueKind
from layers.store.features.errors import FeatureRequestError
from layers.store.features.values import Bound

TOWN_TIME = ZoneInfo("Asia/Tokyo")
_TIMES = frozenset({ValueKind.DATE, ValueKind.MOMENT})
# over a (start, end) on the left and b on the right, as OGC 21-065r2 table 12 and Allen have them
_RELATIONS = {
    TemporalRelation.AFTER: "a0 > b1",
    TemporalRelation.BEFORE: "a1 < b0",
    TemporalRelation.CONTAINS: "a0 < b0 AND a1 > b1",
    TemporalRelation.DISJOINT: "(a1 < b0 OR a0 > b1)",
    TemporalRelation.DURING: "a0 > b0 AND a1 < b1",
    TemporalRelation.EQUALS: "a0 = b0 AND a1 = b1",
    TemporalRelation.FINISHED_BY: "a0 < b0 AND a1 = b1",
    TemporalRelation.FINISHES: "a0 > b0 AND a1 = b1",
    TemporalRelation.INTERSECTS: "a0 <= b1 AND a1 >= b0",
    TemporalRelation.MEETS: "a1 = b0",
    TemporalRelation.MET_BY: "a0 = b1",
    TemporalRelation.OVERLAPPED_BY: "a0 > b0 AND a0 < b1 AND a1 > b1",
    TemporalRelation.OVERLAPS: "a0 < b0 AND a1 > b0 AND a1 < b1",
    TemporalRelation.STARTED_BY: "a0 = b0 AND a1 > b1",
    TemporalRelation.STARTS: "a0 = b0 AND a1 < b1",
}


@dataclass(frozen=True)
class _Period:
    """Its ends: SQL as it stands, or values that are bound where the relation names them."""

    start: sql.Composable | date
    end: sql.Composable | date


def temporal_sql(tree: Temporal, columns: Columns, bound: Bound) -> sql.Composable:
    """A temporal relation as a condition.

    A written date that meets a column of moments is that whole day in the town's time. Raises FeatureRequestError when no
    time of the row is named, or when a moment meets a column of dates, which cannot say.
    """
    kind = _kind(tree, columns)
    left, right = _period(tree.left, kind, columns), _period(tree.right, kind, columns)
    ends = {"a0": left.start, "a1": left.end, "b0": right.start, "b1": right.end}
    words = _RELATIONS[tree.relation].replace("(", "( ").replace(")", " )").split(" ")
    written = [ends.get(word, sql.SQL(word)) for word in words]
    condition = [word if isinstance(word, sql.Composable) else _bound(word, kind, bound) for word in written]
    return sql.SQL("(") + sql.SQL(" ").join(condition) + sql.SQL(")")


def _properties(value: Time) -> list[Property]:
    candidates = [value.start, value.end] if isinstance(value, Interval) else [value]
    return [candidate for candidate in candidates if isinstance(candidate, Property)]


def _kind(tree: Temporal, columns: Columns) -> ValueKind:
    named = [_time_column(columns[name.name]) for side in (tree.left, tree.right) for name in _properties(side)]
    if not named:
        raise FeatureRequestError("時の比較には、日付か日時の項目の名前を1つ以上書いてください。")
    kinds = {column.kind for column in named}
    if len(kinds) > 1:
        raise FeatureRequestError(
            f"日付の項目と日時の項目（{'、'.join(column.name for column in named)}）は比べられません。"
        )
    return kinds.pop()


def _time_column(column: Column) -> Column:
    if column.kind not in _TIMES:
        raise FeatureRequestError(f"項目「{column.name}」は{column.kind}なので、時の比較には使えません。")
    return column


def _period(value: Time, kind: ValueKind, columns: Columns) -> _Period:
    if isinstance(value, Interval):
        return _Period(_end(value.start, "-infinity", kind, columns), _end(value.end, "infinity", kind, columns))
    if isinstance(value, Property):
        expression = columns[value.name].expression
        return _Period(expression, expression)
    return _Period(*ends_of_instant(value, kind))


def _end(
    value: Property | date | datetime | None, open_end: str, kind: ValueKind, columns: Columns
) -> sql.Composable | date:
    if value is None:
        return sql.SQL("{}::{}").format(sql.Literal(open_end), SQL_TYPES[kind])
    if isinstance(value, Property):
        return columns[value.name].expression
    first, last = ends_of_instant(value, kind)
    return first if open_end == "-infinity" else last


def ends_of_instant(value: date | datetime, kind: ValueKind) -> tuple[date | datetime, date | datetime]:
    """The first and last instant that a written one stands for, against values of `kind`."""
    is_moment = isinstance(value, datetime)
    if kind is ValueKind.DATE and is_moment:
        raise FeatureRequestError(
            "日付の項目は日時とは比べられません。DATE('2024-01-01') のように日付で書いてください。"
        )
    if kind is ValueKind.MOMENT and not is_moment:
        return first_moment(value), last_moment(value)
    return value, value


def in_town_time(moment: datetime) -> datetime:
    """The moment in the town's time; one that this cannot write any more is the first or last that it can.

    No edition is that old or that young, so the rows of both moments are the same.
    """
    try:
        return moment.astimezone(TOWN_TIME)
    except (OverflowError, ValueError):
        return datetime.max.replace(tzinfo=TOWN_TIME) if moment.year > 1 else datetime.min.replace(tzinfo=TOWN_TIME)


def first_moment(day: date) -> datetime:
    """The start of a day in the town's time."""
    return datetime.combine(day, time.min, TOWN_TIME)


def last_moment(day: date) -> datetime:
    """The last microsecond of a day in the town's time."""
    return datetime.combine(day, time.max, TOWN_TIME)


def _bound(value: date | datetime, kind: ValueKind, bound: Bound) -> sql.Composable:
    return sql.SQL("{}::{}").format(bound.add(value), SQL_TYPES[kind])
