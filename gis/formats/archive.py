"""Members of a zip or a folder, opened without trusting the names, sizes or links that the archive claims."""

import lzma
import shutil
import stat
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path, PurePosixPath
from typing import IO

from gis.errors import UnreadableFileError

MAX_MEMBERS = 20_000
MAX_TOTAL_BYTES = 4 * 1024**3
MAX_RATIO = 250
RATIO_FREE_BYTES = 10 * 1024**2
"""A member smaller than this may be compressed as well as it likes: a .dbf of blanks honestly reaches 500:1."""

_DAMAGE = (
    zipfile.BadZipFile,
    zlib.error,
    lzma.LZMAError,
    struct.error,
    EOFError,
    NotImplementedError,
)
"""What zipfile and its decompressors raise for bytes that are no zip, or no longer one."""
_DAMAGED_INDEX = (*_DAMAGE, ValueError, OverflowError)
"""What it raises besides for an index that leads nowhere (a seek before the start) or has names in no encoding."""


@dataclass(frozen=True)
class Member:
    """One file inside: `name` is decoded and '/'-separated, `label` is how a message calls it, `size` is in bytes.

    `path` is given when it stands on disk by itself.
    """

    name: str
    label: str
    size: int
    opener: Callable[[], IO[bytes]]
    path: Path | None = None

    @property
    def suffix(self) -> str:
        """The extension, lower case, with its dot."""
        return PurePosixPath(self.name).suffix.lower()

    @property
    def stem(self) -> str:
        """The file name without its folder and its last extension."""
        return PurePosixPath(self.name).stem

    @contextmanager
    def open(self) -> Iterator[IO[bytes]]:
        """The bytes as a stream; damage met while reading becomes UnreadableFileError."""
        try:
            opened = self.opener()
        except _DAMAGED_INDEX as error:
            raise _damaged(self.label) from error
        try:
            with opened as stream:
                yield stream
        except _DAMAGE as error:
            raise _damaged(self.label) from error

    def read(self) -> bytes:
        """All the bytes at once."""
        with self.open() as stream:
            return stream.read()

    def head(self, count: int) -> bytes:
        """The first `count` bytes."""
        with self.open() as stream:
            return stream.read(count)

    def stage(self, target: Path) -> Path:
        """Puts the bytes under a name of our own making: a link to a file on disk, a copy out of a zip."""
        if self.path is not None:
            target.symlink_to(self.path.resolve())
            return target
        with self.open() as stream, target.open("wb") as copy:
            shutil.copyfileobj(stream, copy)
        return target


@contextmanager
def unzipped(source: Path | bytes, label: str) -> Iterator[list[Member]]:
    """The members of a zip, in its own order; unsafe names, links, passwords and bombs are refused before unpacking."""
    try:
        archive = zipfile.ZipFile(source if isinstance(source, Path) else BytesIO(source))
    except _DAMAGED_INDEX as error:
        raise _damaged(label) from error
    with archive:
        infos = [info for info in archive.infolist() if not _is_folder(info)]
        _check_sizes(infos, label)
        yield [_member(archive, info, label) for info in infos]


def folder_members(folder: Path) -> list[Member]:
    """The plain files of a folder and its subfolders, sorted by name; links and hidden files are left alone."""
    found = []
    for path in sorted(folder.rglob("*")):
        inside = path.relative_to(folder)
        if path.is_symlink() or not path.is_file() or any(part.startswith(".") for part in inside.parts):
            continue
        found.append(file_member(path, inside.as_posix(), f"{folder.name}/{inside.as_posix()}"))
    return found


def file_member(path: Path, name: str | None = None, label: str | None = None) -> Member:
    """A file on disk as a member; UnreadableFileError when it is not there."""
    if not path.is_file():
        raise UnreadableFileError(f"{path.name} というファイルがありません。")
    return Member(name or path.name, label or path.name, path.stat().st_size, lambda: path.open("rb"), path)


def _member(archive: zipfile.ZipFile, info: zipfile.ZipInfo, label: str) -> Member:
    name = _safe_name(info, label)
    return Member(name, f"{label}/{name}", info.file_size, lambda: archive.open(info))


def _is_folder(info: zipfile.ZipInfo) -> bool:
    return info.filename.endswith("/") or info.orig_filename.endswith("\\")


def _check_sizes(infos: list[zipfile.ZipInfo], label: str) -> None:
    if len(infos) > MAX_MEMBERS:
        raise UnreadableFileError(
            f"{label} には {len(infos):,} 個のファイルがあり、上限の {MAX_MEMBERS:,} 個を超えるため開きません。"
        )
    total = sum(info.file_size for info in infos)
    if total > MAX_TOTAL_BYTES:
        raise UnreadableFileError(
            f"{label} は展開すると {total:,} バイトになり、上限の {MAX_TOTAL_BYTES:,} バイトを超えるため開きません。"
        )
    for info in infos:
        if info.file_size > RATIO_FREE_BYTES and info.file_size > MAX_RATIO * max(info.compress_size, 1):
            raise UnreadableFileError(f"{label} の圧縮率が {MAX_RATIO} 倍を超えて不自然なため開きません。")


def _safe_name(info: zipfile.ZipInfo, label: str) -> str:
    if info.flag_bits & 0x1:
        raise UnreadableFileError(f"{label} はパスワード付きの zip です。パスワードを外してから指定してください。")
    if stat.S_ISLNK(info.external_attr >> 16):
        raise UnreadableFileError(f"{label} にシンボリックリンクが含まれているため開きません。")
    # Windows programs write backslashes; in CP932 that byte is also half of 表 or ソ, so decode before looking for it.
    name = _decoded_name(info, label).replace("\\", "/")
    parts = PurePosixPath(name).parts
    if not parts or name.startswith("/") or ".." in parts or ":" in name or "\0" in name:
        raise UnreadableFileError(f"{label} に安全でないファイル名が含まれているため開きません。")
    return str(PurePosixPath(name))


def _decoded_name(info: zipfile.ZipInfo, label: str) -> str:
    """The name as its writer meant it: flagged UTF-8, else UTF-8 if it happens to be, else CP932 (Windows in Japan)."""
    if info.flag_bits & 0x800:
        return info.orig_filename
    raw = info.orig_filename.encode("cp437")
    for encoding in ("utf-8", "cp932"):
        try:
            return raw.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise UnreadableFileError(f"{label} の中のファイル名の文字コードが分かりません。")


def _damaged(label: str) -> UnreadableFileError:
    return UnreadableFileError(f"{label} は壊れているか途中で切れています。もう一度取得してください。")
