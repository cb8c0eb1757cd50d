"""The rows of a bundle's GeoPackage, read with SQLite itself: no driver chooses by content what the file may be."""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

from layers.publication.errors import BundleRefusedError
from layers.store.definitions import FieldType, Layer

_ENVELOPE_BYTES = {0: 0, 1: 32, 2: 48, 3: 48, 4: 64}
"""Length of the envelope by the code in the flags (OGC 12-128r18, clause 2.1.3)."""
_BATCH = 5_000


def read_rows(path: Path, layer: Layer) -> Iterator[tuple[object, ...]]:
    """Each row as fid, the layer's fields in their order, and WKB or None. Raises BundleRefusedError for another shape."""
    names = [field.name for field in layer.fields]
    try:
        with closing(sqlite3.connect(f"file:{path}?mode=ro&immutable=1", uri=True)) as file:
            held = {row[1] for row in file.execute(f'PRAGMA table_info("{layer.id}")')}
            if held != {"fid", "version", "geom", *names}:
                raise BundleRefusedError(f"束の「{layer.id}」の列が目録と合いません。取り込みません。")
            listed = ", ".join(f'"{name}"' for name in ("fid", *names, "geom"))
            rows = file.execute(f'SELECT {listed} FROM "{layer.id}" ORDER BY fid')
            converters = [_CONVERTERS.get(field.type) for field in layer.fields]
            while batch := rows.fetchmany(_BATCH):
                for row in batch:
                    yield _converted(row, converters)
    except sqlite3.Error as error:
        raise BundleRefusedError(f"束の「{layer.id}」の地物が読めません（{error}）。取り込みません。") from error


def _converted(row: tuple[object, ...], converters: list[Callable[[object], object] | None]) -> tuple[object, ...]:
    values = [
        value if convert is None or value is None else convert(value)
        for value, convert in zip(row[1:-1], converters, strict=True)
    ]
    return (row[0], *values, _wkb(row[-1]))


def _wkb(blob: object) -> bytes | None:
    """What stands behind the GeoPackage header; None for no geometry or an empty one."""
    if blob is None:
        return None
    if not isinstance(blob, bytes) or blob[:2] != b"GP" or (blob[3] >> 1) & 7 not in _ENVELOPE_BYTES:
        raise BundleRefusedError("束の図形が GeoPackage の形ではありません。取り込みません。")
    return None if blob[3] & 16 else blob[8 + _ENVELOPE_BYTES[(blob[3] >> 1) & 7] :]


_CONVERTERS: dict[FieldType, Callable[[object], object]] = {FieldType.BOOLEAN: bool}
