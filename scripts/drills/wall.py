"""From the public application's login, every way into the store that we can think of; each that opens is a finding.

A canary lies in the store's rows, in its register and in the text of a query that runs there meanwhile. A way is open when
a statement that must fail does not, when the login becomes somebody else, or when a canary comes out of anything.
"""

import json
import secrets
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import psycopg
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from layers.publication.opening import open_desk
from layers.publication.public_database import PublicDatabase
from layers.publication.sample import publish_sample
from layers.sample_town.install import install
from layers.store.cluster import Cluster, database_in_use
from layers.store.instance import Store, connect
from layers.store.settings import load_settings
from scripts.drills.wall_parts.ways import FORBIDDEN, HARMLESS, TABLE_WAYS, connection_ways, role_ways

CANARY = f"canary{secrets.token_hex(8)}"


@dataclass
class Tally:
    """What was tried, and which ways were open."""

    tried: int = 0
    open: list[str] = field(default_factory=list)

    def judge(self, way: str, *, opened: bool) -> None:
        """One try."""
        self.tried += 1
        if opened:
            self.open.append(way)


def _plant(store: Store) -> None:
    with store.database.transaction() as connection:
        connection.execute("UPDATE layers.cadastral SET land_category = %s", [CANARY])
        connection.execute("UPDATE onomap.loads SET loaded_by = %s WHERE layer = 'cadastral'", [CANARY])


@contextmanager
def _busy(url: str) -> Iterator[None]:
    """A query of the store that runs all the while, with the canary in its text."""
    done = threading.Event()

    def run() -> None:
        with psycopg.connect(url, autocommit=True, application_name=CANARY) as connection:
            while not done.is_set():
                connection.execute(f"SELECT '{CANARY}', pg_sleep(0.2)".encode())

    thread = threading.Thread(target=run)
    thread.start()
    try:
        yield
    finally:
        done.set()
        thread.join()


def _try(connection: psycopg.Connection[tuple[object, ...]], statement: str) -> tuple[bool, str]:
    """Whether a statement went through, and all that it answered."""
    user = connection.info.user
    try:
        with connection.transaction(force_rollback=True):
            connection.execute("SET TRANSACTION READ WRITE")
            cursor = connection.execute(statement.encode())
            answered = repr(cursor.fetchall()) if cursor.description else ""
            row = connection.execute("SELECT current_user, session_user").fetchone()
            if row != (user, user):
                answered += f"became {CANARY} {row}"
    except psycopg.Error as error:
        return False, str(error)
    return True, answered


def _statements(tally: Tally, database: PublicDatabase, ways: Iterator[tuple[str, bool]]) -> None:
    connection = psycopg.connect(database.web_url, autocommit=True)
    for statement, must_fail in ways:
        if connection.closed:
            connection = psycopg.connect(database.web_url, autocommit=True)
        went, answered = _try(connection, statement)
        tally.judge(statement, opened=(went and must_fail) or CANARY in answered)
    connection.close()


def _all_ways(database: PublicDatabase) -> Iterator[tuple[str, bool]]:
    web = str(conninfo_to_dict(database.web_url)["user"])
    with psycopg.connect(database.owner_url) as owner:
        roles = [row[0] for row in owner.execute("SELECT rolname FROM pg_roles WHERE rolname <> %s", [web]).fetchall()]
        tables = owner.execute(
            "SELECT schemaname, tablename FROM pg_tables WHERE schemaname IN ('layers', 'onomap') OR schemaname LIKE 'edition%' "
            "ORDER BY 1, 2"
        ).fetchall()
        hidden = [table for table in tables if table[0].startswith("edition")] + [
            ("onomap", "editions"),
            ("onomap", "inbox"),
        ]
        relations = owner.execute(
            "SELECT n.nspname, c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace "
            "WHERE c.relkind IN ('r', 'v', 'm', 'p') ORDER BY 1, 2"
        ).fetchall()
    yield from ((statement, True) for statement in FORBIDDEN)
    yield from ((statement, True) for role in roles for statement in role_ways(role, web))
    for schema, table in tables:
        name = sql.SQL("{}.{}").format(sql.Identifier(schema), sql.Identifier(table)).as_string()
        yield from ((way.format(table=name), True) for way in TABLE_WAYS if table != "inbox" or "INSERT" not in way)
    for schema, table in hidden:
        yield sql.SQL("SELECT * FROM {}.{}").format(sql.Identifier(schema), sql.Identifier(table)).as_string(), True
    yield from ((statement, False) for statement in HARMLESS)
    for schema, name in relations:
        yield sql.SQL("SELECT * FROM {}.{}").format(sql.Identifier(schema), sql.Identifier(name)).as_string(), False


def _connections(tally: Tally, cluster: Cluster, database: PublicDatabase) -> None:
    with psycopg.connect(cluster.superuser_url()) as connection:
        databases = [row[0] for row in connection.execute("SELECT datname FROM pg_database").fetchall()]
        roles = [row[0] for row in connection.execute("SELECT rolname FROM pg_roles WHERE rolcanlogin").fetchall()]
    plain = conninfo_to_dict(database.web_url)
    for parameters in connection_ways(plain, databases, roles):
        told = {name: value for name, value in parameters.items() if name != "password"}
        try:
            with psycopg.connect(make_conninfo(**parameters), connect_timeout=5) as connection:
                row = connection.execute("SELECT current_user").fetchone()
                opened = parameters["dbname"] != plain["dbname"] or row != (plain["user"],)
        except psycopg.Error:
            opened = False
        tally.judge(f"connect {told}", opened=opened)


def _privileges(tally: Tally, database: PublicDatabase) -> None:
    """What the catalogue itself says that the login may do beyond reading; a statement can fail for another reason."""
    with psycopg.connect(database.web_url) as connection:
        rows = connection.execute(
            "SELECT format('%I.%I', n.nspname, c.relname), p.name, has_table_privilege(c.oid, p.name) "
            "OR (p.name IN ('INSERT', 'UPDATE') AND has_any_column_privilege(c.oid, p.name)) "
            "FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace, "
            "unnest(ARRAY['INSERT', 'UPDATE', 'DELETE', 'TRUNCATE', 'REFERENCES', 'TRIGGER']) p(name) "
            "WHERE c.relkind IN ('r', 'v', 'p') AND n.nspname <> 'information_schema' AND c.relname <> 'pg_settings'"
        ).fetchall()
        roles = connection.execute(
            "SELECT rolname, pg_has_role(oid, 'MEMBER') OR pg_has_role(oid, 'USAGE') FROM pg_roles WHERE rolname <> current_user"
        ).fetchall()
        databases = connection.execute(
            "SELECT datname, p.name, has_database_privilege(oid, p.name) FROM pg_database, "
            "unnest(ARRAY['CONNECT', 'CREATE', 'TEMPORARY']) p(name)"
        ).fetchall()
        own = connection.info.dbname
    for table, right, has in rows:
        tally.judge(f"{right} on {table}", opened=has and (table, right) != ("onomap.inbox", "INSERT"))
    for role, has in roles:
        tally.judge(f"member of {role}", opened=has)
    for name, right, has in databases:
        tally.judge(f"{right} on database {name}", opened=has and (name, right) != (own, "CONNECT"))


def main() -> None:
    """Publish a small town, then attack the wall from outside; exit 1 when anything opened."""
    tally = Tally()
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o711)
        home = Path(folder) / "home"
        with database_in_use(home) as address:
            store = connect(load_settings(home), address.url)
            install(store, lambda _what, _share: None, parcels=1_500)
            desk = open_desk(store, 11, make=True)
            publish_sample(desk, lambda _what, _share: None)
            publish_again(store, desk)
            _plant(store)
            database = desk.need_side().database
            with _busy(address.url):
                time.sleep(0.3)
                _connections(tally, Cluster(home), database)
                _statements(tally, database, _all_ways(database))
                _privileges(tally, database)
            store.database.close()
        Cluster(home).remove()
    print(json.dumps(_result(tally), ensure_ascii=False))
    sys.exit(1 if tally.open else 0)


def publish_again(store: Store, desk: object) -> None:
    """A second edition, so that one lies there that is not served."""
    from layers.publication.desk import Desk
    from layers.publication.sample import demo_pair

    if not isinstance(desk, Desk):
        raise TypeError("no desk")
    clerk, _ = demo_pair(store.layer("shelters"))
    desk.withdraw(clerk, "shelters")


def _result(tally: Tally) -> dict[str, object]:
    return {"drill": "wall", "tried": tally.tried, "planted": 3, "found": len(tally.open), "open": tally.open[:20]}


if __name__ == "__main__":
    main()
