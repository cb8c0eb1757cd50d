"""Which zooms of a layer are drawn from generalised copies of its rows, and what a tile carries of a row."""

from dataclasses import dataclass
from hashlib import sha256

from gis.generalise import tolerance_m
from layers.store.definitions import GeometryKind, Layer

_TOPS = (10, 12, 13, 14, 15)
"""The finest zoom of each band. From z16 on the rows themselves are drawn: there simplifying leaves nothing out (24 of 24
vertices of a sample parcel stay), and a tile holds few rows."""


@dataclass(frozen=True)
class Band:
    """A generalised copy of a layer for some zooms, made for the finest of them.

    `merged_by` names fields by whose values rows are merged into one shape; None keeps each row for itself.
    """

    layer: str
    min_zoom: int
    max_zoom: int
    merged_by: tuple[str, ...] | None = None

    @property
    def name(self) -> str:
        """Name within the layer: z14."""
        return f"z{self.max_zoom}"

    @property
    def table(self) -> str:
        """Name of its table in the schema `bands`."""
        return f"{self.layer}_{self.name}"

    @property
    def tolerance_m(self) -> float:
        """By how much its shapes may differ from the rows', in Web Mercator metres."""
        return tolerance_m(self.max_zoom)


LABELLED_ELSEWHERE = "labelled_elsewhere"
"""What a tile says of a piece of an area whose label stands in another tile: a map would label every piece."""


def is_drawn(layer: Layer) -> bool:
    """Whether vector tiles show the layer at all."""
    return layer.geometry not in (GeometryKind.NONE, GeometryKind.RASTER)


def bands_of(layer: Layer) -> tuple[Band, ...]:
    """The bands of a layer, coarsest first; points have none, since a point cannot be made simpler."""
    if layer.geometry not in (GeometryKind.POLYGON, GeometryKind.LINE):
        return ()
    merged = layer.legend_fields + tuple(name for name in _merge_fields(layer) if name not in layer.legend_fields)
    overview = _split(layer.first_zoom, layer.min_zoom - 1)
    return (
        *(Band(layer.id, low, high, merged) for low, high in overview),
        *(Band(layer.id, low, high) for low, high in _split(layer.min_zoom, _TOPS[-1])),
    )


def band_for(layer: Layer, zoom: int) -> Band | None:
    """The band from which a zoom is drawn; None where the rows themselves are."""
    return next((band for band in bands_of(layer) if band.min_zoom <= zoom <= band.max_zoom), None)


def shown_fields(layer: Layer, band: Band | None = None) -> tuple[str, ...]:
    """What a tile carries of a row: what the legend and the label need; the rest is asked for by the feature's id."""
    if band is not None and band.merged_by is not None:
        return band.merged_by
    names = {*layer.legend_fields, *([layer.label_field] if layer.label_field is not None else []), "parcel_key"}
    return tuple(field.name for field in layer.fields if field.name in names)


def is_labelled_once(layer: Layer, zoom: int) -> bool:
    """Whether tiles of that zoom say which pieces of an area are labelled elsewhere."""
    return layer.geometry is GeometryKind.POLYGON and layer.label_field is not None and zoom >= layer.label_zoom


def shape_of(layer: Layer, band: Band) -> str:
    """A short name of how the band's table is made; another one means that it must be made anew."""
    types = {field.name: field.type.value for field in layer.fields}
    columns = [(name, types[name]) for name in shown_fields(layer, band)]
    said = repr((1, layer.geometry.value, columns, band.merged_by, round(band.tolerance_m, 6)))
    return sha256(said.encode()).hexdigest()[:16]


def _merge_fields(layer: Layer) -> tuple[str, ...]:
    return layer.overview.by if layer.overview is not None else ()


def _split(low: int, high: int) -> list[tuple[int, int]]:
    """The zooms from `low` to `high` cut at the bands' tops."""
    tops = [*(top for top in _TOPS if low <= top < high), high] if low <= high else []
    return list(zip([low, *(top + 1 for top in tops[:-1])], tops, strict=False))
