"""What the risks of a place are called in a language: a sentence, what to do, and the details with their colours."""

import math
from collections.abc import Mapping, Sequence

from api.public.sentences import sentences
from api.public.words import Words
from layers.guidance.model import Guidance, Hazard, Part, Risk, Told
from layers.store.definitions import Layer
from layers.store.outcomes import Outcome

SPECIAL = frozenset({2, 4})
"""Grades of a special landslide zone (A33_002), designated or to be designated."""
_FOUND = frozenset({Outcome.APPLIES, Outcome.NEAR_BOUNDARY})


def risks_told(say: Words, guidance: Guidance, catalogue: Mapping[str, Layer]) -> list[dict[str, object]]:
    """Every risk, the ones that were found first."""
    risks = sorted(guidance.risks, key=lambda risk: risk.found not in _FOUND)
    return [_risk(say, risk, guidance.told.get(risk.layer or ""), catalogue) for risk in risks]


def headline(say: Words, risks: Sequence[Risk]) -> str:
    """All risks in a sentence or two: what there is, and of what nothing is known."""
    said = []
    for key, holds in (
        ("danger", [risk for risk in risks if risk.found in _FOUND]),
        ("unknown", [risk for risk in risks if risk.found is Outcome.NO_DATA]),
        ("outside", [risk for risk in risks if risk.found is Outcome.DOES_NOT_APPLY]),
    ):
        if holds:
            said.append(say(f"headline.{key}", hazards=say("join").join(say(f"short.{one.hazard}") for one in holds)))
    return sentences(say, said)


def _risk(say: Words, risk: Risk, told: Told | None, catalogue: Mapping[str, Layer]) -> dict[str, object]:
    sentence = _SENTENCES[risk.hazard](say, risk)
    if risk.outcome is Outcome.STALE:
        sentence = sentences(say, [say("stale"), sentence])
    layer = catalogue.get(risk.layer or "")
    return {
        "hazard": str(risk.hazard),
        "outcome": str(risk.outcome),
        "found": str(risk.found),
        "grade": risk.grade,
        "outcome_label": say(f"outcome.{risk.outcome}"),
        "title": say(f"hazard.{risk.hazard}"),
        "sentence": sentence,
        "advice": say(f"{risk.hazard}.advice.{_advice(risk)}"),
        "details": [] if layer is None else [_DETAILS[risk.hazard](say, part, layer) for part in risk.parts],
        "source": told.source if told is not None else None,
        "data_date": told.data_date.isoformat() if told is not None and told.data_date is not None else None,
    }


def _advice(risk: Risk) -> str:
    if risk.found is Outcome.NO_DATA:
        return "no_data"
    return "none" if risk.grade is None else str(risk.grade)


def _absent(say: Words, risk: Risk) -> str:
    return say(f"{risk.hazard}.{risk.reason or 'does_not_apply'}")


def _flood(say: Words, risk: Risk) -> str:
    if risk.grade is None:
        return _absent(say, risk)
    if risk.found is Outcome.NEAR_BOUNDARY:
        return say("flood.near_boundary", band=_metres(risk.band_m), depth=say(f"depth.{risk.grade}"))
    here = max(part.inside for part in risk.parts if part.inside is not None)
    said = [say("flood.applies", depth=say(f"depth.{here}"))]
    if risk.grade > here:
        said.append(say("flood.deeper_near", depth=say(f"depth.{risk.grade}")))
    return sentences(say, said)


def _landslide(say: Words, risk: Risk) -> str:
    if risk.grade is None:
        return _absent(say, risk)
    effect = say(f"landslide.effect.{'special' if risk.grade in SPECIAL else 'warning'}")
    if risk.found is Outcome.NEAR_BOUNDARY:
        zones = _zones(say, [(part.group[0], part.near) for part in risk.parts])
        return sentences(say, [say("landslide.near_boundary", zones=zones, band=_metres(risk.band_m)), effect])
    inside = [(part.group[0], part.inside) for part in risk.parts if part.inside is not None]
    near = [(part.group[0], part.near) for part in risk.parts if part.near != part.inside]
    said = [say("landslide.applies", zones=_zones(say, inside))]
    if near:
        said.append(say("landslide.worse_near", zones=_zones(say, near)))
    return sentences(say, [*said, effect])


def _zones(say: Words, zones: Sequence[tuple[str | None, int]]) -> str:
    return say("landslide.join").join(
        say("landslide.zone", kind=say(f"kind.{kind}"), zone_class=say(f"class.{grade}")) for kind, grade in zones
    )


def _flood_detail(say: Words, part: Part, layer: Layer) -> dict[str, object]:
    river, scenario = part.group
    label = say("detail.flood", river=river or say("river_unknown"), scenario=say(f"scenario.{scenario or 'unknown'}"))
    grade = part.near if part.inside is None else part.inside
    colour = _colour(layer, depth_rank=grade)
    return {"label": label, "value": _value(say, part, "depth_short"), "colour": colour}


def _landslide_detail(say: Words, part: Part, layer: Layer) -> dict[str, object]:
    kind = part.group[0]
    grade = part.near if part.inside is None else part.inside
    colour = _colour(layer, phenomenon=kind, zone_class=grade)
    return {"label": say(f"kind.{kind}"), "value": _value(say, part, "class"), "colour": colour}


def _value(say: Words, part: Part, scale: str) -> str:
    near = say(f"{scale}.{part.near}")
    if part.inside is None:
        return say("detail.near", value=near)
    here = say(f"{scale}.{part.inside}")
    return here if part.inside == part.near else say("detail.worse_near", value=here, worse=near)


def _colour(layer: Layer, **values: object) -> str | None:
    """The official colour of the legend's row for these codes."""
    codes = {name: str(value) for name, value in values.items()}
    return next((entry.fill for entry in layer.legend if dict(entry.values) == codes), None)


def _metres(value: float) -> str:
    return str(math.ceil(value))


_SENTENCES = {Hazard.FLOOD: _flood, Hazard.LANDSLIDE: _landslide}
_DETAILS = {Hazard.FLOOD: _flood_detail, Hazard.LANDSLIDE: _landslide_detail}
