"""The first administrator and the demonstration's accounts."""

from dataclasses import replace

import pytest

from layers.accounts import signing_in
from layers.accounts.askers import asker_of_session
from layers.accounts.demo import PEOPLE, demo_accounts, make_demo_accounts
from layers.accounts.errors import AccountError, SignInError
from layers.accounts.first import first_link
from layers.accounts.keys import passing_key
from layers.accounts.links import choose_password, issue_link
from layers.accounts.persons import administrators, persons
from layers.accounts.sessions import Visit
from layers.accounts.tokens import digest
from layers.store.instance import Store
from layers.store.settings import Municipality

DESK = Visit("127.0.0.1", "")


def in_a_real_town(store: Store) -> Store:
    town = Municipality(fictitious=False)  # type: ignore[call-arg]
    return replace(store, settings=store.settings.model_copy(update={"municipality": town}))


def test_the_first_start_makes_one_administrator_whose_link_is_new_each_start_until_it_is_used(
    empty_store: Store,
) -> None:
    make_demo_accounts(empty_store)
    first, second = first_link(empty_store), first_link(empty_store)
    assert first is not None
    assert second is not None
    assert [one.login for one in administrators(empty_store) if one.demo_password is None] == ["admin"]
    choose_password(empty_store, second, "みかん つき 階段 きつね")
    assert first_link(empty_store) is None


def test_the_demonstration_has_one_marked_account_for_each_kind_of_post(empty_store: Store) -> None:
    make_demo_accounts(empty_store)
    make_demo_accounts(empty_store)
    shown = demo_accounts(empty_store)
    assert {one.login for one in shown} == {login for login, *_ in PEOPLE}
    assert all(one.name.endswith("（見本）") for one in shown)
    for one in shown:
        assert one.demo_password is not None
        signing_in.sign_in(empty_store, one.login, one.demo_password, DESK)


def test_in_a_real_town_the_demonstration_is_neither_made_nor_shown_nor_opens(empty_store: Store) -> None:
    make_demo_accounts(empty_store)
    one = demo_accounts(empty_store)[0]
    assert one.demo_password is not None
    token = signing_in.sign_in(empty_store, one.login, one.demo_password, DESK).token

    real = in_a_real_town(empty_store)

    assert demo_accounts(real) == []
    with pytest.raises(SignInError):
        signing_in.sign_in(real, one.login, one.demo_password, DESK)
    assert asker_of_session(real, digest(token)) is None


def test_nobody_makes_a_demonstrations_account_their_own(empty_store: Store) -> None:
    make_demo_accounts(empty_store)
    one = demo_accounts(empty_store)[-1]
    assert one.demo_password is not None
    with pytest.raises(AccountError, match="見本"):
        issue_link(empty_store, one.login)
    with pytest.raises(AccountError, match="見本"):
        signing_in.change_password(empty_store, (one.login, None), one.demo_password, "つき きつね 階段", "127.0.0.1")
    assert demo_accounts(empty_store)[-1] == one


def test_a_real_town_gets_no_demonstration(empty_store: Store) -> None:
    before = len(persons(empty_store))
    make_demo_accounts(in_a_real_town(empty_store))
    assert len(persons(empty_store)) == before


def test_the_key_of_a_check_leaves_nothing_behind(empty_store: Store) -> None:
    before = persons(empty_store)
    with passing_key(empty_store) as key:
        assert len(persons(empty_store)) == len(before) + 1
        assert key
    assert persons(empty_store) == before
