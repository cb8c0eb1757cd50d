"""Edits of single features beside loads, and the word that goes out when a layer changed."""

import sqlalchemy as sa
from alembic import op

revision = "0002_edits"
down_revision = "0001"

SCHEMA = "onomap"

# At most 50 boxes, and a payload under PostgreSQL's limit of 8,000 bytes: beyond either, the whole layer is named.
# A statement that touched no row says nothing. Each branch is planned only when it runs, so one function serves every
# table: a list has no geometry, and a transition table exists only for its own operation.
TELL_CHANGES = """
CREATE FUNCTION onomap.tell_changes() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    touched boolean := true;
    boxes jsonb;
    payload text;
BEGIN
    IF TG_OP = 'INSERT' THEN
        touched := EXISTS (SELECT FROM added);
    ELSIF TG_OP = 'DELETE' THEN
        touched := EXISTS (SELECT FROM gone);
    ELSIF TG_OP = 'UPDATE' THEN
        touched := EXISTS (SELECT FROM added);
    END IF;
    IF NOT touched THEN
        RETURN NULL;
    END IF;
    IF TG_ARGV[0] = 'list' THEN
        boxes := '[]';
    ELSIF TG_OP = 'INSERT' THEN
        SELECT onomap.boxes_of(array_agg(geom_3857)) INTO boxes FROM (SELECT geom_3857 FROM added LIMIT 51) few;
    ELSIF TG_OP = 'DELETE' THEN
        SELECT onomap.boxes_of(array_agg(geom_3857)) INTO boxes FROM (SELECT geom_3857 FROM gone LIMIT 51) few;
    ELSIF TG_OP = 'UPDATE' THEN
        SELECT onomap.boxes_of(array_agg(geom_3857)) INTO boxes FROM (
            (SELECT geom_3857 FROM gone LIMIT 51) UNION ALL (SELECT geom_3857 FROM added LIMIT 51)) few;
    END IF;
    payload := jsonb_build_object('layer', TG_TABLE_NAME, 'boxes', boxes, 'at', clock_timestamp())::text;
    IF octet_length(payload) > 7000 THEN
        payload := jsonb_build_object('layer', TG_TABLE_NAME, 'boxes', NULL, 'at', clock_timestamp())::text;
    END IF;
    PERFORM pg_notify('onomap_changes', payload);
    RETURN NULL;
END $$
"""

# Outward to the centimetre, which keeps a box short in the payload; null where there are too many to name.
BOXES_OF = """
CREATE FUNCTION onomap.boxes_of(shapes geometry[]) RETURNS jsonb LANGUAGE sql STABLE AS $$
    SELECT CASE WHEN count(*) <= 50 THEN coalesce(jsonb_agg(box), '[]') END FROM (
        SELECT DISTINCT jsonb_build_array(
            floor(ST_XMin(shape) * 100) / 100, floor(ST_YMin(shape) * 100) / 100,
            ceil(ST_XMax(shape) * 100) / 100, ceil(ST_YMax(shape) * 100) / 100) AS box
        FROM unnest(shapes) AS shape WHERE shape IS NOT NULL AND NOT ST_IsEmpty(shape)) each_box
$$
"""

TELL_RASTER = """
CREATE FUNCTION onomap.tell_raster() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_notify('onomap_changes', jsonb_build_object(
        'layer', coalesce(NEW.layer, OLD.layer), 'boxes', NULL, 'at', clock_timestamp())::text);
    RETURN NULL;
END $$
"""


def _let_loads_be_edits() -> None:
    op.drop_constraint("loads_mode_check", "loads", schema=SCHEMA)
    op.create_check_constraint("loads_mode_check", "loads", "mode IN ('replace', 'add', 'edit')", schema=SCHEMA)
    op.add_column(
        "loads", sa.Column("edit_of", sa.BigInteger, sa.ForeignKey("onomap.loads.id"), index=True), schema=SCHEMA
    )
    op.execute(
        "CREATE UNIQUE INDEX loads_one_edit_a_day ON onomap.loads (layer, coalesce(edit_of, 0), data_date, loaded_by, "
        "added_error_m, (report->>'undeclared_datum_m')) WHERE mode = 'edit' AND superseded_by IS NULL"
    )


def _create_edits() -> None:
    op.create_table(
        "edits",
        sa.Column("id", sa.BigInteger, sa.Identity(), primary_key=True),
        sa.Column("layer", sa.Text, nullable=False),
        sa.Column("fid", sa.BigInteger, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column(
            "action",
            sa.Text,
            sa.CheckConstraint("action IN ('insert', 'replace', 'update', 'delete', 'restore')"),
            nullable=False,
        ),
        sa.Column("edited_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("edited_by", sa.Text, nullable=False),
        sa.Column("load_id", sa.BigInteger, sa.ForeignKey("onomap.loads.id"), nullable=False),
        sa.Column("restored_version", sa.Integer),
        schema=SCHEMA,
    )
    op.create_index("edits_feature", "edits", ["layer", "fid", "version"], schema=SCHEMA)
    op.create_index("edits_latest", "edits", ["layer", "id"], schema=SCHEMA)


def upgrade() -> None:
    """Make room for edits in the register of loads, keep a log of them, and make what tells of changes."""
    _let_loads_be_edits()
    _create_edits()
    for function in (BOXES_OF, TELL_CHANGES, TELL_RASTER):
        op.execute(function)
    op.execute(
        "CREATE TRIGGER rasters_tell AFTER INSERT OR UPDATE OR DELETE ON onomap.rasters "
        "FOR EACH ROW EXECUTE FUNCTION onomap.tell_raster()"
    )


def downgrade() -> None:
    """Take it all away again; layers' triggers go with the function, edits stay in the layers' history."""
    op.execute("DROP TRIGGER rasters_tell ON onomap.rasters")
    op.execute("DROP FUNCTION onomap.tell_raster()")
    op.execute("DROP FUNCTION onomap.tell_changes() CASCADE")
    op.execute("DROP FUNCTION onomap.boxes_of(geometry[])")
    op.drop_table("edits", schema=SCHEMA)
    op.execute("DROP INDEX onomap.loads_one_edit_a_day")
    op.drop_column("loads", "edit_of", schema=SCHEMA)
    op.drop_constraint("loads_mode_check", "loads", schema=SCHEMA)
    op.create_check_constraint("loads_mode_check", "loads", "mode IN ('replace', 'add')", schema=SCHEMA)
