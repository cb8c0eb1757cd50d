"""GDAL's OAPIF driver, as QGIS and ogr2ogr use it, over the sample town: what it copies equals the tables."""

from collections.abc import Iterator
from datetime import time
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
import pytest
import shapely
from pyproj import Transformer

from layers.store.catalogue import load_catalogue
from layers.store.definitions import FieldType, GeometryKind
from layers.store.instance import Store
from tests.signing import KEY, LOGIN

LAYERS = [layer.id for layer in load_catalogue().values() if layer.geometry is not GeometryKind.RASTER]
ROUNDING_M = 0.0002


@pytest.fixture(scope="module")
def service(staff_url: str) -> Iterator[str]:
    """The service, for a GDAL that shows a key as QGIS and ogr2ogr do: as the password of HTTP Basic."""
    pyogrio.set_gdal_config_options({"GDAL_HTTP_USERPWD": f"{LOGIN}:{KEY}", "GDAL_HTTP_AUTH": "BASIC"})
    yield f"OAPIF:{staff_url}/api"
    pyogrio.set_gdal_config_options({"GDAL_HTTP_USERPWD": None, "GDAL_HTTP_AUTH": None})


def table(store: Store, name: str, where: str = "true") -> gpd.GeoDataFrame:
    """The rows of a layer as the database has them, in the plane zone."""
    names = ["fid", *[field.name for field in store.layer(name).fields]]
    with store.database.transaction() as connection:
        rows = connection.execute(
            f"SELECT {', '.join(names)}, ST_AsBinary(geom) FROM layers.{name} WHERE {where} ORDER BY fid".encode()
        ).fetchall()
    columns = list(zip(*rows, strict=True)) if rows else [[] for _ in [*names, "geom"]]
    frame = pd.DataFrame({key: pd.Series(column, dtype=object) for key, column in zip(names, columns, strict=False)})
    return gpd.GeoDataFrame(frame, geometry=shapely.from_wkb(np.array(columns[-1], dtype=object)), crs=6677)


def assert_equal(copy: gpd.GeoDataFrame, stored: gpd.GeoDataFrame, store: Store, name: str) -> None:
    """Every value and every vertex of the copy is the table's, as far as the format rounds."""
    assert len(copy) == len(stored)
    for field in store.layer(name).fields:
        if field.name not in copy:
            # GDAL leaves out a property in which no feature has a value
            assert stored[field.name].isna().all(), field.name
            continue
        given, kept = copy[field.name], stored[field.name]
        assert (given.isna() == kept.isna()).all(), field.name
        present = ~kept.isna().to_numpy()
        if field.type in {FieldType.NUMBER, FieldType.INTEGER}:
            assert np.allclose(given[present].astype(float), kept[present].astype(float), rtol=1e-12)
        elif field.type is FieldType.BOOLEAN:
            # where a feature has no value, GDAL's truths are numbers or texts
            truths = [str(value) in {"True", "1.0", "1"} for value in given[present]]
            assert truths == kept[present].tolist(), field.name
        elif field.type is FieldType.DATE:
            assert [str(day)[:10] for day in given[present]] == [str(day) for day in kept[present]], field.name
        elif all(isinstance(value, time) for value in given[present]):
            # GDAL takes "08:30" for a time
            assert [value.strftime("%H:%M") for value in given[present]] == kept[present].tolist()
        else:
            assert [str(value) for value in given[present]] == [str(value) for value in kept[present]], field.name
    ours, theirs = (shapely.get_coordinates(frame.geometry.to_numpy()) for frame in (stored, copy))
    assert len(ours) == len(theirs)
    # rings are turned as RFC 7946 has them, so shapes are compared, not their order of vertices
    ours_placed, theirs_placed = stored.geometry.notna().to_numpy(), copy.geometry.notna().to_numpy()
    assert (ours_placed == theirs_placed).all()
    apart = shapely.hausdorff_distance(stored.geometry[ours_placed].to_numpy(), copy.geometry[ours_placed].to_numpy())
    assert apart.max(initial=0.0) <= ROUNDING_M


def test_gdal_lists_every_layer_with_its_kind_of_geometry(service: str, sample_store: Store) -> None:
    listed = dict(pyogrio.list_layers(service).tolist())
    assert listed == {name: sample_store.layer(name).geometry.value for name in LAYERS}


@pytest.mark.parametrize("name", LAYERS)
def test_a_copy_of_the_layer_equals_the_table(service: str, sample_store: Store, name: str) -> None:
    stored = table(sample_store, name)
    copy = pyogrio.read_dataframe(service, layer=name, fid_as_index=True, PAGE_SIZE=10_000)
    if stored.empty:
        assert copy.empty
        return
    assert copy.crs.to_epsg() == 6677
    copy = copy.sort_index()
    assert copy.index.tolist() == stored["fid"].tolist()
    assert_equal(copy.reset_index(drop=True), stored, sample_store, name)


@pytest.mark.parametrize("crs", ["EPSG:4326", "EPSG:6668", "EPSG:3857", "OGC:CRS84"])
def test_gdal_puts_features_where_they_are_in_every_system(service: str, sample_store: Store, crs: str) -> None:
    copy = pyogrio.read_dataframe(service, layer="facilities", fid_as_index=True, CRS=crs).sort_index()
    stored = table(sample_store, "facilities").geometry
    base = 6668 if crs != "EPSG:3857" else 3857
    back = Transformer.from_crs(base, 6677, always_xy=True)
    x, y = back.transform(copy.geometry.x, copy.geometry.y)
    assert np.hypot(x - stored.x.to_numpy(), y - stored.y.to_numpy()).max() < 0.001


def test_gdal_lets_the_server_filter_by_attribute_and_by_box(service: str, sample_store: Store) -> None:
    names = table(sample_store, "facilities")["name"]
    (name,) = names.head(1)
    by_name = pyogrio.read_dataframe(service, layer="facilities", where=f"name = '{name}'")
    assert by_name["name"].tolist() == [one for one in names if one == name]
    box = (68_000.0, 141_000.0, 71_000.0, 144_000.0)
    envelope = "geom && ST_MakeEnvelope(68000, 141000, 71000, 144000, 6677)"
    expected = table(sample_store, "street_lights", envelope)
    found = pyogrio.read_dataframe(service, layer="street_lights", bbox=box)
    assert 0 < len(expected) == len(found)


def test_ogr_copies_a_layer_into_a_geopackage(service: str, sample_store: Store, tmp_path: Path) -> None:
    copied = tmp_path / "roads.gpkg"
    pyogrio.write_dataframe(pyogrio.read_dataframe(service, layer="roads", PAGE_SIZE=300), copied, layer="roads")
    again = pyogrio.read_dataframe(copied)
    assert_equal(again, table(sample_store, "roads"), sample_store, "roads")
