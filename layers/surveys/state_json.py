"""A session as JSON: what it hangs on, and each corner and piece of track with its fixes counted by quality."""

from dataclasses import asdict

import numpy as np

from gis.crs import Datum, Grids, geographic_epsg, plan
from gis.reference_systems import DEGREE_DECIMALS
from layers.store.instance import Store
from layers.surveys.making import corner_of_piece
from layers.surveys.sessions import Piece, Session, State, qualities_of


def session_json(session: Session) -> dict[str, object]:
    """A session without its records; `claimed_fix` is what the user said, not what was measured."""
    return {
        "id": str(session.id),
        "account": session.account,
        "field_name": session.field_name,
        "field_id": session.field_id,
        "started_at": session.started_at.isoformat(),
        "received_at": session.received_at.isoformat(),
        "station": asdict(session.station),
        "antenna_height_m": session.antenna_height_m,
        "claimed_fix": session.claimed_fix,
    }


def state_json(store: Store, state: State) -> dict[str, object]:
    """A session with its pieces in their order."""
    return {
        **session_json(state.session),
        "pieces": [_piece(store, state.session, piece) for piece in state.pieces],
        "taken_back": state.taken_back,
        "qualities": qualities_of(fix for piece in state.pieces for fix in piece.fixes),
    }


def _piece(store: Store, session: Session, piece: Piece) -> dict[str, object]:
    told: dict[str, object] = {
        "record": str(piece.record),
        "kind": piece.kind,
        "ring": piece.ring,
        "order": piece.order,
        "at": None if piece.at is None else piece.at.isoformat(),
        "source": piece.source,
        "note": piece.note,
        "fixes": len(piece.fixes),
        "qualities": piece.qualities,
    }
    return told | (_corner(store, session, piece) if piece.kind == "corner" else {})


def _corner(store: Store, session: Session, piece: Piece) -> dict[str, object]:
    """Where the corner is and how sure; nulls where its fixes make none yet."""
    vertex = corner_of_piece(store, session, piece)
    if vertex is None:
        return {"lon": None, "lat": None, "sigma_m": None, "quality": None}
    back = plan(store.town.srid, geographic_epsg(Datum.JGD2011), Grids())
    lon, lat, _ = back.move(np.array([vertex.x]), np.array([vertex.y]))
    return {
        "lon": round(float(lon[0]), DEGREE_DECIMALS),
        "lat": round(float(lat[0]), DEGREE_DECIMALS),
        "sigma_m": round(vertex.sigma_m, 4),
        "quality": None if vertex.quality is None else int(vertex.quality),
    }
