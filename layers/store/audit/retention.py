"""How long the log is kept: older entries are cut off, and an anchor keeps the hash from which the rest goes on."""

from datetime import UTC, datetime

from layers.store.audit.log import Who
from layers.store.database import Connection


def cut(connection: Connection, years: int, who: Who, now: datetime | None = None) -> int:
    """Cut entries older than so many years and log that; returns how many. The database refuses less than one year."""
    today = now or datetime.now(UTC)
    # the last day of February has no counterpart in most years
    before = today.replace(year=today.year - years, day=min(today.day, 28))
    row = connection.execute("SELECT audit.cut(%s, %s, %s)", [before, who.account, who.name]).fetchone()
    return int(row[0]) if row is not None else 0
