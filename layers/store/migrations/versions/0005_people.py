"""People: posts, accounts, sessions, keys, one-time links, and what failed attempts leave behind."""

from alembic import op

revision = "0005_people"
down_revision = "0004_rights"

TABLES = (
    "CREATE SCHEMA people",
    """CREATE TABLE people.posts (
        id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        department text NOT NULL,
        duties text[] NOT NULL,
        UNIQUE (department, duties))""",
    """CREATE TABLE people.accounts (
        id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        login text NOT NULL UNIQUE CHECK (login ~ '^[a-z0-9][a-z0-9._@-]{0,63}$'),
        name text NOT NULL CHECK (name <> ''),
        post_id bigint NOT NULL REFERENCES people.posts,
        directory text NOT NULL DEFAULT 'local' CHECK (directory IN ('local', 'ldap', 'oidc')),
        subject text,
        password_hash text,
        demo_password text,
        totp_secret text,
        totp_offered text,
        totp_last bigint NOT NULL DEFAULT 0,
        recovery bytea[] NOT NULL DEFAULT '{}',
        locked_at timestamptz,
        made_at timestamptz NOT NULL DEFAULT now(),
        signed_in_at timestamptz,
        UNIQUE (directory, subject))""",
    """CREATE TABLE people.sessions (
        id bigint GENERATED ALWAYS AS IDENTITY UNIQUE,
        hash bytea PRIMARY KEY,
        account_id bigint NOT NULL REFERENCES people.accounts ON DELETE CASCADE,
        started_at timestamptz NOT NULL DEFAULT now(),
        seen_at timestamptz NOT NULL DEFAULT now(),
        source text NOT NULL,
        agent text NOT NULL,
        awaits_code boolean NOT NULL)""",
    "CREATE INDEX sessions_account ON people.sessions (account_id)",
    """CREATE TABLE people.keys (
        id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        hash bytea NOT NULL UNIQUE,
        account_id bigint NOT NULL REFERENCES people.accounts ON DELETE CASCADE,
        label text NOT NULL,
        verbs text[] NOT NULL,
        made_at timestamptz NOT NULL DEFAULT now(),
        expires_at timestamptz NOT NULL,
        used_at timestamptz)""",
    "CREATE INDEX keys_account ON people.keys (account_id)",
    """CREATE TABLE people.links (
        hash bytea PRIMARY KEY,
        account_id bigint NOT NULL REFERENCES people.accounts ON DELETE CASCADE,
        expires_at timestamptz NOT NULL)""",
    """CREATE TABLE people.failures (
        kind text NOT NULL,
        subject text NOT NULL,
        failed integer NOT NULL,
        last_at timestamptz NOT NULL,
        free_at timestamptz NOT NULL,
        PRIMARY KEY (kind, subject))""",
    """CREATE TABLE people.known_sources (
        account_id bigint NOT NULL REFERENCES people.accounts ON DELETE CASCADE,
        source text NOT NULL,
        seen_at timestamptz NOT NULL,
        PRIMARY KEY (account_id, source))""",
    """CREATE TABLE people.errands (
        hash bytea PRIMARY KEY,
        nonce text NOT NULL,
        verifier text NOT NULL,
        next text NOT NULL,
        expires_at timestamptz NOT NULL)""",
)


def upgrade() -> None:
    """Make the schema; secrets stand in it as hashes only, but for the shared secret of TOTP, which has to be known."""
    for statement in TABLES:
        op.execute(statement)


def downgrade() -> None:
    """Take it all away, people and all."""
    op.execute("DROP SCHEMA people CASCADE")
