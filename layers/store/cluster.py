"""The town's private PostgreSQL cluster: made once under the home directory, then found again, started and stopped.

It listens on 127.0.0.1 only, on a port of its own, and never touches a cluster that the distribution made.
"""

import contextlib
import fcntl
import json
import secrets
import shutil
import tempfile
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import psycopg
from psycopg import sql

from layers.store.address import ClusterAddress, checked_external
from layers.store.postgres import (
    ClusterError,
    PostgresInstallation,
    ServerUser,
    find_installation,
    run_as,
    server_user,
)
from layers.store.server_configuration import free_port, server_configuration
from layers.store.server_files import password_file, server_folder, write_private
from layers.store.settings import load_settings

ROLE = "onomap"
DATABASE = "onomap"
SUPERUSER = "postgres"
LOCK_TIMEOUT_S = 180.0


@dataclass(frozen=True)
class ClusterRecord:
    """What HOME/cluster.json remembers: the port and the folder that holds the server's files."""

    port: int
    folder: str
    major: int


def _explain(what: str, output: str) -> ClusterError:
    lines = [line.strip() for line in output.splitlines() if line.strip()]
    if any("No space left on device" in line for line in lines):
        return ClusterError(f"{what}: ディスクの空きがありません。空きを作ってからもう一度実行してください。")
    if denied := next((line for line in lines if "Permission denied" in line), None):
        return ClusterError(f"{what}: 権限がありません（{denied}）。")
    telling = [line for line in lines if "FATAL" in line or "error" in line.lower()]
    return ClusterError(f"{what}（{(telling or lines or ['理由は出力されませんでした'])[-1]}）。")


class Cluster:
    """One private cluster and its home directory.

    HOME/cluster.json holds the port and the folder, HOME/pgpass (mode 0600) the passwords in libpq's own format.
    `durable=False` switches crash safety off and is for tests.
    """

    def __init__(self, home: Path, *, durable: bool = True) -> None:
        self.home = home.resolve()
        self.durable = durable
        self._record_file = self.home / "cluster.json"
        self._pgpass = self.home / "pgpass"

    @property
    def record(self) -> ClusterRecord | None:
        """What is remembered of the cluster, `None` before it is made; ClusterError when the file is damaged."""
        if not self._record_file.is_file():
            return None
        try:
            return ClusterRecord(**json.loads(self._record_file.read_text(encoding="utf-8")))
        except (ValueError, TypeError) as error:
            raise ClusterError(f"{self._record_file} が壊れています。バックアップから戻してください。") from error

    def url(self, database: str = DATABASE) -> str:
        """libpq URL of the application's own role, which is no superuser."""
        return self._url(ROLE, database)

    def superuser_url(self, database: str = "postgres") -> str:
        """libpq URL of the superuser: for making databases and extensions, never for the application."""
        return self._url(SUPERUSER, database)

    def is_running(self) -> bool:
        """True when a server process of this very folder is alive, whatever its state."""
        record = self.record
        return record is not None and self._server_pid(record) is not None

    def start(self) -> ClusterAddress:
        """Makes the cluster if there is none, starts it if it is down, and waits until it takes connections."""
        self._make_home()
        with self._in_sentences(), self._lock():
            if self.is_running() and self._answers():
                return ClusterAddress(self.url(), self._known_record().port, started=False)
            user = server_user()
            record = self.record or self._create(user)
            record = self._start_server(find_installation(record.major), user, record)
            self._prepare_database()
            return ClusterAddress(self.url(), record.port, started=True)

    @contextlib.contextmanager
    def in_use(self) -> Iterator[ClusterAddress]:
        """The running cluster for as long as it is needed; the last of several processes to leave stops it.

        Each user holds a shared lock, which the kernel takes back even from a killed process: no count can go wrong.
        """
        self._make_home()
        with self._in_sentences():
            users = (self.home / "cluster.users").open("w")
        with users:
            fcntl.flock(users, fcntl.LOCK_SH)
            try:
                yield self.start()
            finally:
                with self._lock(), contextlib.suppress(BlockingIOError):
                    fcntl.flock(users, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    self.stop()

    def stop(self) -> None:
        """Stops the server cleanly; connections still open are ended, nothing committed is lost."""
        if not self.is_running():
            return
        record = self._known_record()
        installation = find_installation(record.major)
        command = [
            installation.program("pg_ctl"),
            "stop",
            "-D",
            f"{record.folder}/data",
            "-m",
            "fast",
            "-w",
            "-t",
            "90",
        ]
        done = run_as(server_user(), command)
        if done.returncode != 0 and self.is_running():
            raise _explain("データベースを止められませんでした", done.stdout)

    def remove(self) -> None:
        """Stops the server and deletes its files and passwords."""
        self.stop()
        if record := self.record:
            shutil.rmtree(record.folder, ignore_errors=True)
        for file in (self._record_file, self._pgpass):
            file.unlink(missing_ok=True)

    def create_database(self, name: str, template: str | None = None) -> str:
        """Makes a database of the application's role, empty with PostGIS or a copy of `template`; returns its URL."""
        with psycopg.connect(self.superuser_url(), autocommit=True) as connection:
            connection.execute(
                sql.SQL("CREATE DATABASE {} OWNER {} TEMPLATE {} ENCODING 'UTF8'").format(
                    sql.Identifier(name), sql.Identifier(ROLE), sql.Identifier(template or "template0")
                )
            )
            # a copy does not take over who may connect
            connection.execute(sql.SQL("REVOKE ALL ON DATABASE {} FROM PUBLIC").format(sql.Identifier(name)))
        if template is None:
            self._equip(name)
        return self.url(name)

    def drop_database(self, name: str) -> None:
        """Drops a database, ending whoever is still connected to it."""
        with psycopg.connect(self.superuser_url(), autocommit=True) as connection:
            connection.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))

    def _make_home(self) -> None:
        try:
            if not self.home.is_dir():
                self.home.mkdir(parents=True)
                # The server's user passes through to its own folder; listing stays with the owner.
                self.home.chmod(0o711)
        except OSError as error:
            raise ClusterError(
                f"{self.home} を作れません（{error.strerror}）。--home で別の場所を指定してください。"
            ) from error

    @contextlib.contextmanager
    def _in_sentences(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            raise ClusterError(
                f"{self.home} にデータベースを用意できません（{error.strerror}）。空き容量と権限を確認してください。"
            ) from error
        except psycopg.Error as error:
            raise _explain("データベースを用意できませんでした", str(error)) from error

    @contextlib.contextmanager
    def _lock(self) -> Iterator[None]:
        deadline = time.monotonic() + LOCK_TIMEOUT_S
        with (self.home / "cluster.lock").open("w") as lock:
            while True:
                try:
                    fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    break
                except BlockingIOError:
                    if time.monotonic() > deadline:
                        raise ClusterError(
                            f"別の処理が {self.home} の準備を終えません。その処理を止めてからもう一度実行してください。"
                        ) from None
                    time.sleep(0.2)
            yield

    def _known_record(self) -> ClusterRecord:
        record = self.record
        if record is None:
            raise ClusterError(f"{self.home} にはまだデータベースがありません。scripts/start を実行してください。")
        return record

    def _passwords(self) -> dict[str, str]:
        try:
            lines = self._pgpass.read_text(encoding="utf-8").splitlines()
        except OSError as error:
            raise ClusterError(
                f"{self._pgpass} が読めません（{error.strerror}）。バックアップから戻してください。"
            ) from error
        return {user: password for *_, user, password in (line.split(":") for line in lines if line)}

    def _url(self, user: str, database: str) -> str:
        return f"postgresql://{user}:{self._passwords()[user]}@127.0.0.1:{self._known_record().port}/{database}"

    def _server_pid(self, record: ClusterRecord) -> int | None:
        """Process number of the server of this folder; a number left behind by a crash and since reused is not it."""
        data = f"{record.folder}/data"
        try:
            pid = int(Path(data, "postmaster.pid").read_text(encoding="utf-8").split("\n", 1)[0])
            arguments = Path(f"/proc/{pid}/cmdline").read_bytes().decode(errors="replace").split("\0")
        except (OSError, ValueError):
            return None
        return pid if data in arguments else None

    def _answers(self) -> bool:
        try:
            with psycopg.connect(self.url(), connect_timeout=5):
                return True
        except psycopg.OperationalError:
            return False

    def _create(self, user: ServerUser) -> ClusterRecord:
        installation = find_installation()
        folder = server_folder(self.home, user)
        passwords = {name: secrets.token_hex(24) for name in (SUPERUSER, ROLE)}
        data, unfinished = folder / "data", folder / "data.new"
        shutil.rmtree(unfinished, ignore_errors=True)
        if data.exists():
            raise ClusterError(
                f"{data} にデータベースがありますが {self._record_file.name} がありません。"
                "記録をバックアップから戻すか、そのフォルダーを別の場所へ移してください。"
            )
        with password_file(folder, passwords[SUPERUSER], user) as handed_over:
            self._initdb(installation, user, unfinished, handed_over)
        lines = "".join(f"127.0.0.1:*:*:{name}:{password}\n" for name, password in passwords.items())
        write_private(self._pgpass, lines)
        record = ClusterRecord(free_port(self.home, None), str(folder), installation.major)
        self._remember(record)
        # Renamed last: a cluster that is called `data` is whole, whenever the power fails.
        unfinished.rename(data)
        return record

    def _initdb(self, installation: PostgresInstallation, user: ServerUser, data: Path, password_file: Path) -> None:
        command = [
            *(installation.program("initdb"), "-D", str(data), "-U", SUPERUSER, "--pwfile", str(password_file)),
            *("--auth", "scram-sha-256", "--encoding", "UTF8", "--locale", "C.UTF-8", "--data-checksums"),
            *(() if self.durable else ("--no-sync",)),
        ]
        done = run_as(user, command)
        if done.returncode != 0:
            shutil.rmtree(data, ignore_errors=True)
            raise _explain("データベースを作れませんでした", done.stdout)
        with (data / "postgresql.conf").open("a", encoding="utf-8") as configuration:
            configuration.write("\ninclude = 'onomap.conf'\n")

    def _remember(self, record: ClusterRecord) -> None:
        temporary = self._record_file.with_suffix(".new")
        temporary.write_text(json.dumps(asdict(record)) + "\n", encoding="utf-8")
        temporary.replace(self._record_file)

    def _start_server(
        self, installation: PostgresInstallation, user: ServerUser, record: ClusterRecord
    ) -> ClusterRecord:
        data = Path(record.folder) / "data"
        unfinished = data.with_name("data.new")
        if not data.exists() and unfinished.exists():
            unfinished.rename(data)
        if not data.is_dir():
            raise ClusterError(f"データベースのフォルダー {data} がありません。バックアップから戻してください。")
        deadline = time.monotonic() + 30
        while True:
            record = replace(record, port=free_port(self.home, record.port))
            output = self._try_to_start(installation, user, record, data)
            if output is None:
                self._remember(record)
                return record
            # After a SIGKILL the old server's children need a moment to notice and leave.
            passing = "still in use" in output or "could not bind" in output
            if not passing or time.monotonic() > deadline:
                raise _explain("データベースを起動できませんでした", output)
            time.sleep(0.5)

    def _try_to_start(
        self, installation: PostgresInstallation, user: ServerUser, record: ClusterRecord, data: Path
    ) -> str | None:
        if self._server_pid(record) is None:
            # Left by a crash: after a restart of the machine its number may belong to another program.
            (data / "postmaster.pid").unlink(missing_ok=True)
        (data / "onomap.conf").write_text(server_configuration(record.port, durable=self.durable), encoding="utf-8")
        log = data / "start.log"
        command = [installation.program("pg_ctl"), "start", "-D", str(data), "-w", "-t", "90", "-l", str(log)]
        log.unlink(missing_ok=True)
        done = run_as(user, command)
        if done.returncode == 0:
            return None
        said = log.read_text(encoding="utf-8", errors="replace") if log.is_file() else ""
        return done.stdout + said

    def _prepare_database(self) -> None:
        """Role and database, as far as they are missing: an interrupted first start is finished by the second."""
        with psycopg.connect(self.superuser_url(), autocommit=True) as connection:
            if not connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [ROLE]).fetchone():
                statement = sql.SQL("CREATE ROLE {} LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE PASSWORD {}")
                connection.execute(statement.format(sql.Identifier(ROLE), sql.Literal(self._passwords()[ROLE])))
            exists = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE]).fetchone()
        if exists:
            self._equip(DATABASE)
        else:
            self.create_database(DATABASE)

    def _equip(self, database: str) -> None:
        with psycopg.connect(self.superuser_url(database), autocommit=True) as connection:
            connection.execute("CREATE EXTENSION IF NOT EXISTS postgis")
            connection.execute(sql.SQL("ALTER SCHEMA public OWNER TO {}").format(sql.Identifier(ROLE)))
            connection.execute(sql.SQL("REVOKE ALL ON DATABASE {} FROM PUBLIC").format(sql.Identifier(database)))


def ensure(home: Path) -> ClusterAddress:
    """The database of this home, running: DATABASE_URL when it is set, otherwise the private cluster."""
    external = load_settings(home).database_url
    return checked_external(external) if external else Cluster(home).start()


@contextlib.contextmanager
def database_in_use(home: Path) -> Iterator[ClusterAddress]:
    """The database of this home for as long as it is needed; a private cluster stops when its last user leaves."""
    external = load_settings(home).database_url
    if external:
        yield checked_external(external)
    else:
        with Cluster(home).in_use() as address:
            yield address


@contextlib.contextmanager
def temporary_cluster() -> Iterator[Cluster]:
    """A running cluster without crash safety that is gone afterwards: for tests and benches."""
    with tempfile.TemporaryDirectory(prefix="onomap-", ignore_cleanup_errors=True) as folder:
        Path(folder).chmod(0o711)
        cluster = Cluster(Path(folder), durable=False)
        try:
            cluster.start()
            yield cluster
        finally:
            cluster.remove()


__all__ = [
    "Cluster",
    "ClusterAddress",
    "ClusterError",
    "checked_external",
    "database_in_use",
    "ensure",
    "temporary_cluster",
]
