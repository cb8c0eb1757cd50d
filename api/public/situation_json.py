"""The situation as JSON and as GeoJSON."""

from api.public.situation_words import iso, state_label
from api.public.words import Words
from layers.situation.model import Closure, Notice, SiteSituation
from layers.situation.published import Situation


def as_json(say: Words, found: Situation) -> dict[str, object]:
    """The whole situation; `label` is in the language of the words."""
    content = found.content
    return {
        **_head(say, found),
        "shelters": [_site(say, one) for one in content.shelters],
        "closures": [{**_closure(one), "geometry": one.geometry.model_dump(mode="json")} for one in content.closures],
        "notices": [_notice(say, one) for one in content.notices],
    }


def as_geojson(say: Words, found: Situation) -> dict[str, object]:
    """A FeatureCollection (RFC 7946): sites as points, closures as they were drawn, notices without a place."""
    content = found.content
    sites = [
        _feature(f"{one.layer}.{one.id}", {"kind": "site", **_site(say, one)}, _point(one)) for one in content.shelters
    ]
    closures = [
        _feature(f"closure.{one.id}", {"kind": "closure", **_closure(one)}, one.geometry.model_dump(mode="json"))
        for one in content.closures
    ]
    notices = [_feature(f"notice.{one.id}", {"kind": "notice", **_notice(say, one)}, None) for one in content.notices]
    exercise = {"exercise": content.exercise, "exercise_label": say("exercise") if content.exercise else None}
    features = [*sites, *closures, *notices]
    for feature in features:
        feature["properties"].update(exercise)
    return {"type": "FeatureCollection", "situation": _head(say, found), "features": features}


def _head(say: Words, found: Situation) -> dict[str, object]:
    content = found.content
    return {
        "number": found.number,
        "lang": say.language.code,
        "phase": content.phase.value,
        "phase_label": say(f"phase_{content.phase.value}"),
        "headline": content.headline,
        "exercise": content.exercise,
        "exercise_label": say("exercise_about") if content.exercise else None,
        "made_at": iso(found.made_at),
    }


def _feature(identifier: str, properties: dict[str, object], geometry: object) -> dict[str, dict[str, object]]:
    return {"type": "Feature", "id": identifier, "geometry": geometry, "properties": properties}  # type: ignore[dict-item]


def _point(one: SiteSituation) -> dict[str, object]:
    return {"type": "Point", "coordinates": [one.lon, one.lat]}


def _site(say: Words, one: SiteSituation) -> dict[str, object]:
    told = one.model_dump(mode="json")
    return {**told, "label": state_label(say, one.state.value), "told_at": iso(one.told_at)}


def _closure(one: Closure) -> dict[str, object]:
    return {"id": one.id, "name": one.name, "reason": one.reason, "since": iso(one.since)}


def _notice(say: Words, one: Notice) -> dict[str, object]:
    return {
        "id": one.id,
        "level": one.level,
        "level_label": say(f"level_{one.level}"),
        "title": one.title,
        "text": one.text,
        "issued_at": iso(one.issued_at),
        "expires_at": iso(one.expires_at),
    }
