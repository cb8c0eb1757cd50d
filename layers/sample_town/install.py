"""Loads the sample town into an empty store, through the same loader as any town's files."""

from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from gis.crs import Datum
from gis.formats.town_names import TownName
from layers.ledgers.loading import ledger_named, load_ledger
from layers.sample_town import SampleFile, generate
from layers.sample_town.crops import TOKYO, install_plans
from layers.sample_town.ledgers import write_ledgers
from layers.sample_town.reference import oaza
from layers.store.audit.log import Who
from layers.store.instance import Store
from layers.store.load_register import SAMPLE_LOADER
from layers.store.loading.load import LoadRequest, load
from layers.store.loading.positions import Declared
from layers.store.place_readings import keep_readings
from layers.store.rasters import keep_raster

Tell = Callable[[str, float], None]
MAKING_SHARE = 0.6
"""Part of the whole time that making the files takes; the rest is loading them."""


def install(store: Store, tell: Tell, *, parcels: int = 60_000) -> None:
    """Make the sample town's files under HOME/sample and load them in order; `tell` hears what is done and the share."""
    folder = store.settings.home / "sample"
    files = generate(folder, parcels=parcels, progress=lambda what, share: tell(what, share * MAKING_SHARE))
    sizes = [max(_size(file.path), 1) for file in files]
    done = 0
    for file, size in zip(files, sizes, strict=True):
        tell(store.layer(file.layer).title, MAKING_SHARE + (1 - MAKING_SHARE) * done / sum(sizes))
        _load(store, file)
        done += size
    keep_readings(store.database, "見本の町", [TownName(place.name, "", kana=place.kana) for place in oaza()])
    _install_ledgers(store, folder)
    install_plans(store, datetime.now(TOKYO).year)
    tell("完了", 1.0)


def _install_ledgers(store: Store, folder: Path) -> None:
    """Made-up owners for every parcel that is loaded."""
    with store.database.transaction() as connection:
        parcels = connection.execute(
            "SELECT parcel_key, max(area_m2), min(land_category) FROM layers.cadastral "
            "WHERE parcel_key IS NOT NULL GROUP BY 1 ORDER BY 1"
        ).fetchall()
    for name, path in write_ledgers(parcels, folder).items():
        load_ledger(store, ledger_named(name), path, who=Who(SAMPLE_LOADER, SAMPLE_LOADER, origin="local"))


def _size(path: Path) -> int:
    return path.stat().st_size if path.is_file() else 1


def _load(store: Store, file: SampleFile) -> None:
    layer = store.layer(file.layer)
    if layer.geometry == "Raster":
        keep_raster(store, layer, file.path, data_date=file.data_date, loaded_by=SAMPLE_LOADER)
        return
    coverage, datum = file.options.get("coverage"), file.options.get("datum")
    request = LoadRequest(
        layer=layer,
        paths=(file.path,),
        mode="add" if file.options.get("add") else "replace",
        declared=Declared(datum=None if datum is None else Datum(str(datum))),
        data_date=file.data_date,
        coverage=None if coverage is None else Path(str(coverage)),
        loaded_by=SAMPLE_LOADER,
    )
    load(store.database, store.town, request)
