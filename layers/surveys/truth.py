"""Holds a kept field against the registered lines of one moment, with the names of the loads that were read."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

import numpy as np

from gis.accuracy import class_of, point_error_m
from gis.boundary_comparison.areas import SurveyedArea, check_area, surveyed_area
from gis.boundary_comparison.compare import compare
from gis.boundary_comparison.ground import field_of
from gis.boundary_comparison.model import TWO_SIDED_95, RegisteredParcel
from gis.comparison_map import window
from gis.japanese_dates import JST
from gis.parcel_numbers import display, normal_chiban
from gis.parcel_numbers.folding import tidy
from gis.positioning.model import SurveyedBoundary, Vertex
from layers.store.definitions import Layer
from layers.store.editions import Edition, editions
from layers.store.errors import ForbiddenError, LayerBusyError
from layers.store.instance import Store
from layers.store.nearby import RowQuery, Rows
from layers.store.rights.caller import Caller, Verb
from layers.store.rights.grants import FIELDS
from layers.surveys.errors import UnknownGroundError
from layers.surveys.fields import StoredField, stored_boundary
from layers.surveys.reach import asking, lines_in_sight, reaching
from layers.surveys.truth_model import Held, LayerRead, Surveyed, Truth

CADASTRAL, FARMLAND = "cadastral", "farmland"
_MARGIN_M = 10.0
_MOST_NAMED = 10
_TRIES = 3
_ZONES = (
    *("I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX", "X"),
    *("XI", "XII", "XIII", "XIV", "XV", "XVI", "XVII", "XVIII", "XIX"),
)


def truth_of(
    store: Store, caller: Caller, field_id: str, as_of: datetime | None = None, named: Sequence[str] = ()
) -> Truth:
    """The field against the lines that hold now, or held at `as_of`, as far as the caller may see them.

    `named` are 地番 on which the field lies by what its farmer says; without any its shape tells.
    `store` is the whole one: rows are read under the caller's own role, and only the register of loads, which says nothing
    of a person, under its owner's. Raises UnknownFieldError, NotSurveyorError, ForbiddenError for a farmer who asks for the
    past, UnknownGroundError, LayerBusyError while a layer is being loaded, MapSheetError for a field that no sheet can hold.
    """
    seen = store.seen_by(caller.post)
    moment = as_of or datetime.now(JST)
    field = stored_boundary(seen, caller, field_id, as_of)
    boundary = _with_errors(field.boundary, store.layer(FIELDS).accuracy_m)
    sight = lines_in_sight(store, caller)
    if as_of is not None and not all(store.policy.allows(caller, Verb.READ, layer) for layer in sight.values()):
        raise ForbiddenError(
            "過去の時点の地図との照合は、役場の窓口で行います。時点の指定を外すか、担当の課に頼んでください。"
        )
    asked = {name: sight[name] for name in (CADASTRAL, FARMLAND) if name in sight}
    held, rows = _read(store, seen, asked, as_of, boundary)
    area = surveyed_area(boundary)
    fields, farmland = store.layer(FIELDS), store.layer(FARMLAND)
    cadastral_edition = held.get(CADASTRAL)
    parcels = _cadastral(rows, cadastral_edition)
    own = _own(boundary, parcels, named) if named else None
    return Truth(
        surveyed=_surveyed(field, boundary, _who(seen, caller, field.session)),
        area=area,
        cadastral=_held(boundary, parcels, area, own),
        farmland=_held(boundary, _farmland(rows, held.get(FARMLAND), farmland), None, None),
        layers=tuple(
            read
            for name, layer in asked.items()
            if (edition := held.get(name)) is not None
            for read in _loads(layer, edition)
        ),
        as_of=moment,
        municipality=store.town.full_name,
        fictitious=store.town.fictitious,
        plane=f"平面直角座標系 第{_ZONES[store.town.plane_zone - 1]}系（JGD2011）",
        added_error_m=cadastral_edition.added_error_m if cadastral_edition is not None else 0.0,
        farmland_error_m=farmland.accuracy_m,
        asked_of=fields.department,
        farmland_office=farmland.department,
        unseen=tuple(name for name in (CADASTRAL, FARMLAND) if name not in sight),
        named=tuple(parcel.label for parcel in parcels if own is not None and parcel.key in own),
    )


def _read(
    store: Store, seen: Store, asked: Mapping[str, Layer], as_of: datetime | None, boundary: SurveyedBoundary
) -> tuple[dict[str, Edition], dict[str, Rows]]:
    """The editions and the rows of one state: read again when a load came in between."""
    west, south, east, north = window(boundary).bounds
    box = np.array([[west - _MARGIN_M, south - _MARGIN_M, east + _MARGIN_M, north + _MARGIN_M]])
    for _ in range(_TRIES):
        before = _editions(store, as_of)
        with seen.database.transaction() as connection:
            queries = (RowQuery(connection, layer, store.town.srid, as_of) for layer in asked.values())
            rows = {query.layer.id: query.touching(box).rows() for query in queries}
        if _editions(store, as_of) == before:
            return before, rows
    raise LayerBusyError("いま地図のデータを読み込んでいます。少し待ってから、もう一度開いてください。")


def _editions(store: Store, as_of: datetime | None) -> dict[str, Edition]:
    with store.database.transaction() as connection:
        return {name: one for name, one in editions(connection, as_of).items() if name in (CADASTRAL, FARMLAND)}


def _with_errors(boundary: SurveyedBoundary, layer_error_m: float) -> SurveyedBoundary:
    """Corners whose error nobody noted have the layer's: none is taken for exact."""

    def sure(vertex: Vertex) -> Vertex:
        return replace(vertex, x=float(vertex.x), y=float(vertex.y), sigma_m=vertex.sigma_m or layer_error_m)

    return replace(
        boundary,
        outer=tuple(map(sure, boundary.outer)),
        inners=tuple(tuple(map(sure, ring)) for ring in boundary.inners),
    )


def _who(seen: Store, caller: Caller, session: UUID | None) -> tuple[str | None, float | None]:
    """Who measured, and how high the antenna stood; None where the caller may not see the session, or there is none."""
    if session is None:
        return None, None
    with reaching(seen, asking(seen, caller)) as connection:
        row = connection.execute(
            "SELECT account, antenna_height_m FROM surveys.sessions_seen() WHERE id = %s", [session]
        ).fetchone()
    return (None, None) if row is None else (row[0], row[1])


def _surveyed(field: StoredField, boundary: SurveyedBoundary, who: tuple[str | None, float | None]) -> Surveyed:
    return Surveyed(
        field_id=field.field_id,
        field_name=field.field_name,
        surveyor=who[0],
        antenna_height_m=who[1],
        surveyed_on=field.surveyed_on,
        station=field.station,
        boundary=boundary,
        version=field.version,
        kept_at=field.valid_from,
        claimed_fix=field.claimed_fix,
        is_measured=field.is_measured,
    )


def _own(boundary: SurveyedBoundary, parcels: Sequence[RegisteredParcel], named: Sequence[str]) -> frozenset[str]:
    """Keys of the parcels that the texts name, by 地番 alone or in full; of namesakes those under the field."""
    field, keys = field_of(boundary), set[str]()
    for text in named:
        wanted = {normal_chiban(text), tidy(text)}
        found = [parcel for parcel in parcels if {normal_chiban(parcel.number), parcel.label} & wanted]
        if not found:
            around = "、".join(sorted({parcel.number for parcel in parcels if parcel.number})[:_MOST_NAMED])
            hint = f"まわりにあるのは {around} などです" if around else "まわりに地番図の筆がありません"
            raise UnknownGroundError(f"「{text[:40]}」の筆は、この圃場のまわりにありません。{hint}。")
        under = [parcel for parcel in found if field.intersects(parcel.geometry)]
        keys.update(parcel.key for parcel in under or found)
    return frozenset(keys)


def _held(
    boundary: SurveyedBoundary, parcels: list[RegisteredParcel], area: SurveyedArea | None, own: frozenset[str] | None
) -> Held | None:
    """`area` is left out where no rule says what areas may differ by."""
    found = compare(boundary, parcels, own)
    if found is None:
        return None
    bearing = [one.parcel for one in found.ground]
    drawn = None if area is None else check_area(area, bearing, registered=False)
    registered = None if area is None else check_area(area, bearing, registered=True)
    return Held(found, parcels, drawn, registered)


@dataclass(frozen=True)
class _Row:
    key: str
    geometry: object
    values: Mapping[str, object]

    def text(self, name: str) -> str:
        value = self.values.get(name)
        return "" if value is None else str(value)


def _rows(rows: Rows | None) -> Iterator[_Row]:
    if rows is None:
        return
    for index, fid in enumerate(rows.fids.tolist()):
        yield _Row(str(fid), rows.geometry[index], {name: values[index] for name, values in rows.attributes.items()})


def _cadastral(rows: Mapping[str, Rows], edition: Edition | None) -> list[RegisteredParcel]:
    """Parcels with the 公差 of their class, and what the coordinates of the load add: a whole map is off by it, so that it
    adds up and does not join in quadrature."""
    added_m = edition.added_error_m if edition is not None else 0.0
    found = []
    for row in _rows(rows.get(CADASTRAL)):
        named = class_of(row.text("accuracy_class"))
        area = row.values.get("registered_area_m2")
        chiban, key = row.text("chiban"), row.text("parcel_key")
        found.append(
            RegisteredParcel(
                key=row.key,
                label=display(key) if key else chiban or "地番の記載のない筆",
                geometry=row.geometry,
                limit_m=point_error_m(None if named is None else named.name) + added_m,
                accuracy_class=None if named is None else named.name,
                registered_area_m2=float(area) if isinstance(area, (int, float)) else None,
                undetermined=bool(row.values.get("undetermined")),
                number=chiban,
            )
        )
    return found


def _farmland(rows: Mapping[str, Rows], edition: Edition | None, layer: Layer) -> list[RegisteredParcel]:
    """筆ポリゴン: the layer states a standard error, of which 1.96 hold 95 %."""
    limit_m = TWO_SIDED_95 * layer.accuracy_m + (edition.added_error_m if edition is not None else 0.0)
    return [RegisteredParcel(row.key, "筆ポリゴン", row.geometry, limit_m) for row in _rows(rows.get(FARMLAND))]


def _loads(layer: Layer, edition: Edition) -> Iterator[LayerRead]:
    """The files that hold, and the last edit after them."""
    newest = [load for load in edition.loads[-1:] if load not in edition.whole_loads]
    for load in (*edition.whole_loads, *newest):
        yield LayerRead(
            layer=layer.id,
            title=layer.title,
            department=layer.department,
            load=load.id,
            data_date=load.data_date,
            loaded_at=load.loaded_at,
            file_name=load.file_name,
            file_sha256=load.file_sha256,
            attribution=layer.attribution,
            accuracy=layer.accuracy_basis,
        )
