"""The first administrator of an instance, who comes in by a one-time link that only the starting terminal shows."""

from layers.accounts.links import issue_link
from layers.accounts.persons import ADMINISTRATOR, add_person, persons
from layers.store.instance import Store
from layers.store.rights.caller import Post

LOGIN = "admin"


def first_link(store: Store) -> str | None:
    """The secret of a link for the first administrator; None once somebody who is no demonstration can administer.

    Makes the account on the first start; as long as its link was not used, every start makes a new one and ends the old.
    """
    real = [one for one in persons(store) if one.is_administrator and one.demo_password is None]
    if any(one.has_password or one.directory != "local" for one in real):
        return None
    if not any(one.login == LOGIN for one in real):
        add_person(store, LOGIN, "システム管理者", Post("総務課", frozenset({"viewer", ADMINISTRATOR})))
    return issue_link(store, LOGIN)
