"""Fills the bands of a layer from its rows: one snapshot in, simplified shapes out, old and new swapped in one transaction."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import timedelta

import numpy as np
import psycopg
import shapely
from numpy.typing import NDArray
from psycopg import sql

from gis.generalise import Shapes, merge_areas, simplify_areas, simplify_lines
from layers.store.change_triggers import CHANNEL
from layers.store.database import Connection, Database
from layers.store.definitions import GeometryKind, Layer
from layers.store.errors import StoreError
from layers.store.tiles.band_plan import Band, bands_of, shown_fields
from layers.store.tiles.band_tables import band_table, create_statement

MOST_CHANGES = 200
OLDEST_CHANGE = timedelta(minutes=10)
"""Changed rows are drawn as they are, which is right but larger; so many, or one so old, and the layer is filled again."""
_TRIES = 3
_ROWS_AT_ONCE = 10_000
_LOCK_SPACE = 7_522_002

Tell = Callable[[str, float], None]


def silent(_: str, __: float) -> None:
    """Tells nobody."""


def layers_to_fill(database: Database, catalogue: dict[str, Layer]) -> list[Layer]:
    """The layers whose bands are not filled, or have too many or too old changes beside them."""
    with database.transaction(timeout_s=10.0) as connection:
        rows = connection.execute(
            "SELECT layer FROM bands.state WHERE NOT ready OR rows_of IS DISTINCT FROM to_regclass('layers.' || layer)::oid "
            "UNION SELECT layer FROM bands.changes GROUP BY layer "
            "HAVING count(*) >= %s OR min(noted_at) < now() - %s::interval",
            [MOST_CHANGES, OLDEST_CHANGE],
        ).fetchall()
    wanted = {row[0] for row in rows}
    return [layer for layer in catalogue.values() if layer.id in wanted and bands_of(layer)]


def fill(database: Database, layers: Iterable[Layer], tell: Tell = silent) -> list[str]:
    """Fill the bands of these layers, one after the other; returns the ids of those filled.

    A layer that another process is filling is left to it. Raises StoreError when a layer keeps being changed as a whole.
    """
    wanted = list(layers)
    filled = []
    for position, layer in enumerate(wanted):
        tell(layer.title, position / len(wanted))
        if _fill_patiently(database, layer):
            filled.append(layer.id)
    tell("完了", 1.0)
    return filled


def _fill_patiently(database: Database, layer: Layer) -> bool:
    for _ in range(_TRIES):
        try:
            with database.transaction() as connection:
                connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
                return _fill(connection, layer)
        except _OvertakenError:
            continue
    raise StoreError(
        f"{layer.title} は読み込みが続いているため、表示用の図形を作れませんでした。後でもう一度実行してください。"
    )


class _OvertakenError(Exception):
    """A new edition came in the meantime: what was made is of the old one."""


def _fill(connection: Connection, layer: Layer) -> bool:
    try:
        return _fill_in_snapshot(connection, layer)
    except (psycopg.errors.SerializationFailure, psycopg.errors.DeadlockDetected) as error:
        raise _OvertakenError from error


def _fill_in_snapshot(connection: Connection, layer: Layer) -> bool:
    locked = connection.execute(
        "SELECT pg_try_advisory_xact_lock(%s, hashtext(%s))", [_LOCK_SPACE, layer.id]
    ).fetchone()
    if locked is None or not locked[0]:
        return False
    bands = bands_of(layer)
    was_ready = connection.execute("SELECT bool_and(ready) FROM bands.state WHERE layer = %s", [layer.id]).fetchone()
    _fill_single(connection, layer, [band for band in bands if band.merged_by is None])
    _fill_merged(connection, layer, [band for band in bands if band.merged_by is not None])
    connection.execute("DELETE FROM bands.changes WHERE layer = %s", [layer.id])
    _swap(connection, bands)
    connection.execute(
        "UPDATE bands.state SET ready = true, filled_at = now(), rows_of = to_regclass('layers.' || layer)::oid "
        "WHERE layer = %s",
        [layer.id],
    )
    if was_ready != (True,):
        # tiles made in the meantime are right but larger, or wait for their overview: maps that are open ask again
        connection.execute(
            "SELECT pg_notify(%s, jsonb_build_object('layer', %s::text, 'boxes', NULL, 'at', clock_timestamp())::text)",
            [CHANNEL, layer.id],
        )
    return True


@dataclass(frozen=True)
class _Read:
    """Rows of a layer: ids (of rows or of groups of rows) and shapes in EPSG:3857, side by side."""

    ids: NDArray[np.int64]
    shapes: Shapes


def _fill_single(connection: Connection, layer: Layer, bands: list[Band]) -> None:
    read = _read(connection, layer, sql.SQL("l.fid"))
    shapes = read.shapes
    for band in reversed(bands):
        shapes = _simpler(layer, shapes, band)
        names = [sql.Identifier(name) for name in ("fid", *shown_fields(layer, band))]
        rows = sql.SQL("SELECT {columns}, ST_Multi(s.geom) FROM shapes s JOIN layers.{layer} l ON l.fid = s.id").format(
            columns=sql.SQL(", ").join(sql.SQL("l.{}").format(name) for name in names), layer=sql.Identifier(layer.id)
        )
        _write(connection, layer, band, _Read(read.ids, shapes), rows)


def _fill_merged(connection: Connection, layer: Layer, bands: list[Band]) -> None:
    if not bands:
        return
    columns = sql.SQL(", ").join(map(sql.Identifier, bands[0].merged_by or ()))
    group = sql.SQL("dense_rank() OVER (ORDER BY {}) - 1").format(columns)
    read = _read(connection, layer, group)
    groups = np.unique(read.ids)
    shapes = read.shapes
    for band in reversed(bands):
        # merged once, at the finest zoom; each coarser band starts from the one before it
        numbers = np.searchsorted(groups, read.ids) if len(shapes) == len(read.ids) else np.arange(len(groups))
        shapes = _simpler(layer, merge_areas(shapes, numbers, band.max_zoom), band)
        rows = sql.SQL(
            "SELECT g.fids, cardinality(g.fids), {columns}, ST_Multi(s.geom) FROM shapes s JOIN ("
            "SELECT array_agg(r.fid) AS fids, r.id, {columns} FROM (SELECT l.*, {group} AS id FROM layers.{layer} l "
            "WHERE l.geom_3857 IS NOT NULL) r GROUP BY r.id, {columns}) g ON g.id = s.id"
        ).format(columns=columns, group=group, layer=sql.Identifier(layer.id))
        _write(connection, layer, band, _Read(groups, shapes), rows)


def _simpler(layer: Layer, shapes: Shapes, band: Band) -> Shapes:
    simplify = simplify_areas if layer.geometry is GeometryKind.POLYGON else simplify_lines
    return simplify(shapes, band.tolerance_m) if len(shapes) else shapes


def _read(connection: Connection, layer: Layer, identity: sql.Composable) -> _Read:
    statement = sql.SQL(
        "SELECT {id}, ST_AsBinary(l.geom_3857) FROM layers.{layer} l WHERE l.geom_3857 IS NOT NULL"
    ).format(id=identity, layer=sql.Identifier(layer.id))
    ids: list[NDArray[np.int64]] = []
    shapes: list[Shapes] = []
    with connection.cursor(binary=True) as cursor:
        for rows in _batches(cursor.stream(statement, size=1_000)):
            ids.append(np.fromiter((row[0] for row in rows), dtype=np.int64, count=len(rows)))
            shapes.append(shapely.from_wkb([row[1] for row in rows]))
    if not ids:
        return _Read(np.empty(0, dtype=np.int64), np.empty(0, dtype=object))
    return _Read(np.concatenate(ids), np.concatenate(shapes))


def _batches(rows: Iterable[tuple[int, bytes]]) -> Iterable[list[tuple[int, bytes]]]:
    batch: list[tuple[int, bytes]] = []
    for row in rows:
        batch.append(row)
        if len(batch) == _ROWS_AT_ONCE:
            yield batch
            batch = []
    if batch:
        yield batch


def _write(connection: Connection, layer: Layer, band: Band, made: _Read, rows: sql.Composed) -> None:
    """Put the shapes into a new table of the band, beside what `rows` selects for them."""
    new = f"{band.table}_new"
    connection.execute("CREATE TEMPORARY TABLE shapes (id bigint, geom geometry) ON COMMIT DROP")
    with connection.cursor().copy("COPY shapes (id, geom) FROM STDIN") as copy:
        for start in range(0, len(made.ids), _ROWS_AT_ONCE):
            part = slice(start, start + _ROWS_AT_ONCE)
            binary = shapely.to_wkb(shapely.set_srid(made.shapes[part], 3857), include_srid=True)
            copy.write("".join(f"{i}\t{w.hex()}\n" for i, w in zip(made.ids[part].tolist(), binary, strict=True)))
    connection.execute("ANALYZE shapes")
    connection.execute(create_statement(layer, band, new).encode())
    # PostGIS sorts geometries along a Hilbert curve: the rows of a tile then lie in few pages
    table = sql.SQL("bands.{}").format(sql.Identifier(new))
    connection.execute(sql.SQL("INSERT INTO {} {} ORDER BY s.geom").format(table, rows))
    connection.execute(sql.SQL("CREATE INDEX ON {} USING gist (geom_3857)").format(table))
    connection.execute(sql.SQL("ANALYZE {}").format(table))
    connection.execute("DROP TABLE shapes")


def _swap(connection: Connection, bands: Iterable[Band]) -> None:
    """Let the new tables take the old ones' places: all at the very end, since tiles wait from here to the commit."""
    for band in bands:
        new = sql.SQL("bands.{}").format(sql.Identifier(f"{band.table}_new"))
        connection.execute(sql.SQL("DROP TABLE {}").format(band_table(band)))
        connection.execute(sql.SQL("ALTER TABLE {} RENAME TO {}").format(new, sql.Identifier(band.table)))
