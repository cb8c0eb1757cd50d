"""地番 and 大字 in an edition: found by what the published parcels themselves hold, without the tables of the store."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from psycopg import sql

from gis.errors import ParcelNumberError
from gis.parcel_numbers import Gazetteer, ParcelQuery, display, fold, kana_fold, parse
from layers.store.database import Connection
from layers.store.readable import Readable

CADASTRAL = "cadastral"
DISTRICTS = "districts"
MOST = 20
NEAR = 6
_OF_DISTRICT = re.compile(r"(?:第\d+)?区$")
_OF_READING = re.compile(r"(?:ダイ\d+)?ク$")
_BARE_NUMBER = re.compile(r"[\d\-ー番地の号]+")
_PART = sql.SQL("split_part(c.parcel_key, '/', {})")


@dataclass(frozen=True)
class Oaza:
    """A 大字 with the box of its parcels in degrees, and every form that it is written and read in, folded."""

    name: str
    bbox: tuple[float, float, float, float]
    forms: frozenset[str]

    def as_json(self) -> dict[str, object]:
        """The 大字 as it goes out."""
        west, south, east, north = self.bbox
        return {"name": self.name, "bbox": list(self.bbox), "center": [(west + east) / 2, (south + north) / 2]}


@dataclass(frozen=True)
class ParcelNames:
    """The names of an edition's land, read once: it cannot change. Both are empty where no parcels are published."""

    gazetteer: Gazetteer
    oaza: Mapping[str, Oaza]


@dataclass(frozen=True)
class FoundLand:
    """Parcels (key, number as people write it, a point inside) that a text names, the nearest where there is none, and 大字."""

    parcels: list[dict[str, object]]
    near: list[dict[str, object]]
    oaza: list[dict[str, object]]


NOTHING = FoundLand([], [], [])


def parcel_names(edition: Readable) -> ParcelNames:
    """The 大字 and 字 of the published parcels; how a 大字 is read is taken from the districts that bear its name."""
    if CADASTRAL not in edition.catalogue:
        return ParcelNames(Gazetteer({}), {})
    with edition.database.transaction() as connection:
        rows = connection.execute(
            "SELECT DISTINCT split_part(parcel_key, '/', 1), split_part(parcel_key, '/', 2) FROM layers.cadastral "
            "WHERE parcel_key IS NOT NULL"
        ).fetchall()
        boxes = connection.execute(
            "SELECT o, ST_XMin(b), ST_YMin(b), ST_XMax(b), ST_YMax(b) FROM (SELECT split_part(parcel_key, '/', 1) o, "
            "ST_Transform(ST_SetSRID(ST_Extent(geom)::geometry, %s::integer), 6668) b FROM layers.cadastral "
            "WHERE parcel_key IS NOT NULL GROUP BY 1) e ORDER BY 1",
            [edition.town.srid],
        ).fetchall()
        readings = _readings(edition, connection)
    places: dict[str, list[str]] = {}
    for oaza, koaza in rows:
        places.setdefault(oaza, []).append(koaza)
    town = edition.town
    known = {name: readings[name] for name in places if name in readings}
    return ParcelNames(
        Gazetteer(places, (town.prefecture, town.county, town.name), {name: [read] for name, read in known.items()}),
        {
            name: Oaza(
                name, (west, south, east, north), frozenset(map(kana_fold, (name, *known.get(name, "").split())))
            )
            for name, west, south, east, north in boxes
            if name
        },
    )


def _readings(edition: Readable, connection: Connection) -> dict[str, str]:
    """飯豊第1区（イイトヨダイ1ク）says how 飯豊 is read."""
    if DISTRICTS not in edition.catalogue:
        return {}
    rows = connection.execute("SELECT name, name_kana FROM layers.districts WHERE name_kana IS NOT NULL").fetchall()
    return {_OF_DISTRICT.sub("", name): _OF_READING.sub("", kana) for name, kana in rows if name}


def find_land(edition: Readable, names: ParcelNames, text: str) -> FoundLand:
    """What `text` names of the published land: at most 20 parcels, else the nearest numbers, and the 大字 of that name."""
    if not names.oaza:
        return NOTHING
    wanted = kana_fold(text).removeprefix("大字").removeprefix("おおあざ")
    try:
        read = parse(text, names.gazetteer)
    except ParcelNumberError:
        return NOTHING
    # a number whose 字 nobody knows still leads to its 大字
    named = {query.oaza for query in read if query.known != bool(query.chiban)}
    oaza = [
        one.as_json()
        for one in names.oaza.values()
        if one.name in named or (wanted and any(wanted in form for form in one.forms))
    ]
    queries = [query for query in read if _is_number(query, text)]
    if not queries:
        return FoundLand([], [], oaza)
    with edition.database.transaction() as connection:
        parcels = _hits(connection, queries[0])
        near = [] if parcels else _near(connection, queries[0])
    return FoundLand(parcels, near, oaza)


def _is_number(query: ParcelQuery, text: str) -> bool:
    """A number alone is one only where nothing else was written: 第2集会所 names no parcel."""
    placed = bool(query.oaza or query.koaza)
    return query.known and bool(query.chiban) and (placed or _BARE_NUMBER.fullmatch(fold(text)) is not None)


def _hits(connection: Connection, query: ParcelQuery) -> list[dict[str, object]]:
    condition = _PART.format(sql.Literal(3)) + sql.SQL(" = %(chiban)s")
    return _select(connection, query, condition, sql.SQL("c.parcel_key"), MOST)


def _near(connection: Connection, query: ParcelQuery) -> list[dict[str, object]]:
    """The nearest numbers of the same place, by their leading number."""
    main = re.match(r"\d{1,9}", query.chiban)
    if main is None or not query.oaza:
        return []
    number = sql.SQL("substring(split_part(c.parcel_key, '/', 3) from '^[0-9]{1,9}')::bigint")
    order = sql.SQL("abs({} - {}), c.parcel_key").format(number, sql.Literal(int(main[0])))
    return _select(connection, query, number + sql.SQL(" IS NOT NULL"), order, NEAR)


def _select(
    connection: Connection, query: ParcelQuery, condition: sql.Composable, order: sql.Composable, limit: int
) -> list[dict[str, object]]:
    conditions = [condition]
    for place, (name, value) in enumerate((("oaza", query.oaza), ("koaza", query.koaza)), start=1):
        if value is not None:
            conditions.append(_PART.format(sql.Literal(place)) + sql.SQL(" = {}").format(sql.Placeholder(name)))
    statement = sql.SQL(
        "SELECT k, ST_X(p), ST_Y(p) FROM (SELECT c.parcel_key k, ST_Transform(ST_PointOnSurface(c.geom), 6668) p "
        "FROM layers.cadastral c WHERE {} ORDER BY {} LIMIT {}) found"
    ).format(sql.SQL(" AND ").join(conditions), order, sql.Literal(limit))
    rows = connection.execute(statement, {"oaza": query.oaza, "koaza": query.koaza, "chiban": query.chiban})
    return [{"key": key, "number": display(key), "center": [lon, lat]} for key, lon, lat in rows]
