"""From draft to public and back: two people, what was approved is what goes out, and one step back."""

from collections.abc import Callable
from dataclasses import replace

import psycopg
import pytest

from layers.publication.desk import Desk
from layers.publication.errors import (
    BundleRefusedError,
    ChangedSinceCheckError,
    NotAllowedError,
    NotPublishableError,
    PublicationError,
    SamePersonError,
    UnknownEditionError,
    WrongStateError,
)
from layers.publication.importing import PublicSide, import_bundle
from layers.publication.serving import open_public
from layers.store.definitions import ColumnClass, Layer, Publication
from layers.store.instance import Store
from layers.store.rights.caller import Caller, Verb
from tests.layers.publication.people_samples import BOTH, CHIEF, CLERK, OUTSIDER, VIEWER, caller
from tests.layers.publication.publication_samples import quiet


@pytest.fixture
def desk(small_store: Store, public_side: PublicSide) -> Desk:
    return Desk(small_store, public_side, max_zoom=12)


def changed(store: Store, statement: str) -> None:
    with store.database.transaction() as connection:
        connection.execute(statement.encode())


def redeclared(desk: Desk, change: Callable[[Layer], Layer]) -> Desk:
    """The desk after somebody has changed the layer.toml of the shelters."""
    catalogue = {**desk.store.catalogue, "shelters": change(desk.store.layer("shelters"))}
    return replace(desk, store=replace(desk.store, catalogue=catalogue))


def public_names(side: PublicSide) -> list[str]:
    with psycopg.connect(side.database.web_url) as connection:
        return [row[0] for row in connection.execute("SELECT name FROM layers.shelters ORDER BY name").fetchall()]


def publish_shelters(desk: Desk) -> int:
    draft = desk.draft(CLERK, "shelters")
    desk.approve(CHIEF, draft.id)
    return desk.publish(CHIEF, [draft.id])


def test_a_layer_goes_from_draft_to_public_by_two_people_of_its_department(desk: Desk, public_side: PublicSide) -> None:
    draft = desk.draft(CLERK, "shelters")
    approved = desk.approve(CHIEF, draft.id)
    number = desk.publish(CLERK, [draft.id])

    assert (draft.state, approved.state, desk.publication(draft.id).state) == ("checked", "approved", "published")
    assert (draft.rows, number) == (3, 1)
    assert public_names(public_side) == ["避難所0", "避難所1", "避難所2"]


def test_whoever_asked_cannot_approve_however_the_account_is_written(desk: Desk) -> None:
    draft = desk.draft(BOTH, "shelters")

    for same in (BOTH, caller("TANAKA", "総務課", "viewer", "approver")):
        with pytest.raises(SamePersonError):
            desk.approve(same, draft.id)
    assert desk.publication(draft.id).state == "checked"


def test_the_table_itself_refuses_one_person_in_both_places(desk: Desk, small_store: Store) -> None:
    draft = desk.draft(CLERK, "shelters")

    with pytest.raises(psycopg.errors.CheckViolation, match="two_people"):
        changed(
            small_store,
            f"UPDATE onomap.publications SET state = 'approved', approved_by = 'SATO' WHERE id = {draft.id}",
        )
    with pytest.raises(psycopg.errors.CheckViolation, match="approved_first"):
        changed(small_store, f"UPDATE onomap.publications SET state = 'published' WHERE id = {draft.id}")


@pytest.mark.parametrize("other", [OUTSIDER, VIEWER, CLERK, caller("a", "総務課", "administrator")])
def test_only_an_approver_of_the_owning_department_approves(desk: Desk, other: Caller) -> None:
    draft = desk.draft(BOTH, "shelters")

    with pytest.raises(NotAllowedError):
        desk.approve(other, draft.id)


@pytest.mark.parametrize("other", [OUTSIDER, VIEWER, CHIEF])
def test_only_an_editor_of_the_owning_department_makes_a_draft(desk: Desk, other: Caller) -> None:
    with pytest.raises(NotAllowedError):
        desk.draft(other, "shelters")


def test_a_key_without_the_right_to_take_data_out_cannot_publish_them_either(desk: Desk) -> None:
    narrow = caller("sato", "総務課", "viewer", "editor", verbs=frozenset({Verb.READ, Verb.EDIT}))

    with pytest.raises(NotAllowedError):
        desk.draft(narrow, "shelters")


def test_nothing_is_published_without_an_approval(desk: Desk) -> None:
    draft = desk.draft(CLERK, "shelters")

    with pytest.raises(WrongStateError):
        desk.publish(CHIEF, [draft.id])


def test_rows_that_change_between_check_and_approval_are_not_approved(desk: Desk, small_store: Store) -> None:
    draft = desk.draft(CLERK, "shelters")
    changed(small_store, "UPDATE layers.shelters SET name = '差し替え', version = 2 WHERE name = '避難所0'")

    with pytest.raises(ChangedSinceCheckError):
        desk.approve(CHIEF, draft.id)


def test_rows_that_change_after_the_approval_do_not_go_out(
    desk: Desk, small_store: Store, public_side: PublicSide
) -> None:
    publish_shelters(desk)
    draft = desk.draft(CLERK, "shelters")
    desk.approve(CHIEF, draft.id)
    changed(small_store, "UPDATE layers.shelters SET name = '差し替え' WHERE name = '避難所0'")

    with pytest.raises(ChangedSinceCheckError):
        desk.publish(CHIEF, [draft.id])
    assert public_names(public_side) == ["避難所0", "避難所1", "避難所2"]


def test_a_whitelist_that_is_widened_after_the_check_or_the_approval_does_not_go_out(desk: Desk) -> None:
    narrow = redeclared(desk, lambda layer: replace(layer, publication=Publication(("name", "designation"), False)))
    narrow = redeclared(narrow, lambda layer: replace(layer, legend=(), label_field="name"))
    draft = narrow.draft(CLERK, "shelters")

    with pytest.raises(ChangedSinceCheckError):
        desk.approve(CHIEF, draft.id)
    narrow.approve(CHIEF, draft.id)
    with pytest.raises(ChangedSinceCheckError):
        desk.publish(CHIEF, [draft.id])


def test_files_that_are_swapped_after_they_were_made_do_not_go_out_with_a_later_bundle(desk: Desk) -> None:
    publish_shelters(desk)
    rows = next((desk.folder / "parts").glob("*/rows.gpkg"))
    rows.write_bytes(rows.read_bytes().replace("避難所".encode(), "隠し所".encode()))
    roads = caller("r1", "地域整備課", "viewer", "editor"), caller("r2", "地域整備課", "viewer", "approver")
    draft = desk.draft(roads[0], "roads")
    desk.approve(roads[1], draft.id)

    with pytest.raises(PublicationError, match="違います"):
        desk.publish(roads[1], [draft.id])


def test_a_layer_that_names_no_column_publishes_none_instead_of_all(desk: Desk) -> None:
    for publication in (None, Publication((), about_people=False)):
        empty = redeclared(desk, lambda layer, p=publication: replace(layer, publication=p))
        with pytest.raises(NotPublishableError):
            empty.draft(CLERK, "shelters")


def test_a_layer_that_stays_inside_cannot_be_drafted(desk: Desk) -> None:
    both = caller("w", "地域整備課", "viewer", "editor")

    with pytest.raises(NotPublishableError):
        desk.draft(both, "water_fittings")


def test_a_second_layer_keeps_the_first_one_public(desk: Desk, public_side: PublicSide) -> None:
    publish_shelters(desk)
    draft = desk.draft(caller("r1", "地域整備課", "viewer", "editor"), "roads")
    desk.approve(caller("r2", "地域整備課", "viewer", "approver"), draft.id)
    desk.publish(caller("r2", "地域整備課", "viewer", "approver"), [draft.id])
    edition = open_public(public_side.database.web_url, public_side.folder)
    edition.database.close()

    assert (edition.number, list(edition.catalogue)) == (2, ["roads", "shelters"])
    assert public_names(public_side) == ["避難所0", "避難所1", "避難所2"]


def test_one_step_back_brings_the_earlier_edition_to_the_last_row(
    desk: Desk, small_store: Store, public_side: PublicSide
) -> None:
    publish_shelters(desk)
    changed(small_store, "DELETE FROM layers.shelters WHERE name = '避難所0'")
    publish_shelters(desk)
    assert public_names(public_side) == ["避難所1", "避難所2"]

    assert desk.rollback(CLERK) == 1

    assert public_names(public_side) == ["避難所0", "避難所1", "避難所2"]
    edition = open_public(public_side.database.web_url, public_side.folder)
    edition.database.close()
    assert edition.number == 1
    assert all(path.is_file() for path in edition.tiles.values())
    # and forward again, by number
    assert desk.rollback(CHIEF, 2) == 2
    assert public_names(public_side) == ["避難所1", "避難所2"]


def test_there_is_no_step_back_before_the_first_edition_nor_to_one_that_never_was(desk: Desk) -> None:
    publish_shelters(desk)

    with pytest.raises(UnknownEditionError):
        desk.rollback(CLERK)
    with pytest.raises(UnknownEditionError):
        desk.rollback(CLERK, 77)


def test_what_is_published_after_a_step_back_starts_from_what_is_public_then(
    desk: Desk, small_store: Store, public_side: PublicSide
) -> None:
    publish_shelters(desk)
    changed(small_store, "DELETE FROM layers.shelters WHERE name = '避難所0'")
    publish_shelters(desk)
    desk.rollback(CLERK, 1)

    draft = desk.draft(CLERK, "shelters")

    assert draft.difference is not None
    assert (draft.difference["edition"], draft.difference["removed"], draft.difference["same"]) == (1, 1, 2)


def test_a_layer_is_taken_down_at_once_and_shown_again_only_by_an_approver(desk: Desk, public_side: PublicSide) -> None:
    publish_shelters(desk)
    desk.withdraw(CLERK, "shelters")
    edition = open_public(public_side.database.web_url, public_side.folder)
    edition.database.close()

    assert (edition.number, list(edition.catalogue)) == (2, [])
    with pytest.raises(NotAllowedError, match="承認者"):
        desk.rollback(CLERK, 1)
    assert desk.rollback(CHIEF, 1) == 1


def test_the_web_login_reads_nothing_of_an_edition_that_is_not_served(desk: Desk, public_side: PublicSide) -> None:
    publish_shelters(desk)
    desk.withdraw(CLERK, "shelters")

    with (
        psycopg.connect(public_side.database.web_url) as connection,
        pytest.raises(psycopg.errors.InsufficientPrivilege),
    ):
        connection.execute("SELECT * FROM edition_1.shelters")


def test_a_bundle_goes_by_a_stick_to_a_public_side_that_the_desk_does_not_know(
    small_store: Store, public_side: PublicSide
) -> None:
    inside = Desk(small_store, None, max_zoom=12)
    draft = inside.draft(CLERK, "shelters")
    inside.approve(CHIEF, draft.id)
    stick = small_store.settings.home / "stick.zip"

    assert inside.export(CHIEF, [draft.id], stick) == 1
    assert import_bundle(public_side, stick, quiet) == 1
    assert public_names(public_side) == ["避難所0", "避難所1", "避難所2"]
    with pytest.raises(BundleRefusedError):
        import_bundle(public_side, stick, quiet)


def test_a_step_that_was_killed_between_the_switch_and_its_note_is_noted_by_the_next(
    desk: Desk, small_store: Store
) -> None:
    publish_shelters(desk)
    changed(small_store, "DELETE FROM onomap.public_switches; UPDATE onomap.publications SET state = 'approved'")

    assert desk.public_layers() == {}
    desk.reconcile(CHIEF)
    assert list(desk.public_layers()) == ["shelters"]


def test_old_editions_are_forgotten_on_the_public_side_but_not_the_one_that_is_served(
    desk: Desk, small_store: Store, public_side: PublicSide
) -> None:
    for number in range(5):
        changed(small_store, f"UPDATE layers.shelters SET capacity = {number}")
        publish_shelters(desk)

    assert desk.held() == [5, 4, 3]
    assert sorted(int(folder.name) for folder in (public_side.folder / "editions").iterdir()) == [3, 4, 5]


def test_a_column_that_became_secret_is_gone_from_the_next_edition(desk: Desk, public_side: PublicSide) -> None:
    publish_shelters(desk)

    def hide(layer: Layer) -> Layer:
        fields = [
            replace(field, column_class=ColumnClass.STAFF) if field.name == "capacity" else field
            for field in layer.fields
        ]
        columns = tuple(name for name in layer.publication.columns if name != "capacity")  # type: ignore[union-attr]
        return replace(layer, fields=tuple(fields), publication=Publication(columns, about_people=False))

    later = redeclared(desk, hide)
    draft = later.draft(CLERK, "shelters")
    later.approve(CHIEF, draft.id)
    later.publish(CHIEF, [draft.id])

    assert draft.difference is not None
    assert draft.difference["lost_columns"] == ["想定収容人数"]
    with psycopg.connect(public_side.database.web_url) as connection, pytest.raises(psycopg.errors.UndefinedColumn):
        connection.execute("SELECT capacity FROM layers.shelters")
