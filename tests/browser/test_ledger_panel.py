"""Owners and taxes on the staff page: nothing for whom has no duty, a purpose before anything, and the reading logged."""

import threading
import time
import urllib.request
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import uvicorn
from playwright.sync_api import expect

from api.serve import free_port
from api.staff.app import create_app
from layers.store.audit.log import seen
from layers.store.instance import Store
from layers.store.rights.caller import Caller, Post
from tests.browser.conftest import Visit
from tests.browser.test_reading_by_all import violations
from tests.gate import Gate

READER = Caller("yamada", "山田", Post("町民生活課", frozenset({"viewer", "ledger_reader"})))
VIEWER = Caller("sato", "佐藤", Post("町民生活課", frozenset({"viewer"})))


@pytest.fixture(scope="module")
def gate(sample_store: Store) -> Gate:
    """The application over the sample town, behind a gate that lets in whom the test names."""
    return Gate(create_app(sample_store))


@pytest.fixture(scope="module")
def behind_gate(gate: Gate) -> Iterator[str]:
    """Its address."""
    port = free_port()
    server = uvicorn.Server(uvicorn.Config(gate, host="127.0.0.1", port=port, log_level="warning"))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.05)
    yield f"http://127.0.0.1:{port}/"
    server.should_exit = True
    thread.join(20)


def _open(visit: Callable[..., Visit], site: str, parcel: dict[str, Any]) -> Visit:
    one = visit()
    one.site = site
    one.open()
    one.choose(parcel)
    return one


def test_a_clerk_without_the_duty_is_not_even_offered_the_ledgers(
    visit: Callable[..., Visit], gate: Gate, behind_gate: str, parcels: list[dict[str, Any]]
) -> None:
    gate.caller = VIEWER
    one = _open(visit, behind_gate, parcels[0])
    expect(one.page.locator("#ledger")).to_be_empty()


def test_owners_appear_for_a_purpose_and_are_gone_with_the_next_parcel(
    visit: Callable[..., Visit], gate: Gate, behind_gate: str, parcels: list[dict[str, Any]], sample_store: Store
) -> None:
    gate.caller = READER
    one = _open(visit, behind_gate, parcels[0])
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
    assert [(entry["account"], entry["purpose"], entry["note"]) for entry in entries[:2]] == [
        ("yamada", "boundary", "受付12")
    ] * 2
    one.page.emulate_media(media="print")
    expect(ledger).to_be_hidden()
    one.page.emulate_media(media="screen")
    one.search(parcels[1]["number"])
    expect(ledger.locator(".ledger")).to_have_count(0)


def test_the_server_behind_the_gate_answers(behind_gate: str) -> None:
    with urllib.request.urlopen(f"{behind_gate}healthz") as response:  # noqa: S310 - loopback
        assert response.status == 200
