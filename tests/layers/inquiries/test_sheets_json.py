"""The JSON answer: what its schema says, and a seal that holds what was said and nothing else."""

import json
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import shapely

from layers.inquiries.model import Answer
from layers.inquiries.sheets.area_check import check_area
from layers.inquiries.sheets.as_json import dumps, plain, seal, to_json
from layers.store.outcomes import Outcome
from tests.layers.inquiries.schema_reader import complaints
from tests.layers.inquiries.sheet_samples import many_parcels, one_parcel, parcel, plot, three_parcels

SCHEMA = json.loads((Path(__file__).parents[3] / "docs" / "answer.schema.json").read_text(encoding="utf-8"))


def round_trip(answer: Answer, geometry_epsg: int | None = None) -> dict[str, Any]:
    read = json.loads(dumps(to_json(answer, geometry_epsg)))
    assert isinstance(read, dict)
    return read


@pytest.mark.parametrize("answer", [one_parcel(), three_parcels(), replace(one_parcel(), id=None, seal="a" * 64)])
def test_an_answer_is_what_its_schema_says(answer: Answer) -> None:
    assert list(complaints(round_trip(answer, 6677), SCHEMA, SCHEMA)) == []


def test_the_schema_refuses_an_answer_that_says_less_or_something_else() -> None:
    answer = round_trip(one_parcel())
    del answer["as_of"]
    answer["findings"][0]["outcome"] = "no"
    answer["findings"][0]["measure"]["share"] = 1.2
    answer["parcels"][0]["owner"] = "小野 太郎"
    told = "\n".join(complaints(answer, SCHEMA, SCHEMA))
    assert "as_of is missing" in told
    assert "'no' is not one of" in told
    assert "1.2 is above 1" in told
    assert "owner is not in the schema" in told


def test_every_key_of_an_answer_is_explained_in_the_schema() -> None:
    answer = round_trip(one_parcel(), 6677)
    parts = {"parcel": answer["parcels"][0], "finding": answer["findings"][0], "layer": answer["layers"][0]}
    for name, part in parts.items():
        properties = SCHEMA["$defs"][name]["properties"]
        assert set(part) <= set(properties)
        assert all("description" in entry or "$ref" in entry for entry in properties.values())
    assert set(answer) <= set(SCHEMA["properties"])


def test_the_seal_is_the_same_after_a_round_trip_through_text() -> None:
    answer = three_parcels()
    assert seal(round_trip(answer)) == seal(to_json(answer))


@pytest.mark.parametrize("volatile", [{"elapsed_ms": 9.0}, {"seal": "f" * 64}])
def test_the_seal_does_not_depend_on_what_may_change_between_prints(volatile: dict[str, Any]) -> None:
    answer = one_parcel()
    assert seal(to_json(replace(answer, **volatile))) == seal(to_json(answer))
    assert seal({**to_json(answer, 6677), "permalink": "http://127.0.0.1/"}) == seal(to_json(answer))


def test_the_seal_breaks_when_anything_that_was_said_is_changed() -> None:
    answer = one_parcel()
    first = answer.findings[0]
    changed = [
        replace(answer, purpose="別の目的"),
        replace(answer, findings=(first._replace(outcome=Outcome.DOES_NOT_APPLY), *answer.findings[1:])),
        replace(answer, findings=(first._replace(measure={**first.measure, "share": 0.18}), *answer.findings[1:])),
        replace(answer, layers=answer.layers[1:]),
        replace(answer, disclaimers=()),
    ]
    seals = {seal(to_json(each)) for each in (answer, *changed)}
    assert len(seals) == 1 + len(changed)


def test_geometry_comes_in_longitude_and_latitude_and_only_when_asked_for() -> None:
    assert "geometry" not in round_trip(one_parcel())["parcels"][0]
    entries = round_trip(three_parcels(), 6677)["parcels"]
    lon, lat = shapely.from_geojson(json.dumps(entries[0]["geometry"])).centroid.coords[0]
    assert 140.53 < lon < 140.70
    assert 37.20 < lat < 37.37
    assert entries[2]["geometry"] is None
    assert entries[2]["placed"] is False


def test_a_thousand_parcels_are_written_with_all_their_findings() -> None:
    answer = many_parcels(1000)
    assert len(round_trip(answer)["findings"]) == len(answer.findings) == 9000


def test_values_of_numpy_dates_and_gaps_become_json() -> None:
    mixed = {"a": np.float64(1.5), "b": np.int64(2), "c": date(2025, 4, 1), "d": float("nan"), "e": (np.bool_(True),)}
    assert plain(mixed) == {"a": 1.5, "b": 2, "c": "2025-04-01", "d": None, "e": [True]}


def test_a_value_json_cannot_hold_is_refused() -> None:
    with pytest.raises(TypeError, match="Point"):
        plain({"where": shapely.Point(0, 0)})


def test_the_area_verdict_follows_the_tolerance_of_the_accuracy_class() -> None:
    """乙一, 400 m²: 公差 5.58 m² (国土調査法施行令 別表第四)."""
    square = shapely.box(0, 0, 20, 20)
    within = check_area(parcel("1", square, area_m2=405.5, registered_area_m2=400.0))
    beyond = check_area(parcel("1", square, area_m2=405.6, registered_area_m2=400.0))
    assert within is not None
    assert beyond is not None
    assert within.tolerance_m2 == pytest.approx(5.58, abs=0.005)
    assert (within.within, beyond.within) == (True, False)


def test_areas_are_not_compared_without_both_and_an_accuracy_class() -> None:
    assert check_area(parcel("1", plot(0, 0), registered_area_m2=None)) is None
    assert check_area(parcel("1", plot(0, 0), accuracy_class=None)) is None
