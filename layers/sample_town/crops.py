"""Crop plans of two years for the sample town's fields, and a base station's known point measured again: all made up."""

from datetime import datetime, timedelta
from itertools import cycle
from zoneinfo import ZoneInfo

from layers.store.editing.precondition import Precondition
from layers.store.instance import Store
from layers.store.load_register import SAMPLE_LOADER
from layers.store.rights.caller import Caller, Post, Verb
from layers.surveys.base_checks import CheckWanted, add_check
from layers.surveys.base_stations import TOWN, stations_of
from layers.surveys.crop_desk import CropDesk
from layers.surveys.crop_model import RTK, PlanWanted

TOKYO = ZoneInfo("Asia/Tokyo")
_CLERK = Caller(SAMPLE_LOADER, "見本 係（架空）", Post("産業振興課", frozenset({"viewer", "editor"})))
_PLANS: tuple[tuple[dict[str, object], ...], ...] = (
    ({"crop": "rice", "variety": "コシヒカリ"},),
    ({"crop": "rice", "variety": "天のつぶ"},),
    ({"crop": "feed_rice"},),
    ({"crop": "soybean"},),
    ({"crop": "buckwheat"},),
    ({"crop": "tobacco"},),
    ({"crop": "vegetables", "share": 0.4}, {"crop": "conserved"}),
    ({"crop": "wcs_rice"},),
    ({"crop": "rice", "share": 0.6, "variety": "ひとめぼれ"}, {"crop": "soybean"}),
    ({"crop": "forage"},),
    (),
    ({"crop": "fallow"},),
)
_DRIFT_MM = ((2, -3), (5, 1), (-4, 4), (3, 6), (1, -2), (6, 3))
"""East and north of the checks, two months apart."""


def install_plans(store: Store, year: int) -> None:
    """Last year's plans as done and this year's as planned, where the policy has editors of fields."""
    desk = CropDesk(store, _CLERK)
    if not store.policy.allows(_CLERK, Verb.EDIT, store.layer(RTK)):
        return
    for offset, state in ((1, "actual"), (0, "planned")):
        plans = cycle(_PLANS[offset:] + _PLANS[:offset])
        for one, parts in zip(desk.year(year - offset).fields, plans, strict=False):
            wanted = PlanWanted.model_validate({"parts": [{**part, "state": state} for part in parts]})
            desk.keep(one.ground.key, year - offset, Precondition(frozenset({one.plan.version})), wanted)
    _install_checks(store, desk)


def _install_checks(store: Store, desk: CropDesk) -> None:
    """Checks of the town's first station on a made-up point beside it."""
    station = next((one for one in stations_of(store, desk) if one.kind == TOWN), None)
    if station is None:
        return
    now = datetime.now(TOKYO).replace(microsecond=0)
    metre = 1 / 111_000
    for number, (east, north) in enumerate(_DRIFT_MM):
        wanted = CheckWanted.model_validate(
            {
                "measured_at": now - timedelta(days=60 * (len(_DRIFT_MM) - number)),
                "known_point": "見本の基準点（架空）",
                "epoch": "reference",
                "known": f"{station.lat + 0.01:.9f}, {station.lon:.9f}",
                "measured": f"{station.lat + 0.01 + north / 1000 * metre:.9f}, {station.lon + east / 800 * metre:.9f}",
                "sigma_m": 0.004,
                "fixes": 60,
                "receiver": "見本の受信機",
            }
        )
        add_check(store, desk, station.station_id, wanted)
