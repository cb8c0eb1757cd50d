"""The sites that can be opened and the roads that can be closed, out of the store's layers: names and places, no more."""

import json
from dataclasses import dataclass

from psycopg import sql

from gis.parcel_numbers import kana_fold
from layers.situation.errors import UnknownEntryError
from layers.situation.model import MOST_VERTICES
from layers.store.definitions import ColumnClass, Layer
from layers.store.editions import table_of
from layers.store.instance import Store

SITE_LAYERS = ("shelters", "evacuation_sites")
ROADS = "roads"
MOST_ROADS = 30
_DEGREES = 6
"""Decimals of a position: a tenth of a metre."""
_TOLERANCES_M = (0.5, 2.0, 10.0, 50.0)
"""How far a closed road may leave its centre line, until it has few enough vertices."""


@dataclass(frozen=True)
class Site:
    """A shelter or evacuation site as its layer has it."""

    layer: str
    id: int
    name: str
    address: str | None
    lon: float
    lat: float


@dataclass(frozen=True)
class Road:
    """A road as it is offered for closing."""

    id: int
    name: str
    kind: str | None


def sites(store: Store) -> list[Site]:
    """Every site of both layers, by name."""
    return [site for name in SITE_LAYERS if name in store.catalogue for site in _sites(store, store.layer(name))]


def site(store: Store, layer: str, identifier: int) -> Site:
    """One site. Raises UnknownEntryError."""
    found = _sites(store, store.layer(layer), identifier) if layer in SITE_LAYERS else []
    if not found:
        raise UnknownEntryError("この避難所・避難場所は台帳にありません。一覧を読み直してください。")
    return found[0]


def _sites(store: Store, layer: Layer, identifier: int | None = None) -> list[Site]:
    _require_public(layer, "name", "address")
    statement = sql.SQL(
        "SELECT l.fid, l.name, l.address, ST_X(p.g), ST_Y(p.g) FROM {table} l, LATERAL ST_Transform(l.geom, 6668) p(g) "
        "WHERE %(id)s::bigint IS NULL OR l.fid = %(id)s ORDER BY l.name, l.fid LIMIT 500"
    ).format(table=table_of(layer))
    with store.database.transaction() as connection:
        rows = connection.execute(statement, {"id": identifier}).fetchall()
    return [Site(layer.id, row[0], row[1], row[2], round(row[3], _DEGREES), round(row[4], _DEGREES)) for row in rows]


def roads(store: Store, text: str) -> list[Road]:
    """Roads whose number or name holds the text, at most 30."""
    layer = store.layer(ROADS)
    _require_public(layer, "route_name", "route_number", "road_class")
    statement = sql.SQL("SELECT fid, route_name, route_number, road_class FROM {} ORDER BY route_name, fid").format(
        table_of(layer)
    )
    with store.database.transaction() as connection:
        rows = connection.execute(statement).fetchall()
    kinds = next(field.codes for field in layer.fields if field.name == "road_class")
    wanted = kana_fold(text)
    found = [
        Road(fid, _road_name(name, number), kinds.get(kind, kind))
        for fid, name, number, kind in rows
        if wanted and wanted in kana_fold(f"{name or ''} {number or ''}")
    ]
    return found[:MOST_ROADS]


def road_shape(store: Store, identifier: int) -> tuple[str, dict[str, object]]:
    """Name and line (GeoJSON, longitude and latitude) of a road of the layer. Raises UnknownEntryError."""
    layer = store.layer(ROADS)
    _require_public(layer, "route_name", "route_number")
    with store.database.transaction() as connection:
        row = None
        for tolerance in _TOLERANCES_M:
            statement = sql.SQL(
                "SELECT route_name, route_number, ST_AsGeoJSON(ST_Transform(s.g, 6668), %(digits)s, 0), ST_NPoints(s.g) "
                "FROM {table} l, LATERAL ST_Simplify(l.geom, %(tolerance)s, true) s(g) WHERE fid = %(id)s"
            ).format(table=table_of(layer))
            values = {"digits": _DEGREES, "tolerance": tolerance, "id": identifier}
            row = connection.execute(statement, values).fetchone()
            if row is None:
                raise UnknownEntryError("この道路は台帳にありません。もう一度探してください。")
            if row[3] <= MOST_VERTICES:
                break
    assert row is not None  # noqa: S101 - there is at least one tolerance
    return _road_name(row[0], row[1]), json.loads(row[2])


def _road_name(name: str | None, number: str | None) -> str:
    return name or (f"路線番号 {number}" if number else "名前のない道路")


def _require_public(layer: Layer, *names: str) -> None:
    """What is named here goes to the public side: a town that keeps it to itself finds no such layer here."""
    classes = {field.name: field.column_class for field in layer.fields}
    if any(classes.get(name) is not ColumnClass.PUBLIC for name in names):
        raise UnknownEntryError(
            f"「{layer.title}」の名前の列が公開の区分ではありません。layer.toml を確かめてください。"
        )
