"""The public page in the language of its reader: the words are in its first bytes, so it can be read before any script ran.

`webmap/public/index.html` holds `{{key}}` for each text of the part "page"; `<!--here-->` is where the answer for a linked
place stands. The static edition writes the same page from `page_html`.
"""

import re
from collections.abc import Mapping
from html import escape
from urllib.parse import urlencode

from fastapi import Request, Response

from api.pages import WEBMAP, content_security_policy
from api.public.side import edition_of_request
from api.public.words import FIRST, Language, chosen_language, languages, offered, words
from layers.store.settings import Municipality

INDEX = WEBMAP / "public" / "index.html"
HERE = "<!--here-->"
PARTS = ("page", "here", "offline", "common")
"""What the page and its scripts read of the words."""
_PLACE = re.compile(r"{{(\w+)}}")
_KEPT = ("here", "embed")
"""What of the address goes on when another language is chosen; what stands after # is added by the page itself."""


def page_html(
    language: Language,
    *,
    town: Municipality | None = None,
    here: str = "",
    kept: Mapping[str, str] | None = None,
    embed: bool = False,
) -> str:
    """The page with its words filled in; `here` is HTML that answers for a place, `kept` goes into the links to languages."""
    said = words("page", language.code)
    built = {
        "html_lang": language.html,
        "language_code": language.code,
        "town_name": escape(town.name) if town is not None else "",
        "unless_fictitious": "" if town is not None and town.fictitious else "hidden",
        "embed_class": "embed" if embed else "whole",
        "languages": _language_links(language, kept or {}),
        "machine": f'<p id="machine">{escape(said("machine_made"))}</p>' if language.is_machine_made else "",
    }
    text = _PLACE.sub(lambda place: _text(said.texts, place[1], built), INDEX.read_text(encoding="utf-8"))
    return text.replace(HERE, here or HERE)


def _text(texts: Mapping[str, str], key: str, built: Mapping[str, str]) -> str:
    return built[key] if key in built else escape(texts[key])


def _language_links(chosen: Language, kept: Mapping[str, str]) -> str:
    """A link to the page in each language, each in its own script."""
    return "".join(
        f'<li><a href="?{escape(urlencode({**kept, "lang": code}))}" lang="{one.html}" hreflang="{one.html}"'
        f"{_CURRENT if one.code == chosen.code else ''}>{escape(one.name)}</a></li>"
        for code, one in offered(*PARTS).items()
    )


_CURRENT = ' aria-current="true"'


def language_of(request: Request) -> Language:
    """The language that the page is asked in, Japanese for one that is not offered yet."""
    asked = chosen_language(request.query_params.get("lang"), request.headers.get("accept-language", ""))
    return asked if asked.code in offered(*PARTS) else languages()[FIRST]


def page_response(request: Request, embedders: tuple[str, ...], here: str = "") -> Response:
    """The page under its strict policy. With `?embed=1` the configured sites, and no other, may show it in a frame."""
    embed = request.query_params.get("embed") == "1"
    kept = {name: request.query_params[name] for name in _KEPT if name in request.query_params}
    town = edition_of_request(request).town
    text = page_html(language_of(request), town=town, here=here, kept=kept, embed=embed)
    policy = content_security_policy(text, embedders if embed else ())
    headers = {
        "Content-Security-Policy": policy,
        "Cache-Control": "no-cache",
        "Vary": "Accept-Language",
        "Content-Language": language_of(request).html,
    }
    return Response(text, media_type="text/html; charset=utf-8", headers=headers)
