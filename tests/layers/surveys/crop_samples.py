"""A small town of fields: three RTK fields, farmland parcels beside and under them, parcels of two 大字, and who asks."""

from uuid import uuid4

import shapely
from psycopg import sql

from layers.store.editing.precondition import Precondition
from layers.store.instance import Store
from layers.store.rights.caller import Caller, Post
from layers.surveys.crop_model import FARMLAND, RTK, GroundKey, PlanWanted

EAST_M, NORTH_M = 40_000.0, 140_000.0
"""A corner of the fields, in metres of zone IX: within the town."""
FIELD_A, FIELD_B, FIELD_C = (GroundKey(RTK, f"RTK-00{number}") for number in (1, 2, 3))
FREE, UNDER_A = GroundKey(FARMLAND, "aaaa1111-free"), GroundKey(FARMLAND, "bbbb2222-under-a")

FARM_CLERK = Caller("nogyo", "農業 一郎", Post("産業振興課", frozenset({"viewer", "editor"})))
VIEWER = Caller("mori", "森 二郎", Post("総務課", frozenset({"viewer"})))
GROWER = Caller("sato", "佐藤 架空", Post("農業者", frozenset({"farmer"})))
NOBODY = Caller("who", "だれか", Post("産業振興課", frozenset()))


def square(east: float, north: float, width: float, height: float) -> shapely.MultiPolygon:
    """A rectangle of so many metres, so far from the corner."""
    box = shapely.box(EAST_M + east, NORTH_M + north, EAST_M + east + width, NORTH_M + north + height)
    return shapely.MultiPolygon([box])


def put(store: Store, layer: str, shape: shapely.Geometry, **columns: object) -> int:
    """A row of a layer with its area, in metres of the plane; its fid."""
    values = {"content_hash": uuid4(), "load_id": _load_of(store, layer), **columns}
    if shape.geom_type == "MultiPolygon":
        values["area_m2"] = shape.area
    statement = sql.SQL("INSERT INTO layers.{} ({}, geom) VALUES ({}, ST_GeomFromWKB(%s, {})) RETURNING fid").format(
        sql.Identifier(layer),
        sql.SQL(", ").join(map(sql.Identifier, values)),
        sql.SQL(", ").join(sql.Placeholder() * len(values)),
        sql.Literal(store.town.srid),
    )
    with store.database.transaction() as connection:
        row = connection.execute(statement, [*values.values(), shapely.to_wkb(shape)]).fetchone()
    assert row is not None
    return int(row[0])


def _load_of(store: Store, layer: str) -> int:
    """The load that rows of a layer owe themselves to, made with the first of them."""
    with store.database.transaction() as connection:
        row = connection.execute(
            "WITH known AS (SELECT id FROM onomap.loads WHERE layer = %(layer)s AND file_name = 'fields'), made AS ("
            "INSERT INTO onomap.loads (layer, mode, file_name, file_sha256, data_date, loaded_by, report) "
            "SELECT %(layer)s, 'add', 'fields', '', current_date, 'test', '{}' WHERE NOT EXISTS (SELECT FROM known) "
            "RETURNING id) SELECT id FROM known UNION ALL SELECT id FROM made",
            {"layer": layer},
        ).fetchone()
    assert row is not None
    return int(row[0])


def fill(store: Store) -> None:
    """The fields (A 50 × 40 m, B 30 × 30 m, C 20 × 20 m, not fixed), the parcels under them and two farmland parcels."""
    for key, shape, quality in (
        (FIELD_A, square(0, 0, 50, 40), 4),
        (FIELD_B, square(100, 0, 30, 30), 4),
        (FIELD_C, square(1_000, 0, 20, 20), 5),
    ):
        name = f"{key.field_id[-1]}の田"
        put(
            store, "rtk_fields", shape, field_id=key.field_id, field_name=name, fix_quality=quality, std_error_m=0.02,
            base_station="役場基準局",
        )  # fmt: skip
    put(store, "cadastral", square(-10, -10, 300, 300), oaza="平舘", chiban="1", parcel_key="平舘/1")
    put(store, "cadastral", square(900, -10, 300, 300), oaza="夏井", chiban="2", parcel_key="夏井/2")
    put(store, "farmland", square(200, 0, 40, 25), polygon_uuid=FREE.field_id, land_type=100)
    put(store, "farmland", square(1, 1, 50, 40), polygon_uuid=UNDER_A.field_id, land_type=100)


def wanted(*parts: dict[str, object]) -> PlanWanted:
    """A plan of those parts."""
    return PlanWanted.model_validate({"parts": parts})


def seen(version: int) -> Precondition:
    """The precondition of whoever saw that version."""
    return Precondition(frozenset({version}))
