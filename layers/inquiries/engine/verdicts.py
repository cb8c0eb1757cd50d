"""From what a test found to the finding that is handed out: age of the layer, sources, sentences."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import NamedTuple

from layers.inquiries.engine import labels
from layers.inquiries.engine.evidence_types import Evidence
from layers.inquiries.model import Finding, Parcel
from layers.store.definitions import Theme
from layers.store.outcomes import Outcome


class Verdict(NamedTuple):
    """What a test says of one parcel, before the age of the layer is looked at."""

    outcome: Outcome
    label: str
    measure: Mapping[str, object]
    notes: tuple[str, ...] = ()

    def with_notes(self, *notes: str) -> "Verdict":
        """The same verdict with more to say."""
        return self._replace(notes=(*self.notes, *notes))


def no_data(label: str, *notes: str, measure: Mapping[str, object] | None = None) -> Verdict:
    """The layer cannot say."""
    return Verdict(Outcome.NO_DATA, label, measure or {}, notes)


def findings(
    parcels: Sequence[Parcel], theme: Theme, evidence: Evidence | None, verdicts: Sequence[Verdict]
) -> list[Finding]:
    """The findings with their sources; the outcome of a layer past its update cycle becomes STALE, a gap stays a gap."""
    sources = _sources(theme, evidence)
    theme_notes = (theme.note,) if theme.note else ()
    title = evidence.state.title if evidence is not None and evidence.state.stale else None
    return [
        Finding(
            parcel.key,
            theme.id,
            theme.title,
            verdict.outcome,
            verdict.label,
            verdict.measure,
            *sources,
            (*verdict.notes, *theme_notes, *parcel.notes),
        )
        for parcel, verdict in zip(parcels, _of_their_age(verdicts, title), strict=True)
    ]


def _sources(theme: Theme, evidence: Evidence | None) -> tuple[str, str, str, str, date | None, int | None, str]:
    """Basis, department, layer, its title, its date, its load and its source: the same for every parcel."""
    if evidence is None:
        return theme.legal_basis, theme.department, theme.layer, theme.title, None, None, ""
    layer, state = evidence.layer, evidence.state
    source = state.attribution or layer.source_name
    return theme.legal_basis, theme.department, theme.layer, layer.title, state.data_date, state.load, source


def _of_their_age(verdicts: Sequence[Verdict], stale_title: str | None) -> Sequence[Verdict]:
    if stale_title is None:
        return verdicts
    return [verdict if verdict.outcome is Outcome.NO_DATA else _aged(verdict, stale_title) for verdict in verdicts]


def _aged(verdict: Verdict, layer_title: str) -> Verdict:
    return Verdict(
        outcome=Outcome.STALE,
        label=labels.stale(verdict.label),
        measure={**verdict.measure, "provisional": verdict.outcome.value},
        notes=(*verdict.notes, labels.stale_note(layer_title)),
    )
