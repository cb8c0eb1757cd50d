"""The situation as the staff page is shown it: what stands inside, every site, what is outside, and what may be done."""

from collections.abc import Callable

from api.situation_sending import held
from gis.errors import OnomapError
from layers.publication.desk import Desk
from layers.situation.desk import SituationDesk
from layers.situation.published import document
from layers.situation.register import Revision, history, last_sending
from layers.situation.sites import sites

_STEPS = 8


def shown(desk: SituationDesk, public: Callable[[], Desk], revision: Revision) -> dict[str, object]:
    """All of it; `outside` says what the public side has, or why that is not known."""
    with desk.store.database.transaction() as connection:
        steps, sending = history(connection, _STEPS), last_sending(connection)
    return {
        "number": revision.number,
        "made_at": revision.made_at.isoformat() if revision.made_at else None,
        "may_switch": desk.may_switch(),
        "caller": {"name": desk.caller.name, "department": desk.caller.post.department},
        "town": {"name": desk.store.town.name, "bbox": list(desk.store.town.bbox)},
        "content": document(revision.content),
        "sites": [
            {"layer": one.layer, "id": one.id, "name": one.name, "address": one.address} for one in sites(desk.store)
        ],
        "can_undo": revision.same_as > 0,
        "steps": [_step(one) for one in steps],
        "outside": _outside(public, sending[0] if sending is not None else None),
        "last_file": sending[2].isoformat() if sending is not None and sending[1] == "file" else None,
    }


def _step(one: Revision) -> dict[str, object]:
    return {
        "number": one.number,
        "action": one.action,
        "note": one.note,
        "name": one.made_name,
        "made_at": one.made_at.isoformat() if one.made_at else None,
    }


def _outside(public: Callable[[], Desk], last: int | None) -> dict[str, object]:
    """What the public side has. One behind a gap cannot be asked: then what was last put into a file stands for it."""
    try:
        side = public().side
        if side is None:
            return {"way": "file", "number": last, "at": None, "trouble": None}
        found = held(side)
    except OnomapError as error:
        return {"way": "import", "number": None, "at": None, "trouble": str(error)}
    number, at = (found.number, found.imported_at.isoformat()) if found is not None else (None, None)
    return {"way": "import", "number": number, "at": at, "trouble": None}
