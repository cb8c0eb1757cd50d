"""A town with two farmers, a clerk who looks after fields, and one who only looks on; and one with crops and stations."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from uuid import UUID, uuid4

import pytest

from gis.positioning.model import Epoch, FixQuality, Station, SurveyedBoundary, Vertex
from layers.store.catalogue import load_catalogue
from layers.store.database import Database
from layers.store.instance import Store, connect
from layers.store.rights.caller import Caller, Post
from layers.store.rights.policy import load_policy
from layers.store.settings import load_settings
from layers.surveys.fields import Keeping, StoredField, Survey, keep_field
from tests.layers.surveys.crop_samples import fill
from tests.signing import write_policy

FARMER = Post("農業者", frozenset({"farmer"}))
SATO = Caller("sato", "佐藤 架空", FARMER)
SUZUKI = Caller("suzuki", "鈴木 架空", FARMER)
CLERK = Caller("nosei", "農政 係", Post("産業振興課", frozenset({"viewer", "editor"})))
VIEWER = Caller("chomin", "町民 係", Post("町民生活課", frozenset({"viewer"})))
NOBODY = Caller("dare", "誰か", Post("総務課", frozenset({"administrator"})))
STATION = Station("見本基準局（架空）", "ONO1", "JGD2011", Epoch.REFERENCE, "試験受信機")
DEVICE = UUID("00000000-0000-4000-8000-00000000d0d0")


@dataclass(frozen=True)
class Town:
    """The whole store; each asker works as their post's own role."""

    store: Store

    def of(self, caller: Caller) -> Store:
        return self.store.seen_by(caller.post)


@pytest.fixture(scope="module")
def town(
    make_database: Callable[..., str], migrated_template: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Town]:
    folder: Path = tmp_path_factory.mktemp("surveys")
    store = connect(load_settings(folder), make_database(template=migrated_template), staff_login=True)
    yield Town(store)
    store.close()


def square(
    x: float = 55_000.0, y: float = 143_000.0, side: float = 40.0, sigma: float = 0.015, hole: bool = False
) -> SurveyedBoundary:
    """A field of `side` metres in the town's plane, the third corner of which is less sure."""
    corners = ((0, 0), (side, 0), (side, side), (0, side))
    outer = [Vertex(x + east, y + north, sigma, FixQuality.RTK_FIXED, 30) for east, north in corners]
    outer[2] = Vertex(outer[2].x, outer[2].y, sigma * 2, FixQuality.RTK_FLOAT, 12)
    inner = [Vertex(x + 10 + east / 8, y + 10 + north / 8, sigma, FixQuality.RTK_FIXED, 30) for east, north in corners]
    return SurveyedBoundary(tuple(outer), (tuple(inner),) if hole else (), 6677)


def keep(town: Town, caller: Caller, field_id: str, boundary: SurveyedBoundary, name: str = "前の田") -> StoredField:
    survey = Survey(name, date(2026, 7, 1), STATION)
    keeping = Keeping(survey, boundary, field_id, owner=None if caller is CLERK else caller.account)
    return keep_field(town.store, caller, None, keeping, None)[0]


def session_record(identifier: UUID | None = None, **more: object) -> dict[str, object]:
    return {
        "id": str(identifier or uuid4()),
        "kind": "session",
        "started_at": "2026-07-01T09:00:00+09:00",
        "field_name": "前の田",
        "station": {
            "base_station": "見本基準局（架空）",
            "mount_point": "ONO1",
            "datum": "JGD2011",
            "epoch": "reference",
            "receiver": "試験受信機",
        },
        "antenna_height_m": 2.0,
        "claimed_fix": False,
        **more,
    }


def corner_record(session: object, order: int, identifier: UUID | None = None, **more: object) -> dict[str, object]:
    return {
        "id": str(identifier or uuid4()),
        "kind": "corner",
        "session": str(session),
        "ring": 0,
        "order": order,
        "at": "2026-07-01T09:01:00+09:00",
        "note": "",
        "source": "nmea",
        "fixes": [
            {
                "at": "2026-07-01T00:01:00Z",
                "lon": 140.62 + order * 1e-4,
                "lat": 37.28,
                "quality": 4,
                "accuracy_m": 0.014,
            }
        ],
        **more,
    }


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
