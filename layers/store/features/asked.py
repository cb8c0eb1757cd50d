"""What a caller asked of a layer, in typed values, as one selection."""

from dataclasses import dataclass
from datetime import datetime

from psycopg import sql

from gis.filters.tree import Box, Filter
from gis.plane_shapes import plane_box
from gis.reference_systems import ReferenceSystem
from layers.store.definitions import Layer
from layers.store.features.columns import Columns, columns_of
from layers.store.features.compiled import FilterContext, condition_of
from layers.store.features.ordering import ordering_of
from layers.store.features.places import within_box
from layers.store.features.values import Bound
from layers.store.readable import Readable
from layers.store.selection import EVERY_ROW, Selection, readable_fields


@dataclass(frozen=True)
class Period:
    """A period of time with both ends in it; None is an open end."""

    start: datetime | None
    end: datetime | None


@dataclass(frozen=True)
class Asked:
    """Rows as a caller describes them; what is None or empty does not narrow.

    `during` meets the period in which a row has been as it is: from its `valid_from`, open at the end. `as_of` reads the
    layer as it stood at that moment, from the history. `properties` None shows all that may be seen.
    """

    reference: ReferenceSystem
    box: Box | None = None
    box_reference: ReferenceSystem | None = None
    filters: tuple[Filter, ...] = ()
    during: Period | None = None
    as_of: datetime | None = None
    sort_by: tuple[str, ...] = ()
    properties: tuple[str, ...] | None = None


def selection_of_asked(store: Readable, layer: Layer, asked: Asked) -> Selection:
    """The rows that were asked for. Raises UnknownPropertyError, FeatureRequestError or FilterError in one sentence."""
    columns = columns_of(layer)
    bound = Bound("f")
    conditions = [*_place_and_time(store, columns, asked, bound)]
    context = FilterContext(columns, asked.reference, store.town.srid, bound)
    conditions += [condition_of(tree, context) for tree in asked.filters]
    chosen = columns if asked.properties is None else _chosen(columns, asked.properties)
    return Selection(
        layer,
        tuple(field for field in readable_fields(layer) if field.name in chosen.by_name),
        sql.SQL(" AND ").join(conditions) if conditions else EVERY_ROW,
        bound.parameters,
        ordering_of(asked.sort_by, columns).order_by(),
        asked.as_of,
    )


def _place_and_time(store: Readable, columns: Columns, asked: Asked, bound: Bound) -> list[sql.Composable]:
    conditions: list[sql.Composable] = []
    if asked.box is not None:
        moved = plane_box(asked.box, asked.box_reference or asked.reference, store.town.srid)
        conditions.append(within_box(moved, columns, store.town.srid, bound))
    if asked.during is not None and asked.during.end is not None:
        # a row that holds has no end yet, so the start of what is asked cannot lie behind it
        conditions.append(sql.SQL("l.valid_from <= {}::timestamptz").format(bound.add(asked.during.end)))
    return conditions


def _chosen(columns: Columns, names: tuple[str, ...]) -> Columns:
    return Columns(columns.layer, {name: columns[name] for name in names})
