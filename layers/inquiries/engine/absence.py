"""What to say when nothing was found: a no where the layer knows, a gap where it does not."""

import numpy as np

from layers.inquiries.engine import labels
from layers.inquiries.engine.questions import Question
from layers.inquiries.engine.verdicts import Verdict, no_data
from layers.inquiries.model import Outcome


def absences(question: Question, search_m: float = 0.0) -> list[Verdict]:
    """For each parcel the verdict in case that the test finds nothing at all within `search_m` of it."""
    coverage, parcels = question.coverage, len(question.plots.parcels)
    uncovered = question.uncovered
    leaves = coverage.ends_within(np.full(parcels, search_m if search_m > 0 else np.nan))
    verdicts = []
    for at in range(parcels):
        measure = {"band_m": round(float(question.band_m[at]), 2), **covered(question, at)}
        if uncovered[at]:
            verdicts.append(no_data(_gap(question, at), measure=measure))
        elif leaves[at]:
            verdicts.append(no_data(labels.SEARCH_LEAVES_COVERAGE, measure=measure))
        else:
            notes = (labels.EDGE_OF_COVERAGE,) if "covered_share" in measure else ()
            verdicts.append(Verdict(Outcome.DOES_NOT_APPLY, question.theme.label_not, measure, notes))
    return verdicts


def covered(question: Question, at: int) -> dict[str, float]:
    """The covered share of a parcel for its measure; nothing where all but a sliver of it is covered."""
    outside_m2 = question.plots.area_m2[at] * (1 - question.coverage.share[at])
    if outside_m2 < question.threshold_m2[at]:
        return {}
    return {"covered_share": round(float(question.coverage.share[at]), 4)}


def outside_notes(question: Question, at: int) -> tuple[str, ...]:
    """The note on a finding that stands although part of its parcel lies outside the coverage."""
    if not question.coverage.known:
        return (labels.NO_COVERAGE_NOTE,)
    return (labels.outside_note(float(question.coverage.share[at])),)


def _gap(question: Question, at: int) -> str:
    if not question.coverage.known:
        return labels.NO_COVERAGE
    return labels.outside_coverage(float(question.coverage.share[at]))
