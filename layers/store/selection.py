"""Which rows of a layer are meant, how they are ordered and what of them is shown: what reading, paging and export share."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from psycopg import sql

from layers.store.definitions import Layer, LayerField

EVERY_ROW = sql.SQL("true")
BY_FID = sql.SQL("l.fid")


def readable_fields(layer: Layer) -> tuple[LayerField, ...]:
    """The fields of a layer that a caller may see: on the internal side, until duties hold rights, all of them.

    Whatever reads, filters, sorts, describes or exports columns asks here, so that a column that may not be seen cannot
    be told from one that does not exist.
    """
    return layer.fields


def version_tag(version: int, representation: str = "json") -> str:
    """The strong ETag of one row in one representation; an edit compares the version before the point only."""
    return f'"{version}.{representation}"'


@dataclass(frozen=True)
class Selection:
    """Rows of one layer at one moment.

    `condition` is SQL over the row alias `l`, its values bound by name in `parameters`; `fields` are shown in that order.
    `order` is SQL for ORDER BY that ends with a unique column. `as_of` None means now. `most` ends them after so many
    rows; None takes all.
    """

    layer: Layer
    fields: tuple[LayerField, ...]
    condition: sql.Composable = field(default_factory=lambda: EVERY_ROW)
    parameters: Mapping[str, object] = field(default_factory=dict)
    order: sql.Composable = field(default_factory=lambda: BY_FID)
    as_of: datetime | None = None
    most: int | None = None


def whole(layer: Layer) -> Selection:
    """Every present row of a layer with all that may be seen of it."""
    return Selection(layer, readable_fields(layer))
