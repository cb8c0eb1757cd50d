"""Where to go, in the words of a language: sites for the very hazard, and shelters apart from them."""

import math
from collections.abc import Iterable

from api.public.sentences import sentences
from api.public.site_states import SiteStates
from api.public.words import Words
from layers.guidance.destinations import RAIN, SHELTERS, SITES, dangers
from layers.guidance.model import Guidance, Hazard, Told, Way
from layers.store.outcomes import Outcome

METRES_A_MINUTE = 60
"""A slow walk, 1.0 m/s, as guidelines for evacuation reckon."""
MOST_SHUT = 3
"""Closed places that are named."""
FAR_M = 2_000
"""Half an hour's walk: in rain that is only for those who set out early."""
_FOUND = frozenset({Outcome.APPLIES, Outcome.NEAR_BOUNDARY})


def go_told(say: Words, guidance: Guidance, states: SiteStates) -> list[dict[str, object]]:
    """For every hazard the sites that were designated for it; the hazards of this place first."""
    here = {risk.hazard for risk in guidance.risks if risk.found in _FOUND}
    explained = {risk.hazard for risk in guidance.risks}
    order = sorted(guidance.go, key=lambda hazard: hazard not in here)
    told = guidance.told.get(SITES)
    fresh = freshness(told)
    said: dict[tuple[int, frozenset[Hazard]], dict[str, object]] = {}

    def site(way: Way, danger: frozenset[Hazard]) -> dict[str, object]:
        """One place is fit for several hazards and is told once for all that find it in the same danger."""
        known = said.get((way.to.fid, danger))
        if known is None:
            known = said[way.to.fid, danger] = _site(say, way, states, danger)
        return known

    return [
        {
            "hazard": str(hazard),
            "title": say("go.title", hazard=say(f"{'short' if hazard in explained else 'hazard'}.{hazard}")),
            "sentence": sentences(say, _sentences(say, guidance, hazard, is_there=told is not None)),
            "sites": [site(way, dangers(way.to, hazard)) for way in guidance.go[hazard]],
            **fresh,
        }
        for hazard in order
    ]


def first_ways_told(say: Words, guidance: Guidance) -> str:
    """For each hazard that this place is not known to be free of, the site that stands first in its list; empty without any."""
    said = []
    for risk in guidance.risks:
        fit = guidance.go.get(risk.hazard, ())
        if risk.found is Outcome.DOES_NOT_APPLY or not fit:
            continue
        way = fit[0]
        distance = written_distance(say, way.length_m)
        said.append(say("headline.go", hazard=say(f"short.{risk.hazard}"), name=way.to.name, distance=distance))
    return sentences(say, said)


def shelters_told(say: Words, guidance: Guidance, states: SiteStates) -> list[dict[str, object]]:
    """The nearest shelters; that one lies in a zone is said of each hazard of the weather that fills it."""
    return [_site(say, way, states, way.to.lies_in & RAIN) for way in guidance.shelters]


def freshness(told: Told | None) -> dict[str, object]:
    """Where the data come from and of what day they are."""
    day = told.data_date if told is not None else None
    return {"source": told.source if told is not None else None, "data_date": day.isoformat() if day else None}


def layers_told(guidance: Guidance) -> dict[str, object]:
    """The same of every layer that the answer stands on."""
    return {name: freshness(told) for name, told in guidance.told.items()}


def shelters_sentence(say: Words, guidance: Guidance) -> str:
    """What is said before the list of shelters."""
    if SHELTERS not in guidance.told:
        return say("shelters_none")
    shut = [way for way in guidance.shut if way.to.layer == SHELTERS]
    return sentences(say, [say("shelters_sentence"), *_shut(say, shut)])


def _shut(say: Words, ways: list[Way]) -> list[str]:
    """The nearest that are closed, by name: somebody may be on the way to one of them."""
    names = [way.to.name for way in ways[:MOST_SHUT]]
    return [say("go.shut", names=say("comma").join(names))] if names else []


def _sentences(say: Words, guidance: Guidance, hazard: Hazard, *, is_there: bool) -> list[str]:
    if not is_there:
        return [say("go.not_published")]
    ways, short = guidance.go[hazard], say(f"short.{hazard}")
    shut = _shut(say, [way for way in guidance.shut if hazard in way.to.hazards])
    if not ways:
        return shut or [say("go.none", hazard=short)]
    is_last = any(dangers(way.to, hazard) for way in ways)
    said = [say("go.sentence_last" if is_last else "go.sentence", hazard=short)]
    is_far = hazard in RAIN and min(way.length_m for way in ways) > FAR_M
    return [*said, *([say("go.far")] if is_far else []), *shut]


def _site(say: Words, way: Way, states: SiteStates, danger: Iterable[Hazard]) -> dict[str, object]:
    place = way.to
    state = states.of(place.layer, place.fid)
    return {
        "layer": place.layer,
        "id": place.fid,
        "name": place.name,
        "name_kana": place.name_kana,
        "address": place.address,
        "lon": place.lon,
        "lat": place.lat,
        "walk_m": None if way.walk_m is None else round(way.walk_m),
        "straight_m": round(way.straight_m),
        "by_road": way.walk_m is not None,
        "dangers": sorted(map(str, danger)),
        "sentence": _way(say, way, sorted(danger)),
        "state": None if state is None else dict(state),
    }


def _way(say: Words, way: Way, danger: list[Hazard]) -> str:
    distance = written_distance(say, way.length_m)
    if way.walk_m is None:
        said = [say("site.straight", name=way.to.name, distance=distance)]
    else:
        minutes = max(1, math.ceil(way.walk_m / METRES_A_MINUTE))
        said = [say("site.by_road", name=way.to.name, distance=distance, minutes=minutes)]
    if danger:
        said.append(say("site.danger", zones=say("join").join(say(f"danger.{one}") for one in danger)))
    return sentences(say, said)


def written_distance(say: Words, metres: float) -> str:
    """A distance as one says it: to ten metres below a kilometre, to a hundred beyond."""
    tens = max(10, round(metres / 10) * 10)
    if tens < 1_000:
        return say("metres", value=tens)
    return say("kilometres", value=f"{metres / 1_000:.1f}")
