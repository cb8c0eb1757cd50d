"""Rows of a layer near given places, for many places in one query."""

from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass
from datetime import datetime
from functools import cache

import numpy as np
import shapely
from numpy.typing import NDArray
from psycopg import sql

from layers.store.database import Connection, Cursor
from layers.store.definitions import GeometryKind, Layer
from layers.store.editions import rows_at


@dataclass(frozen=True)
class Rows:
    """Rows of one layer: parallel arrays; geometry in plane metres, None where a row has none."""

    fids: NDArray[np.int64]
    geometry: NDArray[np.object_]
    attributes: Mapping[str, list[object]]

    def __len__(self) -> int:
        return len(self.fids)


@dataclass(frozen=True)
class RowQuery:
    """Asks one layer at one moment, on one connection; `columns` names the fields that are wanted, None means all."""

    connection: Connection
    layer: Layer
    srid: int
    as_of: datetime | None = None
    columns: Set[str] | None = None

    def touching(self, boxes: NDArray[np.float64]) -> "Pending":
        """Rows whose bounding box meets any of `boxes` (n × 4: min x, min y, max x, max y in plane metres)."""
        if self.layer.geometry is GeometryKind.NONE:
            return self._select(sql.SQL("false"), {})
        if len(boxes) == 1:
            return self._in_box(boxes[0].tolist())
        within, corners = self._within(boxes)
        return self._select(sql.SQL("l.fid IN ({})").format(within), corners)

    def _in_box(self, box: list[float]) -> "Pending":
        """The same for one box, which the spatial index answers directly: three times faster than by way of a list."""
        envelope = sql.SQL("l.geom && ST_MakeEnvelope(%(west)s, %(south)s, %(east)s, %(north)s, {srid})")
        corners: dict[str, object] = dict(zip(("west", "south", "east", "north"), box, strict=True))
        return self._select(envelope.format(srid=sql.Literal(self.srid)), corners)

    def nearest(self, shapes: Sequence[bytes], where: Mapping[str, tuple[str, ...]], count: int = 3) -> "Pending":
        """The `count` rows nearest to each of `shapes` (WKB in plane metres), among those that pass `where`.

        More rows may come: where the layer has no more than could be near so many shapes, all that pass are given.
        """
        if len(shapes) > 1 and self._has_at_most(count * len(shapes)):
            return self._select(_passing("l", where), {})
        condition = sql.SQL(
            "l.fid IN (SELECT k.fid FROM unnest(%(shapes)s::bytea[]) AS p(wkb) CROSS JOIN LATERAL "
            "(SELECT n.fid FROM {rows} n WHERE {where} ORDER BY n.geom <-> ST_GeomFromWKB(p.wkb, {srid}) LIMIT {count}) k)"
        ).format(
            rows=rows_at(self.layer, self.as_of),
            where=_passing("n", where),
            srid=sql.Literal(self.srid),
            count=sql.Literal(count),
        )
        return self._select(condition, {"shapes": list(shapes)})

    def _has_at_most(self, rows: int) -> bool:
        counted = sql.SQL("SELECT count(*) FROM (SELECT 1 FROM {} n LIMIT %(limit)s) c").format(
            rows_at(self.layer, self.as_of)
        )
        row = self.connection.execute(counted, {"limit": rows + 1, "as_of": self.as_of}).fetchone()
        return row is not None and row[0] <= rows

    def with_keys(
        self,
        keys: Sequence[str],
        boxes: NDArray[np.float64] | None = None,
        *,
        with_system: tuple[str, ...] = (),
    ) -> "Pending":
        """Rows whose `parcel_key` is among `keys`, and with `boxes` also those that meet them.

        `with_system` adds columns that are not the layer's own (load_id, area_m2) to the attributes.
        """
        condition = sql.SQL("l.parcel_key = ANY(%(keys)s)")
        parameters: dict[str, object] = {"keys": list(keys)}
        if boxes is not None and len(boxes) and self.layer.geometry is not GeometryKind.NONE:
            rows = rows_at(self.layer, self.as_of)
            within, corners = self._within(boxes)
            either = sql.SQL("l.fid IN (SELECT k.fid FROM {rows} k WHERE k.parcel_key = ANY(%(keys)s) UNION {within})")
            return self._select(either.format(rows=rows, within=within), {**parameters, **corners}, with_system)
        return self._select(condition, parameters, with_system)

    def _within(self, boxes: NDArray[np.float64]) -> tuple[sql.Composed, dict[str, object]]:
        """A SELECT of the fids whose bounding box meets any of the boxes, and its parameters."""
        statement = sql.SQL(
            "SELECT n.fid FROM unnest(%(west)s::float8[], %(south)s::float8[], %(east)s::float8[], %(north)s::float8[]) "
            "AS b(w, s, e, n) JOIN {rows} n ON n.geom && ST_MakeEnvelope(b.w, b.s, b.e, b.n, {srid})"
        ).format(rows=rows_at(self.layer, self.as_of), srid=sql.Literal(self.srid))
        names = ("west", "south", "east", "north")
        return statement, {name: boxes[:, column] for column, name in enumerate(names)}

    def _select(
        self, condition: sql.Composable, parameters: dict[str, object], system: tuple[str, ...] = ()
    ) -> "Pending":
        wanted = [field.name for field in self.layer.fields if self.columns is None or field.name in self.columns]
        names = [*wanted, *system]
        statement = _columns(tuple(names), has_geometry=self.layer.geometry is not GeometryKind.NONE) + sql.SQL(
            " FROM {rows} l WHERE {condition}"
        ).format(rows=rows_at(self.layer, self.as_of), condition=condition)
        cursor = self.connection.cursor(binary=True)
        return Pending(cursor.execute(statement, {**parameters, "as_of": self.as_of}), tuple(names))


@dataclass(frozen=True)
class Pending:
    """A question put to a layer; inside a pipeline many are put before the first is answered."""

    cursor: Cursor
    names: tuple[str, ...]

    def rows(self) -> Rows:
        """The answer, waited for."""
        with self.cursor:
            rows = self.cursor.fetchall()
        names = self.names
        by_column = list(zip(*rows, strict=True)) if rows else [() for _ in range(len(names) + 2)]
        return Rows(
            fids=np.array(by_column[0], dtype=np.int64),
            geometry=shapely.from_wkb(np.array(by_column[1], dtype=object)),
            attributes={name: list(values) for name, values in zip(names, by_column[2:], strict=True)},
        )


def _passing(alias: str, where: Mapping[str, tuple[str, ...]]) -> sql.Composable:
    """The rows whose fields hold one of the named codes each."""
    conditions = [
        sql.SQL("{alias}.{field}::text = ANY({values})").format(
            alias=sql.Identifier(alias), field=sql.Identifier(field), values=sql.Literal(list(values))
        )
        for field, values in where.items()
    ]
    return sql.SQL(" AND ").join(conditions) if conditions else sql.SQL("true")


@cache
def _columns(names: tuple[str, ...], *, has_geometry: bool) -> sql.SQL:
    """The SELECT part for a layer's columns: the same for every inquiry, so quoted once."""
    columns = sql.SQL(", ").join(sql.SQL("l.{}").format(sql.Identifier(name)) for name in names)
    geometry = sql.SQL("ST_AsBinary(l.geom)" if has_geometry else "NULL::bytea")
    parts = sql.SQL("SELECT l.fid, {geometry}, {columns}" if names else "SELECT l.fid, {geometry}").format(
        geometry=geometry, columns=columns
    )
    return sql.SQL(parts.as_string())


def together(first: Rows, second: Rows) -> Rows:
    """Both, each row once."""
    known = set(first.fids.tolist())
    new = [index for index, fid in enumerate(second.fids.tolist()) if fid not in known]
    return Rows(
        fids=np.concatenate([first.fids, second.fids[new]]),
        geometry=np.concatenate([first.geometry, second.geometry[new]]),
        attributes={
            name: [*values, *(second.attributes[name][index] for index in new)]
            for name, values in first.attributes.items()
        },
    )
