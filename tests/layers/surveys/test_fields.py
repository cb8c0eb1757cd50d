"""Fields are kept with the error of every corner, and each is its owner's."""

from datetime import date

import pytest

from gis.positioning.model import FixQuality
from layers.store.editing.precondition import Precondition
from layers.store.errors import EditConflictError, ForbiddenError, UnconditionalEditError
from layers.store.rights.caller import Caller
from layers.surveys.errors import NotSurveyorError, UnknownFieldError
from layers.surveys.fields import Keeping, Survey, give_field, keep_field, own_fields, stored_boundary
from layers.surveys.sample import SAMPLE_OWNERS, give_sample_fields
from tests.layers.surveys.conftest import CLERK, NOBODY, SATO, STATION, SUZUKI, VIEWER, Town, keep, square


def test_a_kept_field_gives_back_every_corner_with_its_own_error(town: Town) -> None:
    boundary = square(hole=True)
    kept = keep(town, SATO, "T-1", boundary)
    found = stored_boundary(town.of(SATO), SATO, "T-1")
    assert found == kept
    assert found.boundary == boundary
    assert (found.owner, found.station, found.is_measured) == ("sato", STATION, True)
    assert found.std_error_m == pytest.approx(0.03)
    assert found.area_m2 == pytest.approx(1600 - 25)


def test_the_row_tells_the_worst_quality_and_the_largest_error(town: Town) -> None:
    keep(town, SATO, "T-2", square())
    with town.store.database.transaction() as connection:
        row = connection.execute(
            "SELECT fix_quality, std_error_m, base_station FROM layers.rtk_fields WHERE field_id = 'T-2'"
        ).fetchone()
    assert row == (int(FixQuality.RTK_FLOAT), 0.03, STATION.base_station)


def test_a_farmer_sees_own_fields_a_clerk_all_and_nobody_else_the_owner(town: Town) -> None:
    keep(town, SATO, "T-3", square())
    keep(town, SUZUKI, "T-4", square())
    assert {one.owner for one in own_fields(town.of(SATO), SATO)} == {"sato"}
    assert "T-4" not in {one.field_id for one in own_fields(town.of(SATO), SATO)}
    seen = {one.field_id: one.owner for one in own_fields(town.of(CLERK), CLERK)}
    assert (seen["T-3"], seen["T-4"]) == ("sato", "suzuki")
    looked_on = {one.field_id: one.owner for one in own_fields(town.of(VIEWER), VIEWER)}
    assert (looked_on["T-3"], looked_on["T-4"]) == (None, None)
    with pytest.raises(NotSurveyorError):
        own_fields(town.of(NOBODY), NOBODY)


def test_another_farmers_field_is_told_as_one_that_is_not_there(town: Town) -> None:
    keep(town, SATO, "T-5", square())
    told = []
    for field_id in ("T-5", "T-none"):
        with pytest.raises(UnknownFieldError) as refused:
            stored_boundary(town.of(SUZUKI), SUZUKI, field_id)
        told.append(str(refused.value))
    assert told[0] == told[1]
    with pytest.raises(UnknownFieldError):
        keep(town, SUZUKI, "T-5", square())


def test_a_field_measured_again_is_a_new_version_and_the_old_boundary_can_be_asked_for(town: Town) -> None:
    first = keep(town, SATO, "T-6", square(side=40))
    again = Keeping(Survey("前の田", date(2026, 8, 1), STATION), square(side=41), "T-6")
    with pytest.raises(UnconditionalEditError):
        keep_field(town.store, SATO, None, again, None)
    second, is_new = keep_field(town.store, SATO, None, again, Precondition(frozenset({first.version})))
    assert (second.version, is_new, second.owner) == (first.version + 1, False, "sato")
    with pytest.raises(EditConflictError):
        keep_field(town.store, SATO, None, again, Precondition(frozenset({first.version})))
    then = stored_boundary(town.of(SATO), SATO, "T-6", as_of=first.valid_from)
    assert (then.version, then.boundary) == (first.version, first.boundary)


def test_the_same_boundary_kept_twice_is_one_field(town: Town) -> None:
    first = keep(town, SATO, "T-7", square())
    assert keep(town, SATO, "T-7", square()) == first


def test_a_field_that_is_given_away_is_seen_by_its_new_owner_only(town: Town) -> None:
    keep(town, SATO, "T-8", square())
    give_field(town.store, CLERK, None, "T-8", "suzuki", lambda _store, _login: None)
    assert stored_boundary(town.of(SUZUKI), SUZUKI, "T-8").owner == "suzuki"
    with pytest.raises(UnknownFieldError):
        stored_boundary(town.of(SATO), SATO, "T-8")
    with pytest.raises(NotSurveyorError):
        give_field(town.store, SUZUKI, None, "T-8", "sato", lambda _store, _login: None)


@pytest.mark.parametrize(
    "statement",
    [
        "SELECT count(*) FROM layers.rtk_fields",
        "SELECT count(*) FROM history.rtk_fields",
        "SELECT count(*) FROM surveys.records",
        "SELECT count(*) FROM surveys.boundaries",
        "SELECT count(*) FROM surveys.owners",
        "SELECT count(*) FROM onomap.edits",
        "SELECT count(*) FROM onomap.loads",
        "SELECT count(*) FROM onomap.answers",
        "SELECT count(*) FROM people.accounts",
        "SELECT count(*) FROM layers.shelters",
    ],
)
def test_postgresql_itself_gives_a_farmer_no_table(town: Town, statement: str) -> None:
    with pytest.raises(ForbiddenError), town.of(SATO).database.transaction() as connection:
        connection.execute(statement.encode())


def test_a_statement_that_forgets_whose_fields_it_asks_for_gives_none(town: Town) -> None:
    keep(town, SATO, "T-9", square())
    with town.of(SATO).database.transaction() as connection:
        rows = connection.execute("SELECT field_id FROM surveys.fields_seen(NULL, NULL)").fetchall()
        assert rows == []
        connection.execute("SELECT set_config('onomap.reach', 'keep', true)")
        assert connection.execute("SELECT field_id FROM surveys.fields_seen(NULL, NULL)").fetchall() == []


def test_the_demonstrations_farmers_are_given_two_sample_fields_each_and_only_once(town: Town) -> None:
    for field_id in (*SAMPLE_OWNERS, "RTK-005"):
        keep(town, CLERK, field_id, square())
    give_sample_fields(town.store)
    give_field(town.store, CLERK, None, "RTK-001", None, lambda _store, _login: None)
    give_sample_fields(town.store)
    for login, expected in (("mihon-farmer", {"RTK-002"}), ("mihon-farmer2", {"RTK-003", "RTK-004"})):
        farmer = Caller(login, "農家", SATO.post)
        assert {one.field_id for one in own_fields(town.of(farmer), farmer)} == expected
