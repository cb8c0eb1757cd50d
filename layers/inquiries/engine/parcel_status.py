"""The parcel-status test: what the cadastral map itself says of a parcel.

該当 (調査済) if the parcel's row passes the theme's `where`, or, without a row at hand, if it has an accuracy class;
a 筆界未定 parcel is 境界付近・要確認, one of a 任意座標系 sheet データなし, one whose survey is not done 非該当. A
survey of which the map says nothing is データなし too: only the word 未了 is a no.
"""

from layers.inquiries.engine import labels
from layers.inquiries.engine.evidence_types import PARCEL_KEY, Evidence
from layers.inquiries.engine.rows import choose, code_of, values_of
from layers.inquiries.engine.verdicts import Verdict, no_data
from layers.inquiries.model import Parcel
from layers.store.definitions import Theme
from layers.store.outcomes import Outcome


def answer(parcels: tuple[Parcel, ...], theme: Theme, evidence: Evidence | None) -> list[Verdict]:
    """One verdict a parcel; the layer's rows add what the parcel itself does not carry."""
    rows = _positions(evidence)
    passing = set(choose(evidence, theme).index.tolist()) if evidence is not None and rows else set()
    return [_verdict(parcel, theme, evidence, _row(parcel, rows), passing) for parcel in parcels]


def _positions(evidence: Evidence | None) -> dict[int | str, int]:
    """Where the rows stand, by fid and by key."""
    if evidence is None or PARCEL_KEY not in evidence.attributes:
        return {}
    by_key = {str(key): position for position, key in enumerate(evidence.attributes[PARCEL_KEY])}
    return {**by_key, **{fid: position for position, fid in enumerate(evidence.fids.tolist())}}


def _row(parcel: Parcel, positions: dict[int | str, int]) -> int | None:
    """The parcel's own row, or without its fid one of its number: several parcels may have one number (飛び地)."""
    return positions.get(parcel.fid if parcel.fid is not None else parcel.key)


def _verdict(parcel: Parcel, theme: Theme, evidence: Evidence | None, row: int | None, passing: set[int]) -> Verdict:
    measure: dict[str, object] = {"accuracy_class": parcel.accuracy_class, "error_m": round(parcel.error_m, 2)}
    if evidence is not None and row is not None:
        measure.update({name: _plain(values_of(evidence, theme, name)[row]) for name in theme.show})
    if parcel.geometry is None:
        return no_data(labels.ARBITRARY_SHEET, labels.UNPLACED, measure=measure)
    if parcel.undetermined:
        return Verdict(Outcome.NEAR_BOUNDARY, labels.UNDETERMINED_STATUS, measure)
    if row in passing or (row is None and parcel.accuracy_class):
        return Verdict(Outcome.APPLIES, _text(parcel, theme, evidence, row), measure)
    if row is None or evidence is None or not _says_anything(theme, evidence, row):
        return no_data(labels.SURVEY_UNKNOWN, measure=measure)
    return Verdict(Outcome.DOES_NOT_APPLY, theme.label_not, measure)


def _says_anything(theme: Theme, evidence: Evidence, row: int) -> bool:
    """Whether the columns that decide hold a value at all."""
    return all(code_of(values_of(evidence, theme, name)[row]) is not None for name in theme.where)


def _text(parcel: Parcel, theme: Theme, evidence: Evidence | None, row: int | None) -> str:
    values = {"accuracy_class": parcel.accuracy_class or labels.NO_ACCURACY_CLASS}
    if evidence is not None and row is not None:
        for name in labels.placeholders(theme.label_applies):
            if name not in values and name in evidence.attributes:
                values[name] = code_of(evidence.attributes[name][row]) or labels.UNKNOWN
    return labels.fill(theme.label_applies, values)


def _plain(value: object) -> object:
    return value if value is None or isinstance(value, (str, int, float, bool)) else code_of(value)
