"""One row of a layer, read for an edit and written with its history, by the statements of loading."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar
from uuid import UUID

import numpy as np
import psycopg
import shapely
from psycopg import sql

from layers.store.database import Connection
from layers.store.definitions import GeometryKind, Layer
from layers.store.editing.shapes import Shape
from layers.store.errors import EditRefusedError, Fault
from layers.store.loading.copied_rows import content_columns, content_hash, contents
from layers.store.loading.rows import ReadyRows
from layers.store.tables import has_area, validity_constraint

Result = TypeVar("Result")


@dataclass(frozen=True)
class Content:
    """What a row says: a value for every field of the layer, and its shape."""

    values: Mapping[str, object]
    shape: Shape


@dataclass(frozen=True)
class StoredRow:
    """A row as it stands, or stood at `version`."""

    fid: int
    load_id: int
    version: int
    valid_from: datetime
    content_hash: str
    content: Content


@dataclass(frozen=True)
class Table:
    """The tables of one layer on one connection, inside one transaction."""

    connection: Connection
    layer: Layer
    srid: int

    def locked(self, fid: int) -> StoredRow | None:
        """The present row, kept from everybody else until the transaction ends; None when there is none."""
        source = sql.SQL("layers.{} WHERE fid = %(fid)s FOR UPDATE").format(self._name)
        return self._read(source, {"fid": fid})

    def stands(self, fid: int) -> bool:
        """Whether the layer has the row now."""
        statement = sql.SQL("SELECT FROM layers.{} WHERE fid = %s").format(self._name)
        return self.connection.execute(statement, [fid]).fetchone() is not None

    def past(self, fid: int, version: int) -> StoredRow | None:
        """The row as it was at a version that is no longer the present one."""
        source = sql.SQL("history.{} WHERE fid = %(fid)s AND version = %(version)s ORDER BY valid_to DESC LIMIT 1")
        return self._read(source.format(self._name), {"fid": fid, "version": version})

    def last_past(self, fid: int) -> StoredRow | None:
        """The last version of a row that is gone."""
        source = sql.SQL("history.{} WHERE fid = %(fid)s ORDER BY version DESC, valid_to DESC LIMIT 1")
        return self._read(source.format(self._name), {"fid": fid})

    def moment(self, row: StoredRow | None) -> datetime:
        """The moment of this edit: now by the clock, and after the version that it follows."""
        found = self.connection.execute(
            "SELECT greatest(clock_timestamp(), %s::timestamptz + interval '1 microsecond')",
            [row.valid_from if row is not None else None],
        ).fetchone()
        assert found is not None  # noqa: S101 - SELECT of one value
        moment: datetime = found[0]
        return moment

    def is_unchanged(self, row: StoredRow, content: Content) -> bool:
        """Whether the row says just this already."""
        return self._said(row.content) == self._said(content)

    def insert(self, content: Content, load_id: int, at: datetime, follows: StoredRow | None) -> int:
        """Write a new row, or one that was gone under its old number; returns its fid."""
        bound = self._bound(content)
        said = [name for name in content_columns(self.layer) if bound[name] is not None]
        columns = ["load_id", "valid_from", *said]
        given: dict[str, object] = {"load_id": load_id, "valid_from": at, **bound}
        if follows is not None:
            columns += ["fid", "version"]
            given |= {"fid": follows.fid, "version": follows.version + 1}
        statement = sql.SQL(
            "INSERT INTO layers.{} ({}, content_hash) VALUES ({}, %(content_hash)s) RETURNING fid"
        ).format(self._name, _names(columns), sql.SQL(", ").join(map(self._placeholder, columns)))

        def write(digest: str) -> int:
            row = self.connection.execute(statement, {**given, "content_hash": digest}).fetchone()
            assert row is not None  # noqa: S101 - RETURNING answers one row
            return int(row[0])

        return self._under_free_hash(content, write)

    def overwrite(self, row: StoredRow, content: Content, load_id: int, at: datetime) -> None:
        """Put the row as it stands into history and write the next version in its place."""
        self._archive(row, at)
        before = self._bound(row.content)
        given = self._bound(content)
        changed = [name for name in content_columns(self.layer) if given[name] != before[name]]
        columns = ["load_id", "valid_from", *changed]
        changes = [sql.SQL("{} = {}").format(sql.Identifier(name), self._placeholder(name)) for name in columns]
        statement = sql.SQL(
            "UPDATE layers.{} SET {}, version = version + 1, content_hash = %(content_hash)s WHERE fid = %(fid)s"
        ).format(self._name, sql.SQL(", ").join(changes))
        given |= {"fid": row.fid, "load_id": load_id, "valid_from": at}
        self._under_free_hash(
            content, lambda digest: self.connection.execute(statement, {**given, "content_hash": digest})
        )

    def delete(self, row: StoredRow, at: datetime) -> None:
        """Take the row away and keep it in history."""
        self._archive(row, at)
        self.connection.execute(sql.SQL("DELETE FROM layers.{} WHERE fid = %s").format(self._name), [row.fid])

    def _archive(self, row: StoredRow, at: datetime) -> None:
        """Keep the row as it stands, with the columns that the editor may not see: the database does it, not the post."""
        self.connection.execute("SELECT onomap.archive(%s, %s, %s)", [self.layer.id, row.fid, at])

    @property
    def _name(self) -> sql.Identifier:
        return sql.Identifier(self.layer.id)

    @property
    def _has_geometry(self) -> bool:
        return self.layer.geometry is not GeometryKind.NONE

    def _read(self, source: sql.Composable, parameters: Mapping[str, object]) -> StoredRow | None:
        fields = [field.name for field in self.layer.fields]
        statement = sql.SQL(
            "SELECT fid, load_id, version, valid_from, content_hash, {area}, {shape}, {fields} FROM "
        ).format(
            area=sql.SQL("area_m2" if has_area(self.layer) else "NULL"),
            shape=sql.SQL("ST_AsBinary(geom)" if self._has_geometry else "NULL"),
            fields=_names(fields),
        )
        row = self.connection.execute(statement + source, parameters).fetchone()
        if row is None:
            return None
        fid, load_id, version, valid_from, digest, area, shape, *values = row
        geometry = shapely.from_wkb(bytes(shape)) if shape is not None else None
        content = Content(dict(zip(fields, values, strict=True)), Shape(geometry, area))
        return StoredRow(fid, load_id, version, valid_from, UUID(str(digest)).hex, content)

    def _said(self, content: Content) -> bytes:
        """What the row says, as loading writes it: the same content has the same hash, whoever wrote it."""
        areas = None if content.shape.area_m2 is None else np.array([content.shape.area_m2])
        geometry = np.array([content.shape.geometry], dtype=object)
        columns = {name: [value] for name, value in content.values.items()}
        return contents(self.layer, self.srid, ReadyRows(columns, geometry, areas, [""]))[0]

    def _bound(self, content: Content) -> dict[str, object]:
        given = dict(content.values)
        if has_area(self.layer):
            given["area_m2"] = content.shape.area_m2
        if self._has_geometry:
            shape = content.shape.geometry
            given["geom"] = None if shape is None else shapely.to_wkb(shape)
        return given

    def _placeholder(self, column: str) -> sql.Composable:
        placeholder = sql.Placeholder(column)
        if column != "geom":
            return placeholder
        return sql.SQL("ST_GeomFromWKB({}, {})").format(placeholder, sql.Literal(self.srid))

    def _under_free_hash(self, content: Content, write: Callable[[str], Result]) -> Result:
        """Write under the first name of this content that no other row has, as loading names identical rows."""
        seen: dict[bytes, int] = {}
        said = self._said(content)
        while True:
            digest = content_hash(said, seen).hex()
            try:
                with self.connection.transaction():
                    return write(digest)
            except psycopg.errors.UniqueViolation as error:
                if error.diag.constraint_name != f"{self.layer.id}_content_hash":
                    raise
            except psycopg.errors.CheckViolation as error:
                if error.diag.constraint_name != validity_constraint(self.layer):
                    raise
                reason = "図形が正しくありません（データベースの検査）"
                raise EditRefusedError([Fault("geometry", reason)]) from error


def _names(columns: list[str]) -> sql.Composed:
    return sql.SQL(", ").join(map(sql.Identifier, columns))
