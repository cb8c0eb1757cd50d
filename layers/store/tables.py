"""The tables of a layer, made from its declaration: the current one, and the history beside it."""

from typing import Any

import sqlalchemy as sa
from geoalchemy2 import Geometry
from sqlalchemy.dialects.postgresql import UUID

from layers.store.change_triggers import define_triggers
from layers.store.definitions import FieldType, GeometryKind, Layer, LayerField
from layers.store.errors import LayerDefinitionError

CURRENT = "layers"
HISTORY = "history"

SYSTEM_COLUMNS = ("fid", "load_id", "version", "valid_from", "content_hash")
_FIELD_TYPES: dict[FieldType, type[sa.types.TypeEngine[Any]]] = {
    FieldType.TEXT: sa.Text,
    FieldType.INTEGER: sa.BigInteger,
    FieldType.NUMBER: sa.Float,
    FieldType.BOOLEAN: sa.Boolean,
    FieldType.DATE: sa.Date,
}
_SQL_TYPES = {
    FieldType.TEXT: "text",
    FieldType.INTEGER: "bigint",
    FieldType.NUMBER: "double precision",
    FieldType.BOOLEAN: "boolean",
    FieldType.DATE: "date",
}


def validity_constraint(layer: Layer) -> str:
    """The name of the constraint that every stored geometry is valid."""
    return f"{layer.id}_geom_valid"


def has_area(layer: Layer) -> bool:
    """Whether the layer keeps `area_m2`, measured in the plane coordinates of the file it came from."""
    return layer.geometry is GeometryKind.POLYGON


def _field_column(field: LayerField) -> sa.Column[object]:
    label = f"{field.label}（{field.unit}）" if field.unit else field.label
    return sa.Column(field.name, _FIELD_TYPES[field.type](), comment=label)


def field_type(field: LayerField) -> str:
    """The PostgreSQL type of a declared field, as SQL has it."""
    return _SQL_TYPES[field.type]


def _geometry_columns(layer: Layer, srid: int, *, current: bool) -> list[sa.Column[object]]:
    if layer.geometry in (GeometryKind.NONE, GeometryKind.RASTER):
        return []
    kind = layer.geometry.value.upper()
    columns: list[sa.Column[object]] = [sa.Column("geom", Geometry(kind, srid=srid, spatial_index=False))]
    if current:
        columns.append(
            sa.Column(
                "geom_3857",
                Geometry(kind, srid=3857, spatial_index=False),
                sa.Computed("ST_Transform(geom, 3857)", persisted=True),
            )
        )
    return columns


def _area_columns(layer: Layer) -> list[sa.Column[object]]:
    return [sa.Column("area_m2", sa.Float, comment="図上面積（元の座標系で計算、㎡）")] if has_area(layer) else []


def current_table(layer: Layer, srid: int, metadata: sa.MetaData) -> sa.Table:
    """The table that answers: EPSG:`srid` geometry in metres, and a stored Web Mercator copy for tiles."""
    constraints: list[sa.Constraint] = []
    if layer.geometry not in (GeometryKind.NONE, GeometryKind.RASTER):
        constraints.append(sa.CheckConstraint("ST_IsValid(geom)", name=validity_constraint(layer)))
    return sa.Table(
        layer.id,
        metadata,
        sa.Column("fid", sa.BigInteger, sa.Identity(), primary_key=True),
        sa.Column("load_id", sa.BigInteger, nullable=False),
        sa.Column("version", sa.Integer, server_default="1", nullable=False),
        sa.Column("valid_from", sa.DateTime(timezone=True), server_default=sa.func.now(), nullable=False),
        sa.Column("content_hash", UUID(), nullable=False),
        *[_field_column(field) for field in layer.fields],
        *_area_columns(layer),
        *_geometry_columns(layer, srid, current=True),
        *constraints,
        schema=CURRENT,
        comment=f"{layer.title}（{layer.department}）",
    )


def history_table(layer: Layer, srid: int, metadata: sa.MetaData) -> sa.Table:
    """What the layer said before, each row with the period in which it was said."""
    return sa.Table(
        layer.id,
        metadata,
        sa.Column("fid", sa.BigInteger, nullable=False),
        sa.Column("load_id", sa.BigInteger, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("valid_from", sa.DateTime(timezone=True), nullable=False),
        sa.Column("valid_to", sa.DateTime(timezone=True), nullable=False),
        sa.Column("content_hash", UUID(), nullable=False),
        *[_field_column(field) for field in layer.fields],
        *_area_columns(layer),
        *_geometry_columns(layer, srid, current=False),
        schema=HISTORY,
        comment=f"{layer.title}の過去の版",
    )


def is_indexed(field: LayerField) -> bool:
    """Whether a field's texts are looked up by an index of their own."""
    return field.type is FieldType.TEXT and (field.name == "parcel_key" or field.searchable)


def index_statements(layer: Layer, schema: str = CURRENT) -> list[str]:
    """CREATE INDEX statements of the current table, as texts that may be run again; `schema` is where the table stands."""
    statements = [f"CREATE UNIQUE INDEX IF NOT EXISTS {layer.id}_content_hash ON {schema}.{layer.id} (content_hash)"]
    if layer.geometry is not GeometryKind.NONE:
        statements += [
            f"CREATE INDEX IF NOT EXISTS {layer.id}_geom ON {schema}.{layer.id} USING gist (geom)",
            f"CREATE INDEX IF NOT EXISTS {layer.id}_geom_3857 ON {schema}.{layer.id} USING gist (geom_3857)",
        ]
    names = [field.name for field in layer.fields if is_indexed(field)]
    statements += [
        f"CREATE INDEX IF NOT EXISTS {layer.id}_{name} ON {schema}.{layer.id} ({name} text_pattern_ops)"
        for name in names
    ]
    if "parcel_key" in names:
        statements.append(
            f"CREATE INDEX IF NOT EXISTS {layer.id}_number ON {schema}.{layer.id} (split_part(parcel_key, '/', 3))"
        )
    return statements


def _index_name(statement: str) -> str:
    return statement.partition(" IF NOT EXISTS ")[2].split()[0]


def _history_index(layer: Layer) -> str:
    return f"CREATE INDEX IF NOT EXISTS {layer.id}_period ON history.{layer.id} (valid_from, valid_to)"


def _add_missing_columns(connection: sa.Connection, table: sa.Table) -> None:
    inspector = sa.inspect(connection)
    present = {column["name"]: column for column in inspector.get_columns(table.name, schema=table.schema)}
    for column in table.columns:
        if column.name not in present:
            kind = column.type.compile(connection.dialect)
            connection.execute(sa.text(f'ALTER TABLE {table.schema}.{table.name} ADD COLUMN "{column.name}" {kind}'))
        elif not isinstance(column.type, Geometry):
            _refuse_another_type(table, column, present[column.name]["type"])


def _refuse_another_type(table: sa.Table, column: sa.Column[object], present: sa.types.TypeEngine[object]) -> None:
    if present._type_affinity is not column.type._type_affinity:
        raise LayerDefinitionError(
            f"レイヤ {table.name} の列 {column.name} の型が、表にあるもの（{present}）と layer.toml（{column.type}）で"
            "違います。列名を変えて新しい列として宣言してください。"
        )


def define(connection: sa.Connection, layers: dict[str, Layer], srid: int) -> None:
    """Make or widen the tables of every vector layer, and the triggers that tell of changes; columns no longer declared
    stay, so nothing is lost.

    Raises LayerDefinitionError when a column was declared anew with another type.
    """
    metadata = sa.MetaData()
    existing = {schema: set(sa.inspect(connection).get_table_names(schema=schema)) for schema in (CURRENT, HISTORY)}
    # asked first, because CREATE INDEX IF NOT EXISTS takes its lock before it looks, against an edit that is under way
    indexes = set(
        connection.scalars(sa.text("SELECT indexname FROM pg_indexes WHERE schemaname IN ('layers', 'history')"))
    )
    tabular = [layer for layer in layers.values() if layer.geometry is not GeometryKind.RASTER]
    for layer in tabular:
        for table in (current_table(layer, srid, metadata), history_table(layer, srid, metadata)):
            if table.name in existing[str(table.schema)]:
                _add_missing_columns(connection, table)
            else:
                table.create(connection)
        for statement in [*index_statements(layer), _history_index(layer)]:
            if _index_name(statement) not in indexes:
                connection.execute(sa.text(statement))
    define_triggers(connection, tabular)
