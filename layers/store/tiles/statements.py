"""The SQL of a tile: one text for each layer and band, which depends on the schema only; the address is bound.

Measured on 100,000 parcels: an outer `WHERE geom IS NOT NULL` evaluates every geometry twice (+34–65 %); counting what was
too small to draw, as done here behind OFFSET 0, costs 2 %.
"""

from functools import cache

from psycopg import sql

from gis.mvt import BUFFER, EXTENT
from layers.store.definitions import Layer
from layers.store.tiles.band_plan import LABELLED_ELSEWHERE, Band, band_for, is_drawn, is_labelled_once, shown_fields
from layers.store.tiles.band_tables import band_table

# ST_AsMVT leaves rows without a geometry out. `dropped` counts those that do lie in the tile, but collapse on its grid.
_TILE = sql.SQL(
    "WITH env AS MATERIALIZED (SELECT ST_TileEnvelope(%(z)s, %(x)s, %(y)s) AS e, "
    "ST_TileEnvelope(%(z)s, %(x)s, %(y)s, margin => {margin}) AS buffered){with_more} "
    "SELECT ST_AsMVT(m, {name}, {extent}, 'geom'{id}), count(q.geom), "
    "count(*) FILTER (WHERE q.geom IS NULL AND ST_Intersects(q.whole, q.e)), {ready} "
    "FROM (SELECT t.*, env.e, ST_AsMVTGeom(t.whole, env.e, {extent}, {buffer}, true) AS geom "
    "FROM env CROSS JOIN LATERAL ({rows}) t OFFSET 0) q CROSS JOIN LATERAL (SELECT {shown}{elsewhere}, q.geom) m"
)
_ROWS = sql.SQL("SELECT {columns}, l.geom_3857 AS whole FROM {table} l WHERE l.geom_3857 && env.buffered{condition}")
# The label of an area goes into one tile, by a point that all tiles agree upon; a piece that fills a quarter of its tile has
# one of its own, or who stands within a large area would never read its name; so has every part of what lies apart.
_ELSEWHERE = sql.SQL(
    ", CASE WHEN NOT q.whole @ q.e AND ST_NumGeometries(q.whole) = 1 AND ST_Area(q.geom) < {quarter} "
    "AND NOT ST_Intersects(ST_PointOnSurface(q.whole), q.e) THEN true END AS {name}"
).format(quarter=sql.Literal(EXTENT * EXTENT // 4), name=sql.Identifier(LABELLED_ELSEWHERE))
# One row: whether the band may be used at all, and which rows it is wrong about.
_STATE = sql.SQL(
    ", state AS MATERIALIZED (SELECT EXISTS (SELECT FROM bands.state s WHERE s.layer = {layer} AND s.band = {band} "
    "AND s.ready AND s.rows_of = {table}::regclass) AS ready, "
    "ARRAY(SELECT DISTINCT c.fid FROM bands.changes c WHERE c.layer = {layer}) AS noted)"
)
_NOTHING_MORE = sql.SQL("")
_READY = "(SELECT s.ready FROM state s)"
# The cast tells PostgreSQL that ANY is given one array, not rows of arrays.
_NOTED = "(SELECT s.noted FROM state s)::bigint[]"
_STALE = "(SELECT s.fids FROM stale s)::bigint[]"


@cache
def _own_table(layer_id: str) -> sql.Composed:
    return sql.SQL("layers.{}").format(sql.Identifier(layer_id))


def tile_statement(layer: Layer, zoom: int) -> sql.Composed | None:
    """The statement for a layer at a zoom, to be bound with z, x, y; None where the layer shows nothing.

    It answers one row: the encoded MVT layer, how many features it has, how many were too small to draw, and whether it is
    what it should be (False while a band is not filled: rows as they are, or nothing where they would be merged).
    """
    if not is_drawn(layer) or zoom < layer.first_zoom:
        return None
    band = band_for(layer, zoom)
    if band is None:
        rows = _rows(_columns("l", "fid", shown_fields(layer)), _own_table(layer.id))
        return _tile(layer, shown_fields(layer), rows, ready="true", zoom=zoom)
    if band.merged_by is None:
        return _banded(layer, band, zoom)
    return _merged(layer, band)


def _banded(layer: Layer, band: Band, zoom: int) -> sql.Composed:
    """Rows of the band but those noted as changed, and the changed ones as they are; all as they are while it is not ready."""
    columns = _columns("l", "fid", shown_fields(layer))
    rows = sql.SQL(" UNION ALL ").join(
        [
            _rows(columns, band_table(band), f"{_READY} AND l.fid <> ALL({_NOTED})"),
            _rows(columns, _own_table(layer.id), f"{_READY} AND l.fid = ANY({_NOTED})"),
            _rows(columns, _own_table(layer.id), f"NOT {_READY}"),
        ]
    )
    return _tile(layer, shown_fields(layer), rows, ready=_READY, zoom=zoom, with_more=_state(layer, band))


def _merged(layer: Layer, band: Band) -> sql.Composed:
    """Merged shapes but those with a changed row among theirs; the rows of these as they are."""
    stale = sql.SQL(
        ", stale AS MATERIALIZED (SELECT s.noted || ARRAY(SELECT unnest(b.fids) FROM {table} b WHERE s.ready "
        "AND s.noted <> '{{}}' AND b.fids && s.noted) AS fids FROM state s)"
    ).format(table=band_table(band))
    shown = ("merged_rows", *shown_fields(layer, band))
    single = [sql.SQL("1 AS merged_rows"), *_columns("l", *shown_fields(layer, band))]
    untouched = f"{_READY} AND ({_NOTED} = '{{}}' OR NOT l.fids && {_NOTED})"
    rows = sql.SQL(" UNION ALL ").join(
        [
            _rows(_columns("l", *shown), band_table(band), untouched),
            _rows(single, _own_table(layer.id), f"{_READY} AND l.fid = ANY({_STALE})"),
        ]
    )
    return _tile(layer, shown, rows, ready=_READY, zoom=None, with_more=_state(layer, band) + stale)


def _state(layer: Layer, band: Band) -> sql.Composed:
    return _STATE.format(
        layer=sql.Literal(layer.id), band=sql.Literal(band.name), table=sql.Literal(f"layers.{layer.id}")
    )


def _columns(alias: str, *names: str | tuple[str, ...]) -> list[sql.Composable]:
    flat = [name for group in names for name in ((group,) if isinstance(group, str) else group)]
    return [sql.SQL("{}.{}").format(sql.Identifier(alias), sql.Identifier(name)) for name in flat]


def _rows(columns: list[sql.Composable], table: sql.Composable, condition: str = "") -> sql.Composed:
    more = sql.SQL(f" AND {condition}" if condition else "")
    return _ROWS.format(columns=sql.SQL(", ").join(columns), table=table, condition=more)


def _tile(
    layer: Layer,
    shown: tuple[str, ...],
    rows: sql.Composed,
    *,
    ready: str,
    zoom: int | None,
    with_more: sql.Composable = _NOTHING_MORE,
) -> sql.Composed:
    """The statement; `zoom` is None where shapes are merged, which have neither an id nor a label."""
    has_id = zoom is not None
    names = ("fid", *shown) if has_id else shown
    is_labelled = zoom is not None and is_labelled_once(layer, zoom)
    return _TILE.format(
        margin=sql.Literal(BUFFER / EXTENT),
        with_more=with_more,
        name=sql.Literal(layer.id),
        extent=sql.Literal(EXTENT),
        buffer=sql.Literal(BUFFER),
        id=sql.SQL(", 'fid'" if has_id else ""),
        ready=sql.SQL(ready),
        rows=rows,
        shown=sql.SQL(", ").join(_columns("q", *names)),
        elsewhere=_ELSEWHERE if is_labelled else _NOTHING_MORE,
    )
