"""`onomap account` and `onomap token` as the administrator of the machine uses them."""

import re

import pytest

from layers.accounts.askers import asker_of_key
from layers.accounts.links import choose_password
from layers.accounts.persons import person
from layers.accounts.tokens import digest
from layers.store.instance import Store
from layers.store.rights.caller import Post, Verb
from tests.api.test_command_line import Ran, onomap, refused


def told(ran: Ran) -> str:
    """What a command that went well printed."""
    assert ran.returncode == 0, ran.stderr
    return ran.stdout.strip()


def test_a_person_is_added_moved_shut_and_opened_again(empty_store: Store) -> None:
    arguments = ("add", "jiro", "小野 次郎", "--department", "税務課", "--duties", "viewer,editor")
    link = told(onomap(empty_store, "account", *arguments))
    choose_password(empty_store, link.rpartition("/")[2], "つき きつね 階段 みかん")
    assert person(empty_store, "jiro").post == Post("税務課", frozenset({"viewer", "editor"}))

    told(onomap(empty_store, "account", "transfer", "jiro", "--department", "総務課", "--duties", "viewer"))
    assert person(empty_store, "jiro").post == Post("総務課", frozenset({"viewer"}))
    told(onomap(empty_store, "account", "lock", "jiro"))
    assert person(empty_store, "jiro").locked_at is not None
    assert "停止中" in told(onomap(empty_store, "account", "list"))
    told(onomap(empty_store, "account", "unlock", "jiro"))
    assert person(empty_store, "jiro").locked_at is None
    assert "/login/link/" in told(onomap(empty_store, "account", "link", "jiro"))


def test_a_key_is_printed_once_and_bounded_as_asked(empty_store: Store) -> None:
    key = told(onomap(empty_store, "token", "tester", "--verbs", "read", "--days", "7"))
    assert re.fullmatch(r"onomap_[A-Za-z0-9_-]{43}", key)
    asker = asker_of_key(empty_store, digest(key))
    assert asker is not None
    assert asker.caller.verbs == {Verb.READ}


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("token", "nobody"), "いません"),
        (("token", "tester", "--verbs", "fly"), "--verbs"),
        (("token", "tester", "--days", "9999"), "366"),
        (("account", "add", "x", "名", "--department", "課", "--duties", "god"), "職務"),
        (("account", "link", "nobody"), "いません"),
    ],
)
def test_what_cannot_be_done_is_one_sentence(empty_store: Store, arguments: tuple[str, ...], said: str) -> None:
    assert said in refused(onomap(empty_store, *arguments))
