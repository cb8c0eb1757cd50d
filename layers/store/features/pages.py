"""A page of features: the rows of a selection from a place on, and where the pages beside it begin."""

from dataclasses import dataclass, replace
from functools import lru_cache

from psycopg import sql

from layers.store.editions import rows_at
from layers.store.features.columns import listed
from layers.store.features.counts import Counted, counted
from layers.store.features.feature_json import Feature, FeatureForm, FeatureMaker, feature_maker, shape_columns
from layers.store.features.ordering import Cursor, Ordering, beyond
from layers.store.features.values import Bound
from layers.store.readable import Readable
from layers.store.selection import Selection

FEATURE_TIMEOUT_S = 30.0
# The page is cut before anything of a row is written.
_STRAIGHT = sql.SQL(
    "SELECT {feature}, {keys} FROM (SELECT {columns} FROM {rows} l WHERE {condition} ORDER BY {order} LIMIT {limit}) l"
)
# What is sorted are numbers of rows, not rows with their geometry: half the time over 60,000 parcels.
_BY_KEYS = sql.SQL(
    "SELECT {feature}, {keys} "
    "FROM (SELECT l.fid FROM {rows} l WHERE {condition} ORDER BY {order} LIMIT {limit}) page "
    "JOIN {rows} l ON l.fid = page.fid ORDER BY {order}"
)


@dataclass(frozen=True)
class PageWish:
    """What of a selection is wanted: at most `limit` rows beyond `cursor`, and whether they are counted to the last."""

    ordering: Ordering
    limit: int
    cursor: Cursor | None = None
    exact_count: bool = False


@dataclass(frozen=True)
class Page:
    """Features, the cursors of the pages beside, and how many there are."""

    features: list[Feature]
    before: Cursor | None
    after: Cursor | None
    count: Counted


def read_page(store: Readable, selection: Selection, form: FeatureForm, wish: PageWish) -> Page:
    """One page. Raises StoreError when the database needs longer than half a minute."""
    is_current = selection.as_of is None
    maker = feature_maker(selection.layer, selection.fields, form, store.town.srid, is_current=is_current)
    with store.database.long_read(timeout_s=FEATURE_TIMEOUT_S) as connection:
        # binary, so that a geometry comes as it is kept
        with connection.cursor(binary=True) as reading:
            rows = reading.execute(*_statement(selection, form, wish, maker)).fetchall()
        more, rows = len(rows) > wish.limit, rows[: wish.limit]
        is_whole = wish.cursor is None and not more
        count = Counted(exact=len(rows)) if is_whole else counted(connection, selection, exact=wish.exact_count)
    backward = wish.cursor is not None and wish.cursor.backward
    if backward:
        rows.reverse()
    has_before = more if backward else wish.cursor is not None
    has_after = more or backward
    return Page(
        maker.features(rows),
        Cursor(rows[0][maker.width :], backward=True) if rows and has_before else None,
        Cursor(rows[-1][maker.width :]) if rows and has_after else None,
        count,
    )


def from_cursor(selection: Selection, wish: PageWish) -> Selection:
    """The rows of a selection beyond the cursor of a page, in the order in which the page reads them."""
    cursor, bound = wish.cursor, Bound("k")
    condition = selection.condition
    if cursor is not None:
        condition = sql.SQL("{} AND {}").format(condition, beyond(cursor, wish.ordering, bound))
    return replace(
        selection,
        condition=condition,
        parameters={**selection.parameters, **bound.parameters},
        order=wish.ordering.order_by(backward=cursor is not None and cursor.backward),
    )


def _columns(selection: Selection, form: FeatureForm, ordering: Ordering) -> sql.Composable:
    """The columns that a page writes, by name: a post has no right to those of a row that it may not see."""
    names = ["fid", "version", "valid_from", *(field.name for field in selection.fields)]
    names += [key.column.name for key in ordering.all_keys]
    names += shape_columns(selection.layer, form, is_current=selection.as_of is None)
    return _named(tuple(dict.fromkeys(names)))


@lru_cache(maxsize=1_024)
def _named(names: tuple[str, ...]) -> sql.SQL:
    return listed(sql.SQL("l.") + sql.Identifier(name) for name in names)


def _statement(
    selection: Selection, form: FeatureForm, wish: PageWish, maker: FeatureMaker
) -> tuple[sql.Composed, dict[str, object]]:
    rows = from_cursor(selection, wish)
    text = (_BY_KEYS if wish.ordering.keys and selection.as_of is None else _STRAIGHT).format(
        columns=_columns(selection, form, wish.ordering),
        feature=maker.columns,
        keys=wish.ordering.key_columns(),
        rows=rows_at(selection.layer, selection.as_of),
        condition=rows.condition,
        order=rows.order,
        limit=sql.Placeholder("page_limit"),
    )
    return text, {**rows.parameters, "as_of": selection.as_of, "page_limit": wish.limit + 1}
