"""What a layer is: the frozen form of a `layer.toml`."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

from gis.relief import ColourClass


class GeometryKind(StrEnum):
    """Geometry column of a layer; `NONE` is a pure list, `RASTER` a file."""

    POINT = "Point"
    LINE = "MultiLineString"
    POLYGON = "MultiPolygon"
    NONE = "None"
    RASTER = "Raster"


class FieldType(StrEnum):
    """Column types a layer may declare."""

    TEXT = "text"
    INTEGER = "integer"
    NUMBER = "number"
    BOOLEAN = "boolean"
    DATE = "date"


class ColumnClass(StrEnum):
    """Who may see a column; a new column starts at the strictest."""

    PUBLIC = "public"
    STAFF = "staff"
    TAX = "tax"
    OWNER = "owner"


class ThemeTest(StrEnum):
    """How a theme reads its layer."""

    OVERLAP = "overlap"
    NEAREST = "nearest"
    ADJACENCY = "adjacency"
    COUNT = "count"
    LENGTH = "length"
    PARCEL_LIST = "parcel_list"
    PARCEL_STATUS = "parcel_status"


class RasterValues(StrEnum):
    """What the pixels of a raster are: heights or depths in metres, or a picture in red, green and blue."""

    ELEVATION = "elevation"
    DEPTH = "depth"
    PICTURE = "picture"


class Render(StrEnum):
    """The ways in which a raster goes out as tiles."""

    RELIEF = "relief"
    SLOPE = "slope"
    COLOR = "color"
    TERRAIN_RGB = "terrain-rgb"
    GSI_PNG = "gsi-png"

    @property
    def label(self) -> str:
        """What a reader calls it."""
        return _RENDER_LABELS[self]


_RENDER_LABELS = {
    Render.RELIEF: "陰影起伏",
    Render.SLOPE: "傾斜",
    Render.COLOR: "色分け",
    Render.TERRAIN_RGB: "標高（terrain-RGB）",
    Render.GSI_PNG: "標高（標高タイル PNG）",
}


@dataclass(frozen=True)
class LayerField:
    """One column: `codes` maps a stored code to its Japanese label; `sources` are the names it has in files, in order.

    A source "A&B" is column A of a file that also has B, for names whose meaning changed between editions.
    `recode` maps a value as files write it to the stored code (N13_003 "1" → "national"). `implied` gives the value of
    a column that no file holds from the columns that a file does hold (A31a_205 is there → scenario "max"); its key "*"
    is for files that hold none of them.
    """

    name: str
    type: FieldType
    label: str
    unit: str | None = None
    column_class: ColumnClass = ColumnClass.OWNER
    codes: Mapping[str, str] = field(default_factory=dict)
    sources: tuple[str, ...] = ()
    null_values: tuple[str, ...] = ()
    required: bool = False
    searchable: bool = False
    recode: Mapping[str, str] = field(default_factory=dict)
    implied: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Theme:
    """A question of a 庁内照会 that a layer answers.

    `group_by` names coded fields by which overlaps are told apart (kind, rank); `rank_by` and `rank_order` order the
    groups, gravest first. `sliver_m2` and `sliver_share` (0–1): an overlap below either is not yet 該当. `distance_m`
    bounds nearest, adjacency and count tests, in metres on the ground.
    """

    id: str
    layer: str
    title: str
    test: ThemeTest
    legal_basis: str
    department: str
    label_applies: str
    label_not: str
    group_by: tuple[str, ...] = ()
    rank_by: str | None = None
    rank_order: tuple[str, ...] = ()
    sliver_m2: float = 1.0
    sliver_share: float = 0.0
    distance_m: float | None = None
    where: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    show: tuple[str, ...] = ()
    width_field: str | None = None
    width_classes_m: tuple[float, ...] = ()
    note: str | None = None
    order: int = 100


@dataclass(frozen=True)
class LegendEntry:
    """One row of a legend: the values it stands for, its colours, and a pattern so that colour is never alone.

    `width` is the line width in screen pixels; `dashed` breaks the outline (planned, not yet designated). `rank` orders rows
    by how grave they are, from 1 on: the graver, the denser they are hatched in black and white; 0 stands in no order.
    """

    label: str
    values: Mapping[str, str]
    fill: str | None = None
    line: str | None = None
    width: float = 1.0
    pattern: str | None = None
    icon: str | None = None
    dashed: bool = False
    rank: int = 0


@dataclass(frozen=True)
class Overview:
    """How a layer shows below its own lowest zoom: from `min_zoom` on, its areas merged by the fields `by` and by the legend."""

    min_zoom: int
    by: tuple[str, ...]


@dataclass(frozen=True)
class RasterContent:
    """What a raster layer says of its pixels.

    `no_data` are values that mean "nothing is known here", whether or not a file says so. `vertical_datum` is what
    heights are counted from, as a text (測地成果2011, 測地成果2024), None where nobody has said; `vertical_m` how far
    they may be off. `classes` colour a measure by steps.
    """

    values: RasterValues
    unit: str | None = None
    no_data: tuple[float, ...] = ()
    vertical_datum: str | None = None
    vertical_m: float | None = None
    classes: tuple[ColourClass, ...] = ()

    @property
    def renders(self) -> tuple[Render, ...]:
        """How tiles of it may be drawn; the first is how a map draws it."""
        if self.values is not RasterValues.ELEVATION:
            return (Render.COLOR,)
        steps = (Render.COLOR,) if self.classes else ()
        return (Render.RELIEF, Render.SLOPE, *steps, Render.TERRAIN_RGB, Render.GSI_PNG)


SMALLEST_GROUP = 10
"""How many people a published place must stand for at least, where a layer does not say otherwise."""


@dataclass(frozen=True)
class Publication:
    """What of a layer may leave the town hall: nothing but `columns`, and of those only the ones of class public.

    `about_people`: its rows say something about people (an opinion, a need, a payment), named or not; then each place with
    all that is said there must stand for `smallest_group` people. `count_field` says for how many a row stands; else one.
    `other_numbers` are columns whose numbers of twelve digits are those of another register than 個人番号.
    """

    columns: tuple[str, ...]
    about_people: bool
    count_field: str | None = None
    smallest_group: int = SMALLEST_GROUP
    other_numbers: tuple[str, ...] = ()


_LABEL_ZOOMS_LATER = 2


@dataclass(frozen=True)
class Layer:
    """A layer of the store, as its folder in `layers/catalog/` declares it."""

    id: str
    title: str
    group: str
    department: str
    geometry: GeometryKind
    description: str
    source_name: str
    source_licence: str
    attribution: str
    accuracy_m: float
    accuracy_basis: str
    update_cycle_days: int
    published: bool
    min_zoom: int
    max_zoom: int
    label_field: str | None
    coverage: str
    edition: str
    key: tuple[str, ...]
    fields: tuple[LayerField, ...]
    themes: tuple[Theme, ...]
    legend: tuple[LegendEntry, ...]
    reader: Path | None = None
    order: int = 100
    overview: Overview | None = None
    raster: RasterContent | None = None
    publication: Publication | None = None

    @property
    def first_zoom(self) -> int:
        """The lowest zoom at which a map shows anything of the layer, be it merged."""
        return self.overview.min_zoom if self.overview is not None else self.min_zoom

    @property
    def label_zoom(self) -> int:
        """The lowest zoom with labels: two later than the features, which need room before their names do."""
        return min(self.min_zoom + _LABEL_ZOOMS_LATER, self.max_zoom)

    @property
    def legend_fields(self) -> tuple[str, ...]:
        """The fields whose values tell the rows of the legend apart, in the order of the layer's fields."""
        names = {name for entry in self.legend for name in entry.values}
        return tuple(field.name for field in self.fields if field.name in names)

    def field(self, name: str) -> LayerField:
        """The field of that name; KeyError names the layer and the field."""
        for candidate in self.fields:
            if candidate.name == name:
                return candidate
        raise KeyError(f"{self.id}.{name}")
