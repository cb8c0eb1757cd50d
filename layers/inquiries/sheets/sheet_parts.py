"""What stands on a public sheet beside its map."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True)
class Row:
    """One line of the table: a mark and its words, what was asked, the answer in a sentence, and whose data it is."""

    mark: str
    answer: str
    title: str
    text: str
    department: str
    date: str
    more: tuple[str, ...] = ()


@dataclass(frozen=True)
class Section:
    """A heading with a table below it, or with lines."""

    title: str
    rows: tuple[Row, ...] = ()
    lines: tuple[str, ...] = ()


@dataclass(frozen=True)
class PublicSheet:
    """What stands on the paper beside the map; `edition` names the edition and its day at the foot of each page."""

    title: str
    lead: tuple[str, ...]
    sections: tuple[Section, ...]
    municipality: str
    edition: str
    permalink: str
    made_at: datetime
    fictitious: bool = False
