"""Whose turn it is to change a layer: one load at a time, edits side by side, never a load and an edit at once."""

from hashlib import sha256

from layers.store.database import Connection
from layers.store.definitions import Layer
from layers.store.errors import LayerBusyError, LoadRefusedError


def _key(layer: Layer, purpose: str) -> int:
    return int.from_bytes(sha256(f"{purpose}{layer.id}".encode()).digest()[:8], "big", signed=True)


def take_turn_to_load(connection: Connection, layer: Layer) -> None:
    """Hold the layer for one load until the transaction ends, after the edits that are under way.

    A second load is told so at once rather than waiting in silence: LoadRefusedError.
    """
    row = connection.execute("SELECT pg_try_advisory_xact_lock(%s)", [_key(layer, "")]).fetchone()
    if row is None or not row[0]:
        raise LoadRefusedError(f"{layer.title} は別の読み込みが進行中です。終わってからもう一度実行してください。")
    connection.execute("SELECT pg_advisory_xact_lock(%s)", [_key(layer, "edit ")])


def take_turn_to_edit(connection: Connection, layer: Layer) -> None:
    """Hold loads off until the transaction ends; LayerBusyError while one is under way, which can take minutes."""
    row = connection.execute("SELECT pg_try_advisory_xact_lock_shared(%s)", [_key(layer, "edit ")]).fetchone()
    if row is None or not row[0]:
        raise LayerBusyError(
            f"{layer.title} は新しい版を読み込んでいるところです。終わってからもう一度保存してください。"
        )
