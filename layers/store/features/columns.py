"""What a caller can name in a filter, an order or a list of properties: the readable fields, and what every layer has."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from psycopg import sql

from layers.store.definitions import FieldType, GeometryKind, Layer, LayerField
from layers.store.features.errors import UnknownPropertyError
from layers.store.selection import readable_fields

GEOMETRY = "geom"
GEOMETRY_FOR_TILES = "geom_3857"
VALID_FROM = "valid_from"


def listed(parts: Iterable[sql.Composable]) -> sql.SQL:
    """The parts with commas between them, as one text: what is put together of many pieces costs each time it is sent."""
    return sql.SQL(sql.SQL(", ").join(parts).as_string())


class ValueKind(StrEnum):
    """What a value is, in the words of an error."""

    TEXT = "文字列"
    INTEGER = "整数"
    NUMBER = "数"
    BOOLEAN = "真偽値"
    DATE = "日付"
    MOMENT = "日時"
    GEOMETRY = "図形"


_KINDS = {
    FieldType.TEXT: ValueKind.TEXT,
    FieldType.INTEGER: ValueKind.INTEGER,
    FieldType.NUMBER: ValueKind.NUMBER,
    FieldType.BOOLEAN: ValueKind.BOOLEAN,
    FieldType.DATE: ValueKind.DATE,
}
SQL_TYPES = {
    ValueKind.TEXT: sql.SQL("text"),
    ValueKind.INTEGER: sql.SQL("bigint"),
    ValueKind.NUMBER: sql.SQL("float8"),
    ValueKind.BOOLEAN: sql.SQL("boolean"),
    ValueKind.DATE: sql.SQL("date"),
    ValueKind.MOMENT: sql.SQL("timestamptz"),
}


@dataclass(frozen=True)
class Column:
    """A property by its name: what its values are, and where they stand in a row `l`."""

    name: str
    kind: ValueKind
    label: str

    @property
    def expression(self) -> sql.Composable:
        """The value as SQL; the name is one of the layer's own, never one that a caller wrote."""
        return sql.SQL("l.") + sql.Identifier(self.name)


@dataclass(frozen=True)
class Columns:
    """The properties of one layer that one caller can name."""

    layer: Layer
    by_name: Mapping[str, Column]

    def __getitem__(self, name: str) -> Column:
        """The property of that name. Raises UnknownPropertyError in the same words for a hidden and for a missing one."""
        if name not in self.by_name:
            raise UnknownPropertyError(f"「{self.layer.title}」に項目「{name[:60]}」はありません。")
        return self.by_name[name]


def columns_of(layer: Layer, fields: tuple[LayerField, ...] | None = None) -> Columns:
    """What can be named of a layer: `fields`, else what is readable, with the geometry and the start of validity."""
    readable = readable_fields(layer) if fields is None else fields
    columns = [Column(field.name, _KINDS[field.type], field.label) for field in readable]
    columns.append(Column(VALID_FROM, ValueKind.MOMENT, "この内容になった日時"))
    if layer.geometry not in (GeometryKind.NONE, GeometryKind.RASTER):
        columns.append(Column(GEOMETRY, ValueKind.GEOMETRY, "図形"))
    return Columns(layer, {column.name: column for column in columns})
