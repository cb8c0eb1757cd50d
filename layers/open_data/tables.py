"""Published layers as the tables of the open-data standards: exactly their columns, strictly written.

UTF-8 with BOM and CR LF, as the files of the standard are published; a comma, a quote or a line break puts a cell into
quotes (RFC 4180). A text that a spreadsheet would run as a formula gets an apostrophe before it, which our own reader
takes off again: the header is never touched, and no value of the standard's own lists begins that way.
"""

import csv
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from io import StringIO

from psycopg import sql

from gis.formats.open_data_facilities import facility_cells
from gis.formats.open_data_items import EVACUATION_ITEMS, cells_of
from gis.formats.open_data_sheets import Family, Sheet, UnknownTableError, sheets
from gis.formats.writing.formulas import defused
from layers.store.database import Connection
from layers.store.definitions import Layer
from layers.store.readable import Readable
from layers.store.settings import Municipality

FACILITIES, EVACUATION = "facilities", "evacuation_sites"
BOM = "\ufeff"
_DEGREES = 8
"""Decimals of a position: a millimetre."""
_OLD_SUFFIX = "_old"


@dataclass(frozen=True)
class Table:
    """One sheet that a layer can fill."""

    sheet: Sheet
    layer: str

    @property
    def name(self) -> str:
        """The last part of its address: the sheet's English name, with `_old` for the 推奨データセット."""
        return self.sheet.name + (_OLD_SUFFIX if self.sheet.family is Family.OLD else "")

    def file_name(self, town: Municipality) -> str:
        """The file's name as the standard has it: the municipality's code first."""
        return f"{town.code}_{self.name}.csv"


def tables_of(store: Readable) -> list[Table]:
    """The tables that the layers of `store` have columns for, in the order of the standard."""
    found = []
    for sheet in sheets().values():
        layer = store.catalogue.get(EVACUATION if sheet.name == "evacuation_space" else FACILITIES)
        if layer is not None and _fills(layer, sheet):
            found.append(Table(sheet, layer.id))
    return found


def _fills(layer: Layer, sheet: Sheet) -> bool:
    if layer.id == EVACUATION:
        return sheet.name == "evacuation_space"
    return any(field.name == "sheet" and sheet.name in field.codes for field in layer.fields)


def table_named(store: Readable, name: str) -> Table:
    """The table of that name, the municipality's code before it or not. Raises UnknownTableError."""
    wanted = name.removeprefix(f"{store.town.code}_")
    for table in tables_of(store):
        if table.name == wanted:
            return table
    raise UnknownTableError(f"オープンデータの表「{name[:40]}」はありません。/open-data に一覧があります。")


def counts(connection: Connection, store: Readable) -> dict[str, int]:
    """How many rows each sheet would have, by its English name."""
    found: dict[str, int] = {}
    layer = store.catalogue.get(FACILITIES)
    if layer is not None and any(field.name == "sheet" for field in layer.fields):
        found |= dict(connection.execute("SELECT sheet, count(*) FROM layers.facilities GROUP BY sheet").fetchall())
    if EVACUATION in store.catalogue:
        row = connection.execute("SELECT count(*) FROM layers.evacuation_sites").fetchone()
        found["evacuation_space"] = int(row[0]) if row is not None else 0
    return found


def csv_of(connection: Connection, store: Readable, table: Table) -> Iterator[str]:
    """The table, line by line: the header first."""
    yield BOM + _line(list(table.sheet.columns))
    for row in _rows(connection, store, table):
        cells = _cells(store.town, table, row)
        yield _line([defused(cells.get(column, "")) for column in table.sheet.columns])


def _cells(town: Municipality, table: Table, row: Mapping[str, object]) -> dict[str, str]:
    filled = (
        cells_of(EVACUATION_ITEMS, table.sheet, row) if table.layer == EVACUATION else facility_cells(table.sheet, row)
    )
    if table.layer == EVACUATION and not row.get("local_id"):
        filled["ID" if "ID" in table.sheet.columns else "NO"] = str(row.get("common_id") or "")
    return {**filled, **_publisher(town), "緯度": _degrees(row["lat"]), "経度": _degrees(row["lon"])}


def _publisher(town: Municipality) -> dict[str, str]:
    codes = ("全国地方公共団体コード", "都道府県コード又は市区町村コード", "市区町村コード")
    return {
        **dict.fromkeys(codes, town.code),
        "地方公共団体名": town.full_name,
        "都道府県名": town.prefecture,
        "市区町村名": town.name,
    }


def _degrees(value: object) -> str:
    return f"{value:.{_DEGREES}f}".rstrip("0").rstrip(".") if isinstance(value, float) else ""


def _rows(connection: Connection, store: Readable, table: Table) -> Iterator[dict[str, object]]:
    layer = store.layer(table.layer)
    names = [field.name for field in layer.fields]
    statement = sql.SQL(
        "SELECT {}, ST_X(p.g), ST_Y(p.g) FROM {} l, LATERAL (SELECT ST_Transform(l.geom, 6668) AS g) p {} ORDER BY l.fid"
    ).format(
        sql.SQL(", ").join(sql.Identifier("l", name) for name in names),
        sql.Identifier("layers", layer.id),
        sql.SQL("WHERE l.sheet = %(sheet)s") if layer.id == FACILITIES else sql.SQL(""),
    )
    for row in connection.execute(statement, {"sheet": table.sheet.name}):
        yield dict(zip([*names, "lon", "lat"], row, strict=True))


def _line(cells: list[str]) -> str:
    buffer = StringIO(newline="")
    csv.writer(buffer, lineterminator="\r\n").writerow(cells)
    return buffer.getvalue()
