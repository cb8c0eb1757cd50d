"""The made-up town is published at the first start by the same steps as any, and nothing but the made-up town is."""

from dataclasses import replace
from pathlib import Path

import pytest

from layers.publication.checking import check_rows
from layers.publication.desk import Desk
from layers.publication.errors import PublicationError
from layers.publication.findings import Level
from layers.publication.importing import PublicSide
from layers.publication.published_layer import as_published, is_publishable
from layers.publication.sample import publish_sample
from layers.publication.serving import open_public
from layers.store.instance import Store
from layers.store.settings import Municipality
from tests.layers.publication.publication_samples import quiet


def test_every_public_layer_of_the_sample_town_passes_the_gate(sample_store: Store) -> None:
    stopped = {
        layer.id: [one.sentence for one in check_rows(sample_store, as_published(layer), None).findings]
        for layer in sample_store.catalogue.values()
        if is_publishable(layer) and _stops(sample_store, layer.id)
    }

    assert stopped == {}


def _stops(store: Store, layer: str) -> bool:
    checked = check_rows(store, as_published(store.layer(layer)), None)
    return any(one.level is Level.STOP for one in checked.findings)


def test_the_sample_is_one_edition_with_every_layer_that_has_rows(small_store: Store, public_side: PublicSide) -> None:
    number = publish_sample(Desk(small_store, public_side, max_zoom=11), quiet)
    edition = open_public(public_side.database.web_url, public_side.folder)
    edition.database.close()

    assert number == 1
    assert list(edition.catalogue) == ["cadastral", "roads", "shelters"]


def test_real_layers_are_never_approved_by_people_who_do_not_exist(small_store: Store, tmp_path: Path) -> None:
    town = Municipality(fictitious=False)
    settings = small_store.settings.model_copy(update={"municipality": town})

    with pytest.raises(PublicationError, match="見本の町"):
        publish_sample(Desk(replace(small_store, settings=settings), None), quiet)
