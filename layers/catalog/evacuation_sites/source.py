"""The standard's sheet of evacuation sites, with the columns that have no field of their own kept word for word."""

from dataclasses import replace

from gis.formats.open_data_items import EVACUATION_ITEMS, REST, fields_of, is_standard
from gis.formats.table import SourceTable
from gis.formats.writing.formulas import restored


def prepare(table: SourceTable) -> SourceTable:
    """Add what no field holds to a table of the standard; other tables pass as they are."""
    if not is_standard(table.columns) or "災害種別_洪水" not in table.columns:
        return table
    rest = fields_of(EVACUATION_ITEMS, table.columns)[REST]
    columns = {name: [_text(value) for value in values] for name, values in table.columns.items()}
    return replace(table, columns={**columns, REST: rest})


def _text(value: object) -> object:
    return restored(value) if isinstance(value, str) else value
