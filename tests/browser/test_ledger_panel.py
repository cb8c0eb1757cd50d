"""Owners and taxes on the staff page: nothing for whom has no duty, a purpose before anything, and the reading logged."""

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import expect

from layers.accounts.persons import add_person
from layers.store.audit.log import seen
from layers.store.instance import Store
from layers.store.rights.caller import Post
from tests.browser.conftest import Visit, cookie_for
from tests.browser.test_reading_by_all import violations

READER, VIEWER = "ledger-reader", "ledger-viewer"


@pytest.fixture(scope="module")
def people(sample_store: Store) -> None:
    """A clerk who may open the ledgers, and one who may not."""
    add_person(sample_store, READER, "山田", Post("町民生活課", frozenset({"viewer", "ledger_reader"})))
    add_person(sample_store, VIEWER, "佐藤", Post("町民生活課", frozenset({"viewer"})))


@pytest.fixture
def signed_in(
    visit: Callable[..., Visit], sample_store: Store, people: None, parcels: list[dict[str, Any]]
) -> Callable[[str], Visit]:
    """Opens the staff page as somebody, with a parcel chosen."""

    def open_as(login: str) -> Visit:
        one = visit()
        one.page.context.clear_cookies()
        one.page.context.add_cookies([cookie_for(sample_store, one.site, login)])
        one.open()
        one.choose(parcels[0])
        return one

    return open_as


def test_a_clerk_without_the_duty_is_not_even_offered_the_ledgers(signed_in: Callable[[str], Visit]) -> None:
    one = signed_in(VIEWER)
    expect(one.page.locator("#ledger")).to_be_empty()


def test_owners_appear_for_a_purpose_and_are_gone_with_the_next_parcel(
    signed_in: Callable[[str], Visit], parcels: list[dict[str, Any]], sample_store: Store
) -> None:
    one = signed_in(READER)
    ledger = one.page.locator("#ledger")
    ledger.get_by_role("button", name="所有者・課税を見る").click()
    ledger.get_by_role("button", name="記録して見る").click()
    expect(ledger.locator(".ledger")).to_have_count(0)
    ledger.get_by_label("見る目的").select_option(label="境界の確認・立会い")
    ledger.get_by_label("補足（受付番号など）").fill("受付12")
    ledger.get_by_role("button", name="記録して見る").click()
    expect(ledger.locator(".ledger")).to_have_count(2)
    expect(ledger).to_contain_text("福島県田村郡小野町大字架空")
    expect(ledger).to_contain_text("円")
    assert violations(one.page) == []
    with sample_store.database.transaction() as connection:
        entries = seen(connection, parcels[0]["key"])
    assert [(entry["name"], entry["purpose"], entry["note"]) for entry in entries[:2]] == [
        ("山田", "boundary", "受付12")
    ] * 2
    one.page.emulate_media(media="print")
    expect(ledger).to_be_hidden()
    one.page.emulate_media(media="screen")
    one.search(parcels[1]["number"])
    expect(ledger.locator(".ledger")).to_have_count(0)
