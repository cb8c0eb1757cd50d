"""A layer of hazard zones, asked at a point: which zones hold it, how near an edge it lies, and whether the layer knows."""

from collections.abc import Sequence
from dataclasses import dataclass

from shapely.geometry.base import BaseGeometry

from layers.guidance.model import Hazard, Part, Risk
from layers.guidance.pieces import Edges, Pieces
from layers.guidance.reading import Reader, Rows
from layers.store.outcomes import Outcome

NOT_PUBLISHED, NOT_COVERED = "not_published", "not_covered"


@dataclass(frozen=True)
class ZoneLayer:
    """Which columns of a layer tell its zones apart, and the codes of their grade, the gravest first."""

    hazard: Hazard
    layer: str
    groups: tuple[str, ...]
    grade: str
    gravest_first: tuple[int, ...]


FLOOD = ZoneLayer(Hazard.FLOOD, "flood", ("river_name", "scenario"), "depth_rank", (6, 5, 4, 3, 2, 1))
# A33_002: 2 and 4 are the special zones, 3 and 4 are to be designated
LANDSLIDE = ZoneLayer(Hazard.LANDSLIDE, "landslide", ("phenomenon",), "zone_class", (2, 4, 1, 3))
ZONE_LAYERS = (FLOOD, LANDSLIDE)


class Zones:
    """The zones of one hazard; without rows it knows nothing and says so."""

    def __init__(self, kind: ZoneLayer, rows: Rows | None, band_m: float = 0.0, cover: "Cover | None" = None) -> None:
        self.kind = kind
        self.band_m = band_m
        self.cover = cover
        self.is_there = rows is not None and kind.grade in {field.name for field in rows.layer.fields}
        if rows is None or not self.is_there:
            return
        self.grades = [_code(value) for value in rows.columns[kind.grade]]
        groups = zip(*(rows.columns[name] for name in kind.groups), strict=True)
        self.groups = [tuple(None if value is None else str(value) for value in group) for group in groups]
        self.pieces = Pieces(rows.shapes.tolist())
        self.edges = Edges(rows.shapes.tolist())

    @classmethod
    def of(cls, kind: ZoneLayer, reader: Reader) -> "Zones":
        """The published zones, and where "no zone" means "no"."""
        rows = reader.rows(kind.layer, (*kind.groups, kind.grade))
        if rows is None:
            return cls(kind, None)
        band_m = reader.error_m(rows.layer)
        if rows.layer.coverage == "given":
            return cls(kind, rows, band_m, Cover(reader.coverages.get(kind.layer), band_m))
        return cls(kind, rows, band_m)

    def at(self, point: BaseGeometry) -> Risk:
        """The answer at a point in plane metres, without regard to the age of the data."""
        hazard = self.kind.hazard
        if not self.is_there:
            return Risk(hazard, Outcome.NO_DATA, Outcome.NO_DATA, reason=NOT_PUBLISHED)
        parts = self._parts(point)
        if not parts:
            return self._nothing(point)
        near_edge = self.edges.within(point, self.band_m)
        is_inside = any(part.inside is not None for part in parts)
        outcome = Outcome.APPLIES if is_inside and not near_edge else Outcome.NEAR_BOUNDARY
        grade = self._gravest([part.near for part in parts])
        return Risk(hazard, outcome, outcome, parts, grade, self.band_m, self.kind.layer)

    def hold(self, point: BaseGeometry) -> bool:
        """Whether a zone, as drawn, holds the point."""
        return self.is_there and len(self.pieces.hold(point)) > 0

    def _parts(self, point: BaseGeometry) -> tuple[Part, ...]:
        found: dict[tuple[str | None, ...], tuple[list[int], list[int]]] = {}
        owners, inside = self.pieces.near(point, self.band_m)
        for owner, holds in zip(owners.tolist(), inside.tolist(), strict=True):
            holding, near = found.setdefault(self.groups[owner], ([], []))
            near.append(self.grades[owner])
            if holds:
                holding.append(self.grades[owner])
        parts = [
            Part(group, self._gravest(holding) if holding else None, self._gravest(near))
            for group, (holding, near) in found.items()
        ]
        return tuple(sorted(parts, key=self._order))

    def _nothing(self, point: BaseGeometry) -> Risk:
        hazard, layer = self.kind.hazard, self.kind.layer
        if self.cover is not None and not self.cover.reaches(point):
            return Risk(hazard, Outcome.NO_DATA, Outcome.NO_DATA, layer=layer, reason=NOT_COVERED)
        return Risk(hazard, Outcome.DOES_NOT_APPLY, Outcome.DOES_NOT_APPLY, band_m=self.band_m, layer=layer)

    def _gravest(self, grades: Sequence[int]) -> int:
        return min(grades, key=self.kind.gravest_first.index)

    def _order(self, part: Part) -> tuple[int, tuple[str, ...]]:
        return self.kind.gravest_first.index(part.near), tuple(value or "" for value in part.group)


class Cover:
    """The area in which a layer knows every zone. Its own outline may be off as far as the zones' are."""

    def __init__(self, area: BaseGeometry | None, band_m: float) -> None:
        self._band_m = band_m
        self.pieces = Pieces([area]) if area is not None else None
        self.edges = Edges([area]) if area is not None else None

    def reaches(self, point: BaseGeometry) -> bool:
        """Whether the point lies inside for sure; beyond the town's own edge the cover ends as well."""
        if self.pieces is None or self.edges is None:
            return False
        return len(self.pieces.hold(point)) > 0 and not self.edges.within(point, self._band_m)


def _code(value: object) -> int:
    return int(str(value))
