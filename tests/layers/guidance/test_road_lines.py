"""Which roads people may walk."""

import numpy as np
import pytest

from layers.guidance.reading import Rows
from layers.guidance.road_lines import COLUMNS, walkable
from layers.store.catalogue import load_catalogue


@pytest.mark.parametrize(
    ("road", "on_foot"),
    [
        ({"road_class": "town", "width_m": 8.0}, True),
        ({"road_class": "national", "width_m": 11.0, "width_class": 4}, True),
        ({"road_class": "forest_road"}, True),
        ({"road_class": None}, True),
        ({"road_class": "other", "width_m": 2.8}, True),
        ({"road_class": "other", "width_class": 2}, True),
        ({"road_class": "other", "width_class": 4}, False),
        ({"road_class": "other", "width_m": 9.0}, False),
        ({"road_class": "other", "route_name": "磐越自動車道"}, False),
        ({"road_class": "town", "status": "construction"}, False),
    ],
)
def test_expressways_and_roads_that_are_being_built_are_not_walked(road: dict[str, object], on_foot: bool) -> None:
    columns = {name: [road.get(name)] for name in COLUMNS}
    rows = Rows(load_catalogue()["roads"], [1], columns, np.array([None], dtype=object))

    assert walkable(rows).tolist() == [on_foot]
