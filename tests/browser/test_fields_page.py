"""Fields and base stations in a browser: a plan with undo, areas, the ledger's preview, the sheet, stations and their checks."""

import io
from collections.abc import Callable, Iterator
from pathlib import Path

import openpyxl
import pytest
import shapely
from playwright.sync_api import Page, expect

from layers.accounts.persons import add_person
from layers.store.instance import Store
from layers.store.rights.caller import Caller
from layers.surveys.crop_desk import CropDesk
from layers.surveys.owners import note_owner
from tests.api.conftest import Town, running_town
from tests.browser.conftest import DESKTOP, PHONE, Cookies, Visit, cookie_for
from tests.conftest import REPOSITORY
from tests.layers.surveys.crop_samples import (
    EAST_M,
    FARM_CLERK,
    FIELD_A,
    FIELD_B,
    GROWER,
    NORTH_M,
    VIEWER,
    fill,
    put,
    seen,
    wanted,
)

AXE = REPOSITORY / "webmap" / "node_modules" / "axe-core" / "axe.min.js"
SMALL = {"width": 360, "height": 740}
A = f"[data-key='rtk_fields/{FIELD_A.field_id}']"


@pytest.fixture(scope="module")
def running(
    make_database: Callable[..., str], migrated_template: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Town]:
    """A staff server over three fields and two stations."""
    with running_town(make_database(template=migrated_template), tmp_path_factory.mktemp("fields_page")) as town:
        fill(town.store)
        put(
            town.store, "base_stations", shapely.Point(EAST_M, NORTH_M - 300), station_id="T1", name="役場基準局", kind="town",
            epoch="reference", datum="JGD2011", coverage_km=0.5, mount_point="ONO1", health="ok",
        )  # fmt: skip
        put(town.store, "base_stations", shapely.Point(EAST_M, NORTH_M), station_id="950205", name="滝根", kind="geonet",
            position_error_m=600.0)  # fmt: skip
        note_owner_of_b(town.store)
        for one in (FARM_CLERK, GROWER, VIEWER):
            add_person(town.store, one.account, one.name, one.post)
        yield town


def note_owner_of_b(store: Store) -> None:
    """B is the grower's."""
    with store.database.transaction() as connection:
        note_owner(connection, FIELD_B.field_id, GROWER.account, FARM_CLERK.account)


@pytest.fixture
def store(running: Town) -> Store:
    """The store without a plan or a check."""
    with running.store.database.transaction() as connection:
        connection.execute("TRUNCATE onomap.crop_plans, onomap.base_checks")
    return running.store


@pytest.fixture
def site(running: Town) -> str:
    return running.url.rstrip("/") + "/"


@pytest.fixture
def session_cookies(store: Store, site: str) -> Cookies:
    return lambda: [cookie_for(store, site, FARM_CLERK.account)]


@pytest.fixture
def opened(visit: Callable[..., Visit], site: str, store: Store) -> Callable[..., Page]:
    """Opens the page as somebody."""

    def open_as(who: Caller = FARM_CLERK, **options: object) -> Page:
        one = visit(**options)
        one.page.context.clear_cookies()
        one.page.context.add_cookies([cookie_for(store, site, who.account)])
        # the browser itself tells of refusals that the page then says in words
        one.watch.forgiven = ("412", "422", "404")
        return one.open("fields")

    return open_as


def crops_of(store: Store, key: object = FIELD_A) -> list[tuple[str, float]]:
    field, _ = CropDesk(store, FARM_CLERK).field(key, int(this_year()))  # type: ignore[arg-type]
    return [(part.part.crop, part.area_m2) for part in field.parts]


def this_year() -> str:
    from datetime import datetime
    from zoneinfo import ZoneInfo

    return str(datetime.now(ZoneInfo("Asia/Tokyo")).year)


def test_a_clerk_plans_a_field_with_the_keyboard_sees_the_sums_and_takes_it_back(
    opened: Callable[..., Page], store: Store
) -> None:
    page = opened(viewport=DESKTOP)
    page.focus(f"{A} button")
    page.keyboard.press("Enter")
    expect(page.locator("#plan-title")).to_contain_text("1の田")
    page.select_option("[name='crop']", "rice")
    page.fill("[name='amount']", "15")
    page.select_option("[name='unit']", "a")
    expect(page.locator("#plan-rest")).to_contain_text("残り 500㎡")
    page.focus("#add-part")
    page.keyboard.press("Enter")
    page.locator("[name='crop']").nth(1).select_option("tobacco")
    expect(page.locator("#plan-rest")).to_contain_text("500㎡（5.00a）になります")
    page.focus("#plan-save")
    page.keyboard.press("Enter")
    expect(page.locator(A)).to_contain_text("葉たばこ")
    expect(page.locator("#sums")).to_contain_text("2,000")
    assert crops_of(store) == [("rice", 1_500), ("tobacco", 500)]
    page.focus("#undo")
    page.keyboard.press("Enter")
    expect(page.locator(A)).to_contain_text("計画なし")

    assert crops_of(store) == []


def test_what_does_not_fit_is_said_in_the_form_and_what_was_typed_stays(
    opened: Callable[..., Page], store: Store
) -> None:
    page = opened(viewport=PHONE)
    page.click(f"{A} button")
    page.select_option("[name='crop']", "rice")
    page.fill("[name='amount']", "2600")
    expect(page.locator("#plan-rest")).to_contain_text("600㎡ 超えています")
    page.click("#plan-save")
    expect(page.locator("#plan-trouble")).to_contain_text("600㎡ 超えています")

    expect(page.locator("[name='amount']")).to_have_value("2600")
    assert crops_of(store) == []


def test_the_second_of_two_clerks_is_told_who_was_first(opened: Callable[..., Page], store: Store) -> None:
    page = opened(viewport=DESKTOP)
    page.click(f"{A} button")
    CropDesk(store, FARM_CLERK).keep(FIELD_A, int(this_year()), seen(0), wanted({"crop": "wheat"}))
    page.select_option("[name='crop']", "rice")
    page.click("#plan-save")

    expect(page.locator("#plan-trouble")).to_contain_text("先にこの計画を変えた")
    assert crops_of(store) == [("wheat", 2_000)]


def test_an_older_version_is_taken_up_again(opened: Callable[..., Page], store: Store) -> None:
    desk = CropDesk(store, FARM_CLERK)
    desk.keep(FIELD_A, int(this_year()), seen(0), wanted({"crop": "rice"}))
    desk.keep(FIELD_A, int(this_year()), seen(1), wanted({"crop": "wheat"}))
    page = opened(viewport=DESKTOP)
    page.click(f"{A} button")
    page.click("#plan-history summary")
    page.click("#versions button")
    expect(page.locator(A)).to_contain_text("水稲")

    assert crops_of(store) == [("rice", 2_000)]


def test_the_list_is_filtered_and_says_when_nothing_fits(opened: Callable[..., Page], store: Store) -> None:
    CropDesk(store, FARM_CLERK).keep(FIELD_B, int(this_year()), seen(0), wanted({"crop": "soybean"}))
    page = opened(viewport=DESKTOP)
    page.select_option("#crop", "soybean")
    expect(page.locator("#list tbody tr")).to_have_count(1)
    expect(page.locator("#legend")).to_contain_text("豆　大豆")
    page.select_option("#oaza", "夏井")

    expect(page.locator("#list .empty")).to_contain_text("この条件に合う圃場はありません")
    expect(page.locator("#sums .empty")).to_be_visible()


def test_a_press_on_the_map_opens_the_field_below_it(opened: Callable[..., Page], store: Store) -> None:
    page = opened(viewport=DESKTOP)
    page.select_option("#oaza", "夏井")
    expect(page.locator("#list tbody tr")).to_have_count(1)
    page.wait_for_timeout(1_500)
    box = page.locator("#crop-map canvas").bounding_box()
    assert box is not None
    page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)

    expect(page.locator("#plan-title")).to_contain_text("3の田")


def test_a_ledger_is_shown_before_it_is_taken_over(opened: Callable[..., Page], store: Store, tmp_path: Path) -> None:
    page = opened(viewport=DESKTOP)
    with page.expect_download() as saved:
        page.click("#ledger")
    book = openpyxl.load_workbook(io.BytesIO(Path(saved.value.path()).read_bytes()))
    sheet = book["作付台帳"]
    head = [cell.value for cell in sheet[1]]
    row = next(row for row in sheet.iter_rows(min_row=2) if row[head.index("圃場ID")].value == FIELD_B.field_id)
    row[head.index("作物")].value = "そば"
    book.save(tmp_path / "ledger.xlsx")
    page.set_input_files("#take", tmp_path / "ledger.xlsx")
    expect(page.locator("#take-text")).to_contain_text("そば 900㎡")
    assert crops_of(store, FIELD_B) == []
    page.click("#take-yes")
    expect(page.locator("#done-text")).to_contain_text("1 圃場の計画を取り込みました")

    assert crops_of(store, FIELD_B) == [("buckwheat", 900)]
    row[head.index("作物")].value = "バナナ"
    book.save(tmp_path / "ledger.xlsx")
    page.set_input_files("#take", tmp_path / "ledger.xlsx")
    expect(page.locator("#take-text")).to_contain_text("「バナナ」は一覧にありません")
    expect(page.locator("#take-yes")).to_be_disabled()


def test_last_years_plans_are_copied(opened: Callable[..., Page], store: Store) -> None:
    year = int(this_year())
    CropDesk(store, FARM_CLERK).keep(FIELD_A, year - 1, seen(0), wanted({"crop": "rice"}))
    page = opened(viewport=DESKTOP)
    page.click("#copy")
    page.click("#copy-yes")

    expect(page.locator("#done-text")).to_contain_text("1 圃場に写しました")
    assert crops_of(store) == [("rice", 2_000)]


def test_the_sheet_is_saved_or_the_reason_is_said(opened: Callable[..., Page], store: Store) -> None:
    page = opened(viewport=DESKTOP)
    page.click("#paper button")
    expect(page.locator("#trouble")).to_contain_text("作付計画のある圃場がない")
    CropDesk(store, FARM_CLERK).keep(FIELD_A, int(this_year()), seen(0), wanted({"crop": "rice"}))
    with page.expect_download() as saved:
        page.click("#paper button")

    assert Path(saved.value.path()).read_bytes().startswith(b"%PDF")


def test_who_only_looks_finds_nothing_to_change(opened: Callable[..., Page], store: Store) -> None:
    page = opened(VIEWER, viewport=DESKTOP)
    expect(page.locator("#who")).to_contain_text("見るだけ")
    expect(page.locator("#copy")).to_be_hidden()
    page.click(f"{A} button")
    expect(page.locator("#plan-save")).to_be_hidden()


def test_a_farmer_plans_the_own_field_on_a_phone_and_sees_no_other(opened: Callable[..., Page], store: Store) -> None:
    page = opened(GROWER, viewport=SMALL)
    expect(page.locator("#list tbody tr")).to_have_count(1)
    page.click("#list tbody button")
    page.select_option("[name='crop']", "tobacco")
    page.click("#plan-save")
    expect(page.locator("#done-text")).to_contain_text("2の田の計画を保存しました")
    assert crops_of(store, FIELD_B) == [("tobacco", 900)]
    assert "1の田" not in page.content()
    page.click("#tab-stations")
    expect(page.locator("#station-list")).to_contain_text("役場基準局")
    assert "ONO1" not in page.content()
    expect(page.locator("#station-map")).to_be_visible()
    assert page.locator("#station-list button").count() == 0
    expect(page.locator("#home")).to_have_attribute("href", "./field")


def test_stations_show_their_reach_health_and_checks_with_an_alarm(opened: Callable[..., Page], store: Store) -> None:
    page = opened(viewport=DESKTOP)
    page.focus("#tab-plans")
    page.keyboard.press("ArrowRight")
    expect(page.locator("#station-list")).to_contain_text("滝根 約0.3 km（±0.6 km）")
    expect(page.locator("#outside")).to_contain_text("3の田")
    page.click("button[aria-label='役場基準局の既知点での点検']")
    expect(page.locator("#checks .empty")).to_be_visible()
    for north in (0.004, 0.2):
        page.click("#checks button.primary")
        page.fill("#known-point", "2級基準点 7")
        page.fill("#known", f"{NORTH_M}, {EAST_M}")
        page.fill("#measured", f"{NORTH_M + north}, {EAST_M}")
        page.fill("#receiver", "F9P")
        page.click("#check-form button[type='submit']")
        expect(page.locator("#check-dialog")).to_be_hidden()
    expect(page.locator("#checks .late")).to_contain_text("北へ 0.200 m")
    expect(page.locator("#checks svg.chart")).to_be_visible()
    page.locator("#checks tbody button").first.click()
    expect(page.locator("#checks .fine")).to_contain_text("限界（3σ）の中")
    page.click("#checks button.primary")
    page.select_option("#epoch", "current")
    page.fill("#known", f"{NORTH_M}, {EAST_M}")
    page.fill("#measured", f"{NORTH_M}, {EAST_M}")
    page.click("#check-form button[type='submit']")
    expect(page.locator("#check-trouble")).to_contain_text("地殻変動")


def test_the_health_of_a_station_is_written_with_its_day(opened: Callable[..., Page], store: Store) -> None:
    page = opened(viewport=PHONE)
    page.click("#tab-stations")
    page.click("button[aria-label='役場基準局の状態を書く']")
    page.select_option("#health", "attention")
    page.fill("#health-note", "点検の予定")
    page.click("#health-dialog button[value='yes']")

    expect(page.locator(".health")).to_contain_text("注意　点検の予定")
    expect(page.locator(".health")).to_contain_text("確認")


@pytest.mark.parametrize("viewport", [DESKTOP, SMALL])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_page_passes_axe_and_fits_its_window(
    opened: Callable[..., Page], store: Store, viewport: dict[str, int], scheme: str
) -> None:
    desk = CropDesk(store, FARM_CLERK)
    desk.keep(
        FIELD_A, int(this_year()), seen(0), wanted({"crop": "rice", "share": 0.5, "note": "直播"}, {"crop": "tobacco"})
    )
    page = opened(viewport=viewport, color_scheme=scheme, bypass_csp=True)
    page.click("#by-oaza summary")
    page.add_script_tag(content=AXE.read_text(encoding="utf-8"))

    def broken() -> list[object]:
        found: list[object] = page.evaluate(
            "async () => (await axe.run()).violations.map((one) => [one.id, one.nodes[0].html])"
        )
        return found

    assert broken() == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.click(f"{A} button")
    assert broken() == []
    page.click("#plan-close")
    page.click("#tab-stations")
    page.click("button[aria-label='役場基準局の既知点での点検']")
    expect(page.locator("#checks .empty")).to_be_visible()
    assert broken() == []
    page.click("#checks button.primary")
    assert broken() == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
