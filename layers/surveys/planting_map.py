"""The planting map of a year: an index, and sheets at one exact scale on which every field shows its crops."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import shapely

from gis.map_frame import Bounds, Frame, MapSheetError, frame_around
from gis.map_symbols import FeatureStyle
from gis.mapsheet import Drawing, MapLayer, MapSheet, Subject, draw
from layers.store.database import Connection
from layers.store.definitions import Layer
from layers.store.instance import Store
from layers.store.nearby import RowQuery
from layers.surveys.crop_desk import UNKNOWN_OAZA, PlannedField
from layers.surveys.crop_errors import CropError

FRAME_WIDTH_MM, FRAME_HEIGHT_MM = 172.0, 150.0
INDEX_HEIGHT_MM = 120.0
MARGIN_MM = 10.0
MOST_SHEETS = 40
SCALES = (500, 1000, 2500, 5000, 10_000)
INDEX_SCALES = (5_000, 10_000, 25_000, 50_000, 75_000, 100_000, 150_000, 200_000, 300_000, 500_000)
UNPLANNED = FeatureStyle("計画なし", None, "#555555", 1.2, "dash")
_BACKGROUND = {
    "farmland": FeatureStyle("ほかの農地（筆ポリゴン）", None, "#C4C4C4", 0.6),
    "roads": FeatureStyle("道路", None, "#8C8C8C", 1.4),
}
_FAR_ROAD = FeatureStyle("道路", None, "#8C8C8C", 0.5)
PLANE = "平面直角座標系 第{zone}系（JGD2011）"
_ROMAN = ("", "I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX", "X", "XI", "XII", "XIII", "XIV", "XV", "XVI")
_ZONES = (*_ROMAN, "XVII", "XVIII", "XIX")


@dataclass(frozen=True)
class PlantingSheet:
    """One map with the words above it; the index has no fields."""

    drawing: Drawing
    caption: str
    fields: tuple[PlannedField, ...]


@dataclass
class _Group:
    """Fields of one 大字 that fit on one sheet."""

    oaza: str
    fields: list[PlannedField]
    bounds: Bounds


def planting_sheets(
    store: Store, fields: Sequence[PlannedField], scale: int, fonts: tuple[str, ...]
) -> list[PlantingSheet]:
    """The index (where there is more than one sheet) and the sheets, at 1/`scale`.

    Raises CropError without a planned field and for more than 40 sheets, MapSheetError for a field larger than a sheet.
    """
    if not any(one.plan.parts for one in fields):
        raise CropError("作付計画のある圃場がないため、作付図を作れません。年や絞り込みを変えてください。")
    groups = grouped(fields, scale)
    if len(groups) > MOST_SHEETS:
        raise CropError(
            f"縮尺 1/{scale:,} では図が {len(groups)} 枚になります（{MOST_SHEETS} 枚まで）。"
            "大字でしぼるか、縮尺の数字を大きくしてください。"
        )
    plane = PLANE.format(zone=_ZONES[store.town.plane_zone])
    with store.database.transaction(timeout_s=30.0) as connection:
        sheets = []
        for number, group in enumerate(groups, start=1):
            frame = _frame(group.bounds, scale)
            layers = (*_background(store, connection, frame, _BACKGROUND), crop_layer(group.fields))
            drawing = draw(MapSheet(frame, (), layers, plane, fonts, subject_legend=""))
            caption = f"図{number}　{group.oaza}（{len(group.fields)}圃場）"
            sheets.append(PlantingSheet(drawing, caption, tuple(group.fields)))
        index = [_index(store, connection, groups, plane, fonts, scale)] if len(groups) > 1 else []
    return [*index, *sheets]


def grouped(fields: Sequence[PlannedField], scale: int) -> list[_Group]:
    """Fields by 大字, each joining the first group in whose sheet it still fits; from north to south."""
    width, height = ((side - 2 * MARGIN_MM) * scale / 1000 for side in (FRAME_WIDTH_MM, FRAME_HEIGHT_MM))
    groups: list[_Group] = []
    for one in sorted(fields, key=_from_the_north):
        bounds, oaza = one.ground.geometry.bounds, one.ground.oaza or UNKNOWN_OAZA
        for group in groups:
            joined = _joined(group.bounds, bounds)
            if group.oaza == oaza and joined[2] - joined[0] <= width and joined[3] - joined[1] <= height:
                group.fields.append(one)
                group.bounds = joined
                break
        else:
            groups.append(_Group(oaza, [one], bounds))
    return groups


def _from_the_north(one: PlannedField) -> tuple[str, float, float]:
    west, _, _, north = one.ground.geometry.bounds
    return one.ground.oaza or "\uffff", -north, west


def _joined(one: Bounds, other: Bounds) -> Bounds:
    return (min(one[0], other[0]), min(one[1], other[1]), max(one[2], other[2]), max(one[3], other[3]))


def _frame(bounds: Bounds, scale: int) -> Frame:
    return frame_around(bounds, FRAME_WIDTH_MM, FRAME_HEIGHT_MM, (scale,), margin_mm=4.0)


def crop_layer(fields: Sequence[PlannedField]) -> MapLayer:
    """The fields in the look of their largest part, each with the short names of all its crops written on it."""
    order = sorted(fields, key=lambda one: bool(one.plan.parts))
    return MapLayer(
        "crops",
        "作付計画",
        np.array([one.ground.geometry for one in order], dtype=object),
        tuple(style_of(one) for one in order),
        tuple(short_names(one) or None for one in order),
        "面積はRTK測位または筆ポリゴンによる。",
    )


def style_of(one: PlannedField) -> FeatureStyle:
    """The look of the largest part; a dashed outline for a field without a plan."""
    largest = max(one.parts, key=lambda part: part.area_m2, default=None)
    return UNPLANNED if largest is None else largest.crop.style


def short_names(one: PlannedField) -> str:
    """What is written on a field: its crops, the largest first, 稲・豆."""
    ordered = sorted(one.parts, key=lambda part: -part.area_m2)
    return "・".join(dict.fromkeys(part.crop.short for part in ordered))


def _background(
    store: Store, connection: Connection, frame: Frame, styles: Mapping[str, FeatureStyle]
) -> Iterator[MapLayer]:
    """Layers in thin lines, as far as they are on the sheet."""
    for name, style in styles.items():
        layer = store.catalogue.get(name)
        if layer is not None:
            yield _lines(connection, layer, style, frame, store.town.srid)


def _lines(connection: Connection, layer: Layer, style: FeatureStyle, frame: Frame, srid: int) -> MapLayer:
    query = RowQuery(connection, layer, srid, columns=frozenset())
    rows = query.touching(np.array([frame.bounds], dtype=np.float64)).rows()
    count = len(rows)
    return MapLayer(layer.id, layer.title, rows.geometry, (style,) * count, (None,) * count, layer.attribution)


def _index(
    store: Store, connection: Connection, groups: Sequence[_Group], plane: str, fonts: tuple[str, ...], scale: int
) -> PlantingSheet:
    """Where the sheets lie, numbered, at the largest scale that holds them all."""
    frames = [_frame(group.bounds, scale).bounds for group in groups]
    whole = shapely.total_bounds([shapely.box(*bounds) for bounds in frames]).tolist()
    frame = frame_around((whole[0], whole[1], whole[2], whole[3]), FRAME_WIDTH_MM, INDEX_HEIGHT_MM, INDEX_SCALES)
    subjects = tuple(Subject(str(number), shapely.box(*bounds)) for number, bounds in enumerate(frames, start=1))
    layers = tuple(_background(store, connection, frame, {"roads": _FAR_ROAD}))
    drawing = draw(MapSheet(frame, subjects, layers, plane, fonts, "図の範囲（番号は図の番号）", "#1f2933"))
    return PlantingSheet(drawing, f"索引図　図1〜図{len(groups)}の範囲", ())


def require_scale(scale: int) -> None:
    """Raises MapSheetError for a scale that is not offered."""
    if scale not in SCALES:
        offered = "、".join(f"1/{one:,}" for one in SCALES)
        raise MapSheetError(f"縮尺は {offered} から選んでください。")
