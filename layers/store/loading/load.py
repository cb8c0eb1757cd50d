"""Loads files into a layer, all or nothing: whatever is wrong, the edition before it stays whole."""

import gc
import getpass
import importlib.util
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import date
from hashlib import sha256
from pathlib import Path
from typing import Literal

import numpy as np
import shapely
from numpy.typing import NDArray
from psycopg import sql
from psycopg.types.json import Jsonb

from gis.crs import Grids, Transformation, plan
from gis.formats.reader import open_source, sha256_of
from gis.formats.table import SourceTable
from layers.store.database import Connection, Database
from layers.store.definitions import GeometryKind, Layer
from layers.store.errors import LoadRefusedError
from layers.store.individual_numbers import refuse_individual_numbers
from layers.store.loading.positions import Declared, place
from layers.store.loading.report import LoadReport
from layers.store.loading.rows import ReadyRows, ready_rows
from layers.store.loading.superseding import confirmed_by, superseded_loads
from layers.store.loading.swap import Staging, Swapped, is_empty, swap
from layers.store.loading.turns import take_turn_to_load
from layers.store.loading.unplaced import keep_unplaced
from layers.store.settings import Municipality
from layers.store.source_columns import with_declared_columns

GEOGRAPHIC = 6668
RIM_M = 20.0
RIM_SHARE = 0.03
"""How near to its extremes in the plane a row must lie to be looked at for the extent in degrees: the axes turn by up to 1.5°
inside a zone, which is 3 % of the width and more."""
Mode = Literal["replace", "add"]
Progress = Callable[[str, int], None]


@dataclass(frozen=True)
class LoadRequest:
    """What to load and what is declared of it. `mode` None leaves it to the layer and the kind of file."""

    layer: Layer
    paths: tuple[Path, ...]
    mode: Mode | None = None
    declared: Declared = field(default_factory=Declared)
    data_date: date | None = None
    coverage: Path | None = None
    encoding: str | None = None
    loaded_by: str | None = None


@dataclass(frozen=True)
class Loaded:
    """A finished load: its number and its report."""

    load_id: int
    mode: Mode
    report: LoadReport
    retired: int


def no_progress(_: str, __: int) -> None:
    """Tells nobody."""


def load(database: Database, town: Municipality, request: LoadRequest, progress: Progress = no_progress) -> Loaded:
    """Read, check and swap in the files of `request` in one transaction; returns what was done.

    Raises LoadRefusedError when no row can be taken or the files do not fit the layer, and the readers' and positions' own
    errors; in every case the layer is as it was.
    """
    with _collector_paused(), database.transaction() as connection:
        take_turn_to_load(connection, request.layer)
        first, tables = _tables(request)
        mode = request.mode or _default_mode(request.layer, first)
        load_id = _open_load(connection, request, mode)
        report = LoadReport()
        staging = Staging(request.layer, town.srid, direct=is_empty(connection, request.layer))
        staging.create(connection)
        placed = _stage(_Stage(connection, staging, request, town, load_id, report, progress), tables)
        _refuse_empty(request, report, placed)
        replaced_file = None if mode == "replace" else _file_names(request)
        superseded = superseded_loads(connection, request.layer, load_id, replaced_file)
        retiring = None if mode == "replace" else confirmed_by(connection, superseded)
        swapped = swap(connection, staging, staged=placed, retire_loads=retiring)
        report.loaded = placed
        report.unchanged = swapped.unchanged
        _warn_of_loss(report, mode, swapped, placed)
        if request.coverage is not None:
            _keep_coverage(connection, request, request.coverage, town, load_id)
        _close_load(connection, load_id, superseded, report)
    return Loaded(load_id, mode, report, swapped.retired)


@contextmanager
def _collector_paused() -> Iterator[None]:
    """A load makes millions of objects without cycles; looking through them again and again took a fifth of its time."""
    was_running = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_running:
            gc.enable()


def _tables(request: LoadRequest) -> tuple[SourceTable, Iterator[SourceTable]]:
    prepare = _source_hook(request.layer)

    def read() -> Iterator[SourceTable]:
        for path in request.paths:
            for table in open_source(path, encoding=request.encoding):
                yield with_declared_columns(request.layer, prepare(table))

    tables = read()
    try:
        first = next(tables)
    except StopIteration:
        names = "、".join(path.name for path in request.paths)
        raise LoadRefusedError(f"{names} には読み込めるデータがありません。") from None

    def chained() -> Iterator[SourceTable]:
        yield first
        yield from tables

    return first, chained()


def _source_hook(layer: Layer) -> Callable[[SourceTable], SourceTable]:
    """The layer's own `prepare`, when its folder has a source.py; otherwise tables pass as they are."""
    if layer.reader is None:
        return lambda table: table
    spec = importlib.util.spec_from_file_location(f"onomap_layer_{layer.id}", layer.reader)
    if spec is None or spec.loader is None:
        raise LoadRefusedError(f"{layer.title} の読み取り部品 {layer.reader.name} を読み込めません。")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    hook: Callable[[SourceTable], SourceTable] = module.prepare
    return hook


def _default_mode(layer: Layer, first: SourceTable) -> Mode:
    """A single sheet is added to a layer that is made of sheets; anything else is a new edition of the whole."""
    is_sheet = "地図番号" in first.columns and first.source.count("/") <= 1
    return "add" if layer.edition == "add" or is_sheet else "replace"


@dataclass(frozen=True)
class _Stage:
    connection: Connection
    staging: Staging
    request: LoadRequest
    town: Municipality
    load_id: int
    report: LoadReport
    progress: Progress


def _stage(stage: _Stage, tables: Iterator[SourceTable]) -> int:
    """Bring every table into staging (or, without a place on earth, among the sheets); returns the rows placed."""
    placed = 0
    with _Copier(stage) as copier:
        for table in tables:
            placed += _stage_one(stage, table, copier)
            stage.progress(table.source, stage.report.read)
    return placed


class _Copier:
    """Copies each part of an edition while the next one is read and checked: the database works beside us."""

    def __init__(self, stage: _Stage) -> None:
        self._stage = stage
        self._seen: dict[bytes, int] = {}
        self._running: Future[None] | None = None
        self._thread = ThreadPoolExecutor(max_workers=1)

    def __enter__(self) -> "_Copier":
        return self

    def __exit__(self, *_: object) -> None:
        try:
            self.wait()
        finally:
            self._thread.shutdown()

    def copy(self, rows: ReadyRows) -> None:
        """Start copying; raises what went wrong with the part before."""
        self.wait()
        stage = self._stage
        self._running = self._thread.submit(stage.staging.copy, stage.connection, rows, stage.load_id, self._seen)

    def wait(self) -> None:
        """Wait until the connection is free; raises what went wrong with the part that was copied."""
        running, self._running = self._running, None
        if running is not None:
            running.result()


def _stage_one(stage: _Stage, table: SourceTable, copier: _Copier) -> int:
    report = stage.report
    refuse_individual_numbers(table.columns, table.source)
    refuse_individual_numbers(_noted(table), table.source)
    report.read += table.read
    report.set_aside_rows += [(table.source, note) for note in table.set_aside]
    report.rejected_rows += [(table.source, note) for note in table.rejected]
    report.repaired_rows += [(table.source, note) for note in table.repaired]
    report.notes += [note for note in table.notes if note not in report.notes]
    if table.crs.arbitrary and stage.request.declared.epsg is None:
        copier.wait()
        report.unplaced += keep_unplaced(stage.connection, stage.request.layer, table, stage.load_id, report)
        return 0
    return _stage_placed(stage, table, copier)


def _noted(table: SourceTable) -> dict[str, list[object]]:
    """What the rows say, column by column, that the reader has put aside or rejected: they are kept too."""
    columns: dict[str, list[object]] = {}
    for note in (*table.rejected, *table.set_aside):
        for name, value in note.content.items():
            columns.setdefault(name, []).append(value)
    return columns


def _stage_placed(stage: _Stage, table: SourceTable, copier: _Copier) -> int:
    report = stage.report
    if stage.request.layer.geometry is GeometryKind.NONE or shapely.is_missing(table.geometry).all():
        table = replace(table, crs=replace(table.crs, epsg=stage.town.srid))
        declared = Declared()
    else:
        declared = stage.request.declared
    placement = place(table.crs, declared, stage.town, table.source)
    report.add_crs(placement.stated, placement.transformation.steps)
    report.added_error_m = max(report.added_error_m, placement.added_error_m)
    report.undeclared_datum_m = max(report.undeclared_datum_m, placement.undeclared_datum_m)
    if placement.note is not None and placement.note not in report.warnings:
        report.warnings.append(placement.note)
    rows = ready_rows(stage.request.layer, table, placement, report)
    copier.copy(rows)
    _note_extent(stage, rows.geometry)
    return len(rows)


def _note_extent(stage: _Stage, geometry: NDArray[np.object_]) -> None:
    """Count rows outside the town and widen the extent.

    The plane's axes lie nearly along the degrees', so only rows at the rim of the part can be its outermost, and only rows
    outside a box well inside the town can be outside the town: just those are taken to degrees.
    """
    present = geometry[~shapely.is_missing(geometry)]
    if not len(present):
        return
    to_degrees = plan(stage.town.srid, GEOGRAPHIC, Grids(None, None))
    boxes = shapely.bounds(present)
    lowest, highest = boxes[:, :2].min(axis=0), boxes[:, 2:].max(axis=0)
    slack = RIM_M + RIM_SHARE * (highest - lowest)
    rim = (boxes[:, :2] <= lowest + slack).any(axis=1) | (boxes[:, 2:] >= highest - slack).any(axis=1)
    exact = shapely.total_bounds(to_degrees.apply(present[rim])[0])
    stage.report.widen((float(exact[0]), float(exact[1]), float(exact[2]), float(exact[3])))
    doubtful = boxes[~_well_inside(stage.town, boxes)]
    if len(doubtful):
        west, south, east, north = stage.town.bbox
        degrees = _in_degrees(to_degrees, doubtful)
        beside = (degrees[:, 0] > east) | (degrees[:, 2] < west) | (degrees[:, 1] > north) | (degrees[:, 3] < south)
        stage.report.outside += int(beside.sum())


def _well_inside(town: Municipality, boxes: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Which plane boxes lie in the largest upright plane box that the town's box of degrees holds."""
    west, south, east, north = town.bbox
    corners = np.array([[west, south], [west, north], [east, south], [east, north]])
    x, y, _ = plan(GEOGRAPHIC, town.srid, Grids(None, None)).move(corners[:, 0], corners[:, 1])
    inside: NDArray[np.bool_] = (
        (boxes[:, 0] >= max(x[0], x[1]))
        & (boxes[:, 2] <= min(x[2], x[3]))
        & (boxes[:, 1] >= max(y[0], y[2]))
        & (boxes[:, 3] <= min(y[1], y[3]))
    )
    return inside


def _in_degrees(to_degrees: Transformation, boxes: NDArray[np.float64]) -> NDArray[np.float64]:
    """Plane boxes (n × 4) as boxes in degrees that hold their corners."""
    x, y = boxes[:, [0, 2, 0, 2]], boxes[:, [1, 1, 3, 3]]
    lon, lat, _ = to_degrees.move(x.ravel(), y.ravel())
    lon, lat = lon.reshape(x.shape), lat.reshape(y.shape)
    return np.column_stack([lon.min(axis=1), lat.min(axis=1), lon.max(axis=1), lat.max(axis=1)])


def _refuse_empty(request: LoadRequest, report: LoadReport, placed: int) -> None:
    if placed or report.unplaced or report.set_aside_rows:
        return
    names = "、".join(path.name for path in request.paths)
    reason = f"最初の理由: {report.rejected_rows[0][1].reason}" if report.rejected_rows else "行が一つもありません"
    raise LoadRefusedError(
        f"{names} から {request.layer.title} に取り込める行がなかったため、何も変えていません（{reason}）。"
    )


def _warn_of_loss(report: LoadReport, mode: Mode, swapped: Swapped, placed: int) -> None:
    if report.outside:
        report.warnings.append(f"町の範囲の外にある行が {report.outside:,} 件あります（そのまま読み込みました）。")
    if swapped.edited:
        report.warnings.append(
            f"職員が編集した {swapped.edited:,} 件が新しい版で置き換わりました（編集した内容は履歴にあります）。"
        )
    retired = swapped.retired
    if mode == "replace" and retired > 2 * placed and retired > 100:
        report.warnings.append(
            f"前の版の {retired:,} 件が新しい版（{placed:,} 件）にありません。一部だけのファイルなら --add を使ってください。"
        )


def _open_load(connection: Connection, request: LoadRequest, mode: Mode) -> int:
    digests = [sha256_of(path) for path in request.paths]
    digest = digests[0] if len(digests) == 1 else sha256("".join(digests).encode()).hexdigest()
    row = connection.execute(
        "INSERT INTO onomap.loads (layer, mode, file_name, file_sha256, data_date, loaded_by, report) "
        "VALUES (%s, %s, %s, %s, %s, %s, '{}') RETURNING id",
        [
            request.layer.id,
            mode,
            _file_names(request),
            digest,
            request.data_date,
            request.loaded_by or getpass.getuser(),
        ],
    ).fetchone()
    assert row is not None  # noqa: S101 - RETURNING answers one row
    return int(row[0])


def _file_names(request: LoadRequest) -> str:
    return "、".join(path.name for path in request.paths)


def _keep_coverage(connection: Connection, request: LoadRequest, path: Path, town: Municipality, load_id: int) -> None:
    """Store the area in which "no feature" means "no", read from any vector file of polygons."""
    parts: list[shapely.Geometry] = []
    for table in open_source(path, encoding=request.encoding):
        placement = place(table.crs, request.declared, town, table.source)
        moved, lost = placement.transformation.apply(table.geometry)
        if lost.any():
            raise LoadRefusedError(f"{path.name} の整備範囲に、位置を変換できない図形があります。")
        parts.extend(shape for shape in moved if shape is not None)
    union = shapely.union_all([shapely.make_valid(part) for part in parts])
    polygons = [part for part in shapely.get_parts(union) if part.geom_type == "Polygon"]
    if not polygons:
        raise LoadRefusedError(f"{path.name} に整備範囲を示すポリゴンがありません。")
    connection.execute(
        "INSERT INTO onomap.coverages (layer, load_id, geom) VALUES (%s, %s, ST_Multi(ST_GeomFromWKB(%s, %s)))",
        [request.layer.id, load_id, shapely.MultiPolygon(polygons).wkb, town.srid],
    )


def _close_load(connection: Connection, load_id: int, superseded: list[int], report: LoadReport) -> None:
    connection.execute(
        "UPDATE onomap.loads SET superseded_by = %s, superseded_at = now() WHERE id = ANY(%s)", [load_id, superseded]
    )
    connection.execute("DELETE FROM onomap.unplaced_sheets WHERE load_id = ANY(%s)", [superseded])
    connection.execute(
        "UPDATE onomap.loads SET report = %s, added_error_m = %s WHERE id = %s",
        [Jsonb(report.as_json()), report.added_error_m, load_id],
    )
    statement = sql.SQL("COPY onomap.load_rows (load_id, outcome, source, ref, reason, content) FROM STDIN")
    with connection.cursor().copy(statement) as copy:
        for outcome, rows in (
            ("rejected", report.rejected_rows),
            ("repaired", report.repaired_rows),
            ("set_aside", report.set_aside_rows),
        ):
            for source, note in rows:
                copy.write_row((load_id, outcome, source, note.ref, note.reason, Jsonb(jsonable(note.content))))


def jsonable(content: "dict[str, object] | object") -> dict[str, object]:
    """Row content with everything that JSON does not know written as text."""
    items = dict(content) if isinstance(content, dict) else {}
    return {
        str(name): value if value is None or isinstance(value, (bool, int, str)) else str(value)
        for name, value in items.items()
    }
