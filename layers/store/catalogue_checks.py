"""What must hold between the parts of a layer: names, codes, themes and legend agree."""

import re
import unicodedata
from collections.abc import Collection, Iterable, Mapping
from string import Formatter

from sqlalchemy.dialects.postgresql.base import RESERVED_WORDS

from gis.map_symbols import LINE_PATTERNS, MARKERS, PATTERNS
from layers.store.definitions import (
    FieldType,
    GeometryKind,
    Layer,
    LayerField,
    LegendEntry,
    RasterContent,
    RasterValues,
    Theme,
    ThemeTest,
)
from layers.store.individual_numbers import is_forbidden_name
from layers.store.toml_table import CatalogueError, TomlTable

IDENTIFIER = re.compile(r"[a-z][a-z0-9_]{0,39}")
RESERVED_COLUMNS = frozenset(
    {
        "fid",
        "load_id",
        "valid_from",
        "valid_to",
        "version",
        "geom",
        "geom_3857",
        "content_hash",
        "area_m2",
        "labelled_elsewhere",
        "merged_rows",
    }
)
MEASURES: Mapping[ThemeTest, frozenset[str]] = {
    ThemeTest.NEAREST: frozenset({"distance_m"}),
    ThemeTest.ADJACENCY: frozenset({"width", "width_class"}),
    ThemeTest.COUNT: frozenset({"count"}),
    ThemeTest.LENGTH: frozenset({"length_m"}),
}
"""What the question engine puts into a label beside the layer's own columns."""
_COLOUR = re.compile(r"#[0-9A-Fa-f]{6}")
_BOOLEAN_CODES = frozenset({"true", "false"})
_MAX_ZOOM = 24
_NEEDS_DISTANCE = frozenset({ThemeTest.COUNT, ThemeTest.ADJACENCY})
_READS_PARCEL_KEY = frozenset({ThemeTest.PARCEL_LIST, ThemeTest.PARCEL_STATUS})


def check_identifier(name: str, table: TomlTable, place: str) -> None:
    """Raises CatalogueError when a name cannot be a table, column or URL part as it stands, without quotes."""
    if not IDENTIFIER.fullmatch(name):
        raise table.error(place, f"の {name} は、英小文字で始まる英小文字・数字・_ の40字以内にしてください。")
    if name in RESERVED_WORDS:
        raise table.error(place, f"の {name} は SQL の言葉なので、別の名前にしてください。")


def check_layer(layer: Layer, table: TomlTable) -> None:
    """Raises CatalogueError for the first thing in a layer that does not hold together."""
    fields = {field.name: field for field in layer.fields}
    if len(fields) != len(layer.fields):
        raise table.error("[[field]]", "に同じ name が二度あります。")
    _check_sources(layer, table)
    for field in layer.fields:
        _check_field(field, table)
    _check_names(table, "key", layer.key, fields)
    _check_names(table, "[zoom] の label", [layer.label_field] if layer.label_field else [], fields)
    if not 0 <= layer.min_zoom <= layer.max_zoom <= _MAX_ZOOM:
        raise table.error("[zoom]", f"の min と max は 0〜{_MAX_ZOOM} で、min を max 以下にしてください。")
    _check_overview(layer, fields, table)
    if layer.update_cycle_days < 1:
        raise table.error("[update] の cycle_days", "には1以上の日数を書いてください。")
    _check_raster(layer.geometry, layer.raster, table)
    _check_publication(layer, fields, table)
    for theme in layer.themes:
        _check_theme(theme, layer, table)
    for entry in layer.legend:
        _check_legend_entry(entry, fields, table)


def _check_overview(layer: Layer, fields: dict[str, LayerField], table: TomlTable) -> None:
    if layer.overview is None:
        return
    _check_names(table, "[zoom.overview] の by", layer.overview.by, fields)
    if layer.geometry is not GeometryKind.POLYGON or not layer.overview.by:
        raise table.error("[zoom.overview]", "は面のレイヤーに、まとめる列（by）を付けて書いてください。")
    if not 0 <= layer.overview.min_zoom < layer.min_zoom:
        raise table.error("[zoom.overview] の min", "は [zoom] の min より小さくしてください。")


def _check_publication(layer: Layer, fields: dict[str, LayerField], table: TomlTable) -> None:
    publication = layer.publication
    if publication is None:
        return
    _check_names(table, "[publication] の columns", publication.columns, fields)
    _check_names(table, "[publication] の other_numbers", publication.other_numbers, fields)
    if publication.smallest_group < 2:
        raise table.error("[publication] の smallest_group", "には2以上の人数を書いてください。")
    count = publication.count_field
    if count is not None and (count not in publication.columns or fields[count].type is not FieldType.INTEGER):
        raise table.error("[publication] の count_field", "は columns にある整数の列にしてください。")


def _check_raster(geometry: GeometryKind, raster: RasterContent | None, table: TomlTable) -> None:
    if (raster is not None) != (geometry is GeometryKind.RASTER):
        raise table.error("[raster]", 'という表は、geometry が "Raster" のレイヤーにだけ、必ず書いてください。')
    if raster is None:
        return
    is_measure = raster.values is not RasterValues.PICTURE
    if is_measure and raster.unit != "m":
        raise table.error("[raster] の unit", f'は、values が {raster.values} のときは "m" にしてください。')
    if raster.classes and not is_measure:
        raise table.error("[[raster.class]]", "は、values が picture のレイヤーには書けません。")
    if raster.values is RasterValues.DEPTH and not raster.classes:
        raise table.error("[[raster.class]]", "がありません。values が depth のときは深さの区分と色を書いてください。")
    least = [entry.least for entry in raster.classes]
    if sorted(set(least)) != least:
        raise table.error("[[raster.class]] の least", "は小さい順に、同じ値を二度使わずに書いてください。")
    for entry in raster.classes:
        if not _COLOUR.fullmatch(entry.fill):
            raise table.error(f"[[raster.class]]（{entry.label}） の fill", "は #RRGGBB の形の色にしてください。")


def _check_sources(layer: Layer, table: TomlTable) -> None:
    """A column of a file feeds one field only; names are compared as the loader does, in any width or case."""
    owners: dict[str, str] = {}
    for field in layer.fields:
        for source in dict.fromkeys((field.name, field.label, *field.sources)):
            owner = owners.setdefault(unicodedata.normalize("NFKC", source).strip().casefold(), field.name)
            if owner != field.name:
                raise _in_field(table, field, "sources", f"・name・label のうち {source} は {owner} にもあります。")


def _check_field(field: LayerField, table: TomlTable) -> None:
    check_identifier(field.name, table, f"[[field]]（{field.name}） の name")
    if field.name in RESERVED_COLUMNS:
        raise _in_field(table, field, "name", "はしくみが使う列名なので、別の名前にしてください。")
    if any(is_forbidden_name(name) for name in (field.name, field.label, *field.sources)):
        raise _in_field(table, field, "name", "はマイナンバー（個人番号）の列なので、地図には入れられません。")
    if field.codes:
        _check_codes(field, table)
    for key, values in (("recode", field.recode), ("implied", field.implied)):
        unknown = [code for code in values.values() if field.codes and code not in field.codes]
        if unknown:
            raise _in_field(table, field, key, f"の {unknown[0]} は codes にありません。")


def _check_codes(field: LayerField, table: TomlTable) -> None:
    if field.type is FieldType.INTEGER and not all(re.fullmatch(r"-?\d+", code) for code in field.codes):
        raise _in_field(table, field, "codes", "の値は、type が integer なので整数にしてください。")
    if field.type is FieldType.BOOLEAN and not set(field.codes) <= _BOOLEAN_CODES:
        raise _in_field(table, field, "codes", "の値は、type が boolean なので true と false にしてください。")
    if field.type in {FieldType.NUMBER, FieldType.DATE}:
        raise _in_field(table, field, "codes", f"は type が {field.type} の列には付けられません。")


def _check_theme(theme: Theme, layer: Layer, table: TomlTable) -> None:
    fields = {field.name: field for field in layer.fields}
    place = f"[[theme]]（{theme.id}） の"
    check_identifier(theme.id, table, f"{place} id")
    _check_names(table, f"{place} group_by", theme.group_by, fields)
    _check_names(table, f"{place} show", theme.show, fields)
    _check_rank(theme, fields, table, place)
    for name, codes in theme.where.items():
        _check_names(table, f"{place} where", [name], fields)
        for code in codes:
            _check_code(table, f"{place} where", fields[name], code)
    known = {*fields, *MEASURES.get(theme.test, ())}
    for key, label in (("label_applies", theme.label_applies), ("label_not", theme.label_not)):
        _check_names(table, f"{place} {key}", _placeholders(label, table, f"{place} {key}"), known)
    if theme.sliver_share > 1:
        raise table.error(f"{place} sliver_share", "は0〜1の割合で書いてください。")
    if theme.test in _NEEDS_DISTANCE and theme.distance_m is None:
        raise table.error(
            f"{place} distance_m", f"がありません。test が {theme.test} のときは距離（m）を書いてください。"
        )
    if theme.test in _READS_PARCEL_KEY and "parcel_key" not in fields:
        raise table.error(f"{place} test", f"を {theme.test} にするには、parcel_key という列が要ります。")
    if layer.geometry in {GeometryKind.RASTER, GeometryKind.NONE} and theme.test not in _READS_PARCEL_KEY:
        raise table.error(f"{place} test", f"の {theme.test} は、図形のないレイヤーでは使えません。")


def _check_rank(theme: Theme, fields: dict[str, LayerField], table: TomlTable, place: str) -> None:
    if theme.width_field is not None:
        _check_names(table, f"{place} width_field", [theme.width_field], fields)
        if fields[theme.width_field].type is not FieldType.NUMBER:
            raise table.error(f"{place} width_field", f"の {theme.width_field} は type が number の列にしてください。")
    if theme.rank_by is None:
        if theme.rank_order:
            raise table.error(f"{place} rank_by", "がないのに rank_order があります。")
        return
    _check_names(table, f"{place} rank_by", [theme.rank_by], fields)
    for code in theme.rank_order:
        _check_code(table, f"{place} rank_order", fields[theme.rank_by], code)


def _check_legend_entry(entry: LegendEntry, fields: dict[str, LayerField], table: TomlTable) -> None:
    place = f"[[legend]]（{entry.label}） の"
    for name, code in entry.values.items():
        _check_names(table, f"{place} when", [name], fields)
        _check_code(table, f"{place} when", fields[name], code)
    for key, colour in (("fill", entry.fill), ("line", entry.line)):
        if colour is not None and not _COLOUR.fullmatch(colour):
            raise table.error(f"{place} {key}", "は #RRGGBB の形の色にしてください。")
    if entry.fill is None and entry.line is None:
        raise table.error(f"{place} fill", "か line のどちらかに色を書いてください。")
    _check_known(table, f"{place} pattern", entry.pattern, [*PATTERNS, *LINE_PATTERNS])
    _check_known(table, f"{place} icon", entry.icon, [*MARKERS])


def _check_known(table: TomlTable, place: str, name: str | None, known: list[str]) -> None:
    if name is not None and name not in known:
        raise table.error(place, f"は {'・'.join(known)} のどれかにしてください。")


def _check_code(table: TomlTable, place: str, field: LayerField, code: str) -> None:
    known = _BOOLEAN_CODES if field.type is FieldType.BOOLEAN else field.codes.keys()
    if code not in known:
        raise table.error(place, f"の {field.name} = {code} は、その列の codes にありません。")


def _check_names(table: TomlTable, place: str, names: Iterable[str], known: Collection[str]) -> None:
    for name in names:
        if name not in known:
            raise table.error(place, f"の {name} という列は、このレイヤーにありません。")


def _placeholders(label: str, table: TomlTable, place: str) -> list[str]:
    try:
        return [name for _, name, _, _ in Formatter().parse(label) if name is not None]
    except ValueError as error:
        raise table.error(place, "の { } は、{列名} の形にしてください。") from error


def _in_field(table: TomlTable, field: LayerField, key: str, what: str) -> CatalogueError:
    return table.error(f"[[field]]（{field.name}） の {key}", what)
