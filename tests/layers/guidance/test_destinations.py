"""Where to go: never to a site of another hazard, never a shelter for a site, and as far as the roads are."""

import heapq
import math
from collections import defaultdict
from itertools import pairwise

import numpy as np
import pytest
import shapely
from numpy.typing import NDArray

from layers.guidance.destinations import MOST, dangers
from layers.guidance.foot import Footways
from layers.guidance.guide import ALWAYS, Guide
from layers.guidance.model import Guidance, Hazard
from layers.guidance.road_lines import noded
from layers.publication.serving import PublicEdition
from tests.layers.guidance.places import Places, asked_places


@pytest.fixture(scope="module")
def asked(edition: PublicEdition) -> Places:
    return asked_places(edition)


@pytest.fixture(scope="module")
def told(guide: Guide, asked: Places) -> list[Guidance]:
    return [found for found in (guide.at(lon, lat) for lon, lat in asked) if found.in_town]


@pytest.fixture(scope="module")
def designated(edition: PublicEdition) -> dict[Hazard, set[int]]:
    with edition.database.transaction() as connection:
        return {
            hazard: {
                row[0]
                for row in connection.execute(
                    f"SELECT fid FROM layers.evacuation_sites WHERE {hazard} IS TRUE".encode()
                ).fetchall()
            }
            for hazard in Hazard
        }


def test_a_site_that_is_not_designated_for_a_hazard_is_never_recommended_for_it(
    told: list[Guidance], designated: dict[Hazard, set[int]]
) -> None:
    every = set.union(*designated.values())

    assert len(told) > 1_000
    for guidance in told:
        assert set(guidance.go) == {*ALWAYS, *(hazard for hazard, sites in designated.items() if sites)}
        for hazard, ways in guidance.go.items():
            assert {way.to.fid for way in ways} <= designated[hazard]
            assert {way.to.layer for way in ways} <= {"evacuation_sites"}
            assert len(ways) == min(MOST, len(designated[hazard]))
        assert {way.to.layer for way in guidance.shelters} == {"shelters"}
    assert any(designated[hazard] != every for hazard in ALWAYS)


def test_of_the_designated_sites_the_nearest_come_and_those_in_danger_come_after_them(
    told: list[Guidance], guide: Guide
) -> None:
    swapped = mixed = 0
    for guidance in told[:300]:
        point = shapely.Point(*guide.project.transform(guidance.lon, guidance.lat))
        walks = guide.foot.walks_m(point) if guide.foot is not None else np.array([])
        for hazard, ways in guidance.go.items():
            order = sorted(
                (
                    float(walk) if math.isfinite(walk) else math.hypot(site.x - point.x, site.y - point.y),
                    site.fid,
                )
                for site, walk in zip(guide.sites, walks, strict=False)
                if hazard in site.hazards
            )
            nearest = [fid for _, fid in order[:MOST]]
            chosen = [way.to.fid for way in ways]
            assert set(chosen[:]) >= set(nearest[: MOST - 1])
            swapped += set(chosen) != set(nearest)
            danger = [(hazard in way.to.lies_in, bool(dangers(way.to, hazard))) for way in ways]
            assert danger == sorted(danger)
            mixed += len(set(danger)) > 1
            safe = [site for site in guide.sites if hazard in site.hazards and not dangers(site, hazard)]
            assert not safe or any(way.to in safe for way in ways)
    assert swapped > 0
    assert mixed > 0


def test_that_a_site_lies_in_a_zone_is_what_sql_says(edition: PublicEdition, guide: Guide) -> None:
    for layer in ("flood", "landslide"):
        with edition.database.transaction() as connection:
            rows = connection.execute(
                f"SELECT DISTINCT s.fid FROM layers.evacuation_sites s JOIN layers.{layer} z "
                "ON ST_Intersects(z.geom, s.geom)".encode()
            ).fetchall()
        assert {site.fid for site in guide.sites if layer in site.lies_in} == {row[0] for row in rows}
        assert rows


# an independent way over the same roads: every corner of every road is a node, heapq finds the shortest

Corner = tuple[float, float]
Network = dict[Corner, list[tuple[Corner, float]]]
Segments = NDArray[np.float64]


def _network(edition: PublicEdition) -> tuple[Network, Segments]:
    with edition.database.transaction() as connection:
        parts = "(SELECT (ST_Dump(geom)).geom AS part FROM layers.roads) parts"
        noded = connection.execute(
            f"SELECT ST_AsBinary((ST_Dump(ST_Node(ST_Collect(part)))).geom) FROM {parts}".encode()
        ).fetchall()
        raw = connection.execute(f"SELECT ST_AsBinary(part) FROM {parts}".encode()).fetchall()
    graph: Network = defaultdict(list)
    segments = [pair for row in noded for pair in pairwise(_corners(row[0]))]
    for one, other in segments:
        _join(graph, one, other, math.dist(one, other))
    _join_near_ends(graph, [_corners(row[0]) for row in raw])
    return graph, np.array([(*one, *other) for one, other in segments])


def _corners(wkb: bytes) -> list[Corner]:
    return [(round(x, 2), round(y, 2)) for x, y in shapely.get_coordinates(shapely.from_wkb(wkb))]


def _join(graph: Network, one: Corner, other: Corner, metres: float) -> None:
    graph[one].append((other, metres))
    graph[other].append((one, metres))


def _join_near_ends(graph: Network, lines: list[list[Corner]]) -> None:
    """An end within 5 m of another road leads to the corners on both sides of the nearest place on it."""
    shapes = [shapely.LineString(line) for line in lines]
    for at, line in enumerate(lines):
        for end in (line[0], line[-1]):
            for other in np.flatnonzero(shapely.dwithin(shapes, shapely.Point(end), 5.0)).tolist():
                if other != at:
                    segments = np.array([(*a, *b) for a, b in pairwise(lines[other])])
                    off, corners = _landing(segments, *end)
                    for corner, metres in corners:
                        _join(graph, end, corner, off + metres)


def _landing(segments: Segments, x: float, y: float) -> tuple[float, list[tuple[Corner, float]]]:
    a, b = segments[:, :2], segments[:, 2:]
    along = b - a
    share = np.clip(((np.array([x, y]) - a) * along).sum(1) / np.maximum((along**2).sum(1), 1e-12), 0, 1)
    feet = a + along * share[:, None]
    off = np.hypot(*(feet - (x, y)).T)
    at = int(off.argmin())
    ends = [((float(end[0]), float(end[1])), float(math.dist(feet[at], end))) for end in (a[at], b[at])]
    return float(off[at]), ends


def _reached(graph: Network, off: float, starts: list[tuple[Corner, float]]) -> dict[Corner, float]:
    reached: dict[Corner, float] = {}
    queue = [(off + metres, corner) for corner, metres in starts]
    heapq.heapify(queue)
    while queue:
        metres, corner = heapq.heappop(queue)
        if corner not in reached:
            reached[corner] = metres
            for other, length in graph[corner]:
                heapq.heappush(queue, (metres + length, other))
    return reached


def test_distances_on_foot_are_those_of_another_search_over_every_corner(
    edition: PublicEdition, guide: Guide, told: list[Guidance]
) -> None:
    graph, segments = _network(edition)
    compared = 0
    for guidance in told[:: max(1, len(told) // 40)]:
        x, y = guide.project.transform(guidance.lon, guidance.lat)
        reached = _reached(graph, *_landing(segments, x, y))
        for way in {way for ways in guidance.go.values() for way in ways} | set(guidance.shelters):
            assert way.straight_m == pytest.approx(math.dist((x, y), (way.to.x, way.to.y)), abs=0.05)
            site_off, ends = _landing(segments, way.to.x, way.to.y)
            expected = site_off + min(reached.get(corner, math.inf) + metres for corner, metres in ends)
            if way.walk_m is not None:
                assert way.walk_m == pytest.approx(expected, abs=2.0)
                compared += 1
    assert compared > 200


def _ways(
    lines: list[list[tuple[float, float]]], place: tuple[float, float], statuses: list[object] | None = None
) -> Footways:
    shapes = np.array([shapely.LineString(line) for line in lines], dtype=object)
    pieces = noded(shapes, statuses or ["open"] * len(lines))
    return Footways(pieces, np.array([shapely.Point(place)], dtype=object))


def test_a_way_is_the_piece_to_the_road_the_road_and_the_piece_from_it() -> None:
    ways = _ways([[(0, 0), (1_000, 0)], [(1_000, 0), (1_000, 500)]], (1_010, 400))

    assert ways.walks_m(shapely.Point(200, 30)).tolist() == pytest.approx([30 + 800 + 400 + 10])


def test_on_the_same_piece_nobody_walks_round_by_its_end() -> None:
    assert _ways([[(0, 0), (1_000, 0)]], (700, 5)).walks_m(shapely.Point(400, 5)).tolist() == pytest.approx([310])


def test_an_end_that_stops_at_the_edge_of_another_road_meets_it() -> None:
    ways = _ways([[(0, 0), (1_000, 0)], [(500, 4), (500, 600)]], (500, 600))
    apart = _ways([[(0, 0), (1_000, 0)], [(500, 8), (500, 600)]], (500, 600))

    assert ways.walks_m(shapely.Point(0, 0)).tolist() == pytest.approx([1_100], abs=0.1)
    assert apart.walks_m(shapely.Point(0, 0)).tolist() == [math.inf]


def test_a_bridge_over_a_road_is_no_crossing() -> None:
    level = [[(0, 0), (1_000, 0)], [(500, -600), (500, 600)]]
    round_about = [[(1_000, 0), (1_000, 600)], [(1_000, 600), (500, 600)]]

    crossing = _ways([*level, *round_about], (500, 500)).walks_m(shapely.Point(0, 0))
    over = _ways([*level, *round_about], (500, 500), ["open", "bridge", "open", "open"]).walks_m(shapely.Point(0, 0))

    assert crossing.tolist() == pytest.approx([1_000])
    assert over.tolist() == pytest.approx([1_000 + 600 + 500 + 100])


def test_a_road_that_meets_no_other_and_a_place_far_from_roads_are_told_straight() -> None:
    ways = _ways([[(0, 0), (1_000, 0)], [(0, 100), (60, 100)]], (1_000, 0))

    # the short drawn piece is nearer, but leads nowhere
    assert ways.walks_m(shapely.Point(30, 95)).tolist() == pytest.approx([95 + 970])
    assert ways.walks_m(shapely.Point(0, 501)).tolist() == [math.inf]


def test_nobody_is_sent_to_what_is_closed_and_the_next_takes_its_place(guide: Guide, told: list[Guidance]) -> None:
    for before in told[:50]:
        nearest = before.go[Hazard.EARTHQUAKE][0].to
        shelter = before.shelters[0].to
        closed = {(place.layer, place.fid) for place in (nearest, shelter)}
        after = guide.at(before.lon, before.lat, shut=closed)

        assert {(way.to.layer, way.to.fid) for way in after.shut} == closed
        for ways in (*after.go.values(), after.shelters):
            assert not closed & {(way.to.layer, way.to.fid) for way in ways}
        assert len(after.go[Hazard.EARTHQUAKE]) == len(before.go[Hazard.EARTHQUAKE])
        assert len(after.shelters) == len(before.shelters)
