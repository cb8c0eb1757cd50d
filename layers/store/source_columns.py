"""Columns of a file brought to the layer's own, where a name alone does not say what a column holds."""

import unicodedata
from collections.abc import Collection, Mapping
from dataclasses import replace

from gis.formats.table import SourceTable
from layers.store.definitions import Layer, LayerField

OTHERWISE = "*"
"""Key of `implied` for a file that holds none of the columns named there."""


def with_declared_columns(layer: Layer, table: SourceTable) -> SourceTable:
    """The same rows, with a further column under a field's own name wherever its definition derives one.

    A source "A&B" takes column A only from a file that also has B; `recode` puts the stored code in place of the file's
    value, a value that it does not name stays; `implied` fills a column that the file lacks. A column of the field's own
    name in the file is only recoded, never replaced.
    """
    names = {folded(name): name for name in reversed(list(table.columns))}
    derived: dict[str, list[object]] = {}
    for field in layer.fields:
        column = _column_of(field, names)
        if column is not None:
            derived[field.name] = _recoded(field, table.columns[column])
        elif (value := _implied(field, names)) is not None:
            derived[field.name] = [value] * len(table.refs)
    return replace(table, columns={**table.columns, **derived}) if derived else table


def folded(name: str) -> str:
    """A name without what differs by accident: width, case and blanks around it."""
    return unicodedata.normalize("NFKC", name).strip().casefold()


def _column_of(field: LayerField, names: Mapping[str, str]) -> str | None:
    """The file's column that must be brought to the field; None when there is none, or matching by name will do."""
    if not field.recode and not any("&" in source for source in field.sources):
        return None
    for candidate in (field.name, field.label, *field.sources):
        parts = [folded(part) for part in candidate.split("&")]
        if all(part in names for part in parts):
            return names[parts[0]]
    return None


def _recoded(field: LayerField, values: list[object]) -> list[object]:
    if not field.recode:
        return values
    codes = {folded(value): code for value, code in field.recode.items()}
    return [value if value is None else codes.get(folded(_plain(value)), value) for value in values]


def _plain(value: object) -> str:
    """A value as text; shapefiles hand whole numbers over as floats."""
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)


def _implied(field: LayerField, names: Collection[str]) -> str | None:
    if not field.implied or any(folded(name) in names for name in (field.name, field.label, *field.sources)):
        return None
    for column, value in field.implied.items():
        if folded(column) in names:
            return value
    return field.implied.get(OTHERWISE)
