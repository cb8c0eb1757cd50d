"""The answer as JSON (docs/answer.schema.json), and the seal over it."""

import hashlib
import json
from collections.abc import Mapping

import numpy as np
import orjson
import pyproj
import shapely
from shapely.geometry.base import BaseGeometry

from layers.inquiries.model import OUTCOME_LABELS, Answer, Finding, LayerState, Parcel
from layers.inquiries.sheets.area_check import check_area

_CANONICAL = orjson.OPT_SORT_KEYS | orjson.OPT_SERIALIZE_NUMPY
UNSEALED_KEYS = frozenset({"seal", "elapsed_ms", "permalink"})
"""Top-level keys that may differ between two prints of one answer; a parcel's `geometry` is left out likewise."""


def to_json(answer: Answer, geometry_epsg: int | None = None) -> dict[str, object]:
    """The answer as values that `dumps` and `seal` take; `as_of` as text with its offset.

    `geometry_epsg` is the EPSG code of the parcels' plane coordinates; when given, each parcel also carries its
    `geometry` as GeoJSON in JGD2011 longitude and latitude (7 decimals, about 1 cm), or null.
    """
    numbers = {parcel.key: parcel.number for parcel in answer.parcels}
    return {
        "id": answer.id,
        "municipality": answer.municipality,
        "fictitious": answer.fictitious,
        "as_of": answer.as_of.isoformat(),
        "asker": answer.asker,
        "purpose": answer.purpose,
        "parcels": [_parcel(parcel, geometry_epsg) for parcel in answer.parcels],
        "findings": [_finding(finding, numbers[finding.parcel]) for finding in answer.findings],
        "layers": [_layer(layer) for layer in answer.layers],
        "disclaimers": list(answer.disclaimers),
        "unresolved": list(answer.unresolved),
        "elapsed_ms": round(answer.elapsed_ms, 1),
        "seal": answer.seal,
    }


def dumps(answer: Mapping[str, object]) -> bytes:
    """The text of an answer from `to_json`: UTF-8, dates in ISO form, NumPy unwrapped, NaN and infinities as null.

    TypeError for a value that has no place in JSON.
    """
    return orjson.dumps(answer, default=_strange, option=orjson.OPT_SERIALIZE_NUMPY)


def seal(answer: Mapping[str, object]) -> str:
    """SHA-256 (hex) over the canonical JSON: keys sorted, no spaces, UTF-8, no volatile keys, no geometry.

    Numbers are written in their shortest form (1e-7, not 1e-07), as in RFC 8785.
    """
    sealed = {key: value for key, value in answer.items() if key not in UNSEALED_KEYS}
    parcels = sealed.get("parcels")
    if isinstance(parcels, list):
        sealed["parcels"] = [{key: value for key, value in parcel.items() if key != "geometry"} for parcel in parcels]
    return hashlib.sha256(orjson.dumps(sealed, default=_strange, option=_CANONICAL)).hexdigest()


def plain(value: object) -> object:
    """A value as JSON knows it: NumPy unwrapped, dates in ISO form, NaN and infinities as null; else TypeError."""
    kept: object = orjson.loads(orjson.dumps(value, default=_strange, option=orjson.OPT_SERIALIZE_NUMPY))
    return kept


def _strange(value: object) -> object:
    if isinstance(value, Mapping):
        return dict(value)
    if isinstance(value, np.generic):
        return value.item()
    raise TypeError(f"{type(value).__name__} has no place in a JSON answer")


def to_lonlat(geometry: BaseGeometry, epsg: int) -> BaseGeometry:
    """Plane metres → JGD2011 longitude and latitude. `epsg` is a JGD2011 plane zone, so no datum step is involved."""
    transformer = pyproj.Transformer.from_crs(epsg, 6668, always_xy=True)

    def move(
        points: np.ndarray[tuple[int, int], np.dtype[np.float64]],
    ) -> np.ndarray[tuple[int, ...], np.dtype[np.float64]]:
        return np.column_stack(transformer.transform(points[:, 0], points[:, 1]))

    moved: BaseGeometry = shapely.transform(geometry, move)
    return moved


def _parcel(parcel: Parcel, geometry_epsg: int | None) -> dict[str, object]:
    check = check_area(parcel)
    entry: dict[str, object] = {
        "key": parcel.key,
        "number": parcel.number,
        "oaza": parcel.oaza,
        "koaza": parcel.koaza,
        "chiban": parcel.chiban,
        "area_m2": parcel.area_m2,
        "registered_area_m2": parcel.registered_area_m2,
        "area_tolerance_m2": None if check is None else round(check.tolerance_m2, 3),
        "area_within_tolerance": None if check is None else check.within,
        "land_category": parcel.land_category,
        "accuracy_class": parcel.accuracy_class,
        "error_m": parcel.error_m,
        "undetermined": parcel.undetermined,
        "placed": parcel.geometry is not None,
        "sheet": parcel.sheet,
        "load": parcel.load,
        "data_date": parcel.data_date,
        "notes": parcel.notes,
        "fid": parcel.fid,
    }
    if geometry_epsg is not None:
        entry["geometry"] = None if parcel.geometry is None else _geojson(parcel.geometry, geometry_epsg)
    return entry


def _geojson(geometry: BaseGeometry, epsg: int) -> object:
    rounded = shapely.set_precision(to_lonlat(geometry, epsg), 1e-7, mode="pointwise")
    return json.loads(shapely.to_geojson(rounded))


def _finding(finding: Finding, number: str) -> dict[str, object]:
    entry: dict[str, object] = {
        "parcel": number,
        "parcel_key": finding.parcel,
        "theme": finding.theme,
        "theme_title": finding.theme_title,
        "outcome": finding.outcome,
        "outcome_label": OUTCOME_LABELS[finding.outcome],
        "label": finding.label,
        "measure": finding.measure,
        "basis": finding.basis,
        "department": finding.department,
        "layer": finding.layer,
        "layer_title": finding.layer_title,
        "data_date": finding.data_date,
        "load": finding.load,
        "source": finding.source,
        "notes": finding.notes,
    }
    return entry


def _layer(layer: LayerState) -> dict[str, object]:
    entry: dict[str, object] = {
        "layer": layer.layer,
        "title": layer.title,
        "department": layer.department,
        "load": layer.load,
        "data_date": layer.data_date,
        "loaded_at": layer.loaded_at,
        "file_name": layer.file_name,
        "file_sha256": layer.file_sha256,
        "error_m": layer.error_m,
        "attribution": layer.attribution,
        "stale": layer.stale,
    }
    return entry
