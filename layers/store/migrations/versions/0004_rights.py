"""Rights of posts in the database, the log of who did what, and the ledgers that are read only through it."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import ARRAY

revision = "0004_rights"
down_revision = "0003_readings"

_DEFINER = "SECURITY DEFINER SET search_path = pg_catalog, pg_temp"

# In a SECURITY DEFINER function current_user is its owner; the setting `role` still says who asked.
ASKER = """
CREATE FUNCTION onomap.asker() RETURNS text LANGUAGE sql STABLE AS $$
    SELECT CASE current_setting('role') WHEN 'none' THEN session_user::text ELSE current_setting('role') END
$$
"""

# The whole row, with the columns that the asker may not see: history has no gaps because somebody's rights have.
ARCHIVE = f"""
CREATE FUNCTION onomap.archive(layer text, row_fid bigint, until timestamptz) RETURNS void
LANGUAGE plpgsql {_DEFINER} AS $$
DECLARE
    names text;
BEGIN
    IF NOT has_any_column_privilege(onomap.asker(), format('layers.%I', layer)::regclass, 'UPDATE') THEN
        RAISE EXCEPTION 'no right to change %', layer USING ERRCODE = 'insufficient_privilege';
    END IF;
    SELECT string_agg(quote_ident(p.attname), ', ') INTO names FROM pg_attribute p
        JOIN pg_attribute c ON c.attrelid = format('layers.%I', layer)::regclass AND c.attname = p.attname
        WHERE p.attrelid = format('history.%I', layer)::regclass AND p.attnum > 0 AND NOT p.attisdropped
        AND NOT c.attisdropped;
    EXECUTE format('INSERT INTO history.%1$I (%2$s, valid_to) SELECT %2$s, $2 FROM layers.%1$I WHERE fid = $1', layer, names)
        USING row_fid, until;
END $$
"""

# What a file said may be of any class, its columns unknown to the layer: only who may take whole rows away sees it.
REJECTED = f"""
CREATE FUNCTION onomap.rejected_content(of_load bigint) RETURNS TABLE (id bigint, content jsonb)
LANGUAGE sql STABLE {_DEFINER} AS $$
    SELECT r.id, r.content FROM onomap.load_rows r JOIN onomap.loads l ON l.id = r.load_id
    WHERE r.load_id = of_load AND has_table_privilege(onomap.asker(), to_regclass(format('layers.%I', l.layer)), 'DELETE')
$$
"""

# Each part behind its length in bytes, so that no two entries say the same text; the program that verifies does the same.
CANONICAL = """
CREATE FUNCTION audit.part(told text) RETURNS text LANGUAGE sql IMMUTABLE AS $$
    SELECT CASE WHEN told IS NULL THEN '-,' ELSE octet_length(convert_to(told, 'UTF8')) || ':' || told || ',' END
$$;
CREATE FUNCTION audit.parts(told text[]) RETURNS text LANGUAGE sql IMMUTABLE AS $$
    SELECT audit.part(coalesce(string_agg(audit.part(one), '' ORDER BY place), ''))
    FROM unnest(told) WITH ORDINALITY AS t(one, place)
$$;
CREATE FUNCTION audit.said(e audit.log) RETURNS text LANGUAGE sql STABLE AS $$
    SELECT audit.part(e.seq::text)
        || audit.part(to_char(e.at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US'))
        || audit.part(e.action) || audit.part(e.account) || audit.part(e.name) || audit.part(e.department)
        || audit.parts(e.duties) || audit.part(e.origin) || audit.part(e.subject) || audit.parts(e.rows)
        || audit.parts(e.columns) || audit.part(e.purpose) || audit.part(e.note) || audit.part(e.count::text)
        || audit.part(e.db_role)
$$
"""

# Under the lock of the one row of audit.head: writers come one after the other, so that the chain never forks. Whoever
# inserts, the owner too, gets the next link.
LINK = f"""
CREATE FUNCTION audit.link() RETURNS trigger LANGUAGE plpgsql {_DEFINER} AS $$
DECLARE
    head audit.head;
BEGIN
    SELECT * INTO STRICT head FROM audit.head FOR UPDATE;
    NEW.seq := head.seq + 1;
    NEW.at := clock_timestamp();
    NEW.db_role := onomap.asker();
    NEW.xid := pg_current_xact_id();
    NEW.prev := head.hash;
    NEW.hash := sha256(NEW.prev || convert_to(audit.said(NEW), 'UTF8'));
    UPDATE audit.head SET seq = NEW.seq, hash = NEW.hash;
    RETURN NEW;
END $$
"""

STAY = """
CREATE FUNCTION audit.stay() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' AND TG_TABLE_NAME = 'log' THEN
        IF OLD.seq <= (SELECT max(a.seq) FROM audit.anchors a) THEN
            RETURN OLD;
        END IF;
    END IF;
    RAISE EXCEPTION 'entries of the audit log are never changed' USING ERRCODE = 'insufficient_privilege';
END $$
"""

WRITE = f"""
CREATE FUNCTION audit.write(action text, account text, name text, department text, duties text[], origin text,
    subject text, rows text[], columns text[], purpose text, note text, count int) RETURNS bigint
LANGUAGE sql {_DEFINER} AS $$
    INSERT INTO audit.log (action, account, name, department, duties, origin, subject, rows, columns, purpose, note, count)
    VALUES (action, account, name, department, coalesce(duties, '{{}}'), origin, subject, coalesce(rows, '{{}}'),
        coalesce(columns, '{{}}'), purpose, note, count) RETURNING seq
$$
"""

CUT = f"""
CREATE FUNCTION audit.cut(before timestamptz, account text, name text) RETURNS int LANGUAGE plpgsql {_DEFINER} AS $$
DECLARE
    last audit.log;
    gone int;
BEGIN
    IF before > now() - interval '1 year' THEN
        RAISE EXCEPTION 'entries are kept for a year at least' USING ERRCODE = 'check_violation';
    END IF;
    PERFORM FROM audit.head FOR UPDATE;
    SELECT * INTO last FROM audit.log l WHERE l.at < before ORDER BY l.seq DESC LIMIT 1;
    IF NOT FOUND THEN
        RETURN 0;
    END IF;
    SELECT count(*) INTO gone FROM audit.log l WHERE l.seq <= last.seq;
    INSERT INTO audit.anchors (seq, hash, last_at, entries) VALUES (last.seq, last.hash, last.at, gone);
    PERFORM audit.write('audit.cut', account, name, NULL, NULL, NULL, 'audit', ARRAY[last.seq::text],
        ARRAY[encode(last.hash, 'hex')], NULL, NULL, gone);
    DELETE FROM audit.log l WHERE l.seq <= last.seq;
    RETURN gone;
END $$
"""

# Log first: the entry is its own transaction's last word before a row is given. `answer` gives rows only for an entry
# that is committed, so that no ROLLBACK takes back the entry of rows that were seen.
ASK = f"""
CREATE FUNCTION ledgers.ask(ledger text, parcels text[], wanted text[], purpose text, note text, account text, name text,
    department text, duties text[], origin text) RETURNS bigint LANGUAGE plpgsql {_DEFINER} AS $$
DECLARE
    found int;
    asked text;
BEGIN
    IF purpose IS NULL OR NOT EXISTS (SELECT FROM ledgers.purposes p WHERE p.id = purpose) THEN
        RAISE EXCEPTION 'a purpose is needed' USING ERRCODE = 'check_violation';
    END IF;
    IF coalesce(cardinality(parcels), 0) NOT BETWEEN 1 AND 200 OR coalesce(cardinality(wanted), 0) = 0 THEN
        RAISE EXCEPTION 'ask for 1 to 200 parcels and for some columns' USING ERRCODE = 'check_violation';
    END IF;
    FOREACH asked IN ARRAY wanted LOOP
        IF NOT has_column_privilege(onomap.asker(), format('ledgers.%I', ledger)::regclass, asked, 'REFERENCES') THEN
            RAISE EXCEPTION 'no right to read %', asked USING ERRCODE = 'insufficient_privilege';
        END IF;
    END LOOP;
    EXECUTE format('SELECT count(*) FROM ledgers.%I WHERE parcel_key = ANY($1)', ledger) INTO found USING parcels;
    RETURN audit.write('ledger.read', account, name, department, duties, origin, ledger, parcels, wanted, purpose, note, found);
END $$
"""
ANSWER = f"""
CREATE FUNCTION ledgers.answer(entry bigint) RETURNS SETOF jsonb LANGUAGE plpgsql {_DEFINER} AS $$
DECLARE
    e audit.log;
    members text;
BEGIN
    SELECT * INTO e FROM audit.log l WHERE l.seq = entry AND l.action = 'ledger.read' AND l.db_role = onomap.asker()
        AND l.at > clock_timestamp() - interval '1 minute';
    IF NOT FOUND OR e.xid IS NOT DISTINCT FROM pg_current_xact_id_if_assigned() THEN
        RAISE EXCEPTION 'rows are given for a committed entry of the log only' USING ERRCODE = 'insufficient_privilege';
    END IF;
    SELECT string_agg(format('%L, l.%I', c, c), ', ') INTO members FROM unnest(e.columns) c;
    RETURN QUERY EXECUTE format(
        'SELECT jsonb_build_object(%s) FROM ledgers.%I l WHERE l.parcel_key = ANY($1) ORDER BY l.parcel_key, l.id',
        members, e.subject) USING e.rows;
END $$
"""


def _texts(name: str) -> sa.Column[object]:
    return sa.Column(name, ARRAY(sa.Text), nullable=False, server_default="{}")


def _create_log() -> None:
    op.create_table(
        "actions",
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("label", sa.Text, nullable=False),
        schema="audit",
    )
    op.create_table(
        "log",
        sa.Column("seq", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("action", sa.Text, sa.ForeignKey("audit.actions.id"), nullable=False),
        *(sa.Column(name, sa.Text) for name in ("account", "name", "department")),
        _texts("duties"),
        *(sa.Column(name, sa.Text) for name in ("origin", "subject")),
        _texts("rows"),
        _texts("columns"),
        *(sa.Column(name, sa.Text) for name in ("purpose", "note")),
        sa.Column("count", sa.Integer),
        sa.Column("db_role", sa.Text, nullable=False),
        sa.Column("prev", sa.LargeBinary, nullable=False),
        sa.Column("hash", sa.LargeBinary, nullable=False),
        schema="audit",
    )
    op.execute("ALTER TABLE audit.log ADD COLUMN xid xid8")
    op.create_index("log_rows", "log", ["rows"], schema="audit", postgresql_using="gin")
    op.create_index("log_at", "log", ["at"], schema="audit")
    op.create_table(
        "anchors",
        sa.Column("seq", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("hash", sa.LargeBinary, nullable=False),
        sa.Column("last_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("entries", sa.BigInteger, nullable=False),
        sa.Column("cut_at", sa.DateTime(timezone=True), nullable=False, server_default=sa.func.now()),
        schema="audit",
    )
    op.create_table(
        "head",
        sa.Column("sole", sa.Boolean, sa.CheckConstraint("sole"), primary_key=True, server_default="true"),
        sa.Column("seq", sa.BigInteger, nullable=False),
        sa.Column("hash", sa.LargeBinary, nullable=False),
        schema="audit",
    )
    op.execute("INSERT INTO audit.head (seq, hash) VALUES (0, decode(repeat('00', 32), 'hex'))")


def _guard_log() -> None:
    for function in (CANONICAL, LINK, STAY, WRITE, CUT):
        op.execute(function)
    op.execute("CREATE TRIGGER log_link BEFORE INSERT ON audit.log FOR EACH ROW EXECUTE FUNCTION audit.link()")
    for table in ("log", "anchors"):
        op.execute(
            f"CREATE TRIGGER {table}_stay BEFORE UPDATE OR DELETE ON audit.{table} "
            "FOR EACH ROW EXECUTE FUNCTION audit.stay()"
        )
        op.execute(
            f"CREATE TRIGGER {table}_stay_whole BEFORE TRUNCATE ON audit.{table} "
            "FOR EACH STATEMENT EXECUTE FUNCTION audit.stay()"
        )


def upgrade() -> None:
    """Make the log and what guards it, and the functions by which posts do what they have no right to do by hand."""
    op.execute(ASKER)
    op.execute(ARCHIVE)
    op.execute(REJECTED)
    _create_log()
    _guard_log()
    op.create_table(
        "purposes",
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("label", sa.Text, nullable=False),
        schema="ledgers",
    )
    op.execute(ASK)
    op.execute(ANSWER)
    for schema in ("audit", "ledgers"):
        op.execute(f"REVOKE ALL ON ALL FUNCTIONS IN SCHEMA {schema} FROM PUBLIC")
    op.execute(
        "REVOKE ALL ON FUNCTION onomap.archive(text, bigint, timestamptz), onomap.rejected_content(bigint) FROM PUBLIC"
    )


def downgrade() -> None:
    """Take it away with the log; the ledgers' own tables stay."""
    op.execute(
        "DROP FUNCTION ledgers.ask(text,text[],text[],text,text,text,text,text,text[],text), ledgers.answer(bigint)"
    )
    op.drop_table("purposes", schema="ledgers")
    op.execute("DROP FUNCTION audit.said(audit.log), audit.cut(timestamptz, text, text)")
    for table in ("head", "anchors", "log", "actions"):
        op.drop_table(table, schema="audit")
    op.execute(
        "DROP FUNCTION audit.write(text,text,text,text,text[],text,text,text[],text[],text,text,int), audit.link(), "
        "audit.stay(), audit.parts(text[]), audit.part(text), onomap.rejected_content(bigint), "
        "onomap.archive(text, bigint, timestamptz), onomap.asker()"
    )
