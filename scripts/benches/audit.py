"""The log at 1,000,000 entries: who has seen a parcel (wanted under 5 s), the chain verified, and what one entry costs."""

import sys
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path

from layers.store.audit.log import Entry, Who, record, seen
from layers.store.audit.verifying import COLUMNS, NOUGHT, said, verify
from layers.store.cluster import temporary_cluster
from layers.store.instance import Store, connect
from layers.store.settings import load_settings
from scripts.benches.ground import median_seconds, tell

ENTRIES = 1_000_000
PARCELS = 60_000
WANTED_S = 5.0
BUSY = 7
"""Every so many entries it is one and the same parcel: the worst that can be asked for."""


def _entries(count: int) -> Iterator[tuple[object, ...]]:
    """A chain as the database makes it, over three years; one parcel is in every 1,000th of them."""
    before, at = NOUGHT, datetime.now(UTC) - timedelta(days=3 * 365)
    step = timedelta(days=3 * 365) / count
    for seq in range(1, count + 1):
        at += step
        parcel = "見本//1" if seq % 1_000 == BUSY else f"見本//{2 + seq * 7919 % PARCELS}"
        told = (
            *(seq, at, "ledger.read", f"user{seq % 40}", f"職員{seq % 40}", "税務課", ["ledger_reader", "viewer"]),
            *(
                "10.0.0.7",
                "land_owners",
                [parcel],
                ["parcel_key", "owner_name", "owner_address"],
                "tax",
                None,
                1,
                "role",
            ),
        )
        digest = sha256(before + said(told)).digest()
        yield (*told, before, digest)
        before = digest


def _fill(store: Store, count: int) -> None:
    with store.database.transaction() as connection:
        connection.execute("ALTER TABLE audit.log DISABLE TRIGGER USER")
        connection.execute("TRUNCATE audit.log")
        last: tuple[object, ...] = ()
        with connection.cursor().copy(f"COPY audit.log ({COLUMNS}) FROM STDIN".encode()) as copy:
            for last in _entries(count):
                copy.write_row(last)
        connection.execute("ALTER TABLE audit.log ENABLE TRIGGER USER")
        connection.execute("UPDATE audit.head SET seq = %s, hash = %s", [last[0], last[-1]])
    with store.database.transaction() as connection:
        connection.execute("ANALYZE audit.log")


def _seen(store: Store) -> int:
    with store.database.transaction() as connection:
        return len(seen(connection, "見本//1", most=10_000))


def _verified(store: Store) -> None:
    with store.database.transaction() as connection:
        found = verify(connection)
    if found.faults:
        raise SystemExit(f"the chain is broken: {found.faults[0]}")


def _recorded(store: Store) -> None:
    with store.database.transaction() as connection:
        record(connection, Who("bench", "bench"), Entry("ledger.read", "land_owners", ["見本//1"], purpose="tax"))


def main() -> None:
    """Fill a log in a cluster of its own and time it; `scripts/bench audit 100000` takes fewer entries."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else ENTRIES
    with tempfile.TemporaryDirectory() as folder, temporary_cluster() as cluster:
        store = connect(load_settings(Path(folder)), cluster.url())
        try:
            _fill(store, count)
            found = _seen(store)
            tell("audit-seen", median_seconds(lambda: _seen(store)), WANTED_S, count, found=found)
            tell("audit-verify", median_seconds(lambda: _verified(store), 1), 60.0, count)
            tell("audit-record", median_seconds(lambda: _recorded(store), 200), 0.005, count)
        finally:
            store.close()


if __name__ == "__main__":
    main()
