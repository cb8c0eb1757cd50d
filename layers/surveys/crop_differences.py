"""What a ledger that comes back would do to the plans of a year."""

from dataclasses import dataclass

from layers.surveys.crop_grounds import Ground
from layers.surveys.crop_model import Plan, PlanPart


@dataclass(frozen=True)
class Difference:
    """A field whose plan would change."""

    ground: Ground
    before: Plan
    after: tuple[PlanPart, ...]


@dataclass(frozen=True)
class Refusal:
    """A row (its line in the sheet) that cannot be taken, and why."""

    line: int
    why: str


@dataclass(frozen=True)
class Preview:
    """What a ledger would do to a year. With a refusal nothing can be taken over; `digest` stands for all of it."""

    year: int
    differences: list[Difference]
    unchanged: int
    refused: list[Refusal]
    digest: str
