"""The answer for a place as HTML: a page of its own that needs no script, and a part of the main page."""

from datetime import datetime
from functools import cache, partial
from pathlib import Path
from urllib.parse import urlencode

from fastapi import Request
from jinja2 import Environment

from api.public.editions import OpenEdition
from api.public.here_answer import Answer
from api.public.words import Language, Words, offered
from api.templates import template_environment
from layers.store.place_search import found_among

TEMPLATES = Path(__file__).resolve().parent / "templates"
CONTENT_SECURITY_POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self' data:; base-uri 'none'; "
    "form-action 'self'; frame-ancestors 'none'"
)
MAP_ZOOM = 17


@cache
def _environment() -> Environment:
    return template_environment(TEMPLATES)


def fragment(say: Words, edition: OpenEdition, answer: Answer, level: int) -> str:
    """The answer alone; its headings begin at that level."""
    template = _environment().get_template("here_fragment.html")
    return template.render(say=say, answer=answer, level=level, town=edition.town, day=partial(_day, say))


def page(request: Request, say: Words, edition: OpenEdition, answer: Answer | None, asked: str = "") -> str:
    """The whole page: the answer where there is one, else what a search found, and a form for another place."""
    found = found_among(edition.places, asked) if asked else []
    template = _environment().get_template("here.html")
    return template.render(
        say=say,
        answer=answer,
        town=edition.town,
        asked=asked,
        found=found,
        choices=_choices(request, say.language),
        map_zoom=MAP_ZOOM,
        day=partial(_day, say),
    )


def _choices(request: Request, spoken: Language) -> list[dict[str, object]]:
    """The same question in every language that has the words for it."""
    kept = {name: value for name, value in request.query_params.items() if name != "lang"}
    return [
        {"language": one, "is_spoken": one == spoken, "href": f"here?{urlencode({**kept, 'f': 'html', 'lang': code})}"}
        for code, one in offered("here").items()
    ]


def _day(say: Words, moment: str) -> str:
    """An ISO day or moment as a day of the language."""
    day = datetime.fromisoformat(moment)
    return say("date", year=day.year, month=day.month, day=day.day)
