"""The login under which the internal application works: it can do nothing by itself, only become the role of a post."""

import hmac
from collections.abc import Mapping
from dataclasses import dataclass, field
from threading import Lock

import psycopg
from psycopg import sql
from psycopg.conninfo import make_conninfo

from layers.store.database import Connection, Database
from layers.store.definitions import Layer
from layers.store.errors import RightsChangedError, StoreError
from layers.store.rights.caller import Post
from layers.store.rights.grants import groups_of, post_name
from layers.store.rights.policy import Policy
from layers.store.rights.roles import BASE, LOGIN, ROLES_LOCK, role_prefix


@dataclass(frozen=True)
class StaffLogin:
    """The pool of the login, and the owner's, by which a post's role is made when the post is met first."""

    owner: Database
    web: Database
    prefix: str
    policy: Policy
    catalogue: Mapping[str, Layer]
    _known: set[str] = field(default_factory=set)
    _lock: Lock = field(default_factory=Lock)

    @classmethod
    def open(cls, owner: Database, policy: Policy, catalogue: Mapping[str, Layer]) -> "StaffLogin":
        """Make the login where it is missing, and open its pool. Raises StoreError when it is not let in."""
        with owner.transaction() as connection:
            connection.execute("SELECT pg_advisory_xact_lock(%s)", [ROLES_LOCK])
            prefix = role_prefix(connection.info.dbname)
            url = make_conninfo(owner.url, user=prefix + LOGIN, password=_password(connection, prefix))
            if not _is_let_in(url):
                _make(connection, prefix)
        if not _is_let_in(url):
            raise StoreError(
                f"業務用のログイン {prefix}{LOGIN} で接続できません。pg_hba.conf で、このログインをパスワード"
                "（scram-sha-256）で許してください。"
            )
        return cls(owner, Database.open(url), prefix, policy, catalogue)

    def database_of(self, post: Post) -> Database:
        """The database as that post meets it. Raises RightsChangedError when the policy in force is another one by now."""
        groups = [group.name for group in groups_of(self.policy, post, self.catalogue)]
        base = [] if self.policy.is_confined(post) else [self.prefix + BASE]
        name = self.prefix + post_name(groups)
        with self._lock:
            if name not in self._known:
                self._make_post(name, [self.prefix + group for group in groups], base)
                self._known.add(name)
        return self.web.as_role(name)

    def _make_post(self, name: str, groups: list[str], base: list[str]) -> None:
        with self.owner.transaction() as connection:
            connection.execute("SELECT pg_advisory_xact_lock(%s)", [ROLES_LOCK])
            rows = connection.execute("SELECT rolname FROM pg_roles WHERE rolname = ANY(%s)", [groups]).fetchall()
            if {row[0] for row in rows} != set(groups):
                raise RightsChangedError()
            connection.execute("SELECT onomap_roles.make_role(%s)", [name])
            for group in (*base, *groups):
                connection.execute("SELECT onomap_roles.join_role(%s, %s)", [group, name])
            connection.execute("SELECT onomap_roles.join_role(%s, %s)", [name, self.prefix + LOGIN])

    def close(self) -> None:
        """Give the connections back."""
        self.web.close()


def _password(connection: Connection, prefix: str) -> str:
    """The login's password, made from the owner's: whoever knows that one needs no other, and no file keeps it."""
    secret = connection.info.password
    if not secret:
        raise StoreError(
            "DATABASE_URL にパスワードがないため、業務用のログインを作れません。"
            "所有者のパスワードを DATABASE_URL か ~/.pgpass に書いてください。"
        )
    return hmac.new(secret.encode(), f"{prefix}{LOGIN}".encode(), "sha256").hexdigest()


def _make(connection: Connection, prefix: str) -> None:
    name = prefix + LOGIN
    verifier = connection.pgconn.encrypt_password(
        _password(connection, prefix).encode(), name.encode(), b"scram-sha-256"
    )
    connection.execute("SELECT onomap_roles.make_login(%s, %s)", [name, verifier.decode()])
    grant = sql.SQL("GRANT CONNECT ON DATABASE {} TO {}")
    connection.execute(grant.format(*map(sql.Identifier, (connection.info.dbname, name))))
    connection.commit()


def _is_let_in(url: str) -> bool:
    try:
        with psycopg.connect(url, connect_timeout=10):
            return True
    except psycopg.OperationalError:
        return False
