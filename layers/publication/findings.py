"""One thing that the gate has to say."""

from dataclasses import dataclass
from enum import StrEnum


class Level(StrEnum):
    """How grave a finding is: it stops, a person must look, or all is well."""

    STOP = "stop"
    LOOK = "look"
    GOOD = "good"


@dataclass(frozen=True)
class Finding:
    """The check that found it, how grave it is, and a sentence for the clerk."""

    check: str
    level: Level
    sentence: str
