"""An answer as the lines of text that a sheet prints; HTML and PDF show the same."""

from collections.abc import Iterable
from dataclasses import dataclass

from gis.japanese_dates import japanese_date, japanese_time
from layers.inquiries.model import OUTCOME_LABELS, Answer, Finding, LayerState, Parcel
from layers.inquiries.sheets.area_check import check_area
from layers.inquiries.sheets.as_json import seal, to_json
from layers.inquiries.sheets.measures import area_text, measure_lines
from layers.inquiries.sheets.wording import (
    OUTCOME_MARKS,
    OUTCOME_MEANINGS,
    OUTCOME_ORDER,
    UNDETERMINED,
    UNPLACED,
)
from layers.store.outcomes import Outcome

UNKNOWN = "不明"


@dataclass(frozen=True)
class FindingView:
    """One row of a table of findings."""

    title: str
    outcome: str
    outcome_label: str
    mark: str
    label: str
    measures: tuple[str, ...]
    basis: str
    department: str
    layer_title: str
    data_date: str
    load: str
    source: str
    notes: tuple[str, ...]


@dataclass(frozen=True)
class ParcelView:
    """One parcel: its row in the table of parcels, and its findings, gravest outcome first."""

    index: int
    number: str
    land_category: str
    registered: str
    drawn: str
    verdict: tuple[str, ...]
    accuracy_class: str
    error: str
    sheet: str
    data_date: str
    load: str
    placed: bool
    notes: tuple[str, ...]
    findings: tuple[FindingView, ...]

    def titles(self, *outcomes: str) -> list[str]:
        """Titles of the themes with one of these outcomes."""
        return [finding.title for finding in self.findings if finding.outcome in outcomes]


@dataclass(frozen=True)
class LayerView:
    """One row of the table of sources."""

    title: str
    department: str
    data_date: str
    loaded_at: str
    load: str
    file: str
    error: str
    attribution: str
    state: str


@dataclass(frozen=True)
class OutcomeCount:
    """How often an outcome was given, and what it means."""

    outcome: str
    label: str
    mark: str
    meaning: str
    count: int


@dataclass(frozen=True)
class AnswerView:
    """Everything a sheet prints, as text."""

    id: str
    municipality: str
    fictitious: bool
    as_of: str
    asker: str
    purpose: str
    counts: tuple[OutcomeCount, ...]
    parcels: tuple[ParcelView, ...]
    layers: tuple[LayerView, ...]
    unresolved: tuple[str, ...]
    disclaimers: tuple[str, ...]
    seal: str


def view(answer: Answer) -> AnswerView:
    """The answer in print. KeyError for a finding without its parcel: it would be lost in silence."""
    by_parcel: dict[str, list[Finding]] = {parcel.key: [] for parcel in answer.parcels}
    for finding in answer.findings:
        by_parcel[finding.parcel].append(finding)
    return AnswerView(
        id=answer.id or "未発行",
        municipality=answer.municipality,
        fictitious=answer.fictitious,
        as_of=japanese_time(answer.as_of),
        asker=answer.asker,
        purpose=answer.purpose,
        counts=_counts(answer.findings),
        parcels=tuple(
            _parcel(number, parcel, by_parcel[parcel.key]) for number, parcel in enumerate(answer.parcels, start=1)
        ),
        layers=tuple(_layer(layer) for layer in answer.layers),
        unresolved=answer.unresolved,
        disclaimers=answer.disclaimers,
        seal=answer.seal or seal(to_json(answer)),
    )


def _counts(findings: Iterable[Finding]) -> tuple[OutcomeCount, ...]:
    outcomes = [finding.outcome for finding in findings]
    return tuple(
        OutcomeCount(
            outcome, OUTCOME_LABELS[outcome], OUTCOME_MARKS[outcome], OUTCOME_MEANINGS[outcome], outcomes.count(outcome)
        )
        for outcome in OUTCOME_ORDER
    )


def _parcel(index: int, parcel: Parcel, findings: list[Finding]) -> ParcelView:
    ordered = sorted(findings, key=lambda finding: OUTCOME_ORDER.index(finding.outcome))
    return ParcelView(
        index=index,
        number=parcel.number,
        land_category=parcel.land_category or UNKNOWN,
        registered=UNKNOWN if parcel.registered_area_m2 is None else area_text(parcel.registered_area_m2),
        drawn=UNKNOWN if parcel.area_m2 is None else area_text(parcel.area_m2),
        verdict=_verdict(parcel),
        accuracy_class=parcel.accuracy_class or UNKNOWN,
        error=f"±{parcel.error_m:.2f}m",
        sheet=parcel.sheet or "",
        data_date=UNKNOWN if parcel.data_date is None else japanese_date(parcel.data_date),
        load=str(parcel.load),
        placed=parcel.geometry is not None,
        notes=_parcel_notes(parcel),
        findings=tuple(_finding(finding, parcel) for finding in ordered),
    )


def _verdict(parcel: Parcel) -> tuple[str, ...]:
    check = check_area(parcel)
    if check is None:
        return ("比較できません",)
    words = "公差内" if check.within else "公差を超える差"
    return (words, f"差 {check.difference_m2:+,.2f}㎡", f"公差 ±{check.tolerance_m2:,.2f}㎡")


def _parcel_notes(parcel: Parcel) -> tuple[str, ...]:
    notes = [f"{UNPLACED}。"] if parcel.geometry is None else []
    notes += [f"{UNDETERMINED}。"] if parcel.undetermined else []
    return tuple(dict.fromkeys((*notes, *parcel.notes)))


def _finding(finding: Finding, parcel: Parcel) -> FindingView:
    said = set(parcel.notes)
    return FindingView(
        title=finding.theme_title,
        outcome=finding.outcome.value,
        outcome_label=OUTCOME_LABELS[finding.outcome],
        mark=OUTCOME_MARKS[finding.outcome],
        label=finding.label,
        measures=measure_lines(finding.measure),
        basis=finding.basis,
        department=finding.department,
        layer_title=finding.layer_title,
        data_date="" if finding.data_date is None else japanese_date(finding.data_date),
        load="" if finding.load is None else str(finding.load),
        source=finding.source,
        notes=tuple(note for note in finding.notes if note not in said),
    )


def _layer(layer: LayerState) -> LayerView:
    state = "未登録" if layer.load is None else OUTCOME_LABELS[Outcome.STALE] if layer.stale else "更新周期内"
    return LayerView(
        title=layer.title,
        department=layer.department,
        data_date="" if layer.data_date is None else japanese_date(layer.data_date),
        loaded_at="" if layer.loaded_at is None else japanese_time(layer.loaded_at).removesuffix("（日本時間）"),
        load="" if layer.load is None else str(layer.load),
        file=layer.file_name or "",
        error=f"±{round(layer.error_m, 2):g}m",
        attribution=layer.attribution,
        state=state,
    )
