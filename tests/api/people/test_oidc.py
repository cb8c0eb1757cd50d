"""Signing in by the town's own service, against a real provider on this machine."""

import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from joserfc.jwk import OctKey, RSAKey

from layers.accounts.persons import add_person, lock, person, unlock
from layers.store.rights.caller import Post
from tests.api.conftest import Town, running_town
from tests.api.people.browser_like import Browser, new_browser
from tests.api.people.provider import CLIENT_ID, CLIENT_SECRET, Provider, running_provider

VIEWER = Post("総務課", frozenset({"viewer"}))


@pytest.fixture(scope="module")
def provider() -> Iterator[Provider]:
    with running_provider() as one:
        yield one


@pytest.fixture(scope="module")
def joined(
    provider: Provider,
    make_database: Callable[..., str],
    migrated_template: str,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Town]:
    """A town that knows the provider, with one person for whom it vouches and one who has a password here."""
    home: Path = tmp_path_factory.mktemp("oidc_home")
    (home / "onomap.toml").write_text(
        f'[oidc]\nissuer = "{provider.issuer}"\nclient_id = "{CLIENT_ID}"\nclient_secret = "{CLIENT_SECRET}"\n'
        'label = "役場の認証"\n',
        encoding="utf-8",
    )
    with running_town(make_database(template=migrated_template), home) as town:
        add_person(town.store, "hanako", "小野 花子", VIEWER, directory="oidc")
        add_person(town.store, "taro", "小野 太郎", VIEWER)
        yield town


def to_the_provider(browser: Browser, next_page: str = "/") -> str:
    """Where the browser is sent back after signing in at the provider."""
    away = browser.http.get("/login/oidc", params={"next": next_page})
    assert away.status_code == 303
    signed_in = httpx.get(away.headers["location"])
    assert signed_in.status_code == 302
    return str(signed_in.headers["location"])


def test_whom_the_service_vouches_for_comes_in_and_goes_where_they_wanted(joined: Town) -> None:
    browser = new_browser(joined.url)
    assert "役場の認証" in browser.page("/login").text
    entered = browser.http.get(to_the_provider(browser, "/api?f=html"))
    assert entered.status_code == 303
    assert entered.headers["location"] == "/api?f=html"
    assert browser.http.get("/me").json()["account"] == "hanako"
    # afterwards it is the subject that counts, whatever the service calls the person
    again = new_browser(joined.url)
    assert again.http.get(to_the_provider(again)).status_code == 303


def test_a_code_comes_back_once_and_only_with_the_browser_that_was_sent(joined: Town) -> None:
    browser, thief = new_browser(joined.url), new_browser(joined.url)
    address = to_the_provider(browser)
    assert thief.http.get(address).status_code == 401
    assert browser.http.get(address).status_code == 303
    assert browser.http.get(address).status_code == 401
    for odd in ("/login/oidc/back", "/login/oidc/back?state=x&code=y", "/login/oidc/back?error=access_denied"):
        assert new_browser(joined.url).http.get(odd).status_code == 401


def test_who_is_not_registered_here_stays_out_and_a_local_account_is_not_taken_over(
    joined: Town, provider: Provider
) -> None:
    for claimed in ("stranger", "taro", "tester"):
        provider.lies = {"sub": f"u-{claimed}", "preferred_username": claimed}
        browser = new_browser(joined.url)
        refused = browser.http.get(to_the_provider(browser))
        provider.lies = {}
        assert refused.status_code == 401
        assert "登録されていません" in refused.text
        assert browser.http.get("/me").status_code == 401


def test_a_locked_person_stays_out_though_the_service_vouches(joined: Town) -> None:
    assert person(joined.store, "hanako").directory == "oidc"
    lock(joined.store, "hanako")
    browser = new_browser(joined.url)
    assert browser.http.get(to_the_provider(browser)).status_code == 401
    unlock(joined.store, "hanako")


@pytest.mark.parametrize(
    "lies",
    [
        {"iss": "https://evil.example"},
        {"aud": "another"},
        {"nonce": "of another errand"},
        {"exp": int(time.time()) - 3_600},
    ],
)
def test_a_token_that_is_not_for_us_now_is_not_believed(joined: Town, provider: Provider, lies: dict[str, Any]) -> None:
    provider.lies = lies
    browser = new_browser(joined.url)
    refused = browser.http.get(to_the_provider(browser))
    provider.lies = {}
    assert refused.status_code == 401
    assert "onomap_session" not in browser.http.cookies


def test_a_token_signed_by_another_key_is_not_believed(joined: Town, provider: Provider) -> None:
    honest = provider.key
    for key, algorithm in (
        (RSAKey.generate_key(2048, parameters={"kid": "1"}), "RS256"),
        (OctKey.import_key(CLIENT_SECRET, {"kid": "1"}), "HS256"),
    ):
        provider.key, provider.algorithm = key, algorithm  # type: ignore[assignment]
        browser = new_browser(joined.url)
        refused = browser.http.get(to_the_provider(browser))
        provider.key, provider.algorithm = honest, "RS256"
        assert refused.status_code == 401
        assert "確かめられません" in refused.text


def test_a_service_that_is_silent_is_told_in_a_sentence(joined: Town, provider: Provider) -> None:
    issuer = provider.issuer
    provider.issuer = "http://127.0.0.1:1"
    refused = new_browser(joined.url).http.get("/login/oidc")
    provider.issuer = issuer
    assert refused.status_code == 401
    assert "認証基盤" in refused.text


def test_without_a_service_there_is_no_way_to_it(new_town: Town) -> None:
    browser = new_browser(new_town.url)
    assert browser.http.get("/login/oidc").status_code == 404
    assert browser.http.get("/login/oidc/back").status_code == 404
    assert "oidc" not in browser.page("/login").text
