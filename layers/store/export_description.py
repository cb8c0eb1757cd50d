"""What an exported file says of itself: its columns with labels and codes, where it comes from, and what it is not."""

from datetime import datetime
from zoneinfo import ZoneInfo

from gis.crs import describe
from gis.formats.writing.outgoing import FID, VERSION, Column, ColumnType, Fact, Outgoing, Style
from layers.store.database import Connection
from layers.store.definitions import Layer, LayerField
from layers.store.readable import Readable
from layers.store.row_stream import has_geometry
from layers.store.selection import Selection

FICTITIOUS = "架空のデータ（実在の土地・施設ではない見本）"
_JST = ZoneInfo("Asia/Tokyo")


def outgoing(connection: Connection, store: Readable, selection: Selection, srid: int) -> Outgoing:
    """The description of the selected rows in EPSG:`srid`, as of the transaction's snapshot."""
    layer = selection.layer
    shown = {field.name for field in selection.fields}
    return Outgoing(
        name=layer.id,
        title=layer.title,
        columns=(
            Column(FID, ColumnType.INTEGER, "行の番号"),
            Column(VERSION, ColumnType.INTEGER, "行の版"),
            *map(_column, selection.fields),
        ),
        shape=layer.geometry.value if has_geometry(selection) else None,
        epsg=srid,
        facts=_facts(connection, store, selection, srid),
        styles=_styles(layer, shown),
        label_column=layer.label_field if layer.label_field in shown else None,
    )


def _column(field: LayerField) -> Column:
    return Column(field.name, ColumnType(field.type.value), field.label, field.unit, field.codes)


def _styles(layer: Layer, shown: set[str]) -> tuple[Style, ...]:
    """The legend rows that the shown columns can tell apart."""
    return tuple(
        Style(entry.label, entry.values, entry.fill, entry.line, entry.width)
        for entry in layer.legend
        if set(entry.values) <= shown
    )


def _facts(connection: Connection, store: Readable, selection: Selection, srid: int) -> tuple[Fact, ...]:
    layer, town = selection.layer, store.town
    dates = store.dates(connection, selection.as_of).get(layer.id)
    data_date = dates.data_date if dates is not None else None
    moment = selection.as_of or _now(connection)
    return (
        *([Fact("notice", "ご注意", FICTITIOUS)] if town.fictitious else []),
        Fact("title", "名称", layer.title),
        Fact("municipality", "市町村", town.full_name),
        Fact("description", "説明", layer.description),
        Fact("department", "担当課", layer.department),
        Fact("source", "原典", layer.source_name),
        Fact("licence", "利用条件", layer.source_licence),
        Fact("attribution", "出典の表示", layer.attribution),
        Fact("data_date", "データの日付", data_date.isoformat() if data_date is not None else "記載なし"),
        Fact("as_of", "この内容の時点", moment.astimezone(_JST).isoformat(timespec="seconds")),
        Fact("accuracy", "位置の精度", f"{layer.accuracy_m:g} m（{layer.accuracy_basis}）"),
        Fact("coordinate_system", "座標系", f"{describe(srid).name}（EPSG:{srid}）"),
    )


def _now(connection: Connection) -> datetime:
    row = connection.execute("SELECT now()").fetchone()
    assert row is not None  # noqa: S101 - a SELECT without FROM has one row
    moment: datetime = row[0]
    return moment
