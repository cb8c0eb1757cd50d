"""From what a test found to the finding that is handed out: age of the layer, sources, sentences."""

from collections.abc import Mapping
from typing import NamedTuple

from layers.inquiries.engine import labels
from layers.inquiries.engine.evidence_types import Evidence
from layers.inquiries.model import Finding, Outcome, Parcel
from layers.store.definitions import Theme


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


def finding(parcel: Parcel, theme: Theme, evidence: Evidence | None, verdict: Verdict) -> Finding:
    """The finding with its sources; the outcome of a layer past its update cycle becomes STALE, a gap stays a gap."""
    if evidence is not None and evidence.state.stale and verdict.outcome is not Outcome.NO_DATA:
        verdict = _aged(verdict, evidence.state.title)
    return Finding(
        parcel=parcel.key,
        theme=theme.id,
        theme_title=theme.title,
        outcome=verdict.outcome,
        label=verdict.label,
        measure=verdict.measure,
        basis=theme.legal_basis,
        department=theme.department,
        layer=theme.layer,
        layer_title=theme.title if evidence is None else evidence.layer.title,
        data_date=None if evidence is None else evidence.state.data_date,
        load=None if evidence is None else evidence.state.load,
        source="" if evidence is None else evidence.state.attribution or evidence.layer.source_name,
        notes=(*verdict.notes, *((theme.note,) if theme.note else ()), *parcel.notes),
    )


def _aged(verdict: Verdict, layer_title: str) -> Verdict:
    return Verdict(
        outcome=Outcome.STALE,
        label=labels.stale(verdict.label),
        measure={**verdict.measure, "provisional": verdict.outcome.value},
        notes=(*verdict.notes, labels.stale_note(layer_title)),
    )
