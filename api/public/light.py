"""The text-only page: the situation, the sites and the closed roads in less than 30 kB, whatever was told.

When all of it is too much, the page sheds: first the texts and the lists by hazard become links, then the shelters of which
nothing is told. What was shed is on pages of its own (`part`).
"""

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from jinja2 import Environment

from api.public.situation_words import PART, moment_told, site_details
from api.public.words import Words, offered
from api.templates import template_environment
from layers.situation.listed import HAZARDS, SHELTERS, Listed, SiteList
from layers.situation.published import Situation, state_of
from layers.store.settings import Municipality

LARGEST = 30_000
"""Bytes of the page before it is compressed."""
PARTS = ("notices", "shelters", "closures", *HAZARDS)
CONTENT_SECURITY_POLICY = (
    "default-src 'none'; style-src 'self'; img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
_TEMPLATES = Path(__file__).resolve().parent / "templates"


@dataclass(frozen=True)
class _Shed:
    """How far the page is shortened: letters of a notice's text, and how many entries of each list."""

    level: int
    letters: int
    notices: int = 500
    entries: int = 500


_SHEDS = (_Shed(0, 2_000), _Shed(1, 200), _Shed(2, 60, 12, 60), _Shed(3, 0, 8, 25), _Shed(4, 0, 3, 6))


@lru_cache(maxsize=1)
def _environment() -> Environment:
    environment = template_environment(_TEMPLATES)
    environment.filters["shortened"] = _shortened
    return environment


def light_page(say: Words, found: Situation, sites: SiteList | None, town: Municipality, part: str = "") -> str:
    """The page; with `part` one list alone, whole. It is under `LARGEST` bytes where no part is asked for."""
    if part:
        return _rendered(say, found, sites, town, part, _SHEDS[0])
    for shed in _SHEDS:
        page = _rendered(say, found, sites, town, part, shed)
        if len(page.encode()) < LARGEST:
            break
    return page


def _rendered(say: Words, found: Situation, sites: SiteList | None, town: Municipality, part: str, shed: _Shed) -> str:
    known = sites or SiteList(0, ())
    title = say("light_title", town=town.name)
    return (
        _environment()
        .get_template("light.html")
        .render(
            say=say,
            lang=say.language.code,
            title=f"【{say('exercise')}】{title}" if found.content.exercise else title,
            town=town,
            number=found.number,
            made_at=found.made_at,
            content=found.content,
            part=part,
            shed=shed.level,
            text_letters=shed.letters,
            most_notices=shed.notices,
            most_told=shed.entries,
            most_closures=shed.entries,
            told=found.content.shelters,
            others=[one for one in known.of(SHELTERS) if not _state(found, one)],
            sites_read=sites is not None,
            hazards=HAZARDS,
            against=known.against,
            state=lambda one: _state(found, one),
            moment=moment_told,
            details=lambda one: site_details(say, one),
            languages=offered(PART),
        )
    )


def _state(found: Situation, one: Listed) -> str | None:
    told = state_of(found, one.layer, one.id, one.name)
    return told.state.value if told is not None else None


def _shortened(text: str, letters: int) -> str:
    return text if len(text) <= letters else f"{text[:letters]}…"
