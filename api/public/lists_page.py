"""What the pages of lists share: their template, the languages they are offered in, their policy, and their days."""

from datetime import date
from functools import cache, partial
from pathlib import Path
from typing import cast
from urllib.parse import urlencode

from fastapi import Request, Response
from jinja2 import Environment, StrictUndefined

from api.public.editions import OpenEdition
from api.public.rates import Rates
from api.public.side import CACHE_CONTROL
from api.public.words import Language, Words, offered
from api.templates import template_environment
from layers.store.instance import Store
from layers.store.settings import Settings

TEMPLATES = Path(__file__).resolve().parent / "templates"
POLICY = "default-src 'none'; style-src 'self'; img-src 'self' data:; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
"""Nothing runs on these pages: they are read, filtered by a form, and printed."""


@cache
def _environment() -> Environment:
    return template_environment(TEMPLATES, StrictUndefined)


def page(request: Request, edition: OpenEdition, say: Words, part: str, template: str, **more: object) -> Response:
    """The page of a template as an answer."""
    content = (
        _environment()
        .get_template(template)
        .render(
            say=say,
            edition=edition,
            town=edition.town,
            choices=_choices(request, part, say.language),
            day=partial(day, say),
            address=f"{request.url.path.lstrip('/')}",
            **more,
        )
    )
    return Response(content, media_type="text/html; charset=utf-8", headers=headers(POLICY))


def headers(policy: str | None = None) -> dict[str, str]:
    """What every answer of these pages carries."""
    told = {"Cache-Control": CACHE_CONTROL, "Vary": "Accept, Accept-Language"}
    return told | ({"Content-Security-Policy": policy} if policy else {})


def _choices(request: Request, part: str, now: Language) -> list[dict[str, object]]:
    kept = [(name, value) for name, value in request.query_params.multi_items() if name != "lang"]
    here = request.url.path.rsplit("/", 1)[-1]
    return [
        {
            "language": language,
            "is_spoken": code == now.code,
            "href": f"{here}?{urlencode([*kept, ('lang', code)])}",
        }
        for code, language in offered(part).items()
    ]


def day(say: Words, moment: date | None) -> str:
    """A day as the language writes it."""
    if moment is None:
        return say("day.unknown")
    return say("day", year=moment.year, month=moment.month, day=moment.day)


def as_store(edition: OpenEdition) -> Store:
    """The edition as the question engine reads a store: its layers, and no other login than the one that only reads."""
    settings = Settings.model_construct(home=Path("/nonexistent"), municipality=edition.town)
    return Store(settings, dict(edition.catalogue), edition.database)


def count_file(request: Request) -> None:
    """Count an answer that costs as much as a file. Raises TooManyRequestsError."""
    cast(Rates, request.app.state.rates).count_file(request.scope)
