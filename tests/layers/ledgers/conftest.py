"""A store with ledgers of a few parcels, opened with the staff side's login."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from layers.ledgers.loading import ledger_named, load_ledger
from layers.store.instance import Store, connect
from layers.store.settings import load_settings

OWNERS = """地番キー,順位,所有者,住所,持分,登記原因
小野新町/字舘廻/1,1,架空 太郎,福島県田村郡小野町大字架空1,2分の1,相続
小野新町/字舘廻/1,2,架空 花子,福島県田村郡小野町大字架空1,2分の1,相続
飯豊//2,1,見本農産株式会社,福島県田村郡小野町大字見本2,,売買
"""
TAXES = """地番キー,年度,課税地目,課税地積,評価額,課税標準額
小野新町/字舘廻/1,2026,宅地,330.57,4500000,750000
"""


def write(folder: Path, name: str, text: str) -> Path:
    """A file of that text."""
    file = folder / name
    file.write_text(text, encoding="utf-8")
    return file


@pytest.fixture
def ledger_store(make_database: Callable[..., str], migrated_template: str, tmp_path: Path) -> Iterator[Store]:
    """Both ledgers, of two parcels."""
    home = tmp_path / "home"
    home.mkdir()
    store = connect(load_settings(home), make_database(template=migrated_template), staff_login=True)
    load_ledger(store, ledger_named("land_owners"), write(tmp_path, "owners.csv", OWNERS))
    load_ledger(store, ledger_named("land_taxes"), write(tmp_path, "taxes.csv", TAXES))
    yield store
    store.close()
