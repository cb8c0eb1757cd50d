"""Fields to machines and back in a browser: a farmer learns what a file does not hold, and looks before keeping."""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from api.serve import free_port
from gis.formats import machine
from layers.accounts.persons import add_person
from layers.store.instance import Store, connect
from layers.store.rights.caller import Caller, Post
from layers.store.settings import load_settings
from layers.surveys.fields import own_fields
from tests.browser.conftest import DESKTOP, PHONE, Cookies, Visit, cookie_for
from tests.conftest import REPOSITORY, _wait_for
from tests.gis.formats.machine.samples import BARE, PLAIN, ring, same_ring, same_rings

AXE = REPOSITORY / "webmap" / "node_modules" / "axe-core" / "axe.min.js"
SHOTS = os.environ.get("ONOMAP_SHOTS")
FARMER = Post("農業者", frozenset({"farmer"}))
SATO = Caller("sato", "佐藤 架空", FARMER)
BOW = machine.MachineField("3", "蝶の田", ring((300, 0), (340, 40), (340, 0), (300, 40)))


@pytest.fixture(scope="module")
def farm(
    make_database: Callable[..., str], migrated_template: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Store]:
    folder: Path = tmp_path_factory.mktemp("transfer")
    store = connect(load_settings(folder), make_database(template=migrated_template), staff_login=True)
    add_person(store, SATO.account, SATO.name, FARMER)
    yield store
    store.close()


@pytest.fixture(scope="module")
def site(farm: Store) -> Iterator[str]:
    port = free_port()
    command = [
        sys.executable,
        "-P",
        "-m",
        "api.serving",
        "staff",
        "--home",
        str(farm.settings.home),
        "--port",
        str(port),
    ]
    process = subprocess.Popen(command, cwd=REPOSITORY, env={**os.environ, "DATABASE_URL": farm.database.url})
    try:
        _wait_for(f"http://127.0.0.1:{port}/healthz", process)
        yield f"http://127.0.0.1:{port}/"
    finally:
        process.terminate()
        process.wait(20)


@pytest.fixture(scope="module")
def session_cookies(farm: Store, site: str) -> Cookies:
    return lambda: [cookie_for(farm, site, SATO.account)]


@pytest.fixture
def usb(tmp_path: Path) -> Path:
    path = tmp_path / "usb.zip"
    path.write_bytes(machine.write("isoxml4", [PLAIN, BARE, BOW]).content)
    return path


def shoot(page: Page, name: str) -> None:
    if SHOTS:
        page.screenshot(path=f"{SHOTS}/{name}.png", full_page=True)


def axe_finds(page: Page) -> list[object]:
    # a tab outside of the page's policy runs the checker, as every page's test here does
    page.evaluate(AXE.read_text(encoding="utf-8"))
    found: list[object] = page.evaluate(
        "async () => (await axe.run()).violations.map((one) => [one.id, one.nodes.map((node) => node.html)])"
    )
    return found


def test_a_farmer_looks_into_a_file_keeps_two_fields_and_takes_them_out_again(
    visit: Callable[..., Visit], usb: Path, farm: Store, tmp_path: Path
) -> None:
    one = visit(viewport=DESKTOP, bypass_csp=True, accept_downloads=True)
    page = one.open("surveys/transfer")
    expect(page.locator("#fields .empty")).to_be_visible()
    expect(page.locator("#make")).to_be_disabled()
    shoot(page, "transfer-empty")
    page.set_input_files("#file", usb)
    expect(page.locator("#found-heading")).to_contain_text("3筆")
    expect(page.locator("#found-heading")).to_be_focused()
    expect(page.locator("#found li").nth(0)).to_contain_text("内側の境界 2・枕地あり・誘導線 2")
    expect(page.locator("#found li").nth(2).locator("input")).to_be_disabled()
    expect(page.locator("#found li").nth(2)).to_contain_text("自分と交わる")
    assert page.locator("#drawing path.area").count() == 2
    assert own_fields(farm, SATO) == []
    shoot(page, "transfer-look")
    page.fill("#day", "2026-07-02")
    page.fill("#accuracy", "0.03")
    page.click("#keep")
    expect(page.locator("#done")).to_contain_text("前田の田んぼ、裏の畑")
    assert {field.field_name for field in own_fields(farm, SATO)} == {PLAIN.name, BARE.name}

    page.locator("#fields label", has_text=PLAIN.name).locator("input").check()
    page.check("input[value='isoxml3']")
    page.fill("#headland", "3")
    page.click("#make")
    expect(page.locator("#made-heading")).to_contain_text("圃場 1筆")
    expect(page.locator("#made-notes")).to_contain_text("枕地は入れていません")
    shoot(page, "transfer-made")
    assert axe_finds(page) == []
    with page.expect_download() as waiting:
        page.click("#save")
    path = tmp_path / "out.zip"
    waiting.value.save_as(path)
    (found,) = machine.read(path)
    assert same_ring(found.outer, PLAIN.outer)
    assert same_rings(found.inners, PLAIN.inners)
    one.check()


def test_what_goes_wrong_is_said_in_a_sentence_and_the_page_goes_on(
    visit: Callable[..., Visit], usb: Path, tmp_path: Path
) -> None:
    one = visit(viewport=DESKTOP)
    one.watch.forgiven = ("400", "422")
    page = one.open("surveys/transfer")
    torn = tmp_path / "torn.zip"
    torn.write_bytes(usb.read_bytes()[:200])
    page.set_input_files("#file", torn)
    expect(page.locator("#trouble")).to_contain_text("torn.zip は壊れているか途中で切れています")
    expect(page.locator("#from")).to_be_hidden()
    page.set_input_files("#file", usb)
    expect(page.locator("#found-heading")).to_contain_text("3筆")
    expect(page.locator("#trouble")).to_be_hidden()
    for box in page.locator("#found input:enabled").all():
        box.uncheck()
    assert page.locator("#drawing path.area").count() == 0
    page.fill("#day", "2026-07-02")
    page.fill("#accuracy", "0.03")
    page.click("#keep")
    expect(page.locator("#trouble")).to_contain_text("保存する圃場を選んでください")


@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("phone", {"viewport": {"width": 360, "height": 740}}),
        ("dark", {"viewport": PHONE, "color_scheme": "dark"}),
        ("desktop-dark", {"viewport": DESKTOP, "color_scheme": "dark"}),
    ],
)
def test_axe_finds_nothing_and_nothing_is_wider_than_the_screen(
    visit: Callable[..., Visit], usb: Path, name: str, options: dict[str, object]
) -> None:
    page = visit(bypass_csp=True, **options).open("surveys/transfer")
    page.set_input_files("#file", usb)
    expect(page.locator("#found-heading")).to_contain_text("3筆")
    assert axe_finds(page) == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    small = page.evaluate(
        "[...document.querySelectorAll('button, a.button, input:not([type=checkbox]):not([type=radio]), label')]"
        ".filter((one) => one.offsetParent && one.getBoundingClientRect().height < 43.5).map((one) => one.outerHTML)"
    )
    assert small == []
    shoot(page, f"transfer-{name}")


def test_the_page_is_reached_from_the_list_of_fields(visit: Callable[..., Visit]) -> None:
    one = visit(viewport=DESKTOP)
    # the town's map style is not a farmer's to load, and the list of fields goes on without it
    one.watch.forgiven = ("403",)
    page = one.open("fields")
    page.click("#transfer")
    page.wait_for_selector("html[data-ready='1']", state="attached")
    expect(page.get_by_role("heading", name="機械から", exact=True)).to_be_visible()
