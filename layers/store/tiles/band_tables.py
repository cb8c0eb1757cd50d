"""The tables of the bands, what is known of each, and the trigger that notes which rows have changed since they were filled.

All of it is derived and lives in the schema `bands`: dropping the schema loses nothing but time. A change of a row is noted
in its own transaction by a trigger on the layer's table, whoever makes it (the API, a load, QGIS); a tile draws noted rows
as they are and takes the others from the band, so that an edit is right at once and an old band never shows. A layer's table
that was made anew (a restored dump) is another one than the band was filled from, which `rows_of` tells.
"""

import sqlalchemy as sa
from psycopg import sql

from layers.store.definitions import GeometryKind, Layer
from layers.store.tables import field_type
from layers.store.tiles.band_plan import Band, bands_of, shape_of, shown_fields

SCHEMA = "bands"
MOST_NOTED = 500
"""More rows changed by one statement are a new edition: the bands are then set aside until they are filled again."""

_TABLES = """
CREATE SCHEMA IF NOT EXISTS bands;
CREATE TABLE IF NOT EXISTS bands.state (
    layer text NOT NULL,
    band text NOT NULL,
    shape text NOT NULL,
    ready boolean NOT NULL DEFAULT false,
    rows_of oid,
    filled_at timestamptz,
    PRIMARY KEY (layer, band)
);
CREATE TABLE IF NOT EXISTS bands.changes (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    layer text NOT NULL,
    fid bigint NOT NULL,
    noted_at timestamptz NOT NULL DEFAULT clock_timestamp()
);
CREATE INDEX IF NOT EXISTS changes_layer ON bands.changes (layer);
"""
# The state is touched even where a band is not ready: a filling that began before must then fail rather than call it ready.
_FUNCTION = """
CREATE OR REPLACE FUNCTION onomap.note_changes() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    fids bigint[];
BEGIN
    IF TG_OP = 'TRUNCATE' THEN
        fids := NULL;
    ELSIF TG_OP = 'UPDATE' THEN
        SELECT array_agg(c.fid) INTO fids FROM (
            (SELECT r.fid FROM changed_rows r LIMIT {most} + 1) UNION (SELECT r.fid FROM changed_to r LIMIT {most} + 1)
        ) c;
    ELSE
        SELECT array_agg(c.fid) INTO fids FROM (SELECT r.fid FROM changed_rows r LIMIT {most} + 1) c;
    END IF;
    IF TG_OP = 'TRUNCATE' OR cardinality(fids) > {most} THEN
        UPDATE bands.state SET ready = false WHERE layer = TG_TABLE_NAME;
    ELSE
        INSERT INTO bands.changes (layer, fid) SELECT TG_TABLE_NAME, f FROM unnest(fids) f;
    END IF;
    RETURN NULL;
END $$
"""
_TRIGGERS = {
    "INSERT": "REFERENCING NEW TABLE AS changed_rows",
    "UPDATE": "REFERENCING OLD TABLE AS changed_rows NEW TABLE AS changed_to",
    "DELETE": "REFERENCING OLD TABLE AS changed_rows",
    "TRUNCATE": "",
}


def define_bands(connection: sa.Connection, layers: dict[str, Layer]) -> None:
    """Make what the bands need: their tables, empty, and the triggers; a table that is made otherwise now is made anew."""
    connection.execute(sa.text(_TABLES))
    connection.execute(sa.text(_FUNCTION.format(most=MOST_NOTED)))
    for layer in layers.values():
        bands = bands_of(layer)
        if bands:
            _add_triggers(connection, layer)
        for band in bands:
            _define(connection, layer, band)
        _forget_others(connection, layer, bands)


def _define(connection: sa.Connection, layer: Layer, band: Band) -> None:
    shape = shape_of(layer, band)
    known = connection.scalar(
        sa.text("SELECT shape FROM bands.state WHERE layer = :layer AND band = :band"),
        {"layer": layer.id, "band": band.name},
    )
    if known == shape:
        return
    connection.execute(sa.text(f"DROP TABLE IF EXISTS bands.{band.table}"))
    connection.execute(sa.text(create_statement(layer, band, band.table)))
    connection.execute(
        sa.text(
            "INSERT INTO bands.state (layer, band, shape) VALUES (:layer, :band, :shape) ON CONFLICT (layer, band) "
            "DO UPDATE SET shape = excluded.shape, ready = false, filled_at = NULL"
        ),
        {"layer": layer.id, "band": band.name, "shape": shape},
    )


def create_statement(layer: Layer, band: Band, table: str) -> str:
    """CREATE TABLE of a band: the row's id (or the rows merged), what a tile shows of it, and the shape in EPSG:3857."""
    identity = (
        ["fid bigint NOT NULL"] if band.merged_by is None else ["fids bigint[] NOT NULL", "merged_rows int NOT NULL"]
    )
    types = {field.name: field_type(field) for field in layer.fields}
    columns = [f"{name} {types[name]}" for name in shown_fields(layer, band)]
    kind = "MultiPolygon" if layer.geometry is GeometryKind.POLYGON else "MultiLineString"
    geometry = f"geom_3857 geometry({kind}, 3857) NOT NULL"
    return f"CREATE TABLE bands.{table} ({', '.join([*identity, *columns, geometry])})"


def _add_triggers(connection: sa.Connection, layer: Layer) -> None:
    present = set(
        connection.scalars(
            sa.text("SELECT tgname FROM pg_trigger WHERE tgrelid = to_regclass(:table) AND NOT tgisinternal"),
            {"table": f"layers.{layer.id}"},
        )
    )
    for event, tables in _TRIGGERS.items():
        name = f"bands_{event.lower()}"
        if name not in present:
            connection.execute(
                sa.text(
                    f"CREATE TRIGGER {name} AFTER {event} ON layers.{layer.id} {tables} "
                    "FOR EACH STATEMENT EXECUTE FUNCTION onomap.note_changes()"
                )
            )


def _forget_others(connection: sa.Connection, layer: Layer, bands: tuple[Band, ...]) -> None:
    """Drops bands that the layer no longer has."""
    kept = {band.name for band in bands}
    known = connection.scalars(sa.text("SELECT band FROM bands.state WHERE layer = :layer"), {"layer": layer.id})
    for name in set(known) - kept:
        connection.execute(sa.text(f"DROP TABLE IF EXISTS bands.{layer.id}_{name}"))
        connection.execute(
            sa.text("DELETE FROM bands.state WHERE layer = :layer AND band = :band"), {"layer": layer.id, "band": name}
        )


def band_table(band: Band) -> sql.Composed:
    """The quoted name of a band's table."""
    return sql.SQL("bands.{}").format(sql.Identifier(band.table))
