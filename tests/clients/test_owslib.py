"""OWSLib, with which Python programs read OGC API – Features."""

import pytest
from owslib.ogcapi.features import Features
from owslib.util import Authentication

from layers.store.definitions import GeometryKind
from layers.store.instance import Store
from tests.signing import KEY, LOGIN


@pytest.fixture(scope="module")
def features(staff_url: str) -> Features:
    return Features(f"{staff_url}/api", auth=Authentication(LOGIN, KEY))


def test_owslib_finds_the_definition_the_conformance_and_every_collection(
    features: Features, sample_store: Store
) -> None:
    assert features.api()["openapi"].startswith("3.0")
    assert "http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/core" in features.conformance()["conformsTo"]
    vectors = [layer.id for layer in sample_store.catalogue.values() if layer.geometry is not GeometryKind.RASTER]
    assert features.feature_collections() == vectors


def test_owslib_reads_what_can_be_asked_and_what_there_is(features: Features, sample_store: Store) -> None:
    fields = [field.name for field in sample_store.layer("facilities").fields]
    assert list(features.collection_queryables("facilities")["properties"]) == [*fields, "valid_from", "geom"]
    assert set(fields) < set(features.collection_schema("facilities")["properties"])


def test_owslib_reads_features_by_box_by_filter_and_by_id(features: Features) -> None:
    found = features.collection_items("facilities", bbox=[140.5, 37.2, 140.7, 37.4], limit=5)
    assert found["numberReturned"] == 5
    one = found["features"][0]
    assert features.collection_item("facilities", str(one["id"]))["properties"] == one["properties"]
    name = one["properties"]["name"]
    again = features.collection_items("facilities", filter=f"name = '{name}'")
    assert name in {feature["properties"]["name"] for feature in again["features"]}
