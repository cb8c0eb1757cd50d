"""Properties of one feature, judged by the rules by which loading reads columns, but with nothing left out in silence."""

import math
from collections.abc import Mapping, Sequence

from layers.store.definitions import FieldType, Layer, LayerField
from layers.store.errors import Fault
from layers.store.individual_numbers import check_digits
from layers.store.loading.derive import PARTS, derive
from layers.store.loading.fields import empty_column, is_null_word, read_column
from layers.store.selection import readable_fields
from layers.store.tables import SYSTEM_COLUMNS, is_indexed

READ_ONLY = frozenset({*SYSTEM_COLUMNS, "area_m2", "valid_to"})
"""What answers show beside the fields; sent back by clients that return a whole feature, and not taken."""
MAX_INDEXED_BYTES = 2_600
"""PostgreSQL refuses a B-tree entry of more than 2,704 bytes."""
LONGEST_TOLD = 60
"""Letters of what was sent that an error repeats."""
_LARGEST_INTEGER = 2**63 - 1


def read_properties(layer: Layer, properties: Mapping[str, object]) -> tuple[dict[str, object], list[Fault]]:
    """The values that were sent, read by their fields' types and codes, and every fault among them."""
    fields = {field.name: field for field in readable_fields(layer)}
    values: dict[str, object] = {}
    faults = []
    for name, raw in properties.items():
        if name in READ_ONLY and name not in fields:
            continue
        if name not in fields:
            faults.append(
                Fault(name[:LONGEST_TOLD], f"「{name[:LONGEST_TOLD]}」という項目は {layer.title} にありません")
            )
            continue
        values[name], fault = _read(fields[name], raw)
        fault = fault or _individual_number(layer, fields[name], values[name])
        faults += [fault] if fault is not None else []
    return values, faults


def _individual_number(layer: Layer, field: LayerField, value: object) -> Fault | None:
    """One number by hand is one too many: of numbers that mean something else a tenth is told, and told the way out."""
    declared = layer.publication is not None and field.name in layer.publication.other_numbers
    if declared or check_digits([value])[1] == 0:
        return None
    return Fault(
        field.name,
        f"{field.label}に、マイナンバー（個人番号）と思われる12桁の番号があります。個人番号は書けません。"
        "ほかの番号であれば、「No.」を前に付けて書いてください",
    )


def _read(field: LayerField, raw: object) -> tuple[object, Fault | None]:
    if isinstance(raw, (list, dict)):
        return None, Fault(field.name, f"{field.label}は一つの値で書いてください")
    if isinstance(raw, bool) and field.type is not FieldType.BOOLEAN:
        return None, Fault(field.name, f"{field.label}に真偽値は書けません")
    if isinstance(raw, str) and "\x00" in raw:
        return None, Fault(field.name, f"{field.label}に使えない文字（NUL）があります")
    column = read_column(field, [raw])
    value = column.values[0]
    told = column.left_out.get(0) or column.problems.get(0)
    # a missing required value is told once, with those that were not sent at all
    if told is not None and not _is_blank(field, raw):
        return None, Fault(field.name, told)
    if value is None and not _is_blank(field, raw):
        return None, Fault(field.name, f"{field.label}「{str(raw)[:LONGEST_TOLD]}」は使える値ではありません")
    return _bounded(field, value)


def _is_blank(field: LayerField, raw: object) -> bool:
    return raw is None or (isinstance(raw, str) and not raw.strip()) or is_null_word(field, raw)


def _bounded(field: LayerField, value: object) -> tuple[object, Fault | None]:
    too_large = isinstance(value, int) and abs(value) > _LARGEST_INTEGER
    if too_large or (isinstance(value, float) and not math.isfinite(value)):
        return None, Fault(field.name, f"{field.label}の数が大きすぎます")
    return value, None


def completed(layer: Layer, values: dict[str, object], before: Mapping[str, object] | None) -> list[Fault]:
    """Fill what follows from other values, in place, and tell what is missing or too long.

    A parcel key that came back as it was, while the 大字, 字 or 地番 it is made from changed, is made anew.
    """
    if before is not None and "parcel_key" in values and values["parcel_key"] == before["parcel_key"]:
        moved = any(values.get(part) != before.get(part) for part in PARTS)
        values["parcel_key"] = None if moved else values["parcel_key"]
    columns = {name: [value] for name, value in values.items()}
    missing = _missing(layer.fields, columns)
    if not missing:
        derive(layer, columns)
        values.update({name: column[0] for name, column in columns.items()})
    return missing + [
        Fault(field.name, f"{field.label}が長すぎます")
        for field in layer.fields
        if is_indexed(field) and len(str(values[field.name] or "").encode()) > MAX_INDEXED_BYTES
    ]


def _missing(fields: Sequence[LayerField], columns: Mapping[str, list[object]]) -> list[Fault]:
    empty = [field for field in fields if columns[field.name][0] is None]
    return [Fault(field.name, reason) for field in empty for reason in empty_column(field, 1).problems.values()]
