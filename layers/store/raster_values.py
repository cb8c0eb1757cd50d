"""What a raster says at a place or along a line, with everything that is needed to judge it."""

from collections.abc import Sequence

import numpy as np
from pyproj import Geod

from gis.errors import OnomapError
from gis.relief import ColourClass
from layers.store.definitions import RasterValues
from layers.store.rasters import KeptRaster, NotRasterError

PROFILE_POINTS = 500
MOST_CORNERS = 1_000
UNKNOWN_VERTICAL_DATUM = (
    "高さの基準（測地成果2011・測地成果2024 など）がファイルに書かれていません。基準が違うと標高も違います。"
)


class LineError(OnomapError):
    """A line along which values are asked for cannot be used."""


def value_at(raster: KeptRaster, lon: float, lat: float) -> dict[str, object]:
    """The value at a place (degrees, JGD2011), its accuracy, source, date and vertical datum as far as they are known.

    `outcome` is "value", "no_data" (the raster covers the place and does not know) or "outside"; a depth of 0 is a value.
    Raises NotRasterError for a picture.
    """
    from layers.store.raster_reading import values_at

    _require_measure(raster)
    values, within = values_at(raster, np.array([lon]), np.array([lat]))
    known = bool(np.isfinite(values[0]))
    outcome = "value" if known else "no_data" if within[0] else "outside"
    value = round(float(values[0]), 2) if known else None
    entry = _class_of(raster.content.classes, value)
    return {
        "layer": raster.layer.id,
        "lon": lon,
        "lat": lat,
        "outcome": outcome,
        "value": value,
        "class": entry.label if entry is not None else None,
        **about(raster),
    }


def about(raster: KeptRaster) -> dict[str, object]:
    """What goes with every value of a raster: unit, accuracy, vertical datum, source, date and load."""
    from layers.store.raster_reading import shape_of

    layer, content = raster.layer, raster.content
    is_elevation = content.values is RasterValues.ELEVATION
    datum = (shape_of(raster).vertical_datum or content.vertical_datum) if is_elevation else None
    return {
        "title": layer.title,
        "unit": content.unit,
        "accuracy_m": layer.accuracy_m,
        "accuracy_basis": layer.accuracy_basis,
        "vertical_accuracy_m": content.vertical_m,
        "vertical_datum": datum,
        "notes": [UNKNOWN_VERTICAL_DATUM] if is_elevation and datum is None else [],
        "source": layer.source_name,
        "attribution": layer.attribution,
        "data_date": raster.data_date.isoformat() if raster.data_date is not None else None,
        "load": raster.load,
    }


def profile(raster: KeptRaster, corners: Sequence[tuple[float, float]]) -> dict[str, object]:
    """Values at even steps along a line (longitude and latitude, JGD2011), with metres along the ellipsoid.

    At most 500 steps; null where the raster knows nothing. Raises LineError for a line that is none.
    """
    from layers.store.raster_reading import values_at

    _require_measure(raster)
    if not 2 <= len(corners) <= MOST_CORNERS or not np.isfinite(np.asarray(corners)).all():
        raise LineError(f"線は2点以上{MOST_CORNERS:,}点以下の経度・緯度で指定してください。")
    lon, lat, along = _stepped(np.asarray(corners, dtype=np.float64))
    values, _ = values_at(raster, lon, lat)
    points = [
        {"distance_m": round(float(distance), 2), "lon": float(x), "lat": float(y), "value": _rounded(value)}
        for distance, x, y, value in zip(along, lon, lat, values, strict=True)
    ]
    return {"layer": raster.layer.id, "length_m": round(float(along[-1]), 2), "points": points, **about(raster)}


def _require_measure(raster: KeptRaster) -> None:
    if raster.content.values is RasterValues.PICTURE:
        raise NotRasterError(f"{raster.layer.title} は画像なので、値はありません。")


def _class_of(classes: tuple[ColourClass, ...], value: float | None) -> ColourClass | None:
    reached = [entry for entry in classes if value is not None and value >= entry.least]
    return reached[-1] if reached else None


def _rounded(value: float) -> float | None:
    return round(float(value), 2) if np.isfinite(value) else None


def _stepped(corners: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Positions at even steps; between two corners they lie straight in degrees, which no town is wide enough to notice."""
    geod = Geod(ellps="GRS80")
    pieces = geod.inv(corners[:-1, 0], corners[:-1, 1], corners[1:, 0], corners[1:, 1])[2]
    at_corner = np.concatenate([[0.0], np.cumsum(pieces)])
    if not at_corner[-1] > 0:
        raise LineError("線の長さがありません。違う2点以上を指定してください。")
    along = np.linspace(0.0, at_corner[-1], PROFILE_POINTS)
    return np.interp(along, at_corner, corners[:, 0]), np.interp(along, at_corner, corners[:, 1]), along
