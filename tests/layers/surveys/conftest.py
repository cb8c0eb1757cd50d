"""Stores with fields for the tests of crop plans and base stations."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from layers.store.catalogue import load_catalogue
from layers.store.database import Database
from layers.store.instance import Store
from layers.store.rights.policy import load_policy
from layers.store.settings import load_settings
from tests.layers.surveys.crop_samples import fill
from tests.signing import write_policy


@pytest.fixture(scope="module")
def fields_database(
    make_database: Callable[..., str], migrated_template: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Store]:
    """One store of fields for a file."""
    home: Path = tmp_path_factory.mktemp("fields_home")
    settings = load_settings(home)
    write_policy(settings.home)
    database = Database.open(make_database(template=migrated_template), size=3)
    store = Store(settings, load_catalogue(), database, load_policy(settings.home))
    fill(store)
    yield store
    database.close()


@pytest.fixture
def fields_store(fields_database: Store) -> Store:
    """The same without any plan or check."""
    with fields_database.database.transaction() as connection:
        connection.execute("TRUNCATE onomap.crop_plans, onomap.base_checks")
    return fields_database
