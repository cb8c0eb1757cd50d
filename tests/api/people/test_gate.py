"""The gate: who comes in, by what, how far, and how soon that ends."""

import base64
import math
import time
from collections.abc import Iterator
from urllib.parse import parse_qs, unquote, urlsplit

import httpx
import pytest

from api.staff.people.next_page import safe_next
from layers.accounts.keys import issue_key
from layers.accounts.persons import lock, person, transfer
from layers.accounts.sessions import leave_everywhere
from layers.store.definitions import GeometryKind
from layers.store.rights.caller import Post, Verb
from tests.api.conftest import Town, running_town
from tests.api.people.browser_like import PASSWORD, Browser, new_browser, new_person, secret_in, signed_in, token_of
from tests.hostile.raw_http import talk

ZOOM = 15
COLUMN = int((140.62 + 180) / 360 * 2**ZOOM)
ROW = int((1 - math.asinh(math.tan(math.radians(37.27))) / math.pi) / 2 * 2**ZOOM)
TILE = f"/tiles/shelters/{ZOOM}/{COLUMN}/{ROW}"
PATCH = {"Content-Type": "application/merge-patch+json", "If-Match": "*"}
LONGEST_MEMORY_S = 1.2
ADDRESSES = [
    "/", "/layers", "/parcels?q=1", "/inquiries", "/sheets", "/loads", "/events", "/me", "/account", "/people", "/search?q=a",
    "/api", "/api/collections", "/api/collections/roads/items", "/api/collections/roads/export?f=csv", "/api/openapi.json",
    TILE, TILE + ".mvt", "/tiles/roads.json", "/styles/staff.json", "/api/tiles", "/rasters/elevation/value?lon=140&lat=37",
    "/staff/main.js", "/shared/dom.js", "/vendor/maplibre-gl/6.17.0/dist/maplibre-gl.css", "/docs", "/nothing", "//login",
    "/login.json", "/loginx", "/LOGIN", "/healthz/", "/api/../login", "/%6Cogin/../api", "/login/../api", "/tiles//login/1/1/1",
    f"/api/collections/shelters/tiles/WebMercatorQuad/{ZOOM}/{ROW}/{COLUMN}",
]  # fmt: skip


@pytest.fixture(scope="module")
def peopled(town: Town) -> Town:
    """A town with one person for each kind of post, and something on its map."""
    for login, department, duties in (
        ("viewer", "町民生活課", ("viewer",)),
        ("editor", "総務課", ("viewer", "editor")),
        ("other", "税務課", ("viewer", "editor")),
        ("boss", "総務課", ("viewer", "administrator")),
        ("nothing", "総務課", ()),
    ):
        new_person(town.store, login, department, *duties)
    assert town.add_shelter("避難所").status_code == 201
    return town


@pytest.fixture
def viewer(peopled: Town) -> Iterator[Browser]:
    browser = signed_in(peopled.url, "viewer")
    yield browser
    browser.http.close()


def port_of(town: Town) -> int:
    return urlsplit(town.url).port or 0


def with_key(town: Town, login: str, *verbs: Verb) -> httpx.Client:
    key = issue_key(town.store, login, "試験", frozenset({Verb.READ, *verbs}))
    return httpx.Client(base_url=town.url, timeout=60, headers={"Authorization": f"Bearer {key}"})


@pytest.mark.parametrize("address", ADDRESSES)
def test_without_a_session_or_a_key_no_address_answers(peopled: Town, address: str) -> None:
    raw = f"GET {address} HTTP/1.1\r\nHost: localhost\r\nAccept-Encoding: gzip\r\n\r\n".encode()
    assert peopled.http.get(TILE).status_code == 200  # so that the tile is kept
    answer = talk(port_of(peopled), raw)
    if unquote(address).startswith("/login/"):
        # below the login's folder nothing is served that is not of the login itself
        assert answer.startswith(b"HTTP/1.1 404 ")
    else:
        assert answer.startswith(b"HTTP/1.1 401 "), answer[:200]
        assert b"www-authenticate: basic" in answer.lower()
    assert b"private, no-store" in answer


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE", "OPTIONS", "HEAD", "TRACE"])
def test_no_method_comes_around_the_gate(peopled: Town, method: str) -> None:
    for address in ("/inquiries", "/api/collections/shelters/items", TILE, "/people/lock", "/logout"):
        assert httpx.request(method, peopled.url + address).status_code == 401


def test_health_and_the_login_page_answer_without_a_login_and_say_nothing_of_the_store(peopled: Town) -> None:
    assert httpx.get(f"{peopled.url}/healthz").json() == {"status": "ok"}
    page = httpx.get(f"{peopled.url}/login")
    assert page.status_code == 200
    assert "no-store" in page.headers["cache-control"]
    assert "script-src 'self'" in page.headers["content-security-policy"]
    assert "unsafe-inline" not in page.headers["content-security-policy"]
    assert "避難所" not in page.text
    assert httpx.get(f"{peopled.url}/login/files/people.css").status_code == 200


def test_a_page_leads_to_the_login_and_back(peopled: Town) -> None:
    browser = new_browser(peopled.url)
    refused = browser.page("/api/collections/shelters/items?f=html&limit=5")
    assert refused.status_code == 303
    target = urlsplit(refused.headers["location"])
    assert target.path == "/login"
    (next_page,) = parse_qs(target.query)["next"]
    entered = browser.sign_in("viewer", next=next_page)
    assert entered.headers["location"] == "/api/collections/shelters/items?f=html&limit=5"
    assert browser.page(entered.headers["location"]).status_code == 200


def test_a_script_of_a_page_gets_401_without_the_browsers_own_window(peopled: Town) -> None:
    headers = {"Sec-Fetch-Site": "same-origin", "Sec-Fetch-Mode": "cors", "Accept": "*/*"}
    answer = httpx.get(f"{peopled.url}/layers", headers=headers)
    assert answer.status_code == 401
    assert "www-authenticate" not in answer.headers
    assert answer.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize(
    "text",
    [
        "https://evil.example/", "//evil.example", "/\\evil.example", "\\\\evil.example", "/\t/evil.example", "/\n/evil.example",
        "javascript:alert(1)", "data:text/html,x", "evil.example", "", " /", "/ /evil", "///evil.example", "/login?next=/",
        "/logout", "http:/evil.example", "/" + "a" * 5_000, "/é", "/\x00",
    ],
)  # fmt: skip
def test_next_leads_nowhere_but_to_this_server(text: str) -> None:
    assert safe_next(text) == "/"


@pytest.mark.parametrize("text", ["/", "/#v=1&map=15/37.2/140.6", "/api?f=html", "/inquiries/20261126-ABCDEF"])
def test_next_keeps_a_place_of_this_server(text: str) -> None:
    assert safe_next(text) == text


def test_an_open_redirect_is_closed_over_http(peopled: Town) -> None:
    browser = new_browser(peopled.url)
    assert "evil" not in browser.page("/login?next=https://evil.example/").text
    assert browser.sign_in("viewer", next="//evil.example/").headers["location"] == "/"


def test_the_cookie_is_out_of_reach_of_scripts_and_over_https_guarded_by_its_name(peopled: Town) -> None:
    answer = new_browser(peopled.url).sign_in("viewer")
    (cookie,) = [one for one in answer.headers.get_list("set-cookie") if one.startswith("onomap_session=")]
    assert {"HttpOnly", "SameSite=lax", "Path=/"} <= set(cookie.split("; "))
    assert "Domain" not in cookie
    browser = new_browser(peopled.url)
    browser.http.headers["X-Forwarded-Proto"] = "https"
    secure = {"Origin": browser.origin.replace("http:", "https:"), "Sec-Fetch-Site": "same-origin"}
    page = browser.http.get("/login")
    form = page.headers["set-cookie"].split(";")[0]
    assert form.startswith("__Host-onomap_form=")
    data = {"token": token_of(page), "username": "viewer", "password": PASSWORD}
    answer = browser.http.post("/login", data=data, headers={**secure, "Cookie": form})
    (cookie,) = [one for one in answer.headers.get_list("set-cookie") if one.startswith("__Host-onomap_session=")]
    assert {"HttpOnly", "Secure", "Path=/"} <= set(cookie.split("; "))


def test_a_session_that_was_planted_before_the_login_is_worth_nothing_after_it(peopled: Town) -> None:
    attacker, victim = signed_in(peopled.url, "other"), new_browser(peopled.url)
    planted = attacker.http.cookies["onomap_session"]
    victim.http.cookies.set("onomap_session", planted, domain="127.0.0.1", path="/")
    token = token_of(victim.page("/login"))
    answer = victim.http.post(
        "/login", data={"token": token, "username": "viewer", "password": PASSWORD}, headers={"Origin": victim.origin}
    )
    assert answer.status_code == 303
    (mine,) = [
        one.split(";")[0].partition("=")[2] for one in answer.headers.get_list("set-cookie") if "onomap_session=" in one
    ][:1]
    assert mine != planted
    assert attacker.http.get("/layers").status_code == 401, "the planted session has ended"
    for invented in ("A" * 43, "x", mine[:-1] + "!"):
        assert httpx.get(f"{peopled.url}/layers", cookies={"onomap_session": invented}).status_code == 401


def test_two_different_session_cookies_are_none(viewer: Browser) -> None:
    mine = viewer.http.cookies["onomap_session"]
    two = f"onomap_session={'B' * 43}; onomap_session={mine}"
    assert httpx.get(f"{viewer.origin}/layers", headers={"Cookie": two}).status_code == 401


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {},
    ],
)
def test_another_sites_page_changes_nothing_with_the_readers_cookie(viewer: Browser, headers: dict[str, str]) -> None:
    token = token_of(viewer.page("/account"))
    for path in ("/logout", "/logout/everywhere", "/account/keys", "/inquiries", "/api/collections/shelters/items"):
        answer = viewer.http.post(path, data={"token": token, "verb": "read", "days": "1"}, headers=headers)
        assert answer.status_code == 403, path
    assert viewer.http.get("/layers").status_code == 200


@pytest.mark.parametrize("token", ["", "0" * 64, "é"])
def test_a_form_without_this_browsers_token_is_refused_even_from_our_own_page(viewer: Browser, token: str) -> None:
    own = {"Origin": viewer.origin, "Sec-Fetch-Site": "same-origin"}
    other = signed_in(viewer.origin, "other")
    for one in (token, token_of(other.page("/account"))):
        for path in ("/logout", "/account/keys"):
            answer = viewer.http.post(path, data={"token": one, "verb": "read", "days": "1"}, headers=own)
            assert answer.status_code == 403
    assert viewer.http.get("/layers").status_code == 200


def test_nobody_is_signed_in_by_another_site(peopled: Town) -> None:
    browser = new_browser(peopled.url)
    data = {"token": token_of(browser.page("/login")), "username": "viewer", "password": PASSWORD}
    assert browser.http.post("/login", data=data, headers={"Origin": "https://evil.example"}).status_code == 403
    assert httpx.post(f"{peopled.url}/login", data=data, headers={"Origin": peopled.url}).status_code == 403


def test_guessing_over_http_is_told_to_wait(peopled: Town) -> None:
    new_person(peopled.store, "guessed", "総務課", "viewer")
    browser = new_browser(peopled.url)
    try:
        answers = [browser.sign_in("guessed", f"wrong {number}").status_code for number in range(6)]
        last = browser.sign_in("guessed")
        assert answers[:5] == [401] * 5
        assert last.status_code == 429
        assert int(last.headers["retry-after"]) > 20
        assert "お待ちください" in last.text
        boss = signed_in(peopled.url, "boss")
        assert boss.send("/people", "/people/lift", login="guessed").status_code == 200
        assert browser.sign_in("guessed").status_code == 303
    finally:
        with peopled.store.database.transaction() as connection:
            connection.execute("DELETE FROM people.failures")


def test_logging_out_ends_the_session_at_once(viewer: Browser) -> None:
    cookie = dict(viewer.http.cookies)
    assert viewer.http.get(TILE).status_code in {200, 204}
    answer = viewer.send("/account", "/logout")
    assert answer.status_code == 303
    assert "onomap_session" not in viewer.http.cookies
    assert httpx.get(viewer.origin + TILE, cookies=cookie).status_code == 401


def test_logging_out_everywhere_ends_every_session_and_every_key(peopled: Town, viewer: Browser) -> None:
    other = signed_in(peopled.url, "viewer")
    key = secret_in(viewer.send("/account", "/account/keys", label="QGIS", verb=["read"], days="30").text)
    bearer = {"Authorization": f"Bearer {key}"}
    assert httpx.get(f"{peopled.url}/layers", headers=bearer).status_code == 200
    assert other.http.get("/layers").status_code == 200

    viewer.send("/account", "/logout/everywhere")

    assert other.http.get("/layers").status_code == 401
    assert httpx.get(f"{peopled.url}/layers", headers=bearer).status_code == 401
    assert viewer.http.get("/layers").status_code == 401


def test_a_key_opens_by_bearer_and_by_basic_under_any_name_and_shows_no_account_pages(peopled: Town) -> None:
    key = issue_key(peopled.store, "viewer", "QGIS")
    for name in ("viewer", "anything", ""):
        basic = base64.b64encode(f"{name}:{key}".encode()).decode()
        for header in (f"Basic {basic}", f"basic {basic}", f"Bearer {key}"):
            assert httpx.get(f"{peopled.url}/layers", headers={"Authorization": header}).status_code == 200
    headers = {"Authorization": f"Bearer {key}"}
    for path in ("/account", "/people"):
        assert httpx.get(peopled.url + path, headers=headers).status_code == 403
    assert httpx.post(f"{peopled.url}/account/keys", headers=headers, data={"days": "1"}).status_code == 403
    assert httpx.get(f"{peopled.url}/me", headers=headers).json()["token"] is None


@pytest.mark.parametrize(
    "header",
    ["Bearer", "Bearer x", "Basic", "Basic !!!", "Basic dmlld2VyOg==", "Digest x", "Bearer onomap_" + "A" * 43, "é"],
)
def test_what_is_no_key_opens_nothing(peopled: Town, header: str) -> None:
    raw = f"GET {TILE} HTTP/1.1\r\nHost: localhost\r\nAccept-Encoding: gzip\r\nAuthorization: {header}\r\n\r\n"
    for data in (raw.encode(), raw.encode("latin-1")):
        assert talk(port_of(peopled), data).startswith((b"HTTP/1.1 401 ", b"HTTP/1.1 400 "))


def test_a_wrong_key_beside_a_good_cookie_opens_nothing(viewer: Browser) -> None:
    assert viewer.http.get("/layers", headers={"Authorization": "Bearer x"}).status_code == 401


def test_a_password_is_no_key_and_a_session_is_none(viewer: Browser) -> None:
    session = viewer.http.cookies["onomap_session"]
    for secret in (PASSWORD, session, f"onomap_{session}"):
        basic = base64.b64encode(f"viewer:{secret}".encode()).decode()
        assert httpx.get(f"{viewer.origin}/layers", headers={"Authorization": f"Basic {basic}"}).status_code == 401


def test_a_role_removed_mid_session_ends_what_it_allowed_on_every_server(peopled: Town) -> None:
    new_person(peopled.store, "moved", "総務課", "viewer", "editor")
    browser = signed_in(peopled.url, "moved")
    own = {"Origin": browser.origin}
    place = peopled.add_shelter("直す").headers["location"]
    with running_town(peopled.store.database.url, peopled.store.settings.home) as second:
        servers = [browser.http, httpx.Client(base_url=second.url, cookies=dict(browser.http.cookies))]
        for server in servers:
            origin = {"Origin": str(server.base_url).rstrip("/")}
            named = {"properties": {"name": str(server.base_url)}}
            path = urlsplit(place).path
            assert server.patch(path, json=named, headers={**PATCH, **origin}).status_code == 200
            assert server.get(TILE).status_code == 200

        # by another process than either server
        transfer(peopled.store, "moved", Post("総務課", frozenset()))
        time.sleep(LONGEST_MEMORY_S)

        for server in servers:
            assert server.get(TILE).status_code == 404
            assert server.get("/layers").json()["layers"] == []
            assert server.patch(
                urlsplit(place).path, json={"properties": {}}, headers={**PATCH, **own}
            ).status_code in {403, 404}


def test_on_the_administrators_own_server_a_transfer_takes_effect_with_the_next_request(peopled: Town) -> None:
    new_person(peopled.store, "here", "総務課", "viewer")
    browser, boss = signed_in(peopled.url, "here"), signed_in(peopled.url, "boss")
    assert browser.http.get(TILE).status_code == 200
    answer = boss.send("/people", "/people/transfer", login="here", department="総務課", duty=[])
    assert answer.status_code == 200
    assert browser.http.get(TILE).status_code == 404


@pytest.mark.parametrize("short_way", [True, False])
def test_a_cached_private_tile_is_not_given_after_rights_were_withdrawn(peopled: Town, short_way: bool) -> None:
    login = f"tile-{short_way}".lower()
    new_person(peopled.store, login, "総務課", "viewer")
    http = with_key(peopled, login)
    line = http.headers["authorization"]
    raw = f"GET {TILE} HTTP/1.1\r\nHost: localhost\r\nAccept-Encoding: gzip\r\nAuthorization: {line}\r\n\r\n".encode()

    def asked(extra: bytes = b"") -> bytes:
        return talk(port_of(peopled), raw[:-2] + extra + b"\r\n", in_two_pieces=not short_way)

    for _ in range(3):
        first = asked()
    assert first.startswith(b"HTTP/1.1 200 ")
    head = first.partition(b"\r\n\r\n")[0].lower()
    assert b"cache-control: private, no-cache" in head
    assert b"vary: accept-encoding, authorization, cookie" in head
    tag = next(part.partition(b": ")[2] for part in head.split(b"\r\n") if part.startswith(b"etag"))
    assert asked(b"If-None-Match: " + tag + b"\r\n").startswith(b"HTTP/1.1 304 ")

    transfer(peopled.store, login, Post("総務課", frozenset()))
    time.sleep(LONGEST_MEMORY_S)
    for extra in (b"", b"If-None-Match: " + tag + b"\r\n"):
        assert asked(extra).startswith(b"HTTP/1.1 404 ")

    lock(peopled.store, login)
    time.sleep(LONGEST_MEMORY_S)
    assert asked().startswith(b"HTTP/1.1 401 ")


def test_an_open_stream_ends_when_its_session_does(peopled: Town) -> None:
    new_person(peopled.store, "listener", "総務課", "viewer")
    browser = signed_in(peopled.url, "listener")
    with browser.http.stream("GET", "/events") as events:
        lines = events.iter_lines()
        assert next(line for line in lines if line.startswith("event")) == "event: ready"
        leave_everywhere(peopled.store, person(peopled.store, "listener").id)
        time.sleep(LONGEST_MEMORY_S)
        peopled.add_shelter("その後")
        assert [line for line in lines if line.startswith("event: changed")] == []


def test_nobody_hears_of_changes_in_a_layer_that_is_not_there_for_them(peopled: Town) -> None:
    with with_key(peopled, "nothing").stream("GET", "/events") as events:
        lines = events.iter_lines()
        assert next(line for line in lines if line.startswith("event")) == "event: ready"
        peopled.add_shelter("知らせない")
        began = time.monotonic()
        heard = next(line for line in lines if line.startswith(("event", ":")))
        assert heard == ": "
        assert time.monotonic() - began > 5


def test_without_any_duty_nothing_is_there(peopled: Town) -> None:
    http = with_key(peopled, "nothing", *Verb)
    assert http.get("/layers").json()["layers"] == []
    assert http.get("/api/collections").json()["collections"] == []
    for address in ("/api/collections/shelters", TILE, "/tiles/shelters.json", "/parcels?q=1", "/search?q=a",
                    "/inquiries", "/inquiries?parcel=1",
                    "/rasters/elevation/value?lon=140.6&lat=37.2", "/api/collections/shelters/export?f=csv"):  # fmt: skip
        assert http.get(address).status_code == 404, address
    assert http.get("/loads").json() == {"loads": []}


def test_an_empty_policy_allows_nothing(new_town: Town) -> None:
    new_person(new_town.store, "viewer", "総務課", "viewer")
    with running_town(new_town.store.database.url, new_town.store.settings.home, policy="") as town:
        browser = signed_in(town.url, "viewer")
        assert browser.http.get("/layers").json()["layers"] == []
        assert browser.http.get(TILE).status_code == 404


def test_reading_is_no_right_to_edit_and_the_refusal_names_who_can_grant_it(peopled: Town) -> None:
    place = urlsplit(peopled.add_shelter("読むだけ").headers["location"]).path
    answer = with_key(peopled, "viewer", *Verb).patch(place, json={"properties": {"name": "x"}}, headers=PATCH)
    assert answer.status_code == 403
    assert "boss さん" in answer.json()["detail"]
    assert "指定避難所" in answer.json()["detail"]


def test_rows_that_a_load_did_not_take_are_for_who_may_edit_the_layer(peopled: Town) -> None:
    with peopled.store.database.transaction() as connection:
        row = connection.execute("SELECT id FROM onomap.loads WHERE layer = 'shelters' ORDER BY id LIMIT 1").fetchone()
    assert row is not None
    statuses = {login: with_key(peopled, login, *Verb).get(f"/loads/{row[0]}/rows.csv").status_code
                for login in ("editor", "viewer", "other", "nothing")}  # fmt: skip
    assert statuses == {"editor": 200, "viewer": 403, "other": 403, "nothing": 404}


def test_a_key_for_reading_edits_nothing_though_its_owner_may(peopled: Town) -> None:
    place = urlsplit(peopled.add_shelter("鍵").headers["location"]).path
    http = with_key(peopled, "editor", Verb.EXPORT)
    assert http.patch(place, json={"properties": {"name": "x"}}, headers=PATCH).status_code == 403
    assert http.get("/api/collections/shelters/export?f=csv").status_code == 200
    reading = with_key(peopled, "editor")
    for address in ("/api/collections/shelters/export?f=csv", "/api/collections/shelters/items?f=csv"):
        refused = reading.get(address)
        assert refused.status_code == 403
        assert "export" in refused.json()["detail"]
    edit = with_key(peopled, "editor", Verb.EDIT).patch(place, json={"properties": {"name": "x"}}, headers=PATCH)
    assert edit.status_code == 200
    versions = http.get(f"{place}/versions").json()["versions"]
    assert "editor さん（editor）" in str(versions)


@pytest.mark.parametrize("login", ["viewer", "editor", "other", "boss", "nothing"])
def test_the_matrix_of_posts_layers_and_verbs_over_http_is_the_policys(peopled: Town, login: str) -> None:
    http = with_key(peopled, login, *Verb)
    policy, post = peopled.store.policy, person(peopled.store, login).post
    shown = {entry["id"]: entry for entry in http.get("/layers").json()["layers"]}
    for name, layer in peopled.store.catalogue.items():
        seen = policy.seen(layer, post)
        assert (name in shown) == (seen is not None), name
        if layer.geometry is GeometryKind.RASTER:
            continue
        reading = http.get(f"/api/collections/{name}/schema")
        assert reading.status_code == (200 if seen else 404), name
        if seen is None:
            assert http.delete(f"/api/collections/{name}/items/999999", headers={"If-Match": "*"}).status_code == 404
            continue
        columns = {field["name"] for field in shown[name]["fields"]}
        assert columns == {field.name for field in seen.fields}
        assert columns <= set(reading.json()["properties"])
        may_edit, may_export = (bool(policy.classes(post, verb, layer)) for verb in (Verb.EDIT, Verb.EXPORT))
        editing = http.delete(f"/api/collections/{name}/items/999999", headers={"If-Match": "*"})
        assert editing.status_code == (404 if may_edit else 403), name
        exporting = http.get(f"/api/collections/{name}/export?f=csv")
        assert exporting.status_code == (200 if may_export else 403), name
