"""The answer for a place in a language, as JSON has it: the page and the fragment are written from the same."""

from api.public.editions import OpenEdition
from api.public.here_risks import headline, risks_told
from api.public.here_sites import first_ways_told, go_told, layers_told, shelters_sentence, shelters_told
from api.public.site_states import SiteStates
from api.public.words import Words
from layers.guidance.destinations import SHELTERS, SITES
from layers.guidance.guide import ROADS
from layers.guidance.model import Guidance

Answer = dict[str, object]


def answer(say: Words, edition: OpenEdition, guidance: Guidance, states: SiteStates) -> Answer:
    """All that is said of the place. Outside of the town nothing is answered but that it is outside."""
    place = {
        "lon": guidance.lon,
        "lat": guidance.lat,
        "oaza": guidance.oaza,
        "district": guidance.district,
        "in_town": guidance.in_town,
    }
    head: Answer = {"lang": say.language.code, "edition": _edition(edition), "place": place}
    if not guidance.in_town:
        note = say("note.outside", town=edition.town.name) if edition.number else say("note.no_edition")
        return {
            **head,
            "headline": note,
            "first": "",
            "risks": [],
            "go": [],
            "shelters": [],
            "sources": {},
            "notes": [note],
        }
    return {
        **head,
        "headline": headline(say, guidance.risks),
        "first": first_ways_told(say, guidance),
        "risks": risks_told(say, guidance, edition.catalogue),
        "go": go_told(say, guidance, states),
        "shelters": shelters_told(say, guidance, states),
        "shelters_sentence": shelters_sentence(say, guidance),
        "sources": layers_told(guidance),
        "notes": _notes(say, edition, guidance),
    }


def _edition(edition: OpenEdition) -> dict[str, object]:
    made = edition.made_at
    return {"number": edition.number, "made_at": made.isoformat() if made is not None else None}


def _notes(say: Words, edition: OpenEdition, guidance: Guidance) -> list[str]:
    stale = [
        say("note.stale", layer=edition.catalogue[name].title)
        for name in (SITES, SHELTERS, ROADS)
        if name in guidance.told and guidance.told[name].is_stale
    ]
    fictitious = [say("fictitious")] if edition.town.fictitious else []
    return [*fictitious, *stale, say("note.levels"), say("note.elsewhere"), say("note.walk")]
