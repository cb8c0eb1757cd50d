"""How tests come in: one account with one key in every store that is served, under a policy that lets it do everything.

It is a key like any other, kept by the store's own function; the product has no way in for tests.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

from layers.accounts.keys import keep_key, new_key
from layers.accounts.persons import add_person
from layers.store.instance import Store
from layers.store.rights.caller import EVERY_VERB, Post
from layers.store.rights.policy import SHIPPED, TOWN_POLICY

KEY = new_key()
SIGNED = {"Authorization": f"Bearer {KEY}"}
SIGNED_TEXT = f"Authorization: Bearer {KEY}\r\n"
"""The same as a line of a request."""
SIGNED_LINE = SIGNED_TEXT.encode()
LOGIN = "tester"
NAME = "試験 係"
POST = Post("総務課", frozenset({"everything"}))
EVERYTHING = """
[[duty]]
id = "everything"
label = "試験"

[[grant]]
duty = "everything"
verbs = ["read", "edit", "export", "approve"]
classes = ["public", "staff"]
layers = "all"
"""


def let_tests_in(store: Store) -> None:
    """Make the account and its key; the store's home must have the policy (`write_policy`) before a server opens it."""
    add_person(store, LOGIN, NAME, POST)
    keep_key(store, LOGIN, "試験", EVERY_VERB, timedelta(days=1), KEY)


SHIPPED_AND_TESTS = SHIPPED.read_text(encoding="utf-8") + EVERYTHING


def write_policy(home: Path, text: str = SHIPPED_AND_TESTS) -> None:
    """Give a store's home a policy of its own: the shipped one, and the tests' duty."""
    home.mkdir(exist_ok=True, parents=True)
    (home / TOWN_POLICY).write_text(text, encoding="utf-8")


@contextmanager
def signed_urlopen() -> Iterator[None]:
    """Lets `urllib.request.urlopen` show the key, as an opener of its own does."""
    import urllib.request

    opener = urllib.request.build_opener()
    opener.addheaders = [*opener.addheaders, *SIGNED.items()]
    urllib.request.install_opener(opener)
    try:
        yield
    finally:
        urllib.request.install_opener(urllib.request.build_opener())
