"""Who asks: a person's login at the moment of the request, and the post from which rights come."""

from collections.abc import Set
from dataclasses import dataclass, field
from enum import StrEnum


class Verb(StrEnum):
    """What may be done with a layer's columns; SWITCH is of no layer: to set the situation on the day of a disaster.

    SURVEY is a farmer's: to measure own fields, with the lines of the layers in sight and nothing else of them.
    """

    READ = "read"
    EDIT = "edit"
    APPROVE = "approve"
    EXPORT = "export"
    SWITCH = "switch"
    SURVEY = "survey"


EVERY_VERB = frozenset(Verb)


@dataclass(frozen=True)
class Post:
    """A place in the town hall: rights hang on it, never on a person, so that a transfer changes one row.

    `department` is the 課; `duties` are ids of the policy's duties.
    """

    department: str
    duties: frozenset[str]


@dataclass(frozen=True)
class Caller:
    """One request's asker. `verbs` narrows what a key may do below what the post allows."""

    account: str
    name: str
    post: Post
    verbs: Set[Verb] = field(default=EVERY_VERB)
