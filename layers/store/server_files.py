"""Where the private server keeps its files, and how they are handed to the account it runs as."""

import contextlib
import hashlib
import os
import sys
from collections.abc import Iterator
from pathlib import Path

from layers.store.postgres import ClusterError, ServerUser, can_enter

FALLBACK_ROOT = Path("/var/lib/onomap")


def server_folder(home: Path, user: ServerUser) -> Path:
    """HOME/pg where the server's user can live there, otherwise a folder of its own under /var/lib/onomap."""
    folder = home / "pg"
    if not user.is_somebody_else:
        folder.mkdir(mode=0o700, exist_ok=True)
        return folder
    if can_enter(user, home) and give(folder, user):
        return folder
    name = hashlib.sha256(str(home).encode()).hexdigest()[:12]
    # A folder that an earlier, deleted home left behind is somebody's data: it is neither used nor removed.
    names = [name, *(f"{name}-{number}" for number in range(2, 1000))]
    chosen = next(FALLBACK_ROOT / one for one in names if not (FALLBACK_ROOT / one).exists())
    if not give(chosen, user):
        raise ClusterError(f"{chosen} を利用者 {user.name} に渡せません。--home で別の場所を指定してください。")
    print(  # noqa: T201 - the one place where a person has to learn where the town's data went
        f"{home} には利用者 {user.name} が入れないため、データベースは {chosen} に置きます。", file=sys.stderr
    )
    return chosen


def give(folder: Path, user: ServerUser) -> bool:
    """Makes a folder that only `user` may read; False where a file system keeps no owners (some shared drives)."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    folder.mkdir(mode=0o700, exist_ok=True)
    with contextlib.suppress(PermissionError):
        os.chown(folder, user.uid, user.gid)
        folder.chmod(0o700)
    kept = folder.stat()
    return kept.st_uid == user.uid and not kept.st_mode & 0o077 and can_enter(user, folder)


def write_private(file: Path, text: str) -> None:
    """Writes a new file that only the present user may read."""
    file.unlink(missing_ok=True)
    with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as handle:
        handle.write(text)


@contextlib.contextmanager
def password_file(folder: Path, password: str, user: ServerUser) -> Iterator[Path]:
    """A file that lives only while initdb reads it: a password in arguments would be visible to every process."""
    file = folder / "password"
    try:
        write_private(file, password)
        if user.is_somebody_else:
            os.chown(file, user.uid, user.gid)
        yield file
    finally:
        file.unlink(missing_ok=True)
