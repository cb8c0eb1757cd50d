"""Who may make database roles: functions that make and drop roles of one database only, and can do nothing else.

A role with CREATEROLE could give itself every other right of the cluster (before PostgreSQL 16 even to run programs), so
the store's owner does not have it. A superuser puts these functions into the database instead.
"""

import getpass

import psycopg
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict

from layers.store.database import Connection
from layers.store.errors import StoreError

SCHEMA = "onomap_roles"

KEEPER = """
CREATE SCHEMA IF NOT EXISTS onomap_roles;
CREATE OR REPLACE FUNCTION onomap_roles.prefix() RETURNS text LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
AS $$ SELECT 'onomap_' || left(md5(current_database()), 8) || '_' $$;
CREATE OR REPLACE FUNCTION onomap_roles.require_own(name text) RETURNS void
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF name !~ ('^' || onomap_roles.prefix() || '[a-z0-9_]{1,32}$') THEN
        RAISE EXCEPTION 'role % is not one of this database', name USING ERRCODE = 'insufficient_privilege';
    END IF;
END $$;
CREATE OR REPLACE FUNCTION onomap_roles.make_role(name text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    PERFORM onomap_roles.require_own(name);
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = name) THEN
        EXECUTE format('CREATE ROLE %I NOLOGIN INHERIT NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION', name);
    END IF;
END $$;
CREATE OR REPLACE FUNCTION onomap_roles.make_login(name text, verifier text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    PERFORM onomap_roles.require_own(name);
    IF verifier !~ '^SCRAM-SHA-256\\$' THEN
        RAISE EXCEPTION 'a password is handed over as its SCRAM verifier' USING ERRCODE = 'invalid_parameter_value';
    END IF;
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = name) THEN
        EXECUTE format('CREATE ROLE %I LOGIN NOINHERIT NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION', name);
    END IF;
    EXECUTE format('ALTER ROLE %I PASSWORD %L', name, verifier);
END $$;
CREATE OR REPLACE FUNCTION onomap_roles.join_role(joined text, member text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    PERFORM onomap_roles.require_own(joined), onomap_roles.require_own(member);
    IF NOT pg_has_role(member, joined, 'MEMBER') THEN
        EXECUTE format('GRANT %I TO %I', joined, member);
    END IF;
END $$;
CREATE OR REPLACE FUNCTION onomap_roles.drop_role(name text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    PERFORM onomap_roles.require_own(name);
    EXECUTE format('DROP ROLE IF EXISTS %I', name);
END $$;
REVOKE ALL ON SCHEMA onomap_roles FROM PUBLIC;
REVOKE ALL ON ALL FUNCTIONS IN SCHEMA onomap_roles FROM PUBLIC;
"""


class NoKeeperError(StoreError):
    """The store's owner can make no database roles, so that no post can have rights of its own."""


def keeper_script(owner: str) -> str:
    """The SQL that a superuser runs in the store's database, for its owner to have and change the posts' roles."""
    name = sql.Identifier(owner).as_string()
    return f"{KEEPER}GRANT USAGE ON SCHEMA {SCHEMA} TO {name};\nGRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA {SCHEMA} TO {name};\n"


def keeper_script_for(url: str) -> str:
    """The same for the user of a database's URL."""
    return keeper_script(str(conninfo_to_dict(url).get("user") or getpass.getuser()))


def has_keeper(connection: Connection) -> bool:
    """Whether roles can be made: the functions are there for this user, or it could make them."""
    row = connection.execute(
        "SELECT coalesce(has_schema_privilege(to_regnamespace(%s), 'USAGE'), false), "
        "(SELECT rolcreaterole OR rolsuper FROM pg_roles WHERE rolname = current_user)",
        [SCHEMA],
    ).fetchone()
    return row is not None and (row[0] or row[1])


def require_keeper(connection: Connection) -> None:
    """Have the functions, made by an owner who may. Raises NoKeeperError."""
    row = connection.execute("SELECT has_schema_privilege(to_regnamespace(%s), 'USAGE')", [SCHEMA]).fetchone()
    if row is not None and row[0]:
        return
    try:
        with connection.transaction():
            if not has_keeper(connection):
                raise NoKeeperError(NO_KEEPER)
            connection.execute(KEEPER)
    except psycopg.errors.InsufficientPrivilege as error:
        raise NoKeeperError(NO_KEEPER) from error


MEND = (
    "この環境専用のデータベースなら scripts/start を一度止めて起動し直し、DATABASE_URL のデータベースなら、"
    "`onomap rights keeper` が出す SQL を管理者（スーパーユーザー）がそのデータベースで一度実行してください。"
)
NO_KEEPER = f"データベースに職務ごとの役割（ROLE）を作る権限がありません。{MEND}"


__all__ = ["MEND", "NoKeeperError", "has_keeper", "keeper_script", "keeper_script_for", "require_keeper"]
