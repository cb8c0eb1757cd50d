"""The versions of one feature: what it said in which period, and who made each."""

from datetime import datetime
from zoneinfo import ZoneInfo

from psycopg import sql

from layers.store.database import Connection
from layers.store.definitions import Layer
from layers.store.errors import FeatureGoneError
from layers.store.instance import Store

JAPAN = ZoneInfo("Asia/Tokyo")
_VERSIONS = sql.SQL(
    "SELECT v.version, v.valid_from, v.valid_to, v.load_id, coalesce(e.action, 'load'), coalesce(e.edited_by, l.loaded_by), "
    "e.restored_version, d.edited_at IS NOT NULL, d.edited_by FROM ("
    "SELECT fid, version, valid_from, NULL::timestamptz AS valid_to, load_id FROM layers.{layer} WHERE fid = %(fid)s "
    "UNION ALL SELECT fid, version, valid_from, valid_to, load_id FROM history.{layer} WHERE fid = %(fid)s) v "
    "JOIN onomap.loads l ON l.id = v.load_id "
    "LEFT JOIN onomap.edits e ON e.layer = %(layer)s AND e.fid = v.fid AND e.version = v.version AND e.action <> 'delete' "
    "LEFT JOIN onomap.edits d ON d.layer = %(layer)s AND d.fid = v.fid AND d.version = v.version AND d.action = 'delete' "
    "ORDER BY v.version DESC, v.valid_from DESC"
)


def versions(store: Store, layer: Layer, fid: int) -> list[dict[str, object]]:
    """The versions of a feature, newest first, each with its period, its load and who made it.

    Raises FeatureGoneError for a number that the layer never had.
    """
    with store.database.transaction() as connection:
        rows = connection.execute(
            _VERSIONS.format(layer=sql.Identifier(layer.id)), {"layer": layer.id, "fid": fid}
        ).fetchall()
    if not rows:
        raise FeatureGoneError(f"{layer.title} に地物 {fid} はありません。")
    return [
        {
            "version": version,
            "valid_from": valid_from.isoformat(),
            "valid_to": valid_to.isoformat() if valid_to is not None else None,
            "load": load_id,
            "action": action,
            "edited_by": author,
            "restored_version": restored,
            "deleted": deleted,
            "deleted_by": deleted_by,
        }
        for version, valid_from, valid_to, load_id, action, author, restored, deleted, deleted_by in rows
    ]


def last_change(connection: Connection, layer: Layer, fid: int, version: int) -> str:
    """Who made a version and when, as the beginning of a sentence."""
    row = connection.execute(
        "SELECT edited_at, edited_by FROM onomap.edits WHERE layer = %s AND fid = %s AND version = %s AND action <> 'delete' "
        "ORDER BY id DESC LIMIT 1",
        [layer.id, fid, version],
    ).fetchone()
    if row is None:
        return "ほかの人"
    at: datetime = row[0]
    return f"{at.astimezone(JAPAN):%-m月%-d日%-H時%-M分}に{row[1]}"
