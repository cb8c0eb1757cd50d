"""The adjacency test: which roads a parcel lies on, and how wide they are.

A road is a centre line with a width; its edge is half the width away from the line. The theme's `distance_m` is the
gap that drawing leaves between an edge and the parcels along it, so it is here the allowance for touching: 該当 if the
drawn edge is no farther from the parcel than that, 境界付近 if it is no farther than that and the band, else 非該当.
To ask for more certainty would make every frontage 要確認, since what only touches is never certain.

A road of unknown width is 該当 only if its centre line itself is that near, and 境界付近 if the edge of a road of 8 m
would be. A 筆界未定 parcel is never 該当: which of its parcels lies on the road is open.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from layers.inquiries.engine import labels
from layers.inquiries.engine.absence import complete
from layers.inquiries.engine.evidence_types import UNKNOWN_HALF_WIDTH_M
from layers.inquiries.engine.proximity import Nearness, within
from layers.inquiries.engine.questions import Question, spans
from layers.inquiries.engine.rows import Rows
from layers.inquiries.engine.verdicts import Verdict
from layers.store.outcomes import Outcome


@dataclass(frozen=True)
class Frontage:
    """One road that one parcel lies on, or may lie on."""

    row: int
    adjacent: bool
    edge_m: float
    width_m: float | None
    gravity: int
    text: str


@dataclass(frozen=True)
class Roads:
    """The rows of the layer with half of their widths, NaN where unknown."""

    rows: Rows
    half_m: NDArray[np.float64]


def answer(question: Question) -> list[Verdict]:
    """One verdict a parcel; those without a measurable shape are not looked at."""
    roads, plots = _roads(question), question.plots
    touching_m = question.theme.distance_m or 0.0
    widest_m = float(np.nan_to_num(roads.half_m, nan=UNKNOWN_HALF_WIDTH_M).max(initial=0.0))
    near = within(plots, roads.rows.geometry, touching_m + question.band_m + widest_m)
    assumed_m = np.nan_to_num(roads.half_m, nan=UNKNOWN_HALF_WIDTH_M)[near.row]
    possible = near.distance_m - assumed_m <= touching_m + question.band_m[near.parcel]
    adjacent = near.distance_m - np.nan_to_num(roads.half_m)[near.row] <= touching_m
    adjacent &= ~plots.undetermined[near.parcel]
    found = {}
    for at, (start, end) in enumerate(spans(near.parcel, len(plots.parcels))):
        entries = [entry for entry in range(start, end) if adjacent[entry] or possible[entry]]
        if entries:
            fronts = [_frontage(question, roads, near, entry, adjacent=bool(adjacent[entry])) for entry in entries]
            found[at] = _verdict(question, roads.rows, at, sorted(fronts, key=_widest_first))
    return complete(question, found, touching_m)


def _roads(question: Question) -> Roads:
    rows, name = question.rows.drawn(), question.theme.width_field
    return Roads(rows, rows.numbers(name) / 2 if name else np.zeros(len(rows.index)))


def _frontage(question: Question, roads: Roads, near: Nearness, entry: int, *, adjacent: bool) -> Frontage:
    row, centre_m = int(near.row[entry]), float(near.distance_m[entry])
    half_m = float(roads.half_m[row])
    width_m = None if np.isnan(half_m) else half_m * 2
    groups, member = roads.rows.groups
    codes = groups[member[row]]
    values = {
        "width_class": labels.width_class(width_m, question.theme.width_classes_m),
        "width": labels.UNKNOWN if width_m is None else labels.number(width_m),
    }
    text = roads.rows.label([row], codes, values)
    edge_m = max(0.0, centre_m - (0.0 if width_m is None else half_m))
    return Frontage(row, adjacent, edge_m, width_m, roads.rows.gravity(codes), text)


def _widest_first(front: Frontage) -> tuple[bool, float, int, float, int]:
    """What is certain first, then the wider road, then the graver class, then the nearer."""
    return (not front.adjacent, -(front.width_m or 0.0), front.gravity, front.edge_m, front.row)


def _verdict(question: Question, rows: Rows, at: int, fronts: list[Frontage]) -> Verdict:
    theme, first = question.theme, fronts[0]
    extra = {front.row: _shown(question, front) for front in fronts}
    measure: dict[str, object] = {
        "distance_m": round(min(front.edge_m for front in fronts), 2),
        "count": sum(front.adjacent for front in fronts),
        **question.surroundings(at),
        **rows.listing([front.row for front in fronts], extra),
    }
    if theme.width_field:
        measure["width_m"] = first.width_m
        measure["width_class"] = labels.width_class(first.width_m, theme.width_classes_m)
    notes: tuple[str, ...] = (labels.UNDETERMINED,) if question.plots.undetermined[at] else ()
    if any(front.width_m is None for front in fronts):
        notes += (labels.WIDTH_UNKNOWN,)
    label = _label(question, [front for front in fronts if front.adjacent is first.adjacent])
    if first.adjacent:
        return Verdict(Outcome.APPLIES, label, measure, notes)
    return Verdict(Outcome.NEAR_BOUNDARY, labels.near(label), measure, notes)


def _label(question: Question, fronts: list[Frontage]) -> str:
    """The widest road, its width class unless the theme's label says it, and how many more there are."""
    template = labels.placeholders(question.theme.label_applies)
    text = fronts[0].text
    if question.theme.width_field and not {"width_class", "width"} & set(template):
        text = labels.with_width(text, labels.width_class(fronts[0].width_m, question.theme.width_classes_m))
    others = len({front.text for front in fronts} - {fronts[0].text})
    return labels.with_roads(text, others)


def _shown(question: Question, front: Frontage) -> dict[str, object]:
    shown: dict[str, object] = {"distance_m": round(front.edge_m, 2), "adjacent": front.adjacent}
    if question.theme.width_field:
        shown["width_class"] = labels.width_class(front.width_m, question.theme.width_classes_m)
    return shown
