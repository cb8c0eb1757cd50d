"""What stands around the parcels on a sheet's maps; filled from the store by whoever issues the sheet."""

from dataclasses import dataclass

from gis.map_symbols import FeatureStyle
from gis.mapsheet import MapLayer

__all__ = ["FeatureStyle", "MapContext", "MapLayer"]


@dataclass(frozen=True)
class MapContext:
    """Layers in drawing order (lowest first); geometries in plane metres of `epsg`.

    Fetch the features that touch `sheets.frames.wanted_boxes(parcels)`; what lies outside is not drawn. The inquired
    parcels themselves come from the answer and need not be here.
    """

    layers: tuple[MapLayer, ...] = ()
    epsg: int = 6677
    plane: str = "平面直角座標系 第IX系（JGD2011）"
