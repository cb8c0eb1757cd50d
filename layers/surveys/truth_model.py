"""The truth about a field's edge as it stands on its sheet: what was measured, what it was held against, what came out."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property

from gis.boundary_comparison.areas import AreaCheck, SurveyedArea
from gis.boundary_comparison.model import Comparison, Place, RegisteredParcel
from gis.positioning.model import Station, SurveyedBoundary


@dataclass(frozen=True)
class Surveyed:
    """The field as it is kept. `surveyor` is the login of who measured, None where that is not known or not to be seen.

    `is_measured` is False where corners have no error of their own, but the row's.
    """

    field_id: str
    field_name: str
    surveyor: str | None
    antenna_height_m: float | None
    surveyed_on: date | None
    station: Station
    boundary: SurveyedBoundary
    version: int
    kept_at: datetime
    claimed_fix: bool
    is_measured: bool


@dataclass(frozen=True)
class LayerRead:
    """A load of a layer that held at the moment: with it and the moment, the same lines can be read again."""

    layer: str
    title: str
    department: str
    load: int
    data_date: date | None
    loaded_at: datetime
    file_name: str
    file_sha256: str
    attribution: str
    accuracy: str


@dataclass(frozen=True)
class Held:
    """One map held against the survey. `parcels` are all of its polygons around; areas are None where there are none."""

    comparison: Comparison
    parcels: Sequence[RegisteredParcel]
    drawn: AreaCheck | None
    registered: AreaCheck | None

    def parcel(self, key: str) -> RegisteredParcel:
        """The polygon with that key."""
        return self._by_key[key]

    def place(self, ring: int, vertex: int) -> Place | None:
        """What is said of a corner; None where there is no line to compare it with."""
        return self._by_corner.get((ring, vertex))

    @cached_property
    def _by_corner(self) -> dict[tuple[int, int], Place]:
        return {(one.ring, one.vertex): one for one in self.comparison.corners}

    @cached_property
    def _by_key(self) -> dict[str, RegisteredParcel]:
        return {parcel.key: parcel for parcel in self.parcels}


@dataclass(frozen=True)
class Truth:
    """A field against the 地番図 and the 筆ポリゴン, each None where there is none under the field or none in sight.

    `named` are the parcels that the asker gave for the field's ground; empty where its shape told. `unseen` are the ids of
    the layers that the asker may not see. `added_error_m` is what the coordinates of the 地番図 add to its 公差;
    `farmland_error_m` the standard error that the layer of 筆ポリゴン states. `asked_of` is the department that looks after
    fields, `farmland_office` that of farmland.
    """

    surveyed: Surveyed
    area: SurveyedArea
    cadastral: Held | None
    farmland: Held | None
    layers: tuple[LayerRead, ...]
    as_of: datetime
    municipality: str
    fictitious: bool
    plane: str
    added_error_m: float
    farmland_error_m: float
    asked_of: str
    farmland_office: str
    named: tuple[str, ...] = ()
    unseen: tuple[str, ...] = ()
