"""Stores that were opened with the staff side's login."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from layers.store.instance import Store, connect
from layers.store.rights.caller import Post
from layers.store.settings import load_settings

CLERK = Post("税務課", frozenset({"viewer", "ledger_reader"}))


@pytest.fixture
def open_again(
    make_database: Callable[..., str], migrated_template: str, tmp_path: Path
) -> Iterator[Callable[..., Store]]:
    """Opens the test's own database with the staff login, under the shipped policy or the text that is given."""
    url = make_database(template=migrated_template)
    home = tmp_path / "home"
    home.mkdir()
    opened: list[Store] = []

    def open_with(policy: str | None = None) -> Store:
        if policy is not None:
            (home / "policy.toml").write_text(policy, encoding="utf-8")
        opened.append(connect(load_settings(home), url, staff_login=True))
        return opened[-1]

    yield open_with
    for store in opened:
        store.close()
    shutil.rmtree(home)


@pytest.fixture
def staff_store(open_again: Callable[..., Store]) -> Store:
    """A store under the shipped policy."""
    return open_again()
