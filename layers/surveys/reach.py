"""How far an asker sees among surveys: all of them, the fields only, or own ones only. PostgreSQL asks the same again."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum

from layers.store.database import Connection
from layers.store.definitions import Layer
from layers.store.instance import Store
from layers.store.rights.caller import Caller, Verb
from layers.store.rights.grants import FIELDS
from layers.store.rights.policy import seen_with
from layers.surveys.errors import NotSurveyorError

TIMEOUT_S = 10.0


class Reach(StrEnum):
    """KEEP sees and changes every survey and field, READ sees every field, OWN only what is the asker's."""

    KEEP = "keep"
    READ = "read"
    OWN = "own"


@dataclass(frozen=True)
class Asking:
    """An asker, how far they see, and whether they may record and keep surveys."""

    caller: Caller
    reach: Reach
    surveys: bool


def asking(store: Store, caller: Caller) -> Asking:
    """How far the caller sees, in the whole store or their post's own. Raises NotSurveyorError where they see nothing."""
    fields = store.catalogue.get(FIELDS)
    if fields is not None and store.policy.allows(caller, Verb.EDIT, fields):
        return Asking(caller, Reach.KEEP, surveys=True)
    surveys = store.policy.may_survey(caller)
    if fields is not None and store.policy.allows(caller, Verb.READ, fields):
        return Asking(caller, Reach.READ, surveys)
    if not surveys:
        raise NotSurveyorError()
    return Asking(caller, Reach.OWN, surveys)


def surveying(store: Store, caller: Caller) -> Asking:
    """The same for who may record and keep surveys. Raises NotSurveyorError."""
    found = asking(store, caller)
    if not found.surveys:
        raise NotSurveyorError()
    return found


def may_survey(store: Store, caller: Caller) -> bool:
    """Whether the caller may record and keep surveys."""
    try:
        return asking(store, caller).surveys
    except NotSurveyorError:
        return False


@contextmanager
def reaching(store: Store, asker: Asking) -> Iterator[Connection]:
    """A transaction that names the asker: the functions of the schema `surveys` give what is theirs to see."""
    with store.database.transaction(timeout_s=TIMEOUT_S) as connection:
        connection.execute(
            "SELECT set_config('onomap.account', %s, true), set_config('onomap.reach', %s, true)",
            [asker.caller.account, asker.reach.value],
        )
        yield connection


def lines_in_sight(store: Store, caller: Caller) -> dict[str, Layer]:
    """The layers of the whole `store` whose lines may be drawn round a caller's position, with the fields that may be told.

    For a farmer those that the policy names, for others what they read. Under a farmer's own role PostgreSQL gives of them
    `fid`, those fields and the geometry, and nothing else.
    """
    verb = Verb.SURVEY if store.policy.may_survey(caller) else Verb.READ
    if verb not in caller.verbs:
        return {}
    seen = (
        (name, seen_with(one, store.policy.classes(caller.post, verb, one))) for name, one in store.catalogue.items()
    )
    return {name: layer for name, layer in seen if layer is not None}
