"""The nearest test: which feature is nearest, and whether it is within the distance asked about.

With `distance_m`: 該当 if a feature is within it even if both are drawn apart by the band, 非該当 if none is within it
and the band, and 境界付近 between. Without, the test informs: 該当 with the nearest feature, however far it is.
All distances are straight lines between outlines; 0 where they meet.
"""

import numpy as np

from layers.inquiries.engine import labels
from layers.inquiries.engine.absence import complete
from layers.inquiries.engine.proximity import certainly_within, nearest, within
from layers.inquiries.engine.questions import Question, spans
from layers.inquiries.engine.rows import Rows
from layers.inquiries.engine.verdicts import Verdict
from layers.store.outcomes import Outcome


def answer(question: Question) -> list[Verdict]:
    """One verdict a parcel; those without a measurable shape are not looked at."""
    distance_m = question.theme.distance_m
    return _informed(question) if distance_m is None else _bounded(question, distance_m)


def _informed(question: Question) -> list[Verdict]:
    rows = question.rows.drawn()
    near = nearest(question.plots, rows.geometry)
    reach = np.full(len(question.plots.parcels), np.nan)
    reach[near.parcel] = near.distance_m
    nearer_beyond = question.coverage.ends_within(reach)
    uncovered, found = question.uncovered, {}
    for parcel, row, distance in zip(near.parcel.tolist(), near.row.tolist(), near.distance_m.tolist(), strict=True):
        if not uncovered[parcel]:
            notes = (labels.NEARER_BEYOND_COVERAGE,) if nearer_beyond[parcel] else ()
            measure = _measure(question, rows, parcel, [(distance, row)])
            found[parcel] = Verdict(Outcome.APPLIES, _text(rows, row, distance), measure, notes)
    return complete(question, found)


def _bounded(question: Question, distance_m: float) -> list[Verdict]:
    rows, plots = question.rows.drawn(), question.plots
    near = within(plots, rows.geometry, distance_m + question.band_m)
    certain = certainly_within(plots, rows.geometry, near, distance_m, question.band_m)
    certain &= ~plots.undetermined[near.parcel]
    found = {}
    for at, (start, end) in enumerate(spans(near.parcel, len(plots.parcels))):
        if end > start:
            by_distance = sorted(zip(near.distance_m[start:end].tolist(), near.row[start:end].tolist(), strict=True))
            found[at] = _found(question, rows, at, by_distance, applies=bool(certain[start:end].any()))
    return complete(question, found, distance_m)


def _found(question: Question, rows: Rows, at: int, near: list[tuple[float, int]], *, applies: bool) -> Verdict:
    nearest_m, row = near[0]
    text = _text(rows, row, nearest_m)
    measure = _measure(question, rows, at, near)
    measure["count"] = sum(distance <= (question.theme.distance_m or 0.0) for distance, _ in near)
    notes = (labels.UNDETERMINED,) if question.plots.undetermined[at] else ()
    if applies:
        return Verdict(Outcome.APPLIES, text, measure, notes)
    return Verdict(Outcome.NEAR_BOUNDARY, labels.near(_away(question, text, nearest_m)), measure, notes)


def _away(question: Question, text: str, distance_m: float) -> str:
    """The text with the distance, unless the theme's label says it."""
    said = "distance_m" in labels.placeholders(question.theme.label_applies)
    return text if said else labels.at_distance(text, distance_m)


def _text(rows: Rows, row: int, distance_m: float) -> str:
    groups, member = rows.groups
    return rows.label([row], groups[member[row]], {"distance_m": labels.number(distance_m)})


def _measure(question: Question, rows: Rows, at: int, near: list[tuple[float, int]]) -> dict[str, object]:
    extra = {row: {"distance_m": round(distance, 2)} for distance, row in near}
    return {
        "distance_m": round(near[0][0], 2),
        **question.surroundings(at),
        **rows.listing([row for _, row in near], extra),
    }
