"""Signing in, and the end of a session while the map is open, in a real browser."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from layers.accounts.demo import demo_accounts, make_demo_accounts
from layers.accounts.persons import person
from layers.accounts.sessions import leave_everywhere
from layers.store.instance import Store
from tests.api.people.browser_like import PASSWORD, new_person
from tests.browser.conftest import DESKTOP, PATIENCE_MS, PHONE, Visit

AXE = Path(__file__).resolve().parents[2] / "webmap" / "node_modules" / "axe-core" / "axe.min.js"


@pytest.fixture(scope="module")
def clerk(sample_store: Store) -> str:
    new_person(sample_store, "browser-clerk", "税務課", "viewer", "administrator")
    return "browser-clerk"


@pytest.fixture
def stranger(browser: Browser, site: str) -> Iterator[Callable[..., Page]]:
    """Pages of browsers that nobody has signed in with."""
    contexts = []

    def make(**options: object) -> Page:
        contexts.append(browser.new_context(locale="ja-JP", **{"viewport": DESKTOP, **options}))  # type: ignore[arg-type]
        return contexts[-1].new_page()

    yield make
    for context in contexts:
        context.close()


def faults(page: Page) -> list[str]:
    """What axe finds, by rule."""
    if not AXE.is_file():
        pytest.skip("axe-core is not installed")
    page.add_script_tag(path=AXE)
    found = page.evaluate(
        "axe.run().then((r) => r.violations.map((v) => v.id + ': ' + v.nodes.map((n) => n.target).join(' ')))"
    )
    return list(found)


def test_a_link_to_a_place_leads_there_over_the_login_by_keyboard_alone(
    stranger: Callable[..., Page], site: str, clerk: str
) -> None:
    page = stranger()
    page.goto(f"{site}#v=1&map=16/37.2868/140.6263&l=cadastral")
    expect(page.locator("#username")).to_be_focused()
    page.keyboard.type(clerk)
    page.keyboard.press("Tab")
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_selector("html[data-ready='1']", state="attached", timeout=PATIENCE_MS)
    assert "map=16/37.28" in page.url
    expect(page.locator("#person")).to_contain_text("browser-clerk さん")
    expect(page.get_by_role("link", name="利用者の管理")).to_be_visible()
    page.get_by_role("button", name="ログアウト").click()
    expect(page.get_by_role("heading", name="ログイン", exact=True)).to_be_visible()
    page.goto(site)
    expect(page.locator("#username")).to_be_visible()


def test_a_session_that_ends_while_the_map_is_open_loses_nothing(
    visit: Callable[..., Visit], sample_store: Store, clerk: str, site: str
) -> None:
    one = visit()
    one.watch.forgiven = ("401",)
    page = one.open()
    one.search("小野新町")
    before = page.locator("#hits").inner_text()
    leave_everywhere_of_tests(sample_store)

    page.wait_for_timeout(1_200)
    one.search("小野")
    bar = page.locator("#signed-out")
    expect(bar).to_contain_text("画面の内容はそのまま残っています", timeout=PATIENCE_MS)
    assert page.locator("#search-text").input_value() == "小野"
    assert page.locator("#map canvas").count() == 1
    assert before

    with page.context.expect_page() as opened:
        bar.get_by_role("link").click()
    other = opened.value
    other.fill("#username", clerk)
    other.fill("#password", PASSWORD)
    other.press("#password", "Enter")
    other.wait_for_url(site)
    other.close()
    page.bring_to_front()
    expect(bar).to_be_hidden(timeout=PATIENCE_MS)
    one.search("小野新町")
    expect(page.locator("#hits")).to_contain_text("小野新町")


def leave_everywhere_of_tests(store: Store) -> None:
    """End the sessions of the tests' account, but not its key."""
    with store.database.transaction() as connection:
        connection.execute("DELETE FROM people.sessions WHERE account_id = %s", [person(store, "tester").id])


def test_the_demonstrations_passwords_stand_on_the_login_page_and_open(
    stranger: Callable[..., Page], sample_store: Store, site: str
) -> None:
    make_demo_accounts(sample_store)
    page = stranger(viewport=PHONE)
    page.goto(site)
    shown = page.locator(".demo")
    expect(shown).to_contain_text("見本の利用者")
    one = demo_accounts(sample_store)[0]
    assert one.demo_password is not None
    expect(shown).to_contain_text(one.demo_password)
    page.fill("#username", one.login)
    page.fill("#password", one.demo_password)
    page.click("button.primary")
    page.wait_for_selector("html[data-ready='1']", state="attached", timeout=PATIENCE_MS)
    leave_everywhere(sample_store, one.id)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("viewport", [DESKTOP, PHONE])
def test_the_pages_of_people_pass_axe_and_fit_the_screen(
    stranger: Callable[..., Page], site: str, clerk: str, scheme: str, viewport: dict[str, int], tmp_path: Path
) -> None:
    page = stranger(viewport=viewport, color_scheme=scheme, bypass_csp=True)
    page.goto(f"{site}login")
    assert faults(page) == []
    page.fill("#username", clerk)
    page.fill("#password", PASSWORD)
    page.press("#password", "Enter")
    page.wait_for_selector("html[data-ready='1']", state="attached", timeout=PATIENCE_MS)
    for path in ("account", "people"):
        page.goto(site + path)
        assert faults(page) == []
        page.screenshot(path=tmp_path / f"{path}.png", full_page=True)
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), path
