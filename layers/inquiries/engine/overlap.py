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
from layers.inquiries.engine.absence import complete, gap
from layers.inquiries.engine.neighbours import neighbours
from layers.inquiries.engine.questions import Question, rounded, spans
from layers.inquiries.engine.rows import LISTED_FEATURES, Rows
from layers.inquiries.engine.verdicts import Verdict, no_data
from layers.inquiries.engine.zones import Patches, Shares, join, lay_over, merge, reaches, share
from layers.store.outcomes import Outcome

_ALL = 1.0 - 1e-9


@dataclass(frozen=True)
class Standing:
    """One group's standing towards one parcel."""

    applies: bool
    gravity: int
    text: str
    measure: dict[str, object]


class Figures:
    """The numbers of some shares as a finding gives them, rounded once for all."""

    def __init__(self, question: Question, shares: Shares) -> None:
        areas = question.plots.area_m2[shares.parcel]
        self.drawn = rounded(shares.drawn_m2, 2)
        self._shares = rounded(np.minimum(shares.drawn_m2 / areas, 1.0), 4)
        self._certain = rounded(shares.certain_m2, 2)
        self._possible = rounded(shares.possible_m2, 2)
        self._distances = [
            None if drawn > 0 else distance
            for drawn, distance in zip(shares.drawn_m2.tolist(), rounded(shares.distance_m, 2), strict=True)
        ]

    def measure(self, entry: int) -> dict[str, object]:
        """The measure of one entry; the distance only where nothing is shared."""
        measure: dict[str, object] = {
            "overlap_m2": self.drawn[entry],
            "share": self._shares[entry],
            "overlap_min_m2": self._certain[entry],
            "overlap_max_m2": self._possible[entry],
        }
        if self._distances[entry] is not None:
            measure["distance_m"] = self._distances[entry]
        return measure


class Ledger:
    """Shares with their figures, what of them is certain (該当) and what is open (境界付近), and each parcel's entries."""

    def __init__(self, question: Question, shares: Shares) -> None:
        counts = shares.drawn_m2 >= question.threshold_m2[shares.parcel]
        certain = shares.certain_m2 >= _needed(question, shares.parcel)
        self.shares = shares
        self.zone: list[int] = shares.zone.tolist()
        self.figures = Figures(question, shares)
        self.certain: list[bool] = certain.tolist()
        self.open: list[bool] = (~certain & ((question.band_m[shares.parcel] > 0) | counts)).tolist()
        self.spans = spans(shares.parcel, len(question.plots.parcels))

    def entries(self, at: int) -> list[int]:
        """The entries of one parcel that are certain or open."""
        return [entry for entry in range(*self.spans[at]) if self.certain[entry] or self.open[entry]]


class RowLedger:
    """What each parcel shares with single rows as drawn, and whether that much is certain.

    A row is certain only if its group is, so that strips are drawn for few rows: alone in its group, it is what the
    group is; and where the group is open, no row of it can apply.
    """

    def __init__(self, question: Question, patches: Patches, member: NDArray[np.intp], by_group: Ledger) -> None:
        zones, shares = int(member.max(initial=0)) + 1, by_group.shares
        group = np.searchsorted(shares.parcel * zones + shares.zone, patches.parcel * zones + member[patches.zone])
        certain = np.array(by_group.certain, dtype=np.bool_)[group]
        asked = np.flatnonzero(certain & (np.bincount(group, minlength=len(shares.zone))[group] > 1))
        needed = _needed(question, patches.parcel[asked])
        certain[asked] = reaches(question.plots, patches[asked], needed, question.band_m)
        self.zone: list[int] = patches.zone.tolist()
        self.drawn = rounded(patches.drawn_m2, 2)
        self.certain: list[bool] = certain.tolist()
        self.spans = spans(patches.parcel, len(question.plots.parcels))


@dataclass(frozen=True)
class Overlaps:
    """What all parcels share with each row, with each group of rows, and with all rows as one zone."""

    question: Question
    rows: Rows
    by_row: RowLedger
    by_group: Ledger
    total: Ledger


def answer(question: Question) -> list[Verdict]:
    """One verdict a parcel; those without a measurable shape are not looked at."""
    rows = question.rows.drawn()
    # most zones are far from most parcels: then there is nothing to measure, and one inquiry is answered in half the time
    found = _overlapping(question, rows) if len(rows.geometry) else {}
    asked = ~question.uncovered
    asked[list(found)] = False
    found.update(neighbours(question, rows, asked))
    return complete(question, found, question.theme.distance_m or 0.0)


def _overlapping(question: Question, rows: Rows) -> dict[int, Verdict]:
    overlaps = _overlay(question, rows)
    found: dict[int, Verdict] = {}
    for at in np.unique(overlaps.total.shares.parcel).tolist():
        entries = overlaps.by_group.entries(at)
        if entries:
            found[at] = _verdict(overlaps, at, entries)
    return found


def _overlay(question: Question, rows: Rows) -> Overlaps:
    plots, band = question.plots, question.band_m
    groups, member = rows.groups
    patches = lay_over(plots, rows.geometry, band)
    by_group = share(plots, join(plots, patches, member[patches.zone]), band)
    ledger = Ledger(question, by_group)
    whole = Ledger(question, merge(plots, by_group, band)) if len(groups) > 1 else ledger
    return Overlaps(question, rows, RowLedger(question, patches, member, ledger), ledger, whole)


def _needed(question: Question, parcel: NDArray[np.intp]) -> NDArray[np.float64]:
    """The area that must be certain for 該当: what the sliver limits ask, or all of an undetermined parcel."""
    plots = question.plots
    return np.where(plots.undetermined[parcel], plots.area_m2[parcel] * _ALL, question.threshold_m2[parcel])


def _standings(overlaps: Overlaps, entries: list[int], features: list[int]) -> list[Standing]:
    """The groups that apply or may apply to one parcel: the gravest first, and of equals the one that takes more."""
    drawn = overlaps.by_group.figures.drawn
    standings = [_standing(overlaps, entry, features) for entry in sorted(entries, key=lambda entry: -drawn[entry])]
    return sorted(standings, key=lambda standing: standing.gravity)


def _standing(overlaps: Overlaps, entry: int, features: list[int]) -> Standing:
    rows, ledger = overlaps.rows, overlaps.by_group
    groups, member = rows.groups
    zone, applies = ledger.zone[entry], ledger.certain[entry]
    codes, zones = groups[zone], overlaps.by_row.zone
    text = rows.label(_naming(overlaps, [feature for feature in features if member[zones[feature]] == zone]), codes)
    measure: dict[str, object] = {
        "codes": dict(zip(rows.theme.group_by, codes, strict=True)),
        "labels": rows.meanings(codes),
        "label": text,
        "outcome": _outcome(applies=applies).value,
        **ledger.figures.measure(entry),
    }
    return Standing(applies, rows.gravity(codes), text, measure)


def _naming(overlaps: Overlaps, features: list[int]) -> list[int]:
    """The rows that lend their names to a label: those that apply; if none does, all that come near."""
    by_row = overlaps.by_row
    applying = [feature for feature in features if by_row.certain[feature]]
    return [by_row.zone[feature] for feature in applying or features]


def _features(overlaps: Overlaps, at: int) -> list[int]:
    """A parcel's entries by row, the gravest first, and of equals the one that takes more."""
    groups, member = overlaps.rows.groups
    by_row, gravity = overlaps.by_row, overlaps.rows.gravity
    entries = range(*by_row.spans[at])
    return sorted(entries, key=lambda one: (gravity(groups[member[by_row.zone[one]]]), -by_row.drawn[one]))


def _listing(overlaps: Overlaps, features: list[int]) -> dict[str, object]:
    by_row = overlaps.by_row
    extra: dict[int, dict[str, object]] = {
        by_row.zone[feature]: {
            "overlap_m2": by_row.drawn[feature],
            "outcome": _outcome(applies=by_row.certain[feature]).value,
        }
        for feature in features[:LISTED_FEATURES]
    }
    return overlaps.rows.listing([by_row.zone[feature] for feature in features], extra)


def _outcome(*, applies: bool) -> Outcome:
    return Outcome.APPLIES if applies else Outcome.NEAR_BOUNDARY


def _verdict(overlaps: Overlaps, at: int, entries: list[int]) -> Verdict:
    """The verdict on one parcel that a zone takes part of, or comes near to."""
    question, total = overlaps.question, overlaps.total
    (entry,) = range(*total.spans[at])
    features = _features(overlaps, at)
    standings = _standings(overlaps, entries, features)
    measure: dict[str, object] = {
        **total.figures.measure(entry),
        **question.surroundings(at),
        "groups": [standing.measure for standing in standings],
        **_listing(overlaps, features),
    }
    notes = (labels.UNDETERMINED,) if question.plots.undetermined[at] else ()
    if total.certain[entry] or any(standing.applies for standing in standings):
        return Verdict(Outcome.APPLIES, _applies_label(overlaps, at, standings), measure, notes)
    texts = _different(standings)
    if question.uncovered[at] and total.shares.drawn_m2[entry] < question.threshold_m2[at]:
        return no_data(gap(question, at), labels.line_nearby(texts[0]), measure=measure)
    return Verdict(Outcome.NEAR_BOUNDARY, labels.near(labels.with_others(texts[0], len(texts) - 1)), measure, notes)


def _applies_label(overlaps: Overlaps, at: int, standings: list[Standing]) -> str:
    applying = [standing for standing in standings if standing.applies]
    if not applying:
        return labels.one_of(_different(standings))
    question, total = overlaps.question, overlaps.total
    texts = _different(applying)
    text = labels.with_others(texts[0], len(texts) - 1)
    (entry,) = range(*total.spans[at])
    if question.plots.area_m2[at] - total.shares.possible_m2[entry] >= question.threshold_m2[at]:
        text = labels.partly(text)
    graver = [one.text for one in standings if one.gravity < applying[0].gravity and one.text not in texts]
    return labels.and_near(text, graver[0]) if graver else text


def _different(standings: list[Standing]) -> list[str]:
    return list(dict.fromkeys(standing.text for standing in standings))
