"""The situation as an Atom feed (RFC 4287): the phase, every notice, every site and every closed road is an entry."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

from lxml import etree

from api.public.situation_words import iso, site_details, state_label
from api.public.words import Words
from layers.situation.published import Situation

ATOM = "http://www.w3.org/2005/Atom"
ATOM_TYPE = "application/atom+xml"
CAP_TYPE = "application/cap+xml"
_LANG = "{http://www.w3.org/XML/1998/namespace}lang"


@dataclass(frozen=True)
class _Entry:
    mark: str
    title: str
    updated: datetime
    text: str
    alert: int | None = None


def as_atom(say: Words, found: Situation, base: str, town: str) -> bytes:
    """The feed; `base` is the address of the public side without a slash at its end."""
    feed = etree.Element(f"{{{ATOM}}}feed", {_LANG: say.language.html}, nsmap={None: ATOM})
    updated = found.made_at or datetime(1970, 1, 1, tzinfo=UTC)
    _add(feed, "id", f"{base}/situation.atom")
    _add(feed, "title", _marked(say, found, say("light_title", town=town)))
    _add(feed, "updated", iso(updated))
    etree.SubElement(_add(feed, "author"), f"{{{ATOM}}}name").text = town
    _add(feed, "link", rel="self", type=ATOM_TYPE, href=f"{base}/situation.atom?lang={say.language.code}")
    _add(feed, "link", rel="alternate", type="text/html", href=f"{base}/light?lang={say.language.code}")
    for entry in _entries(say, found, updated):
        _add_entry(feed, entry, say, found, base)
    return etree.tostring(feed, xml_declaration=True, encoding="UTF-8")


def _entries(say: Words, found: Situation, updated: datetime) -> Iterator[_Entry]:
    content = found.content
    if found.number:
        yield _Entry("phase", say(f"phase_{content.phase.value}"), updated, content.headline)
    for notice in content.notices:
        title = f"{say(f'level_{notice.level}')} {notice.title}"
        yield _Entry(f"notice-{notice.id}", title, notice.issued_at, notice.text, notice.id)
    for site in content.shelters:
        title = f"{site.name} {state_label(say, site.state.value)}"
        yield _Entry(f"{site.layer}-{site.id}", title, site.told_at, " ".join(site_details(say, site)))
    for closure in content.closures:
        title = f"{say('closures_title')} {closure.name}"
        yield _Entry(f"closure-{closure.id}", title, closure.since, closure.reason)


def _add_entry(feed: etree._Element, entry: _Entry, say: Words, found: Situation, base: str) -> None:
    element = _add(feed, "entry")
    _add(element, "id", f"{base}/situation.atom#{entry.mark}")
    _add(element, "title", _marked(say, found, entry.title))
    _add(element, "updated", iso(entry.updated))
    _add(element, "link", rel="alternate", type="text/html", href=f"{base}/light?lang={say.language.code}")
    if entry.alert is not None:
        _add(element, "link", rel="enclosure", type=CAP_TYPE, href=f"{base}/situation.cap?notice={entry.alert}")
    _add(element, "content", entry.text, type="text")


def _marked(say: Words, found: Situation, text: str) -> str:
    return f"【{say('exercise')}】{text}" if found.content.exercise else text


def _add(parent: etree._Element, name: str, text: str | None = None, **attributes: str) -> etree._Element:
    element = etree.SubElement(parent, f"{{{ATOM}}}{name}", attributes)
    element.text = text
    return element
