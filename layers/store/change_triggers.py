"""Triggers by which a layer's table tells what changed: one word a statement, with the boxes of the rows it touched."""

from collections.abc import Iterator

import sqlalchemy as sa

from layers.store.definitions import GeometryKind, Layer

CHANNEL = "onomap_changes"
"""Every connection that listens here hears each committed change: {"layer", "boxes" in EPSG:3857 or null for all, "at"}."""

_TRANSITIONS = {
    "insert": "REFERENCING NEW TABLE AS added",
    "update": "REFERENCING OLD TABLE AS gone NEW TABLE AS added",
    "delete": "REFERENCING OLD TABLE AS gone",
    "truncate": "",
}


def trigger_names(layer: Layer) -> list[str]:
    """The names of the triggers of a layer's table."""
    return [f"{layer.id}_tell_{operation}" for operation in _TRANSITIONS]


def trigger_statements(layer: Layer) -> Iterator[str]:
    """CREATE TRIGGER statements of the current table; rows without geometry touch no place on the map."""
    kind = "list" if layer.geometry is GeometryKind.NONE else "map"
    for name, (operation, transition) in zip(trigger_names(layer), _TRANSITIONS.items(), strict=True):
        yield (
            f"CREATE TRIGGER {name} AFTER {operation.upper()} ON layers.{layer.id} {transition} "
            f"FOR EACH STATEMENT EXECUTE FUNCTION onomap.tell_changes('{kind}')"
        )


def drop_statements(layer: Layer) -> Iterator[str]:
    """DROP TRIGGER statements, for a load into an empty layer that tells once at its end."""
    for name in trigger_names(layer):
        yield f"DROP TRIGGER IF EXISTS {name} ON layers.{layer.id}"


def define_triggers(connection: sa.Connection, layers: list[Layer]) -> None:
    """Make the triggers that are missing; those that stand are left alone, because replacing one waits for every writer."""
    found = connection.execute(
        sa.text(
            "SELECT tgname FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid "
            "JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = 'layers' AND NOT tgisinternal"
        )
    )
    present = set(found.scalars())
    for layer in layers:
        for name, statement in zip(trigger_names(layer), trigger_statements(layer), strict=True):
            if name not in present:
                connection.execute(sa.text(statement))
