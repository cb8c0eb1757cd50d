"""The words of the situation in the asked language, its moments as people read them, and its labels."""

from collections.abc import Mapping
from datetime import datetime
from zoneinfo import ZoneInfo

from fastapi import Request

from api.public.words import I18N, Language, Words, chosen_language, languages, words
from layers.situation.model import SiteSituation

PART = "situation"
TOKYO = ZoneInfo("Asia/Tokyo")


def spoken() -> Mapping[str, Language]:
    """The languages in which all words of this part are there."""
    parts = ("common", PART)
    return {
        code: language
        for code, language in languages().items()
        if all((I18N / code / f"{part}.json").is_file() for part in parts)
    }


def words_for(request: Request, asked: str | None) -> Words:
    """The words in the asked language, else in the browser's, else in Japanese."""
    language = chosen_language(asked, request.headers.get("accept-language", ""))
    return words(PART, language.code if language.code in spoken() else "ja")


def moment_told(moment: datetime) -> str:
    """Day and minute in Japan, in digits that every language reads: 2026-11-26 21:05."""
    return moment.astimezone(TOKYO).strftime("%Y-%m-%d %H:%M")


def iso(moment: datetime | None) -> str | None:
    """RFC 3339 with Japan's offset and whole seconds, as CAP and Atom ask."""
    return moment.astimezone(TOKYO).isoformat(timespec="seconds") if moment is not None else None


def state_label(say: Words, state: str) -> str:
    """The word for a site's state."""
    return say(f"state_{state}")


def site_details(say: Words, site: SiteSituation) -> list[str]:
    """What is told of a site beside its state."""
    told = [say("people", count=f"{site.people:,}")] if site.people is not None else []
    for name in ("pets", "barrier_free"):
        value = getattr(site, name)
        told += [] if value is None else [say(f"{name}_{'yes' if value else 'no'}")]
    return [*told, *([site.note] if site.note else [])]
