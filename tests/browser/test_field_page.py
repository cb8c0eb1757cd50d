"""A farmer measures a field with a phone: distances in words, corners with their scatter, and every record stored once."""

import json
import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, Route, expect

from layers.accounts.persons import person
from layers.accounts.sessions import leave_everywhere
from tests.browser.conftest import DESKTOP, Cookies, Visit, cookie_for
from tests.browser.field_town import (
    SATO,
    SUZUKI,
    FieldTown,
    at,
    begin,
    field_town,
    go,
    permitted,
    sent,
    stand,
    walk_square,
)
from tests.browser.test_reading_by_all import violations

PHONE = {"width": 360, "height": 740}
SCREENS = {
    "desk": {"viewport": DESKTOP},
    "phone": {"viewport": PHONE},
    "dark": {"viewport": PHONE, "color_scheme": "dark"},
    "landscape": {"viewport": {"width": 740, "height": 360}},
    "twice as large": {"viewport": {"width": 640, "height": 400}, "device_scale_factor": 2},
}
FAST_POSITIONS = """
    navigator.geolocation.watchPosition = (heard) => { window.hear = heard; return 1; };
    window.standAt = async ({ longitude, latitude, accuracy }, number) => {
        document.getElementById("corner").click();
        for (let fix = 0; fix < 10; fix += 1) {
            const coords = { longitude, latitude: latitude + 1e-9 * fix, accuracy, altitude: null };
            window.hear({ coords, timestamp: Date.now() + fix });
        }
        const said = () => document.getElementById("doing").textContent;
        while (!said().includes(`角 ${number} を記録`)) await new Promise((go) => setTimeout(go, 2));
    };
"""
"""Positions as fast as the page takes them: ten for each press of the button."""
CUT = ("ERR_INTERNET_DISCONNECTED", "ERR_CONNECTION_REFUSED", "ERR_FAILED", "401", "502")


@pytest.fixture(scope="module")
def town(
    make_database: Callable[..., str], migrated_template: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[FieldTown]:
    """A town with farmers and its server."""
    with field_town(make_database, migrated_template, tmp_path_factory.mktemp("field") / "home") as made:
        yield made


@pytest.fixture(scope="module")
def site(town: FieldTown) -> str:
    """The address of its server."""
    return town.site


@pytest.fixture
def session_cookies(town: FieldTown, site: str) -> Cookies:
    """The farmer 佐藤 is signed in."""
    return lambda: [cookie_for(town.store, site, SATO.account)]


@pytest.fixture
def phone(visit: Callable[..., Visit]) -> Callable[..., Visit]:
    """Opens the page on a phone that knows where it is; what a cut network makes a browser complain of is forgiven."""

    def opened(**options: Any) -> Visit:
        one = visit(**{"viewport": PHONE, "geolocation": at(0.0, -1.32), **options})
        permitted(one.page.context)
        one.watch.forgiven = CUT
        one.open("field")
        return one

    return opened


def ready_offline(one: Visit) -> Page:
    """Wait until the page is kept on the phone and answers for the server."""
    page = one.page
    page.wait_for_selector("html[data-kept='1']", state="attached")
    page.reload()
    return one.settle()


def test_the_nearest_corner_is_told_in_metres_and_a_direction_with_its_uncertainty(phone: Callable[..., Visit]) -> None:
    page = phone().page
    expect(page.locator("#to-corner")).to_have_text("あと 1.05 m 西（±3.50 m）")
    page.click("#open-more")
    page.get_by_label("農地の線までの距離を出す").uncheck()
    page.click("#more .close")
    # 乙一: 0.75 m, joined with 2 cm of the receiver
    expect(page.locator("#to-corner")).to_have_text("あと 1.32 m 北（±0.75 m）")
    go(page, -1.0, -1.0)
    expect(page.locator("#to-corner")).to_have_text("あと 1.41 m 北東（±0.75 m）")
    expect(page.locator("#to-line")).to_contain_text("小野新町中通1の角")
    go(page, 20.0, -0.25)
    expect(page.locator("#to-line")).to_contain_text("まで 0.25 m 北")
    expect(page.locator("#accuracy")).to_have_text("±2.0 cm")


def test_a_field_with_a_pond_is_measured_and_every_corner_is_stored_once_in_its_ring(
    phone: Callable[..., Visit], town: FieldTown
) -> None:
    page = phone().page
    page.check("#claim")
    begin(page, "池のある田")
    walk_square(page)
    expect(page.locator("#doing")).to_contain_text("角 4")
    page.click("#open-list")
    page.get_by_role("button", name="＋内側の囲み").click()
    page.click("#list .close")
    walk_square(page, 6.0, 10.0, 10.0)
    page.click("#open-list")
    expect(page.locator("#list")).to_contain_text("外まわり（4件）")
    expect(page.locator("#list")).to_contain_text("内側1（4件）")
    expect(page.locator("#list")).to_contain_text("仮の面積：1,56")
    expect(page.locator("#list")).to_contain_text("±2.0 cm（ばらつき 0.1 cm、10回）")
    sent(page)
    session = page_session(page)
    rows = [row for row in town.stored() if row[1] == session]
    assert [(ring, order) for _, _, ring, order, _ in rows] == [(0, n) for n in range(4)] + [(1, n) for n in range(4)]
    assert {fixes for *_, fixes in rows} == {10}
    expect(page.locator("#claim")).to_be_disabled()
    with town.store.database.transaction() as connection:
        claimed = connection.execute("SELECT claimed_fix FROM surveys.sessions WHERE id = %s", [session]).fetchone()
    assert claimed == (True,)


def ground_url(radius_m: int = 500) -> str:
    """The address of the ground round where the phone is at first."""
    place = at(0.0, -1.32)
    return f"./field/ground?lon={place['longitude']:.7f}&lat={place['latitude']:.7f}&radius_m={radius_m}"


def page_session(page: Page) -> str:
    """The survey that the page is at, as the phone keeps it."""
    found = page.evaluate(
        """(account) => new Promise((resolve) => {
            const opening = indexedDB.open("onomap-field");
            opening.onsuccess = () => {
                const asked = opening.result.transaction("values").objectStore("values").get(`current:${account}`);
                asked.onsuccess = () => { opening.result.close(); resolve(asked.result); };
            };
        })""",
        SATO.account,
    )
    return str(found)


def test_500_corners_recorded_without_a_network_are_stored_once_each_when_it_is_back(
    phone: Callable[..., Visit], town: FieldTown
) -> None:
    one = phone()
    one.page.add_init_script(FAST_POSITIONS)
    page = ready_offline(one)
    begin(page, "五百の角")
    page.context.set_offline(True)
    before = len(town.stored())
    for number in range(500):
        page.evaluate("([place, number]) => standAt(place, number)", [at(number % 25, number // 25), number + 1])
    expect(page.locator("#waiting")).to_have_text("未送信 501件")
    assert len(town.stored()) == before

    # the phone is switched off in the field, and on again, still without a network
    page.reload()
    one.settle()
    expect(page.locator("#waiting")).to_have_text("未送信 501件")
    expect(page.locator("#doing")).to_contain_text("角 500")
    page.context.set_offline(False)
    sent(page)
    session = page_session(page)
    rows = [row for row in town.stored() if row[1] == session]
    assert [(ring, order) for _, _, ring, order, _ in rows] == [(0, number) for number in range(500)]
    assert len({identifier for identifier, *_ in rows}) == 500
    assert all(fixes >= 10 for *_, fixes in rows)


def test_an_answer_lost_after_storing_and_a_phone_switched_off_while_sending_store_nothing_twice(
    phone: Callable[..., Visit], town: FieldTown
) -> None:
    one = phone()
    page = one.page
    batches: list[int] = []

    def lose(route: Route) -> None:
        route.fetch()
        batches.append(len(json.loads(route.request.post_data or "{}")["records"]))
        route.abort()

    page.route("**/surveys/records", lose)
    begin(page, "返事の消えた田")
    walk_square(page)
    page.wait_for_timeout(500)
    assert batches
    expect(page.locator("#waiting")).to_have_text("未送信 5件")
    before = town.count()
    page.unroute("**/surveys/records")
    page.reload()
    one.settle()
    sent(page)
    rows = [row for row in town.stored() if row[1] == page_session(page)]
    assert len(rows) == 4
    assert town.count() - before <= 5 - min(batches[-1], 5)


def test_two_tabs_send_once_and_number_their_corners_apart(phone: Callable[..., Visit], town: FieldTown) -> None:
    one = phone()
    page = one.page
    begin(page, "二つの画面")
    stand(page, 0, 0)
    other = page.context.new_page()
    other.goto(f"{town.site}field")
    other.wait_for_selector("html[data-ready='1']", state="attached")
    expect(other.locator("#doing")).to_contain_text("角 1")
    page.context.set_offline(True)
    for place in range(3):
        stand(page, 5 + place, 0)
        stand(other, 5 + place, 5)
    expect(other.locator("#waiting")).to_have_text("未送信 6件")
    page.context.set_offline(False)
    sent(page)
    sent(other)
    rows = [row for row in town.stored() if row[1] == page_session(page)]
    assert [order for _, _, _, order, _ in rows] == list(range(7))
    page.click("#open-list")
    expect(page.locator("#list")).to_contain_text("外まわり（7件）")


def test_a_login_that_has_expired_loses_nothing_and_another_person_sends_nothing_of_it(
    phone: Callable[..., Visit], town: FieldTown
) -> None:
    one = phone()
    page = one.page
    begin(page, "期限の切れた田")
    leave_everywhere(town.store, person(town.store, SATO.account).id)
    page.wait_for_timeout(1_200)
    stand(page, 0, 0)
    expect(page.locator("#notices")).to_contain_text("ログインが切れました")
    expect(page.locator("#notices a")).to_have_attribute("href", "./login?next=%2Ffield")
    expect(page.locator("#waiting")).to_have_text("未送信 2件")

    page.context.add_cookies([cookie_for(town.store, town.site, SUZUKI.account)])
    page.reload()
    one.settle()
    expect(page.locator("#notices")).to_contain_text("ほかの利用者の未送信の記録が2件")
    expect(page.locator("body")).to_have_attribute("data-state", "none")
    assert town.stored(account=SUZUKI.account) == []

    page.context.add_cookies([cookie_for(town.store, town.site, SATO.account)])
    page.reload()
    one.settle()
    sent(page)
    assert len([row for row in town.stored() if row[1] == page_session(page)]) == 1


def test_a_refused_record_stays_on_the_phone_with_its_reason_and_hinders_no_other(
    phone: Callable[..., Visit], town: FieldTown
) -> None:
    one = phone()
    page = one.page
    begin(page, "断られた田")
    stand(page, 0, 0)
    sent(page)

    def spoil(route: Route) -> None:
        body = json.loads(route.request.post_data or "{}")
        for record in body["records"]:
            if record["kind"] == "corner" and record["order"] == 1:
                record["fixes"][0]["lon"] = 10.0
        route.continue_(post_data=json.dumps(body))

    page.route("**/surveys/records", spoil)
    page.context.set_offline(True)
    stand(page, 5, 0)
    stand(page, 5, 5)
    page.context.set_offline(False)
    expect(page.locator("#waiting")).to_have_text("受付不可 1件")
    page.click("#open-more")
    expect(page.locator("#refused")).to_contain_text("位置が日本の範囲の外です")
    rows = [row for row in town.stored() if row[1] == page_session(page)]
    assert [order for _, _, _, order, _ in rows] == [0, 2]


def test_without_a_network_the_page_opens_with_the_ground_that_was_taken_along(phone: Callable[..., Visit]) -> None:
    one = phone()
    page = ready_offline(one)
    page.click("#open-more")
    page.click("#take")
    size = page.evaluate("(url) => fetch(url).then((answer) => answer.blob()).then(({ size }) => size)", ground_url())
    expect(page.locator("#take-yes")).to_have_text(f"持ち出す（{-(-size // 1000)} KB）")
    page.click("#take-yes")
    expect(page.locator("#more")).to_contain_text("持ち出しました")
    page.context.set_offline(True)
    page.reload()
    one.settle()
    go(page, 39.0, 38.0)
    expect(page.locator("#to-corner")).to_contain_text("あと")
    expect(page.locator("#notices")).to_contain_text("いまは通信できません")
    page.context.set_offline(False)


def test_who_signs_out_leaves_no_ground_on_the_phone_but_every_record(phone: Callable[..., Visit]) -> None:
    one = phone()
    page = one.page
    begin(page, "残る記録")
    page.click("#open-more")
    page.click("#take")
    page.click("#take-yes")
    expect(page.locator("#more")).to_contain_text("持ち出しました")
    page.click("#more .close")
    page.context.set_offline(True)
    stand(page, 0, 0)
    page.context.set_offline(False)
    page.route("**/surveys/records", lambda route: route.abort())
    # from another page of the town hall, which knows nothing of the field page
    page.goto(one.site + "account")
    page.locator("form[action$='/logout'] button").first.click()
    page.wait_for_url("**/login**")
    kept = page.evaluate(
        """async () => {
            const names = (await indexedDB.databases()).map(({ name }) => name);
            const opening = indexedDB.open("onomap-field");
            await new Promise((resolve) => { opening.onsuccess = resolve; });
            const asked = opening.result.transaction("records").objectStore("records").index("state").count(["sato", "unsent"]);
            await new Promise((resolve) => { asked.onsuccess = resolve; });
            return { names, records: asked.result };
        }"""
    )
    assert "onomap-field-ground" not in kept["names"]
    assert kept["records"] == 2


def test_an_edge_that_was_walked_survives_a_phone_that_is_switched_off(
    phone: Callable[..., Visit], town: FieldTown
) -> None:
    one = phone()
    page = one.page
    begin(page, "歩いた田")
    page.click("#track")
    for step in range(30):
        go(page, step * 0.5, 0)
        page.wait_for_timeout(30)
    expect(page.locator("#doing")).to_contain_text("ふちを記録中")
    walked = int(page.inner_text("#doing").split("：")[1].removesuffix("点"))
    assert walked >= 25
    page.reload()
    one.settle()
    expect(page.locator("#notices")).to_contain_text("端末から取り戻しました")
    sent(page)
    rows = [row for row in town.stored("track") if row[1] == page_session(page)]
    assert sum(fixes for *_, fixes in rows) >= walked
    assert [order for _, _, _, order, _ in rows] == list(range(len(rows)))
    page.click("#track")
    go(page, 20, 0)
    page.wait_for_timeout(300)
    page.click("#pause")
    go(page, 50, 50)
    page.wait_for_timeout(300)
    page.click("#pause")
    go(page, 20, 5)
    page.wait_for_timeout(300)
    page.click("#stop")
    sent(page)
    with town.store.database.transaction() as connection:
        far = connection.execute(
            "SELECT count(*) FROM surveys.records r, jsonb_array_elements(r.content->'fixes') f "
            "WHERE r.session = %s AND (f->>'lat')::float > %s",
            [page_session(page), at(0, 40)["latitude"]],
        ).fetchone()
    assert far == (0,)


def test_a_corner_that_is_not_sure_is_only_taken_when_the_farmer_says_so_and_can_be_taken_back(
    phone: Callable[..., Visit], town: FieldTown
) -> None:
    page = phone().page
    begin(page, "ずれる田")
    page.click("#corner")
    for step in range(14):
        page.context.set_geolocation({**at(0.3 * (step % 2), 0), "accuracy": 0.5})
        page.wait_for_timeout(40)
    expect(page.locator("body")).to_have_attribute("data-state", "corner")
    expect(page.locator("#accept")).to_have_text("この値で記録（±50 cm）")
    page.click("#accept")
    expect(page.locator("#doing")).to_contain_text("角 1 を記録しました（±50 cm）")
    page.click("#corner")
    page.click("#cancel")
    page.click("#undo")
    expect(page.locator("#live")).to_contain_text("最後の角を取り消しました")
    sent(page)
    session = page_session(page)
    assert len([row for row in town.stored() if row[1] == session]) == 1
    assert len([row for row in town.stored("undo") if row[1] == session]) == 1


def test_the_keyboard_alone_measures_a_corner(phone: Callable[..., Visit], town: FieldTown) -> None:
    page = phone(viewport=DESKTOP).page
    page.keyboard.press("Tab")
    expect(page.locator(".skip")).to_be_focused()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    expect(page.locator("#begin")).to_be_focused()
    page.keyboard.press("Enter")
    page.keyboard.type("鍵盤の田")
    page.keyboard.press("Enter")
    expect(page.locator("#corner")).to_be_focused()
    page.keyboard.press("Enter")
    for step in range(40):
        go(page, 0.001 * (step % 3), 0)
        page.wait_for_timeout(20)
    expect(page.locator("#corner")).to_be_focused()
    sent(page)
    assert len([row for row in town.stored() if row[1] == page_session(page)]) == 1


@pytest.mark.parametrize("screen", SCREENS)
def test_axe_finds_nothing_and_every_button_is_large(phone: Callable[..., Visit], screen: str) -> None:
    page = phone(**SCREENS[screen]).page
    assert violations(page) == []
    begin(page)
    stand(page, 0, 0)
    assert violations(page) == []
    keys = page.locator(".do .keys:visible button").all()
    boxes = [box for key in keys if (box := key.bounding_box())]
    assert len(boxes) == 4
    assert all(box["height"] >= 56 and box["width"] >= 56 for box in boxes)
    height = page.viewport_size["height"] if page.viewport_size else 0
    assert all(box["y"] + box["height"] <= height for box in boxes)
    for opener, dialog in (("#open-list", "#list"), ("#open-more", "#more")):
        page.click(opener)
        assert violations(page) == []
        page.click(f"{dialog} .close")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_without_webgl_the_lines_are_drawn(phone: Callable[..., Visit], launch: Callable[..., Browser]) -> None:
    page = phone(on=launch(gl=False)).page
    expect(page.locator("#to-corner")).to_contain_text("あと")
    expect(page.locator("#map")).to_have_attribute("data-drawn", "5")


def test_the_page_asks_for_little_and_keeps_all_that_it_asks_for(phone: Callable[..., Visit]) -> None:
    one = phone()
    shell = one.page.evaluate("fetch('./field/shell.json').then((answer) => answer.json())")
    kept = {file["url"] for file in shell["files"]}
    asked = {url.removeprefix(one.site).partition("?")[0] for url in one.watch.requests}
    files = {path for path in asked if path.endswith((".js", ".css"))}
    assert files - kept == {"field/worker.js"} & files
    assert kept - asked <= {"field/icon.svg", "field/types.js", "shared/types.js"}
    assert sum(file["bytes"] for file in shell["files"]) < 200_000


def test_over_http_it_says_what_does_not_work_and_takes_typed_positions(
    visit: Callable[..., Visit], town: FieldTown
) -> None:
    one = visit(viewport=PHONE)
    # what a browser gives a page that came over http from another machine
    one.page.add_init_script("Object.defineProperty(window, 'isSecureContext', { value: false });")
    page = one.open("field")
    expect(page.locator("#notices")).to_contain_text("この接続（http）では、ブラウザーが位置を渡さず")
    begin(page, "入力した田")
    page.click("#open-more")
    page.fill("#typed", f"{at(0, 0)['latitude']:.8f}, {at(0, 0)['longitude']:.8f}")
    page.click("#typed-add")
    expect(page.locator("#more")).to_contain_text("角として記録しました")
    sent(page)
    assert len([row for row in town.stored() if row[1] == page_session(page)]) == 1


def test_the_boundary_is_computed_by_the_town_hall_kept_as_a_field_and_measured_again(
    phone: Callable[..., Visit], town: FieldTown
) -> None:
    one = phone()
    page = one.page
    begin(page, "仕上げた田")
    walk_square(page)
    sent(page)
    page.click("#open-list")
    page.click("#compute")
    area = r"^1,(59|60)\d\.\d\d㎡（1\d\.\d\da、1\.6\d\d反、16\.1\d畝）　面積の誤差 ±[0-3]\.\d㎡"
    expect(page.locator("#area")).to_have_text(re.compile(area))
    expect(page.locator("#list")).to_contain_text("筆界（境界）を確定するものではありません")
    page.click("#keep")
    expect(page.locator("#list")).to_contain_text("保存しました")
    [field] = [one for one in fields(town) if one[1] == "仕上げた田"]
    assert page.get_attribute("#list a[href*=truth]", "href") == f"./surveys/fields/{field[0]}/truth?f=html"
    assert page.get_attribute("#list a[href*=isoxml4]", "href") == f"./surveys/fields/{field[0]}/machine?f=isoxml4"
    page.click("#list .close")

    # measured again, one corner more: a new version of the same field
    expect(page.locator("#map")).to_have_attribute("data-drawn", "6")
    begin_again(page, field[0])
    for east, north in ((0, 0), (20, -1), (40, 0), (40, 40), (0, 40)):
        stand(page, east, north)
    sent(page)
    page.click("#open-list")
    page.click("#compute")
    page.click("#keep")
    expect(page.locator("#list")).to_contain_text("保存しました")
    [again] = [one for one in fields(town) if one[1] == "仕上げた田"]
    assert again[0] == field[0]
    assert again[2] == field[2] + 1


def fields(town: FieldTown) -> list[tuple[str, str, int]]:
    """Fields that are kept: id, name and version."""
    with town.store.database.transaction() as connection:
        rows = connection.execute("SELECT field_id, field_name, version FROM layers.rtk_fields").fetchall()
    return [tuple(row) for row in rows]


def begin_again(page: Page, field_id: str) -> None:
    """Begin a survey of a field that was measured before."""
    page.click("#open-more")
    page.click("#new-survey")
    page.select_option("[name=field_id]", field_id)
    page.click("#settings button[value=yes]")
    expect(page.locator("body")).to_have_attribute("data-state", "idle")


def test_a_line_that_crosses_itself_is_refused_with_a_picture(phone: Callable[..., Visit]) -> None:
    one = phone()
    page = one.page
    one.watch.forgiven = (*CUT, "422")
    begin(page, "ねじれた田")
    for east, north in ((0, 0), (40, 40), (40, 0), (0, 40)):
        stand(page, east, north)
    sent(page)
    page.click("#open-list")
    page.click("#compute")
    expect(page.locator("#list img.picture")).to_be_visible()
    assert page.evaluate("document.querySelector('#list img.picture').naturalWidth") > 50


NMEA = (
    "$GNGGA,{time},3717.1100000,N,14037.6400000,E,{quality},12,0.60,420.00,M,40.00,M,1.0,0001",
    "$GNGST,{time},0.02,0.02,0.02,0.0,0.012,0.014,0.03",
)


def sentences(quality: int, count: int, second: int = 0) -> str:
    """A receiver's word, a second each, with right checksums."""
    lines = []
    for step in range(count):
        time = f"0000{(second + step) % 60:02d}.00"
        for text in reversed(NMEA):
            body = text.format(time=time, quality=quality)[1:]
            total = 0
            for letter in body:
                total ^= ord(letter)
            lines.append(f"${body}*{total:02X}")
    return "\r\n".join(lines) + "\r\n"


CABLE = """
    Object.defineProperty(navigator, "serial", { value: { requestPort: async () => ({
        open: async () => {}, close: async () => {},
        readable: new ReadableStream({ start: (stream) => {
            window.say = (text) => stream.enqueue(new TextEncoder().encode(text));
        } }),
    }) } });
"""


def test_a_receiver_on_a_cable_tells_its_quality_and_only_fix_counts_as_centimetres(
    phone: Callable[..., Visit], town: FieldTown
) -> None:
    one = phone()
    page = one.page
    page.add_init_script(CABLE)
    page.reload()
    one.settle()
    begin(page, "ケーブルの田")
    page.click("#open-more")
    page.click("#plug")
    page.click("#more .close")
    page.click("#corner")
    page.evaluate("(text) => say(text)", sentences(5, 12))
    expect(page.locator("#accuracy")).to_contain_text("FLOAT")
    expect(page.locator("#doing")).to_contain_text("12回")
    expect(page.locator("body")).to_have_attribute("data-state", "corner")
    page.click("#cancel")
    page.click("#corner")
    broken = sentences(4, 1, 20).replace("N", "S", 1)
    page.evaluate("(text) => say(text)", broken.replace("GNGGA", "GNGGB") + sentences(4, 10, 30))
    expect(page.locator("#doing")).to_contain_text("角 1 を記録しました（±2.0 cm）")
    sent(page)
    with town.store.database.transaction() as connection:
        rows = connection.execute(
            "SELECT DISTINCT f->>'quality', f->>'geoid_separation_m', r.content->>'source', jsonb_array_length(r.content->'fixes') "
            "FROM surveys.records r, jsonb_array_elements(r.content->'fixes') f WHERE r.session = %s AND kind = 'corner'",
            [page_session(page)],
        ).fetchall()
    assert rows == [("4", "40.0", "nmea", 10)]


def test_a_log_is_brought_in_and_counted_by_quality(phone: Callable[..., Visit]) -> None:
    page = phone().page
    begin(page, "記録の田")
    page.click("#open-more")
    page.fill("#nmea-text", sentences(4, 20) + sentences(5, 5, 20))
    page.click("#nmea-send")
    expect(page.locator("#more")).to_contain_text("位置 25点（FIX 20、FLOAT 5）")


def test_voice_and_colours_are_remembered_and_a_wake_lock_is_held_while_measuring(phone: Callable[..., Visit]) -> None:
    one = phone()
    page = one.page
    page.add_init_script(
        """
        window.locks = [];
        navigator.wakeLock.request = async () => {
            const lock = { released: false, release: async () => { lock.released = true; } };
            window.locks.push(lock);
            return lock;
        };
        """
    )
    page.reload()
    one.settle()
    page.click("#open-more")
    page.get_by_label("画面の色").select_option("dark")
    page.click("#more .close")
    page.reload()
    one.settle()
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(0, 0, 0)"
    begin(page)
    page.click("#track")
    page.wait_for_timeout(100)
    assert page.evaluate("window.locks.map((lock) => lock.released)") == [False]
    page.click("#stop")
    page.wait_for_timeout(100)
    assert page.evaluate("window.locks.map((lock) => lock.released)") == [True]
