"""Columns that follow from others, whatever file the rows came from."""

from gis.parcel_numbers import key_of, normal_chiban
from layers.store.definitions import Layer

PARTS = ("oaza", "chome", "koaza", "chiban")


def derive(layer: Layer, columns: dict[str, list[object]]) -> None:
    """Fill `parcel_key` from 大字, 丁目, 字 and 地番 where the file did not give it."""
    keys = columns.get("parcel_key")
    if keys is None or not any(field.name == "chiban" for field in layer.fields):
        return
    nothing: list[object] = [None] * len(keys)
    parts = zip(*(columns.get(name, nothing) for name in PARTS), strict=True)
    places: dict[tuple[object, ...], str] = {}
    numbers: dict[object, str] = {}
    for index, (key, (*place, chiban)) in enumerate(zip(keys, parts, strict=True)):
        if key is None:
            named = tuple(place)
            if named not in places:
                places[named] = key_of(_text(place[0]), _text(place[1]), _text(place[2]), "")
            if chiban not in numbers:
                numbers[chiban] = normal_chiban(_text(chiban))
            keys[index] = places[named] + numbers[chiban]


def _text(value: object) -> str | None:
    return None if value is None else str(value)
