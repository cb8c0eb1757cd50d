"""Surveyed fields: read by whoever may see them, and kept as rows of `rtk_fields` with the error of every corner."""

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

import shapely
from psycopg.types.json import Jsonb

from gis.positioning.boundary import polygon_of
from gis.positioning.model import Epoch, FixQuality, Station, SurveyedBoundary, Vertex
from gis.positioning.quality import worst
from layers.store.audit.log import Entry, Who, record
from layers.store.database import Connection
from layers.store.editing.editor import Editor
from layers.store.editing.incoming import Incoming
from layers.store.editing.precondition import Precondition
from layers.store.editing.register import Edited
from layers.store.editing.request_crs import RequestCrs
from layers.store.errors import EditConflictError
from layers.store.instance import Store
from layers.store.rights.caller import Caller
from layers.store.rights.grants import FIELDS
from layers.surveys.errors import NotSurveyorError, SurveyRefusedError, UnknownFieldError
from layers.surveys.owners import note_owner
from layers.surveys.reach import Reach, asking, reaching, surveying

_COLUMNS = (
    "fid, version, valid_from, field_id, field_name, surveyed_on, fix_quality, base_station, std_error_m, datum, area_m2, "
    "ST_AsBinary(geom), owner, session, station, claimed_fix, plane_epsg, rings"
)
FARMER = "農業者"
"""How a farmer stands among the editors of the layer; the log has the name."""


@dataclass(frozen=True)
class StoredField:
    """A field as it is kept now, or was. `owner` is the login of whose it is, None where it is nobody's or not to be seen.

    `is_measured` is False where the boundary is the drawn or loaded shape, with one error for all its corners: the row's.
    """

    fid: int
    version: int
    valid_from: datetime
    field_id: str
    field_name: str
    owner: str | None
    surveyed_on: date | None
    station: Station
    boundary: SurveyedBoundary
    area_m2: float
    session: UUID | None
    claimed_fix: bool
    is_measured: bool

    @property
    def std_error_m(self) -> float:
        """The largest standard error of its corners, in metres."""
        return self.boundary.worst_sigma_m


@dataclass(frozen=True)
class Survey:
    """What a boundary was made from, beside the fixes: its name, its day, what it hangs on, and the session."""

    field_name: str
    surveyed_on: date
    station: Station
    claimed_fix: bool = False
    session: UUID | None = None


def worst_quality(boundary: SurveyedBoundary) -> FixQuality | None:
    """The worst fix quality of all corners; None as soon as one does not know its own."""
    return worst(vertex.quality for vertex in boundary.vertices)


def own_fields(store: Store, caller: Caller, as_of: datetime | None = None) -> list[StoredField]:
    """Every field that the caller may see, by field id: a farmer's own, for staff all. Raises NotSurveyorError."""
    return _read(store, caller, None, as_of)


def stored_boundary(store: Store, caller: Caller, field_id: str, as_of: datetime | None = None) -> StoredField:
    """One field. Raises UnknownFieldError whether it is not there or not the caller's to see, NotSurveyorError."""
    found = _read(store, caller, field_id, as_of)
    if not found:
        raise UnknownFieldError()
    return found[0]


def _read(store: Store, caller: Caller, field_id: str | None, as_of: datetime | None) -> list[StoredField]:
    asker = asking(store, caller)
    if field_id is not None and ("\0" in field_id or not field_id):
        return []
    with reaching(store, asker) as connection:
        rows = connection.execute(
            f"SELECT {_COLUMNS} FROM surveys.fields_seen(%s, %s)".encode(), [field_id, as_of]
        ).fetchall()
    return [_field(row, store.town.srid) for row in rows]


def _field(row: Sequence[Any], srid: int) -> StoredField:
    (fid, version, valid_from, field_id, name, surveyed_on, quality, base, error, datum, area, shape, owner, *kept) = (
        row
    )
    session, station, claimed, epsg, rings = kept
    geometry = shapely.from_wkb(bytes(shape))
    if rings is not None:
        boundary = _boundary(rings, epsg)
    else:
        boundary = _drawn(geometry, float(error or 0.0), FixQuality(quality) if quality is not None else None, srid)
        station = {
            "base_station": base or "",
            "mount_point": "",
            "datum": datum or "",
            "epoch": "reference",
            "receiver": "",
        }
    return StoredField(
        *(fid, version, valid_from, field_id or "", name or "", owner, surveyed_on),
        *(_station(station), boundary, float(area), session, bool(claimed), rings is not None),
    )


def _station(told: dict[str, str]) -> Station:
    return Station(
        told["base_station"], told["mount_point"], told["datum"], Epoch(told["epoch"]), told.get("receiver", "")
    )


def _boundary(rings: list[list[list[Any]]], epsg: int) -> SurveyedBoundary:
    read = [
        tuple(
            Vertex(x, y, sigma, None if quality is None else FixQuality(quality), fixes)
            for x, y, sigma, quality, fixes in ring
        )
        for ring in rings
    ]
    return SurveyedBoundary(read[0], tuple(read[1:]), epsg)


def _drawn(shape: shapely.MultiPolygon, error_m: float, quality: FixQuality | None, srid: int) -> SurveyedBoundary:
    """A loaded or drawn shape, whose corners all have the row's error; of several parts the largest."""
    part = max(shape.geoms, key=lambda one: float(one.area))
    rings = [
        tuple(Vertex(x, y, error_m, quality, 0) for x, y in shapely.get_coordinates(ring)[:-1])
        for ring in (part.exterior, *part.interiors)
    ]
    return SurveyedBoundary(rings[0], tuple(rings[1:]), srid)


@dataclass(frozen=True)
class Keeping:
    """What is to be kept as which field: `owner` is whose it becomes where it is new, and `must_exist` says that it is not."""

    survey: Survey
    boundary: SurveyedBoundary
    field_id: str
    owner: str | None = None
    must_exist: bool = False


def keep_field(
    store: Store, caller: Caller, origin: str | None, keeping: Keeping, match: Precondition | None
) -> tuple[StoredField, bool]:
    """Keep a boundary as a row of `rtk_fields`, in one transaction with its errors, its owner and the log.

    `store` is the whole one: farmers have no right on the layer, and what may be seen is asked of PostgreSQL in their name. A
    field that is there becomes a new version, for which `match` says the one it was made from; the same boundary of the same
    session once more changes nothing. Returns the field and whether it is new. Raises UnknownFieldError for one that the
    caller may not see, UnconditionalEditError, EditConflictError, EditRefusedError, SurveyRefusedError.
    """
    asker = surveying(store, caller)
    boundary, field_id = keeping.boundary, keeping.field_id
    if boundary.plane_epsg != store.town.srid:
        raise SurveyRefusedError(f"境界の座標系（EPSG:{boundary.plane_epsg}）が、町の平面直角座標系と違います。")
    found = _read(store, caller, field_id, None)
    known = found[0] if found else None
    if known is None and keeping.must_exist:
        raise UnknownFieldError()
    if known is not None and asker.reach is Reach.READ and known.owner != caller.account:
        raise UnknownFieldError()
    if known is not None and match is None and _is_kept(known, keeping):
        return known, False
    editor = _editor(store, caller, origin, keeping, is_new=known is None)
    shape = shapely.geometry.mapping(polygon_of(boundary))
    sent = Incoming(
        _values(keeping), {"type": "MultiPolygon", "coordinates": [shape["coordinates"]]}, has_geometry=True
    )
    crs = RequestCrs(store.town.srid, north_first=False)
    try:
        if known is None:
            editor.insert(sent, crs)
        else:
            editor.update(known.fid, match, sent, crs)
    except EditConflictError:
        # somebody was faster: perhaps the same phone, which asked twice
        now = _read(store, caller, field_id, None)
        if not now:
            raise UnknownFieldError() from None
        if match is None and _is_kept(now[0], keeping):
            return now[0], False
        raise
    return stored_boundary(store, caller, field_id), known is None


def _is_kept(known: StoredField, keeping: Keeping) -> bool:
    """Whether this was kept already: the answer was lost on its way, and the phone asks again."""
    return (
        known.is_measured
        and known.session == keeping.survey.session
        and _rings(known.boundary) == _rings(keeping.boundary)
    )


def _rings(boundary: SurveyedBoundary) -> list[list[list[object]]]:
    return [
        [
            [vertex.x, vertex.y, vertex.sigma_m, None if vertex.quality is None else int(vertex.quality), vertex.fixes]
            for vertex in ring
        ]
        for ring in boundary.rings
    ]


def _values(keeping: Keeping) -> dict[str, object]:
    survey, quality = keeping.survey, worst_quality(keeping.boundary)
    return {
        "field_id": keeping.field_id,
        "field_name": survey.field_name,
        "surveyed_on": survey.surveyed_on.isoformat(),
        "fix_quality": None if quality is None else int(quality),
        "base_station": survey.station.base_station or None,
        "std_error_m": round(keeping.boundary.worst_sigma_m, 4),
        "datum": survey.station.datum,
    }


def _editor(store: Store, caller: Caller, origin: str | None, keeping: Keeping, *, is_new: bool) -> Editor:
    """An editor that writes, with each version, what belongs to it."""
    who = Who.of(caller, origin)
    # every reader of the layer sees who edits it, but whose a field is only its owner and those who look after all of them
    author = FARMER if asking(store, caller).reach is Reach.OWN else f"{caller.name}（{caller.account}）"

    def beside(connection: Connection, edited: Edited) -> None:
        _require_sole(connection, keeping.field_id, edited)
        _note_boundary(connection, caller, keeping, edited)
        if is_new and keeping.owner is not None:
            note_owner(connection, keeping.field_id, keeping.owner, caller.account)
        told = f"版 {edited.version}、頂点 {len(keeping.boundary.vertices)}"
        record(connection, who, Entry("survey.keep", FIELDS, rows=[keeping.field_id], note=told, count=1))

    return Editor(store, store.layer(FIELDS), author, beside=beside)


def _require_sole(connection: Connection, field_id: str, edited: Edited) -> None:
    """Two that keep the same session at once come one after the other, and the second finds the first."""
    connection.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 8))", [f"{FIELDS}/{field_id}"])
    other = connection.execute(
        "SELECT version FROM layers.rtk_fields WHERE field_id = %s AND fid <> %s LIMIT 1", [field_id, edited.fid]
    ).fetchone()
    if other is not None:
        raise EditConflictError("同じ圃場がいま保存されたところです。一覧を読み込み直して確かめてください。", other[0])


def _note_boundary(connection: Connection, caller: Caller, keeping: Keeping, edited: Edited) -> None:
    survey, boundary = keeping.survey, keeping.boundary
    connection.execute(
        "INSERT INTO surveys.boundaries (fid, version, field_id, session, surveyed_on, station, claimed_fix, plane_epsg, rings, "
        "kept_by, shape) SELECT %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, md5(f.geom::bytea) FROM layers.rtk_fields f "
        "WHERE f.fid = %s",
        [
            *(edited.fid, edited.version, keeping.field_id, survey.session, survey.surveyed_on),
            *(Jsonb(asdict(survey.station)), survey.claimed_fix, boundary.plane_epsg, Jsonb(_rings(boundary))),
            *(caller.account, edited.fid),
        ],
    )


def give_field(
    store: Store,
    caller: Caller,
    origin: str | None,
    field_id: str,
    owner: str | None,
    require_farmer: Callable[[Store, str], None],
) -> StoredField:
    """Make a field somebody's, or nobody's (None); whose it was sees it no more.

    `require_farmer` raises for a login that can have no field. Raises UnknownFieldError, and NotSurveyorError for whoever may
    not change every field.
    """
    if surveying(store, caller).reach is not Reach.KEEP:
        raise NotSurveyorError()
    known = stored_boundary(store, caller, field_id)
    if owner is not None:
        require_farmer(store, owner)
    with store.database.transaction() as connection:
        note_owner(connection, field_id, owner, caller.account)
        told = f"{known.owner or 'なし'} → {owner or 'なし'}"
        record(connection, Who.of(caller, origin), Entry("survey.owner", FIELDS, rows=[field_id], note=told, count=1))
    return stored_boundary(store, caller, field_id)


def note_export(store: Store, caller: Caller, origin: str | None, field_ids: Sequence[str], form: str) -> None:
    """Enter in the log that fields left as a file of that form. `store` is the whole one."""
    with store.database.transaction() as connection:
        entry = Entry("survey.export", FIELDS, rows=list(field_ids), note=form, count=len(field_ids))
        record(connection, Who.of(caller, origin), entry)
