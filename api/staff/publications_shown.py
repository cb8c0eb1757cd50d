"""Publications as the page and programs are shown them: what is the case, and what this caller may do next."""

from collections.abc import Callable

from layers.publication import register, rules
from layers.publication.desk import Desk
from layers.publication.errors import NotAllowedError
from layers.publication.published_layer import is_publishable
from layers.publication.register import Publication
from layers.store.definitions import Layer
from layers.store.rights.caller import Caller

_MOST_STEPS = 500


def shown(desk: Desk, caller: Caller, found: Publication) -> dict[str, object]:
    """One publication."""
    layer = desk.store.layer(found.layer)
    return {
        "id": found.id,
        "layer": found.layer,
        "title": layer.title,
        "state": found.state,
        "state_label": register.STATE_LABELS[found.state],
        "rows": found.rows,
        "requested_name": found.requested_name,
        "requested_at": found.requested_at.isoformat(),
        "checked_at": found.checked_at.isoformat() if found.checked_at else None,
        "approved_name": found.approved_name,
        "approved_at": found.approved_at.isoformat() if found.approved_at else None,
        "edition": found.edition,
        "findings": found.findings or [],
        "difference": found.difference,
        "may": _steps(desk, caller, layer, found),
    }


def overview(desk: Desk, caller: Caller) -> dict[str, object]:
    """Every layer that may be published and seen, the caller's own first as the catalogue has them; and the editions."""
    with desk.store.database.transaction() as connection:
        latest = {one.layer: one for one in reversed(register.publications(connection, _MOST_STEPS))}
        number = register.public_number(connection)
        public = register.edition_layers(connection, number)
        made = {one.number: one for one in register.made_editions(connection)}
    layers = [layer for layer in desk.store.seen_by(caller.post).catalogue.values() if _whole(desk, layer)]
    held = desk.held()
    return {
        "caller": {"name": caller.name, "department": caller.post.department},
        "layers": [_layer(desk, caller, desk.store.layer(one.id), latest.get(one.id), public) for one in layers],
        "served": number or None,
        "has_public_side": desk.side is not None,
        "editions": [
            {
                "number": one,
                "made_at": made[one].made_at.isoformat() if one in made else None,
                "made_name": made[one].made_name if one in made else None,
                "layers": len(made[one].layers) if one in made else None,
                "served": one == number,
            }
            for one in held
        ],
    }


def _whole(desk: Desk, seen: Layer) -> bool:
    return is_publishable(desk.store.layer(seen.id))


def _layer(
    desk: Desk, caller: Caller, layer: Layer, latest: Publication | None, public: dict[str, int]
) -> dict[str, object]:
    return {
        "id": layer.id,
        "title": layer.title,
        "department": layer.department,
        "published": layer.id in public,
        "publication": shown(desk, caller, latest) if latest is not None else None,
        "may_draft": _allowed(lambda: rules.require_draft(desk.store.policy, caller, layer)),
        "may_withdraw": layer.id in public
        and _allowed(lambda: rules.require_publishing(desk.store.policy, caller, layer)),
    }


def _steps(desk: Desk, caller: Caller, layer: Layer, found: Publication) -> list[str]:
    """What this caller may do with it now; the step itself is asked again when it is taken."""
    policy = desk.store.policy
    steps = []
    if found.state == register.CHECKED and _allowed(
        lambda: rules.require_approval(policy, caller, layer, found.requested_by)
    ):
        steps.append("approve")
    publishing = _allowed(lambda: rules.require_publishing(policy, caller, layer))
    if found.state == register.APPROVED and publishing:
        steps.append("publish")
    if found.state in register.OPEN_STATES and publishing:
        steps.append("cancel")
    return steps


def _allowed(rule: Callable[[], None]) -> bool:
    try:
        rule()
    except NotAllowedError:
        return False
    return True
