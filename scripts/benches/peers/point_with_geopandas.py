"""The peer: what an analyst would write for "which zones hold this point", with geopandas over layers that were read once."""

from collections.abc import Mapping

import geopandas as gpd
import shapely

LAYERS = ("municipality", "flood", "landslide")


class PointWithGeopandas:
    """The layers as frames in plane metres; each question makes a point and joins it with each of them."""

    def __init__(self, shapes: Mapping[str, list[bytes]], epsg: int) -> None:
        self._epsg = epsg
        self._frames = {
            name: gpd.GeoDataFrame(geometry=gpd.GeoSeries.from_wkb(rows), crs=epsg) for name, rows in shapes.items()
        }

    def ask(self, lon: float, lat: float) -> dict[str, list[int]]:
        """The rows of each layer that hold the point."""
        point = gpd.GeoDataFrame(geometry=[shapely.Point(lon, lat)], crs=6668).to_crs(self._epsg)
        return {
            name: gpd.sjoin(point, frame, predicate="intersects")["index_right"].tolist()
            for name, frame in self._frames.items()
        }
