"""隣接: no zone takes part of the parcel, but one lies within the distance that the theme asks about."""

import numpy as np
import shapely
from numpy.typing import NDArray

from layers.inquiries.engine import labels
from layers.inquiries.engine.proximity import Nearness, within
from layers.inquiries.engine.questions import Question, spans
from layers.inquiries.engine.rows import Rows
from layers.inquiries.engine.verdicts import Verdict
from layers.store.outcomes import Outcome


def neighbours(question: Question, rows: Rows, asked: NDArray[np.bool_]) -> dict[int, Verdict]:
    """The verdicts, by parcel, on the asked parcels that have a zone within `distance_m` and their band."""
    distance_m = question.theme.distance_m
    if distance_m is None or not np.any(asked & ~shapely.is_missing(question.plots.geometry)):
        return {}
    limit = np.where(asked, distance_m + question.band_m, np.nan)
    near = within(question.plots, rows.geometry, limit)
    return {
        at: _verdict(question, rows, at, _cut(near, start, end))
        for at, (start, end) in enumerate(spans(near.parcel, len(asked)))
        if end > start
    }


def _cut(near: Nearness, start: int, end: int) -> list[tuple[float, int]]:
    return sorted(zip(near.distance_m[start:end].tolist(), near.row[start:end].tolist(), strict=True))


def _verdict(question: Question, rows: Rows, at: int, near: list[tuple[float, int]]) -> Verdict:
    nearest_m, nearest = near[0]
    groups, member = rows.groups
    text = rows.label([nearest], groups[member[nearest]])
    drawn_within = nearest_m <= (question.theme.distance_m or 0.0)
    label = labels.beside(text, nearest_m) if drawn_within else labels.near(labels.away(text, nearest_m))
    extra = {row: {"distance_m": round(distance, 2)} for distance, row in near}
    measure: dict[str, object] = {
        "overlap_m2": 0.0,
        "share": 0.0,
        "distance_m": round(nearest_m, 2),
        **question.surroundings(at),
        **rows.listing([row for _, row in near], extra),
    }
    notes = (labels.UNDETERMINED,) if question.plots.undetermined[at] else ()
    return Verdict(Outcome.NEAR_BOUNDARY, label, measure, notes)
