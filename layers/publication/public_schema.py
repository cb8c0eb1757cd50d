"""The tables of the public database itself. The layers of the edition that is served stand in the schema `layers`, those of
every other edition that is kept in `edition_<number>`; `onomap.current_edition` is the pointer, and has one row at most.
"""

LONGEST_LINE = 65_536
"""Bytes of the longest content that the inbox takes."""
LARGEST_DOCUMENT = 1_048_576
"""Bytes of the largest small signed document."""
MOST_WAITING = 10_000
"""Lines that may wait in the inbox; beyond, somebody is filling it."""

TABLES = (
    "CREATE SCHEMA IF NOT EXISTS onomap",
    "CREATE SCHEMA IF NOT EXISTS layers",
    """CREATE TABLE IF NOT EXISTS onomap.editions (
        number bigint PRIMARY KEY,
        bundle_sha256 text NOT NULL,
        manifest jsonb NOT NULL,
        imported_at timestamptz NOT NULL DEFAULT now()
    )""",
    """CREATE TABLE IF NOT EXISTS onomap.current_edition (
        only_row boolean PRIMARY KEY DEFAULT true CHECK (only_row),
        number bigint NOT NULL,
        manifest jsonb NOT NULL,
        switched_at timestamptz NOT NULL DEFAULT now()
    )""",
    """CREATE TABLE IF NOT EXISTS onomap.loads (
        id bigint PRIMARY KEY,
        layer text NOT NULL,
        mode text NOT NULL DEFAULT 'replace',
        file_name text NOT NULL DEFAULT '',
        file_sha256 text NOT NULL,
        data_date date,
        loaded_at timestamptz NOT NULL,
        loaded_by text NOT NULL DEFAULT '',
        superseded_by bigint,
        superseded_at timestamptz,
        added_error_m double precision NOT NULL DEFAULT 0,
        report jsonb NOT NULL DEFAULT '{{}}'
    )""",
    """CREATE TABLE IF NOT EXISTS onomap.coverages (
        id bigint PRIMARY KEY, layer text NOT NULL, load_id bigint NOT NULL, geom geometry NOT NULL
    )""",
    """CREATE TABLE IF NOT EXISTS onomap.edits (
        id bigint PRIMARY KEY, layer text NOT NULL, fid bigint NOT NULL, version integer NOT NULL
    )""",
    # Nothing of a sheet without a place on earth is published, and no table of readings: the questions that the store and
    # the public side share find them empty here.
    """CREATE TABLE IF NOT EXISTS onomap.unplaced_sheets (
        id bigint PRIMARY KEY, layer text NOT NULL, load_id bigint NOT NULL, name text NOT NULL
    )""",
    """CREATE TABLE IF NOT EXISTS onomap.unplaced_features (
        id bigint PRIMARY KEY, sheet_id bigint NOT NULL, parcel_key text, attributes jsonb NOT NULL, geom geometry
    )""",
    """CREATE TABLE IF NOT EXISTS onomap.place_readings (
        id bigint PRIMARY KEY, source text NOT NULL, oaza text NOT NULL, koaza text NOT NULL, kana text NOT NULL
    )""",
    f"""CREATE TABLE IF NOT EXISTS onomap.inbox (
        id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        token uuid NOT NULL DEFAULT gen_random_uuid(),
        received_at timestamptz NOT NULL DEFAULT now(),
        kind text NOT NULL CHECK (kind ~ '^[a-z][a-z_]{{{{0,39}}}}$'),
        content jsonb NOT NULL CHECK (jsonb_typeof(content) = 'object' AND octet_length(content::text) <= {LONGEST_LINE})
    )""",
    f"""CREATE OR REPLACE FUNCTION onomap.bound_inbox() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp AS $$ BEGIN
        IF (SELECT count(*) FROM (SELECT FROM onomap.inbox LIMIT {MOST_WAITING}) waiting) >= {MOST_WAITING} THEN
            RAISE EXCEPTION 'the inbox is full' USING ERRCODE = 'check_violation';
        END IF;
        RETURN NULL;
    END $$""",
    (
        "CREATE OR REPLACE TRIGGER inbox_bound BEFORE INSERT ON onomap.inbox "
        "FOR EACH STATEMENT EXECUTE FUNCTION onomap.bound_inbox()"
    ),
    f"""CREATE TABLE IF NOT EXISTS onomap.situation (
        kind text PRIMARY KEY CHECK (kind ~ '^[a-z][a-z_]{{{{0,39}}}}$'),
        number bigint NOT NULL,
        made_at timestamptz NOT NULL,
        content jsonb NOT NULL CHECK (octet_length(content::text) <= {2 * LARGEST_DOCUMENT}),
        imported_at timestamptz NOT NULL DEFAULT now()
    )""",
    "REVOKE ALL ON ALL TABLES IN SCHEMA onomap FROM PUBLIC",
    "REVOKE EXECUTE ON ALL FUNCTIONS IN SCHEMA onomap FROM PUBLIC",
    "GRANT USAGE ON SCHEMA onomap, layers TO {web}",
    "GRANT SELECT ON onomap.current_edition, onomap.loads, onomap.coverages, onomap.edits, onomap.situation TO {web}",
    "GRANT SELECT ON onomap.unplaced_sheets, onomap.unplaced_features, onomap.place_readings TO {web}",
    "GRANT INSERT (kind, content) ON onomap.inbox TO {web}",
)
"""Statements that may be run again, in order; `{web}` stands for the login of the public application."""
