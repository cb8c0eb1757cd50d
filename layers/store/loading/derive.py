"""Columns that follow from others, whatever file the rows came from."""

from gis.parcel_numbers import key_of
from layers.store.definitions import Layer

PARTS = ("oaza", "chome", "koaza", "chiban")


def derive(layer: Layer, columns: dict[str, list[object]]) -> None:
    """Fill `parcel_key` from 大字, 丁目, 字 and 地番 where the file did not give it."""
    keys = columns.get("parcel_key")
    if keys is None or not any(field.name == "chiban" for field in layer.fields):
        return
    nothing: list[object] = [None] * len(keys)
    parts = [columns.get(name, nothing) for name in PARTS]
    for index, key in enumerate(keys):
        if key is None:
            oaza, chome, koaza, chiban = (_text(values[index]) for values in parts)
            keys[index] = key_of(oaza, chome, koaza, chiban)


def _text(value: object) -> str | None:
    return None if value is None else str(value)
