"""Whose a field is: only ever added to, so that it can be said whose it was."""

from layers.store.database import Connection


def note_owner(connection: Connection, field_id: str, owner: str | None, giver: str) -> None:
    """Write down whose a field is from now on: a login, or nobody's (None); `giver` is the login of who says so."""
    connection.execute(
        "INSERT INTO surveys.owners (field_id, account, given_by) VALUES (%s, %s, %s)", [field_id, owner, giver]
    )
