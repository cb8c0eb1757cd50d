"""The pictures of a sheet: the whole field, and the places that matter most at a larger scale."""

import math
from collections.abc import Iterator
from dataclasses import dataclass

from gis.boundary_comparison.model import Place
from gis.comparison_map import ComparisonMap, Mark, detail, overview
from gis.mapsheet import Drawing
from layers.surveys.sheets.sentences import named
from layers.surveys.sheets.words import away, corner_name, plus_minus
from layers.surveys.truth_model import Truth

MOST_DETAILS = 2
_APART_M = 5.0
MOST_MARKS = 60


@dataclass(frozen=True)
class Picture:
    """A map with the words above it."""

    drawing: Drawing
    caption: str


def pictures(truth: Truth, fonts: tuple[str, ...]) -> list[Picture]:
    """The overview, then up to two places. Raises MapSheetError for a field that no scale can hold."""
    shown = _shown(truth, fonts)
    drawn = [Picture(overview(shown), "全体図：測った線と地図の線。それぞれの線を、不確かさの幅で描いています。")]
    for place in worst_places(truth):
        name = named(truth, place)
        words = f"拡大図（{name}のまわり）：地図の線から{away(place.distance_m)}、不確かさ {plus_minus(place.uncertainty_m)}。"
        drawn.append(Picture(detail(shown, place, name), words))
    return drawn


def worst_places(truth: Truth) -> list[Place]:
    """Where the ridge goes out furthest beyond what the map can say; when nowhere, where it goes out furthest."""
    if truth.cadastral is None:
        return []
    found = truth.cadastral.comparison
    candidates = [*found.beyond(outside=True), *found.beyond(outside=False)] or [found.furthest_out]
    chosen: list[Place] = []
    for place in candidates:
        if all(math.hypot(place.x - one.x, place.y - one.y) >= _APART_M for one in chosen):
            chosen.append(place)
    return chosen[:MOST_DETAILS]


def _shown(truth: Truth, fonts: tuple[str, ...]) -> ComparisonMap:
    cadastral, farmland = truth.cadastral, truth.farmland
    attributions = {one.layer: one.attribution for one in truth.layers}
    return ComparisonMap(
        boundary=truth.surveyed.boundary,
        marks=tuple(_marks(truth)),
        cadastral=None if cadastral is None else cadastral.comparison,
        farmland=None if farmland is None else farmland.comparison,
        parcels=() if cadastral is None else cadastral.parcels,
        plane=truth.plane,
        fonts=fonts,
        attributions=(attributions.get("cadastral", ""), attributions.get("farmland", "")),
    )


def _marks(truth: Truth) -> Iterator[Mark]:
    """Corners with their numbers; of a driven line with very many, those only that are beyond, without a crowd of signs."""
    boundary = truth.surveyed.boundary
    rings = boundary.rings
    crowded = sum(map(len, rings)) > MOST_MARKS
    worst = worst_places(truth)
    for number, ring in enumerate(rings):
        for index, vertex in enumerate(ring):
            place = None if truth.cadastral is None else truth.cadastral.place(number, index)
            if crowded and place not in worst:
                continue
            verdict = None if place is None else place.verdict
            yield Mark(vertex.x, vertex.y, corner_name(number, index), verdict)
