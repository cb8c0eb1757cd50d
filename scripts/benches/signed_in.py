"""How benches come in: by a passing key of the store, under a policy of their own home that lets them do everything."""

import shutil
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from layers.accounts.keys import passing_key
from layers.store.instance import Store
from layers.store.rights.caller import EVERY_VERB
from layers.store.rights.policy import SHIPPED, TOWN_POLICY

EVERYTHING = """
[[duty]]
id = "bench"
label = "測定"

[[grant]]
duty = "bench"
verbs = ["read", "edit", "export"]
classes = ["public", "staff"]
layers = "all"
"""


def write_policy(home: Path) -> None:
    """The shipped policy and the duty of benches, in the home of the ground that they stand on."""
    home.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(SHIPPED, home / TOWN_POLICY)
    with (home / TOWN_POLICY).open("a", encoding="utf-8") as file:
        file.write(EVERYTHING)


HEADER: dict[str, str] = {}
"""What opens, while the ground is open: `urllib` sends it by itself, other clients are given it."""


@contextmanager
def signed_in(store: Store) -> Iterator[None]:
    """Fills `HEADER` until the block ends."""
    with passing_key(store, EVERY_VERB) as key:
        HEADER["Authorization"] = f"Bearer {key}"
        opener = urllib.request.build_opener()
        opener.addheaders = [*opener.addheaders, *HEADER.items()]
        urllib.request.install_opener(opener)
        try:
            yield
        finally:
            HEADER.clear()
            urllib.request.install_opener(urllib.request.build_opener())
