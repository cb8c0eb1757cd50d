"""Accounts of the demonstration: one for each kind of post, clearly marked, and shut once a town is no sample any more."""

import secrets

from layers.accounts.passwords import hashed
from layers.accounts.persons import Person, add_person, persons
from layers.store.instance import Store
from layers.store.rights.caller import Post

MARK = "（見本）"
PEOPLE = (
    ("mihon-view", "閲覧 花子", "町民生活課", ("viewer",)),
    ("mihon-zeimu", "税務 太郎", "税務課", ("viewer", "editor", "ledger_reader")),
    ("mihon-seibi", "整備 次郎", "地域整備課", ("viewer", "editor")),
    ("mihon-kacho", "整備 課長", "地域整備課", ("viewer", "approver")),
    ("mihon-bosai", "防災 三郎", "総務課", ("viewer", "disaster")),
    ("mihon-admin", "管理 一郎", "総務課", ("viewer", "administrator")),
    ("mihon-nosei", "農政 四郎", "産業振興課", ("viewer", "editor")),
    ("mihon-farmer", "農家 五郎", "農業者", ("farmer",)),
    ("mihon-farmer2", "農家 六子", "農業者", ("farmer",)),
)
_LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"


def make_demo_accounts(store: Store) -> None:
    """Make those that are not there, each with a password of this instance alone."""
    if not store.town.fictitious:
        return
    there = {one.login for one in persons(store)}
    for login, name, department, duties in PEOPLE:
        known = frozenset(duties) & store.policy.duties.keys()
        if login in there or not known:
            continue
        someone = add_person(store, login, f"{name}{MARK}", Post(department, known))
        password = "mihon-" + "-".join("".join(secrets.choice(_LETTERS) for _ in range(4)) for _ in range(3))
        with store.database.transaction() as connection:
            connection.execute(
                "UPDATE people.accounts SET password_hash = %s, demo_password = %s WHERE id = %s",
                [hashed(password), password, someone.id],
            )


def demo_accounts(store: Store) -> list[Person]:
    """The demonstration's accounts with the passwords that the login page shows; none in a real town."""
    if not store.town.fictitious:
        return []
    return [one for one in persons(store) if one.demo_password is not None and one.locked_at is None]
