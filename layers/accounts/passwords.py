"""Passwords: what is refused because it would be guessed, and argon2 for the rest (ASVS 5.0, 6.2; no rotation, no composition)."""

import re
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from threading import BoundedSemaphore

from pwdlib import PasswordHash

from layers.accounts.errors import LockedOutError, WeakPasswordError

LEAST = 8
ADVISED = 15
MOST = 200
AT_ONCE = 2
"""Hashes computed at once: each takes 64 MiB and a core for some 50 ms."""
MOST_WAITING = 16
"""Hashes that are computed or waited for."""
COMMON = Path(__file__).with_name("common_passwords.txt")
_RUNS = ("01234567890", "abcdefghijklmnopqrstuvwxyz", "qwertyuiop", "asdfghjkl", "zxcvbnm", "1qaz2wsx3edc4rfv5tgb")
_LEET = str.maketrans("@013457$!", "aoleastsi")
_turn = BoundedSemaphore(AT_ONCE)
_queue = BoundedSemaphore(MOST_WAITING)


@contextmanager
def _in_turn() -> Iterator[None]:
    """A turn to compute a hash. Raises LockedOutError at once when too many wait: their threads are those that serve everybody."""
    if not _queue.acquire(blocking=False):
        raise LockedOutError("ログインが込み合っています。少し待ってから、もう一度お試しください。", 5)
    try:
        with _turn:
            yield
    finally:
        _queue.release()


@cache
def _hasher() -> PasswordHash:
    return PasswordHash.recommended()


@cache
def _nobodys() -> str:
    return _hasher().hash("nobody has this password")


def folded(password: str) -> str:
    """The form that is hashed, so that two keyboards that write one letter in two ways open the same door."""
    return unicodedata.normalize("NFKC", password)


def hashed(password: str) -> str:
    """The argon2id hash of a password."""
    with _in_turn():
        return _hasher().hash(folded(password))


def fits(password: str, known: str | None) -> bool:
    """Whether the password is that of the hash; without one it takes as long to say no, so that names cannot be found out."""
    if len(password) > MOST:
        return False
    with _in_turn():
        return _hasher().verify(folded(password), known or _nobodys()) and known is not None


def require_strong(password: str, *about: str) -> None:
    """Raise WeakPasswordError with the reason; `about` are names that must not be all there is to it."""
    text = folded(password)
    if len(text) < LEAST:
        raise WeakPasswordError(f"パスワードは {LEAST} 文字以上にしてください。{ADVISED} 文字以上を勧めます。")
    if len(text) > MOST:
        raise WeakPasswordError(f"パスワードは {MOST} 文字までです。")
    if _is_guessed(text.lower(), [word.lower() for word in about if len(word) >= 2]):
        raise WeakPasswordError(
            "よく使われるか、名前などから推測されるパスワードです。関係のない言葉をいくつか並べるなどして、別のものにしてください。"
        )


@cache
def _common() -> frozenset[str]:
    return frozenset(COMMON.read_text(encoding="utf-8").split())


def _is_guessed(text: str, about: list[str]) -> bool:
    bare = text.strip("0123456789!?#$%&*+-_=.,@ ")
    forms = {text, bare, text.translate(_LEET), bare.translate(_LEET)}
    known = _common() | set(about)
    if forms & known or len(set(text)) <= 3 or _is_run(text):
        return True
    rest = text
    for word in sorted(known & {word for word in known if len(word) >= 4 and word in text}, key=len, reverse=True):
        rest = rest.replace(word, "")
    return len(rest) < LEAST // 2 and rest != text


def _is_run(text: str) -> bool:
    """A walk along the keyboard or the alphabet, in either direction, or one piece again and again."""
    walks = [*_RUNS, *(run[::-1] for run in _RUNS)]
    return any(text in walk * 2 for walk in walks) or re.fullmatch(r"(.{1,6}?)\1+.?", text) is not None
