"""Sheets in 任意座標系: kept, listed and drawn on their own, because their coordinates have no place on earth."""

import shapely
from psycopg.types.json import Jsonb

from gis.formats.table import RowNote, SourceTable
from layers.store.database import Connection
from layers.store.definitions import Layer
from layers.store.loading.fields import match_columns
from layers.store.loading.report import LoadReport
from layers.store.loading.rows import content_of, read_fields


def keep_unplaced(connection: Connection, layer: Layer, table: SourceTable, load_id: int, report: LoadReport) -> int:
    """Store the rows of an unplaced sheet with their own coordinates; returns how many were kept.

    Values that cannot be read and rows without a shape are rejected with their reason, as for placed rows.
    """
    report.add_crs(table.crs.stated, ("任意座標系のため地図には重ねず、図面ごとに保管",))
    matches = match_columns(layer, list(table.columns))
    values, problems = read_fields(layer, table, matches, report)
    for index, shape in enumerate(table.geometry):
        if shape is None or shape.is_empty:
            problems.setdefault(index, "図形がありません")
    for index, reason in sorted(problems.items()):
        report.rejected_rows.append((table.source, RowNote(table.refs[index], reason, content_of(table, index))))
    kept = [index for index in range(len(table.refs)) if index not in problems]
    if kept:
        _insert(connection, layer, table, load_id, [({n: v[i] for n, v in values.items()}, i) for i in kept])
    return len(kept)


def _insert(
    connection: Connection,
    layer: Layer,
    table: SourceTable,
    load_id: int,
    rows: list[tuple[dict[str, object], int]],
) -> None:
    name = str(rows[0][0].get("map_name") or table.source)
    number = rows[0][0].get("map_number")
    row = connection.execute(
        "INSERT INTO onomap.unplaced_sheets (layer, load_id, source, name, stated_crs) VALUES (%s, %s, %s, %s, %s) "
        "RETURNING id",
        [layer.id, load_id, table.source, f"{name}（{number}）" if number else name, table.crs.stated],
    ).fetchone()
    assert row is not None  # noqa: S101 - RETURNING answers one row
    statement = "COPY onomap.unplaced_features (sheet_id, parcel_key, attributes, geom) FROM STDIN"
    with connection.cursor().copy(statement) as copy:
        for attributes, index in rows:
            content = {key: value if isinstance(value, (bool, int, float, str)) else None if value is None else str(value)
                       for key, value in attributes.items()}  # fmt: skip
            copy.write_row(
                (row[0], content.get("parcel_key"), Jsonb(content), shapely.to_wkb(table.geometry[index], hex=True))
            )
