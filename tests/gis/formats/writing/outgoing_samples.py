"""Rows for the writers: every type, every shape, what hostile people type, and what a town's clerks type."""

from collections.abc import Sequence
from datetime import date

import pyarrow as pa
import shapely
from shapely.geometry.base import BaseGeometry

from gis.formats.writing.outgoing import FID, GEOMETRY, VERSION, Column, ColumnType, Fact, Outgoing, Style

COLUMNS = (
    Column(FID, ColumnType.INTEGER, "行の番号"),
    Column(VERSION, ColumnType.INTEGER, "行の版"),
    Column("facility_name", ColumnType.TEXT, "名称"),
    Column("facility_name_kana", ColumnType.TEXT, "名称カナ"),
    Column("rank", ColumnType.INTEGER, "浸水深ランク", codes={"1": "0.5m未満", "2": "0.5〜3m"}),
    Column("area", ColumnType.NUMBER, "面積", unit="㎡"),
    Column("open_all_day", ColumnType.BOOLEAN, "終日", codes={"true": "はい", "false": "いいえ"}),
    Column("designated_on", ColumnType.DATE, "指定年月日"),
)
FACTS = (
    Fact("notice", "ご注意", "架空のデータ（実在の土地・施設ではない見本）"),
    Fact("title", "名称", "見本 & <試験>"),
    Fact("licence", "利用条件", "CC BY 4.0"),
    Fact("attribution", "出典の表示", "小野町"),
    Fact("data_date", "データの日付", "2026-04-01"),
)
STYLES = (
    Style("浅い", {"rank": "1"}, "#F7F5A9", "#7A7700", 1.0),
    Style("ほか", {}, None, "#333333", 2.0),
)

HOSTILE = (
    "=1+1",
    "+81-247-72-2111",
    "-1+1|calc",
    "@SUM(A1)",
    "\t=1+1",
    "\r=1+1",
    "'=1+1",
    "-12.5",
    "−5",
    "＝1+1",
    '"quoted", and, commas',
    "一行目\n二行目\r\n三行目",
    " spaces at both ends ",
    "<b>&amp;</b>]]>",
    "𠮷野家 🏯",
    "髙﨑 ①㈱ 〜～ ─ ∥ ￢ ソ表能",
    "001",
    "NULL",
    "'",
    "；；",
)
SHAPES: dict[str, tuple[BaseGeometry, ...]] = {
    "Point": (shapely.Point(140.6261, 37.2864), shapely.Point(-0.000000123, 37.3)),
    "MultiLineString": (
        shapely.MultiLineString([[(140.62, 37.28), (140.63, 37.29)]]),
        shapely.MultiLineString([[(140.6, 37.2), (140.61, 37.21)], [(140.62, 37.22), (140.63, 37.23), (140.64, 37.2)]]),
    ),
    "MultiPolygon": (
        shapely.MultiPolygon([shapely.box(140.62, 37.28, 140.63, 37.29)]),
        shapely.MultiPolygon(
            [
                shapely.Polygon(shapely.box(0, 0, 9, 9).exterior, [shapely.box(2, 2, 4, 4).exterior]),
                shapely.Polygon(shapely.box(20, 0, 29, 9, ccw=False).exterior),
            ]
        ),
    ),
}
Row = tuple[object, ...]


def outgoing(shape: str | None = "Point", epsg: int = 4326) -> Outgoing:
    return Outgoing("sample", "見本 & <試験>", COLUMNS, shape, epsg, FACTS, STYLES, "facility_name")


def rows(texts: Sequence[str | None] = ("小野公民館", None)) -> list[Row]:
    """One row a text, the other columns full in turn with empty."""
    return [
        (
            number,
            1,
            text,
            "オノマチ" if number % 2 else None,
            number % 3 or None,
            -1234.5678 * number if number % 2 else None,
            number % 2 == 0 if number % 3 else None,
            date(2026, 4, number % 28 + 1) if number % 2 else None,
        )
        for number, text in enumerate(texts, start=1)
    ]


def batches(sheet: Outgoing, values: Sequence[Row], shapes: Sequence[BaseGeometry | None] = ()) -> list[pa.RecordBatch]:
    """Two batches, so that what happens between batches is seen; the sample shapes in turn where none are given."""
    if sheet.shape is not None and not shapes:
        known = SHAPES[sheet.shape]
        shapes = [known[number % len(known)] for number in range(len(values))]
    columns = [
        pa.array(column, field.type) for column, field in zip(zip(*values, strict=True), sheet.schema, strict=False)
    ]
    if sheet.shape is not None:
        columns.append(pa.array([None if shape is None else shapely.to_wkb(shape) for shape in shapes], pa.binary()))
    whole = pa.RecordBatch.from_arrays(columns, schema=sheet.schema)
    return [whole.slice(0, 1), whole.slice(1)]


__all__ = ["COLUMNS", "FACTS", "GEOMETRY", "HOSTILE", "SHAPES", "batches", "outgoing", "rows"]
