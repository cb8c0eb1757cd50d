"""The HTML form of the documents: plain pages that need no script, in Japanese, for the keyboard and for print."""

from functools import lru_cache
from pathlib import Path

from fastapi import Response
from jinja2 import Environment

from api.side import Side
from api.templates import template_environment

TEMPLATES = Path(__file__).resolve().parent / "templates"
# nothing is fetched and nothing runs; the style and the icon are in the page
CONTENT_SECURITY_POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; "
    "form-action 'self'; frame-ancestors 'none'"
)


@lru_cache(maxsize=1)
def _environment() -> Environment:
    return template_environment(TEMPLATES)


def rendered(side: Side, template: str, page: dict[str, object], headers: dict[str, str], **more: object) -> Response:
    """The page of a template; `page` is what the JSON form holds."""
    content = _environment().get_template(template).render(side=side, page=page, **more)
    return Response(
        content, media_type="text/html", headers={**headers, "Content-Security-Policy": CONTENT_SECURITY_POLICY}
    )
