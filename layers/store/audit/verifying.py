"""The chain of the log read again from its first entry, by a program that shares nothing with the one that wrote it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any

from gis.errors import OnomapError
from layers.store.database import Connection

NOUGHT = bytes(32)
BATCH = 5_000
COLUMNS = (
    "seq, at, action, account, name, department, duties, origin, subject, rows, columns, purpose, note, count, db_role, "
    "prev, hash"
)


class HeadError(OnomapError):
    """What was handed over as a head of the log is none."""


@dataclass(frozen=True)
class Head:
    """The end of the chain at a moment. Kept elsewhere, it also tells a chain that was made anew from somewhere on."""

    seq: int
    hash: str

    def as_text(self) -> str:
        """The head in one line."""
        return f"{self.seq} {self.hash}"

    @classmethod
    def read(cls, text: str) -> "Head":
        """The head of such a line. Raises HeadError."""
        parts = text.split()
        if len(parts) < 2 or not parts[0].isdecimal() or len(parts[1]) != 64:
            raise HeadError("控えが読めません。`onomap audit head` が出した一行（番号とハッシュ）を渡してください。")
        return cls(int(parts[0]), parts[1].lower())


@dataclass(frozen=True)
class Verified:
    """How many entries stand, the head they lead to, and what is wrong; nothing is wrong with an empty list."""

    entries: int
    head: Head
    faults: tuple[str, ...]


def _part(told: str | None) -> str:
    return "-," if told is None else f"{len(told.encode())}:{told},"


def _parts(told: Sequence[str]) -> str:
    return _part("".join(map(_part, told)))


def said(row: Sequence[Any]) -> bytes:
    """What an entry says, from its columns `seq` to `db_role`: each part behind its length in bytes (audit.said)."""
    seq, at, action, account, name, department, duties, origin, subject, rows, columns, purpose, note, count, role = row
    moment: datetime = at
    return "".join(
        (
            _part(str(seq)),
            _part(moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%f")),
            *map(_part, (action, account, name, department)),
            _parts(duties),
            *map(_part, (origin, subject)),
            _parts(rows),
            _parts(columns),
            *map(_part, (purpose, note, None if count is None else str(count), role)),
        )
    ).encode()


def head(connection: Connection) -> Head:
    """The head as the database has it."""
    row = connection.execute("SELECT seq, encode(hash, 'hex') FROM audit.head").fetchone()
    return Head(*row) if row is not None else Head(-1, "")


def verify(connection: Connection, exported: Sequence[Head] = ()) -> Verified:
    """Read the chain from the last cut on and tell every break: changed, missing, foreign or moved entries, a head that
    is not its end, and exported heads through which it does not lead. `connection` is in a transaction of its own.
    """
    connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
    chain = _Chain(*_beginning(connection), wanted={one.seq: one.hash for one in exported})
    with connection.cursor("verify") as cursor:
        cursor.execute(f"SELECT {COLUMNS} FROM audit.log ORDER BY seq".encode())
        while rows := cursor.fetchmany(BATCH):
            for row in rows:
                chain.take(row)
    return chain.end(head(connection))


def _beginning(connection: Connection) -> tuple[int, bytes, str | None]:
    """Number and hash of the entry before the first, and what the entry of the cut must say; noughts before any cut."""
    row = connection.execute("SELECT seq, hash, entries FROM audit.anchors ORDER BY seq DESC LIMIT 1").fetchone()
    return (0, NOUGHT, None) if row is None else (row[0], row[1], f"{row[0]} {row[1].hex()} {row[2]}")


class _Chain:
    def __init__(self, seq: int, before: bytes, cut: str | None, wanted: dict[int, str]) -> None:
        self.seq, self.hash, self.cut, self.entries = seq, before, cut, 0
        self.first = seq
        # a head from before the cut can no longer be led to; the anchor itself can
        self.wanted = {number: digest for number, digest in wanted.items() if number >= seq}
        self.faults: list[str] = []
        self._meet(seq, before)

    def take(self, row: Sequence[Any]) -> None:
        """One entry: is it the next one, does it follow the one before, and does it say what its hash says."""
        seq, prev, digest = row[0], row[-2], row[-1]
        self.entries += 1
        if seq != self.seq + 1:
            self.faults.append(f"記録 {self.seq + 1} から {seq - 1} がありません")
        if prev != self.hash:
            self.faults.append(f"記録 {seq} が、その前の記録につながりません")
        if digest != sha256(prev + said(row[:-2])).digest():
            self.faults.append(f"記録 {seq} の内容が書き換えられています")
        if row[2] == "audit.cut" and self.cut == " ".join([*row[9], *row[10], str(row[13])]):
            self.cut = None
        self.seq, self.hash = seq, digest
        self._meet(seq, digest)

    def _meet(self, seq: int, digest: bytes) -> None:
        wanted = self.wanted.pop(seq, None)
        if wanted is not None and wanted != digest.hex():
            self.faults.append(f"記録 {seq} が控えと違います（そこまでの記録が作り直されています）")

    def end(self, head: Head) -> Verified:
        """The chain is over: it must end in the head, and have led through every head that was exported."""
        if head != Head(self.seq, self.hash.hex()):
            self.faults.append(f"最後の記録は {self.seq} ですが、末尾の記憶は {head.seq} です")
        self.faults += [f"控えにある記録 {number} がありません" for number in sorted(self.wanted)]
        if self.cut is not None:
            self.faults.append(f"記録 {self.first} までが、記録に残る手順によらずに消されています")
        return Verified(self.entries, Head(self.seq, self.hash.hex()), tuple(self.faults))
