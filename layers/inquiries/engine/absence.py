"""What to say when nothing was found: a no where the layer knows, a gap where it does not."""

from collections.abc import Mapping

import numpy as np

from layers.inquiries.engine import labels
from layers.inquiries.engine.questions import Question
from layers.inquiries.engine.verdicts import Verdict, no_data
from layers.store.outcomes import Outcome


def complete(question: Question, found: Mapping[int, Verdict], search_m: float = 0.0) -> list[Verdict]:
    """One verdict a parcel: what was found, and for the others what finding nothing within `search_m` means.

    A finding that stands although part of its parcel lies outside the coverage says so in a note.
    """
    parcels = len(question.plots.parcels)
    uncovered = question.uncovered.tolist()
    leaves = question.coverage.ends_within(np.full(parcels, search_m if search_m > 0 else np.nan)).tolist()
    verdicts = []
    for at in range(parcels):
        verdict = found.get(at)
        if verdict is None:
            verdict = _absence(question, at, uncovered=uncovered[at], leaves=leaves[at])
        elif uncovered[at] and verdict.outcome is not Outcome.NO_DATA:
            verdict = verdict.with_notes(_outside_note(question, at))
        verdicts.append(verdict)
    return verdicts


def gap(question: Question, at: int) -> str:
    """The label of a parcel that lies outside the coverage, or partly so."""
    if not question.coverage.known:
        return labels.NO_COVERAGE
    return labels.outside_coverage(float(question.coverage.share[at]))


def _absence(question: Question, at: int, *, uncovered: bool, leaves: bool) -> Verdict:
    measure = question.surroundings(at)
    if uncovered:
        return no_data(gap(question, at), measure=measure)
    if leaves:
        return no_data(labels.SEARCH_LEAVES_COVERAGE, measure=measure)
    notes = (labels.EDGE_OF_COVERAGE,) if "covered_share" in measure else ()
    return Verdict(Outcome.DOES_NOT_APPLY, question.theme.label_not, measure, notes)


def _outside_note(question: Question, at: int) -> str:
    if not question.coverage.known:
        return labels.NO_COVERAGE_NOTE
    return labels.outside_note(float(question.coverage.share[at]))
