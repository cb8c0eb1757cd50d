"""A public answer in words: sentences for a reader and a screen reader, the same as JSON, and as the lines of a sheet."""

from collections.abc import Sequence
from dataclasses import dataclass

from api.public.editions import OpenEdition
from api.public.lists_page import day
from api.public.words import Words
from layers.inquiries.model import Answer, Finding
from layers.inquiries.public_part import Hit, LandAnswer
from layers.inquiries.sheets.sheet_parts import PublicSheet, Row, Section
from layers.inquiries.sheets.wording import OUTCOME_MARKS, OUTCOME_ORDER
from layers.store.outcomes import Outcome

NOTES = ("not_certificate", "not_boundary", "unsure_is_not_no", "after_data", "measured")
_ERROR = "parcel.error"


@dataclass(frozen=True)
class ShownFinding:
    """One theme's answer: what was asked and what came out are Japanese, what stands around them is the reader's."""

    theme: str
    title: str
    outcome: str
    outcome_label: str
    mark: str
    label: str
    basis: str
    department: str
    source: str
    date: str
    notes: tuple[str, ...]


@dataclass(frozen=True)
class Group:
    """All findings of one outcome, under its own heading."""

    outcome: str
    heading: str
    meaning: str
    findings: tuple[ShownFinding, ...]


@dataclass(frozen=True)
class ShownLand:
    """An answer as the page shows it."""

    number: str
    groups: tuple[Group, ...]
    parcel_notes: tuple[str, ...]
    notes: tuple[str, ...]


def shown(say: Words, found: LandAnswer) -> ShownLand | None:
    """The answer in words, gravest outcome first; None where the text names no single parcel."""
    answer = found.answer
    if answer is None:
        return None
    said = set(_parcel_notes(answer))
    findings = [_finding(say, finding, said) for finding in answer.findings]
    groups = tuple(
        Group(outcome, say(f"outcome.{outcome}"), say(f"outcome.{outcome}.meaning"), of_outcome)
        for outcome in OUTCOME_ORDER
        if (of_outcome := tuple(one for one in findings if one.outcome == outcome))
    )
    error_m = max(parcel.error_m for parcel in answer.parcels)
    place = (say(_ERROR, metres=f"{error_m:.2f}"), *_parcel_notes(answer))
    return ShownLand(answer.parcels[0].number, groups, place, tuple(say(f"note.{name}") for name in NOTES))


def _parcel_notes(answer: Answer) -> Sequence[str]:
    return tuple(dict.fromkeys(note for parcel in answer.parcels for note in parcel.notes))


def _finding(say: Words, finding: Finding, said: set[str]) -> ShownFinding:
    return ShownFinding(
        theme=finding.theme,
        title=finding.theme_title,
        outcome=finding.outcome.value,
        outcome_label=say(f"outcome.{finding.outcome.value}"),
        mark=OUTCOME_MARKS[finding.outcome],
        label=finding.label,
        basis=finding.basis,
        department=finding.department,
        source=finding.source,
        date=day(say, finding.data_date),
        notes=tuple(dict.fromkeys(note for note in finding.notes if note not in said)),
    )


def as_json(say: Words, edition: OpenEdition, found: LandAnswer, link: str) -> dict[str, object]:
    """The answer as `/land?f=json` gives it."""
    return {
        "lang": say.language.code,
        "edition": {
            "number": edition.number,
            "made_at": edition.made_at.isoformat() if edition.made_at is not None else None,
        },
        "asked": found.asked,
        "permalink": link,
        "answer": None if found.answer is None else _answer(say, found),
        "several": _hits(found.several),
        "truncated": found.truncated,
        "nearest": _hits(found.nearest),
    }


def _answer(say: Words, found: LandAnswer) -> dict[str, object]:
    answer = found.answer
    assert answer is not None  # noqa: S101 - asked by the caller
    told = shown(say, found)
    assert told is not None  # noqa: S101 - there is an answer
    dates = {finding.theme: finding.data_date for finding in answer.findings}
    return {
        "number": told.number,
        "key": answer.parcels[0].key,
        "municipality": answer.municipality,
        "fictitious": answer.fictitious,
        "parcel_notes": list(told.parcel_notes),
        "findings": [
            {
                "theme": one.theme,
                "title": one.title,
                "outcome": one.outcome,
                "outcome_label": one.outcome_label,
                "label": one.label,
                "basis": one.basis,
                "department": one.department,
                "source": one.source,
                "data_date": str(dates[one.theme]) if dates[one.theme] else None,
                "notes": list(one.notes),
            }
            for group in told.groups
            for one in group.findings
        ],
        "findings_lang": "ja",
        "notes": list(told.notes),
    }


def _hits(hits: Sequence[Hit]) -> list[dict[str, str]]:
    return [{"key": hit.key, "number": hit.number} for hit in hits]


def land_sheet(say: Words, edition: OpenEdition, found: LandAnswer, link: str) -> PublicSheet:
    """What stands on the A4 sheet of a parcel."""
    told, answer = shown(say, found), found.answer
    assert told is not None and answer is not None and edition.made_at is not None  # noqa: S101, PT018 - asked by the caller
    rows = tuple(
        Row(
            one.mark, one.outcome_label, one.title, one.label, one.department, one.date, (one.basis, *_stars(one.notes))
        )
        for group in told.groups
        for one in group.findings
    )
    meanings = tuple(
        f"{OUTCOME_MARKS[outcome]} {say(f'outcome.{outcome}')}：{say(f'outcome.{outcome}.meaning')}"
        for outcome in Outcome
    )
    return PublicSheet(
        title=f"{say('title')}　{told.number}",
        lead=(say("note.not_certificate"), *told.parcel_notes),
        sections=(
            Section(say("findings"), rows),
            Section(say("meanings"), lines=meanings),
            Section(say("notes"), lines=told.notes),
        ),
        municipality=answer.municipality,
        edition=say("edition", number=edition.number, day=day(say, edition.made_at.date())),
        permalink=link,
        made_at=edition.made_at,
        fictitious=answer.fictitious,
    )


def _stars(notes: Sequence[str]) -> tuple[str, ...]:
    return tuple(f"※{note}" for note in notes)
