"""Kept fields go to machines and come back in the same place; a file that is brought in leaves nothing until it is kept."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

import numpy as np
import pytest
import shapely

from gis.crs import Grids, plan
from gis.errors import UnreadableFileError
from gis.formats import machine
from gis.formats.machine.headland import HeadlandError
from gis.positioning.model import Epoch, FixQuality, SurveyedBoundary, Vertex
from layers.store.editing.precondition import Precondition
from layers.store.errors import EditConflictError, EditRefusedError
from layers.surveys.errors import NotSurveyorError, SurveyRefusedError, UnknownFieldError
from layers.surveys.fields import Keeping, Survey, keep_field, own_fields, stored_boundary
from layers.surveys.machine import (
    Brought,
    Claim,
    Replacing,
    Wish,
    as_machine_field,
    brought_in,
    keep_brought,
    machine_file,
)
from layers.surveys.machine_json import brought_json
from tests.layers.surveys.conftest import CLERK, SATO, STATION, SUZUKI, VIEWER, Town, keep, square

CLAIM = Claim(date(2026, 7, 2), 0.03)
FORMS = tuple(machine.FORMATS)


def plane(ring: Sequence[tuple[float, float]]) -> list[tuple[float, float]]:
    lon, lat = (np.array([place[axis] for place in ring]) for axis in (0, 1))
    x, y, _ = plan(6668, 6677, Grids()).move(lon, lat)
    return list(zip(x.tolist(), y.tolist(), strict=True))


def far_apart(one: SurveyedBoundary, other: SurveyedBoundary) -> float:
    """The largest distance of a corner of one from the nearest corner of the other's same ring, in metres."""
    rings = zip((one.outer, *one.inners), (other.outer, *other.inners), strict=True)
    return max(min(np.hypot(a.x - b.x, a.y - b.y) for b in others) for some, others in rings for a in some)


def at(east: float) -> SurveyedBoundary:
    return square(x=55_000 + east, hole=True)


def sent(town: Town, field_id: str, form: str = "isoxml4", headland_m: float | None = None) -> Brought:
    file, _ = machine_file(town.of(CLERK), CLERK, [field_id], Wish(form, headland_m))
    return Brought(file.name, file.content)


@pytest.mark.parametrize("form", FORMS)
def test_a_field_goes_out_and_comes_back_to_a_millimetre_with_its_inner_boundary(town: Town, form: str) -> None:
    keep(town, CLERK, f"M-{form}", at(100 * FORMS.index(form)), name=f"{form}の田")
    (kept,) = keep_brought(town.store, SATO, None, sent(town, f"M-{form}"), CLAIM)
    found = stored_boundary(town.of(SATO), SATO, kept[0].field_id)
    assert far_apart(at(100 * FORMS.index(form)), found.boundary) < 0.001
    assert len(found.boundary.inners) == 1
    assert found.area_m2 == pytest.approx(1600 - 25, abs=0.1)
    assert (kept[1], found.field_name, found.owner) == (True, f"{form}の田", "sato")


def test_headland_and_guidance_lie_the_wished_metres_inside(town: Town) -> None:
    stored = keep(town, CLERK, "M-head", at(1000))
    item = as_machine_field(stored, Wish("kml", 3.0, 2.0), CLERK)
    assert item.headland is not None
    inside = shapely.Polygon(plane(item.headland))
    assert inside.bounds == pytest.approx((56_003, 143_003, 56_037, 143_037), abs=1e-4)
    lines = [shapely.LineString(plane(line.positions)) for line in item.guidance]
    assert all(inside.buffer(0.001).covers(line) for line in lines)
    assert {line.width_m for line in item.guidance} == {2.0}
    assert len(lines) > 17, "swaths that meet the inner boundary are two"


def test_a_machine_that_repeats_its_line_gets_one_line(town: Town) -> None:
    stored = keep(town, CLERK, "M-one", at(1100))
    assert len(as_machine_field(stored, Wish("isoxml4", None, 2.0), CLERK).guidance) == 1
    assert len(as_machine_field(stored, Wish("gpx", None, 2.0), CLERK).guidance) > 1


def test_a_headland_that_leaves_nothing_names_the_field(town: Town) -> None:
    keep(town, CLERK, "M-narrow", at(1200), name="細い田")
    with pytest.raises(HeadlandError, match=r"「細い田」.*残りません"):
        machine_file(town.of(CLERK), CLERK, ["M-narrow"], Wish("isoxml4", 25.0))


def test_the_file_says_what_the_line_is_not(town: Town) -> None:
    keep(town, CLERK, "M-float", at(1300), name="浮動の田")
    file, _ = machine_file(town.of(CLERK), CLERK, ["M-float"], Wish("sima"))
    assert any("RTK 固定解でない" in note and "0.03 m" in note for note in file.notes)
    current = Survey("今期の田", date(2026, 7, 1), replace(STATION, epoch=Epoch.CURRENT))
    keep_field(town.store, CLERK, None, Keeping(current, at(1400), "M-current"), None)
    file, _ = machine_file(town.of(CLERK), CLERK, ["M-current"], Wish("isoxml4"))
    assert any("今期の座標" in note for note in file.notes)


def test_a_farmer_takes_own_fields_only_and_without_names_all_of_them(town: Town) -> None:
    keep(town, SUZUKI, "M-suzuki", at(1500))
    keep(town, SATO, "M-sato", at(1600))
    with pytest.raises(UnknownFieldError):
        machine_file(town.of(SATO), SATO, ["M-sato", "M-suzuki"], Wish("kml"))
    file, ids = machine_file(town.of(SATO), SATO, [], Wish("kml"))
    assert "M-sato" in ids
    assert "M-suzuki" not in ids
    assert len(machine.read(file.content)) == len(ids)
    assert {item.farmer for item in machine.read(file.content)} == {SATO.name}


def test_a_look_at_a_file_leaves_nothing_and_tells_what_is_in_it(town: Town) -> None:
    keep(town, CLERK, "M-look", at(1700), name="見る田")
    before = len(own_fields(town.of(CLERK), CLERK))
    fields = brought_in(town.store, sent(town, "M-look", headland_m=2.0))
    shown = brought_json(fields, town.store.town.srid)
    assert len(own_fields(town.of(CLERK), CLERK)) == before
    (told,) = shown["fields"]  # type: ignore[misc]
    assert (told["name"], told["inner_boundaries"], told["has_headland"], told["hindrance"]) == (
        "見る田",
        1,
        True,
        None,
    )
    assert told["measured_m2"] == pytest.approx(1575, abs=0.1)
    assert [feature["properties"]["role"] for feature in shown["features"]] == ["boundary", "headland"]  # type: ignore[index,attr-defined]
    assert "筆界" in str(shown["note"])


def test_what_is_kept_of_a_file_has_the_error_that_was_claimed_and_no_quality(town: Town) -> None:
    keep(town, CLERK, "M-claim", at(1800))
    ((kept, _),) = keep_brought(town.store, CLERK, None, sent(town, "M-claim"), Claim(date(2025, 5, 5), 0.5))
    assert kept.std_error_m == 0.5
    assert {vertex.quality for vertex in kept.boundary.outer} == {None}
    assert (kept.surveyed_on, kept.owner) == (date(2025, 5, 5), None)
    assert "測り方の記録なし" in kept.station.receiver


def test_the_same_file_brought_twice_is_one_field(town: Town) -> None:
    keep(town, CLERK, "M-twice", at(1900))
    file = sent(town, "M-twice")
    ((first, is_new),) = keep_brought(town.store, SATO, None, file, CLAIM)
    ((again, is_new_again),) = keep_brought(town.store, SATO, None, file, CLAIM)
    assert (first, is_new, is_new_again) == (again, True, False)
    with pytest.raises(SurveyRefusedError, match="もう保存されています"):
        keep_brought(town.store, SATO, None, file, Claim(CLAIM.surveyed_on, 1.0))
    ((others, others_new),) = keep_brought(town.store, SUZUKI, None, file, CLAIM)
    assert (others.field_id != first.field_id, others_new, others.owner) == (True, True, "suzuki")


def test_a_file_may_replace_a_field_on_the_version_it_was_made_from(town: Town) -> None:
    first = keep(town, SATO, "M-again", at(2000))
    keep(town, CLERK, "M-newer", square(x=57_000.5, hole=True), name="測り直し")
    file = sent(town, "M-newer")
    from_first = Replacing("M-again", Precondition(frozenset({first.version})))
    ((second, is_new),) = keep_brought(town.store, SATO, None, file, CLAIM, from_first)
    assert (second.field_id, second.version, is_new, second.owner) == ("M-again", first.version + 1, False, "sato")
    with pytest.raises(EditConflictError):
        keep_brought(town.store, SATO, None, sent(town, "M-again"), CLAIM, from_first)
    with pytest.raises(UnknownFieldError):
        keep_brought(town.store, SUZUKI, None, file, CLAIM, from_first)


def test_some_fields_of_a_file_can_be_chosen_and_a_number_beyond_is_told(town: Town) -> None:
    keep(town, CLERK, "M-a", at(2100), name="一")
    keep(town, CLERK, "M-b", at(2200), name="二")
    file, _ = machine_file(town.of(CLERK), CLERK, ["M-a", "M-b"], Wish("isoxml4"))
    ((kept, _),) = keep_brought(town.store, CLERK, None, Brought("x.zip", file.content, [2]), CLAIM)
    assert kept.field_name == "二"
    with pytest.raises(SurveyRefusedError, match="1から2の番号"):
        keep_brought(town.store, CLERK, None, Brought("x.zip", file.content, [3]), CLAIM)
    with pytest.raises(SurveyRefusedError, match="1筆だけ"):
        keep_brought(town.store, CLERK, None, Brought("x.zip", file.content), CLAIM, Replacing("M-a", None))


def test_nothing_of_a_file_is_kept_when_one_of_its_fields_cannot_be(town: Town) -> None:
    def feature(name: str, ring: list[list[float]]) -> str:
        return (
            f'{{"type":"Feature","properties":{{"name":"{name}"}},'
            f'"geometry":{{"type":"Polygon","coordinates":[{ring}]}}}}'
        )

    good = [[140.62, 37.28], [140.621, 37.28], [140.621, 37.281], [140.62, 37.28]]
    bow = [[140.62, 37.28], [140.621, 37.281], [140.621, 37.28], [140.62, 37.281], [140.62, 37.28]]
    raw = f'{{"type":"FeatureCollection","features":[{feature("よい", good)},{feature("蝶", bow)}]}}'.encode()
    before = len(own_fields(town.of(CLERK), CLERK))
    with pytest.raises(SurveyRefusedError, match="「蝶」の境界線が自分と交わる"):
        keep_brought(town.store, CLERK, None, Brought("x.geojson", raw), CLAIM)
    assert len(own_fields(town.of(CLERK), CLERK)) == before


def test_a_field_in_austria_is_noted_in_the_look_and_not_kept(town: Town) -> None:
    abroad = machine.MachineField("1", "遠い", ((15.15, 48.12), (15.151, 48.12), (15.151, 48.121)))
    file = Brought("x.zip", machine.write("isoxml4", [abroad]).content)
    (seen,) = brought_in(town.store, file)
    assert any("日本の外" in note for note in seen.notes)
    assert any("小野町の外" in note for note in seen.notes)
    with pytest.raises((EditRefusedError, SurveyRefusedError)):
        keep_brought(town.store, CLERK, None, file, CLAIM)


def test_who_only_looks_on_keeps_nothing(town: Town) -> None:
    keep(town, CLERK, "M-viewer", at(2300))
    with pytest.raises(NotSurveyorError):
        keep_brought(town.store, VIEWER, None, sent(town, "M-viewer"), CLAIM)


def test_a_file_that_is_none_is_told(town: Town) -> None:
    with pytest.raises(UnreadableFileError):
        brought_in(town.store, Brought("x.zip", b"PK\x03\x04"))


def test_a_corner_is_a_corner_of_unknown_quality_even_beside_known_ones(town: Town) -> None:
    mixed = SurveyedBoundary(
        tuple(Vertex(v.x, v.y, 0.02, FixQuality.RTK_FIXED if at_ else None, 1) for at_, v in enumerate(at(2400).outer)),
        (),
        6677,
    )
    keep(town, CLERK, "M-mixed", mixed)
    file, _ = machine_file(town.of(CLERK), CLERK, ["M-mixed"], Wish("geojson"))
    assert any("測り方の分からない点" in note for note in file.notes)
