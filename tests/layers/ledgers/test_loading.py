"""A ledger's file in: all of it or nothing, and no マイナンバー."""

from pathlib import Path

import pytest

from layers.ledgers.errors import UnknownLedgerError
from layers.ledgers.loading import ledger_named, load_ledger
from layers.store.errors import LoadRefusedError
from layers.store.instance import Store
from tests.layers.ledgers.conftest import OWNERS, write


def owners(store: Store) -> list[tuple[object, ...]]:
    with store.database.transaction() as connection:
        return connection.execute("SELECT parcel_key, owner_name FROM ledgers.land_owners ORDER BY id").fetchall()


def test_a_new_file_takes_the_place_of_the_old_and_is_logged(ledger_store: Store, tmp_path: Path) -> None:
    file = write(tmp_path, "new.csv", "大字,字,地番,氏名\n大字小野新町,字舘廻,1番,見本 次郎\n飯豊,,2-1,見本 三郎\n")
    report = load_ledger(ledger_store, ledger_named("land_owners"), file)
    assert (report.read, report.loaded, report.rejected) == (2, 2, [])
    assert owners(ledger_store) == [("小野新町/舘廻/1", "見本 次郎"), ("飯豊//2-1", "見本 三郎")]
    with ledger_store.database.transaction() as connection:
        logged = connection.execute(
            "SELECT subject, note, count FROM audit.log WHERE action = 'ledger.load' ORDER BY seq DESC LIMIT 1"
        ).fetchone()
    assert logged == ("land_owners", "new.csv", 2)


@pytest.mark.parametrize(
    ("text", "word"),
    [
        (OWNERS.replace("持分", "個人番号"), "マイナンバー"),
        (OWNERS.replace("2分の1", "123456789018", 1).replace("2分の1", "9876-5432-1093"), "12桁"),
        ("所有者\n架空 太郎\n", "地番"),
        ("地番キー,面積\na/b/1,3\n", "列が一つもありません"),
        ("地番キー,所有者\n,架空 太郎\n", "取り込める行"),
    ],
)
def test_a_file_that_is_refused_leaves_the_ledger_as_it_was(
    ledger_store: Store, tmp_path: Path, text: str, word: str
) -> None:
    before = owners(ledger_store)
    with pytest.raises(LoadRefusedError, match=word):
        load_ledger(ledger_store, ledger_named("land_owners"), write(tmp_path, "bad.csv", text))
    assert owners(ledger_store) == before


def test_a_ledger_that_is_none_is_told_with_those_that_are() -> None:
    with pytest.raises(UnknownLedgerError, match="land_owners"):
        ledger_named("cadastral")
