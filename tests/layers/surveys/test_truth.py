"""A kept field against lines that were really loaded: only what the asker may see, and named so that it can be read again."""

from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from gis.boundary_comparison.model import TWO_SIDED_95, Verdict
from layers.store.errors import ForbiddenError
from layers.store.rights.caller import Caller, Post
from layers.surveys.errors import UnknownFieldError, UnknownGroundError
from layers.surveys.sheets.as_json import to_json
from layers.surveys.sheets.notices import explanations
from layers.surveys.sheets.sentences import headline
from layers.surveys.truth import truth_of
from tests.gis.boundary_comparison.shapes import PLOT, moved, surveyed
from tests.layers.surveys.conftest import CLERK, SATO, SUZUKI, VIEWER, Town, keep
from tests.layers.surveys.line_samples import load_lines

OVER = [PLOT[0], PLOT[1], (40.84, 25.0), PLOT[3]]


@pytest.fixture(scope="module")
def measured(town: Town, tmp_path_factory: pytest.TempPathFactory) -> Town:
    """The lines are loaded, and two farmers have measured a field each; one of a farmer's fields lies where no map is."""
    load_lines(town.store, tmp_path_factory.mktemp("lines"))
    keep(town, SATO, "F-1", surveyed(OVER), "前の田")
    keep(town, SUZUKI, "F-2", surveyed(moved(PLOT, 40.0, 0.0)), "奥の田")
    keep(town, SATO, "F-3", surveyed(moved(PLOT, 5_000.0, 0.0)), "遠い田")
    return town


def test_a_farmer_is_told_by_how_much_the_ridge_is_over_and_how_sure_that_is(measured: Town) -> None:
    truth = truth_of(measured.store, SATO, "F-1")
    assert truth.cadastral is not None
    worst = truth.cadastral.comparison.furthest_out
    assert worst.distance_m == pytest.approx(0.84, abs=0.001)
    assert worst.uncertainty_m == pytest.approx(0.751, abs=0.001)
    assert worst.verdict is Verdict.BEYOND
    assert [one.parcel.label for one in truth.cadastral.comparison.ground] == ["大字小野新町字舘廻92番1"]
    assert truth.farmland is not None
    assert [one.limit_m for one in truth.farmland.comparison.lines] == pytest.approx([TWO_SIDED_95 * 3.5])


def test_a_farmer_sees_no_column_of_the_staff_and_staff_do(measured: Town) -> None:
    farmer, clerk = (truth_of(measured.store, caller, "F-1").cadastral for caller in (SATO, CLERK))
    assert farmer is not None
    assert clerk is not None
    assert {parcel.registered_area_m2 for parcel in farmer.parcels} == {None}
    assert farmer.registered is None
    assert clerk.registered is not None
    assert clerk.registered.m2 == 1000.0
    assert (farmer.drawn, farmer.comparison.corners) == (clerk.drawn, clerk.comparison.corners)


def test_another_farmer_s_field_is_not_there(measured: Town) -> None:
    for field in ("F-2", "F-9", "", "a\0b"):
        with pytest.raises(UnknownFieldError):
            truth_of(measured.store, SATO, field)
    assert truth_of(measured.store, VIEWER, "F-2").surveyed.field_name == "奥の田"


def test_a_field_without_a_map_is_not_compared(measured: Town) -> None:
    truth = truth_of(measured.store, SATO, "F-3")
    assert (truth.cadastral, truth.farmland) == (None, None)
    assert truth.area.m2 == pytest.approx(1000.0)


def test_the_farmer_may_say_on_which_parcels_the_field_lies(measured: Town) -> None:
    for text in ("92-1", "９２番地１", "大字小野新町字舘廻92番1"):
        truth = truth_of(measured.store, SATO, "F-1", named=[text])
        assert truth.named == ("大字小野新町字舘廻92番1",)
        assert truth.cadastral == truth_of(measured.store, SATO, "F-1").cadastral
    other = truth_of(measured.store, SATO, "F-1", named=["92-1", "92-2"]).cadastral
    assert other is not None
    assert other.comparison.furthest_out.distance_m <= 0.001
    with pytest.raises(UnknownGroundError, match="92-1、92-2、93"):
        truth_of(measured.store, SATO, "F-1", named=["777"])


def test_what_the_coordinates_of_a_map_add_widens_its_line_by_as_much(measured: Town) -> None:
    before = truth_of(measured.store, SATO, "F-1")
    with measured.store.database.transaction() as connection:
        connection.execute("UPDATE onomap.loads SET added_error_m = 1.96 WHERE layer = 'cadastral'")
    after = truth_of(measured.store, SATO, "F-1")
    with measured.store.database.transaction() as connection:
        connection.execute("UPDATE onomap.loads SET added_error_m = 0 WHERE layer = 'cadastral'")
    assert before.cadastral is not None
    assert after.cadastral is not None
    assert after.cadastral.comparison.furthest_out.limit_m == pytest.approx(0.75 + 1.96)
    assert [place.verdict for place in after.cadastral.comparison.beyond(outside=True)] == []
    assert any("1.96 m の不確かさがある" in text for text in explanations(after))


def test_the_loads_are_named_by_which_the_sheet_can_be_defended(measured: Town) -> None:
    truth = truth_of(measured.store, SATO, "F-1")
    assert [(one.layer, one.file_name, one.data_date) for one in truth.layers] == [
        ("cadastral", "cadastral.gpkg", date(2026, 4, 1)),
        ("farmland", "farmland.gpkg", date(2026, 4, 1)),
    ]
    assert all(len(one.file_sha256) == 64 for one in truth.layers)


def test_a_day_s_truth_is_read_again_after_the_map_has_changed(measured: Town, tmp_path: Path) -> None:
    moment = datetime.now(UTC)
    before = to_json(truth_of(measured.store, CLERK, "F-1", moment))
    load_lines(measured.store, tmp_path, shift_m=0.6)
    now = truth_of(measured.store, CLERK, "F-1")
    assert now.cadastral is not None
    assert now.cadastral.comparison.furthest_out.distance_m == pytest.approx(0.6, abs=0.01)
    assert to_json(truth_of(measured.store, CLERK, "F-1", moment)) == before


def test_a_map_that_the_asker_may_not_see_is_not_said_to_be_missing(measured: Town) -> None:
    keeper = Caller("hosoku", "補足 係", Post("産業振興課", frozenset({"editor"})))
    truth = truth_of(measured.store, keeper, "F-1")
    assert (truth.cadastral, truth.unseen) == (None, ("cadastral", "farmland"))
    assert headline(truth) == "あなたの職務では地番図を見られないため、登記の線とは比べていません。"


def test_the_past_is_for_staff(measured: Town) -> None:
    with pytest.raises(ForbiddenError, match="窓口"):
        truth_of(measured.store, SATO, "F-1", datetime.now(UTC))
