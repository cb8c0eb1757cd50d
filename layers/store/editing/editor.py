"""One person's edits of one layer: each in one transaction, on the version it was made from, with its history."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

from layers.store.database import Connection
from layers.store.definitions import GeometryKind, Layer
from layers.store.editing.incoming import Incoming
from layers.store.editing.precondition import Precondition
from layers.store.editing.register import DRAWN, Action, Edited, Standing, edit_load, log, standing_of
from layers.store.editing.request_crs import CRS84, RequestCrs
from layers.store.editing.rows import Content, StoredRow, Table
from layers.store.editing.shapes import Shape, read_shape
from layers.store.editing.values import completed, read_properties
from layers.store.editing.versions import last_change
from layers.store.errors import (
    EditConflictError,
    EditRefusedError,
    FeatureGoneError,
    NotEditableError,
    UnconditionalEditError,
)
from layers.store.instance import Store
from layers.store.loading.turns import take_turn_to_edit
from layers.store.selection import readable_fields

EDIT_TIMEOUT_S = 15.0


def is_editable(layer: Layer) -> bool:
    """Whether features of the layer can be edited: all but rasters, which are files."""
    return layer.geometry is not GeometryKind.RASTER


@dataclass(frozen=True)
class Editor:
    """Edits features of `layer` in the name of `author`; `part` is the layer with the columns that they may edit (None: all).

    Every method raises EditRefusedError with all broken rules, LayerBusyError while the layer is being loaded, and those
    that change a feature FeatureGoneError, UnconditionalEditError without a precondition, and EditConflictError when
    somebody was faster.
    """

    store: Store
    layer: Layer
    author: str
    part: Layer | None = None
    beside: Callable[[Connection, Edited], None] | None = None
    """What else is written in the transaction of a version that is new: both stand, or neither."""

    def insert(self, sent: Incoming, crs: RequestCrs = CRS84) -> Edited:
        """A new feature."""
        with self._table() as table:
            shape = read_shape(self.layer, self.store.town, sent.geometry, crs)
            content = self._content(sent.properties, self._blank(None), shape, None)
            return self._write(table, "insert", None, content, DRAWN.at_least(shape.added_error_m))

    def replace(self, fid: int, match: Precondition | None, sent: Incoming, crs: RequestCrs = CRS84) -> Edited:
        """The whole feature anew: what is not sent is emptied."""
        with self._table() as table:
            row = self._claimed(table, fid, match)
            shape = self._reshaped(row, sent, crs)
            content = self._content(sent.properties, self._blank(row), shape, row)
            return self._write(table, "replace", row, content, self._standing(table, row, shape))

    def update(self, fid: int, match: Precondition | None, sent: Incoming, crs: RequestCrs = CRS84) -> Edited:
        """Some properties, the geometry, or both; what is not sent stays."""
        with self._table() as table:
            row = self._claimed(table, fid, match)
            shape = self._reshaped(row, sent, crs) if sent.has_geometry else row.content.shape
            content = self._content(sent.properties, dict(row.content.values), shape, row)
            return self._write(table, "update", row, content, self._standing(table, row, shape))

    def delete(self, fid: int, match: Precondition | None) -> Edited:
        """The feature is gone; its history stays."""
        with self._table() as table:
            row = self._claimed(table, fid, match)
            at = table.moment(row)
            load = edit_load(table.connection, self.layer, self.author, standing_of(table.connection, row.load_id))
            table.delete(row, at)
            edited = Edited(fid, row.version, load, at)
            log(table.connection, self.layer, "delete", edited, self.author)
            return edited

    def require(self, fid: int) -> None:
        """Raise FeatureGoneError unless the feature stands now."""
        with self.store.database.transaction() as connection:
            stands = Table(connection, self.layer, self.store.town.srid).stands(fid)
        if not stands:
            raise FeatureGoneError(f"{self.layer.title} の地物 {fid} はありません。")

    def restore(self, fid: int, version: int, match: Precondition | None) -> Edited:
        """An older version written again as the newest one: undo, itself to be undone.

        A feature that is gone comes back under its number, and for that needs no precondition.
        """
        with self._table() as table:
            row = table.locked(fid)
            follows = row or table.last_past(fid)
            if row is not None:
                self._require_match(table, row, match)
            wanted = row if row is not None and row.version == version else table.past(fid, version)
            if follows is None or wanted is None:
                raise FeatureGoneError(f"{self.layer.title} の地物 {fid} に版 {version} はありません。")
            older_values = dict(wanted.content.values)
            visible = {field.name: older_values[field.name] for field in readable_fields(self._open)}
            content = self._content(visible, older_values, wanted.content.shape, None)
            standing = standing_of(table.connection, follows.load_id)
            older = standing_of(table.connection, wanted.load_id)
            errors = Standing(standing.base, older.added_error_m, older.undeclared_datum_m)
            return self._write(table, "restore", row, content, errors, gone=follows, restored=version)

    @property
    def _open(self) -> Layer:
        return self.part or self.layer

    @contextmanager
    def _table(self) -> Iterator[Table]:
        if not is_editable(self.layer):
            raise NotEditableError(f"{self.layer.title} は画像のレイヤのため、地物を編集できません。")
        with self.store.database.transaction(timeout_s=EDIT_TIMEOUT_S) as connection:
            take_turn_to_edit(connection, self.layer)
            yield Table(connection, self.layer, self.store.town.srid)

    def _claimed(self, table: Table, fid: int, match: Precondition | None) -> StoredRow:
        row = table.locked(fid)
        if row is None:
            known = table.last_past(fid) is not None
            why = "削除されたか、新しい版の読み込みで置き換わりました" if known else "ありません"
            raise FeatureGoneError(f"{self.layer.title} の地物 {fid} は{why}。画面を再読み込みして確かめてください。")
        self._require_match(table, row, match)
        return row

    def _require_match(self, table: Table, row: StoredRow, match: Precondition | None) -> None:
        if match is None:
            raise UnconditionalEditError(
                "どの版を見て編集したのかが分からないため、保存していません。"
                "地物を読み込み、その ETag を If-Match に付けてください。"
            )
        if not match.holds(row.version):
            told = last_change(table.connection, self.layer, row.fid, row.version)
            raise EditConflictError(
                f"{told}が先にこの地物を変更したため、あなたの変更は保存していません。"
                "再読み込みして最新の内容を確かめ、もう一度編集してください。",
                row.version,
            )

    def _blank(self, row: StoredRow | None) -> dict[str, object]:
        """Every field empty, but those that the editor may not see as they stand."""
        visible = {field.name for field in readable_fields(self._open)}
        kept = row.content.values if row is not None else {}
        return {f.name: None if f.name in visible else kept.get(f.name) for f in self.layer.fields}

    def _reshaped(self, row: StoredRow, sent: Incoming, crs: RequestCrs) -> Shape:
        return read_shape(self.layer, self.store.town, sent.geometry, crs).or_stored(row.content.shape)

    def _content(
        self, properties: Mapping[str, object], under: dict[str, object], shape: Shape, row: StoredRow | None
    ) -> Content:
        values, faults = read_properties(self._open, properties)
        merged = under | values
        named = {fault.name for fault in faults}
        before = row.content.values if row is not None else None
        faults += [fault for fault in completed(self.layer, merged, before) if fault.name not in named]
        if faults:
            raise EditRefusedError(faults)
        return Content(merged, shape)

    def _standing(self, table: Table, row: StoredRow, shape: Shape) -> Standing:
        """A boundary drawn anew is drawn against the old ones: it is no surer than they are."""
        standing = standing_of(table.connection, row.load_id)
        return standing if shape is row.content.shape else standing.at_least(shape.added_error_m)

    def _write(
        self,
        table: Table,
        action: Action,
        row: StoredRow | None,
        content: Content,
        standing: Standing,
        *,
        gone: StoredRow | None = None,
        restored: int | None = None,
    ) -> Edited:
        notes = content.shape.notes
        if row is not None and table.is_unchanged(row, content):
            return Edited(row.fid, row.version, row.load_id, row.valid_from, notes, changed=False)
        before = row or gone
        at = table.moment(before)
        load = edit_load(table.connection, self.layer, self.author, standing)
        if row is None:
            fid = table.insert(content, load, at, gone)
        else:
            fid = row.fid
            table.overwrite(row, content, load, at)
        edited = Edited(fid, before.version + 1 if before is not None else 1, load, at, notes)
        log(table.connection, self.layer, action, edited, self.author, restored)
        if self.beside is not None:
            self.beside(table.connection, edited)
        return edited
