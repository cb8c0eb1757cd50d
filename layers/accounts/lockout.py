"""What slows down those who guess passwords, without letting them shut others out.

An attempt is counted before the password is looked at, so that many at once gain nothing. Three counts stop different things:
of one name from one source (guessing one password), of one source (guessing everybody's), and of one name from anywhere (many
sources against one account). The last does not bind sources from which that account has come in before: whoever tries wrong
passwords from all over the world does not keep the clerk at her own desk out.
"""

from dataclasses import dataclass

from layers.accounts.errors import LockedOutError
from layers.store.database import Connection
from layers.store.instance import Store

FIRST_WAIT_S = 30
LONGEST_WAIT_S = 900
FORGIVEN_AFTER = "1 hour"
LONGEST_NAME = 100


@dataclass(frozen=True)
class Attempt:
    """Somebody at `source` (an address) who says to be `login`."""

    login: str
    source: str


@dataclass(frozen=True)
class _Count:
    """Attempts of one kind; after `free` failures each further one has to wait twice as long."""

    kind: str
    subject: str
    free: int


_TAKE = f"""
INSERT INTO people.failures AS f (kind, subject, failed, last_at, free_at) VALUES (%(kind)s, %(subject)s, 1, now(), now())
ON CONFLICT (kind, subject) DO UPDATE SET (last_at, failed, free_at) = (
    SELECT now(), n, now() + CASE WHEN n < %(free)s THEN interval '0'
        ELSE interval '1 second' * least({LONGEST_WAIT_S}, {FIRST_WAIT_S} * 2 ^ least(n - %(free)s, 10)) END
    FROM (SELECT CASE WHEN f.last_at < now() - interval '{FORGIVEN_AFTER}' THEN 1 ELSE f.failed + 1 END AS n) counted)
WHERE f.free_at <= now() RETURNING failed
"""


def _counts(connection: Connection, attempt: Attempt) -> list[_Count]:
    login = attempt.login[:LONGEST_NAME]
    counts = [_Count("source", attempt.source, 20), _Count("pair", f"{login} {attempt.source}", 5)]
    known = connection.execute(
        "SELECT FROM people.known_sources k JOIN people.accounts a ON a.id = k.account_id WHERE a.login = %s AND source = %s",
        [login, attempt.source],
    ).fetchone()
    return counts if known is not None else [*counts, _Count("account", login, 50)]


def take_turn(store: Store, attempt: Attempt) -> None:
    """Count the attempt. Raises LockedOutError, and counts nothing, while its name or its source has to wait."""
    with store.database.transaction() as connection:
        connection.execute("DELETE FROM people.failures WHERE last_at < now() - interval '1 day'")
        for count in _counts(connection, attempt):
            if connection.execute(_TAKE, vars(count)).fetchone() is None:
                raise _refusal(connection, count)


def _refusal(connection: Connection, count: _Count) -> LockedOutError:
    row = connection.execute(
        "SELECT greatest(1, ceil(extract(epoch FROM free_at - now())))::int FROM people.failures WHERE kind = %s AND subject = %s",
        [count.kind, count.subject],
    ).fetchone()
    wait_s = row[0] if row is not None else FIRST_WAIT_S
    told = f"{wait_s} 秒" if wait_s < 100 else f"{-(-wait_s // 60)} 分"
    return LockedOutError(
        f"ログインの失敗が続いたため、あと {told} お待ちください。急ぐときは、システム管理者が待ち時間を解除できます。",
        wait_s,
    )


def succeeded(connection: Connection, attempt: Attempt, account_id: int) -> None:
    """Take the attempt's count back, and remember the source as one from which this person comes."""
    login = attempt.login[:LONGEST_NAME]
    connection.execute(
        "DELETE FROM people.failures WHERE kind = 'pair' AND subject = %s", [f"{login} {attempt.source}"]
    )
    connection.execute(
        "UPDATE people.failures SET failed = failed - 1, free_at = now() "
        "WHERE (kind, subject) IN (('source', %s), ('account', %s)) AND failed > 0",
        [attempt.source, login],
    )
    connection.execute(
        "INSERT INTO people.known_sources VALUES (%s, %s, now()) ON CONFLICT (account_id, source) DO UPDATE SET seen_at = now()",
        [account_id, attempt.source],
    )


def lift(store: Store, login: str) -> None:
    """Let this person try again at once, from wherever; a source that tried many names goes on waiting."""
    with store.database.transaction() as connection:
        connection.execute(
            "DELETE FROM people.failures WHERE (kind = 'account' AND subject = %(login)s) "
            "OR (kind = 'pair' AND split_part(subject, ' ', 1) = %(login)s)",
            {"login": login},
        )
