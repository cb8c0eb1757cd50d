"""国土数値情報 as it ships: zipped or bare Shapefiles in CP932, with and without .shx, .prj and .cpg, under the official codes."""

import zipfile
from collections.abc import Callable
from pathlib import Path

import geopandas as gpd
import pytest
import shapely

from gis.errors import MissingCrsError
from layers.store.instance import Store
from layers.store.loading.load import LoadRequest, load
from layers.store.loading.positions import Declared

ZONE = shapely.box(140.60, 37.27, 140.61, 37.28)
POINT = shapely.Point(140.62, 37.28)
# series → layer, one row as the series writes it, its shape, and a column of the layer with the value it must get
SERIES: dict[str, tuple[str, dict[str, object], shapely.Geometry, tuple[str, object]]] = {
    "A33": (
        "landslide",
        {"A33_001": 2, "A33_002": 2, "A33_003": "07", "A33_004": "522-1", "A33_005": "見本沢", "A33_006": "小野町",
         "A33_007": "9999/1/1", "A33_008": 0},
        ZONE,
        ("zone_name", "見本沢"),
    ),
    "A31a": (
        "flood",
        {"A31a_201": "8202010001", "A31a_202": "夏井川", "A31a_203": "82", "A31a_204": "福島県", "A31a_205": 3},
        ZONE,
        ("depth_rank", 3),
    ),
    "P20": (
        "shelters",
        {"P20_001": "07522", "P20_002": "見本体育館", "P20_003": "小野町", "P20_004": "指定避難所", "P20_005": -1,
         "P20_006": -1, "P20_007": 1, "P20_008": 0, "P20_009": 0, "P20_010": 0, "P20_011": 0, "P20_012": 0},
        POINT,
        ("name", "見本体育館"),
    ),
    "P29": (
        "facilities",
        {"P29_001": "07522", "P29_002": "522-1", "P29_003": "16", "P29_004": "16001", "P29_005": "見本小学校",
         "P29_006": "小野町大字見本1", "P29_007": 3},
        POINT,
        ("name", "見本小学校"),
    ),
    "A29": (
        "city_planning",
        {"A29_001": "07522", "A29_002": "福島県", "A29_003": "小野町", "A29_004": 21, "A29_005": "田園住居地域",
         "A29_006": 50, "A29_007": 100, "A29_008": ""},
        ZONE,
        ("use_code", 21),
    ),
    "N03": (
        "municipality",
        {"N03_001": "福島県", "N03_002": "", "N03_003": "田村郡", "N03_004": "小野町", "N03_007": "07522"},
        ZONE,
        ("name", "小野町"),
    ),
}  # fmt: skip


@pytest.fixture
def shipped(tmp_path: Path) -> Callable[..., Path]:
    """Writes one row of a series as a CP932 Shapefile and takes away the sidecar files named."""

    def ship(series: str, *missing: str, zipped: bool = False) -> Path:
        _, row, shape, _ = SERIES[series]
        file = tmp_path / f"{series}-20_07.shp"
        frame = gpd.GeoDataFrame({name: [value] for name, value in row.items()}, geometry=[shape], crs=6668)
        frame.to_file(file, encoding="cp932")
        for suffix in missing:
            file.with_suffix(suffix).unlink(missing_ok=True)
        if not zipped:
            return file
        archive = tmp_path / f"{series}-20_07_GML.zip"
        with zipfile.ZipFile(archive, "w") as target:
            for part in sorted(tmp_path.glob(f"{series}-20_07.*")):
                target.write(part, f"{series}-20_07_GML/{part.name}")
        return archive

    return ship


def stored(store: Store, layer: str, column: str) -> list[object]:
    with store.database.transaction() as connection:
        return [row[0] for row in connection.execute(f"SELECT {column} FROM layers.{layer}".encode()).fetchall()]


@pytest.mark.parametrize("series", SERIES)
@pytest.mark.parametrize("missing", [(), (".cpg",), (".shx", ".cpg")], ids=["complete", "no .cpg", "no .shx and .cpg"])
def test_a_series_loads_as_it_ships(
    empty_store: Store, shipped: Callable[..., Path], series: str, missing: tuple[str, ...]
) -> None:
    layer, _, _, (column, value) = SERIES[series]
    file = shipped(series, *missing, zipped=not missing)
    report = load(empty_store.database, empty_store.town, LoadRequest(empty_store.layer(layer), (file,))).report
    assert (report.read, report.loaded, len(report.rejected_rows)) == (1, 1, 0)
    assert stored(empty_store, layer, column) == [value]


@pytest.mark.parametrize("series", SERIES)
def test_without_a_prj_the_datum_has_to_be_declared(
    empty_store: Store, shipped: Callable[..., Path], series: str
) -> None:
    layer = empty_store.layer(SERIES[series][0])
    file = shipped(series, ".prj", ".shx", ".cpg")
    with pytest.raises(MissingCrsError, match="--crs"):
        load(empty_store.database, empty_store.town, LoadRequest(layer, (file,)))
    declared = LoadRequest(layer, (file,), declared=Declared(epsg=6668))
    assert load(empty_store.database, empty_store.town, declared).report.loaded == 1


def test_an_unknown_date_and_capacity_are_unknown(empty_store: Store, shipped: Callable[..., Path]) -> None:
    for series in ("A33", "P20"):
        layer = empty_store.layer(SERIES[series][0])
        load(empty_store.database, empty_store.town, LoadRequest(layer, (shipped(series),)))
    assert stored(empty_store, "landslide", "designated_on") == [None]
    assert stored(empty_store, "shelters", "capacity") == [None]
