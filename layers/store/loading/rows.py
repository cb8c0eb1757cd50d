"""Rows of one file made ready for a layer: mapped, repaired, placed and checked; what does not pass is noted, never lost."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

from gis.formats.table import RowNote, SourceTable
from gis.validity import as_multi, misfits, repair
from layers.store.definitions import GeometryKind, Layer
from layers.store.errors import LoadRefusedError
from layers.store.loading.derive import derive
from layers.store.loading.fields import empty_column, match_columns, read_column
from layers.store.loading.positions import Placement
from layers.store.loading.report import LoadReport


@dataclass(frozen=True)
class ReadyRows:
    """Rows that may be stored: field columns in the layer's order, geometry in the town's plane CRS (or None), and
    `area_m2` measured in the file's own plane coordinates where it has some."""

    columns: dict[str, list[object]]
    geometry: NDArray[np.object_]
    area_m2: NDArray[np.float64] | None
    refs: list[str]

    def __len__(self) -> int:
        return len(self.refs)


def content_of(table: SourceTable, index: int) -> dict[str, object]:
    """One row as the file has it."""
    return {name: values[index] for name, values in table.columns.items()}


def _keep(table: SourceTable, keep: NDArray[np.bool_]) -> SourceTable:
    if keep.all():
        return table
    indices = np.flatnonzero(keep)
    return SourceTable(
        source=table.source,
        columns={name: [values[i] for i in indices] for name, values in table.columns.items()},
        geometry=table.geometry[indices],
        crs=table.crs,
        refs=[table.refs[i] for i in indices],
    )


def _reject(table: SourceTable, reasons: dict[int, str], report: LoadReport) -> SourceTable:
    if not reasons:
        return table
    keep = np.ones(len(table.refs), dtype=bool)
    for index, reason in sorted(reasons.items()):
        report.rejected_rows.append((table.source, RowNote(table.refs[index], reason, content_of(table, index))))
        keep[index] = False
    return _keep(table, keep)


def _map_fields(layer: Layer, table: SourceTable, report: LoadReport) -> tuple[SourceTable, dict[str, list[object]]]:
    matches = match_columns(layer, list(table.columns))
    _require_something(layer, table, matches)
    columns, problems = read_fields(layer, table, matches, report)
    if problems:
        keep = [i for i in range(len(table.refs)) if i not in problems]
        columns = {name: [values[i] for i in keep] for name, values in columns.items()}
    return _reject(table, problems, report), columns


def read_fields(
    layer: Layer, table: SourceTable, matches: dict[str, str], report: LoadReport
) -> tuple[dict[str, list[object]], dict[int, str]]:
    """Every field of the layer read from its column, and for rows that lack a required one, why.

    An optional value that cannot be read is left empty, and the row is told among the repaired ones.
    """
    columns: dict[str, list[object]] = {}
    problems: dict[int, str] = {}
    left_out: dict[int, list[str]] = {}
    for field in layer.fields:
        name = matches.get(field.name)
        column = empty_column(field, len(table.refs)) if name is None else read_column(field, table.columns[name])
        columns[field.name] = column.values
        for index, problem in column.problems.items():
            problems[index] = f"{problems[index]}、{problem}" if index in problems else problem
        for index, problem in column.left_out.items():
            left_out.setdefault(index, []).append(problem)
    for index, texts in sorted(left_out.items()):
        if index not in problems:
            reason = f"{'、'.join(texts)}（空欄にしました）"
            report.repaired_rows.append((table.source, RowNote(table.refs[index], reason, content_of(table, index))))
    derive(layer, columns)
    return columns, problems


def _require_something(layer: Layer, table: SourceTable, matches: dict[str, str]) -> None:
    missing = [field for field in layer.fields if field.required and field.name not in matches]
    if missing:
        names = "、".join(f"{field.label}（{' または '.join((field.name, *field.sources))}）" for field in missing)
        raise LoadRefusedError(f"{table.source} に {layer.title} に必要な列がありません: {names}。")
    if layer.fields and not matches:
        seen = "、".join(list(table.columns)[:12]) or "なし"
        raise LoadRefusedError(f"{table.source} には {layer.title} の列が一つもありません（ファイルの列: {seen}）。")


def wrong_shapes(layer: Layer, geometry: NDArray[np.object_]) -> dict[int, str]:
    """Rows whose shape the layer cannot hold, and why."""
    if layer.geometry is GeometryKind.NONE:
        return {}
    missing = shapely.is_missing(geometry)
    reasons = {} if may_lack_geometry(layer) else {int(i): "図形がありません" for i in np.flatnonzero(missing)}
    empty = shapely.is_empty(geometry)
    for index in np.flatnonzero(misfits(geometry, layer.geometry.value) & ~empty):
        kind = geometry[index].geom_type
        reasons[int(index)] = f"図形の種類が違います（{kind} は {layer.geometry.value} のレイヤに入りません）"
    return reasons


def may_lack_geometry(layer: Layer) -> bool:
    """Whether rows may be entries of a list that have no place: a layer that is asked about by parcel number."""
    return any(theme.test == "parcel_list" for theme in layer.themes)


def _repair(table: SourceTable, report: LoadReport, *, in_metres: bool) -> tuple[SourceTable, dict[int, str]]:
    repaired, reasons, rejected = repair(table.geometry, in_metres=in_metres)
    refused = {int(i): reasons[i] or "図形が壊れています" for i in np.flatnonzero(rejected)}
    for index, reason in enumerate(reasons):
        if reason is not None and index not in refused:
            report.repaired_rows.append((table.source, RowNote(table.refs[index], reason, {})))
    return (
        SourceTable(table.source, table.columns, repaired, table.crs, table.refs),
        refused,
    )


def ready_rows(layer: Layer, table: SourceTable, placement: Placement, report: LoadReport) -> ReadyRows:
    """Map, repair and place the rows of `table`; rejected and repaired rows go to `report` with their reasons."""
    if layer.geometry is not GeometryKind.NONE and not shapely.is_missing(table.geometry).all():
        table, refused = _repair(table, report, in_metres=placement.measures_in_metres)
        table = _reject(table, refused, report)
    table = _reject(table, wrong_shapes(layer, table.geometry), report)
    table, columns = _map_fields(layer, table, report)
    areas = areas_of(layer, table.geometry) if placement.measures_in_metres else None
    moved, lost = placement.transformation.apply(table.geometry)
    if lost.any():
        reasons = {int(i): "地殻変動・測地系の格子に値がなく、位置を変換できません" for i in np.flatnonzero(lost)}
        columns = _without(columns, reasons)
        areas = None if areas is None else areas[~lost]
        moved = moved[~lost]
        table = _reject(table, reasons, report)
    if layer.geometry is GeometryKind.NONE:
        return ReadyRows(columns, np.full(len(table.refs), None, dtype=object), None, table.refs)
    if not placement.transformation.steps:
        return _cast(layer, columns, moved, areas, table.refs)
    return _finish(layer, table, columns, moved, areas, report)


def _finish(
    layer: Layer,
    table: SourceTable,
    columns: dict[str, list[object]],
    moved: NDArray[np.object_],
    areas: NDArray[np.float64] | None,
    report: LoadReport,
) -> ReadyRows:
    """Moving can make a hair-thin ring cross itself: check once more after it, in the town's plane."""
    if layer.geometry is GeometryKind.POLYGON and not shapely.is_valid(moved[~shapely.is_missing(moved)]).all():
        moved, reasons, rejected = repair(moved, in_metres=True)
        refused = {int(i): reasons[i] or "図形が壊れています" for i in np.flatnonzero(rejected)}
        if refused:
            columns = _without(columns, refused)
            areas = None if areas is None else areas[~rejected]
            moved = moved[~rejected]
            table = _reject(table, refused, report)
    return _cast(layer, columns, moved, areas, table.refs)


def _cast(
    layer: Layer,
    columns: dict[str, list[object]],
    moved: NDArray[np.object_],
    areas: NDArray[np.float64] | None,
    refs: list[str],
) -> ReadyRows:
    shapes = as_multi(moved, layer.geometry.value)
    return ReadyRows(columns, shapes, areas_of(layer, shapes) if areas is None else areas, refs)


def _without(columns: dict[str, list[object]], rows: Iterable[int]) -> dict[str, list[object]]:
    gone = set(rows)
    return {name: [v for i, v in enumerate(values) if i not in gone] for name, values in columns.items()}


def areas_of(layer: Layer, geometry: NDArray[np.object_]) -> NDArray[np.float64] | None:
    """Areas of polygons in the square of their unit, NaN without a geometry; None for a layer that keeps no areas."""
    if layer.geometry is not GeometryKind.POLYGON:
        return None
    areas: NDArray[np.float64] = shapely.area(geometry)
    return areas
