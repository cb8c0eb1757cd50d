"""The pieces of land that a crop plan hangs on: RTK fields, and farmland parcels seen from the air; with area and 大字."""

from collections.abc import Sequence
from dataclasses import dataclass

import shapely
from psycopg import sql
from shapely.geometry.base import BaseGeometry

from layers.store.database import Connection
from layers.surveys.crop_model import FARMLAND, RTK, GroundKey

OAZA_WITHIN_M = 100.0
"""How far from a parcel a field may lie and still be of its 大字."""
SAME_GROUND_SHARE = 0.5
"""From which part of the smaller one on two pieces of land are the same ground."""
_FIXED = 4
_KINDS = {100: "田", 200: "畑"}


@dataclass(frozen=True)
class Ground:
    """One piece of land. `basis` says where its area comes from; `sigma_m` is the standard error of its outline, None
    where nobody measured one; `geometry` is in plane metres."""

    key: GroundKey
    fid: int
    name: str
    area_m2: float
    basis: str
    sigma_m: float | None
    oaza: str | None
    geometry: BaseGeometry


_OAZA = """LEFT JOIN LATERAL (
    SELECT c.oaza FROM layers.cadastral c
    WHERE c.oaza IS NOT NULL AND ST_DWithin(c.geom, ST_PointOnSurface(f.geom), {within})
    ORDER BY c.geom <-> ST_PointOnSurface(f.geom) LIMIT 1) o ON true"""
_RTK = """SELECT DISTINCT ON (f.field_id) f.fid, f.field_id, f.field_name, f.area_m2, f.fix_quality, f.std_error_m, o.oaza,
    ST_AsBinary(f.geom) FROM layers.rtk_fields f {oaza}
    WHERE f.field_id IS NOT NULL AND f.geom IS NOT NULL AND (%(ids)s::text[] IS NULL OR f.field_id = ANY(%(ids)s))
    ORDER BY f.field_id, f.valid_from DESC"""
_FARMLAND = """SELECT DISTINCT ON (f.polygon_uuid) f.fid, f.polygon_uuid, f.land_type, f.area_m2, o.oaza, ST_AsBinary(f.geom)
    FROM layers.farmland f {oaza}
    WHERE f.geom IS NOT NULL AND f.polygon_uuid = ANY(%(ids)s) ORDER BY f.polygon_uuid, f.valid_from DESC"""


def _statement(text: str) -> sql.Composed:
    oaza = sql.SQL(_OAZA).format(within=sql.Literal(OAZA_WITHIN_M))
    return sql.SQL(text).format(oaza=oaza)


def rtk_grounds(connection: Connection, ids: Sequence[str] | None = None) -> list[Ground]:
    """RTK fields by 圃場ID; all of them without `ids`."""
    rows = connection.execute(_statement(_RTK), {"ids": None if ids is None else list(ids)}).fetchall()
    return [
        Ground(
            GroundKey(RTK, field_id),
            fid,
            name or field_id,
            float(area),
            "RTK測位" if quality == _FIXED else "RTK測位（固定解以外）",
            sigma,
            oaza,
            shapely.from_wkb(bytes(shape)),
        )
        for fid, field_id, name, area, quality, sigma, oaza, shape in rows
    ]


def farmland_grounds(connection: Connection, ids: Sequence[str]) -> list[Ground]:
    """Farmland parcels by their 筆ポリゴンID; what the present edition does not have is not among them."""
    if not ids:
        return []
    rows = connection.execute(_statement(_FARMLAND), {"ids": list(ids)}).fetchall()
    return [
        Ground(
            GroundKey(FARMLAND, uuid),
            fid,
            f"{_KINDS.get(kind, '耕地')} {uuid[:8]}",
            float(area),
            "筆ポリゴン",
            None,
            oaza,
            shapely.from_wkb(bytes(shape)),
        )
        for fid, uuid, kind, area, oaza, shape in rows
    ]


def grounds_of(connection: Connection, keys: Sequence[GroundKey]) -> dict[GroundKey, Ground]:
    """The land of those keys, as far as it is there."""
    rtk = rtk_grounds(connection, [key.field_id for key in keys if key.layer == RTK])
    farmland = farmland_grounds(connection, [key.field_id for key in keys if key.layer == FARMLAND])
    return {ground.key: ground for ground in (*rtk, *farmland)}


def successors(connection: Connection, ids: Sequence[str]) -> dict[str, str]:
    """What became of farmland parcels of an earlier edition: old ID → new ID, where the new edition names just one."""
    rows = connection.execute(
        "SELECT last_polygon_uuid, min(polygon_uuid) FROM layers.farmland WHERE last_polygon_uuid = ANY(%s) "
        "GROUP BY 1 HAVING count(DISTINCT polygon_uuid) = 1",
        [list(ids)],
    ).fetchall()
    return dict(rows)


def farmland_at(connection: Connection, lon: float, lat: float, srid: int) -> str | None:
    """The 筆ポリゴンID under a point (degrees, JGD2011); None where there is none."""
    row = connection.execute(
        "SELECT polygon_uuid FROM layers.farmland WHERE polygon_uuid IS NOT NULL AND ST_Intersects(geom, "
        "ST_Transform(ST_SetSRID(ST_MakePoint(%s, %s), 6668), %s::integer)) ORDER BY area_m2 LIMIT 1",
        [lon, lat, srid],
    ).fetchone()
    return None if row is None else str(row[0])


def doubled(grounds: Sequence[Ground]) -> list[tuple[Ground, Ground]]:
    """Pairs of RTK field and farmland parcel that are the same ground: their plans would be counted twice."""
    rtk = [ground for ground in grounds if ground.key.layer == RTK]
    farmland = [ground for ground in grounds if ground.key.layer == FARMLAND]
    if not rtk or not farmland:
        return []
    tree = shapely.STRtree([ground.geometry for ground in rtk])
    pairs = tree.query([ground.geometry for ground in farmland], predicate="intersects")
    found = [(rtk[of_tree], farmland[asked]) for asked, of_tree in pairs.T.tolist()]
    return [
        pair
        for pair in found
        if shapely.area(shapely.intersection(pair[0].geometry, pair[1].geometry))
        > SAME_GROUND_SHARE * min(shapely.area(pair[0].geometry), shapely.area(pair[1].geometry))
    ]
