"""The switch itself: each step is one transaction that checks who asks and what they had seen, keeps the new situation
whole beside all earlier ones, and is entered in the log.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from zoneinfo import ZoneInfo

from pydantic import ValidationError

from layers.situation import register
from layers.situation.errors import NothingBeforeError, NotOnDutyError, SituationRefusedError, UnknownEntryError
from layers.situation.model import PHASE_WORDS, SITE_WORDS, Closure, Content, Notice, SiteSituation
from layers.situation.register import Revision
from layers.situation.sites import road_shape, site
from layers.situation.wanted import ClosureWanted, NoticeWanted, PhaseWanted, SiteWanted, Wanted
from layers.store.audit.log import Entry, Who, record
from layers.store.database import Connection
from layers.store.errors import EditConflictError
from layers.store.instance import Store
from layers.store.rights.caller import Caller, Post

TOKYO = ZoneInfo("Asia/Tokyo")
Change = Callable[[Content, int, datetime], dict[str, object]]
"""From the situation, the number of the step and the moment to what is replaced in it."""


@dataclass(frozen=True)
class _Step:
    """What is entered in the registers about a step, and which entries it changes."""

    action: str
    note: str
    keys: tuple[str, ...] = ()


@dataclass(frozen=True)
class SituationDesk:
    """The switch of one store, for a caller at an address (`origin`)."""

    store: Store
    caller: Caller
    origin: str | None = None

    def may_switch(self) -> bool:
        """Whether the caller's post switches."""
        return self.store.policy.may_switch(self.caller)

    def current(self) -> Revision:
        """The situation as it stands."""
        with self.store.database.transaction() as connection:
            return register.current(connection)

    def set_phase(self, wanted: PhaseWanted) -> Revision:
        """Switch the phase, its headline, and whether all of this is an exercise."""

        def change(_: Content, __: int, ___: datetime) -> dict[str, object]:
            return {"phase": wanted.phase, "headline": wanted.headline, "exercise": wanted.exercise}

        note = f"{PHASE_WORDS[wanted.phase]}{'（訓練）' if wanted.exercise else ''} {wanted.headline}".strip()
        return self._change(wanted, _Step(register.PHASE, note, ("phase",)), change)

    def set_site(self, wanted: SiteWanted) -> Revision:
        """Tell the state of a shelter or evacuation site. Raises UnknownEntryError."""
        known = site(self.store, wanted.layer, wanted.id)

        def change(content: Content, _: int, now: datetime) -> dict[str, object]:
            told = SiteSituation(
                name=known.name, lon=known.lon, lat=known.lat, told_at=now, **wanted.model_dump(exclude={"seen"})
            )
            others = [one for one in content.shelters if (one.layer, one.id) != (told.layer, told.id)]
            return {"shelters": [*others, told]}

        step = _Step(register.SITE, f"{known.name} {SITE_WORDS[wanted.state]}", (site_key(wanted.layer, wanted.id),))
        return self._change(wanted, step, change)

    def close_road(self, wanted: ClosureWanted) -> Revision:
        """Close a road. Raises UnknownEntryError for one that the layer does not have."""
        name, shape = wanted.name, wanted.geometry.model_dump() if wanted.geometry else {}
        if wanted.road is not None:
            own, shape = road_shape(self.store, wanted.road)
            name = name or own

        def change(content: Content, number: int, now: datetime) -> dict[str, object]:
            told = Closure.model_validate(
                {"id": number, "name": name, "reason": wanted.reason, "since": wanted.since or now, "geometry": shape}
            )
            return {"closures": [*content.closures, told]}

        return self._change(wanted, _Step(register.CLOSURE, f"{name} 通行止め"), change)

    def open_road(self, wanted: Wanted, identifier: int) -> Revision:
        """Take a closure back. Raises UnknownEntryError."""

        def change(content: Content, _: int, __: datetime) -> dict[str, object]:
            return {"closures": _without(content.closures, identifier, "通行止め")}

        return self._change(wanted, _Step(register.CLOSURE, f"通行止め {identifier} 解除"), change)

    def announce(self, wanted: NoticeWanted) -> Revision:
        """Announce something."""

        def change(content: Content, number: int, now: datetime) -> dict[str, object]:
            told = Notice(id=number, issued_at=now, **wanted.model_dump(exclude={"seen"}))
            return {"notices": [*content.notices, told]}

        return self._change(wanted, _Step(register.NOTICE, f"警戒レベル{wanted.level} {wanted.title}"), change)

    def withdraw(self, wanted: Wanted, identifier: int) -> Revision:
        """Take a notice back. Raises UnknownEntryError."""

        def change(content: Content, _: int, __: datetime) -> dict[str, object]:
            return {"notices": _without(content.notices, identifier, "お知らせ")}

        return self._change(wanted, _Step(register.NOTICE, f"お知らせ {identifier} 取り下げ"), change)

    def undo(self, wanted: Wanted) -> Revision:
        """Take up the state before the last step again, whole; once more, and it is the one before that.

        Raises NothingBeforeError, EditConflictError when anything was changed since `wanted.seen`.
        """
        self.require_duty()
        with self.store.database.transaction() as connection:
            register.lock(connection)
            now = register.current(connection)
            if now.number != wanted.seen:
                raise _conflict(now)
            earlier = register.before(connection, now.same_as)
            if earlier is None:
                raise NothingBeforeError("戻せる前の状態がありません。")
            number = now.number + 1
            keys = dict.fromkeys(_differing(now.content, earlier.content), number)
            back = Revision(
                number,
                earlier.content,
                {**now.touched, **keys},
                earlier.same_as,
                register.UNDO,
                f"{now.number}番の前の状態へ",
            )
            return self._keep(connection, back)

    def renumber(self, above: int) -> Revision:
        """The same situation under a number that is newer than `above`: after a restore the public side knows higher ones."""
        self.require_duty()
        with self.store.database.transaction() as connection:
            register.lock(connection)
            now = register.current(connection)
            if now.number > above:
                return now
            return self._keep(connection, _raised(now, above))

    def _change(self, wanted: Wanted, step: _Step, change: Change) -> Revision:
        self.require_duty()
        with self.store.database.transaction() as connection:
            register.lock(connection)
            now = register.current(connection)
            if any(now.touched.get(key, 0) > wanted.seen for key in step.keys):
                raise _conflict(now)
            number, moment = now.number + 1, datetime.now(TOKYO)
            touched = {**now.touched, **dict.fromkeys(step.keys, number)}
            content = _changed(now.content, lambda content: change(content, number, moment))
            return self._keep(connection, Revision(number, content, touched, number, step.action, step.note))

    def _keep(self, connection: Connection, made: Revision) -> Revision:
        return _kept(connection, self.caller, Who.of(self.caller, self.origin), made)

    def require_duty(self) -> None:
        """Raises NotOnDutyError unless the caller's post switches."""
        if not self.may_switch():
            raise NotOnDutyError(
                "災害時の切り替えは、職務「防災」を持つ人がします。必要なときは、システム管理者に職務の付与を頼んでください。"
            )


def site_key(layer: str, identifier: int) -> str:
    """The name of a site among the entries that two people may change at once."""
    return f"{layer}/{identifier}"


def _changed(content: Content, change: Callable[[Content], dict[str, object]]) -> Content:
    try:
        return Content.model_validate({**dict(content), **change(content)})
    except ValidationError as error:
        first = error.errors()[0]
        place = "・".join(str(part) for part in first["loc"])
        raise SituationRefusedError(
            f"{place} の値を確認してください（{first['msg']}）。何も変えていません。"
        ) from error


def _without(entries: Iterable[Closure] | Iterable[Notice], identifier: int, what: str) -> list[object]:
    kept = [one for one in entries if one.id != identifier]
    if len(kept) == len(list(entries)):
        raise UnknownEntryError(f"{what} {identifier} は、もうありません。画面を読み直してください。")
    return list(kept)


def _conflict(now: Revision) -> EditConflictError:
    return EditConflictError(
        f"{now.made_name}さんが先に変更しました（{now.note}）。いまの内容を確かめてから、もう一度操作してください。",
        now.number,
    )


def _differing(one: Content, other: Content) -> set[str]:
    head = {"phase"} if one.model_dump(include=_HEAD) != other.model_dump(include=_HEAD) else set()
    both = [{(site.layer, site.id): site for site in content.shelters} for content in (one, other)]
    return head | {site_key(*key) for key in both[0].keys() | both[1].keys() if both[0].get(key) != both[1].get(key)}


_HEAD = {"phase", "headline", "exercise"}


def note_sent(store: Store, who: Who, number: int, way: str) -> None:
    """Enter that this number went to the public side: `way` is "import" (this machine) or "file" (a stick)."""
    with store.database.transaction() as connection:
        register.note_sending(connection, number, way)
        record(connection, who, Entry("situation.send", f"situation/{number}", note=way))


def current_for_program(store: Store, above: int = 0) -> Revision:
    """The situation as whoever may enter the server has it; under a number above `above`, where theirs is not."""
    with store.database.transaction() as connection:
        register.lock(connection)
        now = register.current(connection)
        if now.number > above or above == 0:
            return now
        who = Who.program()
        caller = Caller(who.account, who.name, Post("", frozenset()))
        return _kept(connection, caller, who, _raised(now, above))


def _raised(now: Revision, above: int) -> Revision:
    note = f"{above}番より後の番号へ"
    return replace(now, number=above + 1, same_as=above + 1, action=register.RENUMBER, note=note)


def _kept(connection: Connection, caller: Caller, who: Who, made: Revision) -> Revision:
    register.add(connection, made, caller)
    record(connection, who, Entry(f"situation.{made.action}", f"situation/{made.number}", note=made.note))
    return register.current(connection)
