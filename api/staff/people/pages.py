"""The people's pages: made here, without a script that they would need, under a policy that lets nothing in."""

from functools import lru_cache
from pathlib import Path

from fastapi import Request, Response
from jinja2 import Environment, StrictUndefined

from api.staff.people.forms import form_secret, token_for
from api.templates import template_environment
from layers.store.instance import Store

TEMPLATES = Path(__file__).resolve().parent / "templates"
CONTENT_SECURITY_POLICY = (
    "default-src 'none'; style-src 'self'; script-src 'self'; img-src data:; base-uri 'none'; form-action 'self'; "
    "frame-ancestors 'none'"
)


@lru_cache(maxsize=1)
def _environment() -> Environment:
    return template_environment(TEMPLATES, StrictUndefined)


def page(
    request: Request, template: str, content: dict[str, object], *, status: int = 200, secret: str | None = None
) -> Response:
    """A page; `secret` is that of the cookie for whose holder its forms are made (else the one that the request shows)."""
    held = secret or form_secret(request)
    store: Store = request.app.state.store
    text = (
        _environment()
        .get_template(template)
        .render(
            town=store.town, base=request.scope.get("root_path", ""), token=token_for(held) if held else "", **content
        )
    )
    headers = {"Content-Security-Policy": CONTENT_SECURITY_POLICY, "Cache-Control": "private, no-store"}
    return Response(text, status_code=status, media_type="text/html; charset=utf-8", headers=headers)
