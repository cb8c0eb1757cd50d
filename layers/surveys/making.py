"""From a session's records to the boundary of a field, and the boundary kept: the arithmetic is `gis.positioning`'s."""

from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from itertools import groupby
from uuid import UUID
from zoneinfo import ZoneInfo

from gis.errors import CrsError
from gis.positioning.boundary import boundary_of
from gis.positioning.corner import corner_of
from gis.positioning.model import SurveyedBoundary, Vertex
from gis.positioning.picture import picture
from gis.positioning.plane import Antenna, PlaneFix, to_plane
from gis.positioning.refusal import BoundaryRefused
from gis.positioning.track import LineRule, line_of
from layers.store.editing.precondition import Precondition
from layers.store.instance import Store
from layers.store.rights.caller import Caller
from layers.surveys.errors import SurveyBoundaryRefusedError, SurveyRefusedError, UnknownSurveyError
from layers.surveys.fields import Keeping, StoredField, Survey, keep_field
from layers.surveys.reach import Reach, surveying
from layers.surveys.sessions import Piece, Session, State, state

TOKYO = ZoneInfo("Asia/Tokyo")
FURTHEST_EDGE_M = 20.0
"""How far the antenna may run beside the edge that is meant."""
_MOST_DRAWN = 2_000


@dataclass(frozen=True)
class Placed:
    """A piece with its fixes in the plane."""

    piece: Piece
    fixes: Sequence[PlaneFix]


def boundary_of_session(
    store: Store, caller: Caller, identifier: UUID, *, edge_left_m: float = 0.0
) -> tuple[State, SurveyedBoundary]:
    """The boundary that a session makes, ring by ring: corners, tracks, or both in their order. Nothing is stored.

    `edge_left_m` is how far left of the driven way the edge lies. Raises UnknownSurveyError, NotSurveyorError,
    SurveyBoundaryRefusedError with the reason and a picture, SurveyRefusedError where a grid file is wanting.
    """
    found = state(store, caller, identifier)
    placed = _placed(store, found)
    try:
        rings = _rings(placed, edge_left_m)
        boundary = boundary_of(rings[0], rings[1:], plane_epsg=store.town.srid)
    except BoundaryRefused as refused:
        raise _with_picture(refused, placed) from refused
    return found, boundary


def corner_of_piece(store: Store, session: Session, piece: Piece) -> Vertex | None:
    """The corner that one piece makes by itself; None where it makes none yet."""
    try:
        return corner_of(_in_plane(store, session, piece)).vertex
    except (BoundaryRefused, CrsError):
        return None


def _in_plane(store: Store, session: Session, piece: Piece) -> list[PlaneFix]:
    # a typed position and a list of points say where the ground is, not where an antenna was
    height = session.antenna_height_m if piece.source in ("nmea", "geolocation") else 0.0
    return to_plane(piece.fixes, session.station, store.town.srid, store.settings.grids, Antenna(height))


def _placed(store: Store, found: State) -> list[Placed]:
    if not any(piece.ring == 0 for piece in found.pieces):
        raise SurveyBoundaryRefusedError(
            "外周の角や線がまだありません。外周を測ってから確かめてください。", "no_fixes", None
        )
    try:
        return [Placed(piece, _in_plane(store, found.session, piece)) for piece in found.pieces]
    except CrsError as error:
        raise SurveyRefusedError(str(error)) from error


def _rings(placed: Sequence[Placed], edge_left_m: float) -> list[list[Vertex]]:
    return [_ring(list(pieces), edge_left_m) for _, pieces in groupby(placed, key=lambda one: one.piece.ring)]


def _ring(pieces: Sequence[Placed], edge_left_m: float) -> list[Vertex]:
    """A ring of tracks alone is one line that closes; between corners tracks are lines from one to the next."""
    whole = all(one.piece.kind == "track" for one in pieces)
    rule = LineRule(closed=whole, edge_left_m=edge_left_m)
    ring: list[Vertex] = []
    for kind, run in groupby(pieces, key=lambda one: one.piece.kind):
        if kind == "track":
            ring += line_of([fix for one in run for fix in one.fixes], rule).vertices
        else:
            ring += [corner_of(one.fixes).vertex for one in run]
    return ring


def _with_picture(refused: BoundaryRefused, placed: Sequence[Placed]) -> SurveyBoundaryRefusedError:
    drawn = []
    for _, pieces in groupby(placed, key=lambda one: one.piece.ring):
        places = [
            (fix.x, fix.y) for one in pieces for fix in (one.fixes if one.piece.kind == "track" else one.fixes[:1])
        ]
        drawn.append(places[:: max(1, len(places) // _MOST_DRAWN)])
    shown = picture(drawn, refused.places, title=str(refused))
    return SurveyBoundaryRefusedError(str(refused), refused.reason.value, shown)


def keep_session(
    store: Store,
    caller: Caller,
    origin: str | None,
    identifier: UUID,
    match: Precondition | None,
    *,
    edge_left_m: float = 0.0,
) -> tuple[StoredField, bool]:
    """Keep what a session makes: as the field that it names, else as a field of its own, however often it is asked.

    `store` is the whole one. Raises what `boundary_of_session` and `keep_field` raise.
    """
    asker = surveying(store, caller)
    found, boundary = boundary_of_session(store, caller, identifier, edge_left_m=edge_left_m)
    session = found.session
    if asker.reach is not Reach.KEEP and session.account != caller.account:
        raise UnknownSurveyError()
    survey = Survey(
        session.field_name,
        session.started_at.astimezone(TOKYO).date(),
        session.station,
        session.claimed_fix,
        session.id,
    )
    # what a clerk measured is nobody's until it is given to somebody
    owner = None if asker.reach is Reach.KEEP and session.account == caller.account else session.account
    keeping = Keeping(
        survey, boundary, session.field_id or new_field_id(session), owner, must_exist=session.field_id is not None
    )
    return keep_field(store, caller, origin, keeping, match)


def new_field_id(session: Session) -> str:
    """The id of a new field, the same for a session however often it is kept; nobody can choose it for another's."""
    return f"F-{sha256(f'{session.account}/{session.id}'.encode()).hexdigest()[:10].upper()}"
