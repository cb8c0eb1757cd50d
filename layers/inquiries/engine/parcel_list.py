"""The parcel-list test: a designation that is a list of 地番, with a drawing beside it at best.

The list decides. The drawing can only call for a check: a listed parcel of which the drawing of its own row takes less
than half, or a parcel that is not listed but more than half of which lies in what is drawn for others. A parcel without
a place on earth is answered from the list alone. A 筆界未定 parcel stands for several numbers (joined by "+"): it is
該当 if all of them are listed, otherwise each must be looked up.
"""

from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

from layers.inquiries.engine import labels
from layers.inquiries.engine.absence import complete
from layers.inquiries.engine.evidence_types import PARCEL_KEY
from layers.inquiries.engine.questions import Question
from layers.inquiries.engine.rows import Rows
from layers.inquiries.engine.verdicts import Verdict
from layers.inquiries.engine.zones import join, lay_over
from layers.inquiries.model import Parcel
from layers.store.outcomes import Outcome

_MOST = 0.5


@dataclass(frozen=True)
class Drawing:
    """What is drawn of the list: for each parcel the share (0–1) that its own rows take and that other rows take.

    `own` is NaN where nothing is drawn for the parcel, or the parcel has no shape.
    """

    own: NDArray[np.float64]
    others: NDArray[np.float64]


def answer(question: Question) -> list[Verdict]:
    """One verdict a parcel, also for those without a measurable shape."""
    rows = question.rows
    by_key: dict[str, list[int]] = {}
    for position, key in enumerate(rows.column(PARCEL_KEY)):
        by_key.setdefault(str(key), []).append(position)
    listed = [[by_key.get(key, []) for key in keys_of(parcel)] for parcel in question.plots.parcels]
    drawing = _drawing(question, [{row for found in one for row in found} for one in listed])
    unlisted = _unlisted(question)
    return [_verdict(question, at, found, drawing, unlisted[at]) for at, found in enumerate(listed)]


def keys_of(parcel: Parcel) -> list[str]:
    """The keys that a list may name the parcel by: its own, or those of the numbers that a 筆界未定 parcel joins."""
    if not parcel.undetermined or "+" not in parcel.chiban:
        return [parcel.key]
    place, _, joined = parcel.key.rpartition("/")
    return [f"{place}/{number}" for number in joined.split("+") if number]


def _drawing(question: Question, listed: list[set[int]]) -> Drawing:
    rows, plots = question.rows, question.plots
    drawn_at = np.flatnonzero(~shapely.is_missing(rows.geometry))
    no_band = np.where(shapely.is_missing(plots.geometry), np.nan, 0.0)
    rowwise = lay_over(plots, rows.geometry[drawn_at], no_band)
    rowwise = rowwise[rowwise.drawn_m2 > 0]
    own = [int(drawn_at[zone]) in listed[parcel] for parcel, zone in zip(rowwise.parcel, rowwise.zone, strict=True)]
    patches = join(plots, rowwise, np.where(np.array(own, dtype=np.bool_), 0, 1).astype(np.intp))
    drawn_m2 = np.zeros((len(listed), 2))
    drawn_m2[patches.parcel, patches.zone] = patches.drawn_m2
    drawn_rows = set(drawn_at.tolist())
    is_drawn = np.array([not drawn_rows.isdisjoint(rows_of) for rows_of in listed], dtype=np.bool_)
    area = np.where(plots.area_m2 > 0, plots.area_m2, np.nan)
    return Drawing(np.where(is_drawn, drawn_m2[:, 0] / area, np.nan), np.nan_to_num(drawn_m2[:, 1] / area))


def _unlisted(question: Question) -> list[Verdict]:
    """What to say of a parcel that the list does not name: no where the list is known to cover it."""
    placed = ~shapely.is_missing(question.plots.geometry)
    verdicts = complete(question, {})
    return [
        verdict if has_place or not question.coverage.known else _not_listed(question)
        for verdict, has_place in zip(verdicts, placed.tolist(), strict=True)
    ]


def _not_listed(question: Question) -> Verdict:
    return Verdict(Outcome.DOES_NOT_APPLY, question.theme.label_not, {})


def _verdict(question: Question, at: int, found: list[list[int]], drawing: Drawing, unlisted: Verdict) -> Verdict:
    parcel = question.plots.parcels[at]
    chosen = [row for one in found for row in one]
    measure = _measure(question.rows, chosen, drawing, at)
    notes = (labels.LIST_ONLY,) if question.plots.obstacles[at] is not None else ()
    if chosen and not all(found):
        text = labels.near(_text(question.rows, chosen))
        return Verdict(Outcome.NEAR_BOUNDARY, text, measure, (*notes, labels.UNDETERMINED_LIST))
    if chosen:
        if drawing.own[at] < _MOST:
            return Verdict(Outcome.NEAR_BOUNDARY, labels.LIST_DISAGREES, measure, (*notes, labels.LISTED_NOT_DRAWN))
        return Verdict(Outcome.APPLIES, _text(question.rows, chosen), measure, notes)
    if parcel.undetermined:
        label = labels.near(labels.LIST_NOT_NAMED)
        return Verdict(Outcome.NEAR_BOUNDARY, label, measure, (*notes, labels.UNDETERMINED_LIST))
    if _drawn_for_others(question, drawing, at):
        return Verdict(Outcome.NEAR_BOUNDARY, labels.LIST_DISAGREES, measure, (*notes, labels.DRAWN_NOT_LISTED))
    return Verdict(unlisted.outcome, unlisted.label, {**unlisted.measure, **measure}, (*unlisted.notes, *notes))


def _drawn_for_others(question: Question, drawing: Drawing, at: int) -> bool:
    drawn_m2 = drawing.others[at] * question.plots.area_m2[at]
    return bool(drawing.others[at] > _MOST and drawn_m2 >= question.threshold_m2[at])


def _measure(rows: Rows, chosen: list[int], drawing: Drawing, at: int) -> dict[str, object]:
    measure: dict[str, object] = {"listed": bool(chosen), **rows.listing(chosen)}
    if not np.isnan(drawing.own[at]):
        measure["share"] = round(min(float(drawing.own[at]), 1.0), 4)
    if drawing.others[at] > 0:
        measure["drawn_for_others_share"] = round(min(float(drawing.others[at]), 1.0), 4)
    return measure


def _text(rows: Rows, chosen: list[int]) -> str:
    """The label of the gravest group among the rows, and how many other groups there are."""
    groups, member = rows.groups
    present = sorted({int(member[row]) for row in chosen}, key=lambda group: (rows.gravity(groups[group]), group))
    texts = [rows.label([row for row in chosen if member[row] == group], groups[group]) for group in present]
    different = list(dict.fromkeys(texts))
    return labels.with_others(different[0], len(different) - 1)
