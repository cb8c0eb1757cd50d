"""The catalogue together with what is loaded: the list from which maps, legends and `onomap layers` are made."""

from datetime import datetime
from zoneinfo import ZoneInfo

from psycopg import sql

from layers.store.database import Connection
from layers.store.definitions import GeometryKind, Layer, LegendEntry
from layers.store.editions import Edition, editions
from layers.store.instance import Store


def overview(store: Store) -> dict[str, object]:
    """The municipality and every layer: its declaration, its present edition, its rows and whether it is past its cycle."""
    town = store.town
    with store.database.transaction() as connection:
        held = editions(connection)
        layers = [_layer(connection, layer, held.get(layer.id)) for layer in store.catalogue.values()]
    return {
        "municipality": {
            "code": town.code,
            "name": town.name,
            "full_name": town.full_name,
            "zone": town.plane_zone,
            "fictitious": town.fictitious,
            "bbox": list(town.bbox),
        },
        "layers": layers,
    }


def _layer(connection: Connection, layer: Layer, edition: Edition | None) -> dict[str, object]:
    newest = edition.newest if edition is not None else None
    today = datetime.now(ZoneInfo("Asia/Tokyo")).date()
    data_date = edition.data_date if edition is not None else None
    return {
        **declared(layer),
        "accuracy_basis": layer.accuracy_basis,
        "update_cycle_days": layer.update_cycle_days,
        "published": layer.published,
        "label_field": layer.label_field,
        "loaded": newest is not None,
        "load": newest.id if newest is not None else None,
        "loaded_at": newest.loaded_at.isoformat() if newest is not None else None,
        "data_date": data_date.isoformat() if data_date is not None else None,
        "stale": edition.is_stale(layer, today) if edition is not None else False,
        **_counted(connection, layer, is_loaded=newest is not None),
        "raster": _raster(layer),
        "themes": [{"id": theme.id, "title": theme.title} for theme in layer.themes],
    }


def declared(layer: Layer) -> dict[str, object]:
    """What a layer says of itself to everybody who may see it, inside and outside."""
    return {
        "id": layer.id,
        "title": layer.title,
        "group": layer.group,
        "department": layer.department,
        "geometry": layer.geometry.value,
        "description": layer.description,
        "source": layer.source_name,
        "licence": layer.source_licence,
        "attribution": layer.attribution,
        "accuracy_m": layer.accuracy_m,
        "first_zoom": layer.first_zoom,
        "min_zoom": layer.min_zoom,
        "max_zoom": layer.max_zoom,
        "fields": fields_of(layer),
        "legend": legend_of(layer),
    }


def fields_of(layer: Layer) -> list[dict[str, object]]:
    """The fields as a page shows them."""
    return [
        {"name": field.name, "label": field.label, "unit": field.unit, "codes": dict(field.codes)}
        for field in layer.fields
    ]


def legend_of(layer: Layer) -> list[dict[str, object]]:
    """The rows of the legend, those of a raster's classes among them."""
    return [
        {
            "label": entry.label,
            "values": dict(entry.values),
            "fill": entry.fill,
            "line": entry.line,
            "width": entry.width,
            "pattern": entry.pattern,
            "icon": entry.icon,
            "dashed": entry.dashed,
        }
        for entry in (*layer.legend, *_classes(layer))
    ]


def _classes(layer: Layer) -> list[LegendEntry]:
    """The classes of a raster as rows of a legend."""
    return [LegendEntry(entry.label, {}, fill=entry.fill) for entry in (layer.raster.classes if layer.raster else ())]


def _raster(layer: Layer) -> dict[str, object] | None:
    """What the pixels of a raster layer are and how its tiles may be drawn, the usual way first; None for other layers."""
    if layer.raster is None:
        return None
    renders = [{"id": render.value, "label": render.label} for render in layer.raster.renders]
    return {"values": layer.raster.values.value, "unit": layer.raster.unit, "renders": renders}


def _counted(connection: Connection, layer: Layer, *, is_loaded: bool) -> dict[str, object]:
    """Rows of the current table; of large ones the planner's estimate, and said to be one."""
    if layer.geometry is GeometryKind.RASTER or not is_loaded:
        return {"rows": int(is_loaded), "rows_estimated": False}
    row = connection.execute(
        "SELECT c.reltuples::bigint FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace "
        "WHERE n.nspname = 'layers' AND c.relname = %s",
        [layer.id],
    ).fetchone()
    if row is not None and row[0] > 10_000:
        return {"rows": int(row[0]), "rows_estimated": True}
    exact = connection.execute(sql.SQL("SELECT count(*) FROM layers.{}").format(sql.Identifier(layer.id))).fetchone()
    return {"rows": int(exact[0]) if exact is not None else 0, "rows_estimated": False}
