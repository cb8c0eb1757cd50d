"""A Shapefile in a zip: shapes by GDAL, attributes by `dbase`, and beside them what a Shapefile cannot say.

`README.txt` holds the facts, `columns.csv` leads from the short names of the .dbf to the full ones, labels, units and codes,
and `changes.csv`, when there is need of it, gives the original of every text that CP932 or 254 bytes could not hold. Rows are
read once: their attributes wait in a compressed Arrow file until the width of every column is known.
"""

import csv
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from zoneinfo import ZoneInfo

import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import ipc

from gis.formats.writing import dbase, through_gdal
from gis.formats.writing.errors import FailedWriteError, UnwritableError
from gis.formats.writing.outgoing import FID, GEOMETRY, Batches, Column, ColumnType, Outgoing

MOST_BYTES = 2**31 - 1
"""A .shp counts 16-bit words in 31 bits but most readers count bytes; a .dbf beyond 2 GB is refused by ArcGIS."""
README, COLUMNS, CHANGES = "README.txt", "columns.csv", "changes.csv"
WAITING = "attributes.arrow"
_RECORD_BYTES = 60
"""What a .shp adds to the WKB of a record, at most, for one part."""


@dataclass
class _Spool:
    """Attributes waiting for the width of their columns."""

    folder: Path
    columns: tuple[Column, ...]
    widths: dict[str, int] = field(default_factory=dict)
    count: int = 0
    changed: int = 0
    shape_bytes: int = 100
    most_bytes: int = MOST_BYTES

    @property
    def schema(self) -> pa.Schema:
        """Text columns are bytes."""
        plain = Outgoing("", "", self.columns, None, 0).schema
        return pa.schema([pa.field(f.name, pa.binary() if pa.types.is_string(f.type) else f.type) for f in plain])

    def take(self, batch: pa.RecordBatch) -> pa.RecordBatch:
        """The attributes of a batch with text in CP932; its widths, changes and sizes are noted."""
        fids = batch.column(0).to_pylist()
        arrays = []
        changes: list[dbase.Change] = []
        for position, column in enumerate(self.columns):
            array = batch.column(position)
            if column.type is ColumnType.TEXT:
                array = pa.array(dbase.clean(column, array.to_pylist(), fids, changes), pa.binary())
                self._note_width(column, pc.max(pc.binary_length(array)).as_py())
            elif column.type is ColumnType.INTEGER:
                ends = pc.min_max(array).as_py().values()
                self._note_width(column, max(len(str(end)) for end in ends if end is not None) if any(ends) else None)
            arrays.append(array)
        self.count += batch.num_rows
        self._tell(changes)
        return pa.RecordBatch.from_arrays(arrays, schema=self.schema)

    def _tell(self, changes: list[dbase.Change]) -> None:
        rows = [[str(c.fid), c.column, c.original, c.written, c.reason] for c in changes]
        if rows and not self.changed:
            rows.insert(0, ["fid", "項目名", "元の値", "dbfの値", "理由"])
        self.changed += len(changes)
        if rows:
            _append_csv(self.folder / CHANGES, rows)

    def _note_width(self, column: Column, width: int | None) -> None:
        self.widths[column.name] = max(self.widths.get(column.name, 1), width or 1)


def write(outgoing: Outgoing, batches: Batches, path: Path, *, most_bytes: int = MOST_BYTES) -> None:
    """Write one zip. Raises UnwritableError when its .shp or .dbf would go beyond `most_bytes` (2 GB)."""
    with TemporaryDirectory(prefix="onomap-", dir=path.parent) as name:
        folder = Path(name)
        spool = _Spool(folder, outgoing.columns, most_bytes=most_bytes)
        try:
            _write_shapes(outgoing, batches, folder, spool)
            _write_attributes(outgoing, folder, spool)
            _write_beside(outgoing, folder, spool)
            _pack(outgoing, folder, path)
        except (OSError, pa.ArrowException) as error:
            raise FailedWriteError(f"{outgoing.title}を Shapefile に書き出せませんでした（{error}）。") from error


def _write_shapes(outgoing: Outgoing, batches: Batches, folder: Path, spool: _Spool) -> None:
    options = ipc.IpcWriteOptions(compression="lz4")
    with ipc.new_file(spool.folder / WAITING, spool.schema, options=options) as waiting:
        shapes = _shapes(outgoing, batches, spool, waiting)
        if outgoing.shape is None:
            for _ in shapes:
                pass
            return
        bare = replace(outgoing, columns=outgoing.columns[:1])
        driver = through_gdal.Driver("ESRI Shapefile", layer_options={"ENCODING": "UTF-8", "SPATIAL_INDEX": "NO"})
        through_gdal.write(bare, shapes, folder / f"{outgoing.name}.shp", driver)


def _shapes(
    outgoing: Outgoing, batches: Batches, spool: _Spool, waiting: ipc.RecordBatchFileWriter
) -> Iterator[pa.RecordBatch]:
    """The batches with `fid` and shape only; their attributes go to the spool on the way."""
    for batch in batches:
        waiting.write_batch(spool.take(batch))
        if outgoing.shape is not None:
            spool.shape_bytes += batch.column(GEOMETRY).nbytes + _RECORD_BYTES * batch.num_rows
            _check_size(outgoing, spool, spool.shape_bytes, ".shp")
            yield batch.select([FID, GEOMETRY])


def _check_size(outgoing: Outgoing, spool: _Spool, size: int, part: str) -> None:
    if size > spool.most_bytes:
        raise UnwritableError(
            f"{outgoing.title}の {part} が Shapefile の上限（2 GB）を超えます。GeoPackage で書き出すか、範囲を絞ってください。"
        )


def _write_attributes(outgoing: Outgoing, folder: Path, spool: _Spool) -> None:
    fields = dbase.attributes(outgoing.columns, spool.widths)
    _check_size(outgoing, spool, dbase.size(fields, spool.count), ".dbf")
    with pa.OSFile(str(folder / WAITING)) as file:
        reader = ipc.open_file(file)
        rows = (reader.get_batch(number) for number in range(reader.num_record_batches))
        today = datetime.now(ZoneInfo("Asia/Tokyo")).date()
        dbase.write(folder / f"{outgoing.name}.dbf", fields, rows, spool.count, today)
    (folder / f"{outgoing.name}.cpg").write_text(dbase.CODE_PAGE)


def _write_beside(outgoing: Outgoing, folder: Path, spool: _Spool) -> None:
    names = dbase.short_names([column.name for column in outgoing.columns])
    columns = [
        [names[c.name], c.name, c.label, c.unit or "", "、".join(f"{code}={label}" for code, label in c.codes.items())]
        for c in outgoing.columns
    ]
    _append_csv(folder / COLUMNS, [["dbfの列名", "項目名", "名称", "単位", "コード"], *columns])
    notes = [
        f"文字コードは CP932（.cpg あり）、列名は10バイトまでです。列名の対応は {COLUMNS} を見てください。",
        "空の文字列と値なしは、dbf では区別できません。",
    ]
    if spool.changed:
        notes.append(
            f"dbf に元のまま入らない値が {spool.changed:,} 件あります（CP932 にない文字は {dbase.MISSING_LETTER} に置き換え、"
            f"{dbase.MOST_BYTES}バイトを超える文字列は切り詰め）。元の値は {CHANGES} にあります。"
        )
    text = "\r\n".join([outgoing.description.replace("\n", "\r\n"), "", *notes, ""])
    (folder / README).write_bytes(("\ufeff" + text).encode())


def _append_csv(path: Path, rows: list[list[str]]) -> None:
    with path.open("a", encoding="utf-8" if path.exists() else "utf-8-sig", newline="") as file:
        csv.writer(file).writerows(rows)


def _pack(outgoing: Outgoing, folder: Path, path: Path) -> None:
    parts = [folder / f"{outgoing.name}{suffix}" for suffix in (".shp", ".shx", ".dbf", ".prj", ".cpg")]
    beside = [folder / name for name in (README, COLUMNS, CHANGES)]
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=4) as archive:
        for part in (*parts, *beside):
            if part.is_file():
                archive.write(part, part.name)
