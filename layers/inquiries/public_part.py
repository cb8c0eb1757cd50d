"""What anybody may be told of a parcel: the same engine over the edition that was published, so over public columns only.

Nobody says who asks or what for, nothing is kept, and no number is given: it is an answer to read, not a 照会回答書.
"""

from dataclasses import dataclass

from gis.parcel_numbers import display
from layers.inquiries.inquire import InquiryRequest, inquire
from layers.inquiries.model import Answer
from layers.inquiries.parcels import CADASTRAL
from layers.store.errors import UnknownLayerError
from layers.store.instance import Store
from layers.store.parcel_search import resolve_keys

MOST_HITS = 30
"""Parcels that are listed when a text names more than one."""


@dataclass(frozen=True)
class Hit:
    """A parcel by its key and by its number as it is written out."""

    key: str
    number: str


@dataclass(frozen=True)
class LandAnswer:
    """The answer for the one parcel that a text names; else those that it may mean, or the nearest to it."""

    asked: str
    answer: Answer | None = None
    several: tuple[Hit, ...] = ()
    nearest: tuple[Hit, ...] = ()
    truncated: bool = False


def land_answer(store: Store, text: str) -> LandAnswer:
    """The public part for a 地番 in any spelling; `store` is a published edition.

    Raises UnknownLayerError where the edition has no cadastral layer, ParcelNumberError for a text without anything.
    """
    if CADASTRAL not in store.catalogue:
        raise UnknownLayerError("いま公開している版には地番図がありません。役場の窓口でお尋ねください。")
    with store.database.transaction() as connection:
        found = resolve_keys(store, connection, text, limit=MOST_HITS + 1)
    if not found.keys:
        return LandAnswer(text, nearest=_hits(found.near))
    if len(found.keys) > 1:
        return LandAnswer(text, several=_hits(found.keys), truncated=len(found.keys) > MOST_HITS)
    return LandAnswer(text, inquire(store, InquiryRequest((found.keys[0],))))


def _hits(keys: list[str]) -> tuple[Hit, ...]:
    return tuple(Hit(key, display(key)) for key in keys[:MOST_HITS])
