"""Which loads a new one takes the place of, and whose rows those are."""

from layers.store.database import Connection
from layers.store.definitions import Layer


def superseded_loads(connection: Connection, layer: Layer, load_id: int, file_name: str | None) -> list[int]:
    """The loads that load `load_id` replaces: all of the layer, or those of a file of that name and the edits of its rows."""
    rows = connection.execute(
        "SELECT l.id FROM onomap.loads l LEFT JOIN onomap.loads edited ON edited.id = l.edit_of "
        "WHERE l.layer = %(layer)s AND l.superseded_by IS NULL AND l.id <> %(id)s "
        "AND (%(file)s::text IS NULL OR coalesce(edited.file_name, l.file_name) = %(file)s)",
        {"layer": layer.id, "id": load_id, "file": file_name},
    ).fetchall()
    return [int(row[0]) for row in rows]


def confirmed_by(connection: Connection, loads: list[int]) -> list[int]:
    """Those loads and all that they replaced: a row that did not change keeps the number of the load that brought it."""
    rows = connection.execute(
        "WITH RECURSIVE earlier AS (SELECT id FROM onomap.loads WHERE id = ANY(%s) UNION "
        "SELECT l.id FROM onomap.loads l JOIN earlier e ON l.superseded_by = e.id) SELECT id FROM earlier",
        [loads],
    ).fetchall()
    return [int(row[0]) for row in rows]
