"""One's own account and the administrator's page, used as a browser uses them."""

import re
import time

import httpx
import pyotp
import pytest

from layers.accounts.links import issue_link
from layers.accounts.persons import person
from layers.store.rights.caller import Post
from tests.api.conftest import Town
from tests.api.people.browser_like import PASSWORD, Browser, new_browser, new_person, secret_in, signed_in

ANOTHER = "another good one 42"


@pytest.fixture(scope="module")
def boss(town: Town) -> Browser:
    new_person(town.store, "boss", "総務課", "viewer", "administrator")
    return signed_in(town.url, "boss")


def link_in(text: str) -> str:
    found = re.search(r"/login/link/[A-Za-z0-9_-]{43}", text)
    assert found is not None
    return found.group()


def test_an_administrator_adds_a_person_who_chooses_a_password_and_comes_in(town: Town, boss: Browser) -> None:
    added = boss.send(
        "/people", "/people/add", login="jiro", name="小野 次郎", department="税務課", duty=["viewer", "editor"]
    )
    assert "小野 次郎 を加えました" in added.text
    link = link_in(boss.send("/people", "/people/link", login="jiro").text)
    newcomer = new_browser(town.url)
    page = newcomer.page(link)
    assert 'autocomplete="new-password"' in page.text
    refused = newcomer.send(link, link, password="password1")
    assert refused.status_code == 422
    assert "推測" in refused.text
    assert newcomer.send(link, link, password=PASSWORD).headers["location"] == "/login"
    assert newcomer.page(link).status_code == 410
    assert newcomer.sign_in("jiro").status_code == 303
    told = newcomer.http.get("/me").json()
    assert (told["name"], told["department"], told["administrator"]) == ("小野 次郎", "税務課", False)
    assert "edit" in told["verbs"]["cadastral"]
    assert "edit" not in told["verbs"]["roads"]


def test_only_an_administrator_reaches_the_administration(town: Town, boss: Browser) -> None:
    new_person(town.store, "plain", "総務課", "viewer")
    plain = signed_in(town.url, "plain")
    for path in ("/people", "/people/"):
        assert plain.page(path).status_code in {403, 307, 404}
    own = {"Origin": plain.origin}
    token = re.search(r'name="token" value="(\w+)"', plain.page("/account").text)
    assert token is not None
    for action in ("add", "transfer", "lock", "unlock", "lift", "no-totp", "leave", "link", "nothing"):
        data = {"token": token[1], "login": "plain", "department": "総務課", "duty": "administrator"}
        assert plain.http.post(f"/people/{action}", data=data, headers=own).status_code == 403
    assert person(town.store, "plain").post == Post("総務課", frozenset({"viewer"}))
    assert boss.send("/people", "/people/nothing", login="plain").status_code == 400


def test_whoever_changes_people_posts_or_keys_is_in_the_log(town: Town, boss: Browser) -> None:
    new_person(town.store, "shiro", "総務課", "viewer")
    boss.send("/people", "/people/transfer", login="shiro", department="地域整備課", duty=["viewer"])
    boss.send("/people", "/people/lock", login="shiro")
    boss.send("/people", "/people/lock", login="nobody-of-that-name")
    with town.store.database.transaction() as connection:
        told = connection.execute(
            "SELECT account, subject, note, origin FROM audit.log WHERE action = 'people.change' ORDER BY seq DESC LIMIT 2"
        ).fetchall()
    assert told == [
        ("boss", "shiro", "停止した（地域整備課: viewer）", "127.0.0.1"),
        ("boss", "shiro", "所属と職務を変えた（地域整備課: viewer）", "127.0.0.1"),
    ]


def test_an_administrator_transfers_locks_and_unlocks(town: Town, boss: Browser) -> None:
    new_person(town.store, "saburo", "総務課", "viewer")
    saburo = signed_in(town.url, "saburo")
    boss.send("/people", "/people/transfer", login="saburo", department="地域整備課", duty=["viewer", "approver"])
    assert saburo.http.get("/me").json()["department"] == "地域整備課"
    boss.send("/people", "/people/lock", login="saburo")
    assert saburo.http.get("/me").status_code == 401
    assert saburo.sign_in("saburo").status_code == 401
    boss.send("/people", "/people/unlock", login="saburo")
    assert saburo.sign_in("saburo").status_code == 303


@pytest.mark.parametrize(
    ("action", "fields", "said"),
    [
        ("add", {"login": "X Y", "name": "x", "department": "総務課"}, "英小文字"),
        ("add", {"login": "boss", "name": "x", "department": "総務課"}, "もういます"),
        ("add", {"login": "new", "name": "", "department": "総務課"}, "氏名"),
        ("add", {"login": "new", "name": "x", "department": ""}, "課の名前"),
        ("add", {"login": "new", "name": "x", "department": "総務課", "duty": "god"}, "職務「god」"),
        ("lock", {"login": "nobody"}, "いません"),
        ("lock", {"login": "boss"}, "最後のシステム管理者"),
        ("transfer", {"login": "boss", "department": "総務課", "duty": "viewer"}, "最後のシステム管理者"),
    ],
)
def test_what_cannot_be_done_is_one_sentence_on_the_page(
    boss: Browser, action: str, fields: dict[str, str], said: str
) -> None:
    answer = boss.send("/people", f"/people/{action}", **fields)
    assert 400 <= answer.status_code < 500
    assert said in answer.text
    assert "Traceback" not in answer.text


def test_a_name_is_only_ever_text(town: Town, boss: Browser) -> None:
    boss.send(
        "/people", "/people/add", login="markup", name="<script>alert(1)</script>", department="<b>課</b>", duty=[]
    )
    page = boss.page("/people").text
    assert "<script>alert" not in page
    assert "<b>課" not in page


def test_a_person_enrols_a_second_factor_and_needs_it_from_then_on(town: Town) -> None:
    new_person(town.store, "totp", "総務課", "viewer")
    browser = signed_in(town.url, "totp")
    assert browser.send("/account", "/account/totp/offer", password="wrong").status_code == 401
    offered = browser.send("/account", "/account/totp/offer", password=PASSWORD)
    assert "data:image/svg+xml" in offered.text
    secret = re.search(r"<code>([A-Z2-7]{32})</code>", offered.text)
    assert secret is not None
    totp = pyotp.TOTP(secret[1])
    assert browser.send("/account", "/account/totp/confirm", code="000000").status_code == 401
    confirmed = browser.send("/account", "/account/totp/confirm", code=totp.now())
    codes = re.findall(r"<li><code>([\w-]+)</code>", confirmed.text)
    assert len(codes) == 8

    again = new_browser(town.url)
    half = again.sign_in("totp")
    assert half.status_code == 200
    assert 'autocomplete="one-time-code"' in half.text
    assert again.http.get("/me").status_code == 401
    token = re.search(r'name="token" value="(\w+)"', half.text)
    assert token is not None
    own = {"Origin": again.origin}
    # the code that confirmed is used up
    used = again.http.post("/login/code", data={"token": token[1], "code": totp.at(time.time())}, headers=own)
    assert used.status_code == 401
    entered = again.http.post("/login/code", data={"token": token[1], "code": codes[0], "next": "/api"}, headers=own)
    assert entered.status_code == 303
    assert entered.headers["location"] == "/api"
    assert again.http.get("/me").json()["account"] == "totp"
    assert again.send("/account", "/account/totp/remove", password=PASSWORD).status_code == 200
    assert new_browser(town.url).sign_in("totp").status_code == 303


def test_a_person_changes_the_password_and_the_other_screens_end(town: Town) -> None:
    new_person(town.store, "change", "総務課", "viewer")
    here, there = signed_in(town.url, "change"), signed_in(town.url, "change")
    assert here.send("/account", "/account/password", old="wrong", new=ANOTHER).status_code == 401
    assert here.send("/account", "/account/password", old=PASSWORD, new="short").status_code == 422
    assert here.send("/account", "/account/password", old=PASSWORD, new=ANOTHER).status_code == 200
    assert here.http.get("/me").status_code == 200
    assert there.http.get("/me").status_code == 401
    assert new_browser(town.url).sign_in("change").status_code == 401
    assert new_browser(town.url).sign_in("change", ANOTHER).status_code == 303


def test_a_person_sees_and_ends_sessions_and_keys_and_only_their_own(town: Town) -> None:
    new_person(town.store, "mine", "総務課", "viewer")
    new_person(town.store, "theirs", "総務課", "viewer")
    mine, also_mine, theirs = (signed_in(town.url, login) for login in ("mine", "mine", "theirs"))
    key = secret_in(theirs.send("/account", "/account/keys", label="q", verb=["read"], days="7").text)
    with town.store.database.transaction() as connection:
        ids = connection.execute(
            "SELECT s.id FROM people.sessions s JOIN people.accounts a ON a.id = s.account_id WHERE login = 'theirs'"
        ).fetchall()
        keys = connection.execute("SELECT max(id) FROM people.keys").fetchall()
    mine.send("/account", "/account/sessions/end", session=str(ids[0][0]))
    mine.send("/account", "/account/keys/revoke", key=str(keys[0][0]))
    assert theirs.http.get("/me").status_code == 200
    assert httpx.get(f"{town.url}/me", headers={"Authorization": f"Bearer {key}"}).status_code == 200

    other = re.search(r'name="session" value="(\d+)"', mine.page("/account").text)
    assert other is not None
    mine.send("/account", "/account/sessions/end", session=other[1])
    assert also_mine.http.get("/me").status_code == 401
    theirs.send("/account", "/account/keys/revoke", key=str(keys[0][0]))
    assert httpx.get(f"{town.url}/me", headers={"Authorization": f"Bearer {key}"}).status_code == 401


def test_a_link_is_for_who_has_it_and_looking_does_not_use_it_up(town: Town) -> None:
    new_person(town.store, "lost", "総務課", "viewer")
    token = issue_link(town.store, "lost")
    for _ in range(3):
        assert new_browser(town.url).page(f"/login/link/{token}").status_code == 200
    assert new_browser(town.url).page("/login/link/" + "A" * 43).status_code == 410
    assert new_browser(town.url).page("/login/link/x").status_code == 410


def test_no_page_of_people_may_be_kept_or_framed(town: Town, boss: Browser) -> None:
    for path in ("/login", "/account", "/people"):
        headers = boss.page(path).headers
        assert "no-store" in headers["cache-control"]
        assert "frame-ancestors 'none'" in headers["content-security-policy"]
        assert headers["referrer-policy"] == "same-origin"
