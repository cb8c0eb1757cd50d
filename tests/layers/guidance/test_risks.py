"""What the guide says of a place is what plain SQL finds there, and a gap is never a no."""

from collections import Counter
from datetime import date

import pytest
import shapely

from layers.guidance.guide import Guide
from layers.guidance.model import Guidance, Hazard, Risk
from layers.guidance.zones import Cover
from layers.publication.serving import PublicEdition
from layers.store.outcomes import Outcome
from tests.layers.guidance.places import Places, asked_places

POINTS = (
    "WITH asked AS (SELECT n, ST_Transform(ST_SetSRID(ST_MakePoint(x, y), 6668), 6677) AS p "
    "FROM unnest(%s::float8[], %s::float8[]) WITH ORDINALITY AS u(x, y, n)) "
)
BAND_M = {"flood": 12.5, "landslide": 10.0}
COLUMNS = {"flood": ("river_name, scenario", "depth_rank"), "landslide": ("phenomenon::text", "zone_class")}
GRAVEST = {"flood": [6, 5, 4, 3, 2, 1], "landslide": [2, 4, 1, 3]}
DOUBT_M = 0.2
"""Seams are closed by 5 cm on both sides of this comparison, each with arcs of its own."""


@pytest.fixture(scope="module")
def asked(edition: PublicEdition) -> Places:
    return asked_places(edition)


@pytest.fixture(scope="module")
def told(guide: Guide, asked: Places) -> list[Guidance]:
    return [guide.at(lon, lat, date(2026, 11, 26)) for lon, lat in asked]


def sql(edition: PublicEdition, asked: Places, statement: str) -> list[tuple[object, ...]]:
    with edition.database.transaction() as connection:
        lons, lats = [list(values) for values in zip(*asked, strict=True)]
        return connection.execute((POINTS + statement).encode(), [lons, lats]).fetchall()


def risk(guidance: Guidance, hazard: Hazard) -> Risk:
    return next(one for one in guidance.risks if one.hazard is hazard)


def test_the_places_are_of_every_kind(told: list[Guidance]) -> None:
    found = Counter((one.hazard, one.outcome) for guidance in told for one in guidance.risks)

    assert len(told) == 2_000
    assert sum(not guidance.in_town for guidance in told) > 100
    for outcome in (Outcome.APPLIES, Outcome.DOES_NOT_APPLY, Outcome.NEAR_BOUNDARY):
        assert found[Hazard.FLOOD, outcome] > 30
        assert found[Hazard.LANDSLIDE, outcome] > 30
    assert found[Hazard.FLOOD, Outcome.NO_DATA] > 100


def test_a_place_is_of_the_town_where_the_municipality_holds_it(
    edition: PublicEdition, asked: Places, told: list[Guidance]
) -> None:
    rows = sql(
        edition,
        asked,
        "SELECT n, bool_or(ST_Intersects(m.geom, p)), min(ST_Distance(ST_Boundary(m.geom), p)) "
        "FROM asked, layers.municipality m GROUP BY n",
    )

    for number, inside, edge_m in rows:
        if abs(float(str(edge_m)) - 20.0) > 0.01:
            assert told[int(str(number)) - 1].in_town == (bool(inside) or float(str(edge_m)) < 20.0)


@pytest.mark.parametrize("layer", ["flood", "landslide"])
def test_every_group_of_zones_has_the_grade_that_sql_finds(
    edition: PublicEdition, asked: Places, told: list[Guidance], layer: str
) -> None:
    groups, grade = COLUMNS[layer]
    rows = sql(
        edition,
        asked,
        f"SELECT n, ARRAY[{groups}], {grade}, ST_Intersects(geom, p) FROM asked JOIN layers.{layer} "
        f"ON ST_DWithin(geom, p, {BAND_M[layer]})",
    )
    expected: dict[int, dict[tuple[str, ...], tuple[set[int], set[int]]]] = {}
    for number, group, code, inside in rows:
        near, held = expected.setdefault(int(number), {}).setdefault(tuple(group), (set(), set()))  # type: ignore[call-overload, arg-type]
        near.add(code)  # type: ignore[arg-type]
        if inside:
            held.add(code)  # type: ignore[arg-type]

    gravest = GRAVEST[layer].index
    for number, guidance in enumerate(told, start=1):
        if guidance.in_town:
            parts = {part.group: (part.inside, part.near) for part in risk(guidance, Hazard(layer)).parts}
            wanted = {
                group: (min(held, key=gravest) if held else None, min(near, key=gravest))
                for group, (near, held) in expected.get(number, {}).items()
            }
            assert parts == wanted, asked[number - 1]


@pytest.mark.parametrize("layer", ["flood", "landslide"])
def test_the_outcome_is_the_one_that_sql_leads_to(
    edition: PublicEdition, asked: Places, told: list[Guidance], layer: str
) -> None:
    rows = sql(
        edition,
        asked,
        f", whole AS MATERIALIZED (SELECT ST_Buffer(ST_Buffer(ST_Union(geom), 0.05), -0.05) AS g FROM layers.{layer}), "
        "edges AS MATERIALIZED (SELECT (ST_Dump(ST_Boundary(g))).geom AS e FROM whole), "
        f"cover AS MATERIALIZED (SELECT ST_Union(geom) AS c FROM onomap.coverages WHERE layer = '{layer}') "
        f"SELECT n, EXISTS (SELECT FROM layers.{layer} z WHERE ST_Intersects(z.geom, p)), "
        "(SELECT min(ST_Distance(e, p)) FROM edges), "
        "(SELECT ST_Intersects(c, p) FROM cover), (SELECT ST_Distance(ST_Boundary(c), p) FROM cover) FROM asked",
    )
    band, compared = BAND_M[layer], 0
    for number, inside, edge_m, covered, cover_edge_m in rows:
        guidance = told[int(str(number)) - 1]
        if not guidance.in_town or abs(float(str(edge_m)) - band) < DOUBT_M:
            continue
        if cover_edge_m is not None and abs(float(str(cover_edge_m)) - band) < DOUBT_M:
            continue
        if float(str(edge_m)) < band:
            wanted = Outcome.NEAR_BOUNDARY
        elif inside:
            wanted = Outcome.APPLIES
        elif covered is None or (covered and float(str(cover_edge_m)) > band):
            wanted = Outcome.DOES_NOT_APPLY
        else:
            wanted = Outcome.NO_DATA
        assert risk(guidance, Hazard(layer)).outcome is wanted, asked[int(str(number)) - 1]
        compared += 1
    assert compared > 900


def test_data_past_their_cycle_say_neither_yes_nor_no_but_what_they_held_is_kept(guide: Guide, asked: Places) -> None:
    for lon, lat in asked[-200:]:
        now, later = guide.at(lon, lat, date(2026, 11, 26)), guide.at(lon, lat, date(2040, 1, 1))
        for one, old in zip(now.risks, later.risks, strict=True):
            gap = one.outcome is Outcome.NO_DATA
            assert old.outcome is (Outcome.NO_DATA if gap else Outcome.STALE)
            assert (old.found, old.parts) == (one.outcome, one.parts)


def test_a_layer_that_declared_no_coverage_is_known_nowhere() -> None:
    assert not Cover(None, 10.0).reaches(shapely.Point(0, 0))


def test_the_name_of_the_place_is_that_of_its_parcel(
    edition: PublicEdition, asked: Places, told: list[Guidance]
) -> None:
    rows = sql(
        edition,
        asked,
        "SELECT n, array_agg(DISTINCT oaza) FROM asked JOIN layers.cadastral ON ST_Intersects(geom, p) GROUP BY n",
    )

    assert len(rows) > 500
    for number, oaza in rows:
        if told[int(str(number)) - 1].in_town:
            assert told[int(str(number)) - 1].oaza in oaza  # type: ignore[operator]
