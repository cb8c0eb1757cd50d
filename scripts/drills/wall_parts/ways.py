"""The ways that the wall drill tries, as data."""

from collections.abc import Iterator, Mapping

_EXTENSIONS = (
    "dblink", "postgres_fdw", "file_fdw", "adminpack", "pageinspect", "pg_visibility", "pg_buffercache", "plpython3u",
    "plperlu", "pltclu", "lo", "pgcrypto", "tablefunc", "xml2", "postgis_raster", "postgis_topology", "pg_stat_statements",
    "amcheck", "pgstattuple", "pg_walinspect", "hstore", "citext", "intarray", "ltree", "unaccent", "fuzzystrmatch",
)  # fmt: skip
_SETTINGS = (
    "session_preload_libraries", "dynamic_library_path", "log_statement", "log_min_messages", "lo_compat_privileges",
    "archive_command", "data_directory", "hba_file", "shared_preload_libraries", "allow_system_table_mods",
    "session_replication_role", "zero_damaged_pages", "ignore_system_indexes", "log_executor_stats", "track_activities",
)  # fmt: skip
_PLACES = ("public", "onomap", "layers", "pg_catalog", "information_schema", "pg_temp")
_CREATIONS = (
    "CREATE TABLE {place}.way (a int)",
    "CREATE VIEW {place}.way AS SELECT 1",
    "CREATE FUNCTION {place}.way() RETURNS int LANGUAGE sql AS 'SELECT 1'",
    "CREATE FUNCTION {place}.way() RETURNS int LANGUAGE plpgsql SECURITY DEFINER AS 'BEGIN RETURN 1; END'",
    "CREATE TYPE {place}.way AS (a int)",
    "CREATE SEQUENCE {place}.way",
    "CREATE OPERATOR {place}.=== (leftarg = int, rightarg = int, function = int4eq)",
)
_SYSTEM = (
    "SELECT pg_read_file('/etc/passwd')",
    "SELECT pg_read_file('PG_VERSION')",
    "SELECT pg_read_file('base/1/PG_VERSION')",
    "SELECT pg_read_binary_file('postgresql.conf')",
    "SELECT pg_read_binary_file('global/pg_control')",
    "SELECT pg_ls_dir('.')",
    "SELECT pg_ls_dir('/')",
    "SELECT pg_ls_logdir()",
    "SELECT pg_ls_waldir()",
    "SELECT pg_ls_tmpdir()",
    "SELECT pg_ls_archive_statusdir()",
    "SELECT pg_stat_file('postgresql.conf')",
    "SELECT pg_current_logfile()",
    "SELECT pg_rotate_logfile()",
    "SELECT pg_reload_conf()",
    "SELECT pg_switch_wal()",
    "SELECT pg_create_restore_point('way')",
    "SELECT pg_backup_start('way')",
    "SELECT pg_promote()",
    "SELECT pg_create_physical_replication_slot('way')",
    "SELECT pg_create_logical_replication_slot('way', 'pgoutput')",
    "SELECT pg_stat_reset()",
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename <> current_user LIMIT 1",
    "SELECT pg_cancel_backend(pid) FROM pg_stat_activity WHERE usename <> current_user LIMIT 1",
    "SELECT lo_import('/etc/passwd')",
    "SELECT lo_export(1, '/tmp/way')",
    "SELECT lo_create(0)",
    "SELECT lo_creat(-1)",
    "SELECT lo_from_bytea(0, 'way')",
    "SELECT lo_put(1, 0, 'way')",
    "SELECT lo_get(1)",
    "SELECT lo_open(1, 131072)",
    "SELECT lo_unlink(1)",
    "COPY (SELECT 1) TO PROGRAM 'id'",
    "COPY (SELECT 1) TO PROGRAM 'psql onomap'",
    "COPY onomap.inbox FROM PROGRAM 'id'",
    "COPY onomap.inbox (kind, content) FROM PROGRAM 'id'",
    "COPY onomap.inbox (kind, content) FROM '/etc/passwd'",
    "COPY (SELECT 1) TO '/tmp/way'",
    "COPY layers.cadastral TO '/tmp/way'",
    "LOAD '/tmp/way.so'",
    "LOAD 'dblink'",
    "LOAD '$libdir/plugins/auto_explain'",
    "ALTER SYSTEM SET listen_addresses = '*'",
    "ALTER DATABASE onomap_public SET statement_timeout = 0",
    "ALTER DATABASE onomap RENAME TO way",
    "CREATE DATABASE way TEMPLATE onomap",
    "CREATE DATABASE way",
    "DROP DATABASE onomap",
    "CREATE ROLE way SUPERUSER LOGIN",
    "CREATE TABLESPACE way LOCATION '/tmp'",
    "CREATE SCHEMA way",
    "CREATE LANGUAGE plpython3u",
    "CREATE FOREIGN DATA WRAPPER way",
    "CREATE SERVER way FOREIGN DATA WRAPPER postgres_fdw OPTIONS (dbname 'onomap')",
    "CREATE USER MAPPING FOR CURRENT_USER SERVER way",
    "IMPORT FOREIGN SCHEMA layers FROM SERVER way INTO public",
    "CREATE SUBSCRIPTION way CONNECTION 'dbname=onomap' PUBLICATION way",
    "CREATE PUBLICATION way FOR ALL TABLES",
    "CREATE EVENT TRIGGER way ON ddl_command_start EXECUTE FUNCTION onomap.bound_inbox()",
    "CREATE CAST (text AS int) WITH INOUT AS IMPLICIT",
    "CREATE TEMPORARY TABLE way (a int)",
    "CREATE TEMPORARY VIEW way AS SELECT 1",
    "CREATE FUNCTION way(cstring) RETURNS int LANGUAGE c AS '/lib/x86_64-linux-gnu/libc.so.6', 'system'",
    "CREATE FUNCTION public.way() RETURNS text LANGUAGE internal AS 'pg_read_file'",
    "DROP SCHEMA layers CASCADE",
    "DROP SCHEMA onomap CASCADE",
    "DROP SCHEMA public CASCADE",
    "ALTER SCHEMA layers RENAME TO way",
    "DROP EXTENSION postgis",
    "ALTER EXTENSION postgis UPDATE",
    "DROP OWNED BY onomap_public_owner",
    "REASSIGN OWNED BY onomap_public_owner TO CURRENT_USER",
    "SECURITY LABEL ON TABLE layers.cadastral IS 'way'",
    "COMMENT ON DATABASE onomap_public IS 'way'",
    "ALTER DEFAULT PRIVILEGES FOR ROLE onomap_public_owner GRANT ALL ON TABLES TO PUBLIC",
    "GRANT ALL ON DATABASE onomap TO PUBLIC",
    "GRANT ALL ON ALL TABLES IN SCHEMA onomap TO CURRENT_USER WITH GRANT OPTION",
    "SELECT * FROM onomap.layers.cadastral",
    "SELECT * FROM onomap.onomap.loads",
    "SELECT * FROM dblink('dbname=onomap', 'SELECT 1') AS t(a int)",
    "SELECT dblink_connect('dbname=onomap')",
    "SELECT * FROM pg_authid",
    "SELECT * FROM pg_shadow",
    "SELECT * FROM pg_statistic",
    "SELECT * FROM pg_user_mapping",
    "SELECT * FROM pg_largeobject",
    "SELECT * FROM pg_subscription",
    "SELECT * FROM pg_hba_file_rules",
    "SELECT * FROM pg_file_settings",
    "SELECT * FROM pg_config",
    "UPDATE pg_catalog.pg_class SET relacl = NULL",
    "UPDATE pg_catalog.pg_roles SET rolsuper = true",
    "DELETE FROM pg_catalog.pg_proc",
    "INSERT INTO public.spatial_ref_sys (srid) VALUES (999999)",
    "UPDATE public.spatial_ref_sys SET srtext = 'way'",
    "SELECT AddGeometryColumn('layers', 'cadastral', 'way', 4326, 'POINT', 2)",
    "SELECT DropGeometryTable('layers', 'cadastral')",
    "SELECT UpdateGeometrySRID('layers', 'cadastral', 'geom', 4326)",
    "SELECT postgis_extensions_upgrade()",
    "SELECT query_to_xml('SELECT * FROM onomap.editions', true, false, '')",
    "SELECT table_to_xml('onomap.inbox', true, false, '')",
    "SELECT onomap.bound_inbox()",
    "DO $$ BEGIN EXECUTE 'COPY (SELECT 1) TO PROGRAM ''id'''; END $$",
    "DO $$ BEGIN PERFORM pg_read_file('/etc/passwd'); END $$",
    "DO $$ BEGIN EXECUTE 'SET ROLE onomap'; END $$",
    "DO LANGUAGE plpython3u $$ import os $$",
    "ALTER ROLE CURRENT_USER SUPERUSER",
    "ALTER ROLE CURRENT_USER CREATEDB",
    "ALTER ROLE CURRENT_USER CREATEROLE",
    "ALTER ROLE CURRENT_USER REPLICATION",
    "ALTER ROLE CURRENT_USER BYPASSRLS",
    "ALTER ROLE CURRENT_USER CONNECTION LIMIT 1000",
    "ALTER ROLE ALL SET search_path = way",
    "SET ROLE pg_read_server_files",
    "SET ROLE pg_execute_server_program",
    "SET ROLE pg_read_all_data",
    "CHECKPOINT",
    "VACUUM FULL pg_catalog.pg_class",
    "PREPARE TRANSACTION 'way'",
)
FORBIDDEN: tuple[str, ...] = (
    *_SYSTEM,
    *(f"CREATE EXTENSION {name}" for name in _EXTENSIONS),
    *(f"SET {name} = 'way'" for name in _SETTINGS if name != "track_activities"),
    *(way.format(place=place) for place in _PLACES for way in _CREATIONS),
)
"""Statements that must fail, whatever the reason."""

HARMLESS: tuple[str, ...] = (
    "RESET ROLE",
    "RESET SESSION AUTHORIZATION",
    "RESET ALL",
    "DISCARD ALL",
    "SET search_path = pg_temp, onomap, layers",
    "SET default_transaction_read_only = off",
    "SET statement_timeout = 0",
    "SELECT current_setting('data_directory', true)",
    "SELECT * FROM pg_stat_activity",
    "SELECT * FROM pg_stat_get_activity(NULL)",
    "SELECT * FROM pg_locks",
    "SELECT * FROM pg_stat_database",
    "SELECT * FROM pg_database",
    "SELECT * FROM pg_settings",
    "SELECT * FROM pg_prepared_statements",
    "SELECT * FROM pg_cursors",
    "SELECT * FROM pg_stats",
    "SELECT * FROM pg_stats_ext",
    "SELECT * FROM pg_stat_user_tables",
    "SELECT * FROM pg_stat_replication",
    "SELECT * FROM pg_get_keywords()",
    "SELECT * FROM information_schema.columns",
    "SELECT * FROM information_schema.role_table_grants",
    "SELECT database_to_xmlschema(true, false, '')",
    "SELECT schema_to_xml('onomap', true, false, '')",
    "SELECT database_to_xml(true, false, '')",
    "SELECT pg_get_functiondef(p.oid) FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace WHERE n.nspname = 'onomap'",
)
"""Statements that may go through, but out of which no canary may come, and after which the login is still itself."""

TABLE_WAYS: tuple[str, ...] = (
    "INSERT INTO {table} DEFAULT VALUES",
    "UPDATE {table} SET ctid = ctid",
    "DELETE FROM {table}",
    "TRUNCATE {table}",
    "DROP TABLE {table}",
    "ALTER TABLE {table} ADD COLUMN way int",
    "ALTER TABLE {table} OWNER TO CURRENT_USER",
    "LOCK TABLE {table} IN ACCESS EXCLUSIVE MODE",
    "CREATE INDEX ON {table} ((1))",
    "CREATE TRIGGER way BEFORE INSERT ON {table} EXECUTE FUNCTION suppress_redundant_updates_trigger()",
    "CREATE RULE way AS ON SELECT TO {table} DO INSTEAD NOTHING",
    "GRANT ALL ON {table} TO PUBLIC WITH GRANT OPTION",
)
"""What must fail on every table, whatever edition it is of."""


def role_ways(role: str, web: str) -> Iterator[str]:
    """Ways to become another role, or to have its rights."""
    yield f'SET ROLE "{role}"'
    yield f'SET LOCAL ROLE "{role}"'
    yield f'SET SESSION AUTHORIZATION "{role}"'
    yield f"SELECT set_config('role', '{role}', true)"
    yield f"SELECT set_config('session_authorization', '{role}', true)"
    yield f'GRANT "{role}" TO "{web}"'
    yield f"ALTER ROLE \"{role}\" PASSWORD 'way'"


def connection_ways(plain: Mapping[str, object], databases: list[str], roles: list[str]) -> Iterator[dict[str, object]]:
    """Ways to connect: every database with the own login, every role by guesses, and roles asked for on the way in."""
    own = str(plain["password"])
    for database in databases:
        if database != plain["dbname"]:
            yield {**plain, "dbname": database}
    for role in roles:
        if role != plain["user"]:
            for database in databases:
                for password in (own, role, "", "postgres"):
                    yield {**plain, "dbname": database, "user": role, "password": password}
            yield {**plain, "options": f"-c role={role}"}
            yield {**plain, "options": f"-c session_authorization={role}"}
    yield {**plain, "replication": "true", "dbname": "replication"}
    yield {**plain, "dbname": "onomap", "replication": "database"}
