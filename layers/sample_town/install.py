"""Loads the sample town into an empty store, through the same loader as any town's files."""

from collections.abc import Callable
from pathlib import Path

from gis.crs import Datum
from layers.sample_town import SampleFile, generate
from layers.store.errors import StoreError
from layers.store.instance import Store
from layers.store.loading.load import LoadRequest, load
from layers.store.loading.positions import Declared
from layers.store.rasters import keep_raster

Tell = Callable[[str, float], None]
MAKING_SHARE = 0.4
"""Part of the whole time that making the files takes; the rest is loading them."""


def is_empty(store: Store) -> bool:
    """Whether nothing was ever loaded."""
    with store.database.transaction() as connection:
        row = connection.execute("SELECT NOT EXISTS (SELECT FROM onomap.loads)").fetchone()
    return row is not None and bool(row[0])


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
    tell("完了", 1.0)


def _size(path: Path) -> int:
    return path.stat().st_size if path.is_file() else 1


def _load(store: Store, file: SampleFile) -> None:
    layer = store.layer(file.layer)
    if layer.geometry == "Raster":
        keep_raster(store, layer, file.path, data_date=file.data_date)
        return
    coverage, datum = file.options.get("coverage"), file.options.get("datum")
    request = LoadRequest(
        layer=layer,
        paths=(file.path,),
        mode="add" if file.options.get("add") else "replace",
        declared=Declared(datum=None if datum is None else Datum(str(datum))),
        data_date=file.data_date,
        coverage=None if coverage is None else Path(str(coverage)),
        loaded_by="見本の町",
    )
    load(store.database, store.town, request)


def an_interesting_parcel(store: Store) -> str:
    """The key of a parcel on which a landslide zone lies, or of any parcel: what `scripts/start --check` asks about."""
    with store.database.transaction() as connection:
        row = connection.execute(
            "SELECT c.parcel_key FROM layers.landslide l JOIN layers.cadastral c ON ST_Intersects(l.geom, c.geom) "
            "WHERE NOT coalesce(c.undetermined, false) ORDER BY c.fid LIMIT 1"
        ).fetchone()
        row = row or connection.execute("SELECT parcel_key FROM layers.cadastral ORDER BY fid LIMIT 1").fetchone()
    if row is None:
        raise StoreError("地番図が読み込まれていません。`onomap load cadastral ファイル` で読み込んでください。")
    return str(row[0])
