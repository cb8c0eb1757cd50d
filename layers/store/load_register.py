"""The register of loads: who loaded what, when, with which counts, and which rows were not simply taken."""

import json

from layers.store.definitions import Layer
from layers.store.errors import StoreError
from layers.store.instance import Store

SAMPLE_LOADER = "見本の町"
"""Who loaded the sample town, in the register; while it is the only one, an interrupted sample may be loaded anew."""
SAMPLE_LAST_LAYER = "elevation"
OUTCOMES = {"rejected": "取り込まなかった行", "repaired": "直して取り込んだ行", "set_aside": "別に置いた行"}
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


class UnknownLoadError(StoreError):
    """No load has that number."""


def is_unfinished(store: Store, loader: str, last_layer: str) -> bool:
    """Whether nothing was loaded yet, or only by `loader` and not as far as its last layer: then it may start over."""
    with store.database.transaction() as connection:
        row = connection.execute(
            "SELECT bool_and(loaded_by = %s), bool_or(layer = %s) FROM onomap.loads", [loader, last_layer]
        ).fetchone()
    only_loader, reached_last = row if row is not None else (None, None)
    return only_loader is None or (bool(only_loader) and not reached_last)


def loads(store: Store, layer: str | None = None, limit: int = 200) -> list[dict[str, object]]:
    """The latest loads, newest first, of one layer or of all. Raises UnknownLayerError for a layer that does not exist."""
    wanted = [store.layer(layer).id] if layer is not None else list(store.catalogue)
    with store.database.transaction() as connection:
        rows = connection.execute(
            "SELECT id, layer, mode, file_name, file_sha256, data_date, loaded_at, loaded_by, superseded_by, report "
            "FROM onomap.loads WHERE layer = ANY(%(layers)s) ORDER BY id DESC LIMIT %(limit)s",
            {"layers": wanted, "limit": limit},
        ).fetchall()
    return [
        {
            "id": row[0],
            "layer": row[1],
            "mode": row[2],
            "file_name": row[3],
            "file_sha256": row[4],
            "data_date": row[5].isoformat() if row[5] else None,
            "loaded_at": row[6].isoformat(),
            "loaded_by": row[7],
            "superseded_by": row[8],
            "report": row[9],
        }
        for row in rows
    ]


def layer_of_load(store: Store, load_id: int) -> Layer:
    """Which layer was loaded. Raises UnknownLoadError, also for a layer that is not there."""
    with store.database.transaction() as connection:
        row = connection.execute("SELECT layer FROM onomap.loads WHERE id = %s", [load_id]).fetchone()
    if row is None or row[0] not in store.catalogue:
        raise UnknownLoadError(f"読み込み {load_id} の記録はありません。一覧から選んでください。")
    return store.catalogue[row[0]]


def load_rows(store: Store, load_id: int) -> list[list[str]]:
    """Rows of one load that were rejected, repaired or set aside, ready for a CSV: kind, file, place, reason, content.

    The content is what the file said, in columns that the layer may not even know: it is empty for a post that may not
    take away whole rows of the layer.
    Cells that a spreadsheet would run as a formula are led by an apostrophe (ASVS 1.2.10). Raises UnknownLoadError.
    """
    with store.database.transaction() as connection:
        known = connection.execute("SELECT FROM onomap.loads WHERE id = %s", [load_id]).fetchone()
        if known is None:
            raise UnknownLoadError(f"読み込み {load_id} の記録はありません。一覧から選んでください。")
        rows = connection.execute(
            "SELECT r.outcome, r.source, r.ref, r.reason, coalesce(c.content, '{}') FROM onomap.load_rows r "
            "LEFT JOIN onomap.rejected_content(%(load)s) c ON c.id = r.id WHERE r.load_id = %(load)s ORDER BY r.id",
            {"load": load_id},
        ).fetchall()
    return [
        [_harmless(OUTCOMES.get(outcome, outcome)), *map(_harmless, (*told, json.dumps(content, ensure_ascii=False)))]
        for outcome, *told, content in rows
    ]


def _harmless(cell: str) -> str:
    return f"'{cell}" if cell.startswith(_FORMULA_STARTS) else cell
