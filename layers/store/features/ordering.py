"""The order of rows and the place of a page in it: keyset paging, so that a deep page costs what the first does.

Rows are ordered by the keys of a caller and then by `fid`, which is unique and given in the order of arrival: what is
inserted or changed by others while somebody pages is neither shown twice nor does it push another row out of a page.
A row without a value comes last, whichever way the order goes.
"""

import base64
import binascii
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache

import orjson
from psycopg import sql

from layers.store.features.columns import SQL_TYPES, Column, Columns, ValueKind, listed
from layers.store.features.errors import FeatureRequestError
from layers.store.features.values import Bound

MAX_KEYS = 5
MAX_TOKEN = 8_000
_FID = Column("fid", ValueKind.INTEGER, "番号")
_PARSERS: dict[ValueKind, Callable[[str], object]] = {
    ValueKind.INTEGER: int,
    ValueKind.NUMBER: float,
    ValueKind.DATE: date.fromisoformat,
    ValueKind.MOMENT: datetime.fromisoformat,
}
_BAD_TOKEN = "続きの位置（cursor）が読めません。最初のページからやり直してください。"  # noqa: S105 - a sentence


@dataclass(frozen=True)
class SortKey:
    """One key of an order."""

    column: Column
    descending: bool = False


@dataclass(frozen=True)
class Ordering:
    """The keys of a caller; `fid` follows them always."""

    keys: tuple[SortKey, ...] = ()

    @property
    def all_keys(self) -> tuple[SortKey, ...]:
        """The keys with the one that makes them unique."""
        return (*self.keys, SortKey(_FID))

    @property
    def signature(self) -> str:
        """The order in letters, as `sortby` has it."""
        return ",".join(f"{'-' if key.descending else '+'}{key.column.name}" for key in self.keys)

    def order_by(self, *, backward: bool = False) -> sql.Composable:
        """SQL for ORDER BY over the row `l`."""
        return _order_by(self, backward=backward)

    def key_columns(self) -> sql.Composable:
        """The keys of a row as texts, for a cursor."""
        return _key_columns(self)


# an order is one of few
@lru_cache(maxsize=1_024)
def _order_by(ordering: Ordering, *, backward: bool) -> sql.SQL:
    parts = []
    for key in ordering.all_keys:
        down = key.descending != backward
        nulls = "FIRST" if backward else "LAST"
        direction = f"{'DESC' if down else 'ASC'} NULLS {nulls}"
        # fid is never null; without NULLS its own index serves the order in both directions
        text = ("DESC" if down else "ASC") if key.column is _FID else direction
        parts.append(key.column.expression + sql.SQL(f" {text}"))
    return listed(parts)


@lru_cache(maxsize=1_024)
def _key_columns(ordering: Ordering) -> sql.SQL:
    return listed(sql.SQL("{}::text").format(key.column.expression) for key in ordering.all_keys)


@dataclass(frozen=True)
class Cursor:
    """A place between two rows: the keys of the row that it follows, or precedes when `backward`."""

    values: tuple[str | None, ...]
    backward: bool = False

    def token(self, ordering: Ordering) -> str:
        """The place as letters for an address; it holds what was shown and nothing else."""
        content = orjson.dumps([int(self.backward), ordering.signature, list(self.values)])
        return base64.urlsafe_b64encode(content).rstrip(b"=").decode()

    @classmethod
    def read(cls, token: str, ordering: Ordering) -> "Cursor":
        """The place of a token. Raises FeatureRequestError for one that was not given for this order."""
        try:
            content = base64.b64decode(token + "=" * (-len(token) % 4), altchars=b"-_", validate=True)
            backward, signature, values = orjson.loads(content)
            if len(token) > MAX_TOKEN or backward not in (0, 1) or signature != ordering.signature:
                raise ValueError(token[:20])
            for value, key in zip(values, ordering.all_keys, strict=True):
                _check(value, key.column)
        except (binascii.Error, ValueError, TypeError, OverflowError) as error:
            raise FeatureRequestError(_BAD_TOKEN) from error
        return cls(tuple(values), bool(backward))


def _check(value: object, column: Column) -> None:
    if value is None and column is not _FID:
        return
    if not isinstance(value, str) or "\x00" in value:
        raise ValueError(column.name)
    if column.kind is ValueKind.BOOLEAN and value not in {"true", "false"}:
        raise ValueError(column.name)
    parsed = _PARSERS.get(column.kind, str)(value)
    if isinstance(parsed, int) and abs(parsed) >= 2**63:
        raise ValueError(column.name)


def ordering_of(texts: Sequence[str], columns: Columns) -> Ordering:
    """The order of `sortby` texts: a name with `+` or `-` before it, `+` when there is none.

    A `+` that an address turned into a space is read as `+`. Raises UnknownPropertyError, or FeatureRequestError for a
    geometry, a name that comes twice, or more than five keys.
    """
    keys: list[SortKey] = []
    for text in texts:
        name = text.lstrip(" +") if text[:1] in {" ", "+"} else text.removeprefix("-")
        column = columns[name]
        if column.kind is ValueKind.GEOMETRY:
            raise FeatureRequestError("図形では並べ替えられません。")
        if any(key.column.name == name for key in keys):
            raise FeatureRequestError(f"並べ替え（sortby）に項目「{name}」が二度あります。")
        keys.append(SortKey(column, descending=text.startswith("-")))
    if len(keys) > MAX_KEYS:
        raise FeatureRequestError(f"並べ替え（sortby）の項目は{MAX_KEYS}つまでです。")
    return Ordering(tuple(keys))


def beyond(cursor: Cursor, ordering: Ordering, bound: Bound) -> sql.Composable:
    """The condition that a row lies beyond the cursor: for some key further, and equal in all keys before it."""
    alternatives: list[sql.Composable] = []
    equal: list[sql.Composable] = []
    for key, value in zip(ordering.all_keys, cursor.values, strict=True):
        column = key.column.expression
        placed = sql.SQL("{}::{}").format(bound.add(value), SQL_TYPES[key.column.kind])
        further = _further(key, column, placed, backward=cursor.backward)
        alternatives.append(sql.SQL("(") + sql.SQL(" AND ").join([*equal, further]) + sql.SQL(")"))
        equal.append(sql.SQL("{} IS NOT DISTINCT FROM {}").format(column, placed))
    return sql.SQL("(") + sql.SQL(" OR ").join(alternatives) + sql.SQL(")")


def _further(key: SortKey, column: sql.Composable, placed: sql.Composable, *, backward: bool) -> sql.Composable:
    sign = sql.SQL("<") if key.descending != backward else sql.SQL(">")
    if key.column is _FID:
        return sql.SQL("{} {} {}").format(column, sign, placed)
    # no value is the last of all: beyond every value going forward, before it going back
    without = "({c} IS NOT NULL AND {v} IS NULL)" if backward else "({c} IS NULL AND {v} IS NOT NULL)"
    return sql.SQL("({c} {s} {v} OR " + without + ")").format(c=column, s=sign, v=placed)
