"""The words of the situation in the asked language, its moments as people read them, and its labels."""

from datetime import datetime
from zoneinfo import ZoneInfo

from api.public.words import Words
from layers.situation.model import SiteSituation

PART = "situation"
TOKYO = ZoneInfo("Asia/Tokyo")


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
