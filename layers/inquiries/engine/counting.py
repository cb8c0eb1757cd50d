"""The count test (how many features are in or around a parcel) and the length test (how many metres of lines).

Both ask about the parcel, grown by the theme's `distance_m` if it has one. 該当 if something is in it even if both are
drawn apart by the band; 非該当 if nothing is in it or within the band of it; else 境界付近. The measures give the drawn
figure between the least and the most that the band allows.
"""

from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

from layers.inquiries.engine import labels
from layers.inquiries.engine.absence import complete
from layers.inquiries.engine.proximity import Nearness, certainly_within, within
from layers.inquiries.engine.questions import Question, spans
from layers.inquiries.engine.rows import Rows
from layers.inquiries.engine.strips import grown
from layers.inquiries.engine.verdicts import Verdict
from layers.store.outcomes import Outcome

SHORTEST_M = 0.1
"""Metres of a line from which on it counts as lying in a parcel: what two ends at one corner share does not."""


def count(question: Question) -> list[Verdict]:
    """One verdict a parcel on how many features are in it or within `distance_m`."""
    rows, distance_m = question.rows.drawn(), question.theme.distance_m or 0.0
    near = within(question.plots, rows.geometry, distance_m + question.band_m)
    certain = certainly_within(question.plots, rows.geometry, near, distance_m, question.band_m)
    figures = [certain.astype(float), (near.distance_m <= distance_m).astype(float), np.ones(len(near.parcel))]
    return _verdicts(question, rows, near, _Figures("count", "", 1.0, *figures))


def length(question: Question) -> list[Verdict]:
    """One verdict a parcel on the metres of lines in it or within `distance_m`."""
    rows, distance_m = question.rows.drawn(), question.theme.distance_m or 0.0
    near = within(question.plots, rows.geometry, distance_m + question.band_m)
    lines = rows.geometry[near.row]
    figures = [
        _length(question, near, lines, distance_m - question.band_m),
        _length(question, near, lines, np.full(len(question.band_m), distance_m)),
        _length(question, near, lines, distance_m + question.band_m),
    ]
    return _verdicts(question, rows, near, _Figures("length", "_m", SHORTEST_M, *figures))


@dataclass(frozen=True)
class _Figures:
    """A figure for each near pair, as least, drawn and most; its name and unit; from how much on it counts."""

    name: str
    unit: str
    counts_from: float
    least: NDArray[np.float64]
    drawn: NDArray[np.float64]
    most: NDArray[np.float64]

    def measure(self, chosen: slice) -> dict[str, object]:
        """The sums over some of the pairs."""
        columns = {"": self.drawn, "_min": self.least, "_max": self.most}
        return {
            f"{self.name}{bound}{self.unit}": self._rounded(float(column[chosen].sum()))
            for bound, column in columns.items()
        }

    def applies(self, chosen: slice) -> bool:
        """Whether enough is certain."""
        return float(self.least[chosen].sum()) >= self.counts_from

    def _rounded(self, value: float) -> float | int:
        return round(value, 2) if self.unit else round(value)


def _length(
    question: Question, near: Nearness, lines: NDArray[np.object_], grown_m: NDArray[np.float64]
) -> NDArray[np.float64]:
    """The metres of each line in its parcel grown (or shrunk) by a distance."""
    used, back = np.unique(near.parcel, return_inverse=True)
    areas = grown(question.plots.geometry[used], grown_m[used])
    lengths: NDArray[np.float64] = shapely.length(shapely.intersection(lines, areas[back]))
    return lengths


def _verdicts(question: Question, rows: Rows, near: Nearness, figures: _Figures) -> list[Verdict]:
    found = {}
    for at, (start, end) in enumerate(spans(near.parcel, len(question.plots.parcels))):
        if end > start:
            chosen = slice(start, end)
            near_by = sorted(zip(near.distance_m[chosen].tolist(), near.row[chosen].tolist(), strict=True))
            found[at] = _found(question, rows, at, figures.measure(chosen), near_by, applies=figures.applies(chosen))
    return complete(question, found, question.theme.distance_m or 0.0)


def _found(
    question: Question,
    rows: Rows,
    at: int,
    figures: dict[str, object],
    near: list[tuple[float, int]],
    *,
    applies: bool,
) -> Verdict:
    groups, member = rows.groups
    chosen = [row for _, row in near]
    gravest = min({int(member[row]) for row in chosen}, key=lambda group: rows.gravity(groups[group]))
    texts = {name: labels.number(value) for name, value in figures.items() if isinstance(value, (int, float))}
    text = rows.label([row for row in chosen if member[row] == gravest], groups[gravest], texts)
    measure: dict[str, object] = {
        **figures,
        "distance_m": round(near[0][0], 2),
        **question.surroundings(at),
        **rows.listing(chosen, {row: {"distance_m": round(distance, 2)} for distance, row in near}),
    }
    if question.plots.undetermined[at]:
        return Verdict(Outcome.NEAR_BOUNDARY, labels.near(text), measure, (labels.UNDETERMINED,))
    return Verdict(
        Outcome.APPLIES if applies else Outcome.NEAR_BOUNDARY, text if applies else labels.near(text), measure
    )
