"""Makes the database's roles and GRANTs say what the policy says: what is missing is given, what is too much is taken."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from hashlib import md5

from psycopg import sql

from layers.store.database import Connection
from layers.store.definitions import Layer
from layers.store.rights.grants import EVERYBODY, Right, every_group, post_name, rights_of
from layers.store.rights.keeper import require_keeper
from layers.store.rights.policy import Policy

LOGIN = "staff_web"
BASE = "everybody"
ROLES_LOCK = 7_522_003
"""Key of the advisory lock under which roles are changed: two starts at once would trip over each other's catalogue rows."""
_OURS = r"^onomap_[0-9a-f]{8}_"
# Roles of another database stand in a copy of it: they are among "ours", so that they lose what they have here.
_HELD = """
SELECT r.rolname, 'table', n.nspname || '.' || c.relname, a.privilege_type, '' FROM pg_class c
    JOIN pg_namespace n ON n.oid = c.relnamespace, aclexplode(c.relacl) a JOIN pg_roles r ON r.oid = a.grantee
    WHERE r.rolname ~ %(ours)s
UNION ALL SELECT r.rolname, 'column', n.nspname || '.' || c.relname, a.privilege_type, t.attname FROM pg_attribute t
    JOIN pg_class c ON c.oid = t.attrelid JOIN pg_namespace n ON n.oid = c.relnamespace,
    aclexplode(t.attacl) a JOIN pg_roles r ON r.oid = a.grantee
    WHERE t.attacl IS NOT NULL AND NOT t.attisdropped AND r.rolname ~ %(ours)s
UNION ALL SELECT r.rolname, 'schema', n.nspname, a.privilege_type, '' FROM pg_namespace n, aclexplode(n.nspacl) a
    JOIN pg_roles r ON r.oid = a.grantee WHERE r.rolname ~ %(ours)s
UNION ALL SELECT r.rolname, 'function',
    n.nspname || '.' || p.proname || '(' || replace(oidvectortypes(p.proargtypes), ', ', ',') || ')', a.privilege_type, ''
    FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace, aclexplode(p.proacl) a
    JOIN pg_roles r ON r.oid = a.grantee WHERE p.proacl IS NOT NULL AND r.rolname ~ %(ours)s
UNION ALL SELECT r.rolname, 'database', d.datname, a.privilege_type, '' FROM pg_database d, aclexplode(d.datacl) a
    JOIN pg_roles r ON r.oid = a.grantee WHERE d.datname = current_database() AND r.rolname ~ %(ours)s
"""


def role_prefix(database: str) -> str:
    """How the names of one database's roles begin: roles belong to the whole cluster, rights to one town's database."""
    return f"onomap_{md5(database.encode(), usedforsecurity=False).hexdigest()[:8]}_"


@dataclass(frozen=True)
class Changed:
    """What was given and taken, as (role, right)."""

    given: tuple[tuple[str, Right], ...] = ()
    taken: tuple[tuple[str, Right], ...] = ()
    dropped: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.given or self.taken or self.dropped)

    def told(self) -> str:
        """What was done in one line: how many rights on which objects."""
        objects = sorted({right.name for _, right in (*self.given, *self.taken)})
        return f"与えた権限 {len(self.given)}、外した権限 {len(self.taken)}、消した役割 {len(self.dropped)}: {' '.join(objects)}"


def apply_policy(
    connection: Connection, policy: Policy, catalogue: Mapping[str, Layer], ledgers: Mapping[str, Layer]
) -> Changed:
    """Bring roles and GRANTs to what the policy says, in the transaction of `connection`, which is the owner's.

    Raises NoKeeperError where the owner may not make roles.
    """
    connection.execute("SELECT pg_advisory_xact_lock(%s)", [ROLES_LOCK])
    require_keeper(connection)
    database = connection.info.dbname
    prefix = role_prefix(database)
    _close_to_everybody(connection)
    wanted = {prefix + BASE: set(EVERYBODY)}
    for group in every_group(policy, catalogue):
        wanted.setdefault(prefix + group.name, set()).update(rights_of(group, catalogue, ledgers))
    present = _present(connection, prefix)
    for name in sorted(wanted.keys() - present):
        connection.execute("SELECT onomap_roles.make_role(%s)", [name])
    connect = Right("database", database, "CONNECT")
    desired = {(role, right) for role, rights in wanted.items() for right in rights}
    held = {(row[0], Right(*row[1:])) for row in connection.execute(_HELD, {"ours": _OURS}).fetchall()}
    kept = {(prefix + LOGIN, connect)}
    given, taken = sorted(desired - held), sorted(held - desired - kept)
    _change(connection, "REVOKE {} FROM {}", taken)
    _change(connection, "GRANT {} TO {}", given)
    dropped = _drop_stale(connection, prefix, wanted.keys())
    return Changed(tuple(given), tuple(taken), dropped)


def _close_to_everybody(connection: Connection) -> None:
    """No role of the cluster makes temporary tables here unasked; PostgreSQL lets everybody, until its owner says no."""
    open_to_all = connection.execute(
        "SELECT current_database() FROM pg_database d WHERE d.datname = current_database() "
        "AND pg_has_role(current_user, d.datdba, 'MEMBER') AND has_database_privilege('public', d.oid, 'TEMPORARY')"
    ).fetchone()
    if open_to_all is not None:
        statement = sql.SQL("REVOKE TEMPORARY ON DATABASE {} FROM PUBLIC")
        connection.execute(statement.format(sql.Identifier(open_to_all[0])))
    # a dump that was restored without privileges has lost what its migration took away
    functions = connection.execute(
        "SELECT n.nspname, p.proname, oidvectortypes(p.proargtypes) FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace "
        "WHERE p.prosecdef AND p.prorettype <> 'trigger'::regtype AND n.nspname IN ('onomap', 'audit', 'ledgers', 'surveys') "
        "AND has_function_privilege('public', p.oid, 'EXECUTE')"
    ).fetchall()
    for schema, name, arguments in functions:
        statement = sql.SQL("REVOKE ALL ON FUNCTION {}({}) FROM PUBLIC")
        connection.execute(statement.format(sql.Identifier(schema, name), sql.SQL(arguments)))


def _present(connection: Connection, prefix: str) -> set[str]:
    rows = connection.execute("SELECT rolname FROM pg_roles WHERE starts_with(rolname, %s)", [prefix]).fetchall()
    return {row[0] for row in rows}


def _change(connection: Connection, verb: str, changes: Iterable[tuple[str, Right]]) -> None:
    """One statement for all columns of a table that a role gains or loses under one privilege."""
    together: dict[tuple[str, str, str, str], list[str]] = {}
    for role, right in changes:
        together.setdefault((role, right.kind, right.name, right.privilege), []).append(right.column)
    for (role, kind, name, privilege), columns in together.items():
        what = sql.SQL("{}{} ON {} {}").format(
            sql.SQL(privilege),
            sql.SQL(" ({})").format(sql.SQL(", ").join(map(sql.Identifier, columns)))
            if kind == "column"
            else sql.SQL(""),
            sql.SQL("TABLE" if kind in ("table", "column") else kind.upper()),
            sql.SQL(name) if kind == "function" else sql.Identifier(*name.split(".")),
        )
        connection.execute(sql.SQL(verb).format(what, sql.Identifier(role)))


def _drop_stale(connection: Connection, prefix: str, wanted: Iterable[str]) -> tuple[str, ...]:
    """Drop groups that no line stands for any more, and posts' roles whose groups are no longer those of their name."""
    groups = set(wanted)
    stale = {name for name in _present(connection, prefix) if name.startswith(f"{prefix}g_")} - groups
    for name in sorted(stale):
        connection.execute("SELECT onomap_roles.drop_role(%s)", [name])
    rows = connection.execute(
        "SELECT p.rolname, coalesce(array_agg(g.rolname) FILTER (WHERE starts_with(g.rolname, %(groups)s)), '{}') "
        "FROM pg_roles p LEFT JOIN pg_auth_members m ON m.member = p.oid LEFT JOIN pg_roles g ON g.oid = m.roleid "
        "WHERE starts_with(p.rolname, %(posts)s) GROUP BY p.rolname",
        {"groups": f"{prefix}g_", "posts": f"{prefix}p_"},
    ).fetchall()
    gone = [name for name, held in rows if name != prefix + post_name(one.removeprefix(prefix) for one in held)]
    for name in sorted(gone):
        connection.execute("SELECT onomap_roles.drop_role(%s)", [name])
    return (*sorted(stale), *sorted(gone))
