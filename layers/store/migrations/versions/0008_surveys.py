"""Surveys: what phones and receivers recorded, boundaries with the error of every corner, and whose a field is.

No post has a right on these tables. Rows come and go through functions that ask two things: the account that the
transaction names, and what the asking role may do with the layer of fields.
"""

from alembic import op

revision = "0008_surveys"
down_revision = "0007_situation"

_DEFINER = "SECURITY DEFINER SET search_path = pg_catalog, pg_temp"

TABLES = (
    "CREATE SCHEMA IF NOT EXISTS surveys",
    """CREATE TABLE surveys.records (
        id uuid PRIMARY KEY,
        kind text NOT NULL CHECK (kind IN ('session', 'corner', 'track', 'undo', 'log', 'points')),
        session uuid NOT NULL,
        account text NOT NULL,
        device uuid NOT NULL,
        content jsonb NOT NULL,
        content_hash bytea NOT NULL,
        received_at timestamptz NOT NULL DEFAULT now())""",
    "CREATE INDEX records_session ON surveys.records (session, received_at)",
    """CREATE TABLE surveys.sessions (
        id uuid PRIMARY KEY REFERENCES surveys.records,
        account text NOT NULL,
        device uuid NOT NULL,
        field_name text NOT NULL,
        field_id text,
        started_at timestamptz NOT NULL,
        base_station text NOT NULL,
        mount_point text NOT NULL,
        datum text NOT NULL,
        epoch text NOT NULL CHECK (epoch IN ('reference', 'current')),
        receiver text NOT NULL,
        antenna_height_m double precision NOT NULL,
        claimed_fix boolean NOT NULL,
        received_at timestamptz NOT NULL DEFAULT now())""",
    "CREATE INDEX sessions_account ON surveys.sessions (account, started_at)",
    """CREATE TABLE surveys.boundaries (
        fid bigint NOT NULL,
        version integer NOT NULL,
        field_id text NOT NULL,
        session uuid REFERENCES surveys.sessions,
        surveyed_on date NOT NULL,
        station jsonb NOT NULL,
        claimed_fix boolean NOT NULL,
        plane_epsg integer NOT NULL,
        rings jsonb NOT NULL,
        shape text NOT NULL,
        kept_by text NOT NULL,
        kept_at timestamptz NOT NULL DEFAULT now(),
        PRIMARY KEY (fid, version))""",
    "CREATE INDEX boundaries_session ON surveys.boundaries (session)",
    """CREATE TABLE surveys.owners (
        id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        field_id text NOT NULL,
        account text,
        given_by text NOT NULL,
        given_at timestamptz NOT NULL DEFAULT now())""",
    "CREATE INDEX owners_field ON surveys.owners (field_id, id DESC)",
)

STAY = """
CREATE FUNCTION surveys.stay() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'what was surveyed is never changed' USING ERRCODE = 'insufficient_privilege';
END $$
"""

ACCOUNT = """
CREATE FUNCTION surveys.account() RETURNS text LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
    SELECT nullif(current_setting('onomap.account', true), '')
$$
"""

# The setting can only ask for less than the role has: without it, and for a role that may not read the layer, own rows.
REACH = f"""
CREATE FUNCTION surveys.reach() RETURNS text LANGUAGE sql STABLE {_DEFINER} AS $$
    SELECT CASE
        WHEN current_setting('onomap.reach', true) = 'keep'
            AND has_any_column_privilege(onomap.asker(), to_regclass('layers.rtk_fields'), 'UPDATE') THEN 'keep'
        WHEN current_setting('onomap.reach', true) IN ('keep', 'read')
            AND has_any_column_privilege(onomap.asker(), to_regclass('layers.rtk_fields'), 'SELECT') THEN 'read'
        ELSE 'own' END
$$
"""

SEEN = f"""
CREATE FUNCTION surveys.sessions_seen() RETURNS SETOF surveys.sessions LANGUAGE sql STABLE {_DEFINER} AS $$
    SELECT s.* FROM surveys.sessions s WHERE surveys.reach() = 'keep' OR s.account = surveys.account()
$$;
CREATE FUNCTION surveys.records_seen(of_session uuid) RETURNS SETOF surveys.records LANGUAGE sql STABLE {_DEFINER} AS $$
    SELECT r.* FROM surveys.records r JOIN surveys.sessions s ON s.id = r.session
    WHERE r.session = of_session AND (surveys.reach() = 'keep' OR s.account = surveys.account())
$$
"""

# A boundary belongs to the version that it was kept with and to those later ones that have its very shape: after somebody drew
# it anew, the errors of its corners are not its any more.
FIELDS = f"""
CREATE FUNCTION surveys.fields_seen(wanted text, as_of timestamptz) RETURNS TABLE (
    fid bigint, version integer, valid_from timestamptz, field_id text, field_name text, surveyed_on date,
    fix_quality bigint, base_station text, std_error_m double precision, datum text, area_m2 double precision,
    geom geometry, owner text, session uuid, station jsonb, claimed_fix boolean, plane_epsg integer, rings jsonb)
LANGUAGE plpgsql STABLE {_DEFINER} AS $$
DECLARE
    reach text := surveys.reach();
    me text := surveys.account();
BEGIN
    RETURN QUERY SELECT f.fid, f.version, f.valid_from, f.field_id, f.field_name, f.surveyed_on, f.fix_quality,
            f.base_station, f.std_error_m, f.datum, f.area_m2, f.geom,
            CASE WHEN reach = 'keep' OR o.account = me THEN o.account END,
            b.session, b.station, b.claimed_fix, b.plane_epsg, b.rings
        FROM (
            SELECT l.fid, l.version, l.valid_from, l.field_id, l.field_name, l.surveyed_on, l.fix_quality, l.base_station,
                l.std_error_m, l.datum, l.area_m2, l.geom FROM layers.rtk_fields l
                WHERE as_of IS NULL OR l.valid_from <= as_of
            UNION ALL
            SELECT h.fid, h.version, h.valid_from, h.field_id, h.field_name, h.surveyed_on, h.fix_quality, h.base_station,
                h.std_error_m, h.datum, h.area_m2, h.geom FROM history.rtk_fields h
                WHERE h.valid_from <= as_of AND h.valid_to > as_of) f
        LEFT JOIN LATERAL (
            SELECT w.account FROM surveys.owners w WHERE w.field_id = f.field_id ORDER BY w.id DESC LIMIT 1) o ON true
        LEFT JOIN LATERAL (
            SELECT k.* FROM surveys.boundaries k
            WHERE k.fid = f.fid AND k.version <= f.version AND k.shape = md5(f.geom::bytea)
            ORDER BY k.version DESC LIMIT 1) b ON true
        WHERE (wanted IS NULL OR f.field_id = wanted) AND (reach IN ('keep', 'read') OR o.account = me)
        ORDER BY f.field_id, f.fid;
END $$
"""

# Rows are written in the order of their ids, so that two phones that send the same ones wait for, and never lock out,
# each other. The log comes last: its entries of other transactions wait until this one ends.
STORE = f"""
CREATE FUNCTION surveys.store(from_device uuid, sent jsonb, who_name text, department text, duties text[], origin text)
RETURNS TABLE (record uuid, outcome text) LANGUAGE plpgsql {_DEFINER} AS $$
#variable_conflict use_column
DECLARE
    me text := surveys.account();
    fresh uuid[];
    others uuid[];
BEGIN
    IF me IS NULL THEN
        RAISE EXCEPTION 'nobody is named' USING ERRCODE = 'insufficient_privilege';
    END IF;
    WITH kept AS (
        INSERT INTO surveys.records AS r (id, kind, session, account, device, content, content_hash)
        SELECT (e->>'id')::uuid, 'session', (e->>'id')::uuid, me, from_device, e->'content', decode(e->>'hash', 'hex')
        FROM jsonb_array_elements(sent) e WHERE e->>'kind' = 'session' ORDER BY 1
        ON CONFLICT (id) DO NOTHING RETURNING r.id, r.content AS c),
    named AS (
        INSERT INTO surveys.sessions (id, account, device, field_name, field_id, started_at, base_station, mount_point,
            datum, epoch, receiver, antenna_height_m, claimed_fix)
        SELECT id, me, from_device, c->>'field_name', c->>'field_id', (c->>'started_at')::timestamptz,
            c->'station'->>'base_station', c->'station'->>'mount_point', c->'station'->>'datum', c->'station'->>'epoch',
            c->'station'->>'receiver', (c->>'antenna_height_m')::double precision, (c->>'claimed_fix')::boolean FROM kept)
    SELECT coalesce(array_agg(id), '{{}}') INTO fresh FROM kept;
    WITH kept AS (
        INSERT INTO surveys.records AS r (id, kind, session, account, device, content, content_hash)
        SELECT (e->>'id')::uuid, e->>'kind', s.id, me, from_device, e->'content', decode(e->>'hash', 'hex')
        FROM jsonb_array_elements(sent) e JOIN surveys.sessions s ON s.id = (e->>'session')::uuid
        WHERE e->>'kind' <> 'session' AND (s.account = me OR surveys.reach() = 'keep') ORDER BY 1
        ON CONFLICT (id) DO NOTHING RETURNING r.id)
    SELECT coalesce(array_agg(id), '{{}}') INTO others FROM kept;
    fresh := fresh || others;
    RETURN QUERY SELECT (e->>'id')::uuid, CASE
            WHEN (e->>'id')::uuid = ANY(fresh) THEN 'stored'
            WHEN r.id IS NULL THEN 'no session'
            WHEN r.account = me AND r.content_hash = decode(e->>'hash', 'hex') THEN 'already'
            ELSE 'other' END
        FROM jsonb_array_elements(sent) e LEFT JOIN surveys.records r ON r.id = (e->>'id')::uuid;
    IF cardinality(fresh) > 0 THEN
        PERFORM audit.write('survey.store', me, who_name, department, duties, origin, 'surveys',
            (SELECT array_agg(DISTINCT r.session::text) FROM surveys.records r WHERE r.id = ANY(fresh)), NULL, NULL,
            from_device::text, cardinality(fresh));
    END IF;
END $$
"""


def upgrade() -> None:
    """Make the schema; what was recorded is only ever added to."""
    for statement in (*TABLES, STAY, ACCOUNT, REACH, SEEN, FIELDS, STORE):
        op.execute(statement)
    for table in ("records", "sessions", "boundaries", "owners"):
        op.execute(
            f"CREATE TRIGGER {table}_stay BEFORE UPDATE OR DELETE ON surveys.{table} "
            "FOR EACH ROW EXECUTE FUNCTION surveys.stay()"
        )
        op.execute(
            f"CREATE TRIGGER {table}_stay_whole BEFORE TRUNCATE ON surveys.{table} "
            "FOR EACH STATEMENT EXECUTE FUNCTION surveys.stay()"
        )
    op.execute("REVOKE ALL ON ALL FUNCTIONS IN SCHEMA surveys FROM PUBLIC")


def downgrade() -> None:
    """Take it all away, records and all; fields that were kept stay in their layer."""
    op.execute("DROP SCHEMA surveys CASCADE")
