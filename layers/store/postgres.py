"""The PostgreSQL installed on this machine: where its programs are, and as whom they are run."""

import os
import pwd
import re
import subprocess
from dataclasses import dataclass
from pathlib import Path

from gis.errors import OnomapError

DEBIAN_VERSIONS = Path("/usr/lib/postgresql")
SERVICE_USER = "onomap"
MINIMUM_POSTGIS = (3, 3)


class ClusterError(OnomapError):
    """The database cannot be made, started or reached."""


@dataclass(frozen=True)
class PostgresInstallation:
    """Programs of one PostgreSQL, and the version of the PostGIS that is installed for it (`None`: there is none)."""

    programs: Path
    major: int
    postgis: tuple[int, ...] | None

    def program(self, name: str) -> str:
        """Full path of `initdb`, `pg_ctl`, …"""
        return str(self.programs / name)


@dataclass(frozen=True)
class ServerUser:
    """The account that runs the server: PostgreSQL refuses to run as root, so root hands over to another one."""

    name: str
    uid: int
    gid: int

    @property
    def is_somebody_else(self) -> bool:
        """True when commands have to change user."""
        return self.uid != os.geteuid()


def version_numbers(text: str) -> tuple[int, ...]:
    """The first dotted number in a text: `"3.3.2 USE_GEOS=1"` → `(3, 3, 2)`, empty when there is none."""
    found = re.search(r"\d+(?:\.\d+)*", text)
    return tuple(int(part) for part in found.group().split(".")) if found else ()


def _ask(pg_config: Path, question: str) -> str:
    answer = subprocess.run([pg_config, question], capture_output=True, text=True, check=False, timeout=20)
    return answer.stdout.strip()


def _postgis_version(share: Path) -> tuple[int, ...] | None:
    control = share / "extension" / "postgis.control"
    if not control.is_file():
        return None
    declared = re.search(r"default_version\s*=\s*'([^']+)'", control.read_text(encoding="utf-8"))
    return version_numbers(declared.group(1)) if declared else None


def _installation(programs: Path) -> PostgresInstallation | None:
    pg_config = programs / "pg_config"
    version = version_numbers(_ask(pg_config, "--version")) if pg_config.is_file() else ()
    if not version or not (programs / "initdb").is_file():
        return None
    return PostgresInstallation(programs, version[0], _postgis_version(Path(_ask(pg_config, "--sharedir"))))


def installations() -> list[PostgresInstallation]:
    """Every PostgreSQL server found, newest first: Debian's version folders, then the folders of PATH."""
    candidates = [*DEBIAN_VERSIONS.glob("*/bin"), *map(Path, os.environ.get("PATH", "").split(os.pathsep))]
    unique = dict.fromkeys(folder.resolve() for folder in candidates)
    found = [installation for folder in unique if (installation := _installation(folder))]
    return sorted(found, key=lambda installation: -installation.major)


def find_installation(major: int | None = None) -> PostgresInstallation:
    """The newest PostgreSQL with PostGIS ≥ 3.3, or the one of version `major` that an existing cluster needs.

    Raises ClusterError with the package to install when there is none.
    """
    fitting = [one for one in installations() if (one.postgis or ()) >= MINIMUM_POSTGIS and major in {None, one.major}]
    if fitting:
        return fitting[0]
    if major is None:
        raise ClusterError(
            "PostGIS 3.3 以上を備えた PostgreSQL が見つかりません。apt-get install postgresql postgis "
            "postgresql-postgis を実行するか、DATABASE_URL に既存のデータベースを指定してください。"
        )
    raise ClusterError(
        f"このデータベースは PostgreSQL {major} で作られましたが、そのプログラムと PostGIS が見つかりません。"
        f"apt-get install postgresql-{major} postgresql-{major}-postgis-3 を実行してください。"
    )


def server_user() -> ServerUser:
    """The present user, or for root `postgres`, or the system user `onomap`, which is made when it is missing."""
    if os.geteuid() != 0:
        return ServerUser(pwd.getpwuid(os.geteuid()).pw_name, os.geteuid(), os.getegid())
    for name in ("postgres", SERVICE_USER):
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        return ServerUser(name, entry.pw_uid, entry.pw_gid)
    _make_service_user()
    entry = pwd.getpwnam(SERVICE_USER)
    return ServerUser(SERVICE_USER, entry.pw_uid, entry.pw_gid)


def _make_service_user() -> None:
    made = subprocess.run(
        ["useradd", "--system", "--user-group", "--no-create-home", "--shell", "/usr/sbin/nologin", SERVICE_USER],
        capture_output=True,
        text=True,
        check=False,
    )
    if made.returncode != 0:
        raise ClusterError(f"システム利用者 {SERVICE_USER} を作れません（{made.stderr.strip()}）。")


def run_as(user: ServerUser, command: list[str], timeout_s: float = 120) -> subprocess.CompletedProcess[str]:
    """Runs a command as the server's user, at `/`, with none of our PG* variables; stdout holds both streams."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("PG", "LC_", "LANG"))}
    try:
        return subprocess.run(
            command,
            cwd="/",
            env=environment | {"LC_ALL": "C"},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            check=False,
            timeout=timeout_s,
            user=user.uid if user.is_somebody_else else None,
            group=user.gid if user.is_somebody_else else None,
            extra_groups=[] if user.is_somebody_else else None,
        )
    except subprocess.TimeoutExpired as error:
        raise ClusterError(f"{Path(command[0]).name} が {timeout_s:.0f} 秒以内に終わりませんでした。") from error
    except PermissionError as error:
        raise ClusterError(f"{Path(command[0]).name} を利用者 {user.name} で実行する権限がありません。") from error


def can_enter(user: ServerUser, folder: Path) -> bool:
    """True when the server's user can reach that folder (every parent lets it through)."""
    return run_as(user, ["test", "-x", str(folder)], timeout_s=20).returncode == 0
