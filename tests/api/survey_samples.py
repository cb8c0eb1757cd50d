"""A town hall with farmers: who they are, their keys, and a survey of a field as a phone sends it."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from uuid import uuid4

import numpy as np
from fastapi import FastAPI
from fastapi.testclient import TestClient

from api.staff.app import create_app
from gis.crs import Grids, plan
from layers.accounts.keys import keep_key, new_key
from layers.accounts.persons import add_person
from layers.store.instance import Store
from layers.store.rights.caller import EVERY_VERB, Post

FARMERS = ("sato", "suzuki")
PEOPLE = {
    "sato": Post("農業者", frozenset({"farmer"})),
    "suzuki": Post("農業者", frozenset({"farmer"})),
    "nosei": Post("産業振興課", frozenset({"viewer", "editor"})),
    "chomin": Post("町民生活課", frozenset({"viewer"})),
    "kanri": Post("総務課", frozenset({"administrator"})),
}
DEVICE = "00000000-0000-4000-8000-00000000d0d0"
CORNERS = ((0.0, 0.0), (40.0, 0.0), (40.0, 30.0), (0.0, 30.0))


@dataclass
class Farms:
    """The application over a store, and a client for each person."""

    store: Store
    app: FastAPI
    http: dict[str, TestClient] = field(default_factory=dict)

    @classmethod
    def over(cls, store: Store) -> "Farms":
        farms = cls(store, create_app(store))
        for login, post in PEOPLE.items():
            add_person(store, login, f"{login} さん", post)
            key = new_key()
            keep_key(store, login, "試験", EVERY_VERB, timedelta(days=1), key)
            farms.http[login] = farms.client(Authorization=f"Bearer {key}")
        return farms

    def client(self, **headers: str) -> TestClient:
        return TestClient(self.app, raise_server_exceptions=False, headers=headers, follow_redirects=False)


def degrees(places: Sequence[tuple[float, float]], origin: tuple[float, float]) -> list[tuple[float, float]]:
    x, y = (np.array([place[axis] + origin[axis] for place in places]) for axis in (0, 1))
    lon, lat, _ = plan(6677, 6668, Grids()).move(x, y)
    return list(zip(lon.tolist(), lat.tolist(), strict=True))


def survey(
    origin: tuple[float, float] = (55_000.0, 143_000.0),
    places: Sequence[tuple[float, float]] = CORNERS,
    **more: object,
) -> tuple[str, dict[str, object]]:
    """The id of a session, and the body that sends it with a corner for each place."""
    session = str(uuid4())
    head = {
        "id": session,
        "kind": "session",
        "started_at": "2026-07-01T09:00:00+09:00",
        "field_name": "前の田",
        "station": {
            "base_station": "見本基準局",
            "mount_point": "",
            "datum": "JGD2011",
            "epoch": "reference",
            "receiver": "",
        },
        "antenna_height_m": 2.0,
        "claimed_fix": False,
        **more,
    }
    corners = [
        {
            "id": str(uuid4()),
            "kind": "corner",
            "session": session,
            "ring": 0,
            "order": order,
            "at": f"2026-07-01T00:{order:02}:10Z",
            "note": "",
            "source": "nmea",
            "fixes": [
                {
                    "at": f"2026-07-01T00:{order:02}:{second:02}Z",
                    "lon": lon,
                    "lat": lat,
                    "quality": 4,
                    "accuracy_m": 0.014,
                }
                for second in range(5)
            ],
        }
        for order, (lon, lat) in enumerate(degrees(places, origin))
    ]
    return session, {"device": DEVICE, "records": [head, *corners]}
