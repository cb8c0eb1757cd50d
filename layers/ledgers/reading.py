"""A parcel's owners and taxes: the entry of the log first, committed, then the rows."""

from dataclasses import dataclass

from layers.ledgers.errors import LedgerRequestError, PurposeError
from layers.store.audit.log import Who
from layers.store.audit.registry import PURPOSES
from layers.store.definitions import Layer, LayerField
from layers.store.errors import ForbiddenError
from layers.store.instance import Store
from layers.store.ledger_definitions import LEDGERS
from layers.store.rights.caller import Caller, Verb
from layers.store.rights.grants import visible

LONGEST_KEY = 200
LONGEST_NOTE = 500


@dataclass(frozen=True)
class Reason:
    """What a ledger is read for: a code of the register, and words beside it."""

    purpose: str
    note: str = ""

    def __post_init__(self) -> None:
        if self.purpose not in PURPOSES:
            told = "、".join(PURPOSES.values())
            raise PurposeError(f"台帳を見る目的を選んでください（{told}）。目的は閲覧の記録に残ります。")
        if len(self.note) > LONGEST_NOTE:
            raise LedgerRequestError(f"目的の補足は {LONGEST_NOTE} 文字までにしてください。")


@dataclass(frozen=True)
class Panel:
    """What one ledger says of a parcel in the columns that the asker may see; `entry` is the number of the log's entry."""

    ledger: Layer
    fields: tuple[LayerField, ...]
    rows: list[dict[str, object]]
    entry: int

    def as_json(self) -> dict[str, object]:
        """The panel as the staff page shows it."""
        return {
            "id": self.ledger.id,
            "title": self.ledger.title,
            "entry": self.entry,
            "fields": [{"name": one.name, "label": one.label, "unit": one.unit} for one in self.fields],
            "rows": self.rows,
        }


def readable_ledgers(store: Store, caller: Caller) -> dict[str, tuple[LayerField, ...]]:
    """By ledger, the fields that the caller's post may read."""
    if Verb.READ not in caller.verbs:
        return {}
    found = {}
    for ledger in LEDGERS.values():
        names = set(visible(ledger, store.policy.classes(caller.post, Verb.READ, ledger)))
        if names:
            found[ledger.id] = tuple(one for one in ledger.fields if one.name in names)
    return found


def read_panels(store: Store, caller: Caller, origin: str | None, parcel: str, reason: Reason) -> list[Panel]:
    """Every ledger that the caller may see, for one parcel (its key); one entry of the log for each.

    `store` is as the caller's post has it. Raises ForbiddenError for a post that may see none.
    """
    if not parcel or len(parcel) > LONGEST_KEY or "\0" in parcel:
        raise LedgerRequestError("どの筆の台帳を見るのか、地番を指定してください。")
    ledgers = readable_ledgers(store, caller)
    if not ledgers:
        raise ForbiddenError(
            "あなたの職務では、所有者と課税の台帳は見られません。必要なときは、台帳の閲覧の職務を所属長に申請してください。"
        )
    who = Who.of(caller, origin)
    return [_read(store, who, LEDGERS[name], fields, parcel, reason) for name, fields in ledgers.items()]


def _read(store: Store, who: Who, ledger: Layer, fields: tuple[LayerField, ...], parcel: str, reason: Reason) -> Panel:
    names = [one.name for one in fields]
    with store.database.transaction(timeout_s=10.0) as connection:
        asked = connection.execute(
            "SELECT ledgers.ask(%s, %s, %s, %s, %s, %s, %s, %s, %s, %s)",
            [
                *(ledger.id, [parcel], names, reason.purpose, reason.note or None),
                *(who.account, who.name, who.department, list(who.duties), who.origin),
            ],
        ).fetchone()
    assert asked is not None  # noqa: S101 - a function answers one row
    # the entry is committed; a row that is given from here on is a row that is logged
    with store.database.transaction(timeout_s=10.0) as connection:
        rows = connection.execute("SELECT ledgers.answer(%s)", [asked[0]]).fetchall()
    return Panel(ledger, fields, [row[0] for row in rows], asked[0])
