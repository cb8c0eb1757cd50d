"""The catalogue: every `layer.toml` read into a frozen `Layer`, or refused in one sentence."""

from collections.abc import Mapping
from dataclasses import replace
from enum import StrEnum
from pathlib import Path

from gis.relief import ColourClass
from layers.store.catalogue_checks import check_identifier, check_layer
from layers.store.definitions import (
    SMALLEST_GROUP,
    ColumnClass,
    FieldType,
    GeometryKind,
    Layer,
    LayerField,
    LegendEntry,
    Overview,
    Publication,
    RasterContent,
    RasterValues,
    Theme,
    ThemeTest,
)
from layers.store.toml_table import CatalogueError, TomlTable

CATALOG_FOLDER = Path(__file__).resolve().parents[1] / "catalog"
DEFINITION = "layer.toml"
READER = "source.py"

__all__ = ["CATALOG_FOLDER", "CatalogueError", "load_catalogue", "load_layer"]


class _Coverage(StrEnum):
    MUNICIPALITY = "municipality"
    GIVEN = "given"


class _Edition(StrEnum):
    REPLACE = "replace"
    ADD = "add"


def load_catalogue(folder: Path | None = None, *extra: Path) -> dict[str, Layer]:
    """All layers of `folder` (the shipped catalogue by default) and of the `extra` folders, by id, in legend order.

    A layer is a folder that holds a `layer.toml`; the folder's name is the layer's id. Raises CatalogueError.
    """
    layers: dict[str, Layer] = {}
    for root in (folder or CATALOG_FOLDER, *extra):
        for place in _layer_folders(root):
            layer = load_layer(place)
            if layer.id in layers:
                raise CatalogueError(f"レイヤー {layer.id} が二つのフォルダーにあります。片方の名前を変えてください。")
            layers[layer.id] = layer
    _check_theme_ids(layers)
    return dict(sorted(layers.items(), key=lambda item: (item[1].order, item[0])))


def load_layer(folder: Path) -> Layer:
    """The layer of one folder. Raises CatalogueError that names the file and the key."""
    table = TomlTable.of_file(folder / DEFINITION)
    check_identifier(folder.name, table, "フォルダー名")
    layer = replace(_layer(folder.name, table), reader=folder / READER if (folder / READER).is_file() else None)
    table.finish()
    check_layer(layer, table)
    return layer


def _layer_folders(root: Path) -> list[Path]:
    if not root.is_dir():
        raise CatalogueError(f"レイヤー定義のフォルダー {root.name} がありません。場所を確かめてください。")
    folders = [item for item in sorted(root.iterdir()) if item.is_dir() and _is_written(item)]
    for folder in folders:
        if not (folder / DEFINITION).is_file():
            raise CatalogueError(f"{folder.name} に {DEFINITION} がありません。書くか、フォルダーを消してください。")
    return folders


def _is_written(folder: Path) -> bool:
    """Whether a person has made the folder; Python leaves a `__pycache__` in the folder of a layer that was removed."""
    left_behind = [item.name for item in folder.iterdir()] == ["__pycache__"]
    return not folder.name.startswith(("_", ".")) and not left_behind


def _check_theme_ids(layers: Mapping[str, Layer]) -> None:
    owners: dict[str, str] = {}
    for layer in layers.values():
        for theme in layer.themes:
            if theme.id in owners:
                raise CatalogueError(
                    f"{layer.id}/{DEFINITION} の [[theme]] の id {theme.id} は {owners[theme.id]}/{DEFINITION} でも"
                    "使われています。別の名前にしてください。"
                )
            owners[theme.id] = layer.id


def _layer(layer_id: str, table: TomlTable) -> Layer:
    source, accuracy = table.table("source"), table.table("accuracy")
    update, zoom = table.table("update"), table.table("zoom")
    raster = _raster(table.table("raster")) if "raster" in table.names() else None
    department = table.text("department")
    layer = Layer(
        id=layer_id,
        title=table.text("title"),
        group=table.text("group"),
        department=department,
        geometry=table.choice("geometry", GeometryKind),
        description=table.text("description"),
        source_name=source.text("name"),
        source_licence=source.text("licence"),
        attribution=source.text("attribution"),
        accuracy_m=accuracy.number("horizontal_m"),
        accuracy_basis=accuracy.text("basis"),
        update_cycle_days=update.integer("cycle_days"),
        published=table.boolean("published"),
        min_zoom=zoom.integer("min"),
        max_zoom=zoom.integer("max"),
        label_field=zoom.optional_text("label"),
        coverage=table.choice("coverage", _Coverage).value,
        edition=table.choice("edition", _Edition, _Edition.REPLACE).value,
        key=table.texts("key"),
        fields=tuple(_field(item) for item in table.tables("field", "name")),
        themes=tuple(_theme(layer_id, department, item) for item in table.tables("theme", "id")),
        legend=tuple(_legend_entry(item) for item in table.tables("legend", "label")),
        order=table.integer("order", 100),
        overview=_overview(zoom),
        raster=raster,
        publication=_publication(table.table("publication")) if "publication" in table.names() else None,
    )
    for part in (source, accuracy, update, zoom):
        part.finish()
    return layer


def _overview(zoom: TomlTable) -> Overview | None:
    """The `[zoom.overview]` of a layer, where it has one."""
    if "overview" not in zoom.names():
        return None
    table = zoom.table("overview")
    overview = Overview(min_zoom=table.integer("min"), by=table.texts("by"))
    table.finish()
    return overview


def _publication(table: TomlTable) -> Publication:
    publication = Publication(
        columns=table.texts("columns"),
        about_people=table.boolean("about_people"),
        count_field=table.optional_text("count_field"),
        smallest_group=table.integer("smallest_group", SMALLEST_GROUP),
        other_numbers=table.texts("other_numbers"),
    )
    table.finish()
    return publication


def _field(table: TomlTable) -> LayerField:
    field = LayerField(
        name=table.text("name"),
        type=table.choice("type", FieldType),
        label=table.text("label"),
        unit=table.optional_text("unit"),
        column_class=table.choice("class", ColumnClass, ColumnClass.OWNER),
        codes=table.mapping("codes"),
        sources=table.texts("sources"),
        null_values=table.texts("null_values"),
        required=table.boolean("required", default=False),
        searchable=table.boolean("searchable", default=False),
        recode=table.mapping("recode"),
        implied=table.mapping("implied"),
    )
    table.finish()
    return field


def _theme(layer_id: str, department: str, table: TomlTable) -> Theme:
    where = table.table("where")
    theme = Theme(
        id=table.text("id"),
        layer=layer_id,
        title=table.text("title"),
        test=table.choice("test", ThemeTest),
        legal_basis=table.text("legal_basis"),
        department=table.optional_text("department") or department,
        label_applies=table.text("label_applies"),
        label_not=table.text("label_not"),
        group_by=table.texts("group_by"),
        rank_by=table.optional_text("rank_by"),
        rank_order=table.texts("rank_order"),
        sliver_m2=table.number("sliver_m2", 1.0),
        sliver_share=table.number("sliver_share", 0.0),
        distance_m=table.optional_number("distance_m"),
        where={name: where.texts(name) for name in where.names()},
        show=table.texts("show"),
        width_field=table.optional_text("width_field"),
        width_classes_m=table.numbers("width_classes_m"),
        note=table.optional_text("note"),
        order=table.integer("order", 100),
    )
    table.finish()
    return theme


def _raster(table: TomlTable) -> RasterContent:
    content = RasterContent(
        values=table.choice("values", RasterValues),
        unit=table.optional_text("unit"),
        no_data=table.numbers("no_data"),
        vertical_datum=table.optional_text("vertical_datum"),
        vertical_m=table.optional_number("vertical_m"),
        classes=tuple(_class(item) for item in table.tables("class", "label")),
    )
    table.finish()
    return content


def _class(table: TomlTable) -> ColourClass:
    found = ColourClass(least=table.number("least"), label=table.text("label"), fill=table.text("fill"))
    table.finish()
    return found


def _legend_entry(table: TomlTable) -> LegendEntry:
    entry = LegendEntry(
        label=table.text("label"),
        values=table.mapping("when"),
        fill=table.optional_text("fill"),
        line=table.optional_text("line"),
        width=table.number("width", 1.0),
        pattern=table.optional_text("pattern"),
        icon=table.optional_text("icon"),
        dashed=table.boolean("dashed", default=False),
        rank=table.integer("rank", 0),
    )
    table.finish()
    return entry
