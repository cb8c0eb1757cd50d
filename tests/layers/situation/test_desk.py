"""The switch: each step kept, entered in the log, taken back; two people at once; who may, and what may stand in it."""

import pytest
from pydantic import ValidationError

from layers.situation import register
from layers.situation.desk import SituationDesk
from layers.situation.errors import NothingBeforeError, NotOnDutyError, UnknownEntryError
from layers.situation.model import Content, Phase, SiteState
from layers.situation.sites import roads, sites
from layers.situation.wanted import ClosureWanted, NoticeWanted, PhaseWanted, SiteWanted, Wanted
from layers.store.errors import EditConflictError
from layers.store.instance import Store
from layers.store.rights.caller import Caller, Post, Verb
from tests.layers.situation.conftest import ON_DUTY, OTHER


def shelter(seen: int, state: str = "open", number: int = 1, **more: object) -> SiteWanted:
    """A shelter's state."""
    return SiteWanted.model_validate({"seen": seen, "layer": "shelters", "id": number, "state": state, **more})


def phase(seen: int, name: str = "disaster", **more: object) -> PhaseWanted:
    """A phase."""
    return PhaseWanted.model_validate({"seen": seen, "phase": name, **more})


def test_every_step_makes_the_next_number_and_keeps_what_was_said_before(desk: SituationDesk) -> None:
    desk.set_phase(phase(0, headline="台風が近づいています"))
    desk.set_site(shelter(1, people=12, pets=True, barrier_free=False, note="体育館は2階へ"))
    desk.close_road(ClosureWanted(seen=2, road=1, reason="冠水"))
    made = desk.announce(NoticeWanted(seen=3, level=4, title="避難指示", text="平地区"))

    content = made.content
    assert (made.number, content.phase, content.headline) == (4, Phase.DISASTER, "台風が近づいています")
    assert [(one.name, one.state, one.people, one.pets) for one in content.shelters] == [
        ("避難所0", SiteState.OPEN, 12, True)
    ]
    assert [(one.id, one.name, one.geometry.type) for one in content.closures] == [(3, "平谷津作線", "MultiLineString")]
    assert [(one.id, one.level) for one in content.notices] == [(4, 4)]


def test_a_site_that_is_told_again_is_told_once(desk: SituationDesk) -> None:
    desk.set_site(shelter(0, "open"))
    made = desk.set_site(shelter(1, "full"))

    assert [one.state for one in made.content.shelters] == [SiteState.FULL]


def test_the_last_step_is_taken_back_and_then_the_one_before_it(desk: SituationDesk) -> None:
    desk.set_phase(phase(0, "alert"))
    desk.set_phase(phase(1, "disaster"))
    desk.set_site(shelter(2))

    assert desk.undo(Wanted(seen=3)).content.shelters == ()
    assert desk.undo(Wanted(seen=4)).content.phase is Phase.ALERT
    assert desk.undo(Wanted(seen=5)).content == Content()
    with pytest.raises(NothingBeforeError):
        desk.undo(Wanted(seen=6))
    assert desk.set_phase(phase(6, "recovery")).number == 7
    assert desk.undo(Wanted(seen=7)).content == Content()


def test_two_at_once_on_one_shelter_and_the_second_is_told_who_was_first(town: Store, desk: SituationDesk) -> None:
    other = SituationDesk(town, OTHER)
    other.set_site(shelter(0, "full"))

    with pytest.raises(EditConflictError, match="防災 四郎さんが先に変更しました（避難所0 満員）"):
        desk.set_site(shelter(0, "open"))
    assert [one.state for one in desk.current().content.shelters] == [SiteState.FULL]


def test_two_at_once_on_two_shelters_do_not_hinder_each_other(town: Store, desk: SituationDesk) -> None:
    SituationDesk(town, OTHER).set_site(shelter(0, "full", 2))
    made = desk.set_site(shelter(0, "open", 1))

    assert sorted(one.state for one in made.content.shelters) == ["full", "open"]


def test_nobody_takes_back_a_step_that_they_have_not_seen(town: Store, desk: SituationDesk) -> None:
    desk.set_phase(phase(0))
    SituationDesk(town, OTHER).set_site(shelter(1))

    with pytest.raises(EditConflictError):
        desk.undo(Wanted(seen=1))


def test_what_an_undo_changed_counts_as_changed(town: Store, desk: SituationDesk) -> None:
    desk.set_site(shelter(0))
    desk.undo(Wanted(seen=1))

    with pytest.raises(EditConflictError):
        SituationDesk(town, OTHER).set_site(shelter(1, "full"))


@pytest.mark.parametrize(
    "caller",
    [
        Caller("a", "a", Post("総務課", frozenset({"viewer", "editor", "approver", "administrator"}))),
        Caller("b", "b", Post("税務課", frozenset({"disaster"}))),
        Caller("c", "c", Post("総務課", frozenset({"disaster"})), frozenset({Verb.READ, Verb.EDIT})),
    ],
)
def test_only_the_duty_in_its_department_switches_and_no_key_without_that_verb(town: Store, caller: Caller) -> None:
    desk = SituationDesk(town, caller)

    with pytest.raises(NotOnDutyError):
        desk.set_phase(phase(0))
    with pytest.raises(NotOnDutyError):
        desk.undo(Wanted(seen=0))
    assert desk.current().number == 0


def test_every_step_is_in_the_log_with_who_and_from_where(town: Store, desk: SituationDesk) -> None:
    desk.set_phase(phase(0))
    desk.set_site(shelter(1))
    desk.close_road(ClosureWanted(seen=2, road=1))
    desk.open_road(Wanted(seen=3), 3)
    desk.announce(NoticeWanted(seen=4, level=3, title="高齢者等避難"))
    desk.withdraw(Wanted(seen=5), 5)
    desk.undo(Wanted(seen=6))

    with town.database.transaction() as connection:
        rows = connection.execute(
            "SELECT action, subject, account, origin FROM audit.log WHERE action LIKE 'situation.%' ORDER BY seq"
        ).fetchall()
    told = ["phase", "site", "closure", "closure", "notice", "notice", "undo"]
    assert rows == [
        (f"situation.{name}", f"situation/{number}", ON_DUTY.account, "10.0.0.1") for number, name in enumerate(told, 1)
    ]


def test_what_is_not_there_can_be_neither_told_nor_taken_back(desk: SituationDesk) -> None:
    with pytest.raises(UnknownEntryError):
        desk.set_site(shelter(0, number=99))
    with pytest.raises(UnknownEntryError):
        desk.close_road(ClosureWanted(seen=0, road=99))
    with pytest.raises(UnknownEntryError):
        desk.open_road(Wanted(seen=0), 1)
    with pytest.raises(UnknownEntryError):
        desk.withdraw(Wanted(seen=0), 1)
    assert desk.current().number == 0


@pytest.mark.parametrize("headline", ["x" * 121, "改行でない\x00文字", "右から\u202e左", "番号 123456789018 の方"])
def test_a_headline_that_is_too_long_unprintable_or_holds_an_individual_number_is_refused(headline: str) -> None:
    with pytest.raises(ValidationError):
        phase(0, headline=headline)


@pytest.mark.parametrize(
    "geometry",
    [
        None,
        {"type": "Polygon", "coordinates": [[[140.5, 37.3], [140.6, 37.3], [140.6, 37.4], [140.5, 37.3]]]},
        {"type": "Point", "coordinates": [0, 0]},
        {"type": "Point", "coordinates": [140.5, float("nan")]},
        {"type": "LineString", "coordinates": [[140.5, 37.3]]},
        {"type": "LineString", "coordinates": [[140.5, 37.3]] * 501},
        {"type": "MultiLineString", "coordinates": [[[140.5, 37.3]] * 300] * 2},
    ],
)
def test_a_closed_road_is_a_point_or_a_short_line_in_japan(geometry: object) -> None:
    with pytest.raises(ValidationError):
        ClosureWanted.model_validate({"seen": 0, "name": "橋", "geometry": geometry})


def test_sites_of_both_layers_are_offered_and_roads_are_found_by_their_names(town: Store) -> None:
    assert [(one.layer, one.name) for one in sites(town)] == [
        ("shelters", "避難所0"),
        ("shelters", "避難所1"),
        ("evacuation_sites", "校庭"),
    ]
    assert [(one.id, one.name, one.kind) for one in roads(town, "谷津作")] == [(1, "平谷津作線", "町道")]
    assert roads(town, "") == roads(town, "国道") == []


def test_every_action_of_the_register_may_be_logged() -> None:
    from layers.store.audit.registry import ACTIONS

    steps = {register.PHASE, register.SITE, register.CLOSURE, register.NOTICE, register.UNDO, register.RENUMBER, "send"}
    assert {f"situation.{step}" for step in steps} <= set(ACTIONS)
