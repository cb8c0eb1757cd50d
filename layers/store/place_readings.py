"""How places are read: kept from the tables of names that are published, asked by every search."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from gis.errors import UnreadableFileError
from gis.parcel_numbers import oaza_name
from layers.store.database import Connection, Database
from layers.store.settings import Municipality

if TYPE_CHECKING:
    from gis.formats.town_names import TownName


@dataclass(frozen=True)
class ReadingsKept:
    """What became of a table: `read` = `kept` + `without_kana` + `elsewhere` (names of other municipalities)."""

    read: int
    kept: int
    without_kana: int
    elsewhere: int


def load_readings(database: Database, town: Municipality, path: Path) -> ReadingsKept:
    """Keep the readings of the town's names in a published table, in place of those of the table of the same name.

    Raises what `town_names.read` raises, and UnreadableFileError when no name of the town has a reading in it.
    """
    # the readers of tables take as much memory as the server; only a load needs them
    from gis.formats.town_names import read

    names = read(path)
    own = [name for name in names if name.municipality in (None, town.code)]
    said = [name for name in own if name.kana]
    if not said:
        raise UnreadableFileError(
            f"{path.name} に {town.name} の読みがありません。"
            "読み（カナ）のある町字の表（町字マスター、郵便番号など）を指定してください。"
        )
    keep_readings(database, path.name, said)
    return ReadingsKept(len(names), len(said), len(own) - len(said), len(names) - len(own))


def keep_readings(database: Database, source: str, names: "Iterable[TownName]") -> None:
    """Keep the readings of those names that have one, in place of all that the same source gave before."""
    rows = [(source, oaza_name(name.oaza or name.community), name.koaza, name.kana) for name in names if name.kana]
    with database.transaction() as connection:
        connection.execute("DELETE FROM onomap.place_readings WHERE source = %s", [source])
        with connection.cursor() as cursor:
            cursor.executemany(
                "INSERT INTO onomap.place_readings (source, oaza, koaza, kana) VALUES (%s, %s, %s, %s)", rows
            )


def oaza_readings(connection: Connection) -> dict[str, list[str]]:
    """By 大字, how it is read, in every way that a kept table gives."""
    rows = connection.execute(
        "SELECT DISTINCT oaza, kana FROM onomap.place_readings WHERE koaza = '' ORDER BY oaza, kana"
    ).fetchall()
    readings: dict[str, list[str]] = {}
    for oaza, kana in rows:
        readings.setdefault(oaza, []).append(kana)
    return readings


def latest_reading(connection: Connection) -> int:
    """The number of the newest reading, 0 without one: what was made of the readings holds until it changes."""
    row = connection.execute("SELECT coalesce(max(id), 0) FROM onomap.place_readings").fetchone()
    assert row is not None  # noqa: S101 - an aggregate always answers one row
    return int(row[0])
