"""Crop plans: what fits a field, every version kept, two people at once, who reaches which field, last year's copied."""

import pytest
from pydantic import ValidationError

from layers.store.errors import EditConflictError, ForbiddenError, UnconditionalEditError
from layers.store.instance import Store
from layers.store.rights.caller import Verb
from layers.surveys.crop_areas import by_crop, by_oaza
from layers.surveys.crop_desk import CropDesk, desk_for
from layers.surveys.crop_errors import PlanRefusedError
from layers.surveys.crop_model import FARMLAND, RTK, GroundKey, sized
from layers.surveys.errors import UnknownFieldError
from tests.layers.surveys.conftest import CLERK, SATO, SUZUKI, Town, keep
from tests.layers.surveys.conftest import square as walked
from tests.layers.surveys.crop_samples import (
    FARM_CLERK,
    FIELD_A,
    FIELD_B,
    FIELD_C,
    FREE,
    GROWER,
    NOBODY,
    UNDER_A,
    VIEWER,
    put,
    seen,
    square,
    wanted,
)


@pytest.fixture
def desk(fields_store: Store) -> CropDesk:
    return CropDesk(fields_store, FARM_CLERK, "10.0.0.1")


def farmer(store: Store, *own: str) -> CropDesk:
    return CropDesk(store, GROWER, None, own)


def test_a_plan_without_an_area_takes_the_whole_field(desk: CropDesk) -> None:
    desk.keep(FIELD_A, 2026, seen(0), wanted({"crop": "rice", "variety": "コシヒカリ"}))

    field, _ = desk.field(FIELD_A, 2026)
    assert [(part.crop.label, part.area_m2) for part in field.parts] == [("水稲（主食用米）", 2_000.0)]
    assert field.ground.basis == "RTK測位"


def test_what_has_no_area_gets_what_the_others_leave(desk: CropDesk) -> None:
    parts = wanted({"crop": "rice", "area_m2": 1_500}, {"crop": "soybean", "share": 0.1}, {"crop": "conserved"}).parts

    assert [one.area_m2 for one in sized(parts, 2_000.0)] == [1_500, 200, 300]


@pytest.mark.parametrize(
    ("parts", "sentence"),
    [
        ([{"crop": "rice", "area_m2": 1_500}, {"crop": "soybean", "area_m2": 600}], "100㎡ 超えています"),
        ([{"crop": "rice"}, {"crop": "soybean"}], "二つ以上"),
        ([{"crop": "rice", "area_m2": 2_000}, {"crop": "soybean"}], "残りません"),
    ],
)
def test_parts_that_do_not_fit_the_field_are_refused_with_the_figures_and_nothing_is_kept(
    desk: CropDesk, parts: list[dict[str, object]], sentence: str
) -> None:
    with pytest.raises(PlanRefusedError, match=sentence):
        desk.keep(FIELD_A, 2026, seen(0), wanted(*parts))

    assert desk.field(FIELD_A, 2026)[1] == []


def test_thirds_in_rounded_percent_are_the_whole_field(desk: CropDesk) -> None:
    desk.keep(FIELD_A, 2026, seen(0), wanted(*({"crop": one, "share": 0.3334} for one in ("rice", "wheat", "soybean"))))

    assert not desk.field(FIELD_A, 2026)[0].over


@pytest.mark.parametrize(
    "part",
    [
        {"crop": "unicorn"},
        {"crop": "rice", "area_m2": -1},
        {"crop": "rice", "area_m2": float("nan")},
        {"crop": "rice", "area_m2": 10, "share": 0.5},
        {"crop": "rice", "note": "a\x00b"},
        {"crop": "rice", "surprise": 1},
    ],
)
def test_a_part_that_means_nothing_is_no_part(part: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        wanted(part)


def test_every_version_stays_and_undo_is_itself_undone(desk: CropDesk) -> None:
    desk.keep(FIELD_A, 2026, seen(0), wanted({"crop": "rice"}))
    desk.keep(FIELD_A, 2026, seen(1), wanted({"crop": "soybean"}))
    desk.restore(FIELD_A, 2026, seen(2), 1)
    desk.restore(FIELD_A, 2026, seen(3), 2)
    desk.restore(FIELD_A, 2026, seen(4), 0)

    field, versions = desk.field(FIELD_A, 2026)
    assert field.plan.parts == ()
    assert [[part.crop for part in one.parts] for one in reversed(versions)] == [
        ["rice"], ["soybean"], ["rice"], ["soybean"], [],
    ]  # fmt: skip
    assert {one.made_name for one in versions} == {"農業 一郎"}


def test_the_second_of_two_people_is_told_who_was_first(desk: CropDesk, fields_store: Store) -> None:
    desk.keep(FIELD_A, 2026, seen(0), wanted({"crop": "rice"}))

    with pytest.raises(EditConflictError, match="農業 一郎さんが先に"):
        desk.keep(FIELD_A, 2026, seen(0), wanted({"crop": "soybean"}))
    with pytest.raises(UnconditionalEditError):
        desk.keep(FIELD_A, 2026, None, wanted({"crop": "soybean"}))
    assert desk.field(FIELD_A, 2026)[0].plan.version == 1


def test_keeping_what_stands_makes_no_new_version(desk: CropDesk) -> None:
    desk.keep(FIELD_A, 2026, seen(0), wanted({"crop": "rice"}))
    kept = desk.keep(FIELD_A, 2026, seen(1), wanted({"crop": "rice"}))

    assert kept.version == 1


def test_a_farmer_reaches_only_the_own_fields_and_another_is_as_one_that_is_not_there(fields_store: Store) -> None:
    own = farmer(fields_store, FIELD_B.field_id)
    clerk = CropDesk(fields_store, FARM_CLERK)
    clerk.keep(FIELD_A, 2026, seen(0), wanted({"crop": "rice"}))
    own.keep(FIELD_B, 2026, seen(0), wanted({"crop": "tobacco"}))

    assert [one.ground.key for one in own.year(2026).fields] == [FIELD_B]
    sentences = set()
    for key in (FIELD_A, GroundKey(RTK, "RTK-999"), FREE):
        with pytest.raises(UnknownFieldError) as refused:
            own.field(key, 2026)
        sentences.add(str(refused.value).replace(key.field_id, "…"))
        with pytest.raises(UnknownFieldError):
            own.keep(key, 2026, seen(0), wanted({"crop": "rice"}))
        with pytest.raises(UnknownFieldError):
            own.restore(key, 2026, seen(1), 0)
    assert len(sentences) == 1


def test_a_farmers_copy_copies_nobody_elses_plan(fields_store: Store) -> None:
    clerk = CropDesk(fields_store, FARM_CLERK)
    for key in (FIELD_A, FIELD_B):
        clerk.keep(key, 2025, seen(0), wanted({"crop": "rice"}))

    done = farmer(fields_store, FIELD_B.field_id).copy(2025, 2026)

    assert (done.copied, done.kept, done.refused) == ([FIELD_B], [], [])
    assert clerk.field(FIELD_A, 2026)[1] == []


def test_who_only_looks_edits_nothing_and_who_has_no_duty_sees_nothing(fields_store: Store) -> None:
    looking = CropDesk(fields_store, VIEWER)
    assert len(looking.year(2026).fields) == 3
    with pytest.raises(ForbiddenError):
        looking.keep(FIELD_A, 2026, seen(0), wanted({"crop": "rice"}))
    with pytest.raises(ForbiddenError):
        looking.copy(2025, 2026)
    with pytest.raises(ForbiddenError):
        CropDesk(fields_store, NOBODY).year(2026)


def test_a_key_that_may_only_read_reaches_no_own_field(fields_store: Store) -> None:
    reading = CropDesk(
        fields_store, type(GROWER)("k", "鍵", GROWER.post, frozenset({Verb.READ})), None, [FIELD_B.field_id]
    )

    with pytest.raises(ForbiddenError):
        reading.year(2026)


def test_last_years_plan_is_copied_as_a_plan_where_there_is_none_yet(desk: CropDesk) -> None:
    desk.keep(FIELD_A, 2025, seen(0), wanted({"crop": "rice", "state": "actual"}))
    desk.keep(FIELD_B, 2025, seen(0), wanted({"crop": "soybean"}))
    desk.keep(FIELD_B, 2026, seen(0), wanted({"crop": "wheat"}))

    done = desk.copy(2025, 2026)

    assert (done.copied, done.kept) == ([FIELD_A], [FIELD_B])
    assert [(part.crop, part.state) for part in desk.field(FIELD_A, 2026)[0].plan.parts] == [("rice", "planned")]
    assert [part.crop for part in desk.field(FIELD_B, 2026)[0].plan.parts] == ["wheat"]


def test_a_farmland_parcel_of_an_earlier_edition_is_followed_and_a_lost_one_is_said(
    desk: CropDesk, fields_store: Store
) -> None:
    old, gone = GroundKey(FARMLAND, "old-edition"), GroundKey(FARMLAND, "gone")
    fid = put(fields_store, "farmland", square(400, 0, 20, 20), polygon_uuid=old.field_id, land_type=200)
    other = put(fields_store, "farmland", square(500, 0, 20, 20), polygon_uuid=gone.field_id, land_type=200)
    for key in (old, gone):
        desk.keep(key, 2025, seen(0), wanted({"crop": "buckwheat"}))
    with fields_store.database.transaction() as connection:
        connection.execute("DELETE FROM layers.farmland WHERE fid = ANY(%s)", [[fid, other]])
    heir = put(
        fields_store,
        "farmland",
        square(400, 0, 20, 20),
        polygon_uuid="new",
        last_polygon_uuid=old.field_id,
        land_type=200,
    )

    done = desk.copy(2025, 2026)
    lost = desk.year(2025).lost

    with fields_store.database.transaction() as connection:
        connection.execute("DELETE FROM layers.farmland WHERE fid = %s", [heir])
    assert done.copied == [GroundKey(FARMLAND, "new")]
    assert [(key, "なくなって" in why) for key, why in done.refused] == [(gone, True)]
    assert {plan.key for plan in lost} == {old, gone}


def test_areas_are_summed_by_crop_and_oaza_and_say_where_they_come_from(desk: CropDesk) -> None:
    desk.keep(FIELD_A, 2026, seen(0), wanted({"crop": "rice", "area_m2": 1_200}, {"crop": "tobacco"}))
    desk.keep(FIELD_C, 2026, seen(0), wanted({"crop": "rice", "state": "actual"}))
    desk.keep(FREE, 2026, seen(0), wanted({"crop": "rice"}))
    fields = desk.year(2026).fields

    rice, tobacco = by_crop(fields)
    assert (rice.crop, rice.fields, rice.rtk_m2, rice.rough_m2, rice.polygon_m2) == ("rice", 3, 1_200, 400, 1_000)
    assert rice.actual_m2 == 400
    assert tobacco.area_m2 == 800
    assert (rice.as_json()["a"], rice.as_json()["tan"]) == (26.0, pytest.approx(2_600 / 991.7355, abs=1e-3))
    assert [(row.oaza, row.crop, row.area_m2) for row in by_oaza(fields)] == [
        ("夏井", "rice", 400),
        ("平舘", "rice", 2_200),
        ("平舘", "tobacco", 800),
    ]


def test_ground_that_is_planned_twice_is_said(desk: CropDesk) -> None:
    desk.keep(FIELD_A, 2026, seen(0), wanted({"crop": "rice"}))
    desk.keep(FREE, 2026, seen(0), wanted({"crop": "rice"}))
    assert desk.year(2026).doubled == []

    desk.keep(UNDER_A, 2026, seen(0), wanted({"crop": "rice"}))
    assert [(one.key, other.key) for one, other in desk.year(2026).doubled] == [(FIELD_A, UNDER_A)]


def test_a_field_that_was_measured_smaller_keeps_its_plan_and_is_marked(desk: CropDesk, fields_store: Store) -> None:
    desk.keep(FIELD_A, 2026, seen(0), wanted({"crop": "rice", "area_m2": 1_990}))
    with fields_store.database.transaction() as connection:
        connection.execute("UPDATE layers.rtk_fields SET area_m2 = 1900 WHERE field_id = %s", [FIELD_A.field_id])
    try:
        field = desk.field(FIELD_A, 2026)[0]
        assert field.over
        assert [part.area_m2 for part in field.parts] == [1_990]
    finally:
        with fields_store.database.transaction() as connection:
            connection.execute("UPDATE layers.rtk_fields SET area_m2 = 2000 WHERE field_id = %s", [FIELD_A.field_id])


@pytest.mark.parametrize("year", [1989, 2101])
def test_a_year_that_nobody_plans_for_is_refused(desk: CropDesk, year: int) -> None:
    with pytest.raises(PlanRefusedError):
        desk.year(year)


def test_each_change_is_in_the_log(desk: CropDesk, fields_store: Store) -> None:
    desk.keep(FIELD_A, 2024, seen(0), wanted({"crop": "rice"}))
    desk.copy(2024, 2025)

    with fields_store.database.transaction() as connection:
        rows = connection.execute(
            "SELECT action, subject, account FROM audit.log WHERE action LIKE 'crops.%' ORDER BY seq DESC LIMIT 2"
        ).fetchall()
    assert rows == [
        ("crops.copy", "crop_plans/2025", "nogyo"),
        ("crops.plan", "crop_plans/rtk_fields/RTK-001/2024", "nogyo"),
    ]


def test_the_desk_of_a_farmer_knows_whose_field_is_whose(town: Town) -> None:
    keep(town, SATO, "S-1", walked(55_000, 143_000))
    keep(town, SUZUKI, "U-1", walked(55_200, 143_000))

    reached = {
        caller.account: {one.ground.key.field_id for one in desk_for(town.store, caller).year(2026).fields}
        for caller in (SATO, SUZUKI, CLERK)
    }
    assert reached == {"sato": {"S-1"}, "suzuki": {"U-1"}, "nosei": {"S-1", "U-1"}}
    with pytest.raises(UnknownFieldError):
        desk_for(town.store, SATO).keep(GroundKey(RTK, "U-1"), 2026, seen(0), wanted({"crop": "rice"}))
    kept = desk_for(town.store, SATO).keep(GroundKey(RTK, "S-1"), 2026, seen(0), wanted({"crop": "rice"}))
    assert kept.made_name == SATO.name
