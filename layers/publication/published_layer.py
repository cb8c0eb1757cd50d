"""A layer as the public side knows it: only what its `layer.toml` whitelists, and of that only what is of class public.

Nothing of a column that stays inside goes along: not its name, not a legend row that reads it, not a theme that asks it.
"""

import json
from dataclasses import replace
from hashlib import sha256
from string import Formatter
from typing import Any

from pydantic import TypeAdapter, ValidationError

from layers.publication.errors import BundleRefusedError, NotPublishableError
from layers.store.catalogue_checks import IDENTIFIER, MEASURES, RESERVED_COLUMNS
from layers.store.definitions import ColumnClass, GeometryKind, Layer, LayerField, Publication, Theme
from layers.store.tiles.band_plan import bands_of

_LAYER = TypeAdapter(Layer)
_KINDS = (GeometryKind.POINT, GeometryKind.LINE, GeometryKind.POLYGON)


def as_published(layer: Layer) -> Layer:
    """The layer with its published columns only. Raises NotPublishableError for one that names none, or is a raster."""
    publication = layer.publication
    if not layer.published or publication is None or not publication.columns:
        # an empty list means nothing, never everything
        raise NotPublishableError(
            f"「{layer.title}」は公開するレイヤではありません。layer.toml の published と [publication] columns で決めてください。"
        )
    if layer.geometry not in _KINDS:
        raise NotPublishableError(f"「{layer.title}」は図形のレイヤではないので、この方法では公開できません。")
    fields = tuple(_public_field(field) for field in layer.fields if _is_public(field, publication))
    names = {field.name for field in fields}
    if not fields:
        raise NotPublishableError(f"「{layer.title}」に、公開の区分の列がありません。")
    return replace(
        layer,
        fields=fields,
        key=tuple(name for name in layer.key if name in names),
        label_field=layer.label_field if layer.label_field in names else None,
        legend=tuple(entry for entry in layer.legend if entry.values.keys() <= names),
        overview=layer.overview if layer.overview and set(layer.overview.by) <= names else None,
        themes=tuple(_public_theme(theme, names) for theme in layer.themes if _asks_only(theme, names)),
        publication=replace(publication, columns=tuple(name for name in publication.columns if name in names)),
        reader=None,
    )


def is_publishable(layer: Layer) -> bool:
    """Whether a layer declares that it may be published at all."""
    return bool(layer.published and layer.publication and layer.publication.columns and layer.geometry in _KINDS)


def hidden_in_drawing(layer: Layer) -> tuple[str, ...]:
    """Columns by which the layer is drawn (legend, label, merging) though they are not published."""
    shown = {field.name for field in as_published(layer).fields}
    drawn = [*layer.legend_fields, *([layer.label_field] if layer.label_field else [])]
    drawn += [name for band in bands_of(layer) for name in band.merged_by or ()]
    return tuple(dict.fromkeys(name for name in drawn if name not in shown))


def to_document(layer: Layer) -> dict[str, Any]:
    """The layer as JSON."""
    document = _LAYER.dump_python(layer, mode="json")
    return dict(document)


def from_document(document: object) -> Layer:
    """The layer that a manifest declares. Raises BundleRefusedError for what no layer can be, whoever signed it."""
    try:
        layer = _LAYER.validate_python(document)
    except ValidationError as error:
        raise BundleRefusedError(f"束のレイヤの定義が読めません（{error.errors()[0]['msg']}）。") from error
    names = [layer.id, *(field.name for field in layer.fields)]
    if not all(IDENTIFIER.fullmatch(name) for name in names) or RESERVED_COLUMNS & set(names[1:]):
        raise BundleRefusedError(f"束のレイヤ「{layer.id[:40]}」に、使えない名前の列があります。")
    private = [field.name for field in layer.fields if field.column_class is not ColumnClass.PUBLIC]
    listed = set(layer.publication.columns) if layer.publication else set()
    if private or layer.geometry not in _KINDS or set(names[1:]) - listed:
        raise BundleRefusedError(f"束のレイヤ「{layer.id}」に、公開の区分でない列があります。取り込みません。")
    return layer


def digest_of(layer: Layer) -> str:
    """Names the definition under which rows were checked: another whitelist, class or legend is another definition."""
    return sha256(json.dumps(to_document(layer), sort_keys=True, ensure_ascii=False).encode()).hexdigest()


def _is_public(field: LayerField, publication: Publication) -> bool:
    return field.column_class is ColumnClass.PUBLIC and field.name in publication.columns


def _public_field(field: LayerField) -> LayerField:
    """Without what only a load needs: how files call and write the column."""
    return replace(field, sources=(), null_values=(), recode={}, implied={})


def _public_theme(theme: Theme, names: set[str]) -> Theme:
    return replace(theme, show=tuple(name for name in theme.show if name in names))


def _asks_only(theme: Theme, names: set[str]) -> bool:
    asked = {*theme.group_by, *theme.where, *([theme.rank_by] if theme.rank_by else [])}
    asked |= {theme.width_field} if theme.width_field else set()
    written = {name for text in (theme.label_applies, theme.label_not) for _, name, _, _ in Formatter().parse(text)}
    return asked | ({name for name in written if name} - MEASURES.get(theme.test, frozenset())) <= names
