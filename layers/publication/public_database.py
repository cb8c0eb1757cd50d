"""The public database: made beside the store or by its administrator elsewhere, with two logins of its own.

`<name>_owner` imports; `<name>_web` reads, and may do nothing else but put lines into the inbox. Neither may connect to the
store, neither is a member of anything, and no role of the store may connect here but the superuser of the cluster.
"""

import json
import secrets
from dataclasses import dataclass
from pathlib import Path

import psycopg
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from layers.publication.errors import PublicSideError
from layers.publication.public_schema import TABLES
from layers.store.cluster import Cluster
from layers.store.database import Connection
from layers.store.server_files import write_private
from layers.store.settings import Settings

NAME = "onomap_public"
PASSWORDS = "passwords.json"
WEB_SETTINGS = {
    "default_transaction_read_only": "on",
    "statement_timeout": "5s",
    "lock_timeout": "1s",
    "idle_in_transaction_session_timeout": "10s",
    "search_path": "public",
}
WEB_CONNECTIONS = 40
# The first ones write without a table's right being asked; the last one tells whose sessions the store has, and for whom.
_CLOSED_FUNCTIONS = (
    "lo_creat(integer)",
    "lo_create(oid)",
    "lo_from_bytea(oid, bytea)",
    "lo_open(oid, integer)",
    "lo_put(oid, bigint, bytea)",
    "lo_get(oid)",
    "lo_get(oid, bigint, integer)",
    "lo_unlink(oid)",
    "lo_truncate(integer, integer)",
    "lo_truncate64(integer, bigint)",
    "loread(integer, integer)",
    "lowrite(integer, bytea)",
    "pg_stat_get_activity(integer)",
)


@dataclass(frozen=True)
class PublicDatabase:
    """Two addresses of one database: the importer's, and the one that the public application is given."""

    owner_url: str
    web_url: str


def public_folder(home: Path) -> Path:
    """Where the public side keeps its files: editions with their tiles, and the key that it trusts."""
    return home / "public"


def ensure_public_database(settings: Settings) -> PublicDatabase:
    """The public database of this home, ready for imports: the one in the settings, else one in the private cluster.

    Raises PublicSideError when the store is somewhere else and no public database is named.
    """
    if settings.public_database_url and settings.public_web_database_url:
        found = PublicDatabase(settings.public_database_url, settings.public_web_database_url)
    elif settings.database_url or settings.public_database_url or settings.public_web_database_url:
        raise PublicSideError(
            "公開用のデータベースが決まっていません。public_database_url と public_web_database_url の両方を設定してください。"
        )
    else:
        found = create(Cluster(settings.home), public_folder(settings.home))
    prepare(found)
    return found


def found_public_database(settings: Settings) -> PublicDatabase:
    """The public database of this home as it was made: no superuser is needed. Raises PublicSideError before it is made."""
    if settings.public_database_url and settings.public_web_database_url:
        return PublicDatabase(settings.public_database_url, settings.public_web_database_url)
    if not (public_folder(settings.home) / PASSWORDS).is_file():
        raise PublicSideError("公開側がまだありません。scripts/start を実行してください。")
    return _addresses(Cluster(settings.home), NAME, _passwords(public_folder(settings.home)))


def create(cluster: Cluster, folder: Path, name: str = NAME) -> PublicDatabase:
    """Make the database and its logins in a private cluster as far as they are missing; passwords stay in `folder`, 0600."""
    passwords = _passwords(folder)
    owner, web = f"{name}_owner", f"{name}_web"
    with psycopg.connect(cluster.superuser_url(), autocommit=True) as connection:
        for role, most in ((owner, -1), (web, WEB_CONNECTIONS)):
            _make_role(connection, role, passwords[role.removeprefix(f"{name}_")], most)
        if not connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name]).fetchone():
            connection.execute(
                sql.SQL("CREATE DATABASE {} OWNER {} TEMPLATE template0 ENCODING 'UTF8'").format(
                    sql.Identifier(name), sql.Identifier(owner)
                )
            )
        for database in ("postgres", "template0", "template1", name):
            connection.execute(sql.SQL("REVOKE ALL ON DATABASE {} FROM PUBLIC").format(sql.Identifier(database)))
        connection.execute(
            sql.SQL("GRANT CONNECT ON DATABASE {} TO {}").format(sql.Identifier(name), sql.Identifier(web))
        )
        for setting, value in WEB_SETTINGS.items():
            statement = sql.SQL("ALTER ROLE {} IN DATABASE {} SET {} = {}")
            connection.execute(statement.format(*map(sql.Identifier, (web, name, setting)), sql.Literal(value)))
    with psycopg.connect(cluster.superuser_url(name), autocommit=True) as connection:
        connection.execute("CREATE EXTENSION IF NOT EXISTS postgis")
        for function in _CLOSED_FUNCTIONS:
            connection.execute(f"REVOKE EXECUTE ON FUNCTION pg_catalog.{function} FROM PUBLIC".encode())
    return _addresses(cluster, name, passwords)


def _addresses(cluster: Cluster, name: str, passwords: dict[str, str]) -> PublicDatabase:
    plain = cluster.url(name)
    return PublicDatabase(
        make_conninfo(plain, user=f"{name}_owner", password=passwords["owner"]),
        make_conninfo(plain, user=f"{name}_web", password=passwords["web"]),
    )


def prepare(database: PublicDatabase) -> None:
    """Bring the public database's own tables up to their present form. Raises PublicSideError when it does not answer."""
    web = conninfo_to_dict(database.web_url).get("user")
    if not web or web == conninfo_to_dict(database.owner_url).get("user"):
        raise PublicSideError("公開用の閲覧のログインは、取り込みのログインと別のものにしてください。")
    try:
        with psycopg.connect(database.owner_url) as connection:
            for statement in TABLES:
                connection.execute(sql.SQL(statement).format(web=sql.Identifier(str(web))))
    except psycopg.Error as error:
        raise PublicSideError(f"公開用のデータベースを用意できません（{str(error).splitlines()[0]}）。") from error


def web_role(database: PublicDatabase) -> str:
    """The name of the login that the public application uses."""
    return str(conninfo_to_dict(database.web_url)["user"])


def _make_role(connection: Connection, role: str, password: str, connections: int) -> None:
    made = connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [role]).fetchone()
    statement = sql.SQL(
        ("ALTER" if made else "CREATE")
        + " ROLE {} LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS "
        "NOINHERIT CONNECTION LIMIT {} PASSWORD {}"
    )
    connection.execute(statement.format(sql.Identifier(role), sql.Literal(connections), sql.Literal(password)))


def _passwords(folder: Path) -> dict[str, str]:
    file = folder / PASSWORDS
    if not file.is_file():
        folder.mkdir(parents=True, exist_ok=True)
        write_private(file, json.dumps({name: secrets.token_hex(24) for name in ("owner", "web")}))
    try:
        known = json.loads(file.read_text(encoding="utf-8"))
        return {name: str(known[name]) for name in ("owner", "web")}
    except (OSError, ValueError, KeyError) as error:
        raise PublicSideError(f"{file} が読めません。バックアップから戻してください。") from error
