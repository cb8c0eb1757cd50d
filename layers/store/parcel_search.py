"""From what people write to the parcels of the store: exact numbers, ranges, pasted columns, and the nearest when none fits."""

import re
from dataclasses import dataclass, field
from datetime import datetime
from itertools import groupby

from psycopg import sql

from gis.parcel_numbers import Gazetteer, ParcelQuery, parse, sort_key
from layers.store.database import Connection
from layers.store.editions import editions, latest_edit, rows_at
from layers.store.errors import StoreError
from layers.store.instance import Store
from layers.store.parcel_hits import ParcelHit, placed_hits, unplaced_hits
from layers.store.place_readings import latest_reading, oaza_readings

CADASTRAL = "cadastral"
NEAR = 8
_KEY = re.compile(r"[^/\s][^/\n]*/[^/\n]*/[^/\n]+|/[^/\n]*/[^/\n]+")
_PART = sql.SQL("split_part(c.parcel_key, '/', {})")


@dataclass(frozen=True)
class Keys:
    """Parcel keys that a text leads to, in the order asked; the texts that lead nowhere, and the nearest keys to those."""

    keys: list[str]
    unmatched: list[str]
    near: list[str]


@dataclass(frozen=True)
class Resolution:
    """The same with what a search shows of each parcel; `truncated` when there were more than were asked for."""

    query: str
    matches: list[ParcelHit] = field(default_factory=list)
    near: list[ParcelHit] = field(default_factory=list)
    unmatched: list[str] = field(default_factory=list)
    truncated: bool = False


_gazetteers: dict[tuple[str, tuple[int, ...], int, int], Gazetteer] = {}


def gazetteer(store: Store, connection: Connection) -> Gazetteer:
    """The 大字 and 字 of the loaded parcels; kept until another load or edit of the cadastral layer, or other readings."""
    edition = editions(connection).get(CADASTRAL)
    loads = tuple(load.id for load in edition.loads) if edition is not None else ()
    version = (store.database.url, loads, latest_edit(connection, CADASTRAL), latest_reading(connection))
    if version not in _gazetteers:
        rows = connection.execute(
            "SELECT DISTINCT split_part(parcel_key, '/', 1), split_part(parcel_key, '/', 2) FROM layers.cadastral "
            "UNION SELECT DISTINCT split_part(parcel_key, '/', 1), split_part(parcel_key, '/', 2) "
            "FROM onomap.unplaced_features WHERE parcel_key IS NOT NULL"
        ).fetchall()
        places: dict[str, list[str]] = {}
        for oaza, koaza in rows:
            places.setdefault(oaza, []).append(koaza)
        town = store.town
        _gazetteers.clear()
        names = (town.prefecture, town.county, town.name)
        _gazetteers[version] = Gazetteer(places, names, oaza_readings(connection))
    return _gazetteers[version]


def resolve_keys(store: Store, connection: Connection, text: str, *, limit: int, as_of: datetime | None = None) -> Keys:
    """Keys of the parcels that `text` names, at most `limit` for each place in it. Raises ParcelNumberError when empty."""
    return _Resolving(store, connection, limit, as_of).run(text)


def resolve(store: Store, text: str, *, limit: int) -> Resolution:
    """Parcels that `text` names, as a search shows them: at most `limit`, and the nearest for what was not found."""
    with store.database.transaction(timeout_s=20.0) as connection:
        found = resolve_keys(store, connection, text, limit=limit + 1)
        matches = _hits(connection, found.keys[:limit])
        near = _hits(connection, found.near)
    return Resolution(text, matches, near, found.unmatched, truncated=len(found.keys) > limit)


def _hits(connection: Connection, keys: list[str]) -> list[ParcelHit]:
    if not keys:
        return []
    placed = placed_hits(connection, sql.SQL("c.parcel_key = ANY(%(keys)s)"), {"keys": keys})
    order = {key: index for index, key in enumerate(keys)}
    return sorted([*placed, *unplaced_hits(connection, keys)], key=lambda hit: order[hit.key])


@dataclass
class _Resolving:
    store: Store
    connection: Connection
    limit: int
    as_of: datetime | None

    def run(self, text: str) -> Keys:
        queries = self._queries(text)
        exact = [query.key for query in queries if _is_exact(query)]
        known = self._existing(exact)
        keys: dict[str, None] = {}
        unmatched: list[ParcelQuery] = []
        for query in queries:
            found = [query.key] if _is_exact(query) and query.key in known else self._search(query)
            if not found:
                unmatched.append(query)
            keys.update(dict.fromkeys(found))
        near: dict[str, None] = {}
        for query in unmatched[:20]:
            near.update(dict.fromkeys(self._nearest(query)))
        return Keys(list(keys), [query.raw for query in unmatched], list(near)[: NEAR * 3])

    def _queries(self, text: str) -> list[ParcelQuery]:
        """Lines that are keys of the store are taken as such; everything between them is read as people write."""
        lines = [line.strip() for line in text.splitlines()]
        keys = self._existing([line for line in lines if _KEY.fullmatch(line)])
        asked: list[ParcelQuery] = []
        for is_key, run in groupby(lines, keys.__contains__):
            if is_key:
                asked += [_of_key(line) for line in run]
            elif rest := "\n".join(run).strip():
                asked += parse(rest, gazetteer(self.store, self.connection))
        return asked or parse(text, gazetteer(self.store, self.connection))

    def _existing(self, keys: list[str]) -> set[str]:
        if not keys:
            return set()
        rows = self.connection.execute(
            sql.SQL(
                "SELECT c.parcel_key FROM {} c WHERE c.parcel_key = ANY(%(keys)s) "
                "UNION SELECT parcel_key FROM onomap.unplaced_features WHERE parcel_key = ANY(%(keys)s)"
            ).format(self._rows()),
            {"keys": keys, "as_of": self.as_of},
        ).fetchall()
        return {row[0] for row in rows}

    def _rows(self) -> sql.SQL:
        return rows_at(self.store.layer(CADASTRAL), self.as_of)

    def _select(self, query: ParcelQuery, number: sql.Composable, order: sql.Composable, limit: int) -> list[str]:
        """Keys in the query's place that meet a condition on the alias `c`, over placed and unplaced parcels."""
        conditions = [number]
        if query.oaza is not None:
            conditions.append(_PART.format(sql.Literal(1)) + sql.SQL(" = %(oaza)s"))
        if query.koaza is not None:
            conditions.append(_PART.format(sql.Literal(2)) + sql.SQL(" = %(koaza)s"))
        where = sql.SQL(" AND ").join(conditions)
        statement = sql.SQL(
            "SELECT k FROM (SELECT DISTINCT c.parcel_key AS k, {order} AS o FROM {rows} c WHERE {where} UNION "
            "SELECT DISTINCT c.parcel_key, {order} FROM onomap.unplaced_features c WHERE {where}) found ORDER BY o, k LIMIT {limit}"
        ).format(order=order, rows=self._rows(), where=where, limit=sql.Literal(limit))
        parameters = {
            "oaza": query.oaza,
            "koaza": query.koaza,
            "chiban": query.chiban,
            "main": _main(query.chiban),
            "to": _main(query.chiban_to) if query.chiban_to is not None else None,
            "as_of": self.as_of,
        }
        return [row[0] for row in self.connection.execute(statement, parameters)]

    def _search(self, query: ParcelQuery) -> list[str]:
        nothing = sql.SQL("0")
        if not query.known:
            return []
        if not query.chiban:
            return self._select(query, sql.SQL("true"), nothing, self.limit) if query.oaza or query.koaza else []
        if query.chiban_to is None:
            return self._select(query, _PART.format(sql.Literal(3)) + sql.SQL(" = %(chiban)s"), nothing, self.limit)
        within = _main_of_row() + sql.SQL(" BETWEEN %(main)s AND %(to)s")
        found = self._select(query, within, _main_of_row(), self.limit * 4)
        taken = [key for key in found if query.takes(key.split("/", 2)[2])]
        return sorted(taken, key=lambda key: sort_key(key.split("/", 2)[2]))[: self.limit]

    def _nearest(self, query: ParcelQuery) -> list[str]:
        """The nearest numbers in the same place; else the same number elsewhere."""
        if not query.chiban:
            return []
        main = _main(query.chiban)
        if main is not None and query.known and query.oaza is not None:
            gap = sql.SQL("abs({} - %(main)s)").format(_main_of_row())
            near = self._select(query, gap + sql.SQL(" IS NOT NULL"), gap, NEAR)
            if near:
                return near
        anywhere = ParcelQuery(query.oaza if query.known else None, None, query.chiban)
        return self._select(anywhere, _PART.format(sql.Literal(3)) + sql.SQL(" = %(chiban)s"), sql.SQL("0"), NEAR)


def _of_key(key: str) -> ParcelQuery:
    oaza, koaza, chiban = key.split("/", 2)
    return ParcelQuery(oaza, koaza, chiban, raw=key)


def _is_exact(query: ParcelQuery) -> bool:
    return query.complete and query.koaza is not None and query.chiban_to is None


def _main(chiban: str | None) -> int | None:
    """The leading number of a 地番, None for 道 and the like."""
    digits = re.match(r"\d{1,9}", chiban or "")
    return int(digits.group()) if digits else None


def _main_of_row() -> sql.Composed:
    return sql.SQL("substring({} FROM '^[0-9]{{1,9}}')::bigint").format(_PART.format(sql.Literal(3)))


def an_interesting_parcel(store: Store) -> str:
    """The key of a parcel on which a landslide zone lies, or of any parcel: what `scripts/start --check` asks about."""
    with store.database.transaction() as connection:
        row = connection.execute(
            "SELECT c.parcel_key FROM layers.landslide l JOIN layers.cadastral c ON ST_Intersects(l.geom, c.geom) "
            "WHERE NOT coalesce(c.undetermined, false) ORDER BY c.fid LIMIT 1"
        ).fetchone()
        row = row or connection.execute("SELECT parcel_key FROM layers.cadastral ORDER BY fid LIMIT 1").fetchone()
    if row is None:
        raise StoreError("地番図が読み込まれていません。`onomap load cadastral ファイル` で読み込んでください。")
    return str(row[0])
