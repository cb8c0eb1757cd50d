"""The overlap test: what zones take of a parcel, told apart by the theme's groups.

The outcome of one group, in this order:

1. 該当 if the certain overlap (see `zones`) reaches the theme's sliver limits;
2. 境界付近 if the zone comes within the band of the parcel, however little it takes;
3. otherwise the parcel is farther from the zone than the band: 非該当.

Without a band (nothing of the kind exists among real layers) the drawn overlap decides between 1 and 3 alone. For a
筆界未定 parcel, whose shape is that of several parcels together, 1 asks that all of the shape is certainly inside.

The theme's outcome is 該当 if a group is, or if the groups taken as one zone are: on the line between two depth ranks,
deep inside the flooded area, the flood is certain and only its rank is open. It is named by the gravest group that
applies, and a graver one that may apply is said in the same breath.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from layers.inquiries.engine import labels
from layers.inquiries.engine.absence import absences, covered, outside_notes
from layers.inquiries.engine.neighbours import neighbours
from layers.inquiries.engine.questions import Question, spans
from layers.inquiries.engine.rows import Codes, Rows
from layers.inquiries.engine.verdicts import Verdict, no_data
from layers.inquiries.engine.zones import Shares, merge, share
from layers.inquiries.model import Outcome

_ALL = 1.0 - 1e-9


@dataclass(frozen=True)
class Standing:
    """One group's standing towards one parcel."""

    codes: Codes
    applies: bool
    gravity: int
    text: str
    measure: dict[str, object]


@dataclass(frozen=True)
class Overlaps:
    """The shares of all parcels with each group, and with all groups as one, with what is certain and what is open."""

    rows: Rows
    groups: list[Codes]
    shares: Shares
    certain: NDArray[np.bool_]
    open: NDArray[np.bool_]
    total: Shares
    total_certain: NDArray[np.bool_]


def answer(question: Question) -> list[Verdict]:
    """One verdict a parcel; those without a measurable shape are not looked at."""
    overlaps = _overlay(question)
    parcels = len(question.plots.parcels)
    verdicts = absences(question, question.theme.distance_m or 0.0)
    uncovered = question.uncovered
    group_spans = spans(overlaps.shares.parcel, parcels)
    totals = {int(parcel): position for position, parcel in enumerate(overlaps.total.parcel)}
    members = spans(overlaps.shares.pairs.parcel, parcels)
    found = np.zeros(parcels, dtype=np.bool_)
    for at, (start, end) in enumerate(group_spans):
        features = list(dict.fromkeys(overlaps.shares.pairs.shape[slice(*members[at])].tolist()))
        standings = _standings(question, overlaps, range(start, end), features)
        if standings:
            found[at] = True
            verdicts[at] = _verdict(question, overlaps, totals[at], standings, features, bool(uncovered[at]))
    for at, verdict in neighbours(question, overlaps.rows, ~found & ~uncovered).items():
        verdicts[at] = verdict
    return verdicts


def _overlay(question: Question) -> Overlaps:
    rows = question.rows.drawn()
    groups, member = rows.groups
    shares = share(question.plots, rows.geometry, member, question.band_m)
    total = merge(question.plots, shares, question.band_m) if len(groups) > 1 else shares
    certain = _certain(question, shares)
    counts = shares.drawn_m2 >= question.threshold_m2[shares.parcel]
    undecided = ~certain & ((question.band_m[shares.parcel] > 0) | counts)
    return Overlaps(rows, groups, shares, certain, undecided, total, _certain(question, total))


def _certain(question: Question, shares: Shares) -> NDArray[np.bool_]:
    """Whether the certain overlap reaches what 該当 asks for: the sliver limits, or all of an undetermined parcel."""
    plots, at = question.plots, shares.parcel
    asked = np.where(plots.undetermined[at], plots.area_m2[at] * _ALL, question.threshold_m2[at])
    reached: NDArray[np.bool_] = shares.certain_m2 >= asked
    return reached


def _standings(question: Question, overlaps: Overlaps, entries: range, features: list[int]) -> list[Standing]:
    """The groups that apply or may apply to one parcel, the gravest first."""
    standings = [
        _standing(question, overlaps, entry, features)
        for entry in entries
        if overlaps.certain[entry] or overlaps.open[entry]
    ]
    return sorted(standings, key=lambda one: (one.gravity, -_number(one.measure["overlap_m2"]), str(one.codes)))


def _standing(question: Question, overlaps: Overlaps, entry: int, features: list[int]) -> Standing:
    rows, shares = overlaps.rows, overlaps.shares
    zone = int(shares.zone[entry])
    codes, applies = overlaps.groups[zone], bool(overlaps.certain[entry])
    member = rows.groups[1]
    text = rows.label([position for position in features if member[position] == zone], codes)
    measure: dict[str, object] = {
        "codes": dict(zip(question.theme.group_by, codes, strict=True)),
        "labels": rows.meanings(codes),
        "label": text,
        "outcome": (Outcome.APPLIES if applies else Outcome.NEAR_BOUNDARY).value,
        **_measures(question, shares, entry),
    }
    return Standing(codes, applies, rows.gravity(codes), text, measure)


def _measures(question: Question, shares: Shares, entry: int) -> dict[str, object]:
    area = question.plots.area_m2[shares.parcel[entry]]
    measure: dict[str, object] = {
        "overlap_m2": round(float(shares.drawn_m2[entry]), 2),
        "share": round(min(float(shares.drawn_m2[entry] / area), 1.0), 4),
        "overlap_min_m2": round(float(shares.certain_m2[entry]), 2),
        "overlap_max_m2": round(float(shares.possible_m2[entry]), 2),
    }
    if shares.drawn_m2[entry] == 0:
        measure["distance_m"] = round(float(shares.distance_m[entry]), 2)
    return measure


def _verdict(
    question: Question, overlaps: Overlaps, entry: int, standings: list[Standing], features: list[int], uncovered: bool
) -> Verdict:
    """The verdict on one parcel that a zone takes part of, or comes near to; `entry` is that of all groups as one."""
    at = int(overlaps.total.parcel[entry])
    measure: dict[str, object] = {
        **_measures(question, overlaps.total, entry),
        "band_m": round(float(question.band_m[at]), 2),
        **covered(question, at),
        "groups": [standing.measure for standing in standings],
        **overlaps.rows.listing(features),
    }
    notes = outside_notes(question, at) if uncovered else ()
    notes += (labels.UNDETERMINED,) if question.plots.undetermined[at] else ()
    if overlaps.total_certain[entry] or any(standing.applies for standing in standings):
        return Verdict(Outcome.APPLIES, _applies_label(question, overlaps, entry, standings), measure, notes)
    texts = list(dict.fromkeys(standing.text for standing in standings))
    if uncovered and overlaps.total.drawn_m2[entry] < question.threshold_m2[at]:
        gap = labels.outside_coverage(float(question.coverage.share[at])) if question.coverage.known else None
        return no_data(gap or labels.NO_COVERAGE, labels.line_nearby(texts[0]), measure=measure)
    return Verdict(Outcome.NEAR_BOUNDARY, labels.near(labels.with_others(texts[0], len(texts) - 1)), measure, notes)


def _applies_label(question: Question, overlaps: Overlaps, entry: int, standings: list[Standing]) -> str:
    applying = list(dict.fromkeys(standing.text for standing in standings if standing.applies))
    if not applying:
        return labels.one_of(list(dict.fromkeys(standing.text for standing in standings)))
    gravest = next(standing for standing in standings if standing.applies)
    graver = [one.text for one in standings if one.gravity < gravest.gravity and one.text not in applying]
    text = labels.with_others(applying[0], len(applying) - 1)
    at = overlaps.total.parcel[entry]
    if question.plots.area_m2[at] - overlaps.total.possible_m2[entry] >= question.threshold_m2[at]:
        text = labels.partly(text)
    return labels.and_near(text, graver[0]) if graver else text


def _number(value: object) -> float:
    return float(value) if isinstance(value, (int, float)) else 0.0
