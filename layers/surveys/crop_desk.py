"""The desk of crop plans: who sees which fields, a plan kept on the version it was made from, last year's copied, undo."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from layers.store.audit.log import Entry, Who, record
from layers.store.database import Connection
from layers.store.editing.precondition import Precondition
from layers.store.errors import EditConflictError, ForbiddenError, UnconditionalEditError
from layers.store.instance import Store
from layers.store.rights.caller import Caller, Verb
from layers.surveys import crop_register as register
from layers.surveys.crop_errors import PlanRefusedError
from layers.surveys.crop_grounds import (
    Ground,
    doubled,
    farmland_at,
    farmland_grounds,
    grounds_of,
    rtk_grounds,
    successors,
)
from layers.surveys.crop_model import (
    FARMLAND,
    FIRST_YEAR,
    LAST_YEAR,
    RTK,
    GroundKey,
    Plan,
    PlanWanted,
    SizedPart,
    exceeds,
    require_fitting,
    sized,
)
from layers.surveys.errors import UnknownFieldError
from layers.surveys.fields import own_fields
from layers.surveys.reach import asking

TIMEOUT_S = 30.0
UNKNOWN_OAZA = "大字不明"
NO_CROP = "none"


@dataclass(frozen=True)
class Grasp:
    """Which fields a caller sees (`everything`, or the own RTK fields) and whose plans they change: every one's, or own ones."""

    everything: bool
    edits_everything: bool
    edits_own: bool
    own: frozenset[str] = frozenset()

    def holds(self, key: GroundKey) -> bool:
        """Whether the caller sees that field."""
        return self.everything or self._is_own(key)

    def edits(self, key: GroundKey) -> bool:
        """Whether the caller changes its plans."""
        return self.edits_everything or (self.edits_own and self._is_own(key))

    @property
    def edits_any(self) -> bool:
        """Whether the caller changes a plan at all."""
        return self.edits_everything or (self.edits_own and bool(self.own))

    def _is_own(self, key: GroundKey) -> bool:
        return key.layer == RTK and key.field_id in self.own


@dataclass(frozen=True)
class PlannedField:
    """A field with its plan of one year; `over` says that the parts exceed the field as it is now."""

    ground: Ground
    plan: Plan

    @property
    def parts(self) -> list[SizedPart]:
        """The parts with their areas."""
        return sized(self.plan.parts, self.ground.area_m2)

    @property
    def over(self) -> bool:
        """Whether the parts exceed the field, measured anew since."""
        return exceeds(self.plan.parts, self.ground.area_m2)


@dataclass(frozen=True)
class YearOfFields:
    """Every field that the caller reaches in a year, the plans whose land is gone, and land that is planned twice."""

    year: int
    fields: list[PlannedField]
    lost: list[Plan] = field(default_factory=list)
    doubled: list[tuple[Ground, Ground]] = field(default_factory=list)


@dataclass(frozen=True)
class Copied:
    """What became of copying: fields that got a plan, those that had one, and those that could not be given it and why."""

    copied: list[GroundKey]
    kept: list[GroundKey]
    refused: list[tuple[GroundKey, str]]


def require_year(year: int) -> None:
    """Raises PlanRefusedError for a year that nobody plans for."""
    if not FIRST_YEAR <= year <= LAST_YEAR:
        raise PlanRefusedError(f"年は {FIRST_YEAR} から {LAST_YEAR} までの西暦で指定してください。")


@dataclass(frozen=True)
class CropDesk:
    """Crop plans of one store, for a caller at an address; `own` are the IDs of the RTK fields that are the caller's."""

    store: Store
    caller: Caller
    origin: str | None = None
    own: Collection[str] = ()

    @property
    def grasp(self) -> Grasp:
        """What the caller reaches. Raises ForbiddenError for whoever has neither duty nor field."""
        layer, policy = self.store.layer(RTK), self.store.policy
        sees = policy.allows(self.caller, Verb.READ, layer)
        if not sees and not policy.may_survey(self.caller):
            raise ForbiddenError("圃場と作付計画は、産業振興課と、圃場を登録した農業者が見られます。")
        return Grasp(
            sees, policy.allows(self.caller, Verb.EDIT, layer), policy.may_survey(self.caller), frozenset(self.own)
        )

    def year(self, year: int) -> YearOfFields:
        """All RTK fields, and the farmland parcels that have a plan in that year."""
        require_year(year)
        with self.store.database.transaction(timeout_s=TIMEOUT_S) as connection:
            return self._year(connection, year)

    def years(self) -> list[int]:
        """The years that have plans, newest first."""
        self.grasp  # noqa: B018 - raises for whoever reaches nothing
        with self.store.database.transaction() as connection:
            return register.years(connection)

    def field(self, key: GroundKey, year: int) -> tuple[PlannedField, list[Plan]]:
        """One field with its plan, and every version of the plan. Raises UnknownFieldError."""
        require_year(year)
        with self.store.database.transaction(timeout_s=TIMEOUT_S) as connection:
            ground = self._ground(connection, key)
            versions = register.versions_of(connection, key, year)
        return PlannedField(ground, versions[0] if versions else Plan(key, year)), versions

    def farmland_at(self, lon: float, lat: float) -> GroundKey:
        """The farmland parcel under a point. Raises UnknownFieldError where there is none or it is not the caller's."""
        if not self.grasp.everything:
            raise UnknownFieldError()
        with self.store.database.transaction() as connection:
            found = farmland_at(connection, lon, lat, self.store.town.srid)
        if found is None:
            raise UnknownFieldError()
        return GroundKey(FARMLAND, found)

    def keep(self, key: GroundKey, year: int, match: Precondition | None, wanted: PlanWanted) -> Plan:
        """The plan as wanted.

        Raises UnknownFieldError, PlanRefusedError when the parts do not fit, UnconditionalEditError without a
        precondition and EditConflictError when somebody was faster.
        """
        require_year(year)
        with self.store.database.transaction(timeout_s=TIMEOUT_S) as connection:
            register.lock(connection)
            ground, now = self._ground(connection, key), register.newest(connection, key, year)
            self.require_edit(key)
            require_match(now, match)
            require_fitting(wanted.parts, ground.area_m2)
            if wanted.parts == now.parts:
                return now
            return self._add(connection, now, wanted, "plan")

    def restore(self, key: GroundKey, year: int, match: Precondition | None, version: int) -> Plan:
        """An older version again (0: nothing planned), as the newest one: undo, itself to be undone."""
        require_year(year)
        with self.store.database.transaction(timeout_s=TIMEOUT_S) as connection:
            register.lock(connection)
            ground = self._ground(connection, key)
            self.require_edit(key)
            versions = register.versions_of(connection, key, year)
            now = versions[0] if versions else Plan(key, year)
            require_match(now, match)
            older = next((one for one in [*versions, Plan(key, year)] if one.version == version), None)
            if older is None:
                raise PlanRefusedError(f"版 {version} はありません。画面を読み直してください。")
            require_fitting(older.parts, ground.area_m2)
            return self._add(connection, now, PlanWanted(parts=older.parts), "restore")

    def copy(self, from_year: int, to_year: int) -> Copied:
        """Last year's plans into a year, as plans, for every field that has none there yet.

        A farmland parcel of an earlier edition is followed to the one that the new edition names as its successor.
        """
        for year in (from_year, to_year):
            require_year(year)
        if from_year == to_year:
            raise PlanRefusedError("写す元と先が同じ年です。違う年を選んでください。")
        with self.store.database.transaction(timeout_s=TIMEOUT_S) as connection:
            self.require_edit()
            register.lock(connection)
            source = {k: p for k, p in register.plans_of_year(connection, from_year).items() if self.grasp.edits(k)}
            done = self._copied(connection, source, to_year)
            if done.copied:
                note = f"{from_year}年から{to_year}年へ"
                self._log(connection, Entry("crops.copy", f"crop_plans/{to_year}", note=note, count=len(done.copied)))
            return done

    def require_edit(self, key: GroundKey | None = None) -> None:
        """Raises ForbiddenError unless the caller changes plans: any at all, or that of a field."""
        grasp = self.grasp
        if not (grasp.edits_any if key is None else grasp.edits(key)):
            raise ForbiddenError(
                "作付計画を直せるのは、産業振興課の職務「更新」を持つ人と、自分の圃場を登録した農業者です。"
            )

    def _copied(self, connection: Connection, source: Mapping[GroundKey, Plan], to_year: int) -> Copied:
        done = Copied([], [], [])
        grounds = grounds_of(connection, list(source))
        heirs = successors(connection, [key.field_id for key in source if key.layer == FARMLAND and key not in grounds])
        new = [GroundKey(FARMLAND, one) for one in heirs.values()]
        grounds |= grounds_of(connection, new)
        standing = register.newest_of_year(connection, to_year)
        for old_key, plan in source.items():
            key = GroundKey(FARMLAND, heirs[old_key.field_id]) if old_key.field_id in heirs else old_key
            now = standing.get(key, Plan(key, to_year))
            if key not in grounds:
                done.refused.append((old_key, "圃場の図形がなくなっています"))
            elif now.parts:
                done.kept.append(key)
            else:
                self._copy_one(connection, now, plan, grounds[key], done)
        return done

    def _copy_one(self, connection: Connection, now: Plan, plan: Plan, ground: Ground, done: Copied) -> None:
        parts = tuple(part.model_copy(update={"state": "planned"}) for part in plan.parts)
        try:
            require_fitting(parts, ground.area_m2)
        except PlanRefusedError:
            done.refused.append((now.key, "圃場の面積が変わり、去年の面積が入りません"))
            return
        register.add(connection, now, parts, "copy", self.caller)
        done.copied.append(now.key)

    def _year(self, connection: Connection, year: int) -> YearOfFields:
        grasp = self.grasp
        plans = {key: plan for key, plan in register.newest_of_year(connection, year).items() if grasp.holds(key)}
        planned = [key.field_id for key, plan in plans.items() if key.layer == FARMLAND and plan.parts]
        grounds = [
            *rtk_grounds(connection, None if grasp.everything else sorted(grasp.own)),
            *farmland_grounds(connection, planned),
        ]
        there = {ground.key for ground in grounds}
        fields = [PlannedField(ground, plans.get(ground.key, Plan(ground.key, year))) for ground in grounds]
        lost = [plan for key, plan in plans.items() if key not in there and plan.parts]
        with_plan = [one.ground for one in fields if one.plan.parts]
        ordered = sorted(
            fields, key=lambda one: (one.ground.oaza or "\uffff", one.ground.key.layer != RTK, one.ground.name)
        )
        return YearOfFields(year, ordered, lost, doubled(with_plan))

    def _ground(self, connection: Connection, key: GroundKey) -> Ground:
        found = grounds_of(connection, [key]).get(key) if self.grasp.holds(key) else None
        if found is None:
            raise UnknownFieldError()
        return found

    def _add(self, connection: Connection, now: Plan, wanted: PlanWanted, action: str) -> Plan:
        made = register.add(connection, now, wanted.parts, action, self.caller)
        key = made.key
        note = "、".join(part.crop for part in wanted.parts) or "空にした"
        self._log(connection, Entry("crops.plan", f"crop_plans/{key.layer}/{key.field_id}/{made.year}", note=note))
        return made

    def _log(self, connection: Connection, entry: Entry) -> None:
        record(connection, Who.of(self.caller, self.origin), entry)


def require_match(now: Plan, match: Precondition | None) -> None:
    """Raises unless the edit starts from the version that stands."""
    if match is None:
        raise UnconditionalEditError(
            "どの版を見て直したのかが分からないため、保存していません。計画を読み込み、その ETag を If-Match に付けてください。"
        )
    if not match.holds(now.version):
        raise EditConflictError(
            f"{now.made_name or 'ほかの人'}さんが先にこの計画を変えたため、保存していません。"
            "いまの内容を確かめてから、もう一度直してください。",
            now.version,
        )


def filtered(year: YearOfFields, oaza: str | None, crop: str | None) -> YearOfFields:
    """Only the fields of a 大字 (its name, or 「大字不明」), and those with a crop (its id; "none": those without a plan)."""
    fields = [
        one
        for one in year.fields
        if (oaza is None or (one.ground.oaza or UNKNOWN_OAZA) == oaza)
        and (crop is None or crop in ({part.crop for part in one.plan.parts} or {NO_CROP}))
    ]
    there = {one.ground.key for one in fields}
    doubled_here = [pair for pair in year.doubled if pair[0].key in there or pair[1].key in there]
    return YearOfFields(year.year, fields, year.lost if oaza is None and crop is None else [], doubled_here)


def desk_for(store: Store, caller: Caller, origin: str | None = None) -> CropDesk:
    """The desk of a caller, with the fields that are theirs. Raises NotSurveyorError for whoever has to do with none."""
    asking(store, caller)
    if not store.policy.may_survey(caller):
        return CropDesk(store, caller, origin)
    own = [field.field_id for field in own_fields(store, caller) if field.owner == caller.account]
    return CropDesk(store, caller, origin, own)
