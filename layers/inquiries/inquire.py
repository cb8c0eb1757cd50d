"""The main job: parcel numbers as people write them in, a defensible answer for every theme out."""

import time
from dataclasses import dataclass, replace
from datetime import datetime
from zoneinfo import ZoneInfo

from gis.parcel_numbers import display
from layers.inquiries.engine import Judging
from layers.inquiries.errors import EmptyInquiryError, InquiryTooLargeError, UnknownParcelError
from layers.inquiries.gather import Gathering
from layers.inquiries.model import Answer, Finding, LayerState, Parcel
from layers.inquiries.parcels import CADASTRAL, parcels_with_keys
from layers.inquiries.sheets.wording import disclaimers
from layers.store.database import Connection
from layers.store.definitions import Theme
from layers.store.editions import editions
from layers.store.instance import Store
from layers.store.parcel_search import resolve_keys

MAX_PARCELS = 2_000
"""Parcels of one inquiry; a longer list is told to come in parts, before any work is done."""
JST = ZoneInfo("Asia/Tokyo")


@dataclass(frozen=True)
class InquiryRequest:
    """What is asked: `texts` are parcel numbers or keys in any spelling; `as_of` reads the store as it was then."""

    texts: tuple[str, ...]
    asker: str = ""
    purpose: str = ""
    as_of: datetime | None = None


def themes_of(store: Store) -> list[Theme]:
    """Every theme of the catalogue in the order in which sheets show them."""
    themes = [theme for layer in store.catalogue.values() for theme in layer.themes]
    return sorted(themes, key=lambda theme: (theme.order, theme.id))


def inquire(store: Store, request: InquiryRequest) -> Answer:
    """Answer every theme for every parcel asked about.

    Raises EmptyInquiryError, UnknownParcelError when no text leads to a parcel (with the nearest numbers), and
    InquiryTooLargeError beyond MAX_PARCELS. Texts that lead nowhere while others do are told in `unresolved`. The answer is
    a draft: it has no number and no seal until it is issued.
    """
    started = time.perf_counter()
    moment = request.as_of or datetime.now(JST)
    with store.database.transaction() as connection:
        connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
        keys, unresolved = _keys(store, connection, request)
        held = editions(connection, request.as_of)
        parcels = parcels_with_keys(store, connection, keys, held.get(CADASTRAL), request.as_of)
        gathering = Gathering(store, connection, parcels, held, request.as_of, moment.date())
        findings, states = _judged(gathering, themes_of(store))
    answer = Answer(
        id=None,
        as_of=moment,
        municipality=store.town.full_name,
        fictitious=store.town.fictitious,
        parcels=tuple(parcels),
        findings=tuple(findings),
        layers=tuple(states),
        disclaimers=_disclaimers(store, parcels),
        asker=request.asker,
        purpose=request.purpose,
        unresolved=tuple(unresolved),
    )
    return replace(answer, elapsed_ms=(time.perf_counter() - started) * 1000)


def _judged(gathering: Gathering, themes: list[Theme]) -> tuple[list[Finding], list[LayerState]]:
    states = []
    with Judging(gathering.parcels, themes) as judging:
        for layer, evidence in gathering.evidence():
            judging.take(layer, evidence)
            states.append(evidence.state)
        return judging.findings(), states


def _disclaimers(store: Store, parcels: list[Parcel]) -> tuple[str, ...]:
    worst_m = max((parcel.datum_error_m for parcel in parcels), default=0.0)
    return disclaimers(parcels, fictitious=store.town.fictitious, undeclared_datum_m=worst_m or None)


def _keys(store: Store, connection: Connection, request: InquiryRequest) -> tuple[list[str], list[str]]:
    if not any(text.strip() for text in request.texts):
        raise EmptyInquiryError("地番が入力されていません。例: 小野新町字舘廻92-1")
    found = resolve_keys(store, connection, "\n".join(request.texts), limit=MAX_PARCELS + 1, as_of=request.as_of)
    if len(found.keys) > MAX_PARCELS:
        raise InquiryTooLargeError(f"一度に照会できるのは {MAX_PARCELS:,} 筆までです。一覧を分けて照会してください。")
    if not found.keys:
        near = "、".join(display(key) for key in found.near[:5])
        hint = f"近い地番: {near}" if near else "大字・字・地番を確認してください"
        asked = "、".join(found.unmatched[:3]) or "、".join(request.texts[:3])
        raise UnknownParcelError(f"「{asked}」に当たる筆がありません（{hint}）。")
    return found.keys, found.unmatched
