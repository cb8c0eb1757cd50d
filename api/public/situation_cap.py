"""A notice as an alert of the Common Alerting Protocol (OASIS CAP 1.2).

Urgency, severity and certainty are this program's own reading of the five levels, and there are no codes: those of the
national system are not public. A town that is made up, and an exercise, says Exercise.
"""

from lxml import etree

from api.public.situation_words import iso
from api.public.words import Words
from layers.situation.model import Notice
from layers.situation.published import Situation
from layers.store.settings import Municipality

CAP = "urn:oasis:names:tc:emergency:cap:1.2"
# (responseType, urgency, severity, certainty): level 5 is for what has happened already, when leaving may be the danger
LEVELS = {
    5: ("Shelter", "Immediate", "Extreme", "Observed"),
    4: ("Evacuate", "Immediate", "Severe", "Likely"),
    3: ("Prepare", "Expected", "Moderate", "Likely"),
    2: ("Monitor", "Future", "Minor", "Possible"),
    1: ("Monitor", "Future", "Minor", "Possible"),
}
_LONGEST_HEADLINE = 160


def as_cap(say: Words, found: Situation, notice: Notice, town: Municipality, base: str) -> bytes:
    """The alert; its elements stand in the order of the schema."""
    exercise = found.content.exercise
    alert = etree.Element(f"{{{CAP}}}alert", nsmap={None: CAP})
    host = base.split("://", maxsplit=1)[-1]
    _add(alert, "identifier", f"{host}/{town.code}/notice-{notice.id}")
    _add(alert, "sender", host)
    _add(alert, "sent", iso(notice.issued_at))
    _add(alert, "status", "Exercise" if exercise or town.fictitious else "Actual")
    _add(alert, "msgType", "Alert")
    _add(alert, "scope", "Public")
    if exercise or town.fictitious:
        _add(alert, "note", say("exercise_about") if exercise else say("fictitious"))
    _add_info(alert, say, found, notice, town)
    _add(alert[-1], "web", f"{base}/light")
    area = _add(alert[-1], "area")
    _add(area, "areaDesc", town.full_name)
    return etree.tostring(alert, xml_declaration=True, encoding="UTF-8")


def _add_info(alert: etree._Element, say: Words, found: Situation, notice: Notice, town: Municipality) -> None:
    response, urgency, severity, certainty = LEVELS[notice.level]
    mark = f"【{say('exercise')}】" if found.content.exercise else ""
    told = say(f"level_{notice.level}")
    info = _add(alert, "info")
    _add(info, "language", "ja-JP")
    _add(info, "category", "Safety")
    _add(info, "event", f"{mark}{told}")
    _add(info, "responseType", response)
    _add(info, "urgency", urgency)
    _add(info, "severity", severity)
    _add(info, "certainty", certainty)
    if notice.expires_at is not None:
        _add(info, "expires", iso(notice.expires_at))
    _add(info, "senderName", town.full_name)
    _add(info, "headline", f"{mark}{notice.title}"[:_LONGEST_HEADLINE])
    _add(info, "description", f"{mark}{notice.text or notice.title}")


def _add(parent: etree._Element, name: str, text: str | None = None) -> etree._Element:
    element = etree.SubElement(parent, f"{{{CAP}}}{name}")
    element.text = text
    return element
