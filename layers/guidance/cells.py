"""The guide as files for a page that has no server: what is common, and one small document for each square kilometre.

Coordinates are whole centimetres of the town's plane, x east, each ring or line as one flat list. A cell holds what lies in it
and as much around it as a question inside may need, so that one document answers any point of the cell exactly.
"""

from collections.abc import Iterator

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from layers.guidance.foot import FARTHEST_ROAD_M, Floats, Footways
from layers.guidance.guide import EDGE_OF_TOWN_M, Guide
from layers.guidance.model import Destination
from layers.guidance.places import NamedAreas
from layers.guidance.zones import Zones

CELL_M = 1_000
AROUND_M = 50.0
"""More than any layer's accuracy and than the edge of the town."""
MESH_M = 50.0
Document = dict[str, object]


def common(guide: Guide) -> Document:
    """What every place needs: the layers and their age, the destinations, and how wide an edge is."""
    return {
        "cell_m": CELL_M,
        "edge_of_town_m": EDGE_OF_TOWN_M,
        "farthest_road_m": FARTHEST_ROAD_M,
        "zones": [_zones_told(zones) for zones in guide.zones],
        "oaza": guide.oaza.names,
        "districts": guide.districts.names,
        "hazards": [str(hazard) for hazard in guide.hazards],
        "sites": [_destination(place) for place in guide.sites],
        "shelters": [_destination(place) for place in guide.shelters],
        "layers": {
            name: {
                "source": layer.attribution,
                "data_date": _iso(guide.ages.editions[name].data_date),
                "stale_after": _iso(guide.ages.stale_after(name)),
            }
            for name, layer in guide.ages.layers.items()
        },
    }


def cells(guide: Guide) -> Iterator[tuple[str, Document]]:
    """Every cell of the town by its name COLUMN_ROW: east and north in kilometres of the plane, rounded down."""
    pieces, edges = guide.town
    west, south, east, north = pieces.bounds
    for column in range(int((west - EDGE_OF_TOWN_M) // CELL_M), int((east + EDGE_OF_TOWN_M) // CELL_M) + 1):
        for row in range(int((south - EDGE_OF_TOWN_M) // CELL_M), int((north + EDGE_OF_TOWN_M) // CELL_M) + 1):
            cell = shapely.box(column * CELL_M, row * CELL_M, (column + 1) * CELL_M, (row + 1) * CELL_M)
            box = shapely.box(*_grown(cell, AROUND_M))
            town = [_rings(part) for _, part in pieces.cut_to(box)]
            if town:
                document = {"town": town, "town_edges": [_flat(line) for line in edges.cut_to(box)]}
                yield f"{column}_{row}", document | _content(guide, cell, box)


def _content(guide: Guide, cell: BaseGeometry, box: BaseGeometry) -> Document:
    return {
        "zones": [_zones_in(zones, box) for zones in guide.zones],
        "oaza": _areas_in(guide.oaza, box),
        "districts": _areas_in(guide.districts, box),
        "roads": _roads_in(guide, cell),
    }


def _zones_told(zones: Zones) -> Document:
    groups = zones.groups if zones.is_there else []
    return {
        "hazard": str(zones.kind.hazard),
        "layer": zones.kind.layer,
        "is_there": zones.is_there,
        "band_m": zones.band_m,
        "gravest_first": list(zones.kind.gravest_first),
        "is_given": zones.cover is not None,
        "rows": [[list(group), grade] for group, grade in zip(groups, zones.grades, strict=True)] if groups else [],
    }


def _zones_in(zones: Zones, box: BaseGeometry) -> Document:
    if not zones.is_there:
        return {"areas": [], "edges": [], "cover": [], "cover_edges": []}
    cover = zones.cover
    return {
        "areas": [[owner, _rings(part)] for owner, part in zones.pieces.cut_to(box)],
        "edges": [_flat(line) for line in zones.edges.cut_to(box)],
        "cover": [_rings(part) for _, part in cover.pieces.cut_to(box)] if cover and cover.pieces else [],
        "cover_edges": [_flat(line) for line in cover.edges.cut_to(box)] if cover and cover.edges else [],
    }


def _areas_in(areas: NamedAreas, box: BaseGeometry) -> list[object]:
    return [[owner, _rings(part)] for owner, part in areas.pieces.cut_to(box)]


def _roads_in(guide: Guide, cell: BaseGeometry) -> Document:
    """Roads with the metres from either end to each destination (null: no road leads there)."""
    if guide.foot is None:
        return {"lines": [], "landed": []}
    box = shapely.box(*_grown(cell, _reach_m(guide.foot, cell)))
    return {
        "lines": [[_flat(line), _metres(start), _metres(end)] for line, start, end in guide.foot.roads_in(box)],
        "landed": [[piece, to, round(along, 1), round(off, 1)] for piece, to, along, off in guide.foot.landed_in(box)],
    }


def _reach_m(foot: Footways, cell: BaseGeometry) -> float:
    """How far around a cell the nearest road of any of its points may lie: as far as from a mesh of points, and half a mesh."""
    west, south, _, _ = cell.bounds
    steps = np.arange(0, CELL_M + MESH_M, MESH_M)
    x, y = np.meshgrid(west + steps, south + steps)
    farthest = float(foot.off_m(shapely.points(x.reshape(-1), y.reshape(-1))).max())
    return min(FARTHEST_ROAD_M, farthest + MESH_M)


def _destination(place: Destination) -> Document:
    return {
        "layer": place.layer,
        "id": place.fid,
        "name": place.name,
        "name_kana": place.name_kana,
        "address": place.address,
        "lon": place.lon,
        "lat": place.lat,
        "x": round(place.x, 2),
        "y": round(place.y, 2),
        "hazards": sorted(map(str, place.hazards)),
        "lies_in": sorted(map(str, place.lies_in)),
    }


def _grown(cell: BaseGeometry, metres: float) -> tuple[float, float, float, float]:
    west, south, east, north = cell.bounds
    return west - metres, south - metres, east + metres, north + metres


def _rings(area: BaseGeometry) -> list[list[int]]:
    return [_flat(ring) for ring in (area.exterior, *area.interiors)]


def _flat(line: BaseGeometry) -> list[int]:
    flat: list[int] = np.rint(shapely.get_coordinates(line) * 100).astype(np.int64).reshape(-1).tolist()
    return flat


def _metres(values: Floats) -> list[float | None]:
    return [round(value, 1) if np.isfinite(value) else None for value in values.tolist()]


def _iso(day: object) -> str | None:
    return None if day is None else str(day)
